package bridge

import (
	"slices"
	"strings"

	"github.com/skeindesk/skein/bridge/knowledge"
	"github.com/skeindesk/skein/bridge/rich"
)

// HandoffRules say which visitors of the robot get a person at once.
type HandoffRules struct {
	Words    []string // that their line has, whole words, upper and lower case being the same
	Pages    []string // that they are on, as Rule.Path
	Verified bool     // the host site vouches for them
	Hours    When     // their endpoint is open, or closed; Whenever: that does not matter
}

// leavesRobot reports why a visitor's line is for a person rather than for the robot; "" when it is not.
func (d *Desk) leavesRobot(v Visitor, text string) string {
	rules := d.robot.Handoff
	switch {
	case strings.TrimSpace(text) == "/human" || knowledge.WantsPerson(text):
		return "the visitor has asked for a person."
	case rules.Verified && v.Verified:
		return "the visitor is a customer whom the site knows."
	}
	said := " " + strings.ToLower(strings.Join(strings.FieldsFunc(text, notInWord), " ")) + " "
	for _, word := range rules.Words {
		if strings.Contains(said, " "+strings.ToLower(word)+" ") {
			return "the visitor has said “" + word + "”."
		}
	}
	if i := slices.IndexFunc(rules.Pages, func(p string) bool { return onPage(p, v.Page.URL) }); i >= 0 {
		return "the visitor is on " + rules.Pages[i] + "."
	}
	route, _ := d.route(v.Endpoint)
	switch open := route.Office.Open(now()); {
	case rules.Hours == Within && open:
		return "it is open now."
	case rules.Hours == Outside && !open:
		return "it is closed now."
	}
	return ""
}

// handOff gives a conversation of the robot's to the team, with a summary for whoever takes it.
func (d *Desk) handOff(c *change, conv Conversation, origin Origin, why string) error {
	robot := d.robotSpeaking()
	conv.Owner, conv.OwnerName = 0, ""
	if err := c.setState(conv, StateUnassigned, robot, origin); err != nil {
		return err
	}
	goodbye := Entry{
		Conversation: conv.ID, Kind: Said, Audience: Everyone, By: robot, Origin: Origin{Key: handoffLine},
		Body: rich.Of(robotWordsIn(conv.Language).handoff), At: now(), Language: conv.Language,
	}
	if err := c.write(goodbye); err != nil {
		return err
	}
	summary, err := c.summary(conv)
	if err != nil {
		return err
	}
	if err := c.notify(conv, AgentsOnly, "Handed over: "+why+summary); err != nil {
		return err
	}
	conv.State = StateUnassigned
	_, err = d.distribute(c, conv, 0, "the robot hands over: ")
	return err
}

// handoffLine is the key of what the robot says last: it answers nothing, and whoever waits goes on waiting.
const handoffLine = "handoff"

// IsHandoff reports whether the entry is that.
func (en Entry) IsHandoff() bool { return en.Kind == Said && en.Origin == Origin{Key: handoffLine} }

// summary says in three lines what a conversation with the robot was about: how it began, what the robot said last, and what
// the visitor did.
func (c *change) summary(conv Conversation) (string, error) {
	recent, err := c.tx.Recent(conv.ID, 40)
	if err != nil {
		return "", err
	}
	var first, answer, last string
	for _, en := range recent {
		switch text := Excerpt(rich.Plain(en.Body)); {
		case en.By.Kind == ByVisitor && first == "":
			first, last = text, text
		case en.By.Kind == ByVisitor:
			last = text
		case en.By.Kind == ByRobot && !en.IsHandoff():
			answer = text
		}
	}
	out := ""
	for _, line := range [][2]string{{"Asked first: ", first}, {"The robot said: ", answer}, {"Said last: ", last}} {
		if line[1] != "" {
			out += "\n" + line[0] + line[1]
		}
	}
	return out, nil
}

func notInWord(r rune) bool {
	return r < '0' || r > '9' && r < 'A' || r > 'Z' && r < 'a' || r > 'z' && r < 0x80
}
