package bridge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// Porter brings the bytes of files to where they are needed: each is copied from its platform to our Blobs once, soon
// after the entry that mentions it has committed, or when a lane or a reader needs it first. It implements Files. Several
// instances may run on one database.
type Porter struct {
	book    PorterBook
	blobs   Blobs
	limit   int64
	log     *slog.Logger
	source  func(EndpointName) (FileSource, bool)
	look    func(io.Reader) (string, int, int)
	link    func(File, time.Time) string
	lost    func(context.Context, StoredFile)
	flight  singleflight.Group
	queue   chan File
	stopped context.Context // ends before Run returns
	stop    context.CancelFunc
	mu      sync.Mutex // guards that no copy begins once stopped
	copies  sync.WaitGroup
}

// PorterConfig is what a Porter is made of. Book, Blobs, Limit and Source are required.
type PorterConfig struct {
	Book  PorterBook
	Blobs Blobs
	Limit int64 // bytes a file may have
	// Source finds the adapter whose platform a file is at. It is asked when a file is copied, not before: adapters
	// are given the Porter when they are made.
	Source func(EndpointName) (FileSource, bool)
	// Look finds out a file's type from its bytes, and a picture's width and height; nil: what the platform says is
	// believed.
	Look func(r io.Reader) (kind string, width, height int)
	// Link is an address for a file that was mentioned at that time; nil: there is none.
	Link func(f File, at time.Time) string
	// Lost is told of every file that turned out to have no bytes, once; Desk.FileLost.
	Lost func(ctx context.Context, f StoredFile)
	Log  *slog.Logger
}

// NewPorter returns a Porter.
func NewPorter(cfg PorterConfig) *Porter {
	stopped, stop := context.WithCancel(context.Background())
	p := &Porter{
		stopped: stopped, stop: stop,
		book: cfg.Book, blobs: cfg.Blobs, limit: cfg.Limit, log: logOr(cfg.Log),
		source: cfg.Source, look: cfg.Look, link: cfg.Link, lost: cfg.Lost, queue: make(chan File, 256),
	}
	if p.link == nil {
		p.link = func(File, time.Time) string { return "" }
	}
	if p.lost == nil {
		p.lost = func(context.Context, StoredFile) {}
	}
	return p
}

var _ Files = (*Porter)(nil)

const (
	copyTime   = 5 * time.Minute  // for one file
	sweepEvery = 10 * time.Minute // for files that were not copied when they were mentioned
	sweepBack  = 24 * time.Hour   // what is older than that is fetched only when somebody opens it
	keepUnused = 24 * time.Hour   // before the bytes of uploads that were never sent, and of withdrawn files, are removed
	disposeMax = 1000             // files in one sweep
	// disposeTries in a row that fail mean that the file store is down.
	disposeTries = 10
	withdrawal   = 3 * time.Second // within which we hear of a line that was deleted, after its files are gone
)

// Run copies what Fetch asked for, and from time to time what was left, and removes what nobody needs any more, until ctx
// ends.
func (p *Porter) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { p.copyQueued(ctx) })
	}
	wg.Go(func() {
		for {
			p.sweep(ctx)
			p.dispose(ctx)
			if !pause(ctx, sweepEvery) {
				return
			}
		}
	})
	<-ctx.Done()
	p.end()
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

// dispose removes the bytes of files that nobody needs any more. What is not finished is taken up by the next sweep, of
// whichever instance. One that cannot be removed keeps none of the others, wherever it stands among them.
func (p *Porter) dispose(ctx context.Context) {
	ids, err := p.book.DisposeFiles(ctx, keepUnused, disposeMax)
	rand.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	failed, row := 0, 0
	for _, id := range ids {
		if row == disposeTries || ctx.Err() != nil {
			break
		}
		if e := p.disposeOf(ctx, id); e != nil {
			err = e
			failed++
			row++
		} else {
			row = 0
		}
	}
	if err != nil && ctx.Err() == nil {
		p.log.Warn("remove files that nobody needs", "failed", failed, "error", err)
	}
}

