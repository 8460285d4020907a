package slack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/skeindesk/skein/adapters/slack/mrkdwn"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

var (
	_ bridge.Commons = (*Adapter)(nil)
	_ bridge.Witness = (*Adapter)(nil)
)

// Commons is the channel of colleagues; see bridge.Commons. Its name is the channel's id alone.
func (a *Adapter) Commons() bridge.ThreadRef { return bridge.ThreadRef(a.cfg.Colleagues) }

// parsePlace takes the name of a thread or of the channel of colleagues apart; root is empty for the latter.
func parsePlace(ref bridge.ThreadRef) (channel, root string, err error) {
	if ref != "" && !strings.Contains(string(ref), "/") {
		return string(ref), "", nil
	}
	return parseThread(ref)
}

// reacted reads reaction_added and reaction_removed (S:reference/events/reaction_added). They matter among colleagues.
func reacted(e *event, me self) (happening, bool) {
	where := e.Item.V
	channel, ts := string(where.Channel), string(where.TS)
	if channel == "" || channel != me.commons || !validTS(ts) || !validTS(string(e.EventTS)) || e.Reaction == "" ||
		e.User == "" || string(e.User) == me.user {
		return happening{}, false
	}
	h := happening{
		kind: bridge.InReacted, channel: channel, ts: ts, at: string(e.EventTS), user: string(e.User), emoji: string(e.Reaction),
	}
	if e.Type == "reaction_removed" {
		h.kind = bridge.InUnreacted
	}
	h.key = reactionKey(h)
	return h, true
}

func reactionKey(h happening) string {
	return strings.Join([]string{h.channel, h.ts, string(h.kind), h.emoji, h.user, h.at}, "/")
}

// emojiOf is what a reaction's name stands for: the characters, or ":name:" of the workspace's own.
func emojiOf(name string) string {
	if name == "" {
		return ""
	}
	if shown, ok := mrkdwn.EmojiText(name); ok {
		return shown
	}
	return ":" + name + ":"
}

// reactionName is the name of an emoji in Slack; "" when it has none. A workspace may or may not have one of ":name:".
func reactionName(emoji string) string {
	if name, ok := mrkdwn.EmojiName(emoji); ok {
		return name
	}
	if name := strings.Trim(emoji, ":"); len(name) == len(emoji)-2 && !strings.ContainsAny(name, ": \n/") {
		return name
	}
	return ""
}

// reaction is the Content of a part that puts an emoji under a message or takes it away.
type reaction struct{ Name string }

func (r *rendering) reacted() {
	en := r.delivery.Entry
	name := reactionName(en.Emoji())
	if name == "" || len(r.delivery.Landed) == 0 {
		return
	}
	op := bridge.React
	if en.Kind == bridge.Unreacted {
		op = bridge.Unreact
	}
	r.parts = append(r.parts, bridge.Part{
		Op: op, Urgency: bridge.UrgencyReaction, Place: r.channel, Thread: r.delivery.Thread,
		Message: r.delivery.Landed[0].Message, Content: reaction{name},
	})
}

// react brings our reaction to what it should be. What is so already needs nothing, nor does a message that is gone.
func (a *Adapter) react(ctx context.Context, p bridge.Part) (bridge.Sent, *bridge.Failure) {
	content, ok := p.Content.(reaction)
	if !ok {
		return bridge.Sent{}, badPart(fmt.Errorf("content is a %T", p.Content))
	}
	place, err := a.located(ctx, p.Message)
	if err != nil {
		return bridge.Sent{}, surely(failure("files.info", err))
	}
	method := "reactions.add"
	if p.Op == bridge.Unreact {
		method = "reactions.remove"
	}
	if place.ts != "" {
		err = a.call(ctx, method, values("channel", place.channel, "timestamp", place.ts, "name", content.Name), &struct{}{})
	}
	if err != nil && !isCode(err, "already_reacted", "no_reaction", "message_not_found") {
		return bridge.Sent{}, surely(failure(method, err))
	}
	return bridge.Sent{Message: p.Message}, nil
}

// rootOf is the ts of the message in whose thread an answer among colleagues belongs; "" for none, or when Slack has not
// shown yet where a file stands.
func rootOf(d bridge.Delivery) string {
	if d.Conversation.Kind != bridge.Colleagues || len(d.Root) == 0 {
		return ""
	}
	place, err := parseMessage(d.Root[0].Message)
	if err != nil {
		return ""
	}
	return place.ts
}

