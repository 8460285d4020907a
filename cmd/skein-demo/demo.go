package main

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
)

// demo is the page and what it shows.
type demo struct {
	ctx        context.Context // ends when the demonstration does; streams watch it
	log        *slog.Logger
	origin     string // of the page
	platforms  []platform
	changes    *changes
	watching   sync.WaitGroup
	stop       context.CancelFunc
	alwaysBoth bool        // -both
	both       atomic.Bool // conversations open in every client of the team
}

// newDemo starts the simulated platforms; origin is where the page will be. To show another platform, add it here.
func newDemo(ctx context.Context, origin string, log *slog.Logger) (*demo, error) {
	d := &demo{log: log, origin: origin, changes: newChanges()}
	d.ctx, d.stop = context.WithCancel(ctx)
	for _, start := range []func() (platform, error){
		func() (platform, error) { return startSlack(origin) },
		func() (platform, error) { return startDiscord() },
		func() (platform, error) { return startTelegram() },
	} {
		p, err := start()
		if err != nil {
			d.close()
			return nil, err
		}
		d.platforms = append(d.platforms, p)
		d.watching.Go(func() { p.Watch(d.ctx, d.changes.add) })
	}
	return d, nil
}

func (d *demo) close() {
	d.stop()
	d.watching.Wait()
	for _, p := range d.platforms {
		p.Close()
	}
}

func (d *demo) platform(name string) (platform, bool) {
	for _, p := range d.platforms {
		if p.Name() == name {
			return p, true
		}
	}
	return nil, false
}

// changes counts changes and wakes those who wait for the next one. Safe for concurrent use.
type changes struct {
	mu   sync.Mutex
	n    int64
	next chan struct{} // closed by the next change
}

func newChanges() *changes { return &changes{next: make(chan struct{})} }

func (c *changes) add() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	close(c.next)
	c.next = make(chan struct{})
}

// now returns the number of changes so far and a channel that the next one closes.
func (c *changes) now() (int64, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n, c.next
}
