package widget_test

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/website/browsertest"
	"github.com/skeindesk/skein/adapters/website/widget"
)

// entry is an Entry of the visitor API.
type entry struct {
	Seq    int              `json:"seq"`
	Kind   string           `json:"kind"`
	Target int              `json:"target,omitempty"`
	By     map[string]any   `json:"by"`
	Text   string           `json:"text"`
	State  string           `json:"state,omitempty"`
	HTML   string           `json:"html"`
	From   string           `json:"translated_from,omitempty"`
	Files  []map[string]any `json:"files,omitempty"`
	// Choices are what may be pressed instead of writing.
	Choices []string  `json:"choices,omitempty"`
	At      time.Time `json:"at"`
}

// post is one POST /messages as it arrived.
type post struct {
	Key  string
	Text string
	At   time.Time
}

// fake is a scripted visitor API with one visitor, beside the widget under test and a shop on another origin.
type fake struct {
	*httptest.Server
	shop *httptest.Server

	mu         sync.Mutex
	changed    *sync.Cond
	entries    []entry
	keys       map[string]int // seq by idempotency key
	posts      []post         // every attempt, refused ones included
	reads      []int
	unheard    int // calls that say what was read, while nobody takes it in
	typed      int
	sessions   int
	token      string // the only valid one
	visitorID  string
	streams    map[chan string]bool
	opened     int // streams
	settings   map[string]any
	introduced []map[string]any
	ratings    []map[string]any // with their keys
	profiles   []map[string]any
	links      int
	given      int // uploads that were given up
	strangers  int // calls with a token that is not valid

	origins []string              // that may embed the widget
	away    string                // nobody is there, until then
	refuses bool                  // every identity
	hold    chan struct{}         // files wait until it is closed
	accepts func(string) bool     // whether an identity counts; nil: every one does
	down    bool                  // connections break without an answer
	full    bool                  // no stream is to be had
	stalled chan struct{}         // streams bring nothing until it is closed
	deaf    bool                  // what was read is not taken in
	mute    int                   // so many posts of messages get no answer
	silent  bool                  // answers to messages are lost after the commit
	refusal func(text string) int // status for a text, 0 to accept
	pause   int                   // seconds that a refused text is to wait; 0: one
	page    string                // attributes of the shop's script element
	words   func([]byte) []byte   // what is served for a language's file; nil: the file
	lost    func(string) bool     // files of the widget that cannot be had
}

func newFake(t *testing.T) *fake {
	f := &fake{keys: map[string]int{}, streams: map[chan string]bool{}, token: "token-1", visitorID: "v1", settings: map[string]any{"accent": "#0b6e4f", "title": "Fern & Moss"}}
	f.changed = sync.NewCond(&f.mu)
	mux := http.NewServeMux()
	const base = "/v1/website/website/"
	mux.HandleFunc("POST "+base+"sessions", f.session)
	mux.Handle("POST "+base+"messages", f.visitor(f.say))
	mux.Handle("GET "+base+"messages", f.visitor(f.history))
	mux.Handle("GET "+base+"stream", f.visitor(f.stream))
	mux.Handle("POST "+base+"read", f.visitor(f.read))
	mux.Handle("POST "+base+"typing", f.visitor(f.typing))
	mux.Handle("POST "+base+"rating", f.visitor(f.rate))
	mux.Handle("POST "+base+"profile", f.visitor(f.profile))
	mux.Handle("POST "+base+"links", f.visitor(f.link))
	mux.Handle("POST "+base+"files", f.visitor(f.upload))
	mux.Handle("GET "+base+"files/{id}", f.visitor(f.file))
	f.shop = httptest.NewServer(http.HandlerFunc(f.shopPage))
	f.origins = []string{f.shop.URL}
	w := widget.Handler(widget.Options{Site: func(name string) (widget.Site, bool) {
		return widget.Site{Origins: f.origins, Accent: "#0b6e4f"}, name == "website"
	}})
	mux.Handle("/widget.js", w)
	mux.Handle("/widget/", f.rewritten(w))
	f.Server = httptest.NewServer(mux)
	t.Cleanup(f.close)
	return f
}

