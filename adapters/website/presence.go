package website

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/skeindesk/skein/bridge"
)

const (
	presenceAge  = 5 * time.Second // for how long an answer is good
	presenceTime = 5 * time.Second // for getting one
	presenceLook = time.Second     // how late visitors are told
)

// presence knows whether visitors can expect somebody, without asking for each of them.
type presence struct {
	policy   func() bridge.EndpointPolicy
	attended func(ctx context.Context) (bool, error)
	logger   *slog.Logger

	mu    sync.Mutex
	asked time.Time
	known bool // what attended said last; when it cannot say, that stands
}

func (p *presence) online(ctx context.Context) bool {
	if !p.policy().Office.Open(time.Now()) {
		return false
	}
	if p.attended == nil {
		return true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Since(p.asked) > presenceAge {
		// Whoever asks, the answer is for others too.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), presenceTime)
		defer cancel()
		if attended, err := p.attended(ctx); err == nil {
			p.known = attended
		} else {
			p.logger.Warn("who is on duty not found out", "error", err)
		}
		p.asked = time.Now()
	}
	return p.known
}

// watch tells of every change until ctx ends.
func (p *presence) watch(ctx context.Context, tell func(online bool)) {
	tick := time.NewTicker(presenceLook)
	defer tick.Stop()
	before := p.online(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if now := p.online(ctx); now != before && ctx.Err() == nil {
			before = now
			tell(now)
		}
	}
}
