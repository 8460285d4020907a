package bridge

import "time"

type (
	// ConversationID numbers conversations. It is not a secret and is never shown to visitors.
	ConversationID int64
	// VisitorID numbers visitors.
	VisitorID int64
	// AgentID numbers team members.
	AgentID int64
)

// ConversationKind says who takes part.
type ConversationKind string

const (
	Guest      ConversationKind = "guest"      // a visitor's matter
	Colleagues ConversationKind = "colleagues" // agents among themselves
)

// State is where a guest conversation stands; see the four lists in doc.go.
type State string

const (
	StateRobot      State = "robot"
	StateUnassigned State = "unassigned"
	StateAssigned   State = "assigned"
	StateClosed     State = "closed"
)

// Conversation is the unit of order: everything said in it is one log.
type Conversation struct {
	ID        ConversationID
	Kind      ConversationKind
	State     State
	Endpoint  EndpointName // where the visitor writes
	Visitor   VisitorID    // 0 for Colleagues
	Owner     AgentID      // 0 unless assigned
	OwnerName string       // the owner's public name, read with the conversation
	LastSeq   int64
	OpenedAt  time.Time
	UpdatedAt time.Time
}

// Visitor is a person on the other side of the desk, as one endpoint knows them.
type Visitor struct {
	ID       VisitorID
	Endpoint EndpointName
	Key      string // the endpoint's own identity of the person
	Verified bool   // the host site vouched for the identity
	Profile  Profile
	Page     Page
	Locale   string // BCP 47, as the visitor's program reports it
	SeenAt   time.Time
}

// Profile is what is known about a visitor. Keys of Attributes are the host site's own.
type Profile struct {
	Name       string            `json:"name,omitempty"`
	Email      string            `json:"email,omitempty"`
	Phone      string            `json:"phone,omitempty"`
	Avatar     string            `json:"avatar,omitempty"` // an https address
	Attributes map[string]string `json:"attributes,omitempty"`
}

// Page is the web page a visitor wrote from.
type Page struct {
	URL      string `json:"url,omitempty"`
	Title    string `json:"title,omitempty"`
	Referrer string `json:"referrer,omitempty"`
}

// Agent is one team member.
type Agent struct {
	ID     AgentID
	Name   string
	Avatar string
}

// SpeakerKind says in which quality somebody speaks.
type SpeakerKind string

const (
	ByVisitor SpeakerKind = "visitor"
	ByAgent   SpeakerKind = "agent"
	ByRobot   SpeakerKind = "robot"
	BySystem  SpeakerKind = "system"
)

// Speaker is who an entry is by, as they were called when they spoke.
type Speaker struct {
	Kind   SpeakerKind
	ID     int64 // VisitorID or AgentID; 0 for robot and system
	Name   string
	Avatar string
}

// Person is somebody as a platform names them.
type Person struct {
	ID     string // the platform's identity of the person
	Name   string
	Avatar string
	Bot    bool // another program: never relayed
}
