package bridge

import (
	"time"

	"github.com/skeindesk/skein/bridge/rich"
)

// EntryKind says what an entry records.
type EntryKind string

const (
	Said    EntryKind = "said"
	Edited  EntryKind = "edited"  // Target has a new body
	Deleted EntryKind = "deleted" // Target was taken back
	Noted   EntryKind = "noted"   // for agents only: a note, or a notice by the system
	Changed EntryKind = "state"   // the conversation's state or owner
	Rated   EntryKind = "rated"

	Reacted   EntryKind = "reacted"   // By put an emoji, which is the Body, under Target
	Unreacted EntryKind = "unreacted" // By took it away again
)

// Audience says who may see an entry. The zero Audience is nobody: an entry without one is refused.
type Audience string

const (
	Everyone   Audience = "everyone"
	AgentsOnly Audience = "agents"
)

// Only is the audience of one endpoint.
func Only(e EndpointName) Audience { return Audience("endpoint:" + string(e)) }

// Includes reports whether a reader at an endpoint of the given role may see the entry.
func (a Audience) Includes(e EndpointName, r Role) bool {
	switch a {
	case Everyone:
		return true
	case AgentsOnly:
		return r == RoleTeam
	default:
		return a == Only(e)
	}
}

// Origin is where an entry came from. The zero Origin is ourselves.
type Origin struct {
	Endpoint EndpointName
	Key      string     // the platform's identity of the happening; unique with Endpoint
	Message  MessageRef // the platform's message, so that its later edit finds the entry
}

// Entry is one immutable item of a conversation's log.
type Entry struct {
	Conversation ConversationID
	Seq          int64 // grows by one within its conversation
	Kind         EntryKind
	Audience     Audience
	By           Speaker
	Origin       Origin
	Target       int64 // Seq of what was edited, deleted, answered or reacted to; 0: none
	Body         rich.Doc
	Files        []File
	State        State   // Changed only
	Offers       []Offer // of a notice: what can be asked for; of its Edited, what still can
	At           time.Time
	// Held is how much longer the other side of the desk does not get it, nor anything after it: the agent may still think
	// better of it, or it is being translated. Of a Deleted entry: its target was taken back while it was held.
	Held time.Duration
	// Rendition is what it says where it is read, if it was to be translated for that place.
	Rendition *Rendition
	// Language is the Body's, where whoever writes the entry knows it. It is not kept.
	Language string
}

// HeldFrom reports whether readers in a role do not get the entry yet. Nobody waits for what their own side has said.
func (en Entry) HeldFrom(r Role) bool {
	return en.Held > 0 && (r == RoleTeam) == (en.By.Kind == ByVisitor)
}
