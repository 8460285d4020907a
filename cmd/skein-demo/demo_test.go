package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// patience is how long a condition may take before a test fails.
const patience = time.Minute

// running is a demonstration that a test has started.
type running struct {
	t      *testing.T
	origin string
	stop   func() int // ends it and returns the exit code; may be called more than once
}

// start runs the demonstration on a free port until the test ends, and checks that it ends well.
func start(t *testing.T, args ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	stdout, writer := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		code := run(ctx, append([]string{"-listen", "127.0.0.1:0"}, args...), writer, t.Output())
		_ = writer.Close()
		ended <- code
	}()
	line, err := bufio.NewReader(stdout).ReadString('\n')
	address, ok := strings.CutPrefix(strings.TrimSpace(line), "ready http=")
	if !ok {
		cancel()
		t.Fatalf("the demonstration said %q, not where it is (%v)", line, err)
	}
	d := &running{t: t, origin: "http://" + address, stop: func() int {
		cancel()
		code := <-ended
		ended <- code
		return code
	}}
	t.Cleanup(func() {
		if code := d.stop(); code != exitOK {
			t.Errorf("the demonstration ended with %d", code)
		}
	})
	return d
}

func (d *running) call(method, path, token string, body any, out any) int {
	d.t.Helper()
	var data bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&data).Encode(body); err != nil {
			d.t.Fatal(err)
		}
	}
	r, err := http.NewRequestWithContext(d.t.Context(), method, d.origin+path, &data)
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Idempotency-Key", rand.Text())
	}
	return d.do(r, out)
}

func (d *running) do(r *http.Request, out any) int {
	d.t.Helper()
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if text, ok := out.(*string); ok {
		data, err := io.ReadAll(answer.Body)
		if err != nil {
			d.t.Fatal(err)
		}
		*text = string(data)
	} else if out != nil {
		if err := json.NewDecoder(answer.Body).Decode(out); err != nil {
			d.t.Fatalf("%s %s: %d: %v", r.Method, r.URL.Path, answer.StatusCode, err)
		}
	}
	return answer.StatusCode
}

// act does what must be possible, in Slack unless it names another platform, and returns the id.
func (d *running) act(a act) string {
	d.t.Helper()
	var answer struct{ ID, Detail string }
	a.Platform = cmp.Or(a.Platform, "slack")
	if status := d.call("POST", "/demo/act", "", a, &answer); status != http.StatusOK {
		d.t.Fatalf("%+v: %d: %s", a, status, answer.Detail)
	}
	return answer.ID
}

// places returns what the simulated Slack shows.
func (d *running) places() []place {
	d.t.Helper()
	return d.placesIn("slack")
}

// placesIn returns what a simulated platform shows.
func (d *running) placesIn(platform string) []place {
	d.t.Helper()
	var state struct{ Platforms []platformState }
	if status := d.call("GET", "/demo/state", "", nil, &state); status != http.StatusOK {
		d.t.Fatalf("state: %d", status)
	}
	for _, p := range state.Platforms {
		if p.Name == platform {
			return p.Places
		}
	}
	d.t.Fatalf("there is no %s", platform)
	return nil
}

// await waits until what the simulated Slack shows meets the condition.
func (d *running) await(what string, condition func([]place) bool) {
	d.t.Helper()
	d.awaitIn("slack", what, condition)
}

// awaitIn waits until what a simulated platform shows meets the condition. It looks again after every hint.
func (d *running) awaitIn(platform, what string, condition func([]place) bool) {
	d.t.Helper()
	hints := d.stream("/demo/events")
	late := time.After(patience)
	for !condition(d.placesIn(platform)) {
		select {
		case <-hints:
		case <-late:
			d.t.Fatalf("waited in vain for %s; shown: %+v", what, d.placesIn(platform))
		}
	}
}

