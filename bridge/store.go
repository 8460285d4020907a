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
	// Look runs fn, which only reads, without waiting for anything that is being written. It may see different moments
	// with each call of tx.
	Look(ctx context.Context, fn func(tx Tx) error) error
	// Say appends what a visitor says in a thread whose conversation is open, where nothing needs to be decided: a short
	// way past Change. The entry's Conversation, Seq and By.ID are filled in. ErrNotFound or ErrSeen: there is no such
	// conversation, or the key is perhaps in the log already; Change will tell. In the same write it claims, as
	// LaneBook.Claim does, lanes of the conversation that are due now; it may leave some of them to that.
	Say(ctx context.Context, thread ThreadRef, en Entry, by Claimant) (Entry, []Lane, error)
	// Across returns the lanes on the other side of a thread's conversation that have a thread: for a visitor's the team's
	// and the other way round. There are none for a blocked visitor, nor for a person at a team endpoint who is not in the team.
	Across(ctx context.Context, e EndpointName, t ThreadRef, person string) ([]Lane, error)
	// EntryByKey finds the entry with this origin.
	EntryByKey(ctx context.Context, e EndpointName, key string) (Entry, error)
}

// Tx is one transaction on the log. Its methods belong to the context of their Change and must not be called
// concurrently. They return ErrNotFound for what is not there. It is over ten methods because a transaction
// cannot be divided: each method is one statement or two that the Desk composes.
type Tx interface {
	QuickTx
	LanguageTx
	RobotTx
	KnowledgeTx
	SettingTx
	// ConversationByThread finds the conversation that has a lane in this thread, and locks it.
	ConversationByThread(e EndpointName, t ThreadRef) (Conversation, Role, error)
	// ConversationByThreadFor is ConversationByThread for whoever asks AgentByPerson of this person next: that costs nothing then.
	ConversationByThreadFor(e EndpointName, t ThreadRef, person string) (Conversation, Role, error)
	// Conversation finds a conversation by its number, and locks it.
	Conversation(id ConversationID) (Conversation, error)
	// List lists guest conversations. It locks nothing.
	List(q ListQuery) ([]Listed, error)
	// Tallies counts the guest conversations of each state in which there are any. Of closed ones it counts no more than most.
	Tallies(most int) ([]Tally, error)
	// Unowned lists Unassigned conversations, the oldest first, but not those that an agent has put back there.
	Unowned(limit int) ([]ConversationID, error)
	// Waiting lists open conversations whose visitors have waited so long and to whom nobody has been called so, the longest
	// waiting first.
	Waiting(r Reminder, after time.Duration, limit int) ([]ConversationID, error)
	// Reminded notes that people are called to a conversation. claimed is false when they have been, or when its visitor does
	// not wait so long.
	Reminded(c ConversationID, r Reminder, after time.Duration) (claimed bool, err error)
	// ExpectMail has a mail wait for so long, if the conversation's visitor reads for themselves and none waits already.
	ExpectMail(c ConversationID, after time.Duration) error
	// SettleMail records that a claimed mail is done with the entries up to upTo, of which these lines were mailed. If an
	// agent has said more, the next one waits. ErrLost when the mail has been claimed again since.
	SettleMail(m MailClaim, upTo int64, lines []int64, after time.Duration) error
	// OpenConversation writes a conversation and its lanes, whose log begins after c.LastSeq. ErrConflict when a lane's thread is taken.
	OpenConversation(c Conversation, lanes []Lane) (Conversation, error)
	// UpdateConversation writes State, Owner, Joined and Tags, and marks the cards.
	UpdateConversation(c Conversation) error
	// CardChanged marks the conversation's cards: something else that they show has changed. State, owner, waiting, tags,
	// ratings, failures and the visitor need no word.
	CardChanged(c ConversationID) error
	// Append gives the entry its Seq and writes it; it raises the head of every sending lane the entry matters to:
	// those whose role may see it, but for the lane of the endpoint it came from. ErrSeen when the origin's key is
	// already in the log.
	Append(en Entry) (Entry, error)
	// EntryByMessage finds the entry that a platform's message came from or was made of. A message of ours is also found
	// by a MessageRef that lacks what follows its last "/".
	EntryByMessage(e EndpointName, m MessageRef) (Entry, error)
	// LastVersion returns the newest Edited or Deleted entry whose target is seq; ErrNotFound when there is none.
	LastVersion(c ConversationID, seq int64) (Entry, error)
	// SaveLink keeps a link by the hash of its token, for life.
	SaveLink(hash string, l Link, life time.Duration) error
	// TakeLink returns the link that leads to the endpoint and forgets it: it works once. ErrNotFound when there is none,
	// or none any more.
	TakeLink(hash string, to EndpointName) (Link, error)
	// LeaveThread takes the thread from the lane that has it; nothing is sent there any more. ErrNotFound when no lane has
	// the thread.
	LeaveThread(e EndpointName, t ThreadRef) (Left, error)
	// JoinThread makes a visitor's thread that of the conversation's lane at the endpoint, which there may not have been
	// before. It begins at the log's end. instead tells that the lane had another thread until now, which it has left.
	// ErrConflict when another lane has the thread.
	JoinThread(c ConversationID, e EndpointName, t ThreadRef) (instead bool, left Left, err error)
	// SaveReceipt notes what became of a part where no worker will.
	SaveReceipt(c ConversationID, e EndpointName, r Receipt) error
	// NewestReply returns the newest Said entry of the agent, of any for 0, that everybody may see and that has not been
	// deleted.
	NewestReply(c ConversationID, by AgentID) (Entry, error)
	// NewestLine returns the newest Said entry by such a speaker that everybody may see and that has not been deleted, as it
	// stands now.
	NewestLine(c ConversationID, by SpeakerKind) (Entry, error)
	// SaveRating writes Rating.
	SaveRating(c ConversationID, rating int) error
	// Lanes returns every lane of the conversation.
	Lanes(c ConversationID) ([]Lane, error)
	// HasSpoken reports whether the agent has said something to the visitor since the conversation's state changed last.
	HasSpoken(c ConversationID, by AgentID) (bool, error)
	// HeldLine returns the agent's line seq, or the newest one for 0, about which a question with offers stands.
	HeldLine(c ConversationID, by AgentID, seq int64) (HeldLine, error)
	// EntryAt returns the entry seq with its newest body and files; gone tells that it has been deleted.
	EntryAt(c ConversationID, seq int64) (en Entry, gone bool, err error)
	// Proofs returns what is known of the entry seq in each place of its conversation.
	Proofs(c ConversationID, seq int64) ([]Proof, error)
	// Questions returns the conversation's notices that still offer something, the newest first.
	Questions(c ConversationID) ([]Entry, error)
	// VisitorByEmail finds a visitor with this e-mail address, upper and lower case being the same, rather the one given
	// than another.
	VisitorByEmail(address string, rather VisitorID) (VisitorID, error)
	// Removals returns every lane of the conversation with the receipts that it has of the entry seq itself.
	Removals(c ConversationID, seq int64) ([]Removal, error)
	// React notes who has which emoji under which entry. changed is false when it was so already.
	React(r Reaction, has bool) (changed bool, err error)
	// Unreact notes that nobody at the endpoint has the emoji under the entry any more, or with "" any emoji, and returns
	// those that somebody had.
	Unreact(c ConversationID, target int64, e EndpointName, emoji string) (had []string, err error)
	// Gather makes the lanes, each with its shared channel as Thread, the sending lanes of the colleague conversation,
	// and opens that conversation if there is none. A lane that is new, or that was left out before, begins at the log's
	// head. ErrConflict as for OpenConversation.
	Gather(lanes []Lane) error
	// Opening reports whether a thread of the endpoint has perhaps been opened that no lane has yet: an opening part was
	// about to be sent and has not been settled, the newest one since the time returned. When there is none, a thread that
	// was not found before may have been settled since, and is to be looked for again; so it is with Sending and messages.
	Opening(e EndpointName) (since time.Time, opening bool, err error)
	// Sending reports whether a part was about to be sent to the conversation's lane at the endpoint and has not been
	// settled since the time returned: a message stands there, perhaps, that no receipt names yet.
	Sending(c ConversationID, e EndpointName) (since time.Time, sending bool, err error)
	// AgentByPerson finds the team member behind a platform's person. Who was removed is not found.
	AgentByPerson(e EndpointName, personID string) (Agent, error)
	// JoinAgent makes a team member of a platform's person, the first of all its owner, or refreshes the platform's name
	// and picture of the member. ErrNotFound for who was removed: they come back by a code only.
	JoinAgent(e EndpointName, p Person) (Agent, error)
	// Known finds the member behind a person, also one who was removed.
	Known(e EndpointName, personID string) (Agent, error)
	// Agent finds a member, also one who was removed, and locks them.
	Agent(id AgentID) (Agent, error)
	// Member finds a member; who was removed is not found. It locks nothing.
	Member(id AgentID) (Agent, error)
	// SaveSignIn keeps a way into the workbench by the hash of its token, for life.
	SaveSignIn(hash string, s SignIn, life time.Duration) error
	// SaveAgent writes what can be changed of a member: all but ID, Name and Avatar.
	SaveAgent(a Agent) error
	// LinkAgent makes a platform's person another identity of the agent, whoever it was before.
	LinkAgent(a AgentID, e EndpointName, personID string) error
	// InheritAccounts makes all identities of an agent another one's.
	InheritAccounts(from, to AgentID) error
	// Team lists the members by their number, also those removed whose conversations are still to be given away. lock
	// keeps other changes from reading it so until this one has ended: what one gives away the next one counts.
	Team(lock bool) ([]Member, error)
	// Turn notes that a conversation was given to the agent: it is somebody else's turn.
	Turn(id AgentID) error
	// SaveInvitation keeps an invitation by the hash of its code, for life. One that is kept already stays as it is.
	SaveInvitation(hash string, i Invitation, life time.Duration) error
	// TakeInvitation returns the invitation and forgets it: it works once. ErrNotFound when there is none, or none any more.
	TakeInvitation(hash string) (Invitation, error)
	// RevokeInvitations forgets all invitations of new members, and tells how many could still be used.
	RevokeInvitations() (n int64, err error)
	// Invitations lists the invitations of new members that can still be used, the latest first.
	Invitations() ([]OpenInvitation, error)
	// RevokeInvitation forgets one of them, by the hash of its code. ErrNotFound when there is none.
	RevokeInvitation(hash string) error
	// Visitor finds a visitor by their number.
	Visitor(id VisitorID) (Visitor, error)
	// VisitorByKey finds a visitor.
	VisitorByKey(e EndpointName, key string) (Visitor, error)
	// SaveVisitor inserts or updates the visitor with v's Endpoint and Key, and returns it with its ID. Empty
	// fields of v do not overwrite what is known.
	SaveVisitor(v Visitor) (Visitor, error)
	// EditVisitor locks a visitor, lets edit change everything of them but who they are, writes it and returns it.
	EditVisitor(id VisitorID, edit func(v *Visitor)) (Visitor, error)
}

