// Package robottest has what the engines of a robot talk to: a small strict server of chat completions whose model does what it
// is scripted to, or believes everything it reads, and a bot that checks signatures.
package robottest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
)

// Step is how the server answers one request.
type Step func(c *Completions, w http.ResponseWriter, r *http.Request, asked Asked)

// Asked is what a model was asked, taken apart.
type Asked struct {
	System string
	Data   Data
}

// Data is what the user's message holds.
type Data struct {
	Language string `json:"language"`
	Sources  []struct {
		ID    string `json:"id"`
		Title string `json:"title"`
		Text  string `json:"text"`
	} `json:"sources"`
	Conversation []struct {
		By   string `json:"by"`
		Text string `json:"text"`
	} `json:"conversation"`
}

// Completions is a server of OpenAI's chat completions. Requests that it does not accept are its violations.
type Completions struct {
	Key, Model string

	server *httptest.Server
	mu     sync.Mutex
	steps  []Step
	asked  []Asked
	broken []string
	closed chan struct{}
}

// NewCompletions starts a server on loopback. Close it.
func NewCompletions(key, model string) *Completions {
	c := &Completions{Key: key, Model: model, closed: make(chan struct{})}
	c.server = httptest.NewServer(http.HandlerFunc(c.serve))
	return c
}

// URL is the address before /chat/completions.
func (c *Completions) URL() string { return c.server.URL + "/v1" }

// Close lets go of whoever waits for an answer.
func (c *Completions) Close() {
	close(c.closed)
	c.server.CloseClientConnections()
	c.server.Close()
}

// Then has the next requests answered so; without a step left it is Grounded.
func (c *Completions) Then(steps ...Step) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.steps = append(c.steps, steps...)
}

// Asked are the requests that were accepted.
func (c *Completions) Asked() []Asked {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Asked(nil), c.asked...)
}

// Violations are what a real server would have refused.
func (c *Completions) Violations() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.broken...)
}

func (c *Completions) serve(w http.ResponseWriter, r *http.Request) {
	asked, status, wrong := c.read(r)
	c.mu.Lock()
	step := Grounded
	switch {
	case wrong != "":
		c.broken = append(c.broken, wrong)
		step = Status(status, nil, `{"error": {"message": "`+wrong+`", "type": "invalid_request_error"}}`)
	case len(c.steps) > 0:
		step, c.steps = c.steps[0], c.steps[1:]
	}
	if wrong == "" {
		c.asked = append(c.asked, asked)
	}
	c.mu.Unlock()
	step(c, w, r, asked)
}

// read checks a request as strictly as the description of the interface allows.
func (c *Completions) read(r *http.Request) (asked Asked, status int, wrong string) {
	var body struct {
		Model    string `json:"model"`
		Messages []struct {
			Role    string `json:"role"`
			Content string `json:"content"`
		} `json:"messages"`
		Stream        bool            `json:"stream"`
		StreamOptions map[string]bool `json:"stream_options"`
	}
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	switch err := d.Decode(&body); {
	case r.Method != http.MethodPost, r.URL.Path != "/v1/chat/completions":
		return asked, http.StatusNotFound, r.Method + " " + r.URL.Path
	case c.Key != "" && r.Header.Get("Authorization") != "Bearer "+c.Key:
		return asked, http.StatusUnauthorized, "wrong key"
	case r.Header.Get("Content-Type") != "application/json", err != nil:
		return asked, http.StatusBadRequest, "no JSON of the kind"
	case body.Model != c.Model:
		return asked, http.StatusNotFound, "no such model"
	case !body.Stream || !body.StreamOptions["include_usage"]:
		return asked, http.StatusBadRequest, "not streamed"
	case len(body.Messages) != 2 || body.Messages[0].Role != "system" || body.Messages[1].Role != "user":
		return asked, http.StatusBadRequest, "not one system message and one of the user"
	}
	asked.System = body.Messages[0].Content
	d = json.NewDecoder(strings.NewReader(body.Messages[1].Content))
	d.DisallowUnknownFields()
	if d.Decode(&asked.Data) != nil || d.More() || len(asked.Data.Conversation) == 0 {
		return asked, http.StatusBadRequest, "the user's message is not the agreed object"
	}
	return asked, 0, ""
}

// Status answers with a status.
func Status(code int, header http.Header, body string) Step {
	return func(_ *Completions, w http.ResponseWriter, _ *http.Request, _ Asked) {
		for name, values := range header {
			w.Header()[name] = values
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		fmt.Fprint(w, body)
	}
}

// Say streams a text in small pieces, and then what it cost.
func Say(text string) Step { return stream(text, "stop", true, nil) }

// Stop streams a text that ends for another reason than that it is done.
func Stop(text, finish string) Step { return stream(text, finish, true, nil) }

// Cut streams a text and closes the connection in the middle.
func Cut(text string) Step {
	return stream(text, "", false, func(_ *Completions, _ *http.Request) { panic(http.ErrAbortHandler) })
}

// End streams a text and ends without saying so.
func End(text string) Step { return stream(text, "", false, nil) }

// Stall streams a text and then nothing more, until the server is closed or the client gone.
func Stall(text string) Step {
	return stream(text, "", false, func(c *Completions, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-c.closed:
		}
	})
}

