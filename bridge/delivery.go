package bridge

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge/rich"
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
	Card         *Card     // of an opening; without one, Landed is the card, which is to be changed: Entry is zero
	Recap        string    // opening again after the thread was lost: what to tell the agents
	// Entry's Body and Files are those to show now. The bytes of every file are there and as many as its Size says; what
	// cannot be sent as a file is described at the end of the Body.
	Entry Entry
	// Landed are the target's parts at this endpoint, in part order: what an edit changes, a deletion removes,
	// an answer points at. For Changed and for a card they are the opening part, for a reaction the one message to put it under.
	// What was said here first, by a person of this endpoint, is that person's message.
	Landed []Landed
	// Root is where the line stands here that began the chain of answers to which Entry belongs; for platforms whose
	// threads have no threads. Empty when Entry answers nothing, or when that line does not stand here any more.
	Root []Landed
	// People are those this endpoint knows of the people whom Body mentions, by the Info of the Mention, which is the id
	// at the endpoint the entry came from. They may be mentioned so that the platform calls them; all others are
	// written as "@name" and called by nothing.
	People map[string]Person
}

// Emoji is what a reaction consists of: the characters of an emoji, or ":name:" of one that has none.
func (en Entry) Emoji() string { return rich.Plain(en.Body) }

// Spoken says in a few words what language the visitor speaks; empty when nothing is known of that.
func (d Delivery) Spoken() string { return spoken(d.Conversation, d.Visitor) }

func spoken(c Conversation, v Visitor) string {
	switch {
	case c.Language == "":
		return v.Locale
	case c.Auto:
		return LanguageName(c.Language) + ", translated"
	case c.LanguageSure:
		return LanguageName(c.Language)
	}
	return LanguageName(c.Language) + "?"
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

	React   Op = "react"   // put an emoji under Message in our own name; doing it again changes nothing
	Unreact Op = "unreact" // take it away; nor does doing that again
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
	Message MessageRef // what to edit or delete, or to react to
	Void    bool       `json:",omitempty"` // there is nothing left to send: it only keeps its number
	Notify  bool       // Post only: people should be alerted
	After   time.Time  // Post only: no earlier than this can the platform have it; set by the Courier
	Content any        // the adapter's own; made by Render, read by Send and Find
}

// Sent is what a platform answered to an accepted part.
type Sent struct {
	Message MessageRef
	Thread  ThreadRef // set by an opening part: the thread that is now the lane's
}
