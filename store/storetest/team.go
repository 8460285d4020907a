package storetest

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/store"
)

// alike compares hours by what they say, and no languages with no languages.
var alike = cmp.Options{
	cmp.Comparer(func(a, b bridge.Hours) bool { return a.String() == b.String() }),
	cmp.Comparer(func(a, b []string) bool { return fmt.Sprint(a) == fmt.Sprint(b) }),
}

func (f *fixture) join(s *store.Store, e bridge.EndpointName, id string) (a bridge.Agent) {
	f.Helper()
	f.must(s.Change(f.Context(), func(tx bridge.Tx) (err error) {
		a, err = tx.JoinAgent(e, bridge.Person{ID: id, Name: id})
		return err
	}))
	return a
}

func (f *fixture) team(s *store.Store) (members []bridge.Member) {
	f.Helper()
	f.must(s.Change(f.Context(), func(tx bridge.Tx) (err error) {
		members, err = tx.Team(true)
		return err
	}))
	return members
}

// Of several who are the first at once one is the owner.
func testOneOwner(f *fixture) {
	s := f.open()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() { f.join(s, slack, fmt.Sprint("U", i)) })
	}
	wg.Wait()
	owners := 0
	for _, m := range f.team(s) {
		if m.Rank == bridge.RankOwner {
			owners++
		}
	}
	if owners != 1 {
		f.Errorf("the team has %d owners", owners)
	}
}

func testSaveAgent(f *fixture) {
	s := f.open()
	f.join(s, slack, "U1")
	ben := f.join(s, slack, "U2")
	hours, err := bridge.ParseHours("mon-fri 9-17:30 Europe/Berlin")
	f.must(err)
	ben.PublicName, ben.PublicAvatar, ben.Rank, ben.Languages = "Benjamin", "https://example.com/ben", bridge.RankAdmin, []string{"de", "pt-BR"}
	ben.Capacity, ben.Duty, ben.Hours, ben.Present, ben.Leaving, ben.Successor = 3, false, hours, false, true, 1
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error { return tx.SaveAgent(ben) }))
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		_, err := tx.JoinAgent(slack, bridge.Person{ID: "U2", Name: "Ben at work"})
		f.must(err)
		got, err := tx.Agent(ben.ID)
		ben.Name, ben.Avatar = "Benjamin", "https://example.com/ben" // the chosen name wins over the platform's
		if diff := cmp.Diff(ben, got, alike); diff != "" {
			f.Errorf("saved (-want +got):\n%s", diff)
		}
		ben.PublicName, ben.PublicAvatar = "", ""
		f.must(tx.SaveAgent(ben))
		if got, _ := tx.Agent(ben.ID); got.Name != "Ben at work" || got.Avatar != "" {
			f.Errorf("without a chosen name they are %q, %q", got.Name, got.Avatar)
		}
		return err
	}))
	ben.Removed = true
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error { return tx.SaveAgent(ben) }))
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		_, err := tx.AgentByPerson(slack, "U2")
		f.want(err, bridge.ErrNotFound)
		_, err = tx.JoinAgent(slack, bridge.Person{ID: "U2"})
		f.want(err, bridge.ErrNotFound)
		known, err := tx.Known(slack, "U2")
		if known.ID != ben.ID || !known.Removed {
			f.Errorf("who was removed is %+v", known)
		}
		return err
	}))
	if n := len(f.team(s)); n != 2 { // there is something to be given away
		f.Errorf("the team has %d members", n)
	}
	ben.Leaving = false
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error { return tx.SaveAgent(ben) }))
	if n := len(f.team(s)); n != 1 {
		f.Errorf("the team has %d members", n)
	}
}

func testTeam(f *fixture) {
	s := f.open()
	ana, ben := f.join(s, slack, "U1"), f.join(s, discord, "D1")
	f.must(s.Link(f.Context(), ana.ID, discord, "D2"))
	for i, state := range []bridge.State{bridge.StateAssigned, bridge.StateAssigned, bridge.StateClosed, bridge.StateUnassigned} {
		c := f.conversation(s, lanes(bridge.ThreadRef(fmt.Sprint("t", i))))
		c.State, c.Owner = state, ana.ID
		f.must(s.Change(f.Context(), func(tx bridge.Tx) error { return tx.UpdateConversation(c) }))
	}
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		f.must(tx.Turn(ben.ID))
		return tx.Turn(ana.ID)
	}))
	team := f.team(s)
	if len(team) != 2 || team[0].Open != 2 || team[1].Open != 0 || team[0].Turn <= team[1].Turn || team[1].Turn == 0 {
		f.Errorf("the team is %+v", team)
	}
	if fmt.Sprint(team[0].At, team[1].At) != "[discord slack] [discord]" {
		f.Errorf("they are known at %v and %v", team[0].At, team[1].At)
	}
}

