package bridge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/skeindesk/skein/bridge/rich"
)

// Mail is what a visitor is sent who left before an agent answered: the lines that they have not seen.
type Mail struct {
	ID       string // the same whenever the same mail is tried again, so that a mailbox can tell
	Endpoint EndpointName
	To       string // their address as they gave it, not checked
	Name     string
	Locale   string
	Page     string // where they were; not checked
	Lines    []Entry
}

// MailBook is the Desk's way to the mails that wait. Durations are added to the database's clock, which all instances
// share. Every write after ClaimMail names the claim and returns ErrLost when the mail has been claimed again since.
type MailBook interface {
	// DueMails lists mails that are to be looked into now and that nobody holds, the longest due first.
	DueMails(ctx context.Context, limit int) ([]DueMail, error)
	// AskMail notes since when instances may object to a mail.
	AskMail(ctx context.Context, c ConversationID) error
	// PostponeMail objects: the visitor is there. A mail that is perhaps on its way already is left alone.
	PostponeMail(ctx context.Context, c ConversationID, after time.Duration) error
	// ClaimMail leases a mail to which nobody has objected for so long. ErrNotFound: there is none.
	ClaimMail(ctx context.Context, c ConversationID, grace, lease time.Duration) (MailClaim, error)
	// IntendMail records that a mail with the lines up to the entry is about to be sent.
	IntendMail(ctx context.Context, m MailClaim, upTo int64) error
	// DeferMail gives the claim up until after has passed. sure: nothing has been sent.
	DeferMail(ctx context.Context, m MailClaim, after time.Duration, sure bool) error
	// Visible is what a reader may see of a conversation; see the store.
	Visible(ctx context.Context, c ConversationID, e EndpointName, r Role, after int64, limit int) ([]Entry, time.Duration, error)
}

// DueMail is a mail that is to be looked into.
type DueMail struct {
	Conversation ConversationID
	Endpoint     EndpointName
	Thread       ThreadRef
	Asked        bool // instances may object
}

// MailClaim is one instance's hold on a mail.
type MailClaim struct {
	Conversation ConversationID
	Epoch        int64
	Mailed       int64 // up to which entry that is done
	Intent       int64 // up to which entry somebody was about to mail, and perhaps has; 0: nobody was
	Attempt      int
}

// Mailing is how visitors who have left are sent mail.
type Mailing struct {
	Book MailBook
	// Send hands a mail to the mail server. nil means that it has it; otherwise the error is, or wraps, a Failure.
	Send func(ctx context.Context, m Mail) error
	// Connected reports whether the visitor listens on this instance.
	Connected func(e EndpointName, t ThreadRef) bool
	Proofs    *Hub          // told of conversations of which lines were mailed; nil: nobody is
	After     time.Duration // how long a line may be unseen
}

const (
	mailTurn     = 5 * time.Second  // how often mails are looked into, and instances object
	mailGrace    = 15 * time.Second // how long they can
	mailLease    = 2 * time.Minute  // longer than an attempt may take
	mailTime     = 30 * time.Second // for one attempt
	maxDueMails  = 50
	maxMailLines = 50
	maxMailTries = 12 // about a day
)

// mailLedger is a ledger that has a mail wait for every line that an agent says to a visitor who may have left.
type mailLedger struct {
	Ledger
	after time.Duration
}

func (l mailLedger) Change(ctx context.Context, fn func(tx Tx) error) error {
	return l.Ledger.Change(ctx, func(tx Tx) error { return fn(mailTx{tx, l.after}) })
}

type mailTx struct {
	Tx
	after time.Duration
}

func (t mailTx) Append(en Entry) (Entry, error) {
	en, err := t.Tx.Append(en)
	if err == nil && en.isMailed() {
		err = t.ExpectMail(en.Conversation, t.after)
	}
	return en, err
}

// isMailed reports whether the entry is worth a mail.
func (en Entry) isMailed() bool {
	return en.Kind == Said && en.By.Kind == ByAgent && en.Audience == Everyone
}

