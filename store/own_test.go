package store_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/skeindesk/skein/store"
)

func TestOneProcessOwnsASQLiteDatabase(t *testing.T) {
	database := "sqlite:" + filepath.Join(t.TempDir(), "skein.db")
	open := func() *store.Store {
		s, err := store.Open(t.Context(), database, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
	release, err := open().Own()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := open().Own(); !errors.Is(err, store.ErrInUse) {
		t.Errorf("owned twice: %v, want ErrInUse", err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	release, err = open().Own()
	if err != nil {
		t.Fatalf("own after release: %v", err)
	}
	_ = release()
}
