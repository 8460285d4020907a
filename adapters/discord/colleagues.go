package discord

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/skeindesk/skein/adapters/discord/markdown"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

var (
	_ bridge.Commons = (*Adapter)(nil)
	_ bridge.Witness = (*Adapter)(nil)
)

// Commons is the channel of colleagues; see bridge.Commons.
func (a *Adapter) Commons() bridge.ThreadRef { return bridge.ThreadRef(a.cfg.Colleagues) }

// reaction is MESSAGE_REACTION_ADD and MESSAGE_REACTION_REMOVE (D:events/gateway-events#message-reaction-add), without a
// user MESSAGE_REACTION_REMOVE_EMOJI, and without an emoji MESSAGE_REACTION_REMOVE_ALL.
type reaction struct {
	User    id              `json:"user_id"`
	Channel id              `json:"channel_id"`
	Message id              `json:"message_id"`
	Guild   id              `json:"guild_id"`
	Member  lenient[member] `json:"member"`
	Emoji   struct {
		ID   id   `json:"id"`
		Name text `json:"name"`
	} `json:"emoji"`
}

// reacted takes in a reaction in the channel of colleagues or one of its threads; ours is not heard. Discord gives it no
// identity and offers it once, so that its key is the moment in which it came.
func (r *receiver) reacted(kind bridge.InboundKind, e reaction) {
	if e.User == "" || string(e.User) == r.me.user || e.emoji() == "" {
		return
	}
	by := e.Member.V.User.V
	by.ID = e.User // of one that was taken away nothing else is told
	r.underLine(kind, e, person(r.cfg.Guild, by, e.Member.V))
}

// cleared takes in that somebody took everybody's reactions with an emoji away, or all. Who it was is not told.
func (r *receiver) cleared(event string, e reaction) {
	if all := event == "MESSAGE_REACTION_REMOVE_ALL"; all == (e.emoji() == "") {
		e.User = ""
		r.underLine(bridge.InUnreacted, e, bridge.Person{})
	}
}

func (r *receiver) underLine(kind bridge.InboundKind, e reaction, from bridge.Person) {
	if string(e.Guild) != r.cfg.Guild || !r.places.commons(e.Channel, r.cfg.Colleagues) || e.Message == "" {
		return
	}
	at := time.Now().UTC()
	r.dispatch.Submit(r.ctx, happening{
		kind: kind, commons: true, channel: string(e.Channel), id: string(e.Message), at: at, emoji: e.emoji(), from: from,
		key: strings.Join([]string{
			string(e.Channel), string(e.Message), string(kind), e.emoji(), string(e.User),
			strconv.FormatInt(at.UnixNano(), 10),
		}, "/"),
	}, nil)
}

// emoji is the characters, or ":name:" of one of a server's own; empty when there is none.
func (e reaction) emoji() string {
	name := string(e.Emoji.Name)
	if e.Emoji.ID != "" && name != "" {
		return ":" + name + ":"
	}
	return name
}

// emoji is the Content of a part that puts an emoji under a message or takes it away.
type emoji string

func (r *rendering) reacted() {
	en := r.delivery.Entry
	shown := en.Emoji()
	if len(r.delivery.Landed) == 0 || shown == "" || strings.HasPrefix(shown, ":") { // a picture that is not on this server
		return
	}
	op := bridge.React
	if en.Kind == bridge.Unreacted {
		op = bridge.Unreact
	}
	r.parts = append(r.parts, bridge.Part{
		Op: op, Urgency: bridge.UrgencyReaction, Place: r.placeOf(r.delivery.Landed[0].Message), Thread: r.delivery.Thread,
		Message: r.delivery.Landed[0].Message, Content: emoji(shown),
	})
}

// Codes of reactions that cannot be, and need not.
const (
	unknownEmoji     = 10014
	tooManyReactions = 30010
)

