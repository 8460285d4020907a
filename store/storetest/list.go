package storetest

import (
	"fmt"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/store"
)

// testWaiting: a visitor waits from their first line that nobody has answered until they are answered, or until the
// conversation is closed.
func testWaiting(f *fixture) {
	s := f.open()
	c := f.conversation(s, lanes("t1"))
	at := time.UnixMilli(1_700_000_000_000).UTC()
	number := 0
	line := func(kind bridge.EntryKind, by bridge.SpeakerKind, a bridge.Audience) {
		number++
		at = at.Add(time.Second)
		en := said(c.ID, fmt.Sprint("k", number))
		en.Kind, en.By.Kind, en.Audience, en.At = kind, by, a, at
		f.append(s, en)
	}
	say := func() { // the short way
		number++
		at = at.Add(time.Second)
		en := said(0, fmt.Sprint("k", number))
		en.At = at
		_, _, err := s.Say(f.Context(), "t1", en, bridge.Claimant{})
		f.must(err)
	}
	state := func(to bridge.State) {
		f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
			c.State = to
			return tx.UpdateConversation(c)
		}))
	}
	check := func(what string, want time.Time) {
		f.Helper()
		got, err := s.Conversation(f.Context(), c.ID)
		f.must(err)
		if !got.WaitingSince.Equal(want) {
			f.Errorf("%s: waiting since %s, want %s", what, got.WaitingSince, want)
		}
	}
	check("nothing was said", time.Time{})
	say()
	first := at
	check("the first line", first)
	line(bridge.Said, bridge.ByVisitor, bridge.Everyone)
	say()
	line(bridge.Noted, bridge.ByAgent, bridge.AgentsOnly)
	line(bridge.Edited, bridge.ByVisitor, bridge.Everyone)
	check("more lines and a note", first)
	line(bridge.Said, bridge.ByAgent, bridge.Everyone)
	check("an answer", time.Time{})
	line(bridge.Said, bridge.ByVisitor, bridge.Everyone)
	check("a line after it", at)
	line(bridge.Said, bridge.ByRobot, bridge.Everyone)
	check("a robot's answer", time.Time{})
	say()
	state(bridge.StateAssigned)
	check("taken", at)
	state(bridge.StateClosed)
	check("closed", time.Time{})
}

func testList(f *fixture) {
	s := f.open()
	at := time.UnixMilli(1_700_000_000_000).UTC()
	number := 0
	open := func(state bridge.State, owner bridge.AgentID, waiting int) bridge.ConversationID {
		number++
		thread := bridge.ThreadRef(fmt.Sprint("t", number))
		var id bridge.ConversationID
		f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
			v, err := tx.SaveVisitor(bridge.Visitor{Endpoint: shop, Key: string(thread), Profile: bridge.Profile{Name: "Ida"}})
			f.must(err)
			c, err := tx.OpenConversation(bridge.Conversation{
				Kind: bridge.Guest, State: bridge.StateUnassigned, Endpoint: shop, Visitor: v.ID,
			}, lanes(thread))
			f.must(err)
			if waiting > 0 {
				en := said(c.ID, string(thread))
				en.At = at.Add(time.Duration(waiting) * time.Second)
				_, err = tx.Append(en)
				f.must(err)
			}
			id, c.State, c.Owner = c.ID, state, owner
			return tx.UpdateConversation(c)
		}))
		return id
	}
	late, never, early := open(bridge.StateUnassigned, 0, 9), open(bridge.StateUnassigned, 0, 0), open(bridge.StateUnassigned, 0, 3)
	mine := open(bridge.StateAssigned, 7, 5)
	open(bridge.StateClosed, 7, 1)
	gone := open(bridge.StateClosed, 8, 0)

	list := func(q bridge.ListQuery) (ids []bridge.ConversationID) {
		q.Limit = 10
		f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
			ids = nil
			listed, err := tx.List(q)
			for _, l := range listed {
				ids = append(ids, l.Conversation.ID)
			}
			return err
		}))
		return ids
	}
	for name, c := range map[string]struct {
		q    bridge.ListQuery
		want []bridge.ConversationID
	}{
		"longest waiting": {bridge.ListQuery{LongestWaiting: true}, []bridge.ConversationID{early, mine, late, never}},
		"one list":        {bridge.ListQuery{LongestWaiting: true, States: []bridge.State{bridge.StateUnassigned}}, []bridge.ConversationID{early, late, never}},
		"one agent's":     {bridge.ListQuery{Owner: 7}, []bridge.ConversationID{mine}},
		"closed":          {bridge.ListQuery{Owner: 8, States: []bridge.State{bridge.StateClosed}}, []bridge.ConversationID{gone}},
	} {
		if diff := cmp.Diff(c.want, list(c.q)); diff != "" {
			f.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	want := map[bridge.State]bridge.Tally{
		bridge.StateUnassigned: {State: bridge.StateUnassigned, Conversations: 3, Waiting: 2, Longest: at.Add(3 * time.Second)},
		bridge.StateAssigned:   {State: bridge.StateAssigned, Conversations: 1, Waiting: 1, Longest: at.Add(5 * time.Second)},
		bridge.StateClosed:     {State: bridge.StateClosed, Conversations: 2},
	}
	f.checkTallies(s, 10, want)
	want[bridge.StateClosed] = bridge.Tally{State: bridge.StateClosed, Conversations: 1}
	f.checkTallies(s, 1, want)
}

func (f *fixture) checkTallies(s *store.Store, most int, want map[bridge.State]bridge.Tally) {
	f.Helper()
	got := map[bridge.State]bridge.Tally{}
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		tallies, err := tx.Tallies(most)
		for _, t := range tallies {
			got[t.State] = t
		}
		return err
	}))
	if diff := cmp.Diff(want, got); diff != "" {
		f.Errorf("tallies (-want +got):\n%s", diff)
	}
}