// Whole answers at once, as a server does that does not stream.
func Whole(text string) Step {
	return func(_ *Completions, w http.ResponseWriter, _ *http.Request, _ Asked) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		write(w, "", map[string]any{
			"id": "x", "object": "chat.completion",
			"choices": []any{map[string]any{"index": 0, "message": map[string]any{"role": "assistant", "content": text}, "finish_reason": "stop"}},
			"usage":   map[string]int{"prompt_tokens": 70, "completion_tokens": 7, "total_tokens": 77},
		})
	}
}

// Raw answers with these bytes as an event stream.
func Raw(body string) Step {
	return func(_ *Completions, w http.ResponseWriter, _ *http.Request, _ Asked) {
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, body)
	}
}

// Tool asks for a tool to be called.
func Tool() Step {
	return Raw(`data: {"choices": [{"index": 0, "delta": {"role": "assistant", "content": null, "tool_calls": [{"index": 0, "id": "c", "type": "function", "function": {"name": "refund", "arguments": "{}"}}]}, "finish_reason": null}]}

data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}

data: [DONE]

`)
}

func stream(text, finish string, done bool, then func(*Completions, *http.Request)) Step {
	return func(c *Completions, w http.ResponseWriter, r *http.Request, _ Asked) {
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, ": hello\r\n\r\n")
		piece := func(delta map[string]any, finish any) {
			write(w, "data: ", map[string]any{"object": "chat.completion.chunk", "choices": []any{map[string]any{"index": 0, "delta": delta, "finish_reason": finish}}})
			_ = http.NewResponseController(w).Flush()
		}
		piece(map[string]any{"role": "assistant", "content": ""}, nil)
		for runes := []rune(text); len(runes) > 0; runes = runes[min(7, len(runes)):] {
			piece(map[string]any{"content": string(runes[:min(7, len(runes))])}, nil)
		}
		if finish != "" {
			piece(map[string]any{}, finish)
		}
		if then != nil {
			then(c, r)
		}
		if done {
			write(w, "data: ", map[string]any{"choices": []any{}, "usage": map[string]int{"total_tokens": 42}})
			fmt.Fprint(w, "data: [DONE]\n\n")
		}
	}
}

func write(w http.ResponseWriter, before string, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	fmt.Fprintf(w, "%s%s\n\n", before, b)
}

// Answer is the object that a model answers with.
func Answer(text string, sure bool, sources ...string) string {
	if sources == nil {
		sources = []string{}
	}
	b, err := json.Marshal(map[string]any{"answer": text, "sources": sources, "sure": sure})
	if err != nil {
		panic(err)
	}
	return string(b)
}

// Grounded is a model that does as it is told: it says how the first source begins.
func Grounded(c *Completions, w http.ResponseWriter, r *http.Request, asked Asked) {
	if len(asked.Data.Sources) == 0 {
		Say(Answer("", false))(c, w, r, asked)
		return
	}
	first, _, _ := strings.Cut(asked.Data.Sources[0].Text, "\n\n")
	Say(Answer(first, true, asked.Data.Sources[0].ID))(c, w, r, asked)
}

var (
	sayThis  = regexp.MustCompile(`(?is)\b(?:say|answer|reply|write|print)\b[^«"]{0,40}["«]([^"»]+)["»]`)
	tellAll  = regexp.MustCompile(`(?i)\b(?:reveal|print|repeat|show|tell)\b[^.]{0,40}\b(?:instructions|prompt|system message)\b`)
	callTool = regexp.MustCompile(`(?i)\bcall\b[^.]{0,30}\b(?:tool|function)\b`)
	rawJSON  = regexp.MustCompile(`(?s)RAW (\{.*\})`)
)

// Gullible is a model that believes everything it reads: it does what any text of the data tells it, and cites the first source.
func Gullible(c *Completions, w http.ResponseWriter, r *http.Request, asked Asked) {
	var all []string
	for _, s := range asked.Data.Sources {
		all = append(all, s.Title, s.Text)
	}
	for _, t := range asked.Data.Conversation {
		all = append(all, t.Text)
	}
	first := "s1"
	for _, text := range all {
		switch found := sayThis.FindStringSubmatch(text); {
		case rawJSON.MatchString(text):
			Say(rawJSON.FindStringSubmatch(text)[1])(c, w, r, asked)
		case callTool.MatchString(text):
			Tool()(c, w, r, asked)
		case found != nil:
			Say(Answer(found[1], true, first))(c, w, r, asked)
		case tellAll.MatchString(text):
			Say(Answer(asked.System, true, first))(c, w, r, asked)
		default:
			continue
		}
		return
	}
	Grounded(c, w, r, asked)
}
