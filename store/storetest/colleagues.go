package storetest

import (
	"fmt"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/store"
)

// gather makes slack's and discord's channels of these names the colleague conversation; "" leaves one out.
func (f *fixture) gather(s *store.Store, inSlack, inDiscord bridge.ThreadRef) {
	f.Helper()
	var lanes []bridge.Lane
	for _, l := range []bridge.Lane{{Endpoint: slack, Thread: inSlack}, {Endpoint: discord, Thread: inDiscord}} {
		if l.Role = bridge.RoleTeam; l.Thread != "" {
			lanes = append(lanes, l)
		}
	}
	for { // as the Desk does
		err := s.Change(f.Context(), func(tx bridge.Tx) error { return tx.Gather(lanes) })
		if err == nil {
			return
		}
		f.want(err, bridge.ErrConflict)
	}
}

// colleagues gathers "here" and "there" and returns their conversation.
func (f *fixture) colleagues(s *store.Store) bridge.ConversationID {
	f.Helper()
	f.gather(s, "here", "there")
	c, err := s.ConversationAt(f.Context(), slack, "here")
	f.must(err)
	return c.ID
}

// colleague is what somebody said at an endpoint.
func colleague(c bridge.ConversationID, e bridge.EndpointName, key string, target int64) bridge.Entry {
	en := said(c, key)
	en.Audience, en.By.Kind, en.Origin.Endpoint, en.Target = bridge.AgentsOnly, bridge.ByAgent, e, target
	return en
}

func testGather(f *fixture) {
	s := f.open()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { f.gather(s, "here", "there") })
	}
	wg.Wait()
	c := f.colleagues(s)
	if other, err := s.ConversationAt(f.Context(), discord, "there"); err != nil || other.ID != c || other.Kind != bridge.Colleagues {
		f.Fatalf("the other channel belongs to %+v, %v", other, err)
	}
	f.append(s, colleague(c, slack, "1", 0))
	since := func(want bridge.ThreadRef) time.Time {
		f.Helper()
		open, err := s.OpenThreads(f.Context(), discord, time.Time{})
		f.must(err)
		if len(open) != 1 || open[0].Thread != want || open[0].Since.IsZero() {
			f.Fatalf("open threads %+v, want %q", open, want)
		}
		return open[0].Since
	}
	before := since("there")
	time.Sleep(2 * time.Millisecond)
	f.gather(s, "here", "there")
	if again := since("there"); !again.Equal(before) {
		f.Errorf("the channel belongs to it since %v, before it was %v", again, before)
	}
	f.gather(s, "here", "elsewhere")
	if moved := since("elsewhere"); !moved.After(before) {
		f.Errorf("a new channel belongs to it since %v, the old one since %v", moved, before)
	}
	if l := f.lane(s, c, discord); l.Cursor != 0 || l.Head != 1 || l.Reads {
		f.Errorf("moved, the lane is %+v", l)
	}
	claimed, err := s.Claim(f.Context(), []bridge.EndpointName{discord}, nil, time.Minute, 9)
	f.must(err)
	f.gather(s, "here", "")
	_, err = s.Settle(f.Context(), claimed[0], bridge.Settlement{Part: 1}) // by an instance that has not heard of it
	f.want(err, bridge.ErrLost)
	f.append(s, colleague(c, slack, "2", 0))
	f.nothingDue(s)
	f.gather(s, "here", "there")
	f.append(s, colleague(c, slack, "3", 0))
	if l := f.lane(s, c, discord); l.Cursor != 2 || l.Head != 3 || l.Reads || l.Thread != "there" {
		f.Errorf("named again, the lane is %+v", l)
	}
}

func testReact(f *fixture) {
	s := f.open()
	c := f.colleagues(s)
	line := f.append(s, colleague(c, slack, "1", 0))
	react := func(e bridge.EndpointName, person string, has bool) (changed bool) {
		f.Helper()
		f.must(s.Change(f.Context(), func(tx bridge.Tx) (err error) {
			changed, err = tx.React(bridge.Reaction{Conversation: c, Target: line.Seq, Emoji: "🎉", Endpoint: e, Person: person}, has)
			return err
		}))
		return changed
	}
	if !react(slack, "U1", true) || react(slack, "U1", true) || react(slack, "U2", false) {
		f.Error("it does not say what changed")
	}
	en := colleague(c, slack, "2", line.Seq)
	en.Kind, en.Body = bridge.Reacted, rich.Of("🎉")
	f.append(s, en)
	l := f.lane(s, c, discord)
	l.Cursor = line.Seq
	for _, step := range []struct {
		e    bridge.EndpointName
		has  bool
		want bool
	}{{slack, true, true}, {discord, true, true}, {slack, false, false}} {
		react(step.e, "U1", step.has)
		w, ok, err := s.Next(f.Context(), l)
		f.must(err)
		if !ok || w.Has != step.want {
			f.Errorf("after %+v somebody elsewhere has it: %v", step, w.Has)
		}
	}
}

