package storetest

import (
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/skeindesk/skein/bridge"
)

func testFiles(f *fixture) {
	s := f.open()
	ctx := f.Context()
	c := f.conversation(s, lanes("t1"))
	uploaded := bridge.StoredFile{
		File:     bridge.File{ID: "up", Name: "a.png", Type: "image/png", Size: 10, Width: 2, Height: 3},
		Endpoint: shop, Uploader: "visitor", Here: true,
	}
	f.must(s.SaveFile(ctx, uploaded))
	mentioned := bridge.File{ID: "at", Name: "b.pdf", Source: bridge.FileRef{Endpoint: shop, Ref: "F1"}}
	en := said(c.ID, "k")
	en.Files = []bridge.File{uploaded.File, mentioned}
	f.append(s, en)
	check := func(id bridge.FileID, want bridge.StoredFile) {
		f.Helper()
		got, err := s.FileByID(ctx, id)
		f.must(err)
		if diff := cmp.Diff(want, got); diff != "" {
			f.Errorf("file %s (-want +got):\n%s", id, diff)
		}
	}
	uploaded.Conversation = c.ID
	check("up", uploaded)
	stored := bridge.StoredFile{File: mentioned, Endpoint: shop, Conversation: c.ID}
	check("at", stored)
	update := stored
	update.Type, update.Size, update.Here, update.Name, update.Conversation = "application/pdf", 99, true, "other", 0
	f.must(s.SaveFile(ctx, update))
	stored.Type, stored.Size, stored.Here = "application/pdf", 99, true
	check("at", stored)
	lost := update
	lost.Here, lost.Missing = false, bridge.FileGone
	f.must(s.SaveFile(ctx, lost)) // by another instance, which came too late
	check("at", stored)
	other := f.conversation(s, lanes("t2"))
	again := said(other.ID, "k2")
	again.Files = []bridge.File{uploaded.File}
	f.append(s, again)
	check("up", uploaded) // it stays where it was first
	_, err := s.FileByID(ctx, "none")
	f.want(err, bridge.ErrNotFound)
}

// testWithdrawnFiles follows files through edits and deletions: what no line has any more is withdrawn.
func testWithdrawnFiles(f *fixture) {
	s := f.open()
	ctx := f.Context()
	c := f.conversation(s, lanes("t1"))
	withdrawn := func(when string, want ...bridge.FileID) {
		f.Helper()
		var got []bridge.FileID
		for _, id := range []bridge.FileID{"a", "b", "n"} {
			if file, err := s.FileByID(ctx, id); err == nil && file.Withdrawn {
				got = append(got, id)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			f.Errorf("%s: withdrawn (-want +got):\n%s", when, diff)
		}
	}
	en := said(c.ID, "k")
	en.Files = []bridge.File{{ID: "a"}, {ID: "b"}}
	line := f.append(s, en)
	note := own(c.ID)
	note.Kind, note.Audience, note.Files = bridge.Noted, bridge.AgentsOnly, []bridge.File{{ID: "n"}}
	f.append(s, note)
	withdrawn("said")
	edit := func(files ...bridge.File) {
		edited := own(c.ID)
		edited.Kind, edited.Target, edited.Files = bridge.Edited, line.Seq, files
		f.append(s, edited)
	}
	edit(en.Files[0])
	withdrawn("one is removed", "b")
	edit(en.Files...)
	withdrawn("it is back")
	deleted := own(c.ID)
	deleted.Kind, deleted.Target = bridge.Deleted, line.Seq
	f.append(s, deleted)
	withdrawn("the line is taken back", "a", "b")
}

// testDisposedFiles lets uploads that were never sent and withdrawn files go, and nothing else.
func testDisposedFiles(f *fixture) {
	s := f.open()
	ctx := f.Context()
	c := f.conversation(s, lanes("t1"))
	for _, id := range []bridge.FileID{"unsent", "sent", "back"} {
		f.must(s.SaveFile(ctx, bridge.StoredFile{File: bridge.File{ID: id, Name: string(id)}, Endpoint: shop, Uploader: "v", Here: true}))
	}
	en := said(c.ID, "k")
	en.Files = []bridge.File{{ID: "sent"}, {ID: "back"}, {ID: "elsewhere", Source: bridge.FileRef{Endpoint: shop, Ref: "F"}}}
	line := f.append(s, en)
	edited := own(c.ID)
	edited.Kind, edited.Target, edited.Files = bridge.Edited, line.Seq, []bridge.File{en.Files[0], en.Files[2]}
	f.append(s, edited)
	young, err := s.DisposeFiles(ctx, time.Hour, 10)
	if f.must(err); len(young) > 0 {
		f.Errorf("%v were chosen within the hour", young)
	}
	for range 2 { // what has not been finished is given again
		ids, err := s.DisposeFiles(ctx, -time.Second, 10)
		f.must(err)
		slices.Sort(ids)
		if diff := cmp.Diff([]bridge.FileID{"back", "unsent"}, ids); diff != "" {
			f.Errorf("to be removed (-want +got):\n%s", diff)
		}
	}
	again := said(c.ID, "k2")
	again.Files = []bridge.File{{ID: "unsent"}}
	f.append(s, again) // too late: its bytes may be gone already
	if file, err := s.FileByID(ctx, "unsent"); err != nil || !file.Withdrawn {
		f.Errorf("an upload that is being removed was taken: %+v, %v", file, err)
	}
	for range 2 {
		f.must(s.FileDisposed(ctx, "unsent"))
		f.must(s.FileDisposed(ctx, "back"))
	}
	_, err = s.FileByID(ctx, "unsent")
	f.want(err, bridge.ErrNotFound)
	if file, err := s.FileByID(ctx, "back"); err != nil || file.Here || file.Missing != bridge.FileGone || file.Name != "back" {
		f.Errorf("a withdrawn file: %+v, %v", file, err)
	}
	if file, err := s.FileByID(ctx, "sent"); err != nil || !file.Here || file.Withdrawn {
		f.Errorf("a file that was sent: %+v, %v", file, err)
	}
	elsewhere := func(want int) {
		f.Helper()
		files, err := s.FilesElsewhere(ctx, time.Now().Add(-time.Hour), 10)
		if f.must(err); len(files) != want {
			f.Errorf("%d files are looked for elsewhere, want %d: %+v", len(files), want, files)
		}
	}
	lost := bridge.StoredFile{File: en.Files[2], Endpoint: shop}
	for missing, want := range map[bridge.Missing]int{"": 1, bridge.FileLate: 1, bridge.FileGone: 0, bridge.FileTooLarge: 0, bridge.FileEmpty: 0} {
		lost.Missing = missing
		f.must(s.SaveFile(ctx, lost))
		elsewhere(want)
	}
}
