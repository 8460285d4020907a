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
	Target       int64 // Seq of what was edited, deleted or answered; 0: none
	Body         rich.Doc
	Files        []File
	State        State // Changed only
	At           time.Time
}
