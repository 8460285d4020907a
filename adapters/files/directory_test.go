package files

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/skeindesk/skein/bridge"
)

func open(t *testing.T, dir string) *Directory {
	t.Helper()
	d, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// kept lists the files below dir.
func kept(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			names = append(names, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestDirectory(t *testing.T) {
	testBlobs(t, func(t *testing.T) bridge.Blobs { return open(t, filepath.Join(t.TempDir(), "new", "files")) })
}

func TestDirectoryStaysWhenOpenedAgain(t *testing.T) {
	dir := t.TempDir()
	if _, err := open(t, dir).Put(t.Context(), "id", strings.NewReader("abc"), 3); err != nil {
		t.Fatal(err)
	}
	if got := string(read(t, open(t, dir), "id")); got != "abc" {
		t.Errorf("after opening again: %q", got)
	}
}

func TestFailedPutLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir)
	for _, r := range []io.Reader{strings.NewReader("12345"), iotest.ErrReader(errors.New("network gone"))} {
		if _, err := d.Put(t.Context(), "half", r, 4); err == nil {
			t.Error("stored")
		}
	}
	if left := kept(t, dir); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

func TestNothingOutside(t *testing.T) {
	parent := t.TempDir()
	if err := os.WriteFile(filepath.Join(parent, "secret"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(parent, "files")
	d := open(t, dir)
	if err := os.MkdirAll(filepath.Join(dir, "fli"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(parent, "secret"), filepath.Join(dir, "fli", "link")); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Get(t.Context(), "link"); err == nil {
		t.Error("a symbolic link led out")
	}
}

func TestUnfinishedFilesAreClearedAway(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	for name, age := range map[string]time.Duration{"dead": 2 * abandoned, "busy": abandoned / 2} {
		p := filepath.Join(dir, unfinished, name)
		if err := os.WriteFile(p, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		then := time.Now().Add(-age)
		if err := os.Chtimes(p, then, then); err != nil {
			t.Fatal(err)
		}
	}
	open(t, dir)
	if left := kept(t, dir); len(left) != 1 || filepath.Base(left[0]) != "busy" {
		t.Errorf("left %v, want busy", left)
	}
}
