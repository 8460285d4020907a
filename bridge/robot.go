package bridge

import (
	"context"

	"github.com/skeindesk/skein/bridge/rich"
)

// RobotEngine thinks of what the robot says next. It remembers nothing from one call to the next and does nothing but
// answer, so an answer may be dropped, and asked for again. It may be called concurrently.
type RobotEngine interface {
	// Answer answers the last turn. It takes as long as its own limit allows at most, and no longer than ctx. The error
	// is, or wraps, a *Failure: Retry when another try may help, Wait when the engine says not before After, GiveUp when
	// this question will never be answered; Refused where a person must act first. Its words tell nothing of the
	// conversation and no secret.
	Answer(ctx context.Context, q RobotQuestion) (RobotAnswer, error)
}

// RobotQuestion is what a robot is asked.
type RobotQuestion struct {
	Key      string    // the same when the same is asked again, and different otherwise: for engines elsewhere
	Turns    []Turn    // what was said, oldest first, notes left out; the last is the visitor's
	Language string    // what the visitor reads, as a BCP 47 tag; empty: unknown
	Passages []Passage // what of the team's knowledge may answer it, best first
}

// Asked is the text of the last turn.
func (q RobotQuestion) Asked() string {
	if len(q.Turns) == 0 {
		return ""
	}
	return q.Turns[len(q.Turns)-1].Text
}

// Turn is one line of a conversation.
type Turn struct {
	By       SpeakerKind
	Text     string // plain
	Language string // BCP 47; empty: unknown
}

// Source is something the team knows, as far as a visitor may be shown it.
type Source struct {
	ID       string // of the article
	Title    string
	URL      string // where visitors can read it; empty: nowhere
	Language string
}

// Passage is what was found for a question in the team's knowledge.
type Passage struct {
	Source
	Answer     rich.Doc // the article
	Text       string   // the part of it that comes nearest to the question, plain
	Confidence float64  // from 0 to 1, how probable it is that this answers the question
	Lead       float64  // from 0 to 1, how clearly it comes before the next
}

// RobotAnswer is what an engine makes of a question: something to say (Text), a choice of what may have been meant (Offers),
// or neither, and then it is Unsure.
type RobotAnswer struct {
	Text       rich.Doc // for the visitor; only links of the Sources are in it, unless the engine is the team's own
	Sources    []Source // what Text rests on, the most important first
	Confidence float64  // from 0 to 1
	Offers     []Source // what may have been meant, at most MaxOffers, the most probable first
	Unsure     bool     // there is nothing to say; Text and Offers are empty
	Person     bool     // the engine thinks that a person should take over; perhaps after Text
	Why        string   // for agents: why this answer, or none; a sentence without words of the visitor's
	Tokens     int      // what it cost where that is counted in tokens, in and out
}

// MaxOffers is how many articles a visitor is given to choose from.
const MaxOffers = 3
