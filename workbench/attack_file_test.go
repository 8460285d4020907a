package workbench_test

import (
	"encoding/binary"
	"hash/crc32"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/workbench"
)

// brings lets a visitor send a file, whose bytes are here and whose type is what they or a platform say it is.
func (r *rig) brings(visitor, id, name, kind, content string) bridge.ConversationID {
	r.t.Helper()
	f := bridge.File{ID: bridge.FileID(id), Name: name, Type: kind, Size: int64(len(content))}
	_, err := r.blobs.Put(r.t.Context(), f.ID, strings.NewReader(content), maxFile)
	must(r.t, err)
	must(r.t, r.store.SaveFile(r.t.Context(), bridge.StoredFile{File: f, Endpoint: website, Uploader: visitor, Here: true}))
	en, err := r.desk.Accept(r.t.Context(), bridge.Inbound{
		Endpoint: website, Key: id, Message: bridge.MessageRef(id), Kind: bridge.InSaid, Thread: bridge.ThreadRef(visitor),
		From: bridge.Person{ID: visitor, Name: visitor}, Body: rich.Of("Look"), Stored: []bridge.File{f},
	})
	must(r.t, err)
	return en.Conversation
}

// TestUploadsAreInert: whatever a file is, or is said to be, it does not act as a page of ours.
func TestUploadsAreInert(t *testing.T) {
	r := newRig(t)
	b := r.signedIn(r.agent("Ana"))
	for _, file := range []struct{ name, kind, content string }{
		{"a.svg", "image/svg+xml", `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>`},
		{"a.html", "text/html", `<!doctype html><script>alert(1)</script>`},
		{"a.xhtml", "application/xhtml+xml", `<html xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></html>`},
		{"a.xml", "text/xml", `<?xml-stylesheet href="a.xsl"?><a/>`},
		{"a.js", "text/javascript", `alert(1)`},
		{"a.css", "text/css", `*{}`},
		{"a.pdf", "application/pdf", "%PDF-1.7"},
		{"a.swf", "application/x-shockwave-flash", "FWS"},
		{"a.png\r\nContent-Type: text/html", "image/svg+xml; charset=utf-8", "<svg/>"},
		{`a".html; filename=b.html`, "IMAGE/SVG+XML", "<svg/>"},
		{"a", "image/png\r\nX-Evil: 1", "<script>alert(1)</script>"},
		{"a", "", "<script>alert(1)</script>"},
	} {
		r.n++
		id := "inert-" + strings.Repeat("x", r.n)
		r.brings("Eve", id, file.name, file.kind, file.content)
		p := b.get(workbench.Base + "/files/" + id)
		h := p.header
		if p.status != http.StatusOK || h.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") ||
			h.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(h.Get("Content-Security-Policy"), "sandbox;") || h.Get("X-Frame-Options") != "DENY" ||
			h.Get("X-Evil") != "" {
			t.Errorf("%q, %q is answered %d, %v", file.name, file.kind, p.status, h)
		}
	}
	r.brings("Eve", "lies", "a.png", "image/png", "<script>alert(1)</script>") // the browser is told that it is a picture, and not to guess
	if h := b.get(workbench.Base + "/files/lies").header; h.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(h.Get("Content-Security-Policy"), "sandbox;") {
		t.Errorf("a page that is said to be a picture comes with %v", h)
	}
}

// TestImageBombs: a picture that would fill the memory costs none, and its conversation is shown.
func TestImageBombs(t *testing.T) {
	r := newRig(t)
	ana := r.agent("Ana")
	b := r.signedIn(ana)
	head := append([]byte("IHDR"), binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 50_000), 50_000)...)
	head = append(head, 8, 6, 0, 0, 0)
	bombs := map[string]struct{ kind, content string }{
		"bomb-png":  {"image/png", "\x89PNG\r\n\x1a\n\x00\x00\x00\x0d" + string(binary.BigEndian.AppendUint32(head, crc32.ChecksumIEEE(head)))},
		"bomb-gif":  {"image/gif", "GIF89a\x50\xc3\x50\xc3\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x50\xc3\x50\xc3\x00\x08\x00;"},
		"bomb-webp": {"image/webp", "RIFF\x16\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x4f\xc3\x00\x4f\xc3\x00"},
	}
	var c bridge.ConversationID
	for name, bomb := range bombs {
		c = r.brings("Eve", name, name, bomb.kind, bomb.content)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	p := b.get(pageOf(c))
	for name, bomb := range bombs {
		p.has(t, name)
		if p := b.get(workbench.Base + "/files/" + name + "?size=thumbnail"); p.status != http.StatusNotFound {
			t.Errorf("the small picture of %s is answered %d", name, p.status)
		}
		b.sends(pageOf(c)+"/say", part{name: "key", value: "sends-" + name}, part{name: "as", value: "reply"}, part{name: "text", value: "Yours"}, part{"file", "our-" + name, bomb.content}).
			has(t, "our-"+name)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 {
		t.Errorf("they took %d MB", used>>20)
	}
}