// Claimant is for whom lanes are claimed. Without endpoints, for nobody.
type Claimant struct {
	Endpoints []EndpointName
	Lease     time.Duration
}

// LaneBook is the Courier's way to the lanes. Every write after Claim names the claim's epoch and returns ErrLost
// when the lane has been claimed again since. Durations are added to the database's clock, which all instances share.
type LaneBook interface {
	// Claim leases lanes that have work which is due and that nobody holds: of the given endpoints and, unless
	// conversations is nil, of the given conversations; at most limit, longest waiting first. A lane without an intent
	// gets one for the next part of the next entry, or for its opening, as Intended: that saves its worker a write. It
	// does not count as Intent until a worker is lost with it.
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
	// Resume ends the endpoint's pause and makes its lanes due that would be within that time.
	Resume(ctx context.Context, e EndpointName, within time.Duration) error
	// DueCards lists lanes of the endpoint that have a thread and whose card is to be changed, the longest due first.
	DueCards(ctx context.Context, e EndpointName, limit int) ([]Lane, error)
	// Card reads a lane, and then what its card has to show: the Work's Conversation, Visitor and Card, and as Target the
	// receipts of the opening.
	Card(ctx context.Context, l LaneID) (Lane, Work, error)
	// CardShown takes the mark from the lane, unless it has moved since l was read.
	CardShown(ctx context.Context, l Lane) error
	// DeferCard lets the card wait, unless the mark has moved since l was read.
	DeferCard(ctx context.Context, l Lane, after time.Duration) error
}

