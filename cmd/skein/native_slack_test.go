package main

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/adapters/website/webtest"
)

// native is Ana's client in a story that is told without a single typed command.
type native struct {
	*rig
	ctx     context.Context
	t       *testing.T
	p       *process
	visitor *webtest.Visitor
}

func (n native) must(err error) {
	n.t.Helper()
	if err != nil {
		n.t.Fatalf("%v; told %+v\n%s", err, n.slack.Snapshot().Ephemerals, n.p.stderr)
	}
}

func (n native) acked(i *slacktest.Interaction, err error) {
	n.t.Helper()
	n.must(err)
	_, err = i.Await(n.ctx)
	n.must(err)
}

func (n native) await(what string, holds func(slacktest.State) bool) {
	n.t.Helper()
	if err := n.slack.Await(n.ctx, holds); err != nil {
		n.t.Fatalf("waited in vain for %s\n%s", what, n.p.stderr)
	}
}

// told waits until Ana has been told something that only she sees.
func (n native) told(words string) {
	n.t.Helper()
	n.await("words for Ana: "+words, func(s slacktest.State) bool {
		return slices.ContainsFunc(s.Ephemerals(), func(e slacktest.Ephemeral) bool { return e.User == anaID && strings.Contains(e.Text, words) })
	})
}

// form waits for the form that Ana has open.
func (n native) form() (open slacktest.View) {
	n.t.Helper()
	n.await("a form", func(s slacktest.State) (ok bool) { open, ok = s.Modal(anaID); return ok })
	return open
}

// recall takes a message back from its menu, and waits for the receipt, the n-th. What stands in Slack since a moment ago
// may not be in the log yet: then Ana is told so, and tries again.
func (n native) recall(root, ts string, nth int) {
	n.t.Helper()
	for done := false; !done; {
		told := len(n.slack.Snapshot().Ephemerals)
		n.acked(n.slack.Shortcut(anaID, ts, "skein:recall"))
		n.await("a receipt, or words for Ana", func(s slacktest.State) bool {
			receipts := 0
			for _, m := range s.Thread(desk, root) {
				receipts += strings.Count(m.Text, "Taken back. website: removed")
			}
			done = receipts >= nth
			return done || len(s.Ephemerals()) > told
		})
	}
}

// Everything an agent does in Slack without typing a command: buttons, a form, the menu of a message, slash commands, the home.
func TestSlackNatively(t *testing.T) {
	for _, kind := range databases {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, kind)
			p := r.start("127.0.0.1:0")
			ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
			defer cancel()
			n := native{rig: r, ctx: ctx, t: t, p: p, visitor: r.site(p.address).Visitor()}
			_, err := n.visitor.Open(ctx, introduction("Vera"))
			n.must(err)
			streaming := make(chan error, 1)
			streamCtx, stop := context.WithCancel(ctx)
			go func() { streaming <- n.visitor.Stream(streamCtx) }()
			defer func() { stop(); <-streaming }()
			(&guest{name: "vera", visitor: n.visitor}).say(ctx, t, "Hello")
			n.tell(threadIn(ctx, t, r.slack, desk, "Hello"))
			if t.Failed() {
				t.Log(p.stderr)
			}
		})
	}
}

func (n native) tell(root string) {
	n.t.Helper()
	n.acked(n.slack.Press(anaID, root, "skein:take", ""))
	n.await("Ana's name on the card", func(s slacktest.State) bool {
		return strings.Contains(string(s.Thread(desk, root)[0].Blocks), "Assigned* · Ana")
	})
	n.acked(n.slack.Press(anaID, root, "skein:take", ""))
	n.told("already yours")

	n.acked(n.slack.Command(anaID, desk, "/skein", "reply"))
	open := n.form()
	if open.Values["conversation"]["conversation"]["selected_option"] == nil {
		n.t.Errorf("no conversation is chosen: %v", open.Values)
	}
	n.acked(n.slack.Suggest(anaID, open.ID, "conversation", "ver"), nil)
	n.must(n.slack.Type(anaID, open.ID, "words", "Good morning"))
	n.acked(n.slack.Submit(anaID, open.ID))
	n.told("Done.")
	n.must(n.visitor.AwaitText(n.ctx, "Good morning"))
	copied := ""
	n.await("the reply in the thread", func(s slacktest.State) bool {
		thread := s.Thread(desk, root)
		last := thread[len(thread)-1]
		copied = last.TS
		return last.Bot && strings.Contains(last.Text, "Good morning")
	})
	n.recall(root, copied, 1)
	own, err := n.slack.Say(anaID, desk, root, "Good evening")
	n.must(err)
	n.must(n.visitor.AwaitText(n.ctx, "Good evening"))
	n.recall(root, own, 2)
	n.acked(n.slack.Shortcut(anaID, root, "skein:recall")) // the card: nobody said it
	n.told("not a line of yours")

	n.quickly(root)
	n.atHome(root)
}

