package website

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

const (
	maxText           = 4000 // characters
	maxFiles          = 10
	maxIdempotencyKey = 64
)

type messageRequest struct {
	Text  string          `json:"text"`
	Files []bridge.FileID `json:"files"`
}

type messageAnswer struct {
	Seq int64  `json:"seq"`
	Key string `json:"key"`
	At  string `json:"at"`
}

// postMessage answers after the message has committed. A repetition with the same key is told of the first.
func (a *Adapter) postMessage(w http.ResponseWriter, r *http.Request, v visitor) error {
	if err := a.limits.message(w, r, v.Key, a.address(r)); err != nil {
		return err
	}
	key, err := idempotencyKey(r)
	if err != nil {
		return err
	}
	var body messageRequest
	if err := decode(w, r, &body); err != nil {
		return err
	}
	doc, err := words(body)
	if err != nil {
		return err
	}
	files, err := a.uploaded(r.Context(), v, body.Files)
	if err != nil {
		return err
	}
	name := v.Key + "/" + key
	en, err := a.cfg.Desk.Accept(r.Context(), bridge.Inbound{
		Endpoint: a.cfg.Name, Key: name, Kind: bridge.InSaid,
		Thread: v.thread(), Message: bridge.MessageRef(name),
		From: bridge.Person{ID: v.Key}, Body: doc, Stored: files, At: time.Now(),
	})
	status := http.StatusCreated
	if errors.Is(err, bridge.ErrSeen) {
		status = http.StatusOK
	} else if err != nil {
		return fmt.Errorf("accept message: %w", err)
	}
	if en.Seq == 0 {
		return errors.New("accept message: the desk took nothing in")
	}
	a.streams.goOn(v.thread(), en.Conversation)
	answer(w, status, messageAnswer{Seq: en.Seq, Key: key, At: instant(en.At)})
	return nil
}

func idempotencyKey(r *http.Request) (string, error) {
	key := r.Header.Get("Idempotency-Key")
	unprintable := func(c rune) bool { return c < 0x20 || c > 0x7e }
	if key == "" || len(key) > maxIdempotencyKey || strings.ContainsFunc(key, unprintable) {
		return "", refuse(http.StatusBadRequest, "idempotency_key",
			"The header Idempotency-Key is required: 1 to %d printable ASCII characters, new for every message.", maxIdempotencyKey)
	}
	return key, nil
}

// words makes the body of a message.
func words(m messageRequest) (rich.Doc, error) {
	if n := utf8.RuneCountInString(m.Text); n > maxText {
		return nil, refuse(http.StatusUnprocessableEntity, "too_long",
			"The message has %d characters; at most %d fit. Nothing was sent: shorten or divide it.", n, maxText)
	}
	doc := rich.Of(rich.Clean(m.Text))
	if rich.IsEmpty(doc) && len(m.Files) == 0 {
		return nil, refuse(http.StatusUnprocessableEntity, "empty", "The message has neither words nor files.")
	}
	return doc, nil
}

// uploaded finds the files that a message carries. Only the visitor's own may be named.
func (a *Adapter) uploaded(ctx context.Context, v visitor, ids []bridge.FileID) ([]bridge.File, error) {
	if len(ids) > maxFiles {
		return nil, refuse(http.StatusUnprocessableEntity, "too_many_files", "A message carries at most %d files.", maxFiles)
	}
	var files []bridge.File
	for _, id := range ids {
		f, err := a.cfg.Book.FileByID(ctx, id)
		if err != nil && !errors.Is(err, bridge.ErrNotFound) {
			return nil, fmt.Errorf("find file: %w", err)
		}
		if err != nil || f.Endpoint != a.cfg.Name || f.Uploader != v.Key || f.Withdrawn { // unused for so long that it is being removed
			return nil, refuse(http.StatusUnprocessableEntity, "unknown_file", "A file of the message is not known. Upload it again.")
		}
		files = append(files, f.File)
	}
	return files, nil
}