// react brings our reaction to what it should be. What is so already needs nothing, nor does a message that is gone.
func (a *Adapter) react(ctx context.Context, p bridge.Part) (bridge.Sent, *bridge.Failure) {
	shown, ok := p.Content.(emoji)
	if !ok {
		return bridge.Sent{}, badPart(fmt.Errorf("content is a %T", p.Content))
	}
	place, err := parseMessage(p.Message)
	if err != nil {
		return bridge.Sent{}, badPart(err)
	}
	method := http.MethodPut
	if p.Op == bridge.Unreact {
		method = http.MethodDelete
	}
	err = a.awake(ctx, place.channel, func() error {
		return a.call(ctx, method, messagePath(place)+"/reactions/"+url.PathEscape(string(shown))+"/@me", nil, nil)
	})
	switch {
	case err == nil, isCode(err, unknownChannel, unknownMessage, unknownEmoji, tooManyReactions):
		return bridge.Sent{Message: p.Message}, nil
	case isCode(err, missingAccess, missingPermissions) && !a.amongColleagues(p): // a mark of ours
		f := refusal(adviseReactions)
		f.Err = err
		return bridge.Sent{}, &f
	case isCode(err, missingAccess, missingPermissions): // lines do not wait for a reaction
		f := giveUp(advisePermission)
		f.Err = err
		return bridge.Sent{}, &f
	}
	return bridge.Sent{}, surely(failure("react", err))
}

// colleagues is what Render makes of a delivery among colleagues: what stands in a thread of the channel here is answered
// there, and who is mentioned and known here is called.
func (r *rendering) colleagues() error {
	switch r.delivery.Entry.Kind {
	case bridge.Said:
		r.said(posts(r.delivery), r.answered())
	case bridge.Edited:
		return r.edited()
	case bridge.Deleted:
		r.deleted()
	case bridge.Reacted, bridge.Unreacted:
		r.reacted()
	default:
	}
	return nil
}

// called writes text for a delivery: people whom the server knows are called, others are named. In a visitor's conversation
// only the system calls.
func called(d bridge.Delivery) markdown.Writer {
	if d.Conversation.Kind != bridge.Colleagues && !d.Entry.IsNotice() {
		return markdown.Writer{}
	}
	return markdown.Writer{UserID: func(m rich.Node) string { return d.People[m.Info].ID }}
}

// calls lists the ids of those whom a part of a text calls.
func calls(w markdown.Writer, nodes []rich.Node) []string {
	var ids []string
	for _, n := range nodes {
		if n.Kind == rich.Mention && w.UserID != nil {
			if found := w.UserID(n); isID(found) && !slices.Contains(ids, found) {
				ids = append(ids, found)
			}
		}
		for _, found := range calls(w, n.Children) {
			if !slices.Contains(ids, found) {
				ids = append(ids, found)
			}
		}
	}
	return ids
}

// maxMark is how much of an endpoint's name is shown after a colleague's.
const maxMark = 24

// commonsHistory reads the channel of colleagues back with its threads that are not archived. What stands in others,
// Stands tells.
func (a *Adapter) commonsHistory(ctx context.Context, since time.Time) (bridge.History, error) {
	h, err := a.readBack(ctx, a.cfg.Colleagues, true, since)
	if err != nil || h.Gone {
		return h, err
	}
	threads, err := a.threadsOf(ctx, a.cfg.Colleagues)
	if err != nil {
		return bridge.History{}, fmt.Errorf("discord: history: %w", failure("list threads", err))
	}
	for _, t := range threads {
		more, err := a.readBack(ctx, string(t.ID), true, since)
		if err != nil {
			return bridge.History{}, err
		}
		h.Happen = append(h.Happen, more.Happen...)
		for m := range more.Present {
			h.Present[m] = true
		}
		if more.From.After(h.From) {
			h.From = more.From
		}
	}
	slices.SortStableFunc(h.Happen, func(x, y bridge.Inbound) int { return x.At.Compare(y.At) })
	return h, nil
}

// Stands asks Discord for one message; see bridge.Witness.
func (a *Adapter) Stands(ctx context.Context, m bridge.MessageRef) (bool, error) {
	place, err := parseMessage(m)
	if err != nil {
		return false, nil //nolint:nilerr // a name that is none of ours names nothing
	}
	err = a.call(ctx, http.MethodGet, messagePath(place), nil, nil)
	if isCode(err, unknownMessage, unknownChannel) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("discord: look for a message: %w", failure("get message", err))
	}
	return true, nil
}
