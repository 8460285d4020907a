package slack

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/skeindesk/skein/adapters/intake"
	"github.com/skeindesk/skein/bridge"
)

const (
	personTTL    = time.Hour        // how long a name is believed; user_change renews it sooner
	unknownTTL   = 30 * time.Second // how long we do not ask again after a failure
	lookUpTime   = 1500 * time.Millisecond
	maxPeople    = 10_000
	unknownAgent = "Agent"
)

// people remembers the names and pictures of a workspace's members. Safe for concurrent use.
type people struct {
	ask    func(ctx context.Context, id string) (bridge.Person, error)
	log    *slog.Logger
	flight singleflight.Group

	mu    sync.Mutex
	known map[string]remembered
}

type remembered struct {
	person bridge.Person
	until  time.Time
}

func newPeople(ask func(context.Context, string) (bridge.Person, error), log *slog.Logger) *people {
	return &people{ask: ask, log: log, known: map[string]remembered{}}
}

// get returns the person, asking Slack when needed. When Slack does not answer in a moment, an older name serves,
// or "Agent"; so it does when ctx ends.
func (p *people) get(ctx context.Context, id string) bridge.Person {
	old, fresh := p.recall(id)
	if fresh {
		return old
	}
	if old.Name == "" {
		old = bridge.Person{ID: id, Name: unknownAgent}
	}
	answer := p.flight.DoChan(id, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookUpTime)
		defer cancel()
		var person bridge.Person
		err := intake.Guard(p.log, "a person could not be looked up", func() (err error) {
			person, err = p.ask(ctx, id)
			return err
		})
		if err != nil {
			p.remember(old, unknownTTL)
			return old, nil
		}
		p.remember(person, personTTL)
		return person, nil
	})
	select {
	case found := <-answer:
		return found.Val.(bridge.Person)
	case <-ctx.Done():
		return old
	}
}

func (p *people) recall(id string) (person bridge.Person, fresh bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.known[id]
	return r.person, r.person.ID != "" && time.Now().Before(r.until)
}

func (p *people) remember(person bridge.Person, ttl time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.known) >= maxPeople {
		clear(p.known)
	}
	p.known[person.ID] = remembered{person, time.Now().Add(ttl)}
}

// change takes in a user_change event.
func (p *people) change(raw json.RawMessage) {
	var e userEvent
	if json.Unmarshal(raw, &e) == nil && e.User.V.ID != "" {
		p.remember(e.User.V.person(), personTTL)
	}
}

// lookUp asks users.info.
func (a *Adapter) lookUp(ctx context.Context, id string) (bridge.Person, error) {
	var answer struct {
		User user `json:"user"`
	}
	if err := a.call(ctx, "users.info", values("user", id), &answer); err != nil {
		return bridge.Person{}, failure("users.info", err)
	}
	answer.User.ID = text(id)
	return answer.User.person(), nil
}

func (u *user) person() bridge.Person {
	p := bridge.Person{ID: string(u.ID), Avatar: string(u.Profile.Image), Bot: u.IsBot || u.ID == "USLACKBOT"}
	for _, name := range []text{u.Profile.DisplayName, u.Profile.RealName, u.Name, unknownAgent} {
		if name != "" {
			p.Name = string(name)
			return p
		}
	}
	return p
}