// stream returns the data of server-sent events as they come, until the test ends.
func (d *running) stream(path string) <-chan string {
	d.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r, err := http.NewRequestWithContext(ctx, "GET", d.origin+path, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	if answer.StatusCode != http.StatusOK {
		d.t.Fatalf("%s: %d", path, answer.StatusCode)
	}
	data, ended := make(chan string), make(chan struct{})
	go func() {
		defer close(ended)
		for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
			if text, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				select {
				case data <- text:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	d.t.Cleanup(func() { cancel(); _ = answer.Body.Close(); <-ended })
	return data
}

// threads are the places of conversations.
func threads(places []place) []place {
	return slices.DeleteFunc(slices.Clone(places), func(p place) bool { return p.Kind != kindThread })
}

// thread waits until an answer in a thread of Slack shows the text, and returns the thread.
func (d *running) thread(text string) place {
	d.t.Helper()
	return d.threadIn("slack", text)
}

// threadIn waits until an answer in a thread of a platform shows the text, and returns the thread.
func (d *running) threadIn(platform, text string) (found place) {
	d.t.Helper()
	d.awaitIn(platform, "a thread with "+text, func(places []place) bool {
		for _, p := range threads(places) {
			if slices.ContainsFunc(p.Messages[1:], func(m message) bool { return strings.Contains(m.Text, text) }) {
				found = p
				return true
			}
		}
		return false
	})
	return found
}

// visitor is someone who uses the visitor API.
type visitor struct {
	d       *running
	token   string
	entries <-chan string
	seen    []entry
}

type entry struct {
	Seq    int64
	Kind   string
	Target int64
	By     struct{ Kind, Name, Avatar string }
	Text   string
	Files  []struct {
		ID, Name, Type string
		Size           int
	}
}

func (d *running) visitor(name string) *visitor {
	d.t.Helper()
	var session struct{ Token string }
	d.call("POST", "/v1/website/website/sessions", "", map[string]any{"profile": map[string]string{"name": name}}, &session)
	if session.Token == "" {
		d.t.Fatal("no session")
	}
	return &visitor{d: d, token: session.Token}
}

func (v *visitor) say(text string, files ...string) {
	v.d.t.Helper()
	body := map[string]any{"text": text, "files": files}
	if status := v.d.call("POST", "/v1/website/website/messages", v.token, body, nil); status != http.StatusCreated {
		v.d.t.Fatalf("say: %d", status)
	}
}

// await reads the visitor's stream until an entry meets the condition.
func (v *visitor) await(what string, condition func(entry) bool) entry {
	v.d.t.Helper()
	if v.entries == nil {
		v.entries = v.d.stream("/v1/website/website/stream?after=0&token=" + v.token)
	}
	late := time.After(patience)
	for {
		select {
		case data := <-v.entries:
			var e entry
			if json.Unmarshal([]byte(data), &e) != nil || e.Seq == 0 {
				continue // typing, presence
			}
			if v.seen = append(v.seen, e); condition(e) {
				return e
			}
		case <-late:
			v.d.t.Fatalf("the visitor waited in vain for %s; seen: %+v", what, v.seen)
		}
	}
}

func says(text string) func(entry) bool { return func(e entry) bool { return e.Text == text } }

// history is what the visitor reads back.
func (v *visitor) history() []entry {
	v.d.t.Helper()
	var page struct{ Entries []entry }
	v.d.call("GET", "/v1/website/website/messages?after=0", v.token, nil, &page)
	return page.Entries
}

func (v *visitor) upload(name, content string) (id string) {
	v.d.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		v.d.t.Fatal(err)
	}
	_, _ = io.WriteString(part, content)
	_ = form.Close()
	r, err := http.NewRequestWithContext(v.d.t.Context(), "POST", v.d.origin+"/v1/website/website/files", &body)
	if err != nil {
		v.d.t.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Authorization", "Bearer "+v.token)
	var answer struct{ ID string }
	if status := v.d.do(r, &answer); status != http.StatusCreated {
		v.d.t.Fatalf("upload: %d", status)
	}
	return answer.ID
}