// Work is the next entry of a lane with what is known about it there.
type Work struct {
	Conversation Conversation
	Visitor      Visitor
	Card         *Card // of a team lane without a thread; of LaneBook.Card
	Entry        Entry
	Newest       *Entry    // the newest Edited or Deleted entry after Entry that targets it, or that targets what it edits
	Settled      []Receipt // parts of Entry already settled here
	// Target are the parts of Entry.Target here; for Changed, of the opening; for an answer or a reaction to what was
	// said here, the message that it was said in.
	Target []Receipt
	Root   []Receipt         // likewise of the entry that began the chain of answers; Colleagues only
	People map[string]Person // see Delivery.People
	Has    bool              // Reacted, Unreacted: somebody elsewhere has this emoji there now
	// Renditions are what Entry and Newest say at the lane's endpoint, by their Seq, where they were to be translated.
	Renditions map[int64]*Rendition
}

// Reaction is one person's emoji under an entry.
type Reaction struct {
	Conversation ConversationID
	Target       int64
	Emoji        string
	Endpoint     EndpointName
	Person       string // as the endpoint names them
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
	// Also is what else happens in the same transaction, after the lane has moved on, with its conversation locked. As a
	// change it may run more than once.
	Also func(tx Tx) error
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
	// recently used first, and those that are perhaps being opened.
	OpenThreads(ctx context.Context, e EndpointName, since time.Time) ([]OpenThread, error)
	// OpenThread is a conversation's thread at an endpoint; ErrNotFound when it has none, and none is being opened.
	OpenThread(ctx context.Context, c ConversationID, e EndpointName) (OpenThread, error)
	// ConversationAt finds the conversation that has a lane in this thread.
	ConversationAt(ctx context.Context, e EndpointName, t ThreadRef) (Conversation, error)
	// MessagesFrom lists the messages of a thread that the log has from this endpoint at or after since and that
	// have not been deleted.
	MessagesFrom(ctx context.Context, c ConversationID, e EndpointName, since time.Time) ([]MessageRef, error)
}

// OpenThread is a thread that gap repair reads back.
type OpenThread struct {
	Conversation ConversationID
	Thread       ThreadRef // empty: it is being opened, and may be there already
	LastAt       time.Time // of the newest entry from this endpoint; the conversation's opening if none
	Since        time.Time // a shared channel: what was said earlier is no part of the conversation; else zero
}
