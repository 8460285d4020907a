package widget_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/skeindesk/skein/adapters/website/browsertest"
)

// onDisk writes a file that can be chosen.
func onDisk(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const ready = `!document.querySelector('#skein-send').disabled`

func TestFiles(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	f.settings["max_file_size"] = 1 << 20
	p, w := visit(b, f)
	f.await(t, "the stream is open", func() bool { return len(f.streams) == 1 })
	w.Choose("#skein-file", onDisk(t, "virus.exe", []byte("hello")))
	w.WaitText(".chip.bad [role=alert]", "Files of this kind are not accepted")
	w.Click(".chip .icon")
	w.Choose("#skein-file", onDisk(t, "film.txt", make([]byte, 1<<20+1)))
	w.WaitText(".chip.bad [role=alert]", "Not accepted: larger than 1 MB")
	w.Click(".chip .icon")
	w.Wait(`!document.querySelector('.chip') && document.activeElement.id === 'skein-input'`)
	w.Choose("#skein-file", onDisk(t, "receipt.txt", []byte("hello")))
	w.Wait(ready)
	w.Click("#skein-send")
	w.WaitText("[data-seq='1'] .file", "receipt.txt")
	f.agent(entry{Files: []map[string]any{{"id": "fern.png", "name": "fern.png", "type": "image/png", "size": 900, "width": 320, "height": 200}}})
	w.Wait(`document.querySelector("[data-seq='3'] img")?.naturalWidth === 320`)
	// The browser itself names what the server refused.
	if got := p.Complaints(); len(got) != 1 {
		t.Errorf("complaints: %q", got)
	}
}

// A file on its way shows how far it is, keeps the line from being sent, and can be given up.
func TestUploadCanBeGivenUp(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	f.hold = make(chan struct{})
	_, w := visit(b, f)
	w.Type(input, "See this.")
	w.Choose("#skein-file", onDisk(t, "slow.txt", make([]byte, 500_000)))
	w.Wait(`document.querySelector('.chip progress[aria-label="slow.txt"]')?.value === 1`)
	w.Wait(`document.querySelector('#skein-send').disabled`)
	w.Click(`.chip [aria-label="Remove: slow.txt"]`)
	f.await(t, "the upload is given up", func() bool { return f.given == 1 })
	w.Wait(`!document.querySelector('.chip') && ` + ready)
	w.Choose("#skein-file", onDisk(t, "fast.txt", []byte("x")))
	w.WaitVisible(".chip progress")
	close(f.hold)
	w.Wait(`!document.querySelector('.chip progress') && ` + ready)
}

// A picture is seen before it is sent, and what was uploaded is there after a reload.
func TestFilesOutlastAReload(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	p, w := visit(b, f)
	w.Choose("#skein-file", onDisk(t, "fern.png", picture("")), onDisk(t, "receipt.txt", []byte("x")))
	w.Wait(`document.querySelector('.chip img')?.naturalWidth === 320`)
	w.Wait(ready)
	p.Reload()
	p.Click(launcher)
	w.Wait(`document.querySelector('.chip img')?.naturalWidth === 320`)
	if got := w.Text(".chip p"); !slices.Equal(got, []string{"fern.png", "receipt.txt"}) {
		t.Errorf("after a reload there are %q", got)
	}
	w.Click("#skein-send")
	w.WaitText("[data-seq='1']", "receipt.txt")
	p.Reload()
	p.Click(launcher)
	w.WaitText("[data-seq='1']", "receipt.txt")
	if w.Has(".chip") {
		t.Error("what was sent is still to be sent")
	}
}

func TestFilesArePastedAndDropped(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	_, w := visit(b, f)
	give := func(kind, on, with string, files int) {
		t.Helper()
		w.Eval(fmt.Sprintf(`(() => {
			const data = new DataTransfer();
			for (let i = 0; i < %d; i++) data.items.add(new File(['x'], '%s' + i + '.txt', { type: 'text/plain' }));
			document.querySelector('%s').dispatchEvent(new %s('%s', { %s: data, bubbles: true, cancelable: true }));
		})()`, files, kind, on, map[string]string{"paste": "ClipboardEvent"}[kind]+map[string]string{"drop": "DragEvent", "dragover": "DragEvent"}[kind], kind, with), nil)
	}
	give("dragover", "#skein-log", "dataTransfer", 1)
	w.WaitText(".drop", "Drop the file here")
	give("drop", "#skein-log", "dataTransfer", 2)
	w.Wait(`document.querySelectorAll('.chip').length === 2 && document.querySelector('.drop').hidden`)
	give("paste", input, "clipboardData", 1)
	w.WaitText("#skein-files", "paste0.txt")
	give("drop", "#skein-log", "dataTransfer", 8)
	w.WaitText(".chip.bad", "At most 10 files at once")
	w.Wait(ready)
	w.Click("#skein-send")
	w.Wait(`document.querySelectorAll("[data-seq='1'] .file").length === 10`)
}

// Without a connection a file waits for the visitor's word; nothing of it is lost.
func TestUploadIsTriedAgain(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	_, w := visit(b, f)
	w.Choose("#skein-file", onDisk(t, "first.txt", []byte("x")))
	w.Wait(ready)
	f.set(func() { f.down = true })
	w.Choose("#skein-file", onDisk(t, "second.txt", []byte("x")))
	w.WaitText(".chip.bad", "Not sent")
	f.set(func() { f.down = false })
	w.Click(".chip.bad div button")
	w.Wait(`!document.querySelector('.chip.bad') && !document.querySelector('.chip progress') && ` + ready)
	w.Click("#skein-send")
	w.Wait(`document.querySelectorAll("[data-seq='1'] .file").length === 2`)
}