// KeepMail sends visitors who have left what they have not seen, until ctx ends. Every instance runs it. The others are
// asked before a mail is sent, since each knows only of its own streams; of several that would send it one does.
//
// A mail server cannot be asked whether it has a mail. If the program dies in the moment between sending and recording,
// the mail is sent again under the same Message-ID rather than lost.
func (d *Desk) KeepMail(ctx context.Context) error {
	if d.mailing == nil {
		<-ctx.Done()
		return nil
	}
	tick := time.NewTicker(min(mailTurn, max(d.mailing.After/2, time.Millisecond)))
	defer tick.Stop()
	for {
		if err := d.lookAtMails(ctx); err != nil && ctx.Err() == nil {
			d.log.Warn("look which visitors to mail", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (d *Desk) lookAtMails(ctx context.Context) error {
	book := d.mailing.Book
	due, err := book.DueMails(ctx, maxDueMails)
	if err != nil {
		return err
	}
	for _, m := range due {
		switch {
		case d.mailing.Connected(m.Endpoint, m.Thread):
			err = book.PostponeMail(ctx, m.Conversation, d.mailing.After)
		case !m.Asked:
			err = book.AskMail(ctx, m.Conversation)
		default:
			err = d.mail(ctx, m)
		}
		if err != nil {
			return fmt.Errorf("mail of conversation %d: %w", m.Conversation, err)
		}
	}
	return nil
}

// mail sends one mail, unless another instance does or it is not needed any more.
func (d *Desk) mail(ctx context.Context, due DueMail) error {
	book := d.mailing.Book
	claim, err := book.ClaimMail(ctx, due.Conversation, min(mailGrace, d.mailing.After), mailLease)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	m, upTo, err := d.compose(ctx, due, claim)
	if err != nil {
		return errors.Join(err, book.DeferMail(ctx, claim, mailDelay(claim.Attempt), claim.Intent == 0))
	}
	if len(m.Lines) == 0 {
		return d.settleMail(ctx, claim, upTo, nil, "")
	}
	if err := book.IntendMail(ctx, claim, upTo); err != nil {
		return ignoreLost(err)
	}
	// What has begun is brought to an end: nobody could tell afterwards whether it was sent.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), mailTime)
	defer cancel()
	err = d.mailing.Send(ctx, m)
	if err == nil {
		return d.settleMail(ctx, claim, upTo, m.Lines, "")
	}
	f := AsFailure(err)
	d.log.Info("mail not accepted", "endpoint", m.Endpoint, "conversation", due.Conversation, "attempt", claim.Attempt+1, "verdict", f.Verdict, "error", f.Err)
	if f.Verdict == GiveUp || claim.Attempt+1 >= maxMailTries {
		return d.settleMail(ctx, claim, upTo, nil, "The visitor has left, and what you wrote could not be mailed to them: "+f.Public)
	}
	return ignoreLost(book.DeferMail(ctx, claim, max(f.After, mailDelay(claim.Attempt)), f.Verdict != Unsure))
}

// mailDelay is how long a mail waits after so many attempts: a minute, doubling up to four hours.
func mailDelay(attempt int) time.Duration {
	return min(time.Minute<<min(attempt, 8), 4*time.Hour)
}

func ignoreLost(err error) error {
	if errors.Is(err, ErrLost) {
		return nil
	}
	return err
}

// compose makes the mail of what agents have said that the visitor has not seen. Without lines there is none to send. upTo
// is the last entry that is done with it.
func (d *Desk) compose(ctx context.Context, due DueMail, claim MailClaim) (m Mail, upTo int64, err error) {
	var v Visitor
	var lanes []Lane
	err = d.ledger.Look(ctx, func(tx Tx) error {
		conv, err := tx.Conversation(due.Conversation)
		if err != nil {
			return err
		}
		if v, err = tx.Visitor(conv.Visitor); err != nil {
			return err
		}
		lanes, err = tx.Lanes(due.Conversation)
		return err
	})
	if err != nil {
		return m, 0, err
	}
	seen := claim.Mailed
	elsewhere := false // the visitor is in a chat that has got the lines
	for _, l := range lanes {
		if l.Endpoint == due.Endpoint {
			seen = max(seen, l.Cursor)
		}
		elsewhere = elsewhere || l.Role == RoleVisitor && !l.Reads && l.Thread != ""
	}
	known := v.Profile.With(v.Edited)
	entries, _, err := d.mailing.Book.Visible(ctx, due.Conversation, due.Endpoint, RoleVisitor, seen, maxMailLines)
	if err != nil {
		return m, 0, err
	}
	upTo = seen
	for _, en := range entries {
		if claim.Intent > 0 && en.Seq > claim.Intent { // what is perhaps sent is not made another mail
			break
		}
		upTo = en.Seq
		if t := en.Rendition; t != nil && t.Body != nil {
			en.Body = t.Body
		}
		if en.isMailed() && (!rich.IsEmpty(en.Body) || len(en.Files) > 0) {
			m.Lines = append(m.Lines, en)
		}
	}
	if known.Email == "" || v.Blocked || elsewhere {
		m.Lines = nil
	}
	m.ID = fmt.Sprintf("%d.%d", due.Conversation, upTo)
	m.Endpoint, m.To, m.Name, m.Locale, m.Page = due.Endpoint, known.Email, v.Profile.Name, v.Locale, v.Page.URL
	return m, upTo, nil
}

// settleMail records that the entries up to upTo are done with, these lines by mail; trouble is what agents are told.
func (d *Desk) settleMail(ctx context.Context, claim MailClaim, upTo int64, lines []Entry, trouble string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	var c change
	err := d.ledger.Change(ctx, func(tx Tx) error {
		c = change{tx: tx}
		conv, err := tx.Conversation(claim.Conversation)
		if err != nil {
			return err
		}
		seqs := make([]int64, len(lines))
		for i, en := range lines {
			seqs[i] = en.Seq
		}
		if err := tx.SettleMail(claim, cmp.Or(upTo, claim.Mailed), seqs, d.mailing.After); err != nil || trouble == "" {
			return err
		}
		return c.notify(conv, AgentsOnly, trouble)
	})
	if err != nil {
		return ignoreLost(err)
	}
	d.announce(slices.Clip(c.written))
	if len(lines) > 0 && d.mailing.Proofs != nil {
		d.mailing.Proofs.Publish(claim.Conversation)
	}
	return nil
}
