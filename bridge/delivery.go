package bridge

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// DeliveryKey names one part of one entry at one endpoint, for ever: "conversation.seq.part@endpoint". It travels
// with the part where the platform can carry it (Slack metadata, Discord nonce), so that we can ask whether a part
// got through. Seq 0 is the opening part.
type DeliveryKey string

// NewDeliveryKey composes a key.
func NewDeliveryKey(c ConversationID, seq int64, part int, e EndpointName) DeliveryKey {
	return DeliveryKey(fmt.Sprintf("%d.%d.%d@%s", c, seq, part, e))
}

// Parse takes a key apart; ok is false when it is not one of ours.
func (k DeliveryKey) Parse() (c ConversationID, seq int64, part int, e EndpointName, ok bool) {
	numbers, name, found := strings.Cut(string(k), "@")
	fields := strings.Split(numbers, ".")
	if !found || len(fields) != 3 {
		return 0, 0, 0, "", false
	}
	id, err1 := strconv.ParseInt(fields[0], 10, 64)
	seq, err2 := strconv.ParseInt(fields[1], 10, 64)
	part, err3 := strconv.Atoi(fields[2])
	if err1 != nil || err2 != nil || err3 != nil {
		return 0, 0, 0, "", false
	}
	return ConversationID(id), seq, part, EndpointName(name), true
}

// Delivery is one entry on its way to one lane, with all that rendering it may need.
type Delivery struct {
	Conversation Conversation
	Visitor      Visitor
	Thread       ThreadRef // empty for the opening
	Opening      bool      // render the card that becomes the thread; Entry is zero
	Recap        string    // opening again after the thread was lost: what to tell the agents
	Entry        Entry     // Body and Files are those to show now
	// Landed are the target's parts at this endpoint, in part order: what an edit changes, a deletion removes,
	// an answer points at. For Changed they are the opening part.
	Landed []Landed
}

// Landed is where one part went.
type Landed struct {
	Part    int
	Message MessageRef
}

// Op is what a part does on its platform.
type Op string

const (
	Post   Op = "post"
	Edit   Op = "edit"
	Delete Op = "delete"
)

// Urgency orders parts that wait for the same place, most urgent first.
type Urgency int

const (
	UrgencyReply Urgency = iota
	UrgencyEdit
	UrgencyCard
	UrgencyReaction
)

// Part is one platform message to be made, changed or removed.
type Part struct {
	Key     DeliveryKey // set by the Courier
	Op      Op
	Urgency Urgency
	Place   string     // the channel or chat whose pace applies
	Thread  ThreadRef  // where to post
	Message MessageRef // what to edit or delete
	Notify  bool       // Post only: people should be alerted
	After   time.Time  // Post only: no earlier than this can the platform have it; set by the Courier
	Content any        // the adapter's own; made by Render, read by Send and Find
}

// Sent is what a platform answered to an accepted part.
type Sent struct {
	Message MessageRef
	Thread  ThreadRef // set by an opening part: the thread that is now the lane's
}
