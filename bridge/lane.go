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
	Intended     DeliveryKey // the intent that the claim itself has written, for what will most likely be sent next
	ClaimedAt    time.Time   // when the claim was asked for, by the clock of whoever asked; set by the Courier
	Attempt      int
	NextAt       time.Time
	Epoch        int64 // raised by every claim; every later write must name it
	LeaseUntil   time.Time
	CardDue      time.Time // from then on the card is to be changed; zero: it shows the truth. Moves with every change
}

// Minds reports whether an entry matters to the lane at all: its role may see it and it was not said there. A change
// of state is shown by the card, which has its own way; only that a conversation is closed, or open again, matters to every
// team lane, in its order with what is said: a platform may put the thread away. Visitors may see just these changes.
//
// The robot's lane minds what visitors say, and that the robot is to answer from now on.
//
// Desk and Courier share this rule: the one raises a lane's head by it, the other skips by it.
func (l Lane) Minds(en Entry) bool {
	if l.Role == RoleRobot {
		return en.Audience == Everyone && en.By.Kind == ByVisitor && (en.Kind == Said || en.Kind == Edited) || en.Kind == Changed && en.State == StateRobot
	}
	if l.Reads || !en.Audience.Includes(l.Endpoint, l.Role) {
		return false
	}
	if en.Kind == Changed {
		return l.Role == RoleTeam && en.Audience == Everyone
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

// LaneStat is how far behind the lanes of an endpoint are.
type LaneStat struct {
	Endpoint EndpointName
	Lag      int64         // entries between cursor and head, over all lanes
	Oldest   time.Duration // since the oldest entry that is waiting was said
}
