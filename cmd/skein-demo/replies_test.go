package main

import (
	"slices"
	"strings"
	"testing"
)

func TestQuickReplyIsShownAndSent(t *testing.T) {
	d := start(t)
	maya := d.visitor("Maya Holm")
	maya.say("Can I send it back?")
	thread := d.thread("Can I send it back?")
	d.act(act{Place: slackDesk, Thread: thread.ID, As: "ana", Do: "say", Text: "#refnd"})
	const text = "Of course, Maya Holm. Send it back within 60 days"
	var shown message
	find := func(ok func(message) bool) func([]place) bool {
		return func(places []place) bool {
			for _, p := range threads(places) {
				if i := slices.IndexFunc(p.Messages, ok); i >= 0 {
					shown = p.Messages[i]
					return true
				}
			}
			return false
		}
	}
	d.await("the quick reply to be shown", find(func(m message) bool { return strings.Contains(m.Text, text) && len(m.Buttons) > 2 }))
	d.act(act{Place: slackDesk, Thread: thread.ID, As: "ana", Do: "press", Target: shown.ID, Value: "Send"})
	if got := maya.await("the quick reply", func(e entry) bool { return strings.HasPrefix(e.Text, text) }); got.By.Name != "Ana Ruiz" {
		t.Errorf("it is by %+v", got.By)
	}
	d.await("that it was chosen", find(func(m message) bool { return strings.Contains(m.Text, "Chosen: refund.") && len(m.Buttons) == 0 }))
	for _, e := range append(maya.history(), maya.seen...) {
		if strings.Contains(e.Text, "rfnd") || strings.Contains(e.Text, "Not sent yet") {
			t.Errorf("the visitor was shown %+v", e)
		}
	}
}
