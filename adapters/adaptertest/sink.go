package adaptertest

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// Sink is a scripted bridge.Sink that keeps what it hears. Like the log it accepts each key once.
type Sink struct {
	// OnReceive, if set, decides before an Inbound is kept: an error refuses it. It may block. Set it before use.
	OnReceive func(ctx context.Context, in bridge.Inbound) error
	// OnCommand, if set, answers commands. Set it before use.
	OnCommand func(call bridge.Invocation) (bridge.Answer, error)
	// OnSuggest, if set, answers what is asked for while somebody types. Set it before use.
	OnSuggest func(q bridge.Query) ([]bridge.Choice, error)
	// OnLists is what Lists answers. Set it before use.
	OnLists bridge.List

	mu      sync.Mutex
	heard   Heard
	keys    map[string]bool
	changed chan struct{}
}

// Heard is what a Sink has heard so far, in order.
type Heard struct {
	Inbounds   []bridge.Inbound // each key once
	Offers     int              // calls of Receive, refused and repeated ones included
	Commands   []bridge.Invocation
	Queries    []bridge.Query
	Conditions []bridge.Condition
	Typing     []string // thread and person
}

var _ bridge.Sink = (*Sink)(nil)

// NewSink returns a Sink that accepts everything.
func NewSink() *Sink { return &Sink{keys: map[string]bool{}, changed: make(chan struct{})} }

func (s *Sink) Receive(ctx context.Context, in bridge.Inbound) error {
	var err error
	if s.OnReceive != nil {
		err = s.OnReceive(ctx, in)
	}
	s.note(func(h *Heard) {
		h.Offers++
		if err == nil && !s.keys[in.Key] {
			s.keys[in.Key] = true
			h.Inbounds = append(h.Inbounds, in)
		}
	})
	return err
}

func (s *Sink) Command(_ context.Context, call bridge.Invocation) (bridge.Answer, error) {
	s.note(func(h *Heard) { h.Commands = append(h.Commands, call) })
	if s.OnCommand != nil {
		return s.OnCommand(call)
	}
	return bridge.Answer{}, nil
}

func (s *Sink) Suggest(_ context.Context, q bridge.Query) ([]bridge.Choice, error) {
	s.note(func(h *Heard) { h.Queries = append(h.Queries, q) })
	if s.OnSuggest != nil {
		return s.OnSuggest(q)
	}
	return nil, nil
}

func (s *Sink) Lists(context.Context, bridge.EndpointName) (bridge.List, error) {
	return s.OnLists, nil
}

func (s *Sink) Typing(_ context.Context, _ bridge.EndpointName, t bridge.ThreadRef, by bridge.Person) {
	s.note(func(h *Heard) { h.Typing = append(h.Typing, string(t)+" "+by.ID) })
}

func (s *Sink) Report(_ context.Context, _ bridge.EndpointName, c bridge.Condition) {
	s.note(func(h *Heard) { h.Conditions = append(h.Conditions, c) })
}

func (s *Sink) note(change func(*Heard)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.heard)
	close(s.changed)
	s.changed = make(chan struct{})
}

// Heard returns a copy.
func (s *Sink) Heard() Heard {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.copy()
}

func (s *Sink) copy() Heard {
	h := s.heard
	h.Inbounds, h.Commands = slices.Clone(h.Inbounds), slices.Clone(h.Commands)
	h.Conditions = slices.Clone(h.Conditions)
	return h
}

// Await returns what was heard as soon as the condition holds, and fails the test when it does not in time.
func (s *Sink) Await(t testing.TB, what string, holds func(Heard) bool) Heard {
	t.Helper()
	timeout := time.After(patience)
	for {
		s.mu.Lock()
		h, changed := s.copy(), s.changed
		s.mu.Unlock()
		if holds(h) {
			return h
		}
		select {
		case <-changed:
		case <-timeout:
			t.Fatalf("waited in vain for %s; heard %d inbounds in %d offers, conditions %+v", what, len(h.Inbounds), h.Offers, h.Conditions)
		}
	}
}

// AwaitInbounds waits for n inbounds.
func (s *Sink) AwaitInbounds(t testing.TB, n int) []bridge.Inbound {
	t.Helper()
	return s.Await(t, "inbounds", func(h Heard) bool { return len(h.Inbounds) >= n }).Inbounds
}
