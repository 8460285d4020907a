package files

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/skeindesk/skein/bridge"
)

func read(t *testing.T, b bridge.Blobs, id bridge.FileID) []byte {
	t.Helper()
	f, err := b.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// testBlobs proves what bridge.Blobs promises. open gives a new, empty store.
func testBlobs(t *testing.T, open func(t *testing.T) bridge.Blobs) {
	for name, test := range map[string]func(*testing.T, bridge.Blobs){
		"bytes come back":       testBytesComeBack,
		"whole or not at all":   testWholeOrNotAtAll,
		"ids that are none":     testWrongIDs,
		"many at once":          testManyAtOnce,
		"the later one is read": testOverwrite,
		"probe":                 testProbe,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

func testBytesComeBack(t *testing.T, b bridge.Blobs) {
	for id, content := range map[bridge.FileID][]byte{"id-1_A": bytes.Repeat([]byte("abc"), 100_000), "none": {}, "A1-thumbnail": []byte("x")} {
		size, err := b.Put(t.Context(), id, iotest.HalfReader(bytes.NewReader(content)), 300_000)
		if err != nil || size != int64(len(content)) {
			t.Fatalf("put: %d, %v", size, err)
		}
		if !bytes.Equal(read(t, b, id), content) {
			t.Error("other bytes came back")
		}
		for range 2 {
			if err := b.Remove(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := b.Get(t.Context(), id); !errors.Is(err, bridge.ErrNotFound) {
			t.Errorf("after removal: %v", err)
		}
	}
}

func testWholeOrNotAtAll(t *testing.T, b bridge.Blobs) {
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
		if _, err := b.Put(test.ctx, "half", test.r, 4); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := b.Get(t.Context(), "half"); !errors.Is(err, bridge.ErrNotFound) {
			t.Errorf("%s: get: %v", name, err)
		}
	}
	if n, err := b.Put(t.Context(), "exact", strings.NewReader("1234"), 4); n != 4 || err != nil {
		t.Errorf("exactly the limit: %d, %v", n, err)
	}
}

func testWrongIDs(t *testing.T, b bridge.Blobs) {
	for _, id := range []bridge.FileID{
		"", "x", "..", "../secret", "/etc/passwd", "a/b", `a\b`, "a\x00b", "ab.c", "unfinished/x",
		bridge.FileID(strings.Repeat("a", idLength+1)),
	} {
		if _, err := b.Put(t.Context(), id, strings.NewReader("x"), 10); !errors.Is(err, bridge.ErrNotFound) {
			t.Errorf("put %q: %v", id, err)
		}
		if _, err := b.Get(t.Context(), id); !errors.Is(err, bridge.ErrNotFound) {
			t.Errorf("get %q: %v", id, err)
		}
		if err := b.Remove(t.Context(), id); err != nil {
			t.Errorf("remove %q: %v", id, err)
		}
	}
}

func testManyAtOnce(t *testing.T, b bridge.Blobs) {
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			id := bridge.FileID("same")
			if i%2 == 0 {
				id = bridge.FileID(strings.Repeat(string(rune('a'+i)), 8))
			}
			if _, err := b.Put(t.Context(), id, strings.NewReader("content"), 100); err != nil {
				t.Error(err)
				return
			}
			f, err := b.Get(t.Context(), id)
			if err != nil {
				t.Error(err)
				return
			}
			defer f.Close()
			if got, err := io.ReadAll(f); err != nil || string(got) != "content" {
				t.Errorf("%s: %q, %v", id, got, err)
			}
		})
	}
	wg.Wait()
}

func testOverwrite(t *testing.T, b bridge.Blobs) {
	for _, content := range []string{"first", "2nd"} {
		if _, err := b.Put(t.Context(), "id", strings.NewReader(content), 10); err != nil {
			t.Fatal(err)
		}
		if got := string(read(t, b, "id")); got != content {
			t.Errorf("%q, want %q", got, content)
		}
	}
}

// secretive are blobs that do not say of a file that it is not there, as an object store whose keys may not list.
type secretive struct{ bridge.Blobs }

func (s secretive) Get(ctx context.Context, id bridge.FileID) (io.ReadCloser, error) {
	r, err := s.Blobs.Get(ctx, id)
	if errors.Is(err, bridge.ErrNotFound) {
		err = errors.New("forbidden")
	}
	return r, err
}

func testProbe(t *testing.T, b bridge.Blobs) {
	if err := Probe(t.Context(), secretive{b}); err == nil || !strings.Contains(err.Error(), "forbidden") {
		t.Errorf("blobs that do not tell what is missing: %v", err)
	}
	if err := Probe(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}