func testInvitations(f *fixture) {
	s := f.open()
	take := func(hash string) (i bridge.Invitation, err error) {
		err = s.Change(f.Context(), func(tx bridge.Tx) error { i, err = tx.TakeInvitation(hash); return err })
		return i, err
	}
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		for hash, life := range map[string]time.Duration{"good": time.Minute, "old": -time.Second, "revoked": time.Minute} {
			f.must(tx.SaveInvitation(hash, bridge.Invitation{Rank: bridge.RankAdmin}, life))
		}
		return tx.SaveInvitation("mine", bridge.Invitation{Rank: bridge.RankAgent, Agent: 7}, time.Minute)
	}))
	got, err := take("good")
	f.must(err)
	if got != (bridge.Invitation{Rank: bridge.RankAdmin}) {
		f.Errorf("invitation %+v", got)
	}
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		f.must(tx.SaveInvitation("single", bridge.Invitation{Rank: bridge.RankAgent, By: 3}, time.Minute))
		f.must(tx.SaveInvitation("single", bridge.Invitation{Rank: bridge.RankAdmin, By: 4}, time.Hour))
		open, err := tx.Invitations()
		f.must(err)
		i := slices.IndexFunc(open, func(o bridge.OpenInvitation) bool { return o.Hash == "single" })
		if len(open) != 2 || i < 0 || open[i].By != 3 || open[i].Rank != bridge.RankAgent || time.Until(open[i].ExpiresAt) > time.Minute ||
			time.Since(open[i].Made) > time.Minute {
			f.Errorf("open invitations %+v", open)
		}
		f.must(tx.RevokeInvitation("single"))
		for _, hash := range []string{"single", "old", "mine"} {
			f.want(tx.RevokeInvitation(hash), bridge.ErrNotFound)
		}
		return nil
	}))
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		n, err := tx.RevokeInvitations()
		if n != 1 {
			f.Errorf("revoked %d", n)
		}
		return err
	}))
	for _, hash := range []string{"good", "old", "revoked", ""} {
		_, err := take(hash)
		f.want(err, bridge.ErrNotFound)
	}
	if got, err := take("mine"); err != nil || got.Agent != 7 {
		f.Errorf("invitation %+v, %v", got, err)
	}
}

func testUnowned(f *fixture) {
	s := f.open()
	changed := func(c bridge.Conversation, by bridge.SpeakerKind) {
		f.append(s, bridge.Entry{
			Conversation: c.ID, Kind: bridge.Changed, Audience: bridge.AgentsOnly, By: bridge.Speaker{Kind: by},
			State: bridge.StateUnassigned, At: time.Now(),
		})
	}
	empty, fresh, back := f.conversation(s, lanes("empty")), f.conversation(s, lanes("fresh")), f.conversation(s, lanes("back"))
	put, owned := f.conversation(s, lanes("put")), f.conversation(s, lanes("owned"))
	for _, c := range []bridge.Conversation{fresh, back, put, owned} {
		f.append(s, said(c.ID, fmt.Sprint(c.ID)))
	}
	changed(back, bridge.ByAgent)
	changed(back, bridge.BySystem)
	changed(put, bridge.ByAgent)
	owned.State = bridge.StateAssigned
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		f.must(tx.UpdateConversation(owned))
		got, err := tx.Unowned(10)
		if fmt.Sprint(got) != fmt.Sprint([]bridge.ConversationID{fresh.ID, back.ID}) {
			f.Errorf("without an owner are %v; %d has no line", got, empty.ID)
		}
		return err
	}))
}

func testClosedAt(f *fixture) {
	s := f.open()
	c := f.conversation(s, lanes("t"))
	set := func(state bridge.State) bridge.Conversation {
		c.State = state
		f.must(s.Change(f.Context(), func(tx bridge.Tx) error { return tx.UpdateConversation(c) }))
		got, err := s.Conversation(f.Context(), c.ID)
		f.must(err)
		return got
	}
	first := set(bridge.StateClosed)
	time.Sleep(2 * time.Millisecond)
	if again := set(bridge.StateClosed); first.ClosedAt.IsZero() || again.ClosedAt != first.ClosedAt {
		f.Errorf("closed at %v, and then at %v", first.ClosedAt, again.ClosedAt)
	}
	if open := set(bridge.StateUnassigned); !open.ClosedAt.IsZero() {
		f.Errorf("an open conversation was closed at %v", open.ClosedAt)
	}
}

func testReminded(f *fixture) {
	s := f.open()
	c, other := f.conversation(s, lanes("t")), f.conversation(s, lanes("u"))
	long := said(c.ID, "k")
	long.At = time.Now().Add(-time.Hour)
	f.append(s, long)
	f.append(s, said(other.ID, "o"))
	due := func(r bridge.Reminder) (ids []bridge.ConversationID) {
		f.must(s.Change(f.Context(), func(tx bridge.Tx) (err error) { ids, err = tx.Waiting(r, time.Minute, 10); return err }))
		return ids
	}
	if got := due(bridge.Remind); fmt.Sprint(got) != fmt.Sprint([]bridge.ConversationID{c.ID}) {
		f.Errorf("due are %v", got)
	}
	var wg sync.WaitGroup
	claims := make([]bool, 4)
	for i := range claims {
		wg.Go(func() {
			f.must(s.Change(f.Context(), func(tx bridge.Tx) (err error) {
				claims[i], err = tx.Reminded(c.ID, bridge.Remind, time.Minute)
				return err
			}))
		})
	}
	wg.Wait()
	claimed := 0
	for _, ok := range claims {
		if ok {
			claimed++
		}
	}
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		early, err := tx.Reminded(other.ID, bridge.Remind, time.Minute)
		if early {
			f.Error("people were called to a visitor who has just written")
		}
		return err
	}))
	if claimed != 1 || len(due(bridge.Remind)) != 0 || len(due(bridge.Escalate)) != 1 {
		f.Errorf("claimed %d times; then due are %v and %v", claimed, due(bridge.Remind), due(bridge.Escalate))
	}
}
