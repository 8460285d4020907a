package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/skeindesk/skein/bridge"
)

// nextPage is how many entries Next looks at with one statement.
const nextPage = 16

// Next reads what the lane has to be told next; see bridge.LaneBook. It writes nothing: entries that do not matter
// to the lane are passed over again by every call until a Settle puts the cursor behind them.
func (s *Store) Next(ctx context.Context, l bridge.Lane) (bridge.Work, bool, error) {
	h := s.read(ctx)
	en, ok, err := h.nextEntry(l)
	if !ok || err != nil {
		return bridge.Work{}, false, wrap("find the next entry", err)
	}
	w := bridge.Work{Entry: en}
	if w.Conversation, w.Visitor, err = h.conversationAndVisitor(l.Conversation); err != nil {
		return bridge.Work{}, false, wrap("read the next entry's conversation", err)
	}
	if w.Conversation.LastSeq > en.Seq { // or there can be no version of it
		newest, err := h.lastVersion(l.Conversation, en.Seq)
		switch {
		case err == nil:
			w.Newest = &newest
		case !errors.Is(err, bridge.ErrNotFound):
			return bridge.Work{}, false, err
		}
	}
	if w.Settled, w.Target, err = h.receiptsFor(l, en); err != nil {
		return bridge.Work{}, false, wrap("read receipts", err)
	}
	return w, true, nil
}

func (h handle) nextEntry(l bridge.Lane) (bridge.Entry, bool, error) {
	for after := l.Cursor; after < l.Head; {
		var rows []entryRow
		err := h.all(&rows, `SELECT `+entryColumns+` FROM entries e WHERE e.conversation = ? AND e.seq > ? AND e.seq <= ?
			ORDER BY e.seq LIMIT ?`, l.Conversation, after, l.Head, nextPage)
		if err != nil {
			return bridge.Entry{}, false, err
		}
		for _, r := range rows {
			en, err := r.entry()
			if err != nil {
				return bridge.Entry{}, false, err
			}
			if l.Minds(en) {
				return en, true, nil
			}
			after = en.Seq
		}
		if len(rows) < nextPage {
			break
		}
	}
	return bridge.Entry{}, false, nil
}

func (h handle) conversationAndVisitor(id bridge.ConversationID) (bridge.Conversation, bridge.Visitor, error) {
	var row struct {
		conversationRow
		Of visitorRow // zero for colleagues
	}
	err := h.get(&row, `SELECT `+conversationColumns+`, coalesce(v.id, 0) AS "of.id", coalesce(v.endpoint, '') AS "of.endpoint",
		coalesce(v.key, '') AS "of.key", coalesce(v.verified, false) AS "of.verified", coalesce(v.profile, '') AS "of.profile",
		coalesce(v.page, '') AS "of.page", coalesce(v.locale, '') AS "of.locale", coalesce(v.seen_at, 0) AS "of.seen_at"
		FROM conversations c LEFT JOIN visitors v ON v.id = c.visitor WHERE c.id = ?`, id)
	if err != nil {
		return bridge.Conversation{}, bridge.Visitor{}, err
	}
	v, err := row.Of.visitor()
	return row.conversation(), v, err
}

func (h handle) conversation(where string, args ...any) (bridge.Conversation, error) {
	var row conversationRow
	if err := h.get(&row, `SELECT `+conversationColumns+` FROM conversations c WHERE `+where, args...); err != nil {
		return bridge.Conversation{}, err
	}
	return row.conversation(), nil
}

// receiptsFor reads the receipts here of the entry and of its target; of the opening for a change of state.
func (h handle) receiptsFor(l bridge.Lane, en bridge.Entry) (settled, target []bridge.Receipt, err error) {
	other := en.Target
	if other == 0 && en.Kind != bridge.Changed {
		other = en.Seq // none: the opening's are not asked for
	}
	var rows []receiptRow
	err = h.all(&rows, `SELECT seq, part, version, message, status, public, at FROM receipts
		WHERE conversation = ? AND endpoint = ? AND seq IN (?, ?) ORDER BY seq, part`,
		l.Conversation, l.Endpoint, en.Seq, other)
	if err != nil {
		return nil, nil, fmt.Errorf("entry %d.%d: %w", en.Conversation, en.Seq, err)
	}
	for _, r := range rows {
		if r.Seq == en.Seq {
			settled = append(settled, r.receipt())
		} else {
			target = append(target, r.receipt())
		}
	}
	return settled, target, nil
}
