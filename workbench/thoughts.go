package workbench

import (
	"context"
	"strconv"
	"strings"

	"github.com/skeindesk/skein/bridge"
)

// thoughts are what the robot has thought of in a conversation, by the visitor's line that it was about.
type thoughts map[int64]bridge.KeptThought

func (b *Workbench) thoughtsOf(ctx context.Context, c bridge.Conversation) (thoughts, error) {
	if b.cfg.Knowledge == nil || c.Kind != bridge.Guest {
		return nil, nil
	}
	kept, err := b.cfg.Knowledge.ThoughtsOf(ctx, c.ID)
	all := make(thoughts, len(kept))
	for _, t := range kept {
		all[t.Seq] = t
	}
	return all, err
}

// tokens is what they have cost together.
func (all thoughts) tokens() (sum int) {
	for _, t := range all {
		sum += t.Tokens
	}
	return sum
}

// at is the thought that a line shows: the robot's shows why it says that, the visitor's why nothing was said to it.
func (all thoughts) at(en bridge.Entry) *bridge.KeptThought {
	seq := en.Seq
	byRobot := en.By.Kind == bridge.ByRobot && en.Origin.Endpoint == bridge.Robot
	if byRobot { // its key is the conversation and the line that it answers
		_, number, _ := strings.Cut(en.Origin.Key, ".")
		seq, _ = strconv.ParseInt(number, 10, 64)
	} else if en.By.Kind != bridge.ByVisitor {
		return nil
	}
	t, is := all[seq]
	if told := t.Kind == bridge.ThoughtSaid || t.Kind == bridge.ThoughtDrafted; !is || told != byRobot {
		return nil
	}
	return &t
}

// outcome is what became of a thought, in few words.
func outcome(k bridge.ThoughtKind) string {
	switch k {
	case bridge.ThoughtOffered:
		return "The robot asked what was meant"
	case bridge.ThoughtUnsure:
		return "The robot had no answer"
	case bridge.ThoughtFailed:
		return "The robot failed"
	case bridge.ThoughtSaid, bridge.ThoughtDrafted:
	}
	return "Why the robot says this"
}
