package bridge

import (
	"context"
	"time"

	"github.com/skeindesk/skein/bridge/rich"
)

// ThreadRef and MessageRef are a platform's names for a thread and a message. Only the endpoint's adapter makes
// or reads them; here they are bytes. They are stored, so their form is a promise. Sent may name a message by more than
// an Inbound does, after a further "/": the shorter name finds it, too.
type (
	ThreadRef  string
	MessageRef string
)

// InboundKind says what happened on a platform.
type InboundKind string

const (
	InSaid      InboundKind = "said"
	InEdited    InboundKind = "edited"
	InDeleted   InboundKind = "deleted"
	InJoined    InboundKind = "joined"    // a visitor came by a link; Join is what it carried
	InNoticed   InboundKind = "noticed"   // what the platform tells of a visitor, for agents; it opens no conversation
	InRated     InboundKind = "rated"     // a visitor says how they were served: Score, perhaps Body; Target may be the question
	InReacted   InboundKind = "reacted"   // From put Emoji under Target
	InUnreacted InboundKind = "unreacted" // From took Emoji away again; without From, somebody took away everybody's
	InThought   InboundKind = "thought"   // the robot has thought of what to say: Thought
)

// Inbound is something that happened on a platform.
type Inbound struct {
	Endpoint  EndpointName
	Key       string // the platform's own identity of this happening; the log accepts each once
	Kind      InboundKind
	Thread    ThreadRef  // in a shared channel of colleagues always that of Commons, also for what stands in one of its threads
	Message   MessageRef // the message said; empty for InEdited and InDeleted
	Join      string     // InJoined: the token of the link, as it came: perhaps forged, used or expired
	Target    MessageRef // what was edited, deleted, answered or reacted to; in a thread of a shared channel, the thread's first message
	Unsaid    string     // InDeleted: the Key of the Target where that was deleted before it could be taken
	TargetAt  time.Time  // when the Target was said, where the platform tells; spares an answer a wait
	From      Person
	Body      rich.Doc
	Files     []FileRef
	Stored    []File   // files the visitor has already uploaded to us
	Withdrawn []string // InEdited: FileRef.Ref of files that are no longer there
	Kept      []string // InEdited: FileRef.Ref of all files that are still there; nil where the platform does not tell
	Thought   *Thought // InThought
	Score     int      // InRated: from MinScore to MaxScore
	// Emoji, of InReacted and InUnreacted, is the characters, or ":name:" of an emoji that has none; empty, where there is no
	// From: every emoji.
	Emoji string
	// Album are the messages that this line was put together from, where a platform shows several as one. The line has
	// the key of the first. Where the log has that already, with fewer files, the others follow as lines of their own.
	Album []Inbound
	At    time.Time
}

// Sink is what an adapter hands its happenings to. All methods may be called concurrently.
type Sink interface {
	// Receive is durable when it returns nil; only then may the platform be told that the event has arrived.
	// An error means that nothing was stored and that the platform should offer the event again.
	Receive(ctx context.Context, in Inbound) error
	// Command carries out a native form (button, slash command) of a word of the command table.
	Command(ctx context.Context, call Invocation) (Answer, error)
	// Suggest answers while somebody types into a field, from what is at hand: in milliseconds.
	Suggest(ctx context.Context, q Query) ([]Choice, error)
	// Lists tells how the four lists stand for everybody at a team endpoint: all that is open, the longest waiting first.
	Lists(ctx context.Context, from EndpointName) (List, error)
	// Typing passes on that a person is writing. It is never logged, returns at once and may be lost.
	Typing(ctx context.Context, from EndpointName, t ThreadRef, by Person)
	// Report tells how the endpoint does.
	Report(ctx context.Context, from EndpointName, c Condition)
}

// Invocation is a command in its native form.
type Invocation struct {
	Endpoint EndpointName
	Key      string    // the platform's identity of the press; a repeat is answered but not carried out again
	Thread   ThreadRef // empty where it was not given in the thread of a conversation
	From     Person
	Word     string            // as in the command table: take, close, …
	Rest     string            // what followed the word
	Fields   map[string]string // what was filled into the word's Form; nil: nothing has been asked for yet
	Message  MessageRef        // what the command is about, where it was given on a message
	// MessageAt is when that stands there since, where the platform tells; spares the answer a wait.
	MessageAt time.Time
}

// Answer is what the person who gave a command is told, and only they. The zero Answer: it is done, and they see it.
type Answer struct {
	Public string
	Rich   rich.Doc // the same as Public, with links; nil: Public is all there is to show
	// Refused: nothing was done, and Public says why. What was filled in has to be given again and must not be lost.
	Refused bool
	Offers  []Offer // what can be asked for next; with Public only
	List    *List   // what Public tells of in words, for platforms that can show it better
	Form    *Form   // nothing has been done yet: this has to be filled in first
}
