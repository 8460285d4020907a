package robot

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// The header fields of a request to a bot. The signature is "v1=" and, in hex, the HMAC-SHA256 under the secret of the
// timestamp, a full stop and the body. The timestamp is in Unix seconds: a bot refuses what is older than five minutes.
const (
	headerTimestamp = "X-Skein-Timestamp"
	headerSignature = "X-Skein-Signature"
)

const (
	// maxBotAnswer is how many bytes of an answer are read, maxBotText how many of them may be for the visitor.
	maxBotAnswer = 64 << 10
	maxBotText   = 8000
)

// WebhookConfig is what a Webhook is made of.
type WebhookConfig struct {
	URL    string
	Secret string        // signs the requests
	Limit  time.Duration // of a call; 0: 10 s
	Client *http.Client  // nil: a client of its own
}

// Webhook asks the team's own bot. What that says is the team's word: links and formatting of its own may be in it.
type Webhook struct {
	server *server
	secret []byte
}

var _ bridge.RobotEngine = (*Webhook)(nil)

// NewWebhook returns an engine. It connects nowhere.
func NewWebhook(c WebhookConfig) (*Webhook, error) {
	if c.Secret == "" {
		return nil, errors.New("robot: key is empty: it signs the requests to your bot")
	}
	limit := orDefault(c.Limit, 10*time.Second)
	s, err := newServer("Your bot", c.URL, c.Client, limit, limit)
	if err != nil {
		return nil, err
	}
	return &Webhook{s, []byte(c.Secret)}, nil
}

// botQuestion is what a bot is sent.
type botQuestion struct {
	Version  int          `json:"version"` // 1
	Key      string       `json:"key"`     // the same when the same is asked again
	Language string       `json:"language"`
	Turns    []botTurn    `json:"turns"`
	Passages []botPassage `json:"passages"`
}

type botTurn struct {
	By       string `json:"by"` // visitor, agent, robot or system
	Text     string `json:"text"`
	Language string `json:"language,omitempty"`
}

type botPassage struct {
	ID         string  `json:"id"`
	Title      string  `json:"title"`
	URL        string  `json:"url,omitempty"`
	Language   string  `json:"language,omitempty"`
	Text       string  `json:"text"`
	Confidence float64 `json:"confidence"`
}

// botAnswer is what a bot answers: text, or ids of passages to choose from, or that it is unsure.
type botAnswer struct {
	Text       string   `json:"text"`
	Sources    []string `json:"sources"`
	Offers     []string `json:"offers"`
	Confidence *float64 `json:"confidence"` // left out: 1
	Unsure     bool     `json:"unsure"`
	Person     bool     `json:"person"`
	Why        string   `json:"why"`
}

// Answer implements bridge.RobotEngine.
func (e *Webhook) Answer(ctx context.Context, q bridge.RobotQuestion) (bridge.RobotAnswer, error) {
	body, err := json.Marshal(askBot(q))
	if err != nil {
		return bridge.RobotAnswer{}, e.server.nonsense("the question cannot be written as JSON")
	}
	now := strconv.FormatInt(time.Now().Unix(), 10)
	header := http.Header{
		"Accept": {"application/json"}, headerTimestamp: {now}, headerSignature: {sign(e.secret, now, body)},
	}
	var got []byte
	err = e.server.post(ctx, header, body, func(response *http.Response, incoming io.Reader) (err error) {
		if response.StatusCode == http.StatusNoContent {
			got = []byte(`{"unsure": true}`)
			return nil
		}
		got, err = io.ReadAll(io.LimitReader(incoming, maxBotAnswer+1))
		return err
	})
	if err != nil {
		return bridge.RobotAnswer{}, err
	}
	var said botAnswer
	d := json.NewDecoder(bytes.NewReader(got))
	d.DisallowUnknownFields()
	if len(got) > maxBotAnswer || d.Decode(&said) != nil || d.More() {
		return bridge.RobotAnswer{}, e.server.nonsense("no JSON of the kind")
	}
	return said.read(e.server, q)
}

func sign(secret []byte, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	fmt.Fprintf(mac, "%s.%s", timestamp, body)
	return "v1=" + hex.EncodeToString(mac.Sum(nil))
}

func askBot(q bridge.RobotQuestion) botQuestion {
	out := botQuestion{Version: 1, Key: q.Key, Language: q.Language, Turns: []botTurn{}, Passages: []botPassage{}}
	for _, t := range q.Turns {
		out.Turns = append(out.Turns, botTurn{string(t.By), t.Text, t.Language})
	}
	for _, p := range q.Passages {
		text := p.Text
		if text == "" {
			text = rich.Plain(p.Answer)
		}
		out.Passages = append(out.Passages, botPassage{p.ID, p.Title, p.URL, p.Language, text, p.Confidence})
	}
	return out
}

// read checks what a bot answered.
func (b *botAnswer) read(s *server, q bridge.RobotQuestion) (bridge.RobotAnswer, error) {
	a := bridge.RobotAnswer{Unsure: b.Unsure, Person: b.Person, Confidence: 1, Why: cut(rich.Clean(b.Why), 300)}
	if b.Confidence != nil {
		a.Confidence = *b.Confidence
	}
	var known bool
	if a.Sources, known = find(q, b.Sources); !known {
		return bridge.RobotAnswer{}, s.nonsense("a source that was not given")
	}
	if a.Offers, known = find(q, b.Offers); !known {
		return bridge.RobotAnswer{}, s.nonsense("an offer that was not given")
	}
	a.Text = rich.Of(b.Text)
	speaks, offers := !rich.IsEmpty(a.Text), len(a.Offers) > 0
	switch {
	case len(b.Text) > maxBotText || !utf8.ValidString(b.Text):
		return bridge.RobotAnswer{}, s.nonsense("a text that is too long")
	case a.Confidence < 0 || a.Confidence > 1:
		return bridge.RobotAnswer{}, s.nonsense("a confidence that is none")
	case len(a.Offers) > bridge.MaxOffers:
		return bridge.RobotAnswer{}, s.nonsense("too many offers")
	case b.Unsure && (speaks || offers), speaks && offers:
		return bridge.RobotAnswer{}, s.nonsense("two answers at once")
	case !speaks && !offers:
		a.Unsure = true
	}
	if a.Why == "" {
		a.Why = map[bool]string{true: "Your bot has no answer.", false: "Your bot said so."}[a.Unsure]
	}
	return a, nil
}

// find returns the sources with these ids, and whether they were all given.
func find(q bridge.RobotQuestion, ids []string) (out []bridge.Source, known bool) {
	for _, id := range ids {
		at := slices.IndexFunc(q.Passages, func(p bridge.Passage) bool { return p.ID == id })
		if at < 0 {
			return nil, false
		}
		out = append(out, q.Passages[at].Source)
	}
	return out, true
}