func (f *fake) close() {
	f.cut()
	f.shop.CloseClientConnections()
	f.shop.Close()
	f.Server.CloseClientConnections()
	f.Server.Close()
}

func (f *fake) shopPage(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/favicon.ico" {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, shop, f.URL, f.page)
}

// asset is the file that the widget's page names in an attribute.
func (f *fake) asset(t *testing.T, attribute string) string {
	t.Helper()
	match := regexp.MustCompile(attribute + `="([^"]*)"`).FindStringSubmatch(body(t, get(t, "/widget/website")))
	if match == nil {
		t.Fatalf("the page has no %s", attribute)
	}
	return match[1]
}

// rewritten serves another language's file where the script says so, and breaks the connection for none.
func (f *fake) rewritten(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f.lost != nil && f.lost(r.URL.Path) {
			panic(http.ErrAbortHandler)
		}
		if f.words == nil || !strings.HasSuffix(r.URL.Path, ".json") {
			next.ServeHTTP(w, r)
			return
		}
		file := httptest.NewRecorder()
		next.ServeHTTP(file, r)
		words := f.words(file.Body.Bytes())
		if words == nil {
			panic(http.ErrAbortHandler)
		}
		_, _ = w.Write(words)
	})
}

// visitor lets only the one visitor through, and nobody while the fake is down.
func (f *fake) visitor(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		down, token := f.down, f.token
		f.mu.Unlock()
		if down {
			panic(http.ErrAbortHandler)
		}
		if r.Header.Get("Authorization") != "Bearer "+token {
			f.set(func() { f.strangers++ })
			problem(w, http.StatusUnauthorized, "The session has expired.")
			return
		}
		next(w, r)
	})
}

func problem(w http.ResponseWriter, status int, detail string) { refuse(w, status, "", detail) }

func refuse(w http.ResponseWriter, status int, code, detail string) {
	refuseFor(w, status, code, detail, 1)
}

func refuseFor(w http.ResponseWriter, status int, code, detail string, seconds int) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"title": http.StatusText(status), "status": status, "code": code, "detail": detail, "retry_after": seconds})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func (f *fake) session(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		panic(http.ErrAbortHandler)
	}
	var body map[string]any
	_ = json.NewDecoder(r.Body).Decode(&body)
	f.introduced = append(f.introduced, body)
	defer f.changed.Broadcast()
	if identity, _ := body["identity"].(string); identity != "" && (f.refuses || f.accepts != nil && !f.accepts(identity)) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusUnauthorized)
		_ = json.NewEncoder(w).Encode(map[string]any{"status": 401, "code": "identity", "detail": "Not accepted."})
		return
	}
	f.sessions++
	var conversation any
	if n := len(f.entries); n > 0 {
		conversation = map[string]any{"id": "c1", "state": "assigned", "last_seq": f.entries[n-1].Seq, "seen": slices.Max(append(f.reads, 0))}
	}
	answer(w, http.StatusOK, map[string]any{
		"token": f.token, "visitor": map[string]any{"id": f.visitorID, "name": "Visitor", "verified": false},
		"conversation": conversation, "settings": f.settings, "online": f.away == "", "opens_at": f.away,
	})
}

func (f *fake) profile(w http.ResponseWriter, r *http.Request) {
	var body map[string]any
	_ = json.NewDecoder(r.Body).Decode(&body)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.profiles = append(f.profiles, body)
	f.changed.Broadcast()
	w.WriteHeader(http.StatusNoContent)
}

