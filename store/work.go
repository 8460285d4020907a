package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// nextPage is how many entries Next looks at with one statement.
const nextPage = 16

// Next reads what the lane has to be told next; see bridge.LaneBook. It writes nothing: entries that do not matter
// to the lane are passed over again by every call until a Settle puts the cursor behind them.
func (s *Store) Next(ctx context.Context, l bridge.Lane) (bridge.Work, bool, error) {
	h := s.read(ctx)
	w, ok, err := h.nextWork(l)
	if !ok || err != nil {
		return bridge.Work{}, false, wrap("find the next entry", err)
	}
	en := w.Entry
	if l.Thread == "" && l.Role == bridge.RoleTeam {
		if w.Card, err = h.card(w.Conversation); err != nil {
			return bridge.Work{}, false, wrap("read what a card shows", err)
		}
	}
	if w.Conversation.LastSeq > en.Seq { // or there can be no version of it
		line := en.Seq
		if en.Kind == bridge.Edited {
			line = en.Target
		}
		newest, err := h.lastVersion(l.Conversation, line)
		switch {
		case err == nil && newest.Seq <= en.Seq:
		case err == nil:
			w.Newest = &newest
			if err := h.translate(l, &w); err != nil {
				return bridge.Work{}, false, wrap("read what a version says", err)
			}
		case !errors.Is(err, bridge.ErrNotFound):
			return bridge.Work{}, false, err
		}
	}
	if l.Part > 0 || en.Target != 0 || en.Kind == bridge.Changed { // else nothing of it has been settled, and it has no target
		if w.Settled, w.Target, err = h.receiptsFor(l, en); err != nil {
			return bridge.Work{}, false, wrap("read receipts", err)
		}
	}
	if err := h.relate(l, &w); err != nil {
		return bridge.Work{}, false, wrap("read what an entry refers to", err)
	}
	return w, true, nil
}

// workRow is an entry with its conversation and visitor: zero for colleagues.
type workRow struct {
	entryRow
	In  conversationRow
	Of  visitorRow
	Say renditionRow
}

const workColumns = entryColumns + `, c.id AS "in.id", c.kind AS "in.kind", c.state AS "in.state", c.endpoint AS "in.endpoint",
	coalesce(c.visitor, 0) AS "in.visitor", c.owner AS "in.owner",
	coalesce((SELECT ` + shownName + ` FROM agents a WHERE a.id = c.owner), '') AS "in.owner_name", c.last_seq AS "in.last_seq",
	c.opened_at AS "in.opened_at", c.updated_at AS "in.updated_at", c.waiting_since AS "in.waiting_since", c.rating AS "in.rating",
	c.tags AS "in.tags", c.language AS "in.language", c.language_sure AS "in.language_sure", c.auto AS "in.auto", coalesce(v.blocked, false) AS "in.blocked", coalesce(v.id, 0) AS "of.id",
	coalesce(v.endpoint, '') AS "of.endpoint", coalesce(v.key, '') AS "of.key", coalesce(v.verified, false) AS "of.verified",
	coalesce(v.profile, '') AS "of.profile", coalesce(v.page, '') AS "of.page", coalesce(v.locale, '') AS "of.locale",
	coalesce(v.seen_at, 0) AS "of.seen_at", coalesce(v.device, '') AS "of.device", coalesce(v.place, '') AS "of.place", coalesce(v.edited, '') AS "of.edited",
	coalesce(v.blocked, false) AS "of.blocked", coalesce(v.kept_out, 0) AS "of.kept_out",
	coalesce(t.from_language, '') AS "say.from_language", coalesce(t.to_language, '') AS "say.to_language",
	coalesce(t.body, '') AS "say.body"`

// relate reads what the entry refers to besides the receipts of its target: the message it answers where that was said
// at the lane's own endpoint, the root of the thread it belongs to, and the people it mentions.
func (h handle) relate(l bridge.Lane, w *bridge.Work) (err error) {
	en := w.Entry
	answers := en.Target != 0 && en.Kind != bridge.Edited && en.Kind != bridge.Deleted
	if answers && len(w.Target) == 0 {
		if w.Target, err = h.said(en.Conversation, l.Endpoint, en.Target); err != nil {
			return err
		}
	}
	threaded := answers && en.Kind == bridge.Said || en.Kind == bridge.Edited
	if threaded && w.Conversation.Kind == bridge.Colleagues {
		if w.Root, err = h.rootFor(l, en); err != nil {
			return err
		}
	}
	if en.Kind == bridge.Reacted || en.Kind == bridge.Unreacted {
		w.Has, err = h.hasReaction(en, l.Endpoint)
		return err
	}
	if l.Role != bridge.RoleTeam || en.By.Kind != bridge.ByAgent && !en.IsNotice() {
		return nil
	}
	people := rich.Mentioned(en.Body)
	if w.Newest != nil {
		people = append(people, rich.Mentioned(w.Newest.Body)...)
	}
	if en.IsNotice() {
		w.People, err = h.called(people, l.Endpoint)
		return err
	}
	w.People, err = h.linked(en.Origin.Endpoint, people, l.Endpoint)
	return err
}

// nextWork reads the next entry that matters to the lane, and what there is to know of its conversation.
func (h handle) nextWork(l bridge.Lane) (w bridge.Work, ok bool, err error) {
	for after := l.Cursor; after < l.Head; {
		var rows []workRow
		err := h.all(&rows, `SELECT `+workColumns+` FROM entries e JOIN conversations c ON c.id = e.conversation
			LEFT JOIN visitors v ON v.id = c.visitor
			LEFT JOIN translations t ON t.conversation = e.conversation AND t.seq = e.seq AND t.endpoint = ?
			WHERE e.conversation = ? AND e.seq > ? AND e.seq <= ?
			ORDER BY e.seq LIMIT ?`, l.Endpoint, l.Conversation, after, l.Head, nextPage)
		if err != nil {
			return bridge.Work{}, false, err
		}
		for _, r := range rows {
			en, err := r.entry()
			if err != nil {
				return bridge.Work{}, false, err
			}
			if l.Minds(en) {
				v, err := r.Of.visitor()
				w := bridge.Work{Entry: en, Conversation: r.In.conversation(), Visitor: v}
				return w, err == nil, cmp.Or(err, r.Say.add(&w, en.Seq))
			}
			after = en.Seq
		}
		if len(rows) < nextPage {
			break
		}
	}
	return bridge.Work{}, false, nil
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
