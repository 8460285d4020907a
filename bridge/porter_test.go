package bridge_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/adapters/files"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/bridgetest"
	"github.com/skeindesk/skein/store"
	"github.com/skeindesk/skein/store/sqlitetest"
)

// shelf is a platform's files, and how often each was opened.
type shelf struct {
	mu     sync.Mutex
	files  map[string][]byte
	broken map[string]error
	opened map[string]int
}

func (s *shelf) OpenSource(_ context.Context, f bridge.FileRef) (io.ReadCloser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened[f.Ref]++
	if err := s.broken[f.Ref]; err != nil {
		return nil, err
	}
	if f.Ref == "panics" {
		panic("out of range")
	}
	data, ok := s.files[f.Ref]
	if !ok {
		return nil, fmt.Errorf("open: %w", bridge.ErrNotFound)
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}

func (s *shelf) fail(ref string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken[ref] = err
}

// withFiles gives the world a Porter whose files are at the returned shelf.
func withFiles(shelf *shelf, porter **bridge.Porter) option {
	*shelf = newShelf()
	return func(w *world, _ []bridge.Route) {
		w.opened = func() {
			dir, err := files.Open(filepath.Join(w.t.TempDir(), "files"))
			w.must(err)
			w.t.Cleanup(func() { _ = dir.Close() })
			*porter = bridge.NewPorter(bridge.PorterConfig{
				Book: w.store, Blobs: dir, Limit: 1000, Look: files.Look,
				Source: func(bridge.EndpointName) (bridge.FileSource, bool) { return shelf, true },
				Link: func(f bridge.File, at time.Time) string {
					return fmt.Sprintf("https://desk.example/%s?e=%d", f.Name, at.Unix())
				},
				Lost: func(ctx context.Context, f bridge.StoredFile) { w.desk.FileLost(ctx, f) },
			})
			w.bring = (*porter).Bring
			w.fetch = (*porter).Fetch
		}
	}
}

func newShelf() shelf {
	return shelf{files: map[string][]byte{}, broken: map[string]error{}, opened: map[string]int{}}
}

// shown is what stands in a team thread: its text, its files.
func shown(w *world, t bridge.ThreadRef) (text string, sent []bridge.File) {
	for _, m := range w.team.Messages(t) {
		text += " " + m.Text
		sent = append(sent, m.Files...)
	}
	return strings.Join(strings.Fields(text), " "), sent
}

// await waits until what stands in the visitor's thread says something.
func await(w *world, words string) (text string, sent []bridge.File) {
	w.t.Helper()
	thread := w.thread("vera")
	if err := w.team.Await(w.ctx, func([]bridgetest.Message) bool {
		text, sent = shown(w, thread)
		return strings.Contains(text, words)
	}); err != nil {
		w.t.Fatal(err)
	}
	return text, sent
}

// A platform's word for what a file is counts for nothing: neither its size nor its type.
func TestFilesAreSentAsTheirBytesAre(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s shelf
		var p *bridge.Porter
		w := newWorld(t, withFiles(&s, &p), func(w *world, _ []bridge.Route) {
			w.team = bridgetest.New("team", bridge.Abilities{Role: bridge.RoleTeam, OneReceiver: true, MaxFile: 100})
		})
		defer w.stop()
		png := append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 30)...)
		s.files = map[string][]byte{"lies": png, "large": make([]byte, 500), "empty": {}, "huge": make([]byte, 1001)}
		s.fail("refused", &bridge.Failure{Verdict: bridge.GiveUp, Public: "No."})
		_, err := w.shop.Attach(w.ctx, "chat/vera", "vera", "Look",
			bridge.FileRef{Ref: "lies", Name: "a.txt", Type: "text/plain", Size: 3}, bridge.FileRef{Ref: "large", Name: "l.bin", Size: 7},
			bridge.FileRef{Ref: "empty", Name: "e.txt", Size: 9}, bridge.FileRef{Ref: "huge", Name: "h.bin", Size: 1},
			bridge.FileRef{Ref: "gone", Name: "g.txt"}, bridge.FileRef{Ref: "panics", Name: "p.txt"}, bridge.FileRef{Ref: "refused", Name: "r.txt"})
		w.must(err)
		text, sent := await(w, "r.txt: the file no longer exists where it was sent.")
		for _, want := range []string{
			"Look", "l.bin (500 bytes): https://desk.example/l.bin?e=946684800", "e.txt: the file is empty",
			"h.bin: the file is too large", "g.txt: the file no longer exists", "p.txt: https://desk.example/p.txt?e=",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is missing in %q", want, text)
			}
		}
		if len(sent) != 1 || sent[0].Size != int64(len(png)) || sent[0].Type != "image/png" || sent[0].Link == "" {
			t.Errorf("sent as files: %+v", sent)
		}
	})
}

