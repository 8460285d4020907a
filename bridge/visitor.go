package bridge

import (
	"fmt"
	"time"

	"github.com/skeindesk/skein/bridge/rich"
)

// takeVisitor logs a visitor's line. A line in a closed conversation opens it again, or begins another one.
func (d *Desk) takeVisitor(c *change, in Inbound) error {
	conv, err := d.open(c.tx, c.route, in)
	if err != nil {
		return err
	}
	if conv.Blocked {
		return c.keepOut(conv.Visitor)
	}
	if words, err := c.aboutRating(conv, in); words || err != nil {
		return err
	}
	if d.isOver(conv) {
		return d.begin(c, conv, in)
	}
	isNew := conv.LastSeq == 0
	if err := d.visitorSays(c, conv, in); err != nil {
		return err
	}
	switch {
	case conv.State == StateClosed:
		return d.openAgain(c, conv, in)
	case conv.State == StateRobot:
		return d.perhapsHandOff(c, conv, in)
	case isNew && conv.State == StateUnassigned:
		_, err := d.distribute(c, conv, 0, "a visitor is here: ")
		return err
	}
	return nil
}

// perhapsHandOff gives a conversation of the robot's to the team when its visitor's line is not for a robot.
func (d *Desk) perhapsHandOff(c *change, conv Conversation, in Inbound) error {
	if d.robot == nil { // there was one
		return d.handOff(c, conv, Origin{}, "there is no robot any more.")
	}
	v, err := c.tx.Visitor(conv.Visitor)
	if err != nil {
		return err
	}
	why := d.leavesRobot(v, rich.Plain(in.Body))
	if why == "" && rich.IsEmpty(in.Body) {
		why = "the visitor has sent a file."
	}
	if why == "" {
		return nil
	}
	return d.handOff(c, conv, Origin{}, why)
}

func (d *Desk) visitorSays(c *change, conv Conversation, in Inbound) error {
	by := visitorSpeaking(in)
	by.ID = int64(conv.Visitor)
	target, err := referred(c.tx, conv.ID, in)
	if err != nil {
		return err
	}
	return c.write(said(conv, in, by, c.files, target))
}

// isOver reports whether the conversation was closed so long ago that its visitor's next line begins another one.
func (d *Desk) isOver(conv Conversation) bool {
	return conv.State == StateClosed && d.assignment.Reopen > 0 && time.Since(conv.ClosedAt) > d.assignment.Reopen
}

// openAgain takes a closed conversation back because its visitor has written: to whoever had it, if they are there, or to
// the robot.
func (d *Desk) openAgain(c *change, conv Conversation, in Inbound) error {
	before := conv.Owner
	conv.Owner, conv.OwnerName = 0, ""
	if err := c.setState(conv, d.firstState, Speaker{Kind: BySystem}, Origin{}); err != nil {
		return err
	}
	if conv.State = d.firstState; conv.State == StateRobot {
		return d.perhapsHandOff(c, conv, in)
	}
	conv.Owner = before
	_, err := d.distribute(c, conv, 0, "the visitor is back: ")
	return err
}

// begin takes a visitor's line as the first one of another conversation, in the visitor's threads and in new ones of the
// team. Its numbers go on after the earlier one's: who reads a log by the last number they have seen reads on. The earlier
// one stays closed; each says where the other is.
func (d *Desk) begin(c *change, earlier Conversation, in Inbound) error {
	lanes, err := c.tx.Lanes(earlier.ID)
	if err != nil {
		return err
	}
	chats := map[EndpointName]Left{}
	next, err := d.nextTeamLanes(c.tx, earlier)
	if err != nil {
		return err
	}
	for _, l := range lanes {
		if l.Role != RoleVisitor || l.Thread == "" {
			continue
		}
		if chats[l.Endpoint], err = c.tx.LeaveThread(l.Endpoint, l.Thread); err != nil {
			return err
		}
		next = append(next, Lane{Endpoint: l.Endpoint, Role: l.Role, Thread: l.Thread, Reads: l.Reads})
	}
	conv, err := c.tx.OpenConversation(Conversation{
		Kind: Guest, State: d.firstState, Endpoint: earlier.Endpoint, Visitor: earlier.Visitor, LastSeq: earlier.LastSeq, OpenedAt: in.At,
	}, next)
	if err != nil {
		return fmt.Errorf("begin another conversation: %w", err)
	}
	if err := d.visitorSays(c, conv, in); err != nil {
		return err
	}
	if err := d.pointBack(c, conv, lanes); err != nil {
		return err
	}
	if conv.State == StateRobot {
		err = d.perhapsHandOff(c, conv, in)
	} else {
		before := conv
		before.Owner = earlier.Owner
		_, err = d.distribute(c, before, 0, "the visitor is back: ")
	}
	if err != nil {
		return err
	}
	return c.goElsewhere(earlier, conv.ID, chats)
}

// nextTeamLanes are where the conversation after an earlier one opens its threads.
func (d *Desk) nextTeamLanes(tx Tx, earlier Conversation) ([]Lane, error) {
	v, err := tx.Visitor(earlier.Visitor)
	if err != nil {
		return nil, err
	}
	r, known := d.route(earlier.Endpoint)
	if !known { // it is not configured any more: the visitor writes elsewhere
		r.Endpoint = earlier.Endpoint
	}
	return d.teamLanes(tx, r, v)
}

// goElsewhere notes in a closed conversation that its visitor has begun another one.
func (c *change) goElsewhere(earlier Conversation, to ConversationID, chats map[EndpointName]Left) error {
	earlier.Joined = to
	if err := c.tx.UpdateConversation(earlier); err != nil {
		return err
	}
	text := "The visitor has written again. That is another conversation, in a thread of its own."
	for e, chat := range chats {
		if chat.behind() {
			text += notReached
		}
		if err := c.strand(e, chat); err != nil {
			return err
		}
	}
	return c.notify(earlier, AgentsOnly, text)
}

// pointBack says in each thread of a conversation where the earlier one, with these lanes, is.
func (d *Desk) pointBack(c *change, conv Conversation, earlier []Lane) error {
	const text = "This visitor has been here before"
	for _, l := range earlier {
		if l.Role != RoleTeam || l.Thread == "" {
			continue
		}
		en := notice(conv.ID, Only(l.Endpoint), text+".")
		if url, ok := rich.SafeURL(d.link(l.Endpoint, l.Thread)); ok {
			en.Body = rich.Doc{{Kind: rich.Paragraph, Children: []rich.Node{
				{Kind: rich.Text, Text: text + ": "},
				{Kind: rich.Link, URL: url, Children: []rich.Node{{Kind: rich.Text, Text: "earlier conversation"}}},
			}}}
		}
		if err := c.write(en); err != nil {
			return err
		}
	}
	return nil
}
