package bridge

import (
	"context"
	"time"
)

// Ledger is the Desk's way to the log.
type Ledger interface {
	// Change runs fn in one transaction: whole or not at all. fn may run more than once, so it must have no
	// effects but those on tx, and it must not keep tx. An error of fn is returned as it is and nothing is written.
	// Nothing is to be published, and no platform acknowledged, before Change has returned nil.
	Change(ctx context.Context, fn func(tx Tx) error) error
	// EntryByKey finds the entry with this origin.
	EntryByKey(ctx context.Context, e EndpointName, key string) (Entry, error)
}

// Tx is one transaction on the log. Its methods belong to the context of their Change and must not be called
// concurrently. They return ErrNotFound for what is not there. It is over ten methods because a transaction
// cannot be divided: each method is one statement or two that the Desk composes.
type Tx interface {
	// ConversationByThread finds the conversation that has a lane in this thread, and locks it.
	ConversationByThread(e EndpointName, t ThreadRef) (Conversation, Role, error)
	// OpenConversation writes a conversation and its lanes. ErrConflict when a lane's thread is taken.
	OpenConversation(c Conversation, lanes []Lane) (Conversation, error)
	// UpdateConversation writes State and Owner.
	UpdateConversation(c Conversation) error
	// Append gives the entry its Seq and writes it; it raises the head of every sending lane the entry matters to:
	// those whose role may see it, but for the lane of the endpoint it came from. ErrSeen when the origin's key is
	// already in the log.
	Append(en Entry) (Entry, error)
	// EntryByMessage finds the entry that a platform's message came from or was made of.
	EntryByMessage(e EndpointName, m MessageRef) (Entry, error)
	// LastVersion returns the newest Edited or Deleted entry whose target is seq; ErrNotFound when there is none.
	LastVersion(c ConversationID, seq int64) (Entry, error)
	// Opening reports whether a thread of the endpoint has perhaps been opened that no lane has yet: an opening part was
	// about to be sent and has not been settled.
	Opening(e EndpointName) (bool, error)
	// AgentByPerson finds the team member behind a platform's person.
	AgentByPerson(e EndpointName, personID string) (Agent, error)
	// JoinAgent makes a team member of a platform's person, or refreshes the name and picture of the member.
	JoinAgent(e EndpointName, p Person) (Agent, error)
	// VisitorByKey finds a visitor.
	VisitorByKey(e EndpointName, key string) (Visitor, error)
	// SaveVisitor inserts or updates the visitor with v's Endpoint and Key, and returns it with its ID. Empty
	// fields of v do not overwrite what is known.
	SaveVisitor(v Visitor) (Visitor, error)
}

// LaneBook is the Courier's way to the lanes. Every write after Claim names the claim's epoch and returns ErrLost
// when the lane has been claimed again since. Durations are added to the database's clock, which all instances share.
type LaneBook interface {
	// Claim leases lanes that have work which is due and that nobody holds: of the given endpoints and, unless
	// conversations is nil, of the given conversations; at most limit, longest waiting first.
	Claim(ctx context.Context, endpoints []EndpointName, conversations []ConversationID, lease time.Duration, limit int) ([]Lane, error)
	// Next reads what the lane has to be told next. ok is false when nothing up to Head matters to it.
	Next(ctx context.Context, l Lane) (w Work, ok bool, err error)
	// Intend records that key is about to be sent, and renews the lease.
	Intend(ctx context.Context, l Lane, key DeliveryKey, lease time.Duration) error
	// Extend renews the lease.
	Extend(ctx context.Context, l Lane, lease time.Duration) error
	// Settle records what became of a part and moves the lane on, in one transaction. It returns the lane as it
	// stands; when that has no more work (Cursor == Head) the lease is given up in the same write.
	Settle(ctx context.Context, l Lane, s Settlement) (Lane, error)
	// Defer gives the lane up until after has passed. It writes l.Intent as it stands in l: the caller empties it
	// when the part has certainly not been sent. spend counts an attempt.
	Defer(ctx context.Context, l Lane, after time.Duration, spend bool) error
	// Pause holds back all lanes of an endpoint, on every instance.
	Pause(ctx context.Context, e EndpointName, after time.Duration) error
}

// Work is the next entry of a lane with what is known about it there.
type Work struct {
	Conversation Conversation
	Visitor      Visitor
	Entry        Entry
	Newest       *Entry    // the newest Edited or Deleted entry that targets Entry
	Settled      []Receipt // parts of Entry already settled here
	Target       []Receipt // parts of Entry.Target (for Changed: of the opening) here
}

// Settlement is what became of a part and how the lane moves on.
type Settlement struct {
	Receipt *Receipt  // nil: nothing was sent
	Thread  ThreadRef // set by an opening part
	Reopen  bool      // the thread is gone: forget it and the parts settled, keep the cursor
	Part    int       // parts of the entry settled now
	Cursor  int64     // the entry settled now; 0: stay at the entry
	Forget  []Landed  // receipts to drop: parts that a Delete removed
	Notice  *Entry    // appended in the same transaction: agents are told why not
}

// Leases is the Keeper's way to decide which instance receives for an endpoint.
type Leases interface {
	// Hold takes or renews the lease of an endpoint for owner. held is false when another owner has it.
	Hold(ctx context.Context, e EndpointName, owner string, lease time.Duration) (held bool, err error)
	// Yield gives the lease up, if owner has it.
	Yield(ctx context.Context, e EndpointName, owner string) error
}

// ThreadBook is what gap repair reads.
type ThreadBook interface {
	// OpenThreads lists the threads of an endpoint whose conversations are open, or were until since, most
	// recently used first.
	OpenThreads(ctx context.Context, e EndpointName, since time.Time) ([]OpenThread, error)
	// MessagesFrom lists the messages of a thread that the log has from this endpoint at or after since and that
	// have not been deleted.
	MessagesFrom(ctx context.Context, c ConversationID, e EndpointName, since time.Time) ([]MessageRef, error)
}

// OpenThread is a thread that gap repair reads back.
type OpenThread struct {
	Conversation ConversationID
	Thread       ThreadRef
	LastAt       time.Time // of the newest entry from this endpoint; the conversation's opening if none
}
