package bridge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// Porter brings the bytes of files to where they are needed: each is copied from its platform to our Blobs once, soon
// after the entry that mentions it has committed, or when somebody opens it first. It implements Files.
type Porter struct {
	book    FileBook
	blobs   Blobs
	limit   int64
	log     *slog.Logger
	source  func(EndpointName) (FileSource, bool)
	flight  singleflight.Group
	queue   chan File
	stopped context.Context // ends when Run returns
	stop    context.CancelFunc
}

// PorterConfig is what a Porter is made of.
type PorterConfig struct {
	Book  FileBook
	Blobs Blobs
	Limit int64 // bytes a file may have
	// Source finds the adapter whose platform a file is at. It is asked when a file is copied, not before: adapters
	// are given the Porter when they are made.
	Source func(EndpointName) (FileSource, bool)
	Log    *slog.Logger
}

// NewPorter returns a Porter.
func NewPorter(cfg PorterConfig) *Porter {
	stopped, stop := context.WithCancel(context.Background())
	return &Porter{
		stopped: stopped, stop: stop,
		book: cfg.Book, blobs: cfg.Blobs, limit: cfg.Limit, log: logOr(cfg.Log),
		source: cfg.Source, queue: make(chan File, 256),
	}
}

var _ Files = (*Porter)(nil)

const (
	copyTime   = 5 * time.Minute  // for one file
	sweepEvery = 10 * time.Minute // for files that were not copied when they were mentioned
	sweepBack  = 24 * time.Hour   // what is older than that is fetched only when somebody opens it
)

// Run copies what Fetch asked for, and from time to time what was left, until ctx ends.
func (p *Porter) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { p.copyQueued(ctx) })
	}
	wg.Go(func() {
		for {
			p.sweep(ctx)
			if !pause(ctx, sweepEvery) {
				return
			}
		}
	})
	<-ctx.Done()
	p.stop()
	wg.Wait()
	return nil
}

func (p *Porter) copyQueued(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case f := <-p.queue:
			if err := p.copy(ctx, f); err != nil && ctx.Err() == nil {
				p.log.Info("copy file", "endpoint", f.Source.Endpoint, "error", err)
			}
		}
	}
}

// sweep asks again for files that could not be copied, or whose mention was lost with the process.
func (p *Porter) sweep(ctx context.Context) {
	files, err := p.book.FilesElsewhere(ctx, now().Add(-sweepBack), cap(p.queue)/2)
	if err != nil {
		p.log.Info("look for files to copy", "error", err)
	}
	for _, f := range files {
		p.Fetch(f)
	}
}

// Fetch asks for a copy soon. It never blocks; a file that is not copied now is copied when it is opened.
func (p *Porter) Fetch(f File) {
	select {
	case p.queue <- f:
	default:
	}
}

// OpenFile implements Files.
func (p *Porter) OpenFile(ctx context.Context, f File) (io.ReadCloser, error) {
	r, err := p.blobs.Get(ctx, f.ID)
	if !errors.Is(err, ErrNotFound) || f.Source.Ref == "" {
		return r, err
	}
	if err := p.copy(ctx, f); err != nil {
		return nil, fmt.Errorf("fetch file: %w", err)
	}
	return p.blobs.Get(ctx, f.ID)
}

// copy brings a file's bytes to our Blobs, once however many ask for it at the same time.
func (p *Porter) copy(ctx context.Context, f File) error {
	_, err, _ := p.flight.Do(string(f.ID), func() (any, error) {
		// Whoever waits for the same copy must not lose it because this caller has gone.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), copyTime)
		defer cancel()
		defer context.AfterFunc(p.stopped, cancel)() //nolint:contextcheck // the Porter ends apart from whoever asks
		return nil, p.copyNow(ctx, f)
	})
	return err
}

func (p *Porter) copyNow(ctx context.Context, f File) error {
	stored, err := p.book.FileByID(ctx, f.ID)
	if err != nil || stored.Here {
		return err
	}
	source, ok := p.source(f.Source.Endpoint)
	if !ok {
		return fmt.Errorf("endpoint %s: %w", f.Source.Endpoint, ErrNotFound)
	}
	r, err := source.OpenSource(ctx, f.Source)
	if err != nil {
		return err
	}
	defer r.Close()
	size, err := p.blobs.Put(ctx, f.ID, r, p.limit)
	if err != nil {
		return err
	}
	stored.Size, stored.Here = size, true
	return p.book.SaveFile(ctx, stored)
}
