package slack_test

import (
	"context"
	"testing"

	"github.com/skeindesk/skein/adapters/adaptertest"
	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/bridge"
)

func TestPresses(t *testing.T) {
	server := newServer(t, slacktest.Options{})
	a := newAdapter(t, server, nil)
	sink := adaptertest.NewSink()
	release := make(chan struct{})
	sink.OnCommand = func(call bridge.Invocation) (bridge.Answer, error) {
		<-release
		if call.Word == "close" {
			return bridge.Answer{}, &bridge.Problem{Code: "not_yours", Public: "It belongs to Ben."}
		}
		return bridge.Answer{Public: "It is yours <now>."}, nil
	}
	run(t, server, a, sink)
	ref, root := openThread(t, a)
	for _, word := range []string{"take", "close"} {
		press, err := server.Press(ana, root, "skein:"+word, "")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		if _, err := press.Await(ctx); err != nil {
			t.Fatalf("the press was not acknowledged before the command was carried out: %v", err)
		}
		cancel()
	}
	close(release)
	heard := sink.Await(t, "the commands", func(h adaptertest.Heard) bool { return len(h.Commands) == 2 })
	words := map[string]bool{}
	for _, call := range heard.Commands {
		words[call.Word] = true
		if call.Endpoint != a.Name() || call.Thread != ref || call.From.ID != ana || call.From.Name != "Ana" || call.Key == "" ||
			call.Message != bridge.MessageRef(desk+"/"+root) {
			t.Errorf("the command is %+v", call)
		}
	}
	if !words["take"] || !words["close"] || heard.Commands[0].Key == heard.Commands[1].Key {
		t.Errorf("the commands are %+v", heard.Commands)
	}
	awaitServer(t, server, "the answers", func(v slacktest.State) bool { return len(v.Ephemerals()) == 2 })
	server.Look(func(v slacktest.State) {
		for _, e := range v.Ephemerals() {
			if e.User != ana || e.Text != "It is yours &lt;now&gt;." && e.Text != "It belongs to Ben." {
				t.Errorf("somebody was told %+v", e)
			}
		}
	})
}
