package store

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// TestOnlyRelaxedCommitsAreLazy looks at the connection itself: whether a commit was synced cannot be seen from
// outside as long as the machine runs.
func TestOnlyRelaxedCommitsAreLazy(t *testing.T) {
	s, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "skein.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	const normal, full = 1, 2
	synchronous := func() (level int) {
		t.Helper()
		// Between two batches nobody else uses the one connection.
		if err := s.writer.(*groupWriter).db.Get(&level, "PRAGMA synchronous"); err != nil {
			t.Fatal(err)
		}
		return level
	}
	nothing := errors.New("nothing written")
	steps := []struct {
		name string
		do   func() error
		want int
	}{
		{"at first", func() error { return nil }, full},
		{"a lease", func() error { _, err := s.Hold(t.Context(), "slack", "me", time.Minute); return err }, normal},
		{"a change", func() error { return s.Change(t.Context(), func(bridge.Tx) error { return nil }) }, full},
		{"a pause", func() error { return s.Pause(t.Context(), "slack", time.Second) }, normal},
		{"an intent", func() error {
			if err := s.Intend(t.Context(), bridge.Lane{ID: 1}, "k", time.Minute); !errors.Is(err, bridge.ErrLost) {
				return errors.Join(nothing, err)
			}
			return nil
		}, full},
	}
	for _, step := range steps {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if got := synchronous(); got != step.want {
			t.Errorf("after %s: synchronous is %d, want %d", step.name, got, step.want)
		}
	}
}
