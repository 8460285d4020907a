package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// markCards marks the cards of a conversation. A mark moves with every change, so that whoever has shown an older truth
// does not take it away, but hardly: what is changed all the time is shown all the same.
const markCards = `UPDATE lanes SET card_due = ` + movedMark + ` WHERE role = 'team' AND conversation `

// movedMark waits a moment for what else is about to change.
const movedMark = `CASE WHEN card_due = 0 THEN now_ms() + 300 ELSE card_due + 1 END`

// CardChanged marks the conversation's cards; see bridge.Tx.
func (t *tx) CardChanged(c bridge.ConversationID) error {
	_, err := t.exec(markCards+`= ?`, c)
	return wrap("mark a card", err)
}

// cardsOfVisitor marks the cards of what is open of a visitor's.
func (t *tx) cardsOfVisitor(v bridge.VisitorID) error {
	_, err := t.exec(markCards+`IN (SELECT c.id FROM conversations c WHERE c.visitor = ? AND c.state <> 'closed')`, v)
	return wrap("mark a visitor's cards", err)
}

// DueCards lists lanes whose card is to be changed; see bridge.LaneBook.
func (s *Store) DueCards(ctx context.Context, e bridge.EndpointName, limit int) ([]bridge.Lane, error) {
	var rows []laneRow
	err := s.read(ctx).all(&rows, `SELECT `+laneColumns+` FROM lanes l WHERE l.endpoint = ? AND l.card_due <> 0
			AND l.card_due <= now_ms() AND length(l.thread) > 0
			AND NOT EXISTS (SELECT 1 FROM endpoints p WHERE p.name = l.endpoint AND p.paused_until > now_ms())
		ORDER BY l.card_due LIMIT ?`, e, limit)
	lanes := make([]bridge.Lane, len(rows))
	for i, r := range rows {
		lanes[i] = r.lane()
	}
	return lanes, wrap("look for cards", err)
}

// Card reads what the lane's card has to show; see bridge.LaneBook.
func (s *Store) Card(ctx context.Context, lane bridge.LaneID) (bridge.Lane, bridge.Work, error) {
	h := s.read(ctx)
	l, w, err := h.cardWork(lane)
	return l, w, wrap("read what a card shows", err)
}

func (h handle) cardWork(lane bridge.LaneID) (l bridge.Lane, w bridge.Work, err error) {
	var row laneRow
	if err = h.get(&row, `SELECT `+laneColumns+` FROM lanes WHERE id = ?`, lane); err != nil {
		return l, w, err
	}
	l = row.lane() // before what it shows is read: what changes meanwhile moves the mark
	if w.Conversation, err = h.conversation(`c.id = ?`, l.Conversation); err != nil {
		return l, w, err
	}
	w.Visitor, err = h.visitor(`SELECT `+visitorColumns+` FROM visitors v WHERE v.id = ?`, w.Conversation.Visitor)
	if err != nil && !errors.Is(err, bridge.ErrNotFound) {
		return l, w, err
	}
	if _, w.Target, err = h.receiptsFor(l, bridge.Entry{Conversation: l.Conversation, Seq: -1, Kind: bridge.Changed}); err != nil {
		return l, w, err
	}
	w.Card, err = h.card(w.Conversation)
	return l, w, err
}

// card reads what a card shows besides the conversation and its visitor. A failure is shown until something later has
// got through at the same place.
func (h handle) card(c bridge.Conversation) (*bridge.Card, error) {
	card := bridge.Card{}
	err := h.get(&card.Earlier, `SELECT count(*) FROM conversations c WHERE c.visitor = ? AND c.id < ?`, c.Visitor, c.ID)
	if err != nil {
		return nil, fmt.Errorf("count earlier conversations: %w", err)
	}
	var row struct {
		Endpoint bridge.EndpointName
		Public   string
		At       int64
	}
	err = h.get(&row, `SELECT r.endpoint, r.public, r.at FROM receipts r WHERE r.conversation = ? AND r.status = 'failed'
			AND NOT EXISTS (SELECT 1 FROM receipts s WHERE s.conversation = r.conversation AND s.endpoint = r.endpoint
				AND s.seq > r.seq AND s.status = 'sent')
		ORDER BY r.at DESC LIMIT 1`, c.ID)
	if errors.Is(err, bridge.ErrNotFound) {
		return &card, nil
	}
	card.Failure = &bridge.CardFailure{Endpoint: row.Endpoint, Public: row.Public, At: moment(row.At)}
	return &card, err
}

// CardShown takes the mark from a lane, unless it has moved since l was read.
func (s *Store) CardShown(ctx context.Context, l bridge.Lane) error {
	return s.moveMark(ctx, "note a card", l, `0`)
}

// DeferCard lets the card wait, unless the mark has moved since l was read.
func (s *Store) DeferCard(ctx context.Context, l bridge.Lane, after time.Duration) error {
	return s.moveMark(ctx, "defer a card", l, `now_ms() + ?`, after.Milliseconds())
}

func (s *Store) moveMark(ctx context.Context, operation string, l bridge.Lane, to string, args ...any) error {
	args = append(args, l.ID, milli(l.CardDue))
	return wrap(operation, s.writer.write(ctx, relaxed, func(h handle) error {
		_, err := h.exec(`UPDATE lanes SET card_due = `+to+` WHERE id = ? AND card_due = ?`, args...)
		return err
	}))
}
