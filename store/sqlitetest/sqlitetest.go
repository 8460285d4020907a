// Package sqlitetest gives tests SQLite databases of their own, each a copy of one that was migrated once: with the race
// detector, migrating takes longer than most tests.
package sqlitetest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/skeindesk/skein/store"
)

// migrated is the file of an empty database with the present schema.
var migrated = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "skein-empty-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, "skein.db")
	s, err := store.Open(context.Background(), "sqlite:"+file, store.Options{})
	if err != nil {
		return nil, err
	}
	if err := errors.Join(s.Migrate(context.Background()), s.Close()); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

// Database returns the address (sqlite:…) of a migrated database that belongs to this test alone and goes with it.
func Database(t testing.TB) (address string) {
	t.Helper()
	content, err := migrated()
	if err != nil {
		t.Fatalf("sqlitetest: %v", err)
	}
	file := filepath.Join(t.TempDir(), "skein.db")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatalf("sqlitetest: %v", err)
	}
	return "sqlite:" + file
}

// Open returns a store on a database of the test's own and closes it when the test ends.
func Open(t testing.TB) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), Database(t), store.Options{})
	if err != nil {
		t.Fatalf("sqlitetest: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("sqlitetest: %v", err)
		}
	})
	return s
}
