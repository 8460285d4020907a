package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/skeindesk/skein/bridge"
)

// Say appends what a visitor says in a thread whose conversation is open; see bridge.Ledger. On PostgreSQL it is one
// statement instead of a transaction of four: nearly everything that a busy desk is told comes this way.
func (s *Store) Say(ctx context.Context, thread bridge.ThreadRef, en bridge.Entry) (bridge.Entry, error) {
	if en.Audience != bridge.Everyone || en.Origin.Endpoint == "" || en.Target != 0 || len(en.Files) > 0 {
		return bridge.Entry{}, errors.New("say: not a visitor's plain line")
	}
	var err error
	if s.dialect == onPostgres {
		err = s.writer.write(ctx, single, func(h handle) error { return h.say(thread, &en) })
	} else {
		err = s.Change(ctx, func(t bridge.Tx) (err error) { en, err = sayInSteps(t, thread, en); return err })
	}
	if errors.Is(err, bridge.ErrNotFound) || errors.Is(err, bridge.ErrSeen) {
		return bridge.Entry{}, err
	}
	return en, wrap("say", err)
}

func sayInSteps(t bridge.Tx, thread bridge.ThreadRef, en bridge.Entry) (bridge.Entry, error) {
	conv, _, err := t.ConversationByThread(en.Origin.Endpoint, thread)
	if err != nil {
		return en, err
	}
	if conv.State == bridge.StateClosed || conv.State == bridge.StateRobot || conv.Listening || conv.Blocked {
		return en, bridge.ErrNotFound
	}
	en.Conversation, en.By.ID = conv.ID, int64(conv.Visitor)
	return t.Append(en)
}

// say takes the key for new unless it sees it in the log: a repeat at the same moment fails as a whole. It finds nothing
// where the lanes became others while it waited for the conversation, for it would not see the new ones. What the line
// matters to is what bridge.Lane.Minds says of a visitor's line; the card changes when the waiting begins.
func (h handle) say(thread bridge.ThreadRef, en *bridge.Entry) error {
	body, err := encodeList(en.Body)
	if err != nil {
		return fmt.Errorf("body: %w", err)
	}
	var row struct {
		ID      bridge.ConversationID
		Visitor int64
		LastSeq int64 `db:"last_seq"`
	}
	err = h.get(&row, `WITH numbered AS (
			UPDATE conversations c SET last_seq = c.last_seq + 1, updated_at = now_ms(),
				waiting_since = coalesce(nullif(c.waiting_since, 0), nullif(cast(? AS BIGINT), 0), now_ms()) FROM lanes l
			WHERE l.endpoint = ? AND l.thread = ? AND l.thread <> '' AND c.id = l.conversation AND c.state NOT IN ('closed', 'robot') AND NOT c.listening
				AND NOT EXISTS (SELECT 1 FROM visitors b WHERE b.id = c.visitor AND b.blocked)
				AND c.lanes_changed = `+lanesSeen+`
				AND NOT EXISTS (SELECT 1 FROM entries WHERE endpoint = ? AND key = ? AND endpoint <> '')
			RETURNING c.id, coalesce(c.visitor, 0) AS visitor, c.last_seq, c.waiting_since),
		written AS (`+intoEntries+` SELECT id, last_seq, cast(? AS TEXT), cast(? AS TEXT), cast(? AS TEXT), visitor,
			cast(? AS TEXT), cast(? AS TEXT), cast(? AS TEXT), cast(? AS TEXT), cast(? AS TEXT), 0, cast(? AS TEXT), '', '',
			cast(? AS BIGINT), '', 0 FROM numbered),
		raised AS (UPDATE lanes SET head = last_seq, next_at = CASE WHEN cursor < head THEN next_at ELSE now_ms() END,
			card_due = CASE WHEN role = 'team' AND n.waiting_since = cast(? AS BIGINT) THEN `+movedMark+` ELSE card_due END
			FROM numbered n WHERE conversation = n.id AND NOT reads AND endpoint <> ?)
		SELECT id, visitor, last_seq FROM numbered`,
		milli(en.At), en.Origin.Endpoint, thread, en.Origin.Endpoint, en.Origin.Key,
		en.Kind, en.Audience, en.By.Kind, printable(en.By.Name), printable(en.By.Avatar),
		en.Origin.Endpoint, en.Origin.Key, en.Origin.Message, body, milli(en.At), milli(en.At), en.Origin.Endpoint)
	if err != nil {
		if h.dialect.isTaken(err) {
			return bridge.ErrSeen
		}
		return err
	}
	en.Conversation, en.Seq, en.By.ID = row.ID, row.LastSeq, row.Visitor
	return nil
}
