package robottest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Bot is a team's own bot, which checks what it is sent as the documentation says.
type Bot struct {
	Secret string

	server *httptest.Server
	mu     sync.Mutex
	reply  http.HandlerFunc
	asked  []BotQuestion
	broken []string
	closed chan struct{}
}

// BotQuestion is what a bot is sent.
type BotQuestion struct {
	Version  int    `json:"version"`
	Key      string `json:"key"`
	Language string `json:"language"`
	Turns    []struct {
		By       string `json:"by"`
		Text     string `json:"text"`
		Language string `json:"language"`
	} `json:"turns"`
	Passages []struct {
		ID         string  `json:"id"`
		Title      string  `json:"title"`
		URL        string  `json:"url"`
		Language   string  `json:"language"`
		Text       string  `json:"text"`
		Confidence float64 `json:"confidence"`
	} `json:"passages"`
}

// NewBot starts a bot on loopback that answers so. Close it.
func NewBot(secret string, reply http.HandlerFunc) *Bot {
	b := &Bot{Secret: secret, reply: reply, closed: make(chan struct{})}
	b.server = httptest.NewServer(http.HandlerFunc(b.serve))
	return b
}

// URL is where it is asked.
func (b *Bot) URL() string { return b.server.URL + "/bot" }

// Close lets go of whoever waits for an answer.
func (b *Bot) Close() {
	close(b.closed)
	b.server.CloseClientConnections()
	b.server.Close()
}

// Closed is closed when the bot is.
func (b *Bot) Closed() <-chan struct{} { return b.closed }

// Asked are the questions that were accepted.
func (b *Bot) Asked() []BotQuestion {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]BotQuestion(nil), b.asked...)
}

// Violations are what it has refused.
func (b *Bot) Violations() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.broken...)
}

func (b *Bot) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	wrong := b.check(r, body)
	var q BotQuestion
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.DisallowUnknownFields()
	if wrong == "" && (err != nil || d.Decode(&q) != nil || q.Version != 1 || len(q.Turns) == 0) {
		wrong = "not the agreed object"
	}
	b.mu.Lock()
	if wrong != "" {
		b.broken = append(b.broken, wrong)
	} else {
		b.asked = append(b.asked, q)
	}
	b.mu.Unlock()
	if wrong != "" {
		http.Error(w, wrong, http.StatusUnauthorized)
		return
	}
	b.reply(w, r)
}

func (b *Bot) check(r *http.Request, body []byte) string {
	at := r.Header.Get("X-Skein-Timestamp")
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || time.Since(time.Unix(seconds, 0)).Abs() > 5*time.Minute {
		return "too old"
	}
	mac := hmac.New(sha256.New, []byte(b.Secret))
	mac.Write([]byte(at + "."))
	mac.Write(body)
	given, err := hex.DecodeString(strings.TrimPrefix(r.Header.Get("X-Skein-Signature"), "v1="))
	switch {
	case err != nil || !hmac.Equal(given, mac.Sum(nil)):
		return "not signed"
	case r.Method != http.MethodPost || r.URL.Path != "/bot" || r.Header.Get("Content-Type") != "application/json":
		return r.Method + " " + r.URL.Path
	}
	return ""
}
