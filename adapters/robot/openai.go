package robot

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// OpenAIConfig is what an OpenAI engine is made of.
type OpenAIConfig struct {
	URL    string // before /chat/completions, such as https://api.openai.com/v1 or http://127.0.0.1:11434/v1
	Key    string // empty: none is sent
	Model  string
	Least  float64       // the confidence that a passage must have for the model to be asked at all
	Limit  time.Duration // of a whole answer; 0: 30 s
	Idle   time.Duration // between two pieces of it; 0: 15 s
	Client *http.Client  // nil: a client of its own
}

// OpenAI answers with what a language model makes of the team's knowledge. The model has no tools, and what it writes is
// believed only as far as it can be checked (see verify).
type OpenAI struct {
	server *server
	header http.Header
	model  string
	least  float64
}

var _ bridge.RobotEngine = (*OpenAI)(nil)

// NewOpenAI returns an engine. It connects nowhere.
func NewOpenAI(c OpenAIConfig) (*OpenAI, error) {
	if c.Model == "" {
		return nil, errors.New("robot: model is empty")
	}
	s, err := newServer("The model", strings.TrimRight(c.URL, "/")+"/chat/completions", c.Client, orDefault(c.Limit, 30*time.Second), orDefault(c.Idle, 15*time.Second))
	if err != nil {
		return nil, err
	}
	e := &OpenAI{server: s, header: http.Header{"Accept": {"text/event-stream, application/json"}}, model: c.Model, least: c.Least}
	if c.Key != "" {
		e.header.Set("Authorization", "Bearer "+c.Key)
	}
	return e, nil
}

func orDefault(d, usual time.Duration) time.Duration {
	if d <= 0 {
		return usual
	}
	return d
}

// Answer implements bridge.RobotEngine.
func (e *OpenAI) Answer(ctx context.Context, q bridge.RobotQuestion) (bridge.RobotAnswer, error) {
	if len(q.Passages) == 0 || q.Passages[0].Confidence < e.least {
		return bridge.RobotAnswer{Unsure: true, Why: "Nothing in the knowledge is about this; the model was not asked."}, nil
	}
	t := tell(q)
	body, err := json.Marshal(map[string]any{
		"model": e.model, "messages": t.messages, "stream": true, "stream_options": map[string]bool{"include_usage": true},
	})
	if err != nil {
		return bridge.RobotAnswer{}, e.server.nonsense("the question cannot be written as JSON")
	}
	var w written
	err = e.server.post(ctx, e.header, body, func(response *http.Response, incoming io.Reader) error {
		if kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")); kind == "application/json" {
			return w.readWhole(e.server, incoming)
		}
		return w.readStream(e.server, incoming)
	})
	if err != nil {
		return bridge.RobotAnswer{}, err
	}
	a := t.verify(q, &w)
	a.Tokens = w.tokens
	return a, nil
}

// written is what a model wrote.
type written struct {
	text   strings.Builder
	finish string // why it stopped: "stop" is because it was done
	tools  bool   // it asked for tools, of which it has none
	tokens int
}

// maxWritten is how much a model may write, in bytes: more is not read.
const maxWritten = 16 << 10

// completion is a piece of what a model says, or all of it.
type completion struct {
	Choices []struct {
		Delta, Message said
		FinishReason   string `json:"finish_reason"`
	} `json:"choices"`
	Usage struct {
		Total int `json:"total_tokens"`
	} `json:"usage"`
	Error json.RawMessage `json:"error"`
}

type said struct {
	Content      string            `json:"content"`
	ToolCalls    []json.RawMessage `json:"tool_calls"`
	FunctionCall json.RawMessage   `json:"function_call"`
}

// readStream reads pieces until the stream says that it is done. One that just ends has been cut off.
func (w *written) readStream(s *server, incoming io.Reader) error {
	err := events(incoming, func(data []byte) (bool, error) {
		if string(data) == "[DONE]" {
			return true, nil
		}
		return w.text.Len() > maxWritten, w.add(s, data)
	})
	switch {
	case errors.Is(err, errTooLong):
		return s.nonsense("an endless line")
	case errors.Is(err, io.ErrUnexpectedEOF) && w.finish != "":
		return nil // some servers leave out the last word
	case err == nil && w.finish == "" && w.text.Len() <= maxWritten:
		return s.nonsense("no end of the answer")
	}
	return err
}

// readWhole reads the answer of a server that does not stream.
func (w *written) readWhole(s *server, incoming io.Reader) error {
	data, err := io.ReadAll(io.LimitReader(incoming, maxStream))
	if err != nil {
		return err
	}
	if err := w.add(s, data); err != nil {
		return err
	}
	if w.finish == "" {
		return s.nonsense("no end of the answer")
	}
	return nil
}

func (w *written) add(s *server, data []byte) error {
	var c completion
	if err := json.Unmarshal(data, &c); err != nil {
		return s.nonsense("no JSON of the kind") // the error would quote the text
	}
	if len(c.Error) > 0 && string(c.Error) != "null" {
		return s.retry("has a fault of its own.", errors.New("an error in the stream"))
	}
	if c.Usage.Total > 0 {
		w.tokens = c.Usage.Total
	}
	if len(c.Choices) == 0 {
		return nil // what it cost, or a sign of life
	}
	for _, part := range []said{c.Choices[0].Delta, c.Choices[0].Message} {
		w.text.WriteString(part.Content)
		w.tools = w.tools || len(part.ToolCalls) > 0 || len(part.FunctionCall) > 0 && string(part.FunctionCall) != "null"
	}
	if c.Choices[0].FinishReason != "" {
		w.finish = c.Choices[0].FinishReason
	}
	return nil
}
