package bridge

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/skeindesk/skein/bridge/rich"
)

// HeldLine is an agent's line that was not sent, and the notice that asks whether to send it.
type HeldLine struct {
	Question Entry
	Line     Entry // as it stands now
	Gone     bool  // it has been deleted meanwhile
}

// ask keeps a line from the visitor until its author has said whether to send it.
func (c *change) ask(conv Conversation, line Entry, why string) error {
	line.Kind, line.Audience, line.Held = Noted, Only(line.Origin.Endpoint), 0
	if line.Origin.Endpoint == "" { // given in a native form: nobody has read it yet
		line.Audience = Only(c.route.Endpoint)
	}
	if err := c.write(line); err != nil {
		return err
	}
	seq := c.written[len(c.written)-1].Seq
	rest := strconv.FormatInt(seq, 10)
	return c.question(conv, Only(c.route.Endpoint), seq, "Not sent yet: "+why+". Send it (!send) or keep it among colleagues (!keep)?",
		Offer{Word: "send", Rest: rest, Label: "Send"}, Offer{Word: "keep", Rest: rest, Label: "Keep internal", Style: OfferPrimary})
}

// questionCommands answer what ask asks.
func questionCommands() []command {
	return []command{
		{Word: Word{Word: "send", Usage: "!send", Help: "send your line that was held back"}, run: commandSend},
		{Word: Word{Word: "keep", Usage: "!keep", Help: "keep your line that was held back among colleagues"}, run: commandKeep},
	}
}

func commandSend(d *Desk, c *change, a asked) error {
	held, err := c.heldLine(a)
	if err != nil {
		return err
	}
	en := held.Line
	en.Kind, en.Audience, en.Held, en.At = Said, Everyone, c.route.Hold, now()
	en.Origin = again(held, a.in.Endpoint, "sent")
	if err := c.settleQuestion(held.Question, "Sent to the visitor after all."); err != nil {
		return err
	}
	return d.answer(c, a.conv, a.agent, en)
}

func commandKeep(_ *Desk, c *change, a asked) error {
	held, err := c.heldLine(a)
	if err != nil {
		return err
	}
	en := held.Line
	en.Audience, en.At, en.Origin = AgentsOnly, now(), again(held, a.in.Endpoint, "kept")
	if err := c.settleQuestion(held.Question, "Kept among colleagues."); err != nil {
		return err
	}
	return c.write(en)
}

// again is the origin of a line that is logged a second time: the same message, but no repeat. One that was given in a
// native form stands already where it was given.
func again(h HeldLine, e EndpointName, what string) Origin {
	o := h.Line.Origin
	if o.Endpoint == "" {
		return Origin{Endpoint: e, Key: fmt.Sprintf("held/%d/%d/%s", h.Line.Conversation, h.Line.Seq, what)}
	}
	o.Key += "/" + what
	return o
}

// heldLine finds the line that a command is about: the agent's own, the newest unless a number follows the word.
func (c *change) heldLine(a asked) (HeldLine, error) {
	var seq int64
	if a.rest != "" {
		var err error
		if seq, err = strconv.ParseInt(a.rest, 10, 64); err != nil || seq <= 0 {
			return HeldLine{}, errNothingHeld
		}
	}
	held, err := c.tx.HeldLine(a.conv.ID, a.agent.ID, seq)
	switch {
	case errors.Is(err, ErrNotFound):
		return HeldLine{}, errNothingHeld
	case err != nil:
		return HeldLine{}, fmt.Errorf("find a held line: %w", err)
	case held.Gone:
		return HeldLine{}, &Problem{Code: "deleted", Public: "You have deleted that line. Nothing was sent."}
	}
	return held, nil
}

var errNothingHeld = &Problem{
	Code: "nothing_held", Public: "No line of yours is held back here. Only who has written a line can send it.",
}

// forget settles the question about a line whose author has made it needless.
func (c *change) forget(line Entry, text string) error {
	if line.Kind != Noted || line.By.Kind != ByAgent {
		return nil
	}
	held, err := c.tx.HeldLine(line.Conversation, AgentID(line.By.ID), line.Seq)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find a held line: %w", err)
	}
	return c.settleQuestion(held.Question, text)
}

// spoken is what an agent says to the visitor by a command.
func (c *change) spoken(a asked, body rich.Doc, files []File) Entry {
	en := said(a.conv, a.in, a.by, files, 0)
	en.Origin, en.Body, en.Held, en.Language = a.spoken(), body, c.route.Hold, a.speaks
	return en
}

// speak logs what an agent answers by a command.
func (d *Desk) speak(c *change, a asked, body rich.Doc, files []File) error {
	en := c.spoken(a, body, files)
	why, err := d.doubt(c, a.conv, a.agent, body)
	switch {
	case err != nil:
		return err
	case why != "":
		return c.ask(a.conv, en, why)
	}
	return d.answer(c, a.conv, a.agent, en)
}

// answer logs a line for the visitor. The first one takes the conversation, in the same transaction.
func (d *Desk) answer(c *change, conv Conversation, agent Agent, en Entry) error {
	if err := c.write(en); err != nil {
		return err
	}
	if conv.State != StateAssigned {
		return c.assign(conv, agent, en.By, Origin{})
	}
	return nil
}
