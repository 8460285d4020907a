package bridge

import "time"

// LaneID numbers lanes.
type LaneID int64

// Lane is one endpoint's place in one conversation. It has work exactly when Cursor < Head.
type Lane struct {
	ID           LaneID
	Conversation ConversationID
	Endpoint     EndpointName
	Role         Role
	Reads        bool      // see Abilities: nothing is sent here
	Thread       ThreadRef // empty until the opening part has been sent
	Reopened     int       // how often the thread was lost and opened again
	Cursor, Head int64
	Part         int         // parts of the entry after Cursor already settled
	Intent       DeliveryKey // set before a send, cleared by its receipt: a crash leaves it behind
	IntentAt     time.Time
	Attempt      int
	NextAt       time.Time
	Epoch        int64 // raised by every claim; every later write must name it
	LeaseUntil   time.Time
}

// Minds reports whether an entry matters to the lane at all: its role may see it and it was not said there. A change
// of state matters to every team lane, also the one it was made in, since the card shows it.
//
// Desk and Courier share this rule: the one raises a lane's head by it, the other skips by it.
func (l Lane) Minds(en Entry) bool {
	if l.Reads || !en.Audience.Includes(l.Endpoint, l.Role) {
		return false
	}
	if en.Kind == Changed {
		return l.Role == RoleTeam
	}
	return en.Origin.Endpoint != l.Endpoint
}

// ReceiptStatus is what became of a part.
type ReceiptStatus string

const (
	ReceiptSent   ReceiptStatus = "sent"
	ReceiptFailed ReceiptStatus = "failed"
)

// Receipt says what became of a part: where it landed, or why it did not.
type Receipt struct {
	Seq     int64
	Part    int
	Version int64 // Seq of the edit whose body was sent; Seq itself when the first version was
	Message MessageRef
	Status  ReceiptStatus
	Public  string // ReceiptFailed: a sentence an agent may be shown
	At      time.Time
}
