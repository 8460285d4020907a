package bridge

import (
	"context"
	"fmt"
)

// Query asks what an agent may want to choose who has typed so far what Text says.
type Query struct {
	Endpoint EndpointName
	Thread   ThreadRef // empty outside a conversation
	From     Person
	Word     string // the command
	Field    string // the field of its form, or the option of its native form
	Text     string
	Limit    int // how many choices there is room for
}

// Suggest implements Sink. Whoever is not in the team is suggested nothing.
func (d *Desk) Suggest(ctx context.Context, q Query) (choices []Choice, err error) {
	r, known := d.routes[q.Endpoint]
	if !known || r.Role != RoleTeam {
		return nil, fmt.Errorf("suggest: endpoint %q has no agents", q.Endpoint)
	}
	suggest := suggestions()[q.Field]
	if suggest == nil {
		return nil, nil
	}
	err = d.ledger.Look(ctx, func(tx Tx) error {
		agent, err := d.askers.find(tx, q.Endpoint, q.From.ID)
		if err != nil {
			return err
		}
		choices, err = suggest(d, tx, agent, q)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("suggest: %w", err)
	}
	return choices[:min(len(choices), q.Limit)], nil
}

// suggestions are those who know what can stand in a field, by its name.
func suggestions() map[string]func(d *Desk, tx Tx, agent Agent, q Query) ([]Choice, error) {
	return map[string]func(d *Desk, tx Tx, agent Agent, q Query) ([]Choice, error){
		ConversationField: suggestConversations,
		"agent":           suggestAgents,
		quickField:        suggestQuick,
	}
}
