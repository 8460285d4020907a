package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/adapters/website/browsertest"
)

const (
	launcher  = "#skein-launcher"
	textInput = "#skein-input"
	inPanel   = "/widget/website"
)

// shopPage is a page of a shop with the widget on it; %s is where Skein is reached.
const shopPage = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Fern &amp; Moss</title>
<header>Fern &amp; Moss</header><main><a href="#fern" id="fern">Maidenhair fern, 18 €</a></main>
<script async src="%s/widget.js" data-endpoint="website"></script></html>`

// story is a visitor in a real browser on a shop's page, and the conversation that comes of it.
type story struct {
	*rig
	t      testing.TB
	shop   string // the shop's origin, of another site than Skein
	daemon *process
	page   *browsertest.Page
	panel  *browsertest.Frame
	thread string // ts of the root in Slack
}

// newStory starts the daemon and opens the shop.
func newStory(t *testing.T, kind string) *story {
	t.Helper()
	s := &story{rig: newRig(t, kind), t: t}
	address := freeAddress(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/favicon.ico" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "script-src http://"+address+"; frame-src http://"+address) // as strict as a shop's may be
		fmt.Fprintf(w, shopPage, "http://"+address)
	}))
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	s.shop = strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	s.settings["ENDPOINTS__WEBSITE__ALLOWED_ORIGINS"] = s.shop
	s.daemon = s.start(address)
	s.page = browsertest.New(t).Open(s.shop+"/fern", browsertest.Size(1200, 800, false))
	s.panel = s.page.Within(inPanel)
	return s
}

// write is the visitor writing a line and pressing Enter.
func (s *story) write(text string) { s.panel.Type(textInput, text+"\n") }

// answer is an agent writing in the thread.
func (s *story) answer(text string) (ts string) {
	s.t.Helper()
	ts, err := s.slack.Say(anaID, desk, s.thread, text)
	must(s.t, err)
	return ts
}

// shows waits until the widget shows exactly these lines, all of them acknowledged.
func (s *story) shows(want ...string) {
	s.t.Helper()
	var got []string
	s.page.Until(fmt.Sprintf("the widget shows %q", want), func() bool {
		got = s.panel.Text("[data-seq] .bubble")
		return slices.Equal(got, want) && !s.panel.Has("[data-key]")
	})
}

// agrees compares what the widget shows with GET /messages, the log and Slack, and the numbers of its lines with theirs.
func (s *story) agrees(want ...string) {
	s.t.Helper()
	s.shows(want...)
	var shown struct {
		Seqs  []int64
		Token string
	}
	s.panel.Eval(`({ Seqs: [...document.querySelectorAll('[data-seq]')].filter((e) => e.querySelector('.bubble')).map((e) => Number(e.dataset.seq)),
		Token: Object.entries(localStorage).find(([key, value]) => value.startsWith('sk1.'))?.[1] ?? '' })`, &shown)
	for where, v := range map[string]view{"history": folded(s.history(shown.Token)), "log": folded(s.logged())} {
		if !slices.Equal(v.texts, want) || !slices.Equal(v.seqs, shown.Seqs) {
			s.t.Errorf("the %s has %q as %d, the widget %q as %d", where, v.texts, v.seqs, want, shown.Seqs)
		}
	}
	ctx, cancel := context.WithTimeout(s.ctx, 2*time.Minute)
	defer cancel()
	sorted := slices.Sorted(slices.Values(want))
	err := s.slack.Await(ctx, func(st slacktest.State) bool { return slices.Equal(inThread(st.Thread(desk, s.thread)), sorted) })
	if err != nil {
		s.t.Errorf("Slack has %q, want %q", inThread(s.slack.Thread(desk, s.thread)), sorted)
	}
	for _, bot := range []bool{true, false} { // each side's lines in their order
		side := lines(s.slack.Thread(desk, s.thread), bot)
		if got := slices.DeleteFunc(slices.Clone(want), func(l string) bool { return !slices.Contains(side, l) }); !slices.Equal(got, side) {
			s.t.Errorf("in Slack the order is %q, in the widget %q", side, got)
		}
	}
}

// inThread is everything that was said in a thread, sorted: whoever was offline is told later, and where it stands differs.
func inThread(thread []slacktest.Message) []string {
	return slices.Sorted(slices.Values(append(lines(thread, true), lines(thread, false)...)))
}

// clean checks that the browser had nothing to complain about but the outages, and asked nobody but the shop and us.
func (s *story) clean(tolerated ...string) {
	s.t.Helper()
	for _, c := range s.page.Complaints() {
		if !slices.ContainsFunc(tolerated, func(t string) bool { return strings.Contains(c, t) }) {
			s.t.Errorf("the browser complains: %s", c)
		}
	}
	for _, address := range s.page.Requests() {
		if !strings.HasPrefix(address, "http://"+s.daemon.address) && !strings.HasPrefix(address, s.shop) {
			s.t.Errorf("a request left for %s", address)
		}
	}
}

// outages are what the browser reports while Skein cannot be reached.
var outages = []string{
	"net::ERR_INTERNET_DISCONNECTED", "net::ERR_CONNECTION_REFUSED", "net::ERR_CONNECTION_RESET",
	"net::ERR_INCOMPLETE_CHUNKED_ENCODING", "net::ERR_EMPTY_RESPONSE", "net::ERR_SOCKET_NOT_CONNECTED",
}

// TestStory is the whole job, seen by the visitor.
func TestStory(t *testing.T) {
	for _, kind := range databases {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, kind)
			s.converse()
			if kind == "sqlite" || !testing.Short() {
				s.goOffline()
				s.killDaemon()
			}
			s.clean(outages...)
			s.daemon.terminate()
			if t.Failed() {
				t.Log(s.daemon.stderr)
			}
		})
	}
}

// converse is a visit without trouble: question, answer, edit, deletion, reload.
func (s *story) converse() {
	s.t.Helper()
	s.page.Click(launcher)
	s.write("Is the fern in stock?")
	g := &guest{said: []string{"Is the fern in stock?"}}
	ctx, cancel := context.WithTimeout(s.ctx, 2*time.Minute)
	defer cancel()
	must(s.t, s.findThread(ctx, g))
	s.thread = g.thread
	edited := s.answer("Yes, two are left.")
	s.shows("Is the fern in stock?", "Yes, two are left.")
	deleted := s.answer("This was for somebody else.")
	s.shows("Is the fern in stock?", "Yes, two are left.", "This was for somebody else.")
	must(s.t, s.slack.Edit(anaID, desk, edited, "Yes, three are left."))
	s.shows("Is the fern in stock?", "Yes, three are left.", "This was for somebody else.")
	must(s.t, s.slack.Delete(anaID, desk, deleted))
	must(s.t, s.slack.Await(ctx, func(st slacktest.State) bool {
		return slices.ContainsFunc(st.Thread(desk, s.thread), func(m slacktest.Message) bool {
			return m.Bot && strings.HasSuffix(m.Text, "Taken back. website: removed.")
		})
	}))
	s.agrees("Is the fern in stock?", "Yes, three are left.")
	s.reload()
	s.agrees("Is the fern in stock?", "Yes, three are left.")
	s.clean()
}

// reload loads the shop's page again and opens the panel.
func (s *story) reload() {
	s.t.Helper()
	s.page.Reload()
	s.page.Click(launcher)
	s.panel.WaitVisible(textInput)
}

// goOffline: both sides write while the visitor has no network.
func (s *story) goOffline() {
	s.t.Helper()
	s.page.Offline(true)
	s.panel.WaitText("#skein-banner", "No connection")
	s.write("I am in a tunnel.")
	s.write("Still in it.")
	s.panel.WaitText("#skein-pending", "Still in it.")
	s.answer("Shall I keep one for you?")
	must(s.t, s.slack.Await(s.ctx, func(st slacktest.State) bool { return st.Delivery().Unacked == 0 })) // it is in the log
	s.page.Offline(false)
	all := []string{"Is the fern in stock?", "Yes, three are left.", "Shall I keep one for you?", "I am in a tunnel.", "Still in it."}
	s.agrees(all...)
	s.reload()
	s.agrees(all...)
}

// killDaemon: the power fails under the open widget, which recovers by itself, as does a line written meanwhile.
func (s *story) killDaemon() {
	s.t.Helper()
	s.daemon.kill()
	s.panel.WaitText("#skein-banner", "Connecting again")
	s.write("Hello? Are you there?")
	s.panel.WaitText("#skein-pending", "Are you there?")
	s.daemon = s.start(s.daemon.address)
	all := []string{
		"Is the fern in stock?", "Yes, three are left.", "Shall I keep one for you?", "I am in a tunnel.", "Still in it.",
		"Hello? Are you there?",
	}
	s.agrees(all...)
	s.answer("Now I am.")
	s.agrees(append(all, "Now I am.")...)
	s.panel.Wait(`document.querySelector('#skein-banner').hidden`)
	s.reload()
	s.agrees(append(all, "Now I am.")...)
}

// TestStoryByKeyboard is the same job for whoever uses no mouse.
func TestStoryByKeyboard(t *testing.T) {
	t.Parallel()
	s := newStory(t, "sqlite")
	s.page.WaitVisible(launcher)
	s.page.Wait(`document.querySelector('#skein-launcher').getAttribute('aria-expanded') === 'false'`)
	s.tab(s.page.Frame, "fern")
	s.tab(s.page.Frame, "skein-launcher")
	s.page.Activate()
	s.panel.Wait(`document.activeElement.id === 'skein-input'`)
	s.page.Commit("Is the fern in stock?")
	s.page.Activate()
	g := &guest{said: []string{"Is the fern in stock?"}}
	must(t, s.findThread(t.Context(), g))
	s.thread = g.thread
	s.answer("Yes, two are left.")
	s.shows("Is the fern in stock?", "Yes, two are left.")
	s.page.Commit("I take both.")
	s.tab(s.panel, "skein-send")
	s.page.Activate()
	s.agrees("Is the fern in stock?", "Yes, two are left.", "I take both.")
	s.page.Press("Escape", 27)
	s.page.Wait(`document.querySelector('#skein-launcher').getAttribute('aria-expanded') === 'false' && document.activeElement.id === 'skein-launcher'`)
	s.answer("They are yours.")
	s.page.Wait(`document.title.startsWith('(1)')`)
	s.page.Activate()
	s.panel.WaitText("[data-seq]:last-child .bubble", "They are yours.")
	s.agrees("Is the fern in stock?", "Yes, two are left.", "I take both.", "They are yours.")
	s.clean()
}

// tab presses Tab until the element has the focus.
func (s *story) tab(in *browsertest.Frame, id string) {
	s.t.Helper()
	for range 12 {
		s.page.Press("Tab", 9)
		var now string
		in.Eval(`document.activeElement?.id ?? ''`, &now)
		if now == id {
			return
		}
	}
	s.t.Fatalf("Tab does not reach %s", id)
}

// TestStoryOfMarkup: what agents and visitors write is text in the visitor's browser, and nothing of it runs or is fetched.
func TestStoryOfMarkup(t *testing.T) {
	t.Parallel()
	s := newStory(t, "sqlite")
	s.page.Click(launcher)
	const mine = `<img src=http://evil.example/x onerror="document.title='owned'"><script>document.title='owned'</script>`
	s.write(mine)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	must(t, s.slack.Await(ctx, func(st slacktest.State) bool {
		for _, root := range st.Channel(desk) {
			s.thread = root.TS
		}
		return s.thread != "" && len(st.Thread(desk, s.thread)) == 2
	}))
	hostile := []string{
		`<script>top.document.title='owned'</script>`, `<img src=x onerror=alert(1)>`, `<a href="javascript:alert(1)">x</a>`,
		`<https://shop.example/"onmouseover="alert(1)|look>`, `javascript:alert(1)`, `</div></body><iframe src=http://evil.example>`,
		`<style>*{background:url(http://evil.example)}</style>`,
	}
	for i, text := range hostile { // nobody writes two lines in a millisecond, which Slack's two connections may swap
		s.answer(text)
		s.page.Until("it is shown", func() bool { return len(s.panel.Text("[data-seq] .bubble")) == 2+i })
	}
	if got := s.panel.Text("[data-seq] .bubble"); got[0] != mine || got[1] != hostile[0] || got[2] != hostile[1] {
		t.Errorf("shown %q", got)
	}
	var made []string
	s.panel.Eval(`[...document.querySelectorAll('#skein-log .bubble *')].map((e) => e.tagName + (e.getAttribute('href') ?? '') + (e.getAttribute('onmouseover') ?? ''))`, &made)
	for _, element := range made {
		if !slices.Contains([]string{"DIV", "P", "BR"}, element) && !strings.HasPrefix(element, "Ahttps://shop.example/") && !strings.HasPrefix(element, "Ahttp://evil.example") {
			t.Errorf("a text became the element %s", element)
		}
	}
	var title string
	s.page.Eval(`document.title`, &title)
	if title != "Fern & Moss" {
		t.Errorf("the page's title is %q", title)
	}
	s.clean()
}