// A source that is down holds its line back for a while and no longer; the link works once it is up again.
func TestFilesThatComeLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s shelf
		var p *bridge.Porter
		w := newWorld(t, withFiles(&s, &p))
		defer w.stop()
		s.fail("slow", errors.New("connection refused"))
		s.files["slow"], s.files["brief"] = []byte("slow"), []byte("brief")
		_, err := w.shop.Attach(w.ctx, "chat/vera", "vera", "first", bridge.FileRef{Ref: "slow", Name: "s.txt", Size: 4})
		w.must(err)
		w.visitor("vera", "second")
		before := time.Now()
		text, sent := await(w, "second")
		if took := time.Since(before); len(sent) != 0 || !strings.Contains(text, "fetched yet) second") || took > 5*time.Minute {
			t.Errorf("after %v: %q, %+v", took, text, sent)
		}
		s.fail("slow", nil)
		s.fail("brief", errors.New("timeout"))
		_, err = w.shop.Attach(w.ctx, "chat/vera", "vera", "third", bridge.FileRef{Ref: "brief", Name: "b.txt"})
		w.must(err)
		time.Sleep(5 * time.Second)
		s.fail("brief", nil)
		if _, sent := await(w, "third"); len(sent) != 1 || sent[0].Size != 5 {
			t.Errorf("what came late, but in time, was not sent: %+v", sent)
		}
		r, err := p.OpenFile(w.ctx, w.file("s.txt"))
		w.must(err)
		defer r.Close()
		if b, err := io.ReadAll(r); string(b) != "slow" || err != nil {
			t.Errorf("behind the link: %q, %v", b, err)
		}
	})
}

// A store of ours that is down holds a line back no longer than a source that is.
func TestFilesWhileTheStoreIsDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		w := newWorld(t)
		defer w.stop()
		blobs := &downBlobs{}
		p := bridge.NewPorter(bridge.PorterConfig{
			Book: w.store, Blobs: blobs, Limit: 10, Source: func(bridge.EndpointName) (bridge.FileSource, bool) { return &s, true },
			Link: func(bridge.File, time.Time) string { return "https://desk.example/f" },
		})
		for id, err := range map[bridge.FileID]error{"kept": nil, "down": errors.New("connection refused"), "lost": bridge.ErrNotFound} {
			w.must(w.store.SaveFile(w.ctx, bridge.StoredFile{File: bridge.File{ID: id, Size: 3}, Endpoint: "shop", Here: true}))
			blobs.err = err
			first, err := p.Bring(w.ctx, []bridge.File{{ID: id}}, time.Now(), false)
			if w.must(err); first[0].Missing != "" {
				t.Errorf("%s: given up at once: %+v", id, first)
			}
			want := map[bridge.FileID]bridge.Missing{"kept": "", "down": bridge.FileLate, "lost": bridge.FileGone}[id]
			for _, last := range []bool{true, false} { // what was said once stays so
				got, err := p.Bring(w.ctx, []bridge.File{{ID: id}}, time.Now(), last)
				if w.must(err); got[0].Missing != want || (got[0].Link != "") != (want != bridge.FileGone) {
					t.Errorf("%s: %+v", id, got)
				}
			}
		}
	})
}

// downBlobs is a store that does not answer, or answers one thing.
type downBlobs struct {
	bridge.Blobs
	err error
}

func (b *downBlobs) Get(context.Context, bridge.FileID) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader("abc")), b.err
}

// file is a file of vera's conversation, as the log has it.
func (w *world) file(name string) bridge.File {
	w.t.Helper()
	c, err := w.store.ConversationAt(w.ctx, "shop", "chat/vera")
	w.must(err)
	log, _, err := w.store.Visible(w.ctx, c.ID, "team", bridge.RoleTeam, 0, 100)
	w.must(err)
	for _, en := range log {
		for _, f := range en.Files {
			if f.Name == name {
				return f
			}
		}
	}
	w.t.Fatalf("the log has no file %s", name)
	return bridge.File{}
}

