package bridge_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// The lists are the same in words and as data, the agent's own first, then the longest waiting.
func TestLists(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		for _, name := range []string{"ida", "eve", "kim", "lou"} {
			w.visitor(name, "hello")
			w.thread(name)
			time.Sleep(time.Minute)
		}
		w.agent(w.thread("kim"), "ana", "good day")
		w.agent(w.thread("lou"), "ana", "!close")
		w.visitor("ida", "anybody?")

		answer := w.command(given("press-1", "list", "", nil))
		if got := rows(answer.List); got != "kim ida eve" {
			t.Errorf("open: %s", got)
		}
		if mine := answer.List.Rows[0]; !mine.Mine || mine.Links["team"] == "" || mine.Conversation.OwnerName != "ana" {
			t.Errorf("her own is %+v", mine)
		}
		for _, want := range []string{
			"All: 1 · Unassigned: 2 (2 waiting, the longest for 4 minutes) · Robot: 0 · History: 1",
			"kim on shop (3) · yours · last written in less than a minute ago", "ida on shop (1) · Unassigned · waiting for 4 minutes",
		} {
			if !strings.Contains(answer.Public, want) {
				t.Errorf("in words it lacks %q:\n%s", want, answer.Public)
			}
		}
		for rest, want := range map[string]string{"unassigned": "ida eve", "all": "kim", "robot": "", "history": "lou", "unassigned mine": "", "mine": "kim"} {
			call := given("press-"+rest, "list", "", nil)
			call.Rest = rest
			if got := rows(w.command(call).List); got != want {
				t.Errorf("%s: %s, want %s", rest, got, want)
			}
		}
		chosen := given("press-2", "list", "", map[string]string{"list": "unassigned", "whose": "everybody's"})
		if got := rows(w.command(chosen).List); got != "ida eve" {
			t.Errorf("chosen: %s", got)
		}
		everybodys, err := w.desk.Lists(w.ctx, "team")
		w.must(err)
		if got := rows(&everybodys); got != "ida eve kim" {
			t.Errorf("everybody's: %s", got)
		}
		call := given("press-3", "list", "", nil)
		call.Rest = "yesterday"
		if answer := w.command(call); answer.List != nil || !strings.HasPrefix(answer.Public, "There is no list of this name.") {
			t.Errorf("a wrong name is answered with %q", answer.Public)
		}
	})
}

func rows(l *bridge.List) string {
	var names []string
	for _, r := range l.Rows {
		names = append(names, r.Visitor)
	}
	return strings.Join(names, " ")
}
