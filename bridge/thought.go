package bridge

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge/rich"
)

// Robot is the endpoint of the robot. It is not configured as others are. Its threads are conversations, each by its number.
const Robot EndpointName = "robot"

// Thought is what the robot has thought of. Whether it is said is decided in the transaction that would log it: not when a
// person has spoken since, or somebody has changed the conversation's state.
type Thought struct {
	Seq    int64 // of the entry that it is an answer to
	Answer RobotAnswer
	Failed string // why there is no Answer, in a sentence for agents
}

// ThoughtKind is what became of a thought.
type ThoughtKind string

const (
	ThoughtSaid    ThoughtKind = "said"    // the visitor was answered
	ThoughtOffered ThoughtKind = "offered" // the visitor was asked which of several they meant
	ThoughtUnsure  ThoughtKind = "unsure"  // the robot had nothing to say
	ThoughtDrafted ThoughtKind = "drafted" // agents were proposed it
	ThoughtFailed  ThoughtKind = "failed"
)

// KeptThought is a thought as it is kept: what was said, and why.
type KeptThought struct {
	Conversation ConversationID
	Seq          int64 // see Thought
	Kind         ThoughtKind
	Question     string // what was asked, plain
	Sources      []Source
	Confidence   float64
	Why          string
	Tokens       int
	At           time.Time
}

// RobotTx is the part of a transaction that is about the robot.
type RobotTx interface {
	// Overtaken reports whether an answer to the entry seq comes too late: whatever else the robot is asked about has come
	// since, an agent has said something to the visitor, the conversation's state has changed, or that line was taken back.
	Overtaken(c ConversationID, seq int64) (bool, error)
	// KeepThought keeps what became of a thought. One about the same entry is kept already: nothing changes.
	KeepThought(t KeptThought) error
	// Unsure counts the thoughts in a row that were ThoughtUnsure or ThoughtOffered, up to the newest and since the state
	// changed last.
	Unsure(c ConversationID) (int, error)
	// Thoughts counts the conversation's thoughts within so long.
	Thoughts(c ConversationID, within time.Duration) (int, error)
	// Recent returns what was said last between the visitor and the team, as it stands now, oldest first.
	Recent(c ConversationID, limit int) ([]Entry, error)
}

// RobotManners are how the robot behaves, whatever thinks for it.
type RobotManners struct {
	Name   string
	Drafts bool // it proposes, and agents send
	// UnsureAfter is after how many times that it had no answer in a row a person takes over.
	UnsureAfter int
	Handoff     HandoffRules
}

// maxThoughts is how often the robot answers in one conversation in an hour: whoever asks more is no person, or needs one.
const maxThoughts = 30

// takeThought logs what the robot has thought of, unless it comes too late.
func (d *Desk) takeThought(c *change, in Inbound) error {
	t := in.Thought
	conv, role, err := c.tx.ConversationByThread(in.Endpoint, in.Thread)
	if errors.Is(err, ErrNotFound) || err == nil && (role != RoleRobot || t == nil || d.robot == nil) {
		return nil
	}
	if err != nil {
		return err
	}
	late, err := c.tx.Overtaken(conv.ID, t.Seq)
	if err != nil || late || conv.Blocked || !d.robotListens(conv) {
		return err
	}
	asked, _, err := c.tx.EntryAt(conv.ID, t.Seq)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	kept := KeptThought{
		Conversation: conv.ID, Seq: t.Seq, Question: Excerpt(rich.Plain(asked.Body)), Sources: t.Answer.Sources,
		Confidence: t.Answer.Confidence, Why: t.Answer.Why, Tokens: t.Answer.Tokens, At: now(),
	}
	if d.robot.Drafts {
		return d.draft(c, conv, in, kept)
	}
	return d.think(c, conv, in, kept)
}

// robotListens reports whether the robot has a say in the conversation as it stands.
func (d *Desk) robotListens(conv Conversation) bool {
	return conv.State == StateRobot || d.robot.Drafts && (conv.State == StateUnassigned || conv.State == StateAssigned)
}

