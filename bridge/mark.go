package bridge

import (
	"context"
	"slices"
)

// Mark is a sign under an agent's line that tells what has become of it.
type Mark struct {
	Conversation ConversationID
	Endpoint     EndpointName
	Message      MessageRef
	Sign         Proven
	Put          bool // it certainly stands
}

// emoji is what a mark looks like.
func (p Proven) emoji() string {
	return map[Proven]string{Queued: "⏳", Delivered: "✅", Seen: "👀", Failed: "⚠️"}[p]
}

// Marking is what the marks of one conversation depend on.
type Marking struct {
	Conversation Conversation
	Lines        []MarkedLine // the newest by an agent to the visitor, and those that a place has refused
	Marks        []Mark       // those that stand, perhaps
}

// MarkedLine is a line that may have marks.
type MarkedLine struct {
	Line   Entry
	Newest bool
	Proofs []Proof
}

// MarkBook is the Marker's way to the database.
type MarkBook interface {
	// Marking reads what the marks of a conversation depend on.
	Marking(ctx context.Context, c ConversationID) (Marking, error)
	// SaveMark notes a mark that is about to be put, or has been.
	SaveMark(ctx context.Context, m Mark) error
	// DropMark notes that it stands no longer.
	DropMark(ctx context.Context, m Mark) error
	// Unmarked lists conversations whose marks at the endpoint may have to be brought up to date: those in which it was
	// left open, and those that have changed of late.
	Unmarked(ctx context.Context, e EndpointName) ([]ConversationID, error)
}

// wanted lists the marks that are to stand. Of what has arrived only the newest line tells; what has not always does. open
// tells that the newest may still come to be delivered or seen.
func (m Marking) wanted() (marks []Mark, open bool) {
	for _, l := range m.Lines {
		sign := provenFor(l.Line, l.Proofs)
		if l.Newest {
			open = sign == Queued || sign == Delivered && slices.ContainsFunc(l.Proofs, func(p Proof) bool { return p.Lane.Reads })
		}
		if sign == Nowhere || sign != Failed && !l.Newest {
			continue
		}
		for _, at := range l.stands() {
			at.Conversation, at.Sign = m.Conversation.ID, sign
			if sign == Failed || m.Conversation.State != StateClosed || m.has(at) {
				marks = append(marks, at)
			}
		}
	}
	return marks, open
}

// has reports whether the message has a mark already. In a closed conversation no other gets one: its thread is at rest.
func (m Marking) has(at Mark) bool {
	return slices.ContainsFunc(m.Marks, func(x Mark) bool { return x.Endpoint == at.Endpoint && x.Message == at.Message })
}

// stands says where the line is marked: on the message it was written in; of one that was given by a button, on our copies.
func (l MarkedLine) stands() (at []Mark) {
	if o := l.Line.Origin; o.Message != "" {
		return []Mark{{Endpoint: o.Endpoint, Message: o.Message}}
	}
	for _, p := range l.Proofs {
		if landed := landed(p.Receipts); p.Lane.Role == RoleTeam && len(landed) > 0 {
			at = append(at, Mark{Endpoint: p.Lane.Endpoint, Message: landed[0].Message})
		}
	}
	return at
}

// threads are the conversation's threads by endpoint.
func (m Marking) threads() map[EndpointName]ThreadRef {
	threads := map[EndpointName]ThreadRef{}
	for _, l := range m.Lines {
		for _, p := range l.Proofs {
			threads[p.Lane.Endpoint] = p.Lane.Thread
		}
	}
	return threads
}

// is reports whether two marks are the same, whether they certainly stand or not.
func (m Mark) is(other Mark) bool {
	return m.Endpoint == other.Endpoint && m.Message == other.Message && m.Sign == other.Sign
}
