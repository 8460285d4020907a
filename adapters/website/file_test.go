package website

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"mime/multipart"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/skeindesk/skein/bridge"
)

func (c *caller) upload(field, name string, content []byte) *httptest.ResponseRecorder {
	c.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	_ = form.WriteField("note", "comes before the file")
	part, err := form.CreateFormFile(field, name)
	if err != nil {
		c.t.Fatal(err)
	}
	_, _ = part.Write(content)
	_ = form.Close()
	return c.do("POST", "files", b.String(), "Content-Type", form.FormDataContentType())
}

func picture(t testing.TB, encode func(*bytes.Buffer, image.Image) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b, image.NewRGBA(image.Rect(0, 0, 30, 20))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngPicture(t testing.TB) []byte {
	return picture(t, func(b *bytes.Buffer, i image.Image) error { return png.Encode(b, i) })
}

// A photograph says its size only after whatever the camera has to say.
func jpegPicture(t testing.TB) []byte {
	b := picture(t, func(b *bytes.Buffer, i image.Image) error { return jpeg.Encode(b, i, nil) })
	segment := append([]byte{0xff, 0xe1, 0xff, 0xff}, make([]byte, 0xffff-2)...)
	return append(append(append([]byte{}, b[:2]...), segment...), b[2:]...)
}

func TestUpload(t *testing.T) {
	m := newMemory()
	c := newCaller(t, m)
	c.session(`{}`)
	for name, test := range map[string]struct {
		file    string
		content []byte
		status  int
		kind    string
		size    [2]int
	}{
		"picture":               {"a.png", pngPicture(t), 201, "image/png", [2]int{30, 20}},
		"photograph":            {"a.jpg", jpegPicture(t), 201, "image/jpeg", [2]int{30, 20}},
		"believed by its bytes": {"a.txt", pngPicture(t), 201, "image/png", [2]int{30, 20}},
		"broken picture":        {"a.png", pngPicture(t)[:20], 201, "image/png", [2]int{}},
		"text":                  {"a.txt", []byte("hello"), 201, "text/plain; charset=utf-8", [2]int{}},
		"drawing":               {"a.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), 201, "image/svg+xml", [2]int{}},
		"at the limit":          {"a.bin", bytes.Repeat([]byte{0}, 1<<20), 201, "application/octet-stream", [2]int{}},
		"over the limit":        {"a.bin", bytes.Repeat([]byte{0}, 1<<20+1), 413, "", [2]int{}},
		"far over the limit":    {"a.bin", bytes.Repeat([]byte{0}, 3<<20), 413, "", [2]int{}},
		"empty":                 {"a.txt", nil, 422, "", [2]int{}},
		"page":                  {"a.txt", []byte("<!doctype html><html><body>x"), 415, "", [2]int{}},
		"page by name":          {"a.HTML", []byte("x"), 415, "", [2]int{}},
		"program":               {"a.png", append([]byte("MZ"), make([]byte, 200)...), 415, "", [2]int{}},
		"program by name":       {"invoice.pdf.exe", []byte("x"), 415, "", [2]int{}},
		"Linux program":         {"a", append([]byte("\x7fELF\x02\x01\x01"), make([]byte, 200)...), 415, "", [2]int{}},
		"script":                {"a.txt", []byte("#!/bin/sh\nrm -rf /\n"), 415, "", [2]int{}},
	} {
		t.Run(name, func(t *testing.T) {
			c := &caller{t: t, a: c.a, token: c.token}
			before := len(m.blobs)
			w := c.upload("file", test.file, test.content)
			if w.Code != test.status {
				t.Fatalf("%d %s, want %d", w.Code, w.Body, test.status)
			}
			if w.Code != 201 {
				if len(m.blobs) != before {
					t.Error("bytes of a refused file were kept")
				}
				return
			}
			var f file
			decodeJSON(t, w, &f)
			if f.Type != test.kind || f.Size != int64(len(test.content)) || [2]int{f.Width, f.Height} != test.size {
				t.Errorf("file %+v, want %s %v", f, test.kind, test.size)
			}
			if stored := m.files[f.ID]; !stored.Here || stored.Uploader == "" || !bytes.Equal(m.blobs[f.ID], test.content) {
				t.Errorf("stored %+v", stored)
			}
		})
	}
	if w := c.upload("other", "a.txt", []byte("x")); w.Code != 400 {
		t.Errorf("no file: %d", w.Code)
	}
	if w := c.do("POST", "files", `{}`); w.Code != 415 {
		t.Errorf("no form: %d", w.Code)
	}
	if w := c.do("POST", "files", "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nhalf",
		"Content-Type", "multipart/form-data; boundary=x"); w.Code != 400 {
		t.Errorf("half a form: %d %s", w.Code, w.Body)
	}
}

func TestDownload(t *testing.T) {
	m := newMemory()
	c := newCaller(t, m)
	thread := bridge.ThreadRef(c.session(`{}`).Visitor.ID)
	var image, drawing file
	decodeJSON(t, c.upload("file", "Grüße \"1\".png", pngPicture(t)), &image)
	decodeJSON(t, c.upload("file", "a.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`)), &drawing)
	c.want(201, nil, "POST", "messages", fmt.Sprintf(`{"files":[%q,%q]}`, image.ID, drawing.ID), "Idempotency-Key", "k")
	var p page
	if c.want(200, &p, "GET", "messages", ""); len(p.Entries[0].Files) != 2 || p.Entries[0].Files[0] != image {
		t.Fatalf("entry %+v", p.Entries[0])
	}

	w := c.do("GET", "files/"+string(image.ID), "")
	if w.Code != 200 || !bytes.Equal(w.Body.Bytes(), pngPicture(t)) {
		t.Fatalf("%d, %d bytes", w.Code, w.Body.Len())
	}
	want := map[string]string{
		"Content-Type": "image/png", "X-Content-Type-Options": "nosniff",
		"Content-Disposition":     "inline; filename*=utf-8''Gr%C3%BC%C3%9Fe%20_1_.png",
		"Content-Security-Policy": "sandbox; default-src 'none'",
	}
	for header, value := range want {
		if got := w.Header().Get(header); got != value {
			t.Errorf("%s: %s, want %s", header, got, value)
		}
	}
	w = c.do("GET", "files/"+string(drawing.ID), "")
	if w.Header().Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") {
		t.Errorf("a drawing with script: %v", w.Header())
	}

	for _, id := range []bridge.FileID{"answer", "among agents", "taken back"} {
		f := bridge.File{ID: id, Name: "a.pdf", Type: "application/pdf"}
		m.files[id] = bridge.StoredFile{File: f, Endpoint: "support-slack", Conversation: m.threads[thread]}
		m.blobs[id] = []byte("pdf")
		en := bridge.Entry{Kind: bridge.Said, Files: []bridge.File{f}}
		if id == "among agents" {
			en.Kind, en.Audience = bridge.Noted, bridge.AgentsOnly
		}
		en = m.add(thread, en)
		if id == "taken back" {
			if w := c.do("GET", "files/taken%20back", ""); w.Code != 200 {
				t.Errorf("before it is taken back: %d", w.Code)
			}
			m.add(thread, bridge.Entry{Kind: bridge.Deleted, Target: en.Seq})
		}
	}
	if w := c.do("GET", "files/answer", ""); w.Code != 200 || w.Body.String() != "pdf" {
		t.Errorf("an agent's file: %d", w.Code)
	}
	for _, path := range []string{"files/among%20agents", "files/taken%20back"} {
		if w := c.do("GET", path, ""); w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	token := c.token
	c.token = ""
	if w := c.do("GET", "files/answer?token="+token, ""); w.Code != 200 {
		t.Errorf("with the token in the address: %d", w.Code)
	}
	c.session(`{}`)
	c.want(201, nil, "POST", "messages", `{"text":"x"}`, "Idempotency-Key", "k")
	for _, id := range []bridge.FileID{image.ID, "answer", "unknown"} {
		if w := c.do("GET", "files/"+string(id), ""); w.Code != 404 {
			t.Errorf("another visitor reads %s: %d", id, w.Code)
		}
	}
	c.want(422, nil, "POST", "messages", fmt.Sprintf(`{"text":"mine?","files":[%q]}`, image.ID), "Idempotency-Key", "k2")
}

// A file that was removed from a line, or whose line was taken back, is gone for the visitor too.
func TestDownloadFollowsEdits(t *testing.T) {
	m := newMemory()
	c := newCaller(t, m)
	thread := bridge.ThreadRef(c.session(`{}`).Visitor.ID)
	c.want(201, nil, "POST", "messages", `{"text":"x"}`, "Idempotency-Key", "k")
	files := map[bridge.FileID]bridge.File{}
	for _, id := range []bridge.FileID{"stays", "goes"} {
		files[id] = bridge.File{ID: id, Name: string(id), Type: "application/pdf"}
		m.files[id] = bridge.StoredFile{File: files[id], Endpoint: "support-slack", Conversation: m.threads[thread]}
		m.blobs[id] = []byte("pdf")
	}
	readable := func(when string, want ...bridge.FileID) {
		t.Helper()
		for id := range files {
			if w := c.do("GET", "files/"+string(id), ""); (w.Code == 200) != slices.Contains(want, id) {
				t.Errorf("%s: %s: %d", when, id, w.Code)
			}
		}
	}
	line := m.add(thread, bridge.Entry{Kind: bridge.Said, Files: []bridge.File{files["stays"], files["goes"]}})
	readable("said", "stays", "goes")
	m.add(thread, bridge.Entry{Kind: bridge.Edited, Target: line.Seq, Files: []bridge.File{files["stays"]}})
	readable("one is removed", "stays")
	var p page
	c.want(200, &p, "GET", fmt.Sprintf("messages?after=%d", line.Seq), "")
	if len(p.Entries) != 1 || p.Entries[0].Kind != "edited" || len(p.Entries[0].Files) != 1 || p.Entries[0].Files[0].ID != "stays" {
		t.Errorf("the edit is shown as %+v", p.Entries)
	}
	m.add(thread, bridge.Entry{Kind: bridge.Noted, Audience: bridge.AgentsOnly, Target: line.Seq, Files: []bridge.File{files["goes"]}})
	readable("agents keep it", "stays")
	other := m.add(thread, bridge.Entry{Kind: bridge.Said, Files: []bridge.File{files["goes"]}, Target: line.Seq})
	readable("said again, as an answer", "stays", "goes")
	m.add(thread, bridge.Entry{Kind: bridge.Deleted, Target: line.Seq})
	readable("taken back", "goes")
	m.add(thread, bridge.Entry{Kind: bridge.Edited, Target: other.Seq})
	readable("all are removed")
}

// What was taken back is gone for whoever uploaded it too, and what cannot be had any more says why.
func TestDownloadOfWhatIsGone(t *testing.T) {
	m := newMemory()
	c := newCaller(t, m)
	c.session(`{}`)
	var f file
	decodeJSON(t, c.upload("file", "a.png", pngPicture(t)), &f)
	change := func(to func(*bridge.StoredFile)) {
		stored := m.files[f.ID]
		to(&stored)
		m.files[f.ID] = stored
	}
	change(func(f *bridge.StoredFile) { f.Withdrawn = true })
	for _, size := range []string{"", "?size=thumbnail"} {
		var p problem
		decodeJSON(t, c.do("GET", "files/"+string(f.ID)+size, ""), &p)
		if p.Status != 410 || !strings.Contains(p.Detail, "taken back") {
			t.Errorf("withdrawn: %+v", p)
		}
	}
	var p problem
	c.want(422, &p, "POST", "messages", `{"text":"x","files":["`+string(f.ID)+`"]}`, "Idempotency-Key", "late")
	if p.Code != "unknown_file" {
		t.Errorf("said with what is being removed: %+v", p)
	}
	change(func(f *bridge.StoredFile) { f.Withdrawn = false })
	delete(m.blobs, f.ID)
	if w := c.do("GET", "files/"+string(f.ID), ""); w.Code != 410 {
		t.Errorf("without bytes: %d %s", w.Code, w.Body)
	}
}

// What a platform said of a file counts for nothing once its bytes are here.
func TestDownloadOfALie(t *testing.T) {
	m := newMemory()
	lying := &copies{memory: m}
	c := newCaller(t, m, func(cfg *Config) { cfg.Files = lying })
	thread := bridge.ThreadRef(c.session(`{}`).Visitor.ID)
	f := bridge.File{ID: "lie", Name: "a.png", Type: "image/png", Size: 3, Source: bridge.FileRef{Endpoint: "support-slack", Ref: "F"}}
	m.add(thread, bridge.Entry{Kind: bridge.Said, Files: []bridge.File{f}})
	m.files["lie"] = bridge.StoredFile{File: f, Endpoint: "support-slack", Conversation: m.threads[thread]}
	w := c.do("GET", "files/lie", "")
	if w.Code != 200 || w.Body.String() != "<svg/>" || w.Header().Get("Content-Length") != "6" || w.Header().Get("Content-Type") != "application/octet-stream" {
		t.Errorf("%d %q %v", w.Code, w.Body, w.Header())
	}
}

// copies copies a file when it is first opened, as the Porter does.
type copies struct{ *memory }

func (c *copies) OpenFile(ctx context.Context, f bridge.File) (io.ReadCloser, error) {
	c.mu.Lock()
	stored := c.files[f.ID]
	stored.Here, stored.Size, stored.Type = true, 6, "image/svg+xml"
	c.files[f.ID], c.blobs[f.ID] = stored, []byte("<svg/>")
	c.mu.Unlock()
	return c.memory.OpenFile(ctx, f)
}

func TestThumbnail(t *testing.T) {
	m := newMemory()
	c := newCaller(t, m)
	c.session(`{}`)
	var large, text, broken file
	decodeJSON(t, c.upload("file", "a.png", picture(t, func(b *bytes.Buffer, _ image.Image) error {
		return png.Encode(b, image.NewGray(image.Rect(0, 0, 1000, 500)))
	})), &large)
	decodeJSON(t, c.upload("file", "a.txt", []byte("text")), &text)
	decodeJSON(t, c.upload("file", "b.png", pngPicture(t)[:40]), &broken)
	for range 2 { // made, then kept
		w := c.do("GET", "files/"+string(large.ID)+"?size=thumbnail", "")
		small, err := jpeg.DecodeConfig(w.Body)
		if w.Code != 200 || err != nil || small.Width != 480 || small.Height != 240 || w.Header().Get("Content-Type") != "image/jpeg" {
			t.Errorf("%d, %+v, %v", w.Code, small, err)
		}
	}
	for _, f := range []file{text, broken} {
		if w := c.do("GET", "files/"+string(f.ID)+"?size=thumbnail", ""); w.Code != 404 || !strings.Contains(w.Body.String(), "no_thumbnail") {
			t.Errorf("%s: %d %s", f.Name, w.Code, w.Body)
		}
	}
	if w := c.do("GET", "files/"+string(large.ID)+"?size=huge", ""); w.Code != 400 {
		t.Errorf("another size: %d", w.Code)
	}
}
