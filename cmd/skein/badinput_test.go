package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
)

// canary is in everything that these tests write, name or forge. It must never be in a daemon's log.
const canary = "kanarienvogel"

// beside is a healthy conversation in a daemon that is sent nonsense. It must not notice.
type beside struct {
	rig    *rig
	daemon *process
	guest  *guest
	turns  int
}

// beside opens the healthy conversation.
func (r *rig) beside(p *process) *beside {
	r.t.Helper()
	b := &beside{rig: r, daemon: p, guest: &guest{name: "vera", visitor: r.site(p.address).Visitor()}}
	must(r.t, r.meet(b.guest))
	b.guest.say(r.ctx, r.t, "Hello "+canary)
	must(r.t, r.findThread(r.ctx, b.guest))
	b.turn()
	return b
}

// turn is a line and its answer, both of which arrive where they should.
func (b *beside) turn() {
	b.rig.t.Helper()
	b.turns++
	b.guest.say(b.rig.ctx, b.rig.t, fmt.Sprintf("line %d, %s", b.turns, canary))
	b.rig.reply(b.guest, anaID, fmt.Sprintf("answer %d, %s", b.turns, canary))
	ctx, cancel := context.WithTimeout(b.rig.ctx, 2*time.Minute)
	defer cancel()
	if err := b.guest.visitor.AwaitText(ctx, b.guest.replies[len(b.guest.replies)-1]); err != nil {
		b.rig.t.Fatalf("the conversation beside was disturbed: %v\n%s", err, b.daemon.stderr)
	}
	if err := b.rig.settled(ctx, nil, b.guest); err != nil {
		b.rig.t.Fatalf("the conversation beside was disturbed: %v\n%s", err, b.daemon.stderr)
	}
}

// end checks that the healthy conversation is whole and that the daemon's log holds no more than it should.
func (b *beside) end(secrets ...string) {
	b.rig.t.Helper()
	b.turn()
	b.rig.agree([]*guest{b.guest})
	b.daemon.terminate()
	o := b.rig.slack.Options()
	secrets = append(secrets, canary, b.guest.visitor.Token(), o.BotToken, o.AppToken, o.SigningSecret)
	b.daemon.discreet(b.rig.t, secrets...)
}

// discreet checks that the daemon logged none of the given strings, and nothing of a failure of its own. The log must
// not have outgrown what is kept of it.
func (p *process) discreet(t testing.TB, secrets ...string) {
	t.Helper()
	logged := p.stderr.String()
	if len(logged) == 64<<10 {
		t.Error("the log is longer than can be checked, which is too much in itself")
	}
	for _, s := range secrets {
		if s != "" && strings.Contains(logged, s) {
			t.Errorf("the log holds %q", s)
		}
	}
	for line := range strings.Lines(logged) {
		if strings.Contains(line, "level=ERROR") || strings.Contains(line, "panic") || strings.Contains(line, "http: ") {
			t.Errorf("logged: %s", line)
		}
	}
}

// tokenOf opens a session with the given body and returns its token.
func tokenOf(t testing.TB, p *process, endpoint, body string) string {
	t.Helper()
	a := p.ask(t, request{
		method: "POST", path: "/v1/website/" + endpoint + "/sessions", body: body,
		header: map[string]string{"Content-Type": "application/json"},
	})
	if a.status != http.StatusOK {
		t.Fatalf("no session: %d %s", a.status, a.body)
	}
	return a.field("token")
}

// request is one call, well-formed or not. bare leaves out the headers that a visitor's program sets.
type request struct {
	method, path string
	body         string
	header       map[string]string
	token        string
	chunked      bool // do not say how long the body is
}

// reply is what came of it.
type reply struct {
	status int
	header http.Header
	body   string
}

// field is a top-level text of a JSON answer, "" when there is none.
func (r reply) field(name string) string {
	_, rest, _ := strings.Cut(r.body, strconv.Quote(name)+`:"`)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

// ask makes the call on a connection of its own.
func (p *process) ask(t testing.TB, q request) reply {
	t.Helper()
	r, err := p.try(t.Context(), q)
	if err != nil {
		t.Fatalf("%s %s: %v", q.method, q.path, err)
	}
	return r
}

func (p *process) try(ctx context.Context, q request) (reply, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	var body io.Reader = strings.NewReader(q.body)
	if q.chunked {
		body = io.MultiReader(body)
	}
	r, err := http.NewRequestWithContext(ctx, q.method, "http://"+p.address+q.path, body)
	if err != nil {
		return reply{}, err
	}
	if q.token != "" {
		r.Header.Set("Authorization", "Bearer "+q.token)
	}
	for k, v := range q.header {
		r.Header.Set(k, v)
	}
	fresh := &http.Transport{DisableCompression: true}
	defer fresh.CloseIdleConnections()
	answer, err := fresh.RoundTrip(r)
	if err != nil {
		return reply{}, err
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	return reply{status: answer.StatusCode, header: answer.Header, body: string(content)}, err
}

// peak returns the most memory that the daemon has ever occupied, in bytes.
func (p *process) peak(t testing.TB) int64 {
	t.Helper()
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	must(t, err)
	_, rest, _ := strings.Cut(string(content), "VmHWM:")
	kib, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	must(t, err)
	return kib << 10
}

// awaitThread waits until a thread that is as wanted stands in Slack, and returns it.
func (r *rig) awaitThread(t testing.TB, wanted func(thread []slacktest.Message) bool) []slacktest.Message {
	t.Helper()
	ctx, cancel := context.WithTimeout(r.ctx, 2*time.Minute)
	defer cancel()
	var found []slacktest.Message
	err := r.slack.Await(ctx, func(s slacktest.State) bool {
		for _, root := range s.Channel(desk) {
			if found = s.Thread(desk, root.TS); wanted(found) {
				return true
			}
		}
		return false
	})
	if err != nil {
		t.Fatalf("no such thread in Slack: %v", err)
	}
	return found
}
