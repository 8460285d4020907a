package storetest

import (
	"sync"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// testSignIns: a way in is good once, for a while, and only for who is in the team; a session as long as its member is.
func testSignIns(f *fixture) {
	s := f.open()
	ana := f.join(s, slack, "UANA")
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		f.must(tx.SaveSignIn("old", bridge.SignIn{Agent: ana.ID}, -time.Second))
		return tx.SaveSignIn("good", bridge.SignIn{Agent: ana.ID, Path: "team"}, time.Minute)
	}))
	for range 2 {
		in, agent, err := s.SignIn(f.Context(), "good")
		f.must(err)
		if in.Path != "team" || agent.ID != ana.ID {
			f.Errorf("the way in is %+v of %+v", in, agent)
		}
	}
	in, err := s.BeginSession(f.Context(), "good", "session", time.Minute)
	f.must(err)
	if in.Path != "team" {
		f.Errorf("the way in is %+v", in)
	}
	for _, hash := range []string{"good", "old", "invented"} {
		_, err := s.BeginSession(f.Context(), hash, "another", time.Minute)
		f.want(err, bridge.ErrNotFound)
	}
	f.must(s.StartSession(f.Context(), "over", ana.ID, -time.Second))
	f.must(s.StartSession(f.Context(), "second", ana.ID, time.Minute))
	for hash, want := range map[string]error{"session": nil, "second": nil, "over": bridge.ErrNotFound, "another": bridge.ErrNotFound} {
		_, err := s.Session(f.Context(), hash)
		f.want(err, want)
	}
	f.must(s.EndSession(f.Context(), "second"))
	_, err = s.Session(f.Context(), "second")
	f.want(err, bridge.ErrNotFound)
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		ana.Removed = true
		return tx.SaveAgent(ana)
	}))
	_, err = s.Session(f.Context(), "session")
	f.want(err, bridge.ErrNotFound)
}

// testHandshakes: one is good once, whoever comes at the same time, and for a while; members are found by who they are
// elsewhere while they are members.
func testHandshakes(f *fixture) {
	s := f.open()
	shake := bridge.Handshake{Endpoint: slack, Path: "conversations/7?all"}
	f.must(s.BeginHandshake(f.Context(), "old", shake, -time.Second))
	_, err := s.EndHandshake(f.Context(), "old")
	f.want(err, bridge.ErrNotFound)
	f.must(s.BeginHandshake(f.Context(), "one", shake, time.Minute))
	f.must(s.BeginHandshake(f.Context(), "two", bridge.Handshake{Endpoint: "other"}, time.Minute))
	var wg sync.WaitGroup
	won := make(chan bridge.Handshake, 8)
	for range cap(won) {
		wg.Go(func() {
			if got, err := s.EndHandshake(f.Context(), "one"); err == nil {
				won <- got
			}
		})
	}
	wg.Wait()
	close(won)
	if n := len(won); n != 1 {
		f.Errorf("%d have come back with one handshake", n)
	}
	if got := <-won; got != shake {
		f.Errorf("it is %+v", got)
	}
	got, err := s.EndHandshake(f.Context(), "two")
	f.must(err)
	if got.Endpoint != "other" || got.Path != "" {
		f.Errorf("it is %+v", got)
	}

	ana := f.join(s, slack, "UANA")
	member, err := s.MemberByPerson(f.Context(), slack, "UANA")
	f.must(err)
	if member.ID != ana.ID {
		f.Errorf("the member is %+v", member)
	}
	_, err = s.MemberByPerson(f.Context(), "other", "UANA")
	f.want(err, bridge.ErrNotFound)
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		ana.Removed = true
		return tx.SaveAgent(ana)
	}))
	_, err = s.MemberByPerson(f.Context(), slack, "UANA")
	f.want(err, bridge.ErrNotFound)
}
