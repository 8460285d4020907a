package bridge

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"
)

// openingPoll is how often a gap's openings are looked at.
const openingPoll = time.Second

// awaitOpenings looks, until none is left, whether threads are known that were being opened when events may have been
// missed: people see a thread before the log knows it, and what they said there meanwhile nobody offers again.
func (g *gap) awaitOpenings() {
	for pause(g.ctx, openingPoll) {
		openings := g.openings()
		if len(openings) == 0 {
			return
		}
		for _, c := range openings {
			if err := g.opened(g.ctx, c); err != nil {
				g.repair.log.Info("look for a thread being opened", "endpoint", g.adapter.Name(), "error", err)
				break
			}
		}
	}
}

// openings are the conversations to look at. When there are none, awaitOpenings ends.
func (g *gap) openings() []ConversationID {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.awaiting = len(g.opening) > 0
	return slices.Collect(maps.Keys(g.opening))
}

// opened has the thread of such a conversation read back if it is known now. One that is not being opened any more is
// let go: when it is opened after all, nothing has been missed there.
func (g *gap) opened(ctx context.Context, c ConversationID) error {
	t, err := g.repair.book.OpenThread(ctx, c, g.adapter.Name())
	gone := errors.Is(err, ErrNotFound)
	if err != nil && !gone {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	end, waits := g.opening[c]
	switch {
	case !waits:
	case gone:
		delete(g.opening, c)
	case t.Thread != "":
		g.mark(end, t)
	}
	return nil
}

// mayBeOpening makes sure that what happened in a thread does not overtake what was missed there, if the thread was being
// opened. Of threads that nobody knows some may be just those.
func (g *gap) mayBeOpening(ctx context.Context, t ThreadRef, strangers bool) error {
	g.mu.Lock()
	none, recent := len(g.opening) == 0, false
	for _, end := range g.opening {
		recent = recent || mayBecomeKnown(end)
	}
	g.mu.Unlock()
	if none || t == "" {
		return nil
	}
	c, err := g.repair.book.ConversationAt(ctx, g.adapter.Name(), t)
	switch {
	case errors.Is(err, ErrNotFound) && strangers && recent:
		return errOpening
	case errors.Is(err, ErrNotFound):
		return nil // the desk decides
	case err != nil:
		return err
	}
	return g.opened(ctx, c.ID)
}

// openingPatience is how long what happens in a thread that nobody knows is offered again because of an opening. A thread
// that becomes known later is read back then.
const openingPatience = 3 * time.Minute

// mayBecomeKnown reports whether an opening under way since then is worth a wait.
func mayBecomeKnown(since time.Time) bool { return time.Since(since) < openingPatience }

var errOpening = errors.New("a thread of this endpoint is being opened; it may be this one")