func testUnreact(f *fixture) {
	s := f.open()
	c := f.colleagues(s)
	first, second := f.append(s, colleague(c, slack, "1", 0)), f.append(s, colleague(c, slack, "2", 0))
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		for _, r := range []bridge.Reaction{
			{Target: first.Seq, Endpoint: slack, Emoji: "a", Person: "U1"},
			{Target: first.Seq, Endpoint: slack, Emoji: "a", Person: "U2"},
			{Target: first.Seq, Endpoint: slack, Emoji: "b", Person: "U1"},
			{Target: first.Seq, Endpoint: slack, Emoji: "c", Person: "U1"},
			{Target: first.Seq, Endpoint: discord, Emoji: "a", Person: "D1"},
			{Target: second.Seq, Endpoint: slack, Emoji: "a", Person: "U1"},
		} {
			r.Conversation = c
			if _, err := tx.React(r, true); err != nil {
				return err
			}
		}
		for _, step := range []struct {
			target int64
			e      bridge.EndpointName
			emoji  string
			had    string
		}{
			{first.Seq, slack, "a", "[a]"},
			{first.Seq, slack, "a", "[]"},
			{first.Seq, slack, "", "[b c]"},
			{first.Seq, slack, "", "[]"},
			{first.Seq, discord, "", "[a]"},
			{second.Seq, slack, "", "[a]"},
		} {
			had, err := tx.Unreact(c, step.target, step.e, step.emoji)
			if err != nil || fmt.Sprint(had) != step.had {
				f.Errorf("%+v: %v, %v", step, had, err)
			}
		}
		return nil
	}))
}

func testRelations(f *fixture) {
	s := f.open()
	c := f.colleagues(s)
	var ana bridge.Agent
	f.must(s.Change(f.Context(), func(tx bridge.Tx) (err error) {
		ana, err = tx.JoinAgent(discord, bridge.Person{ID: "D1", Name: "Ana"})
		return err
	}))
	f.must(s.Link(f.Context(), ana.ID, slack, "U1"))
	root := f.append(s, colleague(c, slack, "root", 0))
	answer := f.append(s, colleague(c, slack, "answer", root.Seq))
	en := colleague(c, discord, "further", answer.Seq)
	en.Body = rich.Doc{{Kind: rich.Paragraph, Children: []rich.Node{
		{Kind: rich.Mention, Text: "Ana", Info: "D1"}, {Kind: rich.Mention, Text: "Zoe", Info: "D2"},
	}}}
	f.append(s, en)
	w, ok, err := s.Next(f.Context(), f.lane(s, c, slack))
	f.must(err)
	if !ok || len(w.Target) != 1 || w.Target[0].Message != "m-answer" || len(w.Root) != 1 || w.Root[0].Message != "m-root" {
		f.Errorf("it answers %+v in the thread of %+v", w.Target, w.Root)
	}
	if diff := cmp.Diff(map[string]bridge.Person{"D1": {ID: "U1", Name: "Ana"}}, w.People); diff != "" {
		f.Errorf("people (-want +got):\n%s", diff)
	}
	deleted := own(c)
	deleted.Kind, deleted.Audience, deleted.Target = bridge.Deleted, bridge.Only(discord), root.Seq
	f.append(s, deleted)
	w, _, err = s.Next(f.Context(), f.lane(s, c, slack))
	f.must(err)
	if len(w.Target) != 1 || len(w.Root) != 0 {
		f.Errorf("after the root was deleted it answers %+v in the thread of %+v", w.Target, w.Root)
	}
}

func testLongMessageRefs(f *fixture) {
	s := f.open()
	c := f.colleagues(s)
	line := f.append(s, colleague(c, discord, "1", 0))
	l := f.claim(s, time.Minute)
	sending := func() (is bool) {
		f.must(s.Change(f.Context(), func(tx bridge.Tx) (err error) {
			_, is, err = tx.Sending(c, slack)
			return err
		}))
		return is
	}
	f.must(s.Intend(f.Context(), l, "key", time.Minute))
	if !sending() {
		f.Error("a part is under way and it is not known")
	}
	_, err := s.Settle(f.Context(), l, bridge.Settlement{
		Cursor: line.Seq, Receipt: &bridge.Receipt{Seq: line.Seq, Message: "C/1/F1,F2", Status: bridge.ReceiptSent},
	})
	f.must(err)
	if sending() {
		f.Error("a part that is settled is still under way")
	}
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		for m, found := range map[bridge.MessageRef]bool{"C/1": true, "C/1/F1,F2": true, "C/1/F1": false, "C/10": false, "": false} {
			en, err := tx.EntryByMessage(slack, m)
			if (err == nil) != found || found && en.Seq != line.Seq {
				return fmt.Errorf("%q: %d, %w", m, en.Seq, err)
			}
		}
		return nil
	}))
}
