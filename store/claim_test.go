package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/store"
)

// claims is how often two agents claim the same conversation at the same instant.
const claims = 1000

// Of two agents who take a conversation at the same instant, one in Slack and one in Discord, each on an instance of its
// own, exactly one has it, and the other is told; and so of two who answer first. Of two who press it is the first one.
func TestTwoClaimAtOnce(t *testing.T) {
	for name, database := range map[string]func(testing.TB) string{"SQLite": sqliteDatabase, "Postgres": postgresDatabase} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := database(t)
			slack, discord := newClaimant(t, address, "slack", "ana"), newClaimant(t, address, "discord", "chloe")
			if name == "SQLite" { // which is one instance's
				discord.store = slack.store
				discord.desk = slack.desk
			}
			conv := slack.open(t)
			seen := int64(0)
			for i := range claims {
				var both sync.WaitGroup
				var answers [2]string
				for n, c := range []*claimant{slack, discord} {
					both.Go(func() { answers[n] = c.claim(t, i) })
				}
				both.Wait()
				seen = slack.check(t, conv, i, seen, answers[0]+answers[1])
			}
		})
	}
}

// claimant is an agent of one chat on one instance.
type claimant struct {
	store    *store.Store
	desk     *bridge.Desk
	endpoint bridge.EndpointName
	person   bridge.Person
}

func newClaimant(t *testing.T, address string, e bridge.EndpointName, name string) *claimant {
	t.Helper()
	s, err := store.Open(t.Context(), address, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	desk := bridge.NewDesk(bridge.DeskConfig{Ledger: s, Hub: bridge.NewHub(), Routes: []bridge.Route{
		{Endpoint: "shop", Role: bridge.RoleVisitor, Reads: true, Desk: []bridge.EndpointName{"slack", "discord"}},
		{Endpoint: "slack", Role: bridge.RoleTeam},
		{Endpoint: "discord", Role: bridge.RoleTeam},
	}})
	return &claimant{store: s, desk: desk, endpoint: e, person: bridge.Person{ID: name, Name: name}}
}

// open opens the conversation, with a thread in each chat.
func (c *claimant) open(t *testing.T) (id bridge.ConversationID) {
	t.Helper()
	err := c.store.Change(t.Context(), func(tx bridge.Tx) error {
		v, err := tx.SaveVisitor(bridge.Visitor{Endpoint: "shop", Key: "ida"})
		if err != nil {
			return err
		}
		conv, err := tx.OpenConversation(bridge.Conversation{
			Kind: bridge.Guest, State: bridge.StateUnassigned, Endpoint: "shop", Visitor: v.ID,
		}, []bridge.Lane{
			{Endpoint: "shop", Role: bridge.RoleVisitor, Reads: true, Thread: "ida"},
			{Endpoint: "slack", Role: bridge.RoleTeam, Thread: "thread"},
			{Endpoint: "discord", Role: bridge.RoleTeam, Thread: "thread"},
		})
		id = conv.ID
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// claim takes the conversation, by the card's button or as text, or answers in it. It returns what the agent is told.
func (c *claimant) claim(t *testing.T, round int) string {
	key := fmt.Sprint(c.endpoint, "-", round)
	if round%5 == 0 { // somebody who has never been heard of, also by what waits for them
		c.person = bridge.Person{ID: "new-" + key, Name: "new " + key}
	}
	said := bridge.Inbound{
		Endpoint: c.endpoint, Key: key, Kind: bridge.InSaid, Thread: "thread", Message: bridge.MessageRef(key), From: c.person, Body: rich.Of("!take"),
	}
	var err error
	var answer bridge.Answer
	switch round % 3 {
	case 0:
		answer, err = c.desk.Command(context.Background(), bridge.Invocation{
			Endpoint: c.endpoint, Key: key, Thread: "thread", From: c.person, Word: "take", Rest: bridge.TakeFree,
		})
	case 1:
		err = c.desk.Receive(context.Background(), said)
	case 2:
		said.Body = rich.Of("Good morning")
		err = c.desk.Receive(context.Background(), said)
	}
	if err != nil {
		t.Error(err)
	}
	return answer.Public
}

// check looks what came of a round, and puts the conversation back. It returns the last entry that it saw.
func (c *claimant) check(t *testing.T, id bridge.ConversationID, round int, seen int64, answer string) int64 {
	t.Helper()
	log, _, err := c.store.Visible(t.Context(), id, "slack", bridge.RoleTeam, seen, 50)
	if err != nil {
		t.Fatal(err)
	}
	conv, err := c.store.Conversation(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	var owners, told []string
	for _, en := range log {
		switch {
		case en.Kind == bridge.Changed:
			owners = append(owners, en.By.Name)
		case en.IsNotice():
			told = append(told, rich.Plain(en.Body))
		}
	}
	last := owners[len(owners)-1]
	if conv.State != bridge.StateAssigned || conv.OwnerName != last {
		t.Fatalf("round %d: the conversation is %s and %q owns it after %v", round, conv.State, conv.OwnerName, owners)
	}
	switch {
	case round%3 == 2 && len(owners) != 1:
		t.Fatalf("round %d: after two answers the conversation was given to %v", round, owners)
	case round%3 == 0 && (len(owners) != 1 || answer != "Nothing was changed: "+last+" took this conversation just before you. Take it over (!take)?"):
		t.Fatalf("round %d: after two presses it was given to %v, and the other was told %q", round, owners, answer)
	case round%3 == 1 && (len(owners) != 2 || len(told) != 1 || told[0] != last+" has taken this conversation over from "+owners[0]+"."):
		t.Fatalf("round %d: it was given to %v, and they were told %q", round, owners, told)
	}
	err = c.store.Change(t.Context(), func(tx bridge.Tx) error {
		conv.State, conv.Owner = bridge.StateUnassigned, 0
		return tx.UpdateConversation(conv)
	})
	if err != nil {
		t.Fatal(err)
	}
	return log[len(log)-1].Seq
}
