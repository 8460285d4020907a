package bridge

import (
	"context"
	"time"

	"github.com/skeindesk/skein/bridge/rich"
)

// ThreadRef and MessageRef are a platform's names for a thread and a message. Only the endpoint's adapter makes
// or reads them; here they are bytes. They are stored, so their form is a promise.
type (
	ThreadRef  string
	MessageRef string
)

// InboundKind says what happened on a platform.
type InboundKind string

const (
	InSaid    InboundKind = "said"
	InEdited  InboundKind = "edited"
	InDeleted InboundKind = "deleted"
)

// Inbound is something that happened on a platform.
type Inbound struct {
	Endpoint  EndpointName
	Key       string // the platform's own identity of this happening; the log accepts each once
	Kind      InboundKind
	Thread    ThreadRef
	Message   MessageRef // the message said; empty for InEdited and InDeleted
	Target    MessageRef // what was edited, deleted or answered
	From      Person
	Body      rich.Doc
	Files     []FileRef
	Stored    []File   // files the visitor has already uploaded to us
	Withdrawn []string // InEdited: FileRef.Ref of files that are no longer there
	At        time.Time
}

// Sink is what an adapter hands its happenings to. All methods may be called concurrently.
type Sink interface {
	// Receive is durable when it returns nil; only then may the platform be told that the event has arrived.
	// An error means that nothing was stored and that the platform should offer the event again.
	Receive(ctx context.Context, in Inbound) error
	// Command carries out a native form (button, slash command) of a word of the command table.
	Command(ctx context.Context, call Invocation) (Answer, error)
	// Typing passes on that somebody is writing; it is never logged.
	Typing(ctx context.Context, from EndpointName, t ThreadRef)
	// Report tells how the endpoint does.
	Report(ctx context.Context, from EndpointName, c Condition)
}

// Invocation is a command in its native form.
type Invocation struct {
	Endpoint EndpointName
	Key      string // the platform's identity of the press; a repeat is answered but not carried out again
	Thread   ThreadRef
	From     Person
	Word     string // as in the command table: take, close, …
	Rest     string // what followed the word
}

// Answer is what the person who gave a command is told, and only they.
type Answer struct {
	Public string
}