func (p *Porter) disposeOf(ctx context.Context, id FileID) error {
	if err := errors.Join(p.blobs.Remove(ctx, id), p.blobs.Remove(ctx, id.Thumbnail())); err != nil {
		return err
	}
	return p.book.FileDisposed(ctx, id)
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

// Bring makes files that were mentioned at a time ready to be sent: it fetches what is not here yet and returns them as a
// Delivery has them, the same each time. An error means that a file cannot be fetched now;
// with last it is passed on as a link instead.
func (p *Porter) Bring(ctx context.Context, files []File, at time.Time, last bool) ([]File, error) {
	out := make([]File, len(files))
	for i, f := range files {
		stored, err := p.bring(ctx, f, last)
		if err != nil {
			return nil, fmt.Errorf("bring file: %w", err)
		}
		f.Type, f.Size, f.Width, f.Height, f.Missing = stored.Type, stored.Size, stored.Width, stored.Height, stored.Missing
		if stored.Withdrawn {
			f.Missing = FileWithdrawn
		}
		if f.Missing == "" || f.Missing == FileLate {
			f.Link = p.link(f, at)
		}
		out[i] = f
	}
	return out, nil
}

func (p *Porter) bring(ctx context.Context, f File, last bool) (StoredFile, error) {
	stored, err := p.known(ctx, f)
	switch {
	case err != nil || stored.Missing != "":
		return stored, err
	case stored.Here && last:
		return p.tried(ctx, stored)
	case stored.Here:
		return stored, nil
	}
	failed := p.copy(ctx, f)
	if stored, err = p.known(ctx, f); err != nil || stored.Here || stored.Missing != "" {
		return stored, err
	}
	if !last || ctx.Err() != nil {
		return stored, failed
	}
	stored.Missing = FileLate
	return stored, p.book.SaveFile(ctx, stored)
}

// tried looks whether bytes that are ours can be read: something has kept their line from going out, and if it is our own
// store, what comes after the line shall not wait for it.
func (p *Porter) tried(ctx context.Context, f StoredFile) (StoredFile, error) {
	r, err := p.blobs.Get(ctx, f.ID)
	switch {
	case err == nil:
		return f, r.Close()
	case ctx.Err() != nil:
		return f, err
	case errors.Is(err, ErrNotFound):
		f.Missing = FileGone
	default:
		f.Missing = FileLate
	}
	return f, p.book.SaveFile(ctx, f)
}

// known is what our book says of a file. One that was withdrawn or never written down is gone.
func (p *Porter) known(ctx context.Context, f File) (StoredFile, error) {
	stored, err := p.book.FileByID(ctx, f.ID)
	if errors.Is(err, ErrNotFound) {
		return StoredFile{File: File{ID: f.ID, Missing: FileGone}}, nil
	}
	if stored.Withdrawn || !stored.Here && stored.Missing == "" && stored.Source.Ref == "" {
		stored.Missing = FileGone
	}
	return stored, err
}

// copy brings a file's bytes to our Blobs, once however many ask for it at the same time. It returns when ctx ends; the
// copying goes on, since others may wait for it.
func (p *Porter) copy(ctx context.Context, f File) error {
	done := p.flight.DoChan(string(f.ID), func() (any, error) {
		if !p.begin() {
			return nil, errStopped
		}
		defer p.copies.Done()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), copyTime)
		defer cancel()
		defer context.AfterFunc(p.stopped, cancel)() //nolint:contextcheck // the Porter ends apart from whoever asks
		return nil, p.copyNow(ctx, f)
	})
	select {
	case r := <-done:
		return r.Err
	case <-ctx.Done():
		return ctx.Err()
	}
}

var errStopped = errors.New("the program is stopping")

// begin counts a copy that Run has to wait for.
func (p *Porter) begin() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped.Err() != nil {
		return false
	}
	p.copies.Add(1)
	return true
}

// end breaks copies off and waits for them.
func (p *Porter) end() {
	p.mu.Lock()
	p.stop()
	p.mu.Unlock()
	p.copies.Wait()
}

func (p *Porter) copyNow(ctx context.Context, f File) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = panicked("open source", value)
		}
	}()
	stored, err := p.known(ctx, f)
	if err != nil || stored.Here && stored.Missing == "" {
		return err
	}
	if err := stored.Missing.err(); err != nil {
		return err
	}
	size, err := p.pour(ctx, stored)
	if missing := missingBy(err); missing != "" {
		return errors.Join(err, p.lose(ctx, stored, missing))
	} else if err != nil {
		return err
	}
	if size == 0 {
		return errors.Join(FileEmpty.err(), p.blobs.Remove(ctx, f.ID), p.lose(ctx, stored, FileEmpty))
	}
	if stored, err = p.examine(ctx, stored); err != nil {
		return err
	}
	stored.Size, stored.Here = size, true
	return p.book.SaveFile(ctx, stored)
}

// pour copies a file's bytes from its source, which may be another file of ours.
func (p *Porter) pour(ctx context.Context, f StoredFile) (size int64, err error) {
	if f.Source.Endpoint == "" {
		return p.pourOwn(ctx, f)
	}
	source, ok := p.source(f.Source.Endpoint)
	if !ok {
		return 0, fmt.Errorf("endpoint %s: %w", f.Source.Endpoint, ErrNotFound)
	}
	r, err := source.OpenSource(ctx, f.Source)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	return p.blobs.Put(ctx, f.ID, r, p.limit)
}

// pourOwn copies from another file of ours, also when its line has been taken back meanwhile: its bytes are there for a while.
func (p *Porter) pourOwn(ctx context.Context, f StoredFile) (size int64, err error) {
	original, err := p.known(ctx, File{ID: FileID(f.Source.Ref)})
	if err == nil && !(original.Withdrawn && original.Here) {
		err = original.Missing.err()
	}
	if err != nil {
		return 0, err
	}
	r, err := p.OpenFile(ctx, original.File)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	return p.blobs.Put(ctx, f.ID, r, p.limit)
}

// examine finds out from the bytes what a file is.
func (p *Porter) examine(ctx context.Context, f StoredFile) (StoredFile, error) {
	if p.look == nil {
		return f, nil
	}
	r, err := p.blobs.Get(ctx, f.ID)
	if err != nil {
		return f, err
	}
	defer r.Close()
	f.Type, f.Width, f.Height = p.look(r)
	return f, nil
}

// lose notes that a file will never have bytes, unless another instance has brought them.
func (p *Porter) lose(ctx context.Context, f StoredFile, why Missing) error {
	f.Missing, f.Here = why, false
	if err := p.book.SaveFile(ctx, f); err != nil {
		return err
	}
	if why == FileGone { // perhaps because its line is being taken back
		pause(ctx, withdrawal)
	}
	if now, err := p.book.FileByID(ctx, f.ID); err == nil && (now.Withdrawn && why == FileGone || now.Here) {
		return nil
	}
	p.lost(ctx, f)
	return nil
}
