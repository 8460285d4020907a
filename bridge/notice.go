package bridge

import "github.com/skeindesk/skein/bridge/rich"

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
