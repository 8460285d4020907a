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
	Endpoint  EndpointName   // where the visitor writes
	Visitor   VisitorID      // 0 for Colleagues
	Owner     AgentID        // 0 unless assigned
	OwnerName string         // the owner's public name, read with the conversation
	Joined    ConversationID // where the visitor goes on instead: their chat here was joined to that one; 0: nowhere
	// WaitingSince is when the visitor said what nobody has answered yet; zero when they have been answered, or when it is
	// closed.
	WaitingSince time.Time
	Rating       int      // what the visitor gave last, from MinScore; 0: nothing yet, RatingAsked: they were asked
	Tags         []string // words of the agents'
	Blocked      bool     // the visitor's lines are kept out
	// Language is the visitor's, a BCP 47 tag; empty while nothing is known. LanguageSure: it is not guessed any more. Heard
	// is what the guess has been made of so far; see language.Tally.
	Language     string
	LanguageSure bool
	Heard        string
	Auto         bool // what is said is translated, both ways
	// Listening: visitors' lines are still listened to, or translated: none of them can be taken in without a look at it.
	Listening bool
	LastSeq   int64
	OpenedAt  time.Time
	UpdatedAt time.Time
	ClosedAt  time.Time // zero while it is open
	ErasedAt  time.Time // when what was said was erased, and who the visitor was; zero: it is there
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
	Device   string // what they write with, in a few words; may be empty
	Network  string // from which network, as a CIDR prefix that leaves out who it is there; may be empty
	Place    string // about where that is, such as "Gdynia, Pomerania, Poland"; may be empty
	SeenAt   time.Time
	Edited   map[string]string // what agents have set, by the name of the field; see Profile.With
	Blocked  bool              // their lines are kept out
	KeptOut  int               // so many since then
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
	Bot    bool   // another program: never relayed
	Locale string // BCP 47, where the platform tells
	Handle string // the public name by which others find them there, with its sigil
}