// quickly keeps a quick reply and sends it: from the card, and from the channel.
func (n native) quickly(root string) {
	n.t.Helper()
	line, err := n.slack.Say(anaID, desk, root, "It is *on its way*")
	n.must(err)
	n.must(n.visitor.AwaitText(n.ctx, "It is on its way"))
	n.acked(n.slack.Shortcut(anaID, line, "skein:qr add"))
	open := n.form()
	if open.Values["text"]["text"]["value"] != "It is on its way" {
		n.t.Errorf("the form begins with %v", open.Values)
	}
	n.must(n.slack.Type(anaID, open.ID, "shortcut", "on way!"))
	n.acked(n.slack.Submit(anaID, open.ID))
	if open = n.form(); !strings.Contains(string(open.Raw), "Nothing was kept") {
		n.t.Fatalf("a bad shortcut is answered with %s", open.Raw)
	}
	n.must(n.slack.Type(anaID, open.ID, "shortcut", "onway"))
	n.acked(n.slack.Submit(anaID, open.ID))
	n.told("onway. Write #onway to send it.")

	n.acked(n.slack.Press(anaID, root, "skein:qr", ""))
	open = n.form()
	offered := until(n.ctx, func() bool { // it is found a moment after it was kept
		n.acked(n.slack.Suggest(anaID, open.ID, "reply", "on wya"), nil)
		return n.slack.Choose(anaID, open.ID, "reply", "#1") == nil
	})
	if !offered {
		n.t.Fatal("what was kept is not offered")
	}
	n.acked(n.slack.Submit(anaID, open.ID))
	n.send(1)
	n.acked(n.slack.Command(anaID, desk, "/qr", "onway"))
	open = n.form()
	n.acked(n.slack.Submit(anaID, open.ID))
	n.send(2)
}

// send presses Send under the preview, and waits until the visitor has the nth copy of the line besides the first.
func (n native) send(nth int) {
	n.t.Helper()
	var preview slacktest.Ephemeral
	n.await("a preview", func(s slacktest.State) bool {
		for _, e := range s.Ephemerals() {
			if strings.Contains(string(e.Blocks), ":send ") {
				preview = e
				return true
			}
		}
		return false
	})
	if !strings.Contains(preview.Text, "on its way") || strings.Contains(string(preview.Blocks), "skein:qr#2") == false {
		n.t.Errorf("the preview is %s %s", preview.Text, preview.Blocks)
	}
	n.acked(n.slack.Press(anaID, preview.TS, "skein:qr", ""))
	n.must(n.visitor.Await(n.ctx, func(heard []webtest.Entry) bool {
		lines := 0
		for _, e := range heard {
			if e.Text == "It is on its way" {
				lines++
			}
		}
		return lines > nth
	}))
	n.await("the preview to go", func(s slacktest.State) bool {
		return !slices.ContainsFunc(s.Ephemerals(), func(e slacktest.Ephemeral) bool { return e.TS == preview.TS })
	})
}

// atHome looks at the lists and closes the conversation from there.
func (n native) atHome(root string) {
	n.t.Helper()
	n.must(n.slack.OpenHome(anaID))
	home := func(words string) (shown slacktest.View) {
		n.t.Helper()
		n.await("the home with "+words, func(s slacktest.State) bool {
			shown, _ = s.Home(anaID)
			return strings.Contains(string(shown.Raw), words)
		})
		return shown
	}
	if shown := home("Vera"); !strings.Contains(string(shown.Raw), "*yours*") || !strings.Contains(string(shown.Raw), "All 1") {
		n.t.Errorf("the home is %s", shown.Raw)
	}
	n.acked(n.slack.PressView(anaID, home("Vera").ID, "", "skein:close", ""))
	n.await("the end on the card", func(s slacktest.State) bool {
		return strings.Contains(string(s.Thread(desk, root)[0].Blocks), "skein:reopen")
	})
	home("All 0")
	n.acked(n.slack.Command(anaID, desk, "/skein", "close"))
	n.told("no open conversation")
}
