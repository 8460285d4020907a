package files

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/skeindesk/skein/bridge"
)

const (
	// LinkLife is how long a link works, from when its file was said.
	LinkLife    = 7 * 24 * time.Hour
	linkContext = "skein file link 1\x00" // keeps the key's other uses apart
)

// Links are addresses at which anybody who has one can fetch a file for LinkLife: {base}/files/{id}?expires=…&signature=….
// They are signed, not stored.
type Links struct {
	secret []byte
	base   string
}

// NewLinks returns the links below base, a URL without a trailing slash, that are signed with secret.
func NewLinks(base string, secret []byte) Links { return Links{secret, base} }

// Link returns the address of a file that was said at a time; the same for the same file and time.
func (l Links) Link(f bridge.File, said time.Time) string {
	expires := strconv.FormatInt(said.Add(LinkLife).Unix(), 10)
	return l.base + "/files/" + url.PathEscape(string(f.ID)) + "?expires=" + expires + "&signature=" + l.sign(f.ID, expires)
}

func (l Links) sign(id bridge.FileID, expires string) string {
	mac := hmac.New(sha256.New, l.secret)
	mac.Write([]byte(linkContext))
	mac.Write([]byte(string(id) + "\x00" + expires))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// A linkRefusal is what a person reads who followed a link that leads nowhere.
type linkRefusal struct {
	status int
	public string
}

var (
	linkWrong     = &linkRefusal{http.StatusNotFound, "There is no such file. Check that the link is complete."}
	linkExpired   = &linkRefusal{http.StatusGone, "This link has expired: files can be fetched for 7 days. Ask for the file once more in the conversation."}
	linkWithdrawn = &linkRefusal{http.StatusGone, "This file was taken back by whoever sent it."}
	linkLost      = &linkRefusal{http.StatusGone, "This file no longer exists."}
	linkTooLarge  = &linkRefusal{http.StatusGone, "This file is too large and was not kept."}
	linkFailed    = &linkRefusal{http.StatusServiceUnavailable, "The file cannot be read at the moment. Try again in a few minutes."}
)

// check returns nil for a link of ours that still works.
func (l Links) check(id bridge.FileID, query url.Values, now time.Time) *linkRefusal {
	expires := query.Get("expires")
	if !hmac.Equal([]byte(l.sign(id, expires)), []byte(query.Get("signature"))) {
		return linkWrong
	}
	if until, err := strconv.ParseInt(expires, 10, 64); err != nil || now.Unix() >= until {
		return linkExpired
	}
	return nil
}

// Handler serves GET /files/{id}.
func (l Links) Handler(book bridge.FileBook, files bridge.Files, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		refused := l.check(bridge.FileID(r.PathValue("id")), r.URL.Query(), time.Now())
		if refused == nil {
			refused = serveFile(w, r, book, files, log)
		}
		if refused != nil {
			h := w.Header()
			h.Set("Content-Type", "text/plain; charset=utf-8")
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("Cache-Control", "no-store")
			w.WriteHeader(refused.status)
			_, _ = io.WriteString(w, refused.public+"\n")
		}
	})
}

func serveFile(w http.ResponseWriter, r *http.Request, book bridge.FileBook, files bridge.Files, log *slog.Logger) *linkRefusal {
	f, bytes, err := openLinked(r, book, files)
	switch {
	case errors.Is(err, errWithdrawn):
		return linkWithdrawn
	case errors.Is(err, bridge.ErrNotFound):
		return linkLost
	case errors.Is(err, bridge.ErrTooLarge):
		return linkTooLarge
	case err != nil:
		if r.Context().Err() == nil {
			log.WarnContext(r.Context(), "file behind a link not read", "error", err)
		}
		return linkFailed
	}
	defer bytes.Close()
	fileHeaders(w.Header(), f)
	if seeker, ok := bytes.(io.ReadSeeker); ok {
		http.ServeContent(w, r, "", time.Time{}, seeker)
		return nil
	}
	w.Header().Set("Content-Length", strconv.FormatInt(f.Size, 10))
	if r.Method == http.MethodHead {
		return nil
	}
	if _, err := io.Copy(w, bytes); err != nil {
		panic(http.ErrAbortHandler) // nobody must take a half for the whole
	}
	return nil
}

var errWithdrawn = errors.New("withdrawn")

// openLinked opens a file's bytes and returns what is known of it once they are here.
func openLinked(r *http.Request, book bridge.FileBook, files bridge.Files) (bridge.File, io.ReadCloser, error) {
	id := bridge.FileID(r.PathValue("id"))
	f, err := book.FileByID(r.Context(), id)
	switch {
	case err != nil:
		return bridge.File{}, nil, fmt.Errorf("find file: %w", err)
	case f.Withdrawn:
		return bridge.File{}, nil, errWithdrawn
	}
	bytes, err := files.OpenFile(r.Context(), f.File)
	if err != nil || f.Here {
		return f.File, bytes, err
	}
	if f, err = book.FileByID(r.Context(), id); err != nil { // it has just been copied
		return bridge.File{}, nil, errors.Join(err, bytes.Close())
	}
	return f.File, bytes, nil
}

// fileHeaders keep a file from acting as a page of ours: only pictures that cannot hold script are shown in place.
func fileHeaders(h http.Header, f bridge.File) {
	kind, disposition := "application/octet-stream", "attachment"
	if f.Picture() {
		kind, disposition = f.Type, "inline"
	}
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": f.Name}))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "private, no-store")
	h.Set("X-Robots-Tag", "noindex")
}