// think says an answer to the visitor, or hands the conversation over.
func (d *Desk) think(c *change, conv Conversation, in Inbound, kept KeptThought) error {
	t := in.Thought
	origin := Origin{Endpoint: Robot, Key: in.Key}
	language := conv.Language
	say := func(body rich.Doc, choices []string) error {
		en := Entry{
			Conversation: conv.ID, Kind: Said, Audience: Everyone, By: d.robotSpeaking(), Origin: origin, Body: body,
			Offers: choicesOf(choices), At: now(), Language: language,
		}
		if len(t.Answer.Sources) > 0 {
			en.Language = t.Answer.Sources[0].Language
		}
		return c.write(en)
	}
	recent, err := c.tx.Thoughts(conv.ID, time.Hour)
	if err != nil {
		return err
	}
	switch {
	case t.Failed != "":
		kept.Kind, kept.Why = ThoughtFailed, t.Failed
		return errors.Join(c.tx.KeepThought(kept), d.handOff(c, conv, origin, "the robot could not answer: "+t.Failed))
	case recent >= maxThoughts:
		kept.Kind = ThoughtUnsure
		return errors.Join(c.tx.KeepThought(kept), d.handOff(c, conv, origin, "the visitor asks more than a robot should answer."))
	case !rich.IsEmpty(t.Answer.Text):
		kept.Kind = ThoughtSaid
		if err := errors.Join(c.tx.KeepThought(kept), say(t.Answer.Text, nil)); err != nil || !t.Answer.Person {
			return err
		}
		return d.handOff(c, conv, Origin{}, "the robot thinks that a person should take over.")
	case t.Answer.Person:
		kept.Kind = ThoughtUnsure
		return errors.Join(c.tx.KeepThought(kept), d.handOff(c, conv, origin, "the robot thinks that a person should take over."))
	}
	words := robotWordsIn(language)
	if courtesy, ok := words.courtesy(kept.Question); ok {
		kept.Kind, kept.Why = ThoughtSaid, "The visitor has asked nothing."
		return errors.Join(c.tx.KeepThought(kept), say(rich.Of(courtesy), nil))
	}
	if kept.Kind = ThoughtUnsure; len(t.Answer.Offers) > 0 {
		kept.Kind = ThoughtOffered
	}
	if err := c.tx.KeepThought(kept); err != nil {
		return err
	}
	unsure, err := c.tx.Unsure(conv.ID)
	if err != nil {
		return err
	}
	if unsure >= max(d.robot.UnsureAfter, 1) {
		return d.handOff(c, conv, origin, fmt.Sprintf("the robot had no answer %s.", times(unsure)))
	}
	choices := make([]string, 0, MaxOffers+1)
	for _, o := range t.Answer.Offers {
		choices = append(choices, o.Title)
	}
	if len(choices) == 0 {
		return say(rich.Of(words.unsure), []string{words.person})
	}
	return say(rich.Of(words.which), append(choices, words.person))
}

func (d *Desk) robotSpeaking() Speaker {
	if d.robot == nil {
		return Speaker{Kind: ByRobot}
	}
	return Speaker{Kind: ByRobot, Name: d.robot.Name}
}

func times(n int) string {
	if n == 1 {
		return "to this"
	}
	return fmt.Sprintf("%d times in a row", n)
}

// choicesOf are what a visitor can answer with one press: what stands on a button is what they say.
func choicesOf(texts []string) (offers []Offer) {
	for _, text := range texts {
		if text = strings.TrimSpace(text); text != "" {
			offers = append(offers, Offer{Label: text})
		}
	}
	return offers
}

// Choices are what a visitor can answer a robot's line with by one press.
func (en Entry) Choices() (texts []string) {
	if en.Kind != Said || en.By.Kind != ByRobot {
		return nil
	}
	for _, o := range en.Offers {
		texts = append(texts, o.Label)
	}
	return texts
}