// The visitor's side may read the log by itself, so that nobody else would notice.
func TestAgentsAreToldOfFilesThatCannotBePassedOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s shelf
		var p *bridge.Porter
		w := newWorld(t, withFiles(&s, &p))
		defer w.stop()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		s.files["huge"] = make([]byte, 1001)
		_, err := w.team.Attach(w.ctx, thread, "ana", "see", bridge.FileRef{Ref: "huge", Name: "h.bin", Size: 1})
		w.must(err)
		await(w, "h.bin: the file is too large to be passed on.")
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: see\n\n📎 h.bin: the file is too large", "ana: to be passed on.")
		if s.opened["huge"] != 1 {
			t.Errorf("opened %d times", s.opened["huge"])
		}
	})
}

// stuckBlobs cannot remove the files whose names say so.
type stuckBlobs struct{ bridge.Blobs }

func (b stuckBlobs) Remove(ctx context.Context, id bridge.FileID) error {
	if strings.HasPrefix(string(id), "stuck") {
		return errors.New("not permitted")
	}
	return b.Blobs.Remove(ctx, id)
}

// Uploads that were never sent and files that were withdrawn lose their bytes after a day; everything else keeps them.
func TestWhatNobodyNeedsIsRemoved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, err := store.Open(t.Context(), sqlitetest.Database(t), store.Options{})
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(err)
		defer s.Close()
		blobs, err := files.Open(t.TempDir())
		must(err)
		defer blobs.Close()
		stuck := []bridge.FileID{"stuck1", "stuck2", "stuck3"} // their bytes cannot be removed, and they are the oldest
		names := []bridge.FileID{"sent", "unsent", "withdrawn", "fresh"}
		upload := func(id bridge.FileID) {
			for _, kept := range []bridge.FileID{id, id.Thumbnail()} {
				_, err = blobs.Put(t.Context(), kept, strings.NewReader("bytes"), 10)
				must(err)
			}
			must(s.SaveFile(t.Context(), bridge.StoredFile{File: bridge.File{ID: id, Name: string(id), Size: 5}, Endpoint: "shop", Uploader: "v", Here: true}))
		}
		for _, id := range slices.Concat(stuck, names[:3]) {
			upload(id)
		}
		must(s.Change(t.Context(), func(tx bridge.Tx) error {
			v, err := tx.SaveVisitor(bridge.Visitor{Endpoint: "shop", Key: "v"})
			must(err)
			c, err := tx.OpenConversation(bridge.Conversation{Kind: bridge.Guest, Endpoint: "shop", Visitor: v.ID}, []bridge.Lane{
				{Endpoint: "shop", Role: bridge.RoleVisitor, Reads: true, Thread: "v"},
			})
			must(err)
			en := bridge.Entry{Conversation: c.ID, Kind: bridge.Said, Audience: bridge.Everyone, By: bridge.Speaker{Kind: bridge.ByVisitor}, At: time.Now()}
			en.Files = []bridge.File{{ID: "sent"}, {ID: "withdrawn"}}
			en, err = tx.Append(en)
			must(err)
			_, err = tx.Append(bridge.Entry{
				Conversation: c.ID, Kind: bridge.Edited, Target: en.Seq, Audience: bridge.Everyone, By: en.By, At: time.Now(), Files: en.Files[:1],
			})
			return err
		}))
		p := bridge.NewPorter(bridge.PorterConfig{Book: s, Blobs: stuckBlobs{blobs}, Limit: 10, Source: func(bridge.EndpointName) (bridge.FileSource, bool) { return nil, false }})
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { _ = p.Run(ctx) })
		here := func() (left []bridge.FileID) {
			synctest.Wait()
			for _, id := range names {
				a, err1 := blobs.Get(t.Context(), id)
				b, err2 := blobs.Get(t.Context(), id.Thumbnail())
				if (err1 == nil) != (err2 == nil) {
					t.Errorf("of %s only one of file and thumbnail is left", id)
				}
				if err1 == nil {
					left = append(left, id)
					must(errors.Join(a.Close(), b.Close()))
				}
			}
			return left
		}
		time.Sleep(23 * time.Hour)
		upload("fresh")
		if left := here(); len(left) != 4 {
			t.Errorf("after 23 hours: %v", left)
		}
		time.Sleep(90 * time.Minute)
		if left := here(); !slices.Equal(left, []bridge.FileID{"sent", "fresh"}) {
			t.Errorf("after a day: %v", left)
		}
		if _, err := s.FileByID(t.Context(), "unsent"); !errors.Is(err, bridge.ErrNotFound) {
			t.Errorf("the upload is remembered: %v", err)
		}
		if f, err := s.FileByID(t.Context(), "withdrawn"); err != nil || f.Name != "withdrawn" || f.Here {
			t.Errorf("the withdrawn file: %+v, %v", f, err)
		}
		stop()
		running.Wait()
	})
}
