package discord

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/skeindesk/skein/bridge"
)

var _ bridge.Historian = (*Adapter)(nil)

// History reads a thread back; see bridge.Historian. A message that was edited is reported as said with its present
// text, which the log ignores if it has it, and then as edited.
func (a *Adapter) History(ctx context.Context, t bridge.ThreadRef, since time.Time) (bridge.History, error) {
	channel, err := parseThread(t)
	if err != nil {
		return bridge.History{}, fmt.Errorf("discord: history: %w", badPart(err))
	}
	if t == a.Commons() {
		return a.commonsHistory(ctx, since)
	}
	return a.readBack(ctx, channel, false, since)
}

// readBack is the history of one thread or channel.
func (a *Adapter) readBack(ctx context.Context, channel string, commons bool, since time.Time) (bridge.History, error) {
	me, err := a.whoAmI(ctx)
	if err != nil {
		return bridge.History{}, fmt.Errorf("discord: history: %w", failure("get user", err))
	}
	h := bridge.History{From: since, Present: map[bridge.MessageRef]bool{}}
	var found []happening
	err = a.pages(ctx, channel, before(since), func(m *message) bool {
		place := string(m.ID)
		h.Present[makeMessage(channel, place)], h.Present[makePost(channel, place, true)] = true, true
		m.Channel = id(channel)
		if it, ok := a.said(m, me); ok {
			found = append(found, it)
		}
		if it, ok := a.edited(m, me); ok {
			found = append(found, it)
		}
		return true
	})
	switch {
	case isCode(err, unknownChannel):
		return bridge.History{From: since, Gone: true}, nil
	case errors.Is(err, errMorePages):
		a.log.Warn("a thread could not be read back completely; deletions in it are not looked for")
		h.From = time.Now()
	case err != nil:
		return bridge.History{}, fmt.Errorf("discord: history: %w", failure("get messages", err))
	}
	slices.SortStableFunc(found, func(x, y happening) int { return x.at.Compare(y.at) })
	for _, it := range found {
		it.commons = commons
		h.Happen = append(h.Happen, a.inbound(it))
	}
	return h, nil
}
