package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"
)

// maxBatch bounds how many changes share one commit, and so how long the first of them waits for the last.
const maxBatch = 128

var errClosed = errors.New("the store is closed")

// writing says what a change asks of its commit.
type writing int

const (
	whole   writing = iota // several statements: all or none
	single                 // one statement, harmless if it is carried out twice
	relaxed                // like single, and its loss in a power failure would be harmless too: a lease, a pause
)

// A writer runs changes, each whole or not at all. It is safe for concurrent use.
type writer interface {
	// write returns nil only when what fn did is committed and, unless relaxed, on disk. fn may run more than once.
	// A context that ends before fn has begun means that fn does not run; after that it has no effect. An error of
	// fn is returned as it is.
	write(ctx context.Context, how writing, fn func(h handle) error) error
	close() error
}

// groupWriter is SQLite's writer. Syncing the disk costs far more than a change, so all changes that are waiting
// share a commit, each within a savepoint of its own. It never waits for a batch to fill: while one batch is being
// synced, the next one gathers.
//
// One goroutine owns the connection and lends it to one caller after the other. The change runs in its caller's
// goroutine, where a panic belongs.
type groupWriter struct {
	db      *sqlx.DB // of one connection
	queue   chan *turn
	closing chan struct{}
	closed  chan struct{}
	lazy    bool // how the connection commits at present; touched by run only
}

// turn is one caller's turn with the connection.
type turn struct {
	ctx    context.Context
	how    writing
	start  chan handle // the caller may begin
	end    chan error  // the caller has finished: nil to keep what it did
	answer chan error  // committed, or why not
	told   bool        // answered already; touched by the writer only
}

func newGroupWriter(db *sqlx.DB) *groupWriter {
	w := &groupWriter{db: db, queue: make(chan *turn, maxBatch), closing: make(chan struct{}), closed: make(chan struct{})}
	go w.run()
	return w
}

func (w *groupWriter) write(ctx context.Context, how writing, fn func(h handle) error) error {
	t := &turn{ctx: ctx, how: how, start: make(chan handle), end: make(chan error), answer: make(chan error, 1)}
	select {
	case w.queue <- t:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.closing:
		return errClosed
	}
	select {
	case h := <-t.start:
		if err := t.take(h, fn); err != nil {
			return err
		}
		return <-t.answer
	case err := <-t.answer:
		return err
	case <-w.closed: // it was put into the queue after the last batch
		return errClosed
	}
}

// take runs fn and gives the connection back, also when fn panics or ends its goroutine.
func (t *turn) take(h handle, fn func(h handle) error) error {
	err := errors.New("the change did not finish")
	defer func() { t.end <- err }()
	err = fn(h)
	return err
}

// run commits batches until the writer is closed and nothing waits any more.
func (w *groupWriter) run() {
	defer close(w.closed)
	for {
		select {
		case t := <-w.queue:
			w.batch(t)
		case <-w.closing:
			for {
				select {
				case t := <-w.queue:
					w.batch(t)
				default:
					return
				}
			}
		}
	}
}

// batch runs first and whoever else is waiting in one transaction, and answers them after its commit. Callers whose
// change failed by itself have been answered by their own error.
func (w *groupWriter) batch(first *turn) {
	batch := make([]*turn, 1, maxBatch)
	batch[0] = first
	for len(batch) < maxBatch {
		select {
		case t := <-w.queue:
			batch = append(batch, t)
			continue
		default:
		}
		break
	}
	err := w.commit(batch)
	for _, t := range batch {
		if !t.told {
			t.answer <- err
		}
	}
}

func (w *groupWriter) commit(batch []*turn) error {
	ctx := context.Background() // a batch belongs to all of its callers
	lazy := !slices.ContainsFunc(batch, func(t *turn) bool { return t.how != relaxed })
	if err := w.setLazy(ctx, lazy); err != nil {
		return fmt.Errorf("set how to commit: %w", err)
	}
	tx, err := w.db.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	kept := 0
	for _, t := range batch {
		ok, err := lend(tx, t, len(batch) == 1)
		if err != nil {
			return errors.Join(fmt.Errorf("savepoint: %w", err), tx.Rollback())
		}
		if ok {
			kept++
		}
	}
	if kept == 0 {
		_ = tx.Rollback() // nobody is told that anything was written
		return nil
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// setLazy chooses whether commits return before the disk has synced them. What the process has written so is safe
// from its own end, not from the machine's, until the next commit that syncs.
func (w *groupWriter) setLazy(ctx context.Context, lazy bool) error {
	if lazy == w.lazy {
		return nil
	}
	how := "PRAGMA synchronous = FULL"
	if lazy {
		how = "PRAGMA synchronous = NORMAL"
	}
	if _, err := w.db.ExecContext(ctx, how); err != nil {
		return err
	}
	w.lazy = lazy
	return nil
}

// lend gives the transaction to one caller. kept reports whether what it did is to be committed. An error means
// that the whole transaction is lost. A caller that is alone needs no savepoint: what it does not keep, nobody else
// has to.
func lend(tx *sqlx.Tx, t *turn, alone bool) (kept bool, err error) {
	if err := t.ctx.Err(); err != nil {
		t.told = true
		t.answer <- err
		return false, nil
	}
	ctx := context.Background()
	if alone {
		t.start <- handle{ctx: ctx, db: tx, dialect: onSQLite}
		return <-t.end == nil, nil
	}
	if _, err := tx.ExecContext(ctx, "SAVEPOINT turn"); err != nil {
		return false, err
	}
	t.start <- handle{ctx: ctx, db: tx, dialect: onSQLite}
	if <-t.end != nil {
		if _, err := tx.ExecContext(ctx, "ROLLBACK TO turn"); err != nil {
			return false, err
		}
	} else {
		kept = true
	}
	_, err = tx.ExecContext(ctx, "RELEASE turn")
	return kept, err
}

// close waits until everything that was accepted has been answered.
func (w *groupWriter) close() error {
	close(w.closing)
	<-w.closed
	return w.db.Close()
}
