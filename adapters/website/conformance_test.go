package website

import (
	"context"
	"errors"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/adaptertest"
	"github.com/skeindesk/skein/adapters/website/webtest"
	"github.com/skeindesk/skein/bridge"
)

func TestConformance(t *testing.T) {
	adaptertest.Run(t, adaptertest.Harness{
		New: func(t *testing.T) adaptertest.Stage {
			m := newMemory()
			d := &desk{memory: m}
			a := newTestAdapter(t, m, func(c *Config) { c.Desk = d })
			server := httptest.NewServer(a.Handler())
			site := webtest.NewSite("website", server.URL)
			t.Cleanup(func() { site.Close(); server.Close() })
			people := &people{t: t, adapter: a, site: site, queues: map[bridge.ThreadRef]chan string{}}
			t.Cleanup(people.leave)
			return adaptertest.Stage{Adapter: heard{a, d}, Platform: people, Files: map[bridge.FileID][]byte{}}
		},
		Features: adaptertest.Features{Reads: true, Redelivers: true},
	})
}

// desk lets the suite's sink decide what is accepted.
type desk struct {
	*memory
	sink atomic.Pointer[bridge.Sink]
}

func (d *desk) Accept(ctx context.Context, in bridge.Inbound) (bridge.Entry, error) {
	if sink := d.sink.Load(); sink != nil {
		if err := (*sink).Receive(ctx, in); err != nil {
			return bridge.Entry{}, err
		}
	}
	return d.memory.Accept(ctx, in)
}

// heard is an adapter whose desk listens to the sink it is run with.
type heard struct {
	*Adapter
	desk *desk
}

func (h heard) Run(ctx context.Context, sink bridge.Sink) error {
	h.desk.sink.Store(&sink)
	return h.Adapter.Run(ctx, sink)
}

// people are visitors whose programs, as the widget, send one line after the other and each until it is accepted.
type people struct {
	t       *testing.T
	adapter *Adapter
	site    *webtest.Site
	work    sync.WaitGroup
	open    atomic.Int64 // lines that have not been acknowledged
	mu      sync.Mutex
	queues  map[bridge.ThreadRef]chan string
}

var errNotOnWebsite = errors.New("not on a website")

func (p *people) Begin() (bridge.ThreadRef, error) {
	v := p.site.Visitor()
	ctx := p.t.Context()
	if _, err := v.Open(ctx, webtest.Introduction{Profile: map[string]any{"name": "Maria Lopez"}}); err != nil {
		return "", err
	}
	who, err := p.adapter.readToken(v.Token(), time.Now())
	if err != nil {
		return "", err
	}
	thread := who.thread()
	queue := make(chan string, 64)
	p.mu.Lock()
	p.queues[thread] = queue
	p.mu.Unlock()
	p.work.Go(func() {
		for text := range queue {
			if _, err := v.Say(ctx, text); err != nil && ctx.Err() == nil {
				p.t.Error(err)
			}
			p.open.Add(-1)
		}
	})
	return thread, nil
}

func (p *people) leave() {
	p.mu.Lock()
	for _, q := range p.queues {
		close(q)
	}
	p.mu.Unlock()
	p.work.Wait()
}

func (p *people) Say(t bridge.ThreadRef, text string) (bridge.MessageRef, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open.Add(1)
	p.queues[t] <- text
	return "", nil
}

func (p *people) Unacknowledged() int { return int(p.open.Load()) }

func (p *people) Upload(bridge.ThreadRef, string, []byte, string) (bridge.MessageRef, error) {
	return "", errNotOnWebsite
}
func (p *people) Edit(bridge.MessageRef, string) error       { return errNotOnWebsite }
func (p *people) Delete(bridge.MessageRef) error             { return errNotOnWebsite }
func (p *people) Withdraw(bridge.FileRef) error              { return errNotOnWebsite }
func (p *people) DeleteThread(bridge.ThreadRef) error        { return errNotOnWebsite }
func (p *people) Thread(bridge.ThreadRef) []adaptertest.Seen { return nil }
func (p *people) Outside() int                               { return 0 }
func (p *people) Disturb(adaptertest.Fault)                  {}
