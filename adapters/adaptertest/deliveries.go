package adaptertest

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// conversation is the one that every test is about.
func conversation() bridge.Conversation {
	return bridge.Conversation{ID: 12, Kind: bridge.Guest, State: bridge.StateUnassigned, Endpoint: "website", Visitor: 7}
}

func visitor() bridge.Visitor {
	return bridge.Visitor{ID: 7, Endpoint: "website", Key: "v-7", Profile: bridge.Profile{Name: "Maria Lopez"}}
}

func opening() bridge.Delivery {
	return bridge.Delivery{Conversation: conversation(), Visitor: visitor(), Opening: true}
}

// said is a line of the visitor's.
func said(thread bridge.ThreadRef, seq int64, text string, files ...bridge.File) bridge.Delivery {
	return bridge.Delivery{Conversation: conversation(), Visitor: visitor(), Thread: thread, Entry: bridge.Entry{
		Conversation: 12, Seq: seq, Kind: bridge.Said, Audience: bridge.Everyone,
		By:   bridge.Speaker{Kind: bridge.ByVisitor, ID: 7, Name: "Maria Lopez"},
		Body: rich.Of(text), Files: files, At: time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC),
	}}
}

func edited(thread bridge.ThreadRef, seq, target int64, text string, landed []bridge.Landed) bridge.Delivery {
	d := said(thread, seq, text)
	d.Entry.Kind, d.Entry.Target, d.Landed = bridge.Edited, target, landed
	return d
}

func deleted(thread bridge.ThreadRef, seq, target int64, landed []bridge.Landed) bridge.Delivery {
	d := said(thread, seq, "")
	d.Entry.Kind, d.Entry.Target, d.Landed = bridge.Deleted, target, landed
	return d
}

// prepare renders a delivery and names its parts as the Courier does.
func prepare(t testing.TB, a bridge.Adapter, d bridge.Delivery) []bridge.Part {
	t.Helper()
	if a.Abilities().Role == bridge.RoleVisitor { // there, what the visitor reads is said by an agent
		d.Entry.By.Kind = bridge.ByAgent
	}
	parts, err := a.Render(d)
	if err != nil {
		t.Fatalf("render: %v", err)
	}
	for i := range parts {
		parts[i].Key = bridge.NewDeliveryKey(d.Conversation.ID, d.Entry.Seq, i, a.Name())
		parts[i].After = time.Now()
	}
	return parts
}

// deliver renders and sends, and returns where the parts landed.
func deliver(t testing.TB, a bridge.Adapter, d bridge.Delivery) (landed []bridge.Landed, thread bridge.ThreadRef) {
	t.Helper()
	parts := prepare(t, a, d)
	if len(parts) == 0 {
		t.Fatalf("render gave no parts for %q", d.Entry.Kind)
	}
	for i, p := range parts {
		sent, err := a.Send(t.Context(), p)
		if err != nil {
			t.Fatalf("send part %d: %v", i, err)
		}
		if sent.Message == "" {
			t.Fatalf("send part %d: no message named", i)
		}
		landed = append(landed, bridge.Landed{Part: i, Message: sent.Message})
		if sent.Thread != "" {
			thread = sent.Thread
		}
	}
	return landed, thread
}

// openings counts them, so that each has a key of its own.
var openings atomic.Int32

// open sends the opening, or has somebody begin a thread where that is for people to do, and returns the thread.
func open(t testing.TB, s Stage) bridge.ThreadRef {
	t.Helper()
	if b, ok := s.Platform.(Beginner); ok {
		thread, err := b.Begin()
		return must(t, thread, err)
	}
	p := prepare(t, s.Adapter, opening())[0]
	// As after a thread was lost: otherwise it would be the same part, which a platform may refuse to post twice.
	p.Key = bridge.NewDeliveryKey(conversation().ID, 0, int(openings.Add(1)), s.Adapter.Name())
	sent, err := s.Adapter.Send(t.Context(), p)
	if err != nil || sent.Thread == "" {
		t.Fatalf("the opening made no thread: %v", err)
	}
	return sent.Thread
}

// must fails the test on an error of the simulated platform.
func must[T any](t testing.TB, v T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatalf("simulated platform: %v", err)
	}
	return v
}

// verdict is what a failed call means to the Courier; "" for a nil error.
func verdict(err error) bridge.Verdict {
	if err == nil {
		return ""
	}
	return bridge.AsFailure(err).Verdict
}

func isFailure(err error) bool {
	_, ok := errors.AsType[*bridge.Failure](err)
	return ok
}

func line(i int) string { return fmt.Sprintf("line %d", i) }
