package webtest

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Visitor is one visitor's program. Calls that fail for a passing reason are repeated until their context ends. All
// methods may be called concurrently.
type Visitor struct {
	// Heard is called for each entry that the stream brings, on the stream's goroutine, before it is in the
	// Transcript. Signal is called for the other events. Both are set before Stream is called.
	Heard  func(Entry)
	Signal func(kind string, data []byte)

	site *Site

	mu         sync.Mutex
	base       int // the server in use
	token      string
	transcript []Entry
	said       []Said
	broken     error
	retries    int
	connected  int
	changed    chan struct{} // closed and replaced when the transcript grows or a stream opens
}

// Introduction is what a session call tells of the visitor. The zero Introduction tells nothing.
type Introduction struct {
	Identity string            `json:"identity,omitempty"`
	Locale   string            `json:"locale,omitempty"`
	Page     map[string]string `json:"page,omitempty"`
	Profile  map[string]any    `json:"profile,omitempty"`
}

// Session is the answer to Open.
type Session struct {
	Token   string `json:"token"`
	Visitor struct {
		ID       string `json:"id"`
		Name     string `json:"name"`
		Verified bool   `json:"verified"`
	} `json:"visitor"`
	Conversation *struct {
		ID      string `json:"id"`
		State   string `json:"state"`
		LastSeq int64  `json:"last_seq"`
		Seen    int64  `json:"seen"`
	} `json:"conversation"`
	Settings map[string]any `json:"settings"`
	Online   bool           `json:"online"`
}

// Open opens the session, or renews it as a page does that is loaded again.
func (v *Visitor) Open(ctx context.Context, i Introduction) (Session, error) {
	body := struct {
		Token string `json:"token,omitempty"`
		Introduction
	}{v.Token(), i}
	var s Session
	if err := v.call(ctx, "POST", "sessions", jsonBody(body), &s); err != nil {
		return Session{}, fmt.Errorf("open session: %w", err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.token = s.Token
	return s, nil
}

// Token is what the visitor proves itself with.
func (v *Visitor) Token() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.token
}

// Said is a message that the server has acknowledged.
type Said struct {
	Seq  int64     `json:"seq"`
	Key  string    `json:"key"`
	At   time.Time `json:"at"`
	Text string    `json:"-"`
}

// Say sends a message until it is acknowledged, always with the same key.
func (v *Visitor) Say(ctx context.Context, text string, files ...string) (Said, error) {
	return v.SayAs(ctx, rand.Text(), text, files...)
}

// SayAs is Say with a key chosen by the caller.
func (v *Visitor) SayAs(ctx context.Context, key, text string, files ...string) (Said, error) {
	b := jsonBody(map[string]any{"text": text, "files": files})
	b.key = key
	var s Said
	if err := v.call(ctx, "POST", "messages", b, &s); err != nil {
		return Said{}, fmt.Errorf("say: %w", err)
	}
	if s.Key != key || s.Seq <= 0 {
		return Said{}, fmt.Errorf("say: the answer for key %q is %+v", key, s)
	}
	s.Text = text
	v.mu.Lock()
	defer v.mu.Unlock()
	v.said = append(v.said, s)
	return s, nil
}

// History reads the whole conversation without a stream.
func (v *Visitor) History(ctx context.Context) ([]Entry, error) {
	var all []Entry
	for after := int64(0); ; {
		var page struct {
			Entries []Entry `json:"entries"`
			LastSeq int64   `json:"last_seq"`
		}
		if err := v.call(ctx, "GET", fmt.Sprintf("messages?after=%d&limit=200", after), body{}, &page); err != nil {
			return nil, fmt.Errorf("read history: %w", err)
		}
		all = append(all, page.Entries...)
		if page.LastSeq == after {
			return all, nil
		}
		after = page.LastSeq
	}
}

// Read acknowledges everything up to seq.
func (v *Visitor) Read(ctx context.Context, seq int64) error {
	return v.call(ctx, "POST", "read", jsonBody(map[string]int64{"seq": seq}), nil)
}

// Typing tells that the visitor is writing.
func (v *Visitor) Typing(ctx context.Context) error {
	return v.call(ctx, "POST", "typing", body{}, nil)
}

// Upload stores a file and returns what Say may refer to.
func (v *Visitor) Upload(ctx context.Context, name string, content []byte) (File, error) {
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		return File{}, fmt.Errorf("upload: %w", err)
	}
	_, _ = part.Write(content) // a Buffer does not fail
	_ = form.Close()
	var f File
	if err := v.call(ctx, "POST", "files", body{kind: form.FormDataContentType(), bytes: b.Bytes()}, &f); err != nil {
		return File{}, fmt.Errorf("upload: %w", err)
	}
	return f, nil
}

// Download reads a file, in one attempt. headers are those of the answer.
func (v *Visitor) Download(ctx context.Context, id string) (content []byte, headers http.Header, err error) {
	answer, err := v.once(ctx, "GET", "files/"+url.PathEscape(id), body{})
	if err != nil {
		return nil, nil, fmt.Errorf("download: %w", err)
	}
	defer answer.Body.Close()
	content, err = io.ReadAll(answer.Body)
	return content, answer.Header, err
}

// Retries is how often a call or a stream had to be begun again.
func (v *Visitor) Retries() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.retries
}
