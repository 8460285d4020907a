package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"
)

// Bounds of the body of POST /demo/act: as JSON, and as a form with a file.
const (
	maxAct  = 64 << 10
	maxForm = 10<<20 + maxAct
)

// keepAlive is how often a silent stream of hints shows that it is alive.
const keepAlive = 20 * time.Second

// state answers GET /demo/state.
func (d *demo) state(w http.ResponseWriter, r *http.Request) {
	all := struct {
		Both      bool            `json:"both"`   // whether the next conversation opens in every client of the team
		Always    bool            `json:"always"` // whether the command line says so
		Platforms []platformState `json:"platforms"`
	}{Both: d.both.Load(), Always: d.alwaysBoth}
	for _, p := range d.platforms {
		all.Platforms = append(all.Platforms, p.State())
	}
	var body bytes.Buffer
	if err := json.NewEncoder(&body).Encode(all); err != nil {
		d.fail(w, r, fmt.Errorf("state: %w", err))
		return
	}
	sum := sha256.Sum256(body.Bytes())
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:12])+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body.Bytes()))
}

// act answers POST /demo/act.
func (d *demo) act(w http.ResponseWriter, r *http.Request) {
	a, err := readAct(w, r)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	p, ok := d.platform(a.Platform)
	if !ok {
		d.fail(w, r, refuse(http.StatusUnprocessableEntity, "unknown_platform", "There is no such platform in this demonstration."))
		return
	}
	came, err := p.Act(r.Context(), a)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.changes.add() // what a client keeps to itself changes without its platform
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(came)
}

func readAct(w http.ResponseWriter, r *http.Request) (act, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && kind == "multipart/form-data" {
		return readForm(w, r)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAct))
	if err != nil {
		return act{}, unread(err, "An act may have at most 64 KiB. Nothing was done.")
	}
	return parseAct(body)
}

// readForm reads an act from a form: its fields act, the JSON, and file, the content of an upload.
func readForm(w http.ResponseWriter, r *http.Request) (a act, err error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	parts, err := r.MultipartReader()
	if err != nil {
		return a, unread(err, "")
	}
	fields := map[string][]byte{}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			fields[part.FormName()], err = io.ReadAll(part)
		}
		if err != nil {
			return a, unread(err, "A file may have at most 10 MiB. Nothing was done.")
		}
	}
	if a, err = parseAct(fields["act"]); err != nil {
		return a, err
	}
	if a.file = fields["file"]; len(a.file) == 0 {
		return a, refuse(http.StatusUnprocessableEntity, "no_file", "The form has no file, or an empty one.")
	}
	return a, nil
}

// unread is why a body could not be read; tooLarge is what to say when its size is the reason.
func unread(err error, tooLarge string) error {
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return refuse(http.StatusRequestEntityTooLarge, "too_large", tooLarge)
	}
	return refuse(http.StatusBadRequest, "unreadable", "The request could not be read to its end. Nothing was done.")
}

func parseAct(body []byte) (act, error) {
	var a act
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&a); err != nil {
		return a, refuse(http.StatusBadRequest, "malformed", "Expected one JSON object with platform, place, thread, as, do, text, target and value, all of them strings.")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return a, refuse(http.StatusBadRequest, "malformed", "Expected one JSON object and nothing after it.")
	}
	return a, nil
}

// events answers GET /demo/events: server-sent events whose data is the number of changes so far. Each is a hint that
// the state may be another one.
func (d *demo) events(w http.ResponseWriter, r *http.Request) {
	stream := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	tick := time.NewTicker(keepAlive)
	defer tick.Stop()
	n, next := d.changes.now()
	line := fmt.Sprintf("retry: 1000\ndata: %d\n\n", n)
	for {
		if _, err := io.WriteString(w, line); err != nil || stream.Flush() != nil {
			return
		}
		select {
		case <-next:
			n, next = d.changes.now()
			line = fmt.Sprintf("data: %d\n\n", n)
		case <-tick.C:
			line = ":\n\n"
		case <-r.Context().Done():
			return
		case <-d.ctx.Done():
			return
		}
	}
}

// file answers GET /demo/files/{platform}/{id}/{name}.
func (d *demo) file(w http.ResponseWriter, r *http.Request) {
	p, ok := d.platform(r.PathValue("platform"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	p.File(w, r, r.PathValue("id"))
}
