package store

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/skeindesk/skein/bridge"
)

func newSQLite(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "skein.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func insertAgent(h handle) error {
	_, err := h.exec(`INSERT INTO agents (name, avatar) VALUES ('', '')`)
	return err
}

func agents(t *testing.T, s *Store) (n int) {
	t.Helper()
	if err := s.read(t.Context()).get(&n, `SELECT count(*) FROM agents`); err != nil {
		t.Fatal(err)
	}
	return n
}

// together runs the changes in one batch, and returns their errors in order.
func together(t *testing.T, s *Store, ctx context.Context, changes ...func(h handle) error) []error {
	t.Helper()
	w := s.writer.(*groupWriter)
	errs := make([]error, len(changes))
	var wg sync.WaitGroup
	holding, release := make(chan struct{}), make(chan struct{})
	wg.Go(func() {
		if err := w.write(t.Context(), whole, func(handle) error { close(holding); <-release; return nil }); err != nil {
			t.Error(err)
		}
	})
	<-holding
	for i, fn := range changes {
		wg.Go(func() {
			// In the caller's own goroutine, so that one may end it.
			errs[i] = errors.New("never answered")
			errs[i] = w.write(ctx, whole, fn)
		})
		synctest.Wait() // it is in the queue
	}
	close(release)
	wg.Wait()
	return errs
}

func TestFailedCommitIsAnsweredToAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSQLite(t)
		defer s.Close()
		own := errors.New("own")
		errs := together(t, s, t.Context(), insertAgent,
			func(handle) error { return own },
			func(h handle) error { // found out by the commit only
				if _, err := h.exec(`PRAGMA defer_foreign_keys = ON`); err != nil {
					return err
				}
				_, err := h.exec(`INSERT INTO identities (endpoint, person, agent) VALUES ('slack', 'U1', 77)`)
				return err
			}, insertAgent)
		for i, err := range errs {
			if err == nil || errors.Is(err, own) != (i == 1) {
				t.Errorf("change %d: error %v", i, err)
			}
		}
		if n := agents(t, s); n != 0 {
			t.Errorf("%d rows of a commit that failed", n)
		}
		if err := s.writer.write(t.Context(), whole, insertAgent); err != nil { // and it goes on
			t.Error(err)
		}
		if n := agents(t, s); n != 1 {
			t.Errorf("%d rows, want 1", n)
		}
	})
}

// TestLostTransactionIsAnsweredToAll lets a change end the transaction under everybody's feet, as SQLite does by
// itself when the disk is full.
func TestLostTransactionIsAnsweredToAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSQLite(t)
		defer s.Close()
		errs := together(t, s, t.Context(), insertAgent,
			func(h handle) error {
				if _, err := h.exec(`ROLLBACK`); err != nil {
					t.Error(err)
				}
				return nil
			}, insertAgent)
		for i, err := range errs {
			if err == nil {
				t.Errorf("change %d: no error", i)
			}
		}
		if n := agents(t, s); n != 0 {
			t.Errorf("%d rows of a lost transaction", n)
		}
		if err := s.writer.write(t.Context(), whole, insertAgent); err != nil {
			t.Error(err)
		}
	})
}

func TestGoroutineEndsWithinChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSQLite(t)
		defer s.Close()
		errs := together(t, s, t.Context(), insertAgent,
			func(h handle) error {
				if err := insertAgent(h); err != nil {
					t.Error(err)
				}
				runtime.Goexit() // as t.FailNow does
				return nil
			}, insertAgent)
		if errs[0] != nil || errs[2] != nil {
			t.Errorf("the others: %v", errs)
		}
		if n := agents(t, s); n != 2 {
			t.Errorf("%d rows, want 2", n)
		}
	})
}

func TestQueuedChangeOfOneWhoHasLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSQLite(t)
		defer s.Close()
		ctx, cancel := context.WithCancel(t.Context())
		errs := together(t, s, ctx,
			func(h handle) error { cancel(); return insertAgent(h) },
			func(handle) error { t.Error("it ran"); return nil })
		if errs[0] != nil || !errors.Is(errs[1], context.Canceled) {
			t.Errorf("errors %v", errs)
		}
		if n := agents(t, s); n != 1 {
			t.Errorf("%d rows, want 1", n)
		}
	})
}

func TestCloseAnswersThoseWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSQLite(t)
		w := s.writer.(*groupWriter)
		holding, release := make(chan struct{}), make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := w.write(t.Context(), whole, func(handle) error { close(holding); <-release; return nil }); err != nil {
				t.Error(err)
			}
		})
		<-holding
		for range 3 {
			wg.Go(func() {
				if err := w.write(t.Context(), whole, insertAgent); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait() // all are in the queue
		wg.Go(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		close(release)
		wg.Wait()
		if err := s.Change(t.Context(), func(bridge.Tx) error { return nil }); !errors.Is(err, errClosed) {
			t.Errorf("a change after closing: error %v", err)
		}
	})
}
