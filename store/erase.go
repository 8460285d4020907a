package store

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge"
)

var _ bridge.EraseBook = (*Store)(nil)

// inUse asks of a visitor v whether a conversation of theirs, or of the visitor as whom they go on, is open or was used after
// a moment, which it takes twice.
const inUse = `EXISTS (SELECT 1 FROM conversations c WHERE c.visitor = v.id AND EXISTS (SELECT 1 FROM conversations o
	WHERE (o.visitor = c.visitor OR o.visitor = (SELECT j.visitor FROM conversations j WHERE j.id = c.joined))
	AND (o.state <> 'closed' OR o.updated_at > ? OR o.closed_at > ?)))`

// greetedAtOnce is how many visitors are looked at for those who have never written.
const greetedAtOnce = 1000

// EraseTurn takes the turn; see bridge.EraseBook.
func (s *Store) EraseTurn(ctx context.Context, every time.Duration) (taken bool, err error) {
	err = s.writer.write(ctx, single, func(h handle) error {
		n, err := h.exec(`UPDATE erasing SET next_at = now_ms() + ? WHERE next_at <= now_ms()`, every.Milliseconds())
		taken = n > 0
		return err
	})
	return taken, wrap("take the turn to erase", err)
}

// EraseIdle erases what is held of visitors who have not been here for long; see bridge.EraseBook.
func (s *Store) EraseIdle(ctx context.Context, before time.Time, limit int) (erased int, more bool, err error) {
	cutoff, h := milli(before), s.read(ctx)
	var found []bridge.VisitorID
	err = h.all(&found, `SELECT v.id FROM conversations e JOIN visitors v ON v.id = e.visitor
		WHERE e.kind = 'guest' AND e.state = 'closed' AND e.erased_at = 0 AND e.updated_at <= ? AND NOT `+inUse+`
		ORDER BY e.updated_at LIMIT ?`, cutoff, cutoff, cutoff, limit)
	if err != nil {
		return 0, false, wrap("look for what is to be erased", err)
	}
	done := map[bridge.VisitorID]bool{}
	for _, id := range found {
		if done[id] {
			continue
		}
		done[id] = true
		err := s.eraseVisitor(ctx, id, &cutoff)
		if errors.Is(err, errInUse) {
			continue
		}
		if err != nil {
			return erased, false, err
		}
		erased++
	}
	return erased, len(found) == limit && erased > 0, nil
}

// EraseVisitor erases what is held of a visitor, however new; see bridge.EraseBook.
func (s *Store) EraseVisitor(ctx context.Context, id bridge.VisitorID) error {
	return s.eraseVisitor(ctx, id, nil)
}

// errInUse says that a visitor is not to be erased: they have been here meanwhile.
var errInUse = errors.New("the visitor has been here")

// eraseVisitor erases a visitor's conversations and what is known of them, unless they have been here since cutoff. It waits
// for whoever writes in one of the conversations; who comes after it finds them erased.
func (s *Store) eraseVisitor(ctx context.Context, id bridge.VisitorID, cutoff *int64) error {
	err := s.writer.write(ctx, whole, func(h handle) error {
		var conversations []bridge.ConversationID
		err := h.all(&conversations, `SELECT c.id FROM conversations c WHERE c.visitor = ? ORDER BY c.id`+h.dialect.lockRow("c"), id)
		if err != nil {
			return err
		}
		var locale string
		if err := h.get(&locale, `SELECT v.locale FROM visitors v WHERE v.id = ?`+h.dialect.lockRow("v"), id); err != nil {
			return err
		}
		if cutoff != nil { // only now, when nobody else can change it
			var used bool
			err := h.get(&used, `SELECT `+inUse+` FROM visitors v WHERE v.id = ?`, *cutoff, *cutoff, id)
			if err != nil {
				return err
			}
			if used {
				return errInUse
			}
		}
		for _, c := range conversations {
			if err := h.eraseConversation(c); err != nil {
				return err
			}
		}
		return h.forgetVisitor(id, locale)
	})
	if errors.Is(err, errInUse) {
		return err
	}
	return wrap("erase a visitor", err)
}

