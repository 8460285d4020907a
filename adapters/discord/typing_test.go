package discord_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/skeindesk/skein/adapters/adaptertest"
	"github.com/skeindesk/skein/adapters/discord/discordtest"
	"github.com/skeindesk/skein/bridge"
)

const typingCall = "trigger_typing_indicator"

// What the bot shows comes back to it as an event, and is not what a person does.
func TestTypingIsPassedOn(t *testing.T) {
	server := newServer(t, discordtest.Options{})
	sink := adaptertest.NewSink()
	a := newAdapter(t, server, nil)
	run(t, a, sink)
	thread := opened(t, a)
	a.ShowTyping(t.Context(), thread)
	for _, channel := range []string{deskID, otherID, string(thread)} {
		if err := server.Typing(ana, channel); err != nil {
			t.Fatal(err)
		}
	}
	sink.Await(t, "somebody writing", func(h adaptertest.Heard) bool { return len(h.Typing) > 0 })
	if got, want := sink.Heard().Typing, []string{string(thread) + " " + ana}; !slices.Equal(got, want) {
		t.Errorf("heard of %q, want %q", got, want)
	}
	if n := len(server.Calls(typingCall, string(thread))); n != 1 {
		t.Errorf("%d calls, want one", n)
	}
}

func TestTypingIsShownOnceInAWhile(t *testing.T) {
	server := newServer(t, discordtest.Options{})
	a := newAdapter(t, server, nil)
	one, other := opened(t, a), opened(t, a)
	for range 5 {
		a.ShowTyping(t.Context(), one)
	}
	a.ShowTyping(t.Context(), other)
	a.ShowTyping(t.Context(), "nonsense")
	for _, thread := range []bridge.ThreadRef{one, other} {
		if n := len(server.Calls(typingCall, string(thread))); n != 1 {
			t.Errorf("%d calls in one thread, want one", n)
		}
	}
}

// What Discord refuses is lost, and harms nothing else.
func TestTypingThatIsRefused(t *testing.T) {
	server := newServer(t, discordtest.Options{})
	sink := adaptertest.NewSink()
	a := newAdapter(t, server, nil)
	run(t, a, sink)
	thread := opened(t, a)
	server.Fail(discordtest.Fault{Method: typingCall, Status: http.StatusForbidden, Code: 50013, Times: 1})
	a.ShowTyping(t.Context(), thread)
	if _, err := a.Send(t.Context(), part(t, a, saidIn(thread, 2, "Hello"), 0)); err != nil {
		t.Error(err)
	}
	if h := sink.Heard(); !isLast(bridge.Running)(h) {
		t.Errorf("conditions %+v", h.Conditions)
	}
}