// called writes text for a delivery: people whom the workspace knows are called, others are named.
func called(d bridge.Delivery) mrkdwn.Writer {
	return mrkdwn.Writer{UserID: func(m rich.Node) string { return d.People[m.Info].ID }}
}

// maxMark is how much of an endpoint's name is shown after a colleague's.
const maxMark = 24

// colleague is the name that a colleague of another place appears under: the place is always last and never cut off.
func colleague(name string, from bridge.EndpointName) string {
	return name + " · " + clip(string(from), maxMark)
}

const (
	// threadsBack is how far before the moment asked for a thread may have begun whose answers are read back.
	threadsBack = 7 * 24 * time.Hour
	// maxThreads bounds how many threads of a shared channel are read back at once.
	maxThreads = 200
)

// commonsHistory reads the channel of colleagues back: its messages, and the answers in threads touched since. What it
// does not see because a thread is older than threadsBack, Stands tells.
func (a *Adapter) commonsHistory(ctx context.Context, channel string, since time.Time) (bridge.History, error) {
	me, err := a.whoAmI(ctx)
	if err != nil {
		return bridge.History{}, fmt.Errorf("slack: history: %w", failure("auth.test", err))
	}
	r := readBack{History: bridge.History{From: since, Present: map[bridge.MessageRef]bool{}}, me: me, channel: channel}
	oldest := tsOf(since)
	var threads []string
	err = a.pages(ctx, channel, "", tsOf(since.Add(-threadsBack)), func(m *message) bool {
		if m.Replies > 0 && compareTS(string(m.LatestReply), oldest) >= 0 && len(threads) < maxThreads {
			threads = append(threads, string(m.TS))
		}
		r.seeCommons(m)
		return true
	})
	for _, root := range threads {
		if err != nil && !isCode(err, "thread_not_found") {
			break
		}
		err = a.pages(ctx, channel, root, oldest, func(m *message) bool {
			if string(m.TS) != root {
				r.seeCommons(m)
			}
			return true
		})
	}
	switch {
	case errors.Is(err, errMorePages) || errors.Is(err, errNoNextPage):
		a.log.Warn("a shared channel could not be read back completely; deletions in it are not looked for")
		r.From = time.Now()
	case err != nil && !isCode(err, "thread_not_found"):
		return bridge.History{}, fmt.Errorf("slack: history: %w", failure("conversations.history", err))
	}
	a.tellAll(ctx, &r, since)
	return r.History, nil
}

// seeCommons takes in one message of the channel of colleagues with its reactions. Slack does not say when those were
// made, nor does it always name everybody: one that is not there is not taken for withdrawn.
func (r *readBack) seeCommons(m *message) {
	if m.Subtype == "tombstone" || !validTS(string(m.TS)) {
		return
	}
	r.see(m)
	now := tsOf(time.Now())
	for _, l := range m.Reactions.V {
		for _, user := range l.V.Users {
			if string(user) == r.me.user {
				continue
			}
			h := happening{
				kind: bridge.InReacted, channel: r.channel, ts: string(m.TS), at: now, user: string(user), emoji: string(l.V.Name),
			}
			h.key = reactionKey(h)
			r.found = append(r.found, h)
		}
	}
}

// tellAll turns what was found into what happened, oldest first.
func (a *Adapter) tellAll(ctx context.Context, r *readBack, since time.Time) {
	slices.SortStableFunc(r.found, func(x, y happening) int { return compareTS(x.at, y.at) })
	for _, it := range r.found {
		if !timeOf(it.at).Before(since) {
			r.Happen = append(r.Happen, a.inbound(ctx, it))
		}
	}
}

// Stands asks Slack for one message of the channel of colleagues; see bridge.Witness.
func (a *Adapter) Stands(ctx context.Context, m bridge.MessageRef) (bool, error) {
	place, err := parseMessage(m)
	if err != nil || place.channel != a.cfg.Colleagues || place.ts == "" {
		return false, nil
	}
	stands := false
	_, _, err = a.page(ctx, "conversations.replies", values("channel", place.channel, "ts", place.ts, "limit", "1"), func(m *message) bool {
		stands = stands || string(m.TS) == place.ts && m.Subtype != "tombstone"
		return true
	})
	if err != nil && !isCode(err, "thread_not_found", "message_not_found") && !errors.Is(err, errNoNextPage) {
		return false, fmt.Errorf("slack: look for a message: %w", failure("conversations.replies", err))
	}
	return stands, nil
}
