package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// cabinet is a book of files, and their bytes.
type cabinet struct {
	bridge.FileBook
	known map[bridge.FileID]bridge.StoredFile
	bytes map[bridge.FileID]string
	plain bool // streams cannot seek
	err   error
}

func (c *cabinet) FileByID(_ context.Context, id bridge.FileID) (bridge.StoredFile, error) {
	f, ok := c.known[id]
	if !ok {
		return f, bridge.ErrNotFound
	}
	return f, nil
}

// OpenFile copies what is not here yet, as the Porter does.
func (c *cabinet) OpenFile(_ context.Context, f bridge.File) (io.ReadCloser, error) {
	if c.err != nil {
		return nil, fmt.Errorf("fetch: %w", c.err)
	}
	data, ok := c.bytes[f.ID]
	if !ok {
		return nil, bridge.ErrNotFound
	}
	stored := c.known[f.ID]
	stored.Here, stored.Size = true, int64(len(data))
	c.known[f.ID] = stored
	if c.plain {
		return io.NopCloser(io.MultiReader(strings.NewReader(data))), nil
	}
	return struct {
		io.ReadSeeker
		io.Closer
	}{bytes.NewReader([]byte(data)), io.NopCloser(nil)}, nil
}

func newCabinet() *cabinet {
	c := &cabinet{known: map[bridge.FileID]bridge.StoredFile{}, bytes: map[bridge.FileID]string{}}
	for id, kind := range map[bridge.FileID]string{"pdf": "application/pdf", "png": "image/png", "svg": "image/svg+xml", "page": "text/html", "back": "", "lost": ""} {
		c.known[id] = bridge.StoredFile{File: bridge.File{ID: id, Name: "Grüße \"1\".x", Type: kind, Size: 7}, Withdrawn: id == "back"}
		if id != "lost" {
			c.bytes[id] = "0123456789"
		}
	}
	return c
}

var testLinks = NewLinks("https://desk.example.com", []byte("0123456789abcdef0123456789abcdef"))

// follow asks for a link's file.
func follow(c *cabinet, method, link string, header ...string) *httptest.ResponseRecorder {
	mux := http.NewServeMux()
	mux.Handle("GET /files/{id}", testLinks.Handler(c, c, slog.New(slog.DiscardHandler)))
	r := httptest.NewRequest(method, link, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	return w
}

func TestLinks(t *testing.T) {
	said := time.Now().Add(-time.Hour)
	for _, plain := range []bool{false, true} {
		for id, want := range map[bridge.FileID][2]string{
			"pdf": {"application/octet-stream", "attachment"}, "png": {"image/png", "inline"},
			"svg": {"application/octet-stream", "attachment"}, "page": {"application/octet-stream", "attachment"},
		} {
			c := newCabinet()
			c.plain = plain
			link := testLinks.Link(c.known[id].File, said)
			if again := testLinks.Link(c.known[id].File, said); again != link {
				t.Errorf("the link of the same file is another: %s, %s", link, again)
			}
			w := follow(c, "GET", link)
			h := w.Header()
			if w.Code != 200 || w.Body.String() != "0123456789" || h.Get("Content-Length") != "10" || h.Get("Content-Type") != want[0] ||
				!strings.HasPrefix(h.Get("Content-Disposition"), want[1]+"; filename*=utf-8''Gr%C3%BC") ||
				h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Security-Policy") != "sandbox; default-src 'none'" {
				t.Errorf("%s: %d %q, %v", id, w.Code, w.Body, h)
			}
			if w := follow(c, "HEAD", link); w.Code != 200 || w.Body.Len() != 0 || w.Header().Get("Content-Length") != "10" {
				t.Errorf("HEAD: %d, %q, %v", w.Code, w.Body, w.Header())
			}
		}
	}
	c := newCabinet()
	link := testLinks.Link(c.known["pdf"].File, said)
	if w := follow(c, "GET", link, "Range", "bytes=2-4"); w.Code != 206 || w.Body.String() != "234" {
		t.Errorf("a range: %d %q", w.Code, w.Body)
	}
}