func (f *fake) say(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Text  string   `json:"text"`
		Files []string `json:"files"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		problem(w, http.StatusBadRequest, err.Error())
		return
	}
	key := r.Header.Get("Idempotency-Key")
	f.mu.Lock()
	defer f.mu.Unlock()
	defer f.changed.Broadcast()
	f.posts = append(f.posts, post{key, body.Text, time.Now()})
	if f.mute--; f.mute >= 0 {
		f.mu.Unlock()
		<-r.Context().Done()
		f.mu.Lock()
		return
	}
	if f.refusal != nil {
		if status := f.refusal(body.Text); status != 0 {
			refuseFor(w, status, "", "This text is longer than the shop accepts.", max(1, f.pause))
			return
		}
	}
	status := http.StatusOK
	seq, ok := f.keys[key]
	if !ok {
		status = http.StatusCreated
		var files []map[string]any
		for _, id := range body.Files {
			files = append(files, map[string]any{"id": id, "name": id, "type": "text/plain", "size": 5})
		}
		seq = f.append(entry{Kind: "said", By: map[string]any{"kind": "visitor", "name": "Visitor"}, Text: body.Text, Files: files})
		f.keys[key] = seq
	}
	if f.silent {
		panic(http.ErrAbortHandler)
	}
	answer(w, status, map[string]any{"seq": seq, "key": key, "at": time.Now().UTC()})
}

// append adds an entry with the next number and sends it to the streams; the caller holds the lock.
func (f *fake) append(e entry) int {
	e.Seq = 1
	if n := len(f.entries); n > 0 {
		e.Seq = f.entries[n-1].Seq + 2 // gaps are normal
	}
	if e.HTML == "" && e.Text != "" {
		e.HTML = "<p>" + html.EscapeString(e.Text) + "</p>"
	}
	if e.At.IsZero() {
		e.At = time.Now().UTC()
	}
	f.entries = append(f.entries, e)
	f.send("entry", e, e.Seq)
	return e.Seq
}

func (f *fake) send(event string, data any, id int) {
	b, _ := json.Marshal(data)
	text := "event: " + event + "\n"
	if id > 0 {
		text += "id: " + strconv.Itoa(id) + "\n"
	}
	text += "data: " + string(b) + "\n\n"
	for s := range f.streams {
		s <- text
	}
}

// agent says something as an agent, edits or deletes.
func (f *fake) agent(e entry) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	e.By = map[string]any{"kind": "agent", "name": "Ana"}
	if e.Kind == "" {
		e.Kind = "said"
	}
	return f.append(e)
}

func (f *fake) history(w http.ResponseWriter, r *http.Request) {
	after, _ := strconv.Atoi(r.URL.Query().Get("after"))
	limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	f.mu.Lock()
	defer f.mu.Unlock()
	if before, err := strconv.Atoi(r.URL.Query().Get("before")); err == nil {
		f.earlier(w, before, limit)
		return
	}
	found, last := []entry{}, 0
	for _, e := range f.entries {
		if len(found) == limit {
			break
		}
		if last = e.Seq; e.Seq > after {
			found = append(found, e)
		}
	}
	answer(w, http.StatusOK, map[string]any{"entries": found, "last_seq": last})
}

// earlier answers with the last entries before a number; the caller holds the lock.
func (f *fake) earlier(w http.ResponseWriter, before, limit int) {
	end := sort.Search(len(f.entries), func(i int) bool { return f.entries[i].Seq >= before })
	found, next := f.entries[max(0, end-limit):end], 0
	if len(found) == limit {
		next = found[0].Seq
	}
	answer(w, http.StatusOK, map[string]any{"entries": found, "last_seq": 0, "before": next})
}

func (f *fake) stream(w http.ResponseWriter, r *http.Request) {
	after, _ := strconv.Atoi(r.Header.Get("Last-Event-ID"))
	w.Header().Set("Content-Type", "text/event-stream")
	events := make(chan string, 1000)
	f.mu.Lock()
	if f.full {
		f.mu.Unlock()
		refuse(w, http.StatusTooManyRequests, "too_many_streams", "Too many streams are open from this network.")
		return
	}
	if n := len(f.entries); n == 0 || after > f.entries[n-1].Seq {
		after = 0 // it is of what was erased
	}
	for _, e := range f.entries {
		if e.Seq > after {
			b, _ := json.Marshal(e)
			events <- fmt.Sprintf("event: entry\r\nid: %d\r\ndata: %s\r\n\r\n", e.Seq, b)
		}
	}
	f.streams[events] = true
	f.opened++
	f.changed.Broadcast()
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		delete(f.streams, events)
		f.changed.Broadcast()
		f.mu.Unlock()
	}()
	fmt.Fprint(w, ": hello\n\n")
	w.(http.Flusher).Flush()
	for {
		select {
		case <-r.Context().Done():
			return
		case text, ok := <-events:
			if !ok {
				panic(http.ErrAbortHandler)
			}
			f.mu.Lock()
			stalled := f.stalled
			f.mu.Unlock()
			if stalled != nil {
				select {
				case <-r.Context().Done():
					return
				case <-stalled:
				}
			}
			// In two pieces, as a network may.
			half := len(text) / 2
			fmt.Fprint(w, text[:half])
			w.(http.Flusher).Flush()
			fmt.Fprint(w, text[half:])
			w.(http.Flusher).Flush()
		}
	}
}

// cut breaks every open stream.
func (f *fake) cut() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for s := range f.streams {
		close(s)
		delete(f.streams, s)
	}
}

func (f *fake) read(w http.ResponseWriter, r *http.Request) {
	var body struct{ Seq int }
	_ = json.NewDecoder(r.Body).Decode(&body)
	f.mu.Lock()
	defer f.mu.Unlock()
	defer f.changed.Broadcast()
	if f.deaf {
		f.unheard++
		problem(w, http.StatusServiceUnavailable, "Not now.")
		return
	}
	f.reads = append(f.reads, body.Seq)
	w.WriteHeader(http.StatusNoContent)
}

func (f *fake) typing(w http.ResponseWriter, _ *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.typed++
	f.changed.Broadcast()
	w.WriteHeader(http.StatusNoContent)
}

func (f *fake) rate(w http.ResponseWriter, r *http.Request) {
	body := map[string]any{"key": r.Header.Get("Idempotency-Key")}
	_ = json.NewDecoder(r.Body).Decode(&body)
	f.mu.Lock()
	defer f.mu.Unlock()
	defer f.changed.Broadcast()
	f.ratings = append(f.ratings, body)
	if f.down {
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(http.StatusNoContent)
}

func (f *fake) link(w http.ResponseWriter, _ *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	defer f.changed.Broadcast()
	f.links++
	_, _ = io.WriteString(w, `{"url":"https://t.me/fern_bot?start=TOKEN","expires_at":"2026-03-02T09:15:00.000Z"}`)
}

// closes tells the visitor that the conversation is closed.
func (f *fake) closes() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.append(entry{Kind: "state", State: "closed", Text: "Ana closed the conversation.", By: map[string]any{"kind": "agent", "name": "Ana"}})
}

func (f *fake) upload(w http.ResponseWriter, r *http.Request) {
	file, header, err := r.FormFile("file")
	if err != nil {
		problem(w, http.StatusBadRequest, err.Error())
		return
	}
	n, _ := io.Copy(io.Discard, file)
	f.mu.Lock()
	hold, down := f.hold, f.down
	f.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-r.Context().Done():
			f.set(func() { f.given++; f.changed.Broadcast() })
			return
		}
	}
	if down {
		panic(http.ErrAbortHandler)
	}
	if strings.HasSuffix(header.Filename, ".exe") {
		refuse(w, http.StatusUnsupportedMediaType, "file_type", "This kind of file is not accepted.")
		return
	}
	kind := "text/plain"
	if strings.HasSuffix(header.Filename, ".png") {
		kind = "image/png"
	}
	answer(w, http.StatusCreated, map[string]any{"id": header.Filename, "name": header.Filename, "type": kind, "size": n})
}

func (f *fake) file(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	hold := f.hold
	f.mu.Unlock()
	if hold != nil {
		<-hold
	}
	w.Header().Set("Content-Type", "image/png")
	_, _ = w.Write(picture(r.PathValue("id")))
}

// set changes the script under the lock.
func (f *fake) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

// await waits until the condition holds; it is called under the lock.
func (f *fake) await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	late := time.AfterFunc(browsertest.Patience, f.changed.Broadcast)
	defer late.Stop()
	for deadline := time.Now().Add(browsertest.Patience); !holds(); f.changed.Wait() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}
