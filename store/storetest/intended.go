package storetest

import (
	"fmt"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// testIntended wants a claim's own intent to count for whoever takes the lane from a worker that was lost.
func testIntended(f *fixture) {
	s := f.open()
	c := f.conversation(s, lanes("t1"))
	f.append(s, said(c.ID, "k"))
	opening := f.claim(s, time.Minute)
	opened, err := s.Settle(f.Context(), opening, bridge.Settlement{Thread: "card"})
	f.must(err)
	if opened.Intent != "" || opened.Intended != "" {
		f.Errorf("after a receipt %q is intended and %q the intent", opened.Intended, opened.Intent)
	}
	f.must(s.Defer(f.Context(), opened, 0, false))
	lost := f.claim(s, time.Millisecond)
	if want := bridge.NewDeliveryKey(c.ID, 1, 0, slack); lost.Intent != "" || lost.Intended != want {
		f.Errorf("the claim intends %q with intent %q, want %q and none", lost.Intended, lost.Intent, want)
	}
	var next bridge.Lane
	f.eventually("the lane is free again", func() bool {
		got, err := s.Claim(f.Context(), []bridge.EndpointName{slack}, nil, time.Minute, 1)
		f.must(err)
		if len(got) == 1 {
			next = got[0]
		}
		return len(got) == 1
	})
	if next.Intent != lost.Intended || next.Intended != "" || !next.IntentAt.Equal(lost.IntentAt) {
		f.Errorf("found intent %q of %v, want %q of %v", next.Intent, next.IntentAt, lost.Intended, lost.IntentAt)
	}
	next.Intent = ""
	f.must(s.Defer(f.Context(), next, 0, false))
	if l := f.claim(s, time.Minute); l.Intent != "" || l.Intended != lost.Intended {
		f.Errorf("after it was certainly not sent: intent %q, intended %q", l.Intent, l.Intended)
	}
}

// testIntendedInDialogue wants a claim to intend the next line of others, past what was said at the lane's own endpoint.
func testIntendedInDialogue(f *fixture) {
	s := f.open()
	c := f.conversation(s, lanes("t1"))
	for i := range 20 {
		en := own(c.ID)
		en.Origin = bridge.Origin{Endpoint: slack, Key: fmt.Sprint(i)}
		f.append(s, en)
	}
	line := f.append(s, said(c.ID, "k"))
	opening := f.claim(s, time.Minute)
	_, err := s.Settle(f.Context(), opening, bridge.Settlement{Thread: "card"})
	f.must(err)
	f.must(s.Defer(f.Context(), opening, 0, false))
	state := own(c.ID)
	state.Kind, state.State, state.Origin = bridge.Changed, bridge.StateClosed, bridge.Origin{Endpoint: slack, Key: "close"}
	state = f.append(s, state)
	for _, en := range []bridge.Entry{line, state} {
		l := f.claim(s, time.Minute)
		w, ok, err := s.Next(f.Context(), l)
		f.must(err)
		if want := bridge.NewDeliveryKey(c.ID, en.Seq, 0, slack); !ok || w.Entry.Seq != en.Seq || l.Intended != want {
			f.Errorf("intended is %s and %d is next, want %s", l.Intended, w.Entry.Seq, want)
		}
		if l, err = s.Settle(f.Context(), l, bridge.Settlement{Cursor: en.Seq}); l.Cursor < l.Head {
			f.must(s.Defer(f.Context(), l, 0, false))
		}
		f.must(err)
	}
}
