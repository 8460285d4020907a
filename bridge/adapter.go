package bridge

import (
	"context"
	"io"
	"time"
)

// Adapter is one configured account on one chat platform.
type Adapter interface {
	Name() EndpointName
	Abilities() Abilities
	// Run receives until ctx ends or the platform refuses for good. For any one thread it calls the sink in the
	// platform's order, and it acknowledges an event to the platform only after the sink has returned nil for it.
	// An error is reported and Run is called again after a pause.
	Run(ctx context.Context, sink Sink) error
	// Render turns one delivery into parts. No I/O: the same delivery always gives the same parts. No parts means
	// that this platform shows nothing of it. An error is permanent: a Failure's Public says why. Part i of an Edited
	// entry changes or removes d.Landed[i]; parts beyond those are posted.
	Render(d Delivery) ([]Part, error)
	// Send carries out one part. nil means that the platform has it; otherwise the error is, or wraps, a Failure.
	// It may be called concurrently, never twice at once for one lane, but for the change of its card.
	Send(ctx context.Context, p Part) (Sent, error)
}

// Optional abilities of an Adapter, found by type assertion. Each implementation carries its compile-time proof.

// Finder can be asked whether a part whose fate is unknown got through.
type Finder interface {
	// Find looks for the message that Send made of p. found is false when the platform does not have it. An error
	// means that the platform could not be asked; it is, or wraps, a Failure.
	Find(ctx context.Context, p Part) (sent Sent, found bool, err error)
}

// Historian can read a thread back after an outage.
type Historian interface {
	// History returns what happened in the thread at or after since, oldest first, exactly as Run would have
	// reported it (same keys), an edit after what it edits. Present names every message found, ours included:
	// a message from From on that is missing there was deleted.
	History(ctx context.Context, t ThreadRef, since time.Time) (History, error)
}

// History is a thread read back.
type History struct {
	From    time.Time // complete from here on; later than asked when the platform gave no more
	Happen  []Inbound
	Present map[MessageRef]bool
	Gone    bool // the thread itself no longer exists
}

// FileSource can open a file that an Inbound mentioned.
type FileSource interface {
	// OpenSource streams the bytes. The caller closes it. ErrNotFound when the platform no longer has it.
	OpenSource(ctx context.Context, f FileRef) (io.ReadCloser, error)
}

// Commons has a channel in which colleagues talk among themselves. The channels of several endpoints can be one
// conversation, whose lanes have the channels for threads.
type Commons interface {
	// Commons names the channel; "" when none is configured. What happens there bears this name in Inbound.Thread.
	Commons() ThreadRef
}

// Witness can be asked about a single message. Gap repair asks where a history may not show everything: in a shared
// channel, what stands in a thread that began long ago.
type Witness interface {
	// Stands reports whether the message has not been deleted.
	Stands(ctx context.Context, m MessageRef) (bool, error)
}

// Typist can show that somebody is writing. It is never logged, may fail silently, and is left undone where the platform
// still shows it from last time.
type Typist interface {
	ShowTyping(ctx context.Context, t ThreadRef)
}

// Linker can say where a person finds a thread.
type Linker interface {
	// ThreadLink returns an https address that opens the thread; "" when that cannot be said, or not yet. It asks nobody.
	ThreadLink(t ThreadRef) string
}

// DeepLinker can lead a visitor into a chat here by a link.
type DeepLinker interface {
	// DeepLink returns an address that opens a chat with us; the adapter then reports InJoined with this token, which
	// is of letters and digits. It works on every instance, whichever receives; an error says that the platform could
	// not be asked who we are there.
	DeepLink(ctx context.Context, token string) (string, error)
}
