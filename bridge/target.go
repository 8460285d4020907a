package bridge

import (
	"errors"
	"time"
)

const (
	// unsettled is how long a happening may have to be offered again because it refers to a copy whose receipt is not
	// written yet. All that happens in the channel waits behind it.
	unsettled = 30 * time.Second
	// clockSkew is how far a platform's clock may be behind the database's.
	clockSkew = 2 * time.Second
)

var errUnsettled = errors.New("it refers to a message that may be one just sent")

// lineAt finds the entry that stands in the message which a happening refers to; ErrNotFound when none of this conversation
// does. People are quicker than receipts: errUnsettled says that the message may be one just sent.
func lineAt(tx Tx, conv ConversationID, in Inbound) (Entry, error) {
	en, err := tx.EntryByMessage(in.Endpoint, in.Target)
	if errors.Is(err, ErrNotFound) {
		if err := mayBeSettled(tx, conv, in); err != nil {
			return Entry{}, err
		}
		en, err = tx.EntryByMessage(in.Endpoint, in.Target) // it may have been settled since we looked
	}
	if err == nil && en.Conversation != conv {
		err = ErrNotFound
	}
	return en, err
}

// mayBeSettled is errUnsettled while the message may be one whose receipt is still to be written, and ErrNotFound when it
// has been too old for that.
func mayBeSettled(tx Tx, conv ConversationID, in Inbound) error {
	said, patience := in.TargetAt, unsettled
	if said.IsZero() {
		said, patience = in.At, clockSkew
	}
	if in.Target == "" || time.Since(said) > patience {
		return ErrNotFound
	}
	since, sending, err := tx.Sending(conv, in.Endpoint)
	if err == nil && sending && !said.Before(since.Add(-clockSkew)) { // what was said before that has been settled, or is none of ours
		err = errUnsettled
	}
	return err
}

// referred finds the entry that a happening is about; 0 when it is about none of this conversation.
func referred(tx Tx, conv ConversationID, in Inbound) (int64, error) {
	if in.Target == "" {
		return 0, nil
	}
	en, err := lineAt(tx, conv, in)
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	return en.Seq, err
}
