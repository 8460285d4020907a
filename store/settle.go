package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/skeindesk/skein/bridge"
)

// Settle records what became of a part and moves the lane on; see bridge.LaneBook. ErrConflict when s.Thread is the
// thread of another conversation. The lane's cursor never goes back.
func (s *Store) Settle(ctx context.Context, l bridge.Lane, st bridge.Settlement) (bridge.Lane, error) {
	how := whole
	moves := st.Notice == nil && st.Also == nil && !st.Reopen && len(st.Forget) == 0 && // and nothing else
		(st.Receipt == nil || st.Receipt.Status != bridge.ReceiptFailed)
	atOnce := moves && st.Receipt != nil && s.dialect == onPostgres
	if atOnce || moves && st.Receipt == nil {
		how = single
	}
	var after laneRow
	err := s.writer.write(ctx, how, func(h handle) (err error) {
		if atOnce {
			after, err = h.settleAtOnce(l, st)
			return err
		}
		// Conversations are locked before lanes: whatever writes to the log must not wait for it with a lane in hand.
		t := &tx{handle: h}
		if st.Also != nil {
			if _, err := t.locked(l.Conversation); err != nil {
				return err
			}
		}
		if st.Notice != nil {
			if _, err := t.Append(*st.Notice); err != nil {
				return err
			}
		}
		if err := h.forget(l, st); err != nil {
			return err
		}
		if st.Receipt != nil {
			if err := h.saveReceipt(l, *st.Receipt); err != nil {
				return err
			}
			if st.Receipt.Status == bridge.ReceiptFailed {
				if err := t.CardChanged(l.Conversation); err != nil {
					return err
				}
			}
		}
		if after, err = h.advance(l, st); err != nil || st.Also == nil {
			return err
		}
		return st.Also(t)
	})
	return after.lane(), wrap("settle a part", err)
}

// settleAtOnce saves the receipt and moves the lane on, with one statement: to PostgreSQL, each is a journey.
func (h handle) settleAtOnce(l bridge.Lane, st bridge.Settlement) (laneRow, error) {
	return h.moved(`WITH moved AS (`+moveLane+`),
		receipt AS (`+insertReceipt+` SELECT cast(? AS BIGINT), cast(? AS TEXT), cast(? AS BIGINT), cast(? AS BIGINT),
			cast(? AS BIGINT), cast(? AS TEXT), cast(? AS TEXT), cast(? AS TEXT), `+receiptTime+` FROM moved `+orUpdateReceipt+`)
		SELECT * FROM moved`, append(moveArgs(l, st), receiptArgs(l, *st.Receipt)...))
}

// advance moves the lane on, if it is still claimed under l's epoch.
func (h handle) advance(l bridge.Lane, st bridge.Settlement) (laneRow, error) {
	return h.moved(moveLane, moveArgs(l, st))
}

func (h handle) moved(query string, args []any) (row laneRow, err error) {
	err = h.get(&row, query, args...)
	switch {
	case errors.Is(err, bridge.ErrNotFound):
		return row, bridge.ErrLost
	case err != nil && h.dialect.isTaken(err):
		return row, bridge.ErrConflict
	}
	return row, err
}

// moveLane starts the attempts anew: there was progress. What comes next has been waiting since now.
const moveLane = `UPDATE lanes SET
		cursor = CASE WHEN cursor < ? THEN ? ELSE cursor END,
		part = ?, reopened = reopened + ?, thread = CASE WHEN ? = 1 THEN ? ELSE thread END,
		card_due = CASE WHEN cast(? AS BIGINT) <> 0 AND card_due = ? THEN 0 ELSE card_due END,
		intent = '', intent_at = 0, attempt = 0, next_at = now_ms(),
		lease_until = CASE WHEN cursor >= head OR ? >= head THEN 0 ELSE lease_until END
	WHERE id = ? AND epoch = ? RETURNING ` + laneColumns

func moveArgs(l bridge.Lane, st bridge.Settlement) []any {
	part, reopened := st.Part, 0
	if st.Cursor != 0 {
		part = 0
	}
	thread, setThread := st.Thread, 0
	if st.Reopen {
		reopened, part = 1, 0
	}
	if st.Reopen || st.Thread != "" {
		setThread = 1
	}
	var shown int64 // the mark that an opening has taken care of: its card showed what was so after l was read
	if st.Thread != "" {
		shown = milli(l.CardDue)
	}
	return []any{st.Cursor, st.Cursor, part, reopened, setThread, thread, shown, shown, st.Cursor, l.ID, l.Epoch}
}

// forget drops receipts of messages that are gone: those that a deletion removed; when the thread itself is gone,
// the opening's and those of the entry that was being sent.
func (h handle) forget(l bridge.Lane, st bridge.Settlement) error {
	for _, gone := range st.Forget {
		_, err := h.exec(`DELETE FROM receipts WHERE conversation = ? AND endpoint = ? AND part = ? AND message = ?`,
			l.Conversation, l.Endpoint, gone.Part, gone.Message)
		if err != nil {
			return fmt.Errorf("forget a receipt: %w", err)
		}
	}
	if !st.Reopen {
		return nil
	}
	_, err := h.exec(`DELETE FROM receipts WHERE conversation = ? AND endpoint = ? AND (seq = 0 OR seq > ?)`,
		l.Conversation, l.Endpoint, l.Cursor)
	if err != nil {
		return fmt.Errorf("forget receipts: %w", err)
	}
	return nil
}

func (h handle) saveReceipt(l bridge.Lane, r bridge.Receipt) error {
	_, err := h.exec(insertReceipt+` VALUES (?, ?, ?, ?, ?, ?, ?, ?, `+receiptTime+`) `+orUpdateReceipt, receiptArgs(l, r)...)
	if err != nil {
		return fmt.Errorf("save a receipt: %w", err)
	}
	return nil
}

const (
	insertReceipt   = `INSERT INTO receipts (conversation, endpoint, seq, part, version, message, status, public, at)`
	receiptTime     = `coalesce(nullif(cast(? AS BIGINT), 0), now_ms())`
	orUpdateReceipt = `ON CONFLICT (conversation, endpoint, seq, part) DO UPDATE SET version = excluded.version,
		message = excluded.message, status = excluded.status, public = excluded.public, at = excluded.at`
)

func receiptArgs(l bridge.Lane, r bridge.Receipt) []any {
	return []any{l.Conversation, l.Endpoint, r.Seq, r.Part, r.Version, r.Message, r.Status, printable(r.Public), milli(r.At)}
}
