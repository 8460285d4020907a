package slack

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/skeindesk/skein/bridge"
)

var _ bridge.Historian = (*Adapter)(nil)

// History reads a thread back; see bridge.Historian. A message that was edited is reported as said with its present
// text, which the log ignores if it has it, and then as edited, and so is one that has lost files. Gone is also set
// when only the thread's first message was deleted: Slack lets nobody write there any more, and what was written
// still stands.
//
// What Slack does not give is deleted only if Slack gives the rest. It gives a thread's first message with every
// page, unless it is out of the reach of the workspace's plan or rules of retention, and then others may be, too. From
// is the present then, and also when there are more pages than are read.
func (a *Adapter) History(ctx context.Context, t bridge.ThreadRef, since time.Time) (bridge.History, error) {
	channel, root, err := parsePlace(t)
	if err != nil {
		return bridge.History{}, fmt.Errorf("slack: history: %w", badPart(err))
	}
	if root == "" {
		return a.commonsHistory(ctx, channel, since)
	}
	me, err := a.whoAmI(ctx)
	if err != nil {
		return bridge.History{}, fmt.Errorf("slack: history: %w", failure("auth.test", err))
	}
	r := readBack{History: bridge.History{From: since, Present: map[bridge.MessageRef]bool{}}, me: me, channel: channel, root: root}
	err = a.pages(ctx, channel, root, tsOf(since), r.see)
	switch {
	case isCode(err, "thread_not_found", "message_not_found"):
		return bridge.History{From: since, Gone: true}, nil
	case err != nil && !errors.Is(err, errMorePages) && !errors.Is(err, errNoNextPage):
		return bridge.History{}, fmt.Errorf("slack: history: %w", failure("conversations.replies", err))
	case err != nil || !r.begun:
		a.log.Warn("a thread could not be read back completely; deletions in it are not looked for")
		r.From = time.Now()
	}
	a.tellAll(ctx, &r, since)
	return r.History, nil
}

// readBack is a history in the making.
type readBack struct {
	bridge.History
	me            self
	channel, root string
	begun         bool // the thread's first message, or what is left of it, was among what was read
	found         []happening
}

// see takes in one message, and asks for more.
func (r *readBack) see(m *message) bool {
	first := string(m.TS) == r.root
	r.begun = r.begun || first
	if m.Subtype == "tombstone" {
		r.Gone = r.Gone || first
		return true
	}
	note(r.Present, r.channel, m)
	if it, ok := said(r.channel, m, r.me); ok {
		r.found = append(r.found, it)
	}
	if it, ok := edit(r.channel, m, r.me); ok {
		r.found = append(r.found, it)
	}
	now := tsOf(time.Now()) // Slack does not say when a file was removed
	for _, id := range withdrawn(m) {
		if it, ok := withdrawal(r.channel, m, []string{id}, now, r.me); ok {
			r.found = append(r.found, it)
		}
	}
	return true
}

// note marks a message as present, under both of the names by which we may know it.
func note(present map[bridge.MessageRef]bool, channel string, m *message) {
	present[makeMessage(channel, string(m.TS))] = true
	if files := ownFiles(m); len(files) > 0 {
		present[makeMessage(channel, string(m.TS), files...)] = true
	}
}
