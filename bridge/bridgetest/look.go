package bridgetest

import (
	"context"
	"fmt"
	"strings"

	"github.com/skeindesk/skein/bridge"
)

// Messages returns what stands in a thread, in order, without what was deleted; "" is all threads.
func (p *Platform) Messages(t bridge.ThreadRef) []Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.list(t)
}

func (p *Platform) list(t bridge.ThreadRef) []Message {
	var out []Message
	for _, m := range p.messages {
		if !m.Gone && (t == "" || m.Thread == t) {
			out = append(out, *m)
		}
	}
	return out
}

// Ever returns every text holding a word that was ever sent here, also if it was changed or removed since.
func (p *Platform) Ever(word string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []string
	for _, text := range p.posted {
		if strings.Contains(text, word) {
			out = append(out, text)
		}
	}
	return out
}

// Calls returns how many sends and finds there have been.
func (p *Platform) Calls() (sends, finds int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sends, p.finds
}

// Await waits until ok holds for what stands on the platform.
func (p *Platform) Await(ctx context.Context, ok func(all []Message) bool) error {
	for {
		p.mu.Lock()
		all, changed := p.list(""), p.changed
		p.mu.Unlock()
		if ok(all) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("what was awaited did not happen; there is %+v: %w", all, ctx.Err())
		case <-changed:
		}
	}
}

// Ready waits until the adapter runs.
func (p *Platform) Ready(ctx context.Context) error {
	for {
		p.mu.Lock()
		running, changed := p.sink != nil, p.changed
		p.mu.Unlock()
		if running {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}
