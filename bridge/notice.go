package bridge

import (
	"context"
	"errors"
	"fmt"

	"github.com/skeindesk/skein/bridge/rich"
)

// notice is a line by the system to agents. It has no origin, so it goes to every lane of its audience.
func notice(c ConversationID, a Audience, text string) Entry {
	return Entry{
		Conversation: c, Kind: Noted, Audience: a, By: Speaker{Kind: BySystem, Name: "Skein"},
		Body: rich.Of(text), At: now(),
	}
}

// IsNotice reports whether the system said it. A notice never causes a notice.
func (en Entry) IsNotice() bool { return en.By.Kind == BySystem && en.Kind == Noted }

// isTrifle reports whether nobody need be told when the entry does not reach a place.
func (en Entry) isTrifle() bool {
	return en.Kind == Changed || en.Kind == Reacted || en.Kind == Unreacted
}

// notify logs a notice.
func (c *change) notify(conv Conversation, a Audience, text string) error {
	return c.write(notice(conv.ID, a, text))
}

// takeNotice tells the agents of a conversation what its visitor's platform tells of the visitor.
func (c *change) takeNotice(in Inbound) error {
	conv, role, err := c.tx.ConversationByThread(in.Endpoint, in.Thread)
	if errors.Is(err, ErrNotFound) || err == nil && role != RoleVisitor {
		return nil
	}
	if err != nil {
		return err
	}
	en := notice(conv.ID, AgentsOnly, "")
	en.Origin, en.Body, en.At = Origin{Endpoint: in.Endpoint, Key: in.Key}, in.Body, in.At
	return c.write(en)
}

// tellLate tells the agents in the other chats, once, that a line of the conversation has not reached this endpoint, and
// why. It is a courtesy: the line stays due.
func (j *job) tellLate(ctx context.Context, f *Failure) {
	if !j.post.trouble.isLate(j.lane.ID, f) {
		return
	}
	l := j.lane
	en, found, err := j.firstLine(ctx)
	if err == nil && found {
		text := fmt.Sprintf("%s, has not reached %s yet: %s Skein keeps trying.", describe(en), l.Endpoint, f.Public)
		err = j.c.tell(ctx, l.Conversation, Origin{Endpoint: l.Endpoint, Key: fmt.Sprintf("late/%d/%d", en.Conversation, en.Seq)}, text)
	}
	switch {
	case err != nil:
		j.c.log.Warn("tell agents of a delay", "conversation", l.Conversation, "error", err)
	case found:
		j.post.trouble.told(l.ID)
	}
}

// firstLine is the first of what waits in the lane that somebody misses who does not see it.
func (j *job) firstLine(ctx context.Context) (en Entry, found bool, err error) {
	l, w := j.lane, j.work
	for {
		if _, show := prepare(l, w); show && !w.Entry.IsNotice() && !w.Entry.isTrifle() {
			return w.Entry, true, nil
		}
		l.Cursor, l.Part = w.Entry.Seq, 0
		if w, found, err = j.c.book.Next(ctx, l); err != nil || !found {
			return Entry{}, false, err
		}
	}
}

// undelivered tells agents which line was not delivered, and why. What can be tried again is offered.
func undelivered(w Work, e EndpointName, f *Failure) Entry {
	en := w.Entry
	text := fmt.Sprintf("%s, did not reach %s: %s It is kept here.", describe(en), e, f.Public)
	if w.Conversation.Kind == Colleagues || en.Kind != Said && en.Kind != Noted && en.Kind != Edited {
		return notice(en.Conversation, AgentsOnly, text)
	}
	n := notice(en.Conversation, AgentsOnly, text+" Try again (!retry) or drop it (!drop)?")
	if n.Target = en.Seq; en.Kind == Edited {
		n.Target = en.Target
	}
	rest := fmt.Sprintf("%d %s", n.Target, e)
	n.Offers = []Offer{{Word: "retry", Rest: rest, Label: "Retry", Style: OfferPrimary}, {Word: "drop", Rest: rest, Label: "Drop"}}
	return n
}

// describe says which entry is meant: what it is, by whom, and when.
func describe(en Entry) string {
	what := "A line"
	switch {
	case en.isAgain():
		return what + " by " + en.By.Name + ", tried again at " + en.At.Format("15:04:05 UTC")
	case en.Kind == Edited:
		what = "An edit"
	case en.Kind == Deleted:
		what = "A deletion"
	}
	return what + " by " + en.By.Name + ", " + en.At.Format("15:04:05 UTC")
}

// FileLost tells the agents of a file of theirs that the visitor cannot be given. About a visitor's file they read where
// it should have been.
func (d *Desk) FileLost(ctx context.Context, f StoredFile) {
	if f.Conversation == 0 || d.routes[f.Endpoint].Role != RoleTeam {
		return
	}
	if err := d.Tell(ctx, f.Conversation, rich.Plain(rich.Doc{f.About()})); err != nil {
		d.log.Warn("tell agents of a file", "conversation", f.Conversation, "error", err)
	}
}
