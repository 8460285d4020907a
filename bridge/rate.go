package bridge

import (
	"context"
	"errors"
	"fmt"

	"github.com/skeindesk/skein/bridge/rich"
)

// Scores of a rating, worst and best.
const (
	MinScore = 1
	MaxScore = 5
)

// Rate logs what a visitor thinks of how they were served. in names the endpoint, key, thread and person; its body is
// the visitor's comment, if any. ErrNotFound when there is no conversation yet; a *Problem for a score out of range.
// The same key again changes nothing.
func (d *Desk) Rate(ctx context.Context, in Inbound, score int) error {
	if score < MinScore || score > MaxScore {
		return &Problem{Code: "bad_score", Public: fmt.Sprintf("A score is a whole number from %d to %d.", MinScore, MaxScore)}
	}
	body := rich.Of(fmt.Sprintf("%d of %d", score, MaxScore))
	if !rich.IsEmpty(in.Body) {
		body = append(body, in.Body...)
	}
	var c change
	err := d.ledger.Change(ctx, func(tx Tx) error {
		c = change{tx: tx}
		conv, role, err := tx.ConversationByThread(in.Endpoint, in.Thread)
		if err != nil {
			return err
		}
		if role != RoleVisitor {
			return ErrNotFound
		}
		by := Speaker{Kind: ByVisitor, ID: int64(conv.Visitor), Name: in.From.Name, Avatar: in.From.Avatar}
		return c.write(Entry{
			Conversation: conv.ID, Kind: Rated, Audience: AgentsOnly, By: by,
			Origin: Origin{Endpoint: in.Endpoint, Key: in.Key}, Body: body, At: in.At,
		})
	})
	switch {
	case errors.Is(err, ErrSeen):
		return nil
	case err != nil:
		return fmt.Errorf("rate: %w", err)
	}
	d.announce(c.written)
	return nil
}
