package bridge_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/bridgetest"
	"github.com/skeindesk/skein/bridge/rich"
)

// What was taken back cannot be fetched again, by nobody and from nowhere.
func TestWithdrawnFilesAreGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s shelf
		var p *bridge.Porter
		w := newWorld(t, withFiles(&s, &p))
		defer w.stop()
		s.files["f"] = []byte("secret")
		w.visitor("vera", "Hello")
		said, err := w.team.Attach(w.ctx, w.thread("vera"), "ana", "see", bridge.FileRef{Ref: "f", Name: "f.txt"})
		w.must(err)
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: see")
		f := w.file("f.txt")
		w.must(w.team.Amend(w.ctx, said, ""))
		w.sees(w.shop, "chat/vera", "vera: Hello")
		stored, err := w.store.FileByID(w.ctx, f.ID)
		if w.must(err); !stored.Withdrawn || !stored.Here {
			t.Errorf("after the deletion: %+v", stored)
		}
		ready, err := p.Bring(w.ctx, []bridge.File{f}, time.Now(), false)
		if w.must(err); ready[0].Missing != bridge.FileWithdrawn || ready[0].Link != "" {
			t.Errorf("a withdrawn file is passed on: %+v", ready)
		}
	})
}

// Of a line in several messages that has begun, what is withdrawn before its turn is not sent, and everything else is.
func TestAFileIsWithdrawnWhileItsLineIsUnderWay(t *testing.T) {
	for withdrawn, want := range map[string][]string{"a": {"a", "b", "c"}, "b": {"a", "c"}, "c": {"a", "b"}} {
		t.Run(withdrawn, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var s shelf
				var p *bridge.Porter
				w := newWorld(t, withFiles(&s, &p))
				defer w.stop()
				w.shop.FilesApart()
				w.visitor("vera", "Hello")
				thread := w.thread("vera")
				var refs []bridge.FileRef
				for _, name := range []string{"a", "b", "c"} {
					s.files[name] = []byte(name)
					refs = append(refs, bridge.FileRef{Ref: name, Name: name})
				}
				wait := &bridge.Failure{Verdict: bridge.Wait, Public: "Slow down.", After: time.Minute}
				w.shop.Script(bridgetest.Outcome{Thread: "chat/vera"}, bridgetest.Outcome{Err: wait, Thread: "chat/vera"})
				said, err := w.team.Attach(w.ctx, thread, "ana", "see", refs...)
				w.must(err)
				time.Sleep(10 * time.Second) // the second file has to wait
				_, err = w.desk.Accept(w.ctx, bridge.Inbound{
					Endpoint: "team", Key: "edit", Kind: bridge.InEdited, Thread: thread, Target: said, Body: rich.Of("see"),
					From: bridge.Person{ID: "ana", Name: "ana"}, Withdrawn: []string{withdrawn},
				})
				w.must(err)
				w.settled()
				var sent []string
				for _, m := range w.shop.Messages("chat/vera") {
					for _, f := range m.Files {
						sent = append(sent, f.Name)
					}
				}
				if !slices.Equal(sent, want) {
					t.Errorf("sent %q, want %q", sent, want)
				}
			})
		})
	}
}

// A platform may remove a file before it tells of the deletion.
func TestNobodyIsToldOfAFileThatWasTakenBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s shelf
		var p *bridge.Porter
		w := newWorld(t, withFiles(&s, &p))
		defer w.stop()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		said, err := w.team.Attach(w.ctx, thread, "ana", "see", bridge.FileRef{Ref: "gone", Name: "f.txt"})
		w.must(err)
		time.Sleep(time.Second)
		w.must(w.team.Amend(w.ctx, said, ""))
		w.told(w.team, thread, "Taken back. shop: removed.")
		time.Sleep(time.Minute)
		if text, _ := shown(w, thread); strings.Contains(text, "f.txt") {
			t.Errorf("the agents were told: %s", text)
		}
	})
}