// eraseConversation leaves of a conversation what reports count: who said something when, and how it stood.
func (h handle) eraseConversation(c bridge.ConversationID) error {
	if h.dialect == onSQLite {
		_, err := h.exec(`DELETE FROM document_words WHERE rowid IN (SELECT no FROM documents WHERE conversation = ?)`, c)
		if err != nil {
			return err
		}
	}
	for _, table := range []string{
		"receipts", "fetched", "marks", "mailed", "mails", "reactions", "quick_lines", "documents", "conversation_tags", "translations",
	} {
		if _, err := h.exec(`DELETE FROM `+table+` WHERE conversation = ?`, c); err != nil {
			return err
		}
	}
	for _, change := range []string{
		// A key is of the platform's, and can tell who it was; it stays one of its own.
		`UPDATE entries SET body = '', files = '', offers = '', message = '', by_avatar = '', not_before = 0,
			by_name = CASE WHEN by_kind = 'visitor' THEN '' ELSE by_name END,
			key = CASE WHEN endpoint = '' THEN key ELSE 'erased/' || conversation || '/' || seq END WHERE conversation = ?`,
		// The bytes go the way of those that were withdrawn.
		`UPDATE files SET withdrawn_at = 1, name = '', uploader = '', source_endpoint = '', source_ref = ''
			WHERE conversation = ? AND carrier <> 0`,
		// Nothing more is sent, and the visitor's next line begins another conversation. Agents' threads are still known as
		// what they were: whoever writes there is told.
		`UPDATE lanes SET thread = CASE WHEN role = 'visitor' THEN '' ELSE thread END, cursor = head, part = 0, intent = '', card_due = 0,
			epoch = epoch + 1, lease_until = 0 WHERE conversation = ?`,
		`UPDATE thoughts SET question = '', sources = '', why = '' WHERE conversation = ?`,
		`UPDATE conversations SET state = 'closed', closed_at = coalesce(nullif(closed_at, 0), now_ms()), tags = '', waiting_since = 0,
			heard = '', auto = FALSE, listening = FALSE, erased_at = now_ms(), lanes_changed = lanes_changed + 1 WHERE id = ?`,
	} {
		if _, err := h.exec(change, c); err != nil {
			return err
		}
	}
	_, err := h.exec(`INSERT INTO undigested (conversation, changes) VALUES (?, 1)
		ON CONFLICT (conversation) DO UPDATE SET changes = undigested.changes + 1`, c)
	return err
}

// forgetVisitor leaves of a visitor their language, by which reports count; of one who is blocked also who they are, or they
// would not be any more.
func (h handle) forgetVisitor(id bridge.VisitorID, locale string) error {
	profile, page, err := encodeVisitor(bridge.Visitor{})
	if err != nil {
		return err
	}
	if _, err := h.exec(`DELETE FROM visits WHERE visitor = ?`, id); err != nil {
		return err
	}
	language, _, _ := strings.Cut(locale, "-")
	_, err = h.exec(`UPDATE visitors SET key = CASE WHEN blocked THEN key ELSE 'erased/' || id END, verified = ?, profile = ?, page = ?,
		locale = ?, email = '', device = '', network = '', place = '', edited = '', erased_at = now_ms() WHERE id = ?`, false, profile, page, language, id)
	return err
}

// ForgetGreeted forgets visitors who have never written; see bridge.EraseBook.
func (s *Store) ForgetGreeted(ctx context.Context, before time.Time) (forgotten int, err error) {
	err = s.writer.write(ctx, whole, func(h handle) error {
		var from int64
		err := h.get(&from, `SELECT visitor FROM erasing`)
		if err != nil {
			return err
		}
		var seen []struct {
			ID   int64
			Idle bool
		}
		err = h.all(&seen, `SELECT v.id, NOT v.blocked AND v.seen_at <= ?
				AND NOT EXISTS (SELECT 1 FROM conversations c WHERE c.visitor = v.id) AS idle
			FROM visitors v WHERE v.id > ? ORDER BY v.id LIMIT ?`, milli(before), from, greetedAtOnce)
		if err != nil {
			return err
		}
		forgotten, from = 0, 0
		for _, v := range seen {
			if v.Idle {
				if err := h.forgetGreeted(v.ID, milli(before)); err != nil {
					return err
				}
				forgotten++
			}
			if len(seen) == greetedAtOnce { // the next ones are for another time; after the last, from the beginning
				from = v.ID
			}
		}
		_, err = h.exec(`UPDATE erasing SET visitor = ?`, from)
		return err
	})
	return forgotten, wrap("forget visitors who have never written", err)
}

// forgetGreeted removes a visitor unless they are here again.
func (h handle) forgetGreeted(id, before int64) error {
	var idle []int64
	err := h.all(&idle, `SELECT v.id FROM visitors v WHERE v.id = ? AND v.seen_at <= ?`+h.dialect.lockRow("v"), id, before)
	if err != nil || len(idle) == 0 {
		return err
	}
	var writes bool
	if err := h.get(&writes, `SELECT EXISTS (SELECT 1 FROM conversations WHERE visitor = ?)`, id); err != nil || writes {
		return err
	}
	if _, err := h.exec(`DELETE FROM visits WHERE visitor = ?`, id); err != nil {
		return err
	}
	_, err = h.exec(`DELETE FROM visitors WHERE id = ?`, id)
	return err
}
