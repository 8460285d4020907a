package bridge

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/skeindesk/skein/bridge/rich"
)

// robotCommands give a conversation to the robot, take it away, and answer what it proposes.
func robotCommands() []command {
	return []command{
		{
			Word: Word{
				Word: "robot", Usage: "!robot on or !robot off", Help: "hand the conversation to the robot, or take it from it",
				Args: []Field{{
					Name: "robot", Label: "Robot", Kind: FieldChoice,
					Choices: []Choice{{Value: "on", Label: "On"}, {Value: "off", Label: "Off"}},
				}},
			},
			run: commandRobot,
		},
		{
			Word: Word{
				Word: "draft", Usage: "!draft send, edit or drop", Help: "send what the robot proposes, change it first, or drop it",
				Args: []Field{{Name: "words", Label: "What to do, or the words to send instead", Kind: FieldText}},
			},
			run: commandDraft,
		},
		learnCommand(),
	}
}

var errNoRobot = &Problem{Code: "no_robot", Public: "There is no robot here: none is configured (robot: in skein.yaml)."}

func commandRobot(d *Desk, c *change, a asked) error {
	word := strings.ToLower(a.field("robot"))
	switch {
	case d.robot == nil:
		return errNoRobot
	case word == "on" && d.robot.Drafts:
		return &Problem{Code: "drafts", Public: "The robot only proposes answers here, in every conversation."}
	case word == "on" && a.conv.State == StateRobot, word == "off" && a.conv.State != StateRobot:
		return &Problem{Code: "already", Public: "The robot is " + word + " in this conversation already."}
	case word == "on":
		lanes, err := c.tx.Lanes(a.conv.ID)
		if err != nil {
			return err
		}
		if !hasRobot(lanes) {
			return &Problem{Code: "too_old", Public: "This conversation began before there was a robot. It cannot join any more."}
		}
		a.conv.Owner, a.conv.OwnerName = 0, ""
		return c.setState(a.conv, StateRobot, a.by, Origin{})
	case word == "off":
		return c.assign(a.conv, a.agent, a.by, Origin{})
	}
	return &Problem{Code: "bad_word", Public: "Nothing was changed: write on or off after the word."}
}

func hasRobot(lanes []Lane) bool {
	for _, l := range lanes {
		if l.Role == RoleRobot {
			return true
		}
	}
	return false
}

// draft proposes an answer to the agents.
func (d *Desk) draft(c *change, conv Conversation, in Inbound, kept KeptThought) error {
	t := in.Thought
	if rich.IsEmpty(t.Answer.Text) {
		kept.Kind = ThoughtUnsure
		return c.tx.KeepThought(kept)
	}
	kept.Kind = ThoughtDrafted
	if err := c.tx.KeepThought(kept); err != nil {
		return err
	}
	err := c.write(Entry{
		Conversation: conv.ID, Kind: Noted, Audience: AgentsOnly, By: d.robotSpeaking(), Origin: Origin{Endpoint: Robot, Key: in.Key},
		Body: t.Answer.Text, At: now(),
	})
	if err != nil {
		return err
	}
	seq := c.written[len(c.written)-1].Seq
	rest := strconv.FormatInt(seq, 10)
	why := "The robot proposes this"
	if len(t.Answer.Sources) > 0 {
		why += ", from “" + t.Answer.Sources[0].Title + "”"
	}
	return c.question(conv, AgentsOnly, seq, why+". Send it (!draft send), send other words (!draft words) or drop it (!draft drop)?",
		Offer{Word: "draft", Rest: "send " + rest, Label: "Send", Style: OfferPrimary},
		Offer{Word: "draft", Rest: "edit " + rest, Label: "Edit"}, Offer{Word: "draft", Rest: "drop " + rest, Label: "Drop"})
}

// commandDraft sends what the robot proposed last, or the one a number names, or other words in its stead.
func commandDraft(d *Desk, c *change, a asked) error {
	words := a.field("words")
	verb, seq := draftVerb(words)
	if number, written := strings.CutPrefix(a.rest, draftForm); written && a.fields != nil { // whatever the words begin with
		verb = ""
		seq, _ = strconv.ParseInt(number, 10, 64)
	}
	question, proposed, err := c.proposal(a.conv, seq)
	if err != nil {
		return err
	}
	switch verb {
	case "drop":
		return c.settleQuestion(question, "Dropped by "+a.by.Name+".")
	case "edit":
		a.answer.Form = &Form{
			Word: "draft", Rest: draftForm + strconv.FormatInt(proposed.Seq, 10), Title: "Answer", Submit: "Send",
			Fields: []Field{{Name: "words", Label: "Words to the visitor", Kind: FieldText, Value: rich.Plain(proposed.Body)}},
		}
		return nil
	case "send":
		words = ""
	}
	a.native = true // nobody has read it as the agent's yet
	if words == "" {
		return errors.Join(c.settleQuestion(question, "Sent by "+a.by.Name+"."), d.speak(c, a, proposed.Body, nil))
	}
	before := len(c.written)
	if err := d.speak(c, a, rich.Of(words), nil); err != nil {
		return err
	}
	var offers []Offer
	if said, ok := c.saidSince(before); ok { // or else somebody has to be asked first
		offers = []Offer{{Word: "learn", Rest: strconv.FormatInt(said.Seq, 10), Label: "Keep as knowledge"}}
	}
	return c.settleQuestion(question, "Sent by "+a.by.Name+", in other words.", offers...)
}

// draftForm is what follows the word of a form with an agent's own words, before the number of what the robot proposed.
const draftForm = "words "

// draftVerb is what is to be done with a proposal, and with which; 0: the newest. It is empty for words to be sent: those may
// well begin with "Send".
func draftVerb(words string) (verb string, seq int64) {
	verb, number, _ := strings.Cut(strings.TrimSpace(words), " ")
	if verb = strings.ToLower(verb); verb != "send" && verb != "edit" && verb != "drop" {
		return "", 0
	}
	if number = strings.TrimSpace(number); number == "" {
		return verb, 0
	}
	seq, err := strconv.ParseInt(number, 10, 64)
	if err != nil || seq <= 0 {
		return "", 0
	}
	return verb, seq
}

// saidSince is what an agent has said to the visitor among what was written last.
func (c *change) saidSince(before int) (Entry, bool) {
	for _, en := range c.written[before:] {
		if en.Kind == Said && en.By.Kind == ByAgent {
			return en, true
		}
	}
	return Entry{}, false
}

// proposal finds the question about something the robot proposes, the newest for 0.
func (c *change) proposal(conv Conversation, seq int64) (question, proposed Entry, err error) {
	questions, err := c.tx.Questions(conv.ID)
	if err != nil {
		return question, proposed, err
	}
	for _, q := range questions {
		if len(q.Offers) == 0 || q.Offers[0].Word != "draft" || seq != 0 && q.Target != seq {
			continue
		}
		proposed, gone, err := c.tx.EntryAt(conv.ID, q.Target)
		if err != nil {
			return question, proposed, fmt.Errorf("find a proposal: %w", err)
		}
		if !gone {
			return q, proposed, nil
		}
	}
	return question, proposed, &Problem{Code: "no_draft", Public: "The robot proposes nothing here."}
}
