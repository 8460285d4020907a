package robot

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// trickle is a server that takes so long before each line of its answer.
type trickle struct {
	lines []string
	pause time.Duration
	ctx   context.Context
}

func (tr *trickle) RoundTrip(r *http.Request) (*http.Response, error) {
	tr.ctx = r.Context()
	if err := tr.wait(); err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(tr), Request: r}, nil
}

func (tr *trickle) wait() error {
	select {
	case <-time.After(tr.pause):
		return nil
	case <-tr.ctx.Done():
		return tr.ctx.Err()
	}
}

func (tr *trickle) Read(p []byte) (int, error) {
	if err := tr.wait(); err != nil {
		return 0, err
	}
	if len(tr.lines) == 0 {
		return 0, io.EOF
	}
	n := copy(p, "data: "+tr.lines[0]+"\n\n")
	tr.lines = tr.lines[1:]
	return n, nil
}

// TestTime: an answer may take its time, but no pause too long, nor all of it.
func TestTime(t *testing.T) {
	for name, c := range map[string]struct {
		pause time.Duration
		lines int
		took  time.Duration // before it was given up; 0: it is not
	}{
		"quick":           {time.Second, 5, 0},
		"slow but steady": {4 * time.Second, 3, 0},
		"silent at once":  {time.Minute, 1, 5 * time.Second},
		"silent later":    {5*time.Second + 1, 1, 5 * time.Second},
		"without end":     {4 * time.Second, 1000, 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				lines := []string{`{"choices": [{"delta": {"content": "{\"answer\": \"Within 30 days.\", \"sources\": [\"s1\"], \"sure\": true}"}}]}`}
				for range c.lines - 1 {
					lines = append(lines, `{"choices": []}`)
				}
				lines = append(lines, `{"choices": [{"delta": {}, "finish_reason": "stop"}]}`, "[DONE]")
				engine, err := NewOpenAI(OpenAIConfig{
					URL: "http://model.example/v1", Model: "m", Idle: 5 * time.Second,
					Client: &http.Client{Transport: &trickle{lines: lines, pause: c.pause}},
				})
				if err != nil {
					t.Fatal(err)
				}
				begin := time.Now()
				a, err := engine.Answer(t.Context(), bridge.RobotQuestion{
					Turns:    []bridge.Turn{{By: bridge.ByVisitor, Text: "how long?"}},
					Passages: []bridge.Passage{{Source: bridge.Source{ID: "a"}, Answer: rich.Of("Within 30 days."), Confidence: 1}},
				})
				took := time.Since(begin)
				switch f := bridge.AsFailure(err); {
				case c.took == 0 && (err != nil || a.Unsure):
					t.Errorf("%+v, %v", a, err)
				case c.took != 0 && (f.Verdict != bridge.Retry || took != c.took || !strings.Contains(f.Public, "in time")):
					t.Errorf("after %v: %v", took, err)
				}
			})
		})
	}
}
