package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/skeindesk/skein/store"
)

func TestOneProcessOwnsASQLiteDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "skein.db")
	open := func(name string) *store.Store {
		s, err := store.Open(t.Context(), "sqlite:"+name, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
	release, err := open(path).Own()
	if err != nil {
		t.Fatal(err)
	}
	link := path + "-link"
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, link} {
		if _, err := open(name).Own(); !errors.Is(err, store.ErrInUse) {
			t.Errorf("owned twice: %v, want ErrInUse", err)
		}
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	release, err = open(path).Own()
	if err != nil {
		t.Fatalf("own after release: %v", err)
	}
	_ = release()
}
