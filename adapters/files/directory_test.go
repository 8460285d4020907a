package files

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
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

func read(t *testing.T, d *Directory, id bridge.FileID) []byte {
	t.Helper()
	f, err := d.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return b
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

func TestBytesComeBack(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "files")
	d := open(t, dir)
	content := bytes.Repeat([]byte("abc"), 100_000)
	size, err := d.Put(t.Context(), "id-1_A", iotest.HalfReader(bytes.NewReader(content)), 300_000)
	if err != nil || size != 300_000 {
		t.Fatalf("put: %d, %v", size, err)
	}
	if !bytes.Equal(read(t, d, "id-1_A"), content) {
		t.Error("other bytes came back")
	}
	if !bytes.Equal(read(t, open(t, dir), "id-1_A"), content) {
		t.Error("other bytes came back after opening again")
	}
	for range 2 {
		if err := d.Remove(t.Context(), "id-1_A"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Get(t.Context(), "id-1_A"); !errors.Is(err, bridge.ErrNotFound) {
		t.Errorf("after removal: %v", err)
	}
}

func TestWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir)
	broken := errors.New("network gone")
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, test := range map[string]struct {
		ctx  context.Context
		r    io.Reader
		want error
	}{
		"one byte too many": {t.Context(), strings.NewReader("12345"), bridge.ErrTooLarge},
		"cut off":           {t.Context(), io.MultiReader(strings.NewReader("123"), iotest.ErrReader(broken)), broken},
		"cancelled":         {cancelled, strings.NewReader("123"), context.Canceled},
	} {
		if _, err := d.Put(test.ctx, "half", test.r, 4); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := d.Get(t.Context(), "half"); !errors.Is(err, bridge.ErrNotFound) {
			t.Errorf("%s: get: %v", name, err)
		}
		if left := kept(t, dir); len(left) > 0 {
			t.Errorf("%s: left %v", name, left)
		}
	}
	if n, err := d.Put(t.Context(), "exact", strings.NewReader("1234"), 4); n != 4 || err != nil {
		t.Errorf("exactly the limit: %d, %v", n, err)
	}
}

func TestNothingOutside(t *testing.T) {
	parent := t.TempDir()
	if err := os.WriteFile(filepath.Join(parent, "secret"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(parent, "files")
	d := open(t, dir)
	for _, id := range []bridge.FileID{
		"", "x", "..", "../secret", "/etc/passwd", "a/b", `a\b`, "a\x00b", "ab.c", "unfinished/x",
		bridge.FileID(strings.Repeat("a", idLength+1)),
	} {
		if _, err := d.Put(t.Context(), id, strings.NewReader("x"), 10); !errors.Is(err, bridge.ErrNotFound) {
			t.Errorf("put %q: %v", id, err)
		}
		if _, err := d.Get(t.Context(), id); !errors.Is(err, bridge.ErrNotFound) {
			t.Errorf("get %q: %v", id, err)
		}
		if err := d.Remove(t.Context(), id); err != nil {
			t.Errorf("remove %q: %v", id, err)
		}
	}
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

func TestManyAtOnce(t *testing.T) {
	d := open(t, t.TempDir())
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			id := bridge.FileID("same")
			if i%2 == 0 {
				id = bridge.FileID(strings.Repeat(string(rune('a'+i)), 8))
			}
			if _, err := d.Put(t.Context(), id, strings.NewReader("content"), 100); err != nil {
				t.Error(err)
			}
			if got := string(read(t, d, id)); got != "content" {
				t.Errorf("%s: %q", id, got)
			}
		})
	}
	wg.Wait()
}
