package slack

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/skeindesk/skein/bridge"
)

var _ bridge.Historian = (*Adapter)(nil)

// History reads a thread back; see bridge.Historian. A message that was edited is reported as said with its present
// text, which the log ignores if it has it, and then as edited. Gone is also set when only the thread's first message
// was deleted: Slack lets nobody write there any more, and what was written still stands.
func (a *Adapter) History(ctx context.Context, t bridge.ThreadRef, since time.Time) (bridge.History, error) {
	channel, root, err := parseThread(t)
	if err != nil {
		return bridge.History{}, fmt.Errorf("slack: history: %w", badPart(err))
	}
	me, err := a.whoAmI(ctx)
	if err != nil {
		return bridge.History{}, fmt.Errorf("slack: history: %w", failure("auth.test", err))
	}
	h := bridge.History{From: since, Present: map[bridge.MessageRef]bool{}}
	var found []happening
	err = a.pages(ctx, channel, root, tsOf(since), func(m *message) bool {
		if m.Subtype == "tombstone" {
			h.Gone = h.Gone || string(m.TS) == root
			return true
		}
		note(h.Present, channel, m)
		if it, ok := said(channel, m, me); ok {
			found = append(found, it)
		}
		if it, ok := edit(channel, m, me); ok {
			found = append(found, it)
		}
		return true
	})
	if isCode(err, "thread_not_found", "message_not_found") {
		return bridge.History{From: since, Gone: true}, nil
	}
	if err != nil {
		return bridge.History{}, fmt.Errorf("slack: history: %w", failure("conversations.replies", err))
	}
	slices.SortStableFunc(found, func(x, y happening) int { return compareTS(x.at, y.at) })
	for _, it := range found {
		if !timeOf(it.at).Before(since) {
			h.Happen = append(h.Happen, a.inbound(ctx, it))
		}
	}
	return h, nil
}

// note marks a message as present, under both of the names by which we may know it.
func note(present map[bridge.MessageRef]bool, channel string, m *message) {
	present[makeMessage(channel, string(m.TS))] = true
	if files := ownFiles(m); len(files) > 0 {
		present[makeMessage(channel, string(m.TS), files...)] = true
	}
}
