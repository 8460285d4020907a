package storetest

import (
	"github.com/skeindesk/skein/bridge"
)

// testThreadFor: who asks is known with the conversation, as they are now.
func testThreadFor(f *fixture) {
	s := f.open()
	f.conversation(s, []bridge.Lane{
		{Endpoint: shop, Role: bridge.RoleVisitor, Reads: true, Thread: "v"}, {Endpoint: slack, Role: bridge.RoleTeam, Thread: "t"},
	})
	asks := func(tx bridge.Tx, person string) (bridge.Agent, error) {
		f.Helper()
		conv, role, err := tx.ConversationByThreadFor(slack, "t", person)
		if f.must(err); conv.ID == 0 || role != bridge.RoleTeam {
			f.Fatalf("the thread is %+v as %s", conv, role)
		}
		return tx.AgentByPerson(slack, person)
	}
	f.change(s, func(tx bridge.Tx) {
		_, err := asks(tx, "U1")
		f.want(err, bridge.ErrNotFound)
		joined, err := tx.JoinAgent(slack, bridge.Person{ID: "U1", Name: "Ana"})
		f.must(err)
		got, err := asks(tx, "U1")
		if f.must(err); got.ID != joined.ID || got.Name != "Ana" || got.Rank != bridge.RankOwner {
			f.Errorf("who asks is %+v", got)
		}
		_, err = asks(tx, "U2")
		f.want(err, bridge.ErrNotFound)
		_, _, err = tx.ConversationByThreadFor(slack, "t", "U1")
		f.must(err)
		_, err = tx.AgentByPerson(slack, "U2") // another than was said
		f.want(err, bridge.ErrNotFound)
		_, _, err = tx.ConversationByThreadFor(slack, "t", "U1")
		f.must(err)
		got.Name, got.PublicName = "Anna", "Anna"
		f.must(tx.SaveAgent(got))
		if got, err = tx.AgentByPerson(slack, "U1"); err != nil || got.Name != "Anna" {
			f.Errorf("after a change it is %+v, %v", got, err)
		}
		_, _, err = tx.ConversationByThreadFor(slack, "none", "U1")
		f.want(err, bridge.ErrNotFound)
	})
}
