// Package adaptertest is the conformance suite of adapters: what the core relies on, proved for any bridge.Adapter
// against its simulated platform. What holds for every adapter is proved here and not in an adapter's own tests.
package adaptertest

import (
	"context"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// Harness says how to get an adapter to test.
type Harness struct {
	// New starts a fresh simulated platform and an adapter that talks to it. What needs an end is ended by t.Cleanup.
	New func(t *testing.T) Stage
	// Features are those of the platform; groups without their feature are left out.
	Features Features
}

// Features say what a platform can do, beyond the optional abilities that the adapter's type tells.
type Features struct {
	Edits      bool // it reports that people edit and delete their messages
	Redelivers bool // it offers again what was not acknowledged
	Threads    bool // a conversation is a thread that people can delete
	Files      bool
	Withdraws  bool // with Files: it reports that people remove a file from a message that stays
	Unasked    bool // it does not want to be told what has arrived
	Keeps      bool // with Edits: it does not report that people delete their messages
	Reads      bool // its people fetch entries from the log themselves: nothing is sent there
}

// Stage is one adapter with its platform.
type Stage struct {
	Adapter  bridge.Adapter
	Platform Platform
	Files    map[bridge.FileID][]byte // what the adapter's bridge.Files opens; the suite fills it before it sends
}

// Platform is a simulated platform as its people and its faults see it. An error is a failure of the test.
type Platform interface {
	// Say, Upload, Edit and Delete are what one and the same person does, who may write there.
	Say(t bridge.ThreadRef, text string) (bridge.MessageRef, error)
	Upload(t bridge.ThreadRef, name string, data []byte, caption string) (bridge.MessageRef, error)
	Edit(m bridge.MessageRef, text string) error
	Delete(m bridge.MessageRef) error
	// Withdraw removes one of the person's files from wherever it is shown; what was said with it stays.
	Withdraw(f bridge.FileRef) error
	// DeleteThread removes what the thread hangs on.
	DeleteThread(t bridge.ThreadRef) error
	// Thread lists what people see in a thread, in order, the message that began it included.
	Thread(t bridge.ThreadRef) []Seen
	// Outside counts the messages that people see outside every thread, those that began a thread not included.
	Outside() int
	// Unacknowledged counts the events that the platform still waits for.
	Unacknowledged() int
	// Disturb makes the next attempt to send go wrong.
	Disturb(f Fault)
}

// Beginner is a Platform on which people begin threads. Openings are not tried there.
type Beginner interface {
	// Begin has somebody new begin a thread. Nothing that happens by that is heard or seen.
	Begin() (bridge.ThreadRef, error)
}

// Seen is a message as people see it.
type Seen struct {
	Author string
	Text   string // without markup
	Files  []string
}

// Fault is a way in which sending goes wrong.
type Fault string

const (
	Limited     Fault = "limited"     // not done: asked to wait two seconds
	Broken      Fault = "broken"      // not done, but the answer does not tell: a 5xx
	AnswerLost  Fault = "answer lost" // done, but the answer is lost
	TokenTaken  Fault = "token taken" // not done: the credentials are refused
	NotAccepted Fault = "refused"     // not done: the message is refused for good
)

// patience is how long the suite waits for what must happen.
const patience = 30 * time.Second

// Run runs the suite.
func Run(t *testing.T, h Harness) {
	sends := !h.Features.Reads
	groups := []struct {
		name string
		when bool
		run  func(*testing.T, Stage)
	}{
		{"receive in order", true, receiveInOrder},
		{"acknowledge after the sink", !h.Features.Unasked, acknowledgeAfterSink},
		{"offer again what the sink refused", h.Features.Redelivers, offerAgain},
		{"receive edits", h.Features.Edits, receiveEdits},
		{"receive deletions", h.Features.Edits && !h.Features.Keeps, receiveDeletions},
		{"forget what is deleted before it is taken", h.Features.Edits && !h.Features.Keeps, forgetDeleted},
		{"stop at the context's end", true, stop},
		{"render nothing", h.Features.Reads, renderNothing},
		{"hear nothing of ourselves", sends, hearNothingOfOurselves},
		{"report a gap at the start", sends, reportGap},
		{"render purely", sends, renderPurely},
		{"send, edit, delete", sends, sendEditDelete},
		{"ask for another thread", h.Features.Threads, askForThread},
		{"judge failures", sends, judgeFailures},
		{"find what got through", sends, findParts},
		{"read a thread back", sends, readBack},
		{"files both ways", h.Features.Files, filesBothWays},
		{"receive that a file was withdrawn", h.Features.Files && h.Features.Withdraws, receiveWithdrawn},
	}
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			if !g.when {
				t.Skip("the platform has no such feature")
			}
			g.run(t, h.New(t))
		})
	}
}

// start runs the adapter until the test ends and waits until it receives.
func start(t *testing.T, s Stage, prepare ...func(*Sink)) *Sink {
	t.Helper()
	sink := NewSink()
	for _, p := range prepare {
		p(sink)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Adapter.Run(ctx, sink) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run ended with %v when its context did", err)
		}
	})
	sink.Await(t, "the endpoint running", func(h Heard) bool {
		return len(h.Conditions) > 0 && h.Conditions[len(h.Conditions)-1].State == bridge.Running
	})
	return sink
}
