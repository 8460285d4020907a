package bridge

import (
	"context"
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

// notify logs a notice.
func (c *change) notify(conv Conversation, a Audience, text string) error {
	return c.write(notice(conv.ID, a, text))
}

// trouble reports the endpoint's condition, until a part is accepted again.
func (j *job) trouble(f *Failure) {
	if j.c.conditions == nil {
		return
	}
	state := Impaired
	if f.Refused {
		state = Refused
	}
	j.post.troubled.Store(true)
	j.c.conditions.Set(j.lane.Endpoint, Condition{State: state, Public: f.Public})
}

// tellDelayed tells the agents, where they can be reached, that a line is late. It is a courtesy: the line stays due.
func (j *job) tellDelayed(ctx context.Context, f *Failure) {
	if j.work.Entry.IsNotice() {
		return
	}
	text := fmt.Sprintf("A line by %s, %s, has not reached %s yet: %s Skein keeps trying.",
		j.work.Entry.By.Name, j.work.Entry.At.Format("15:04:05 UTC"), j.lane.Endpoint, f.Public)
	if err := j.c.tell(ctx, j.lane.Conversation, text); err != nil {
		j.c.log.Warn("tell agents of a delay", "conversation", j.lane.Conversation, "error", err)
	}
}

// undelivered tells agents which line was not delivered, and why.
func undelivered(en Entry, e EndpointName, f *Failure) string {
	what := "A line by " + en.By.Name
	switch en.Kind {
	case Edited:
		what = "An edit by " + en.By.Name
	case Deleted:
		what = "A deletion by " + en.By.Name
	default:
	}
	return fmt.Sprintf("%s, %s, did not reach %s: %s It is kept here.", what, en.At.Format("15:04:05 UTC"), e, f.Public)
}
