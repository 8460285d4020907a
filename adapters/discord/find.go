package discord

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/skeindesk/skein/bridge"
)

var _ bridge.Finder = (*Adapter)(nil)

const (
	// clockSkew is how far our clock may be ahead of Discord's.
	clockSkew = 2 * time.Minute
	pageSize  = 100 // D:resources/message#get-channel-messages
	mostPages = 100
)

// Find looks for a part by its mark. An edit or a deletion is never found: doing it again does no harm. A card that got
// through without its thread is given one.
func (a *Adapter) Find(ctx context.Context, p bridge.Part) (sent bridge.Sent, found bool, err error) {
	content, ok := p.Content.(post)
	if p.Op != bridge.Post || !ok {
		return bridge.Sent{}, false, nil
	}
	me, err := a.whoAmI(ctx)
	if err != nil {
		return bridge.Sent{}, false, fmt.Errorf("discord: find: %w", failure("get user", err))
	}
	if p.Thread == "" {
		sent, found, f := a.findOpening(ctx, me, p, content)
		if f != nil {
			return bridge.Sent{}, false, fmt.Errorf("discord: find: %w", f)
		}
		return sent, found, nil
	}
	channel, err := content.channel(p.Thread)
	if err != nil {
		return bridge.Sent{}, false, fmt.Errorf("discord: find: %w", badPart(err))
	}
	m, err := a.findMarked(ctx, me, channel, p)
	if m == nil && (err == nil || isCode(err, unknownChannel)) && a.amongColleagues(p) && channel != a.cfg.Colleagues {
		channel = a.cfg.Colleagues // where it goes when it may not go into the thread
		m, err = a.findMarked(ctx, me, channel, p)
	}
	if isCode(err, unknownChannel) {
		return bridge.Sent{}, false, nil // Send will find that out, too
	}
	if err != nil {
		return bridge.Sent{}, false, fmt.Errorf("discord: find: %w", failure("get messages", err))
	}
	if m == nil {
		return bridge.Sent{}, false, nil
	}
	return bridge.Sent{Message: makePost(channel, string(m.ID), len(m.Attachments.V) > 0)}, true, nil
}

func (a *Adapter) findOpening(ctx context.Context, me self, p bridge.Part, content post) (bridge.Sent, bool, *bridge.Failure) {
	d, err := a.deskInfo(ctx)
	if err != nil {
		return bridge.Sent{}, false, failure("get channel", err)
	}
	if d.forum {
		return a.findPost(ctx, me, p)
	}
	m, err := a.findMarked(ctx, me, a.cfg.Channel, p)
	if err != nil {
		return bridge.Sent{}, false, deskFailure(failure("get messages", err))
	}
	if m == nil {
		return bridge.Sent{}, false, nil
	}
	sent, f := a.startThread(ctx, makeMessage(a.cfg.Channel, string(m.ID)), content.Title)
	return sent, f == nil, f
}

// findPost looks through the forum's posts since the attempt.
func (a *Adapter) findPost(ctx context.Context, me self, p bridge.Part) (bridge.Sent, bool, *bridge.Failure) {
	threads, err := a.activeThreads(ctx)
	if err != nil {
		return bridge.Sent{}, false, failure("list threads", err)
	}
	for _, t := range threads {
		if !p.After.IsZero() && timeOf(string(t.ID)).Before(p.After.Add(-clockSkew)) {
			continue
		}
		var m message
		err := a.call(ctx, http.MethodGet, messagePath(messagePlace{channel: string(t.ID), id: string(t.ID)}), nil, &m)
		if isCode(err, unknownMessage, unknownChannel) {
			continue
		}
		if err != nil {
			return bridge.Sent{}, false, failure("get message", err)
		}
		if isPart(&m, me, p.Key) {
			return postOpened(string(t.ID)), true, nil
		}
	}
	return bridge.Sent{}, false, nil
}

// findMarked returns nil when the channel does not have the part.
func (a *Adapter) findMarked(ctx context.Context, me self, channel string, p bridge.Part) (found *message, err error) {
	oldest := "0"
	if !p.After.IsZero() {
		oldest = before(p.After.Add(-clockSkew))
	}
	err = a.pages(ctx, channel, oldest, func(m *message) bool {
		if isPart(m, me, p.Key) {
			found = m
		}
		return found == nil
	})
	return found, err
}

func isPart(m *message, me self, key bridge.DeliveryKey) bool {
	if !me.wrote(m) {
		return false
	}
	return slices.ContainsFunc(m.Embeds.V, func(e lenient[readEmbed]) bool { return string(e.V.URL) == markURL(key) })
}

var errMorePages = errors.New("there are more pages than were read")

// pages calls see for the messages of a channel that are younger than oldest, oldest first, until see returns false.
// Discord gives each page newest first.
func (a *Adapter) pages(ctx context.Context, channel, oldest string, see func(*message) bool) error {
	for range mostPages {
		var answer []lenient[message]
		path := fmt.Sprintf("/channels/%s/messages?after=%s&limit=%d", channel, oldest, pageSize)
		if err := a.call(ctx, http.MethodGet, path, nil, &answer); err != nil {
			return err
		}
		slices.SortFunc(answer, func(x, y lenient[message]) int { return compareIDs(string(x.V.ID), string(y.V.ID)) })
		for i := range answer {
			m := &answer[i].V
			if m.ID == "" {
				continue
			}
			oldest = string(m.ID)
			if !see(m) {
				return nil
			}
		}
		if len(answer) < pageSize {
			return nil
		}
	}
	return errMorePages
}
