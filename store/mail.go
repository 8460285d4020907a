package store

import (
	"context"
	"time"

	"github.com/skeindesk/skein/bridge"
)

var _ bridge.MailBook = (*Store)(nil)

// ExpectMail has a mail wait for a conversation whose visitor reads for themselves; see bridge.Tx.
func (t *tx) ExpectMail(c bridge.ConversationID, after time.Duration) error {
	_, err := t.exec(`INSERT INTO mails (conversation, due_at)
		SELECT l.conversation, now_ms() + ? FROM lanes l
		WHERE l.conversation = ? AND l.reads AND l.role = 'visitor' AND l.thread <> ''
		ON CONFLICT (conversation) DO UPDATE SET due_at = excluded.due_at WHERE mails.due_at = 0`, after.Milliseconds(), c)
	return wrap("expect a mail", err)
}

// SettleMail records what became of a mail; see bridge.Tx.
func (t *tx) SettleMail(m bridge.MailClaim, upTo int64, lines []int64, after time.Duration) error {
	n, err := t.exec(`UPDATE mails SET mailed = ?, intent = 0, attempt = 0, asked_at = 0, lease_until = 0,
		due_at = CASE WHEN EXISTS (SELECT 1 FROM entries e WHERE e.conversation = mails.conversation AND e.seq > ?
			AND e.kind = 'said' AND e.by_kind = 'agent' AND e.audience = 'everyone') THEN now_ms() + ? ELSE 0 END
		WHERE conversation = ? AND epoch = ?`, upTo, upTo, after.Milliseconds(), m.Conversation, m.Epoch)
	if err == nil && n == 0 {
		return bridge.ErrLost
	}
	for _, seq := range lines {
		if err == nil {
			_, err = t.exec(`INSERT INTO mailed (conversation, seq, at) VALUES (?, ?, now_ms()) ON CONFLICT DO NOTHING`, m.Conversation, seq)
		}
	}
	return wrap("settle a mail", err)
}

// DueMails lists mails that are to be looked into; see bridge.MailBook.
func (s *Store) DueMails(ctx context.Context, limit int) ([]bridge.DueMail, error) {
	var due []bridge.DueMail
	err := s.read(ctx).all(&due, `SELECT m.conversation, l.endpoint, l.thread, m.asked_at > 0 AS asked
		FROM mails m JOIN lanes l ON l.conversation = m.conversation AND l.reads AND l.role = 'visitor' AND length(l.thread) > 0
		WHERE m.due_at > 0 AND m.due_at <= now_ms() AND m.lease_until <= now_ms() ORDER BY m.due_at, m.conversation LIMIT ?`, limit)
	return due, wrap("list mails that are due", err)
}

// AskMail notes since when instances may object; see bridge.MailBook.
func (s *Store) AskMail(ctx context.Context, c bridge.ConversationID) error {
	_, err := s.changeMail(ctx, `asked_at = now_ms() WHERE conversation = ? AND asked_at = 0 AND due_at > 0 AND due_at <= now_ms()`, c)
	return wrap("ask about a mail", err)
}

// PostponeMail objects to a mail; see bridge.MailBook.
func (s *Store) PostponeMail(ctx context.Context, c bridge.ConversationID, after time.Duration) error {
	_, err := s.changeMail(ctx, `asked_at = 0, due_at = now_ms() + ?
		WHERE conversation = ? AND due_at > 0 AND intent = 0 AND lease_until <= now_ms()`, after.Milliseconds(), c)
	return wrap("postpone a mail", err)
}

// ClaimMail leases a mail; see bridge.MailBook.
func (s *Store) ClaimMail(ctx context.Context, c bridge.ConversationID, grace, lease time.Duration) (bridge.MailClaim, error) {
	var m bridge.MailClaim
	err := s.writer.write(ctx, whole, func(h handle) error {
		return h.get(&m, `UPDATE mails SET epoch = epoch + 1, lease_until = now_ms() + ?
			WHERE conversation = ? AND due_at > 0 AND due_at <= now_ms() AND asked_at > 0 AND asked_at <= now_ms() - ? AND lease_until <= now_ms()
			RETURNING conversation, epoch, mailed, intent, attempt`, lease.Milliseconds(), c, grace.Milliseconds())
	})
	return m, wrap("claim a mail", err)
}

// IntendMail records what is about to be sent; see bridge.MailBook.
func (s *Store) IntendMail(ctx context.Context, m bridge.MailClaim, upTo int64) error {
	return s.holdMail(ctx, "intend a mail", `intent = ? WHERE conversation = ? AND epoch = ?`, upTo, m.Conversation, m.Epoch)
}

// DeferMail gives a claim up; see bridge.MailBook.
func (s *Store) DeferMail(ctx context.Context, m bridge.MailClaim, after time.Duration, sure bool) error {
	return s.holdMail(ctx, "defer a mail", `due_at = now_ms() + ?, attempt = attempt + 1, lease_until = 0,
		intent = CASE WHEN ? THEN 0 ELSE intent END WHERE conversation = ? AND epoch = ?`, after.Milliseconds(), sure, m.Conversation, m.Epoch)
}

func (s *Store) holdMail(ctx context.Context, operation, set string, args ...any) error {
	n, err := s.changeMail(ctx, set, args...)
	if err == nil && n == 0 {
		return bridge.ErrLost
	}
	return wrap(operation, err)
}

func (s *Store) changeMail(ctx context.Context, set string, args ...any) (n int64, err error) {
	err = s.writer.write(ctx, whole, func(h handle) (err error) {
		n, err = h.exec(`UPDATE mails SET `+set, args...)
		return err
	})
	return n, err
}