func TestLinksThatLeadNowhere(t *testing.T) {
	c := newCabinet()
	link := testLinks.Link(c.known["pdf"].File, time.Now())
	signature := link[strings.LastIndex(link, "=")+1:]
	later := fmt.Sprint(time.Now().Add(2 * LinkLife).Unix())
	for name, test := range map[string]struct {
		link   string
		status int
		says   string
	}{
		"another file":       {strings.Replace(link, "/pdf?", "/png?", 1), 404, "no such file"},
		"another expiry":     {"https://desk.example.com/files/pdf?expires=" + later + "&signature=" + signature, 404, "no such file"},
		"no signature":       {"https://desk.example.com/files/pdf?expires=" + later, 404, "no such file"},
		"nothing":            {"https://desk.example.com/files/pdf", 404, "no such file"},
		"half a signature":   {link[:len(link)-3], 404, "no such file"},
		"another key":        {NewLinks("https://desk.example.com", []byte("other")).Link(c.known["pdf"].File, time.Now()), 404, "no such file"},
		"expired":            {testLinks.Link(c.known["pdf"].File, time.Now().Add(-LinkLife)), 410, "7 days"},
		"withdrawn":          {testLinks.Link(c.known["back"].File, time.Now()), 410, "taken back"},
		"lost":               {testLinks.Link(c.known["lost"].File, time.Now()), 410, "no longer exists"},
		"forgotten":          {testLinks.Link(bridge.File{ID: "unknown"}, time.Now()), 410, "no longer exists"},
		"a name of a folder": {testLinks.Link(bridge.File{ID: "../pdf"}, time.Now()), 410, "no longer exists"},
	} {
		w := follow(c, "GET", test.link)
		if w.Code != test.status || !strings.Contains(w.Body.String(), test.says) || w.Header().Get("X-Content-Type-Options") != "nosniff" ||
			!strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
			t.Errorf("%s: %d %q %v", name, w.Code, w.Body, w.Header())
		}
	}
	for status, err := range map[int]error{410: bridge.ErrTooLarge, 503: errors.New("dial tcp 10.0.0.1:9000: connection refused")} {
		c.err = err
		if w := follow(c, "GET", link); w.Code != status || strings.Contains(w.Body.String(), "10.0.0.1") {
			t.Errorf("%v: %d %q", err, w.Code, w.Body)
		}
	}
}

func TestLinksExpireToTheSecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCabinet()
		link := testLinks.Link(c.known["pdf"].File, time.Now())
		time.Sleep(LinkLife - time.Second)
		if w := follow(c, "GET", link); w.Code != 200 {
			t.Errorf("a second before: %d", w.Code)
		}
		time.Sleep(time.Second)
		if w := follow(c, "GET", link); w.Code != 410 {
			t.Errorf("after seven days: %d", w.Code)
		}
	})
}

func TestLook(t *testing.T) {
	for name, test := range map[string]struct {
		bytes string
		kind  string
	}{
		"nothing": {"", "text/plain"}, "text": {"hello", "text/plain; charset=utf-8"}, "page": {"<!doctype html><p>", "text/html; charset=utf-8"},
		"half a picture": {"\x89PNG\r\n\x1a\n", "image/png"}, "photograph with nothing in it": {"\xff\xd8\xff\xe1\x00", "image/jpeg"},
	} {
		if kind, w, h := Look(strings.NewReader(test.bytes)); kind != test.kind || w != 0 || h != 0 {
			t.Errorf("%s: %s, %d × %d", name, kind, w, h)
		}
	}
}

func FuzzLook(f *testing.F) {
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x16Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, w, h := Look(bytes.NewReader(b)); w < 0 || h < 0 {
			t.Errorf("%d × %d", w, h)
		}
		if o := orientationOf(b); o < 1 || o > 8 {
			t.Errorf("orientation %d", o)
		}
	})
}
