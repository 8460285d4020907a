package workbench_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/workbench"
)

// does carries out a word as an agent in the workbench.
func (r *rig) does(agent bridge.Agent, c bridge.ConversationID, word, rest string) bridge.Answer {
	r.t.Helper()
	r.n++
	call := bridge.Invocation{
		Endpoint: bridge.Workbench, Key: fmt.Sprint("press-", r.n), Thread: bridge.WorkbenchThread(c),
		From: bridge.WorkbenchPerson(agent), Word: word, Rest: rest,
	}
	if word == "reply" || word == "note" { // as their forms have it
		call.Rest, call.Fields = "", map[string]string{"words": rest}
	}
	answer, err := r.desk.Command(r.t.Context(), call)
	must(r.t, err)
	return answer
}

func TestLists(t *testing.T) {
	r := newRig(t)
	ana, ben := r.agent("Ana"), r.agent("Ben")
	free, anas, bens, over := r.says("Vera", "Where is my parcel?"), r.says("Wim", "Hello"), r.says("Xaver", "Guten Tag"), r.says("Yara", "Thanks")
	r.does(ana, anas.Conversation, "take", "")
	r.does(ana, anas.Conversation, "tag", "vip")
	r.does(ben, bens.Conversation, "take", "")
	r.does(ben, over.Conversation, "close", "")
	b := r.signedIn(ana)
	for query, want := range map[string][]string{
		"":                                     {"Vera"},
		"?list=unassigned":                     {"Vera"},
		"?list=all":                            {"Wim", "Xaver"},
		"?list=all&owner=me":                   {"Wim"},
		"?list=all&tag=vip":                    {"Wim"},
		"?list=history":                        {"Yara"},
		"?list=robot":                          {},
		"?list=all&endpoint=elsewhere":         {},
		"?list=unassigned&owner=nobody":        {"Vera"},
		"?list=history&from=2001-01-01":        {"Yara"},
		"?list=history&to=2001-01-01":          {},
		"?kind=colleagues":                     {},
		"?list=all&language=de":                {},
		fmt.Sprint("?list=all&owner=", ben.ID): {"Xaver"},
	} {
		p := b.get(workbench.Base + "/conversations" + query)
		if p.status != http.StatusOK {
			t.Errorf("%s is answered %d", query, p.status)
		}
		for _, name := range []string{"Vera", "Wim", "Xaver", "Yara"} {
			has, wanted := strings.Contains(p.body, "<bdi>"+name+"</bdi></a>"), strings.Contains(fmt.Sprint(want), name)
			if has != wanted {
				t.Errorf("%s has %s: %v, want %v", query, name, has, wanted)
			}
		}
	}
	p := b.get(workbench.Base + "/conversations?list=unassigned")
	for _, want := range []string{
		"Where is my parcel?", fmt.Sprintf(`href="%s/conversations/%d"`, workbench.Base, free.Conversation), `class="waiting"`,
	} {
		if !strings.Contains(p.body, want) {
			t.Errorf("the list lacks %s", want)
		}
	}
	for _, query := range []string{"?list=none", "?after=x", "?owner=ana", "?from=yesterday"} {
		if p := b.get(workbench.Base + "/conversations" + query); p.status != http.StatusUnprocessableEntity {
			t.Errorf("%s is answered %d", query, p.status)
		}
	}
}

func TestListsByPage(t *testing.T) {
	r := newRig(t)
	ana := r.agent("Ana")
	for i := range 60 {
		r.says(fmt.Sprintf("Visitor %02d", i), "Hello")
	}
	b := r.signedIn(ana)
	seen := map[string]bool{}
	path := workbench.Base + "/conversations?list=unassigned"
	for range 3 {
		p := b.get(path)
		for _, row := range strings.Split(p.body, "<li>")[1:] {
			if _, name, found := strings.Cut(row, "<bdi>Visitor "); found {
				seen[name[:2]] = true
			}
		}
		_, next, found := strings.Cut(p.body, `after=`)
		if !found {
			break
		}
		next, _, _ = strings.Cut(next, `"`)
		path = workbench.Base + "/conversations?after=" + strings.ReplaceAll(next, "&amp;", "&")
	}
	if len(seen) != 60 {
		t.Errorf("the pages have %d of 60 conversations", len(seen))
	}
}

// TestEvents listens as an open page does, while a visitor writes.
func TestEvents(t *testing.T) {
	r := newRig(t)
	b := r.signedIn(r.agent("Ana"))
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.server.URL+workbench.Base+"/events", nil)
	must(t, err)
	res, err := b.client.Do(req)
	must(t, err)
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		switch lines.Text() {
		case ": open":
			r.says("Vera", "Hello")
		case "event: changed":
			return
		}
	}
	t.Errorf("nobody told of a new line: %v", lines.Err())
}
