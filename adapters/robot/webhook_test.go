package robot_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/robot"
	"github.com/skeindesk/skein/adapters/robot/robottest"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

func bot(t *testing.T, reply http.HandlerFunc) (*robottest.Bot, *robot.Webhook) {
	t.Helper()
	b := robottest.NewBot(key, reply)
	t.Cleanup(b.Close)
	e, err := robot.NewWebhook(robot.WebhookConfig{URL: b.URL(), Secret: key})
	if err != nil {
		t.Fatal(err)
	}
	return b, e
}

func says(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }
}

// TestBot: a bot gets the conversation and the passages, signed, and its answer is passed on.
func TestBot(t *testing.T) {
	for body, want := range map[string]bridge.RobotAnswer{
		`{"text": "Of course: https://own.example/x", "sources": ["a/returns"], "confidence": 0.9, "why": "rule 7"}`: {
			Text: rich.Of("Of course: https://own.example/x"), Sources: []bridge.Source{returns(0).Source}, Confidence: 0.9, Why: "rule 7",
		},
		`{"text": "Hello"}`:          {Text: rich.Of("Hello"), Confidence: 1, Why: "Your bot said so."},
		`{"offers": ["a/returns"]}`:  {Offers: []bridge.Source{returns(0).Source}, Confidence: 1, Why: "Your bot said so."},
		`{"unsure": true}`:           {Unsure: true, Confidence: 1, Why: "Your bot has no answer."},
		`{}`:                         {Unsure: true, Confidence: 1, Why: "Your bot has no answer."},
		`{"person": true}`:           {Unsure: true, Person: true, Confidence: 1, Why: "Your bot has no answer."},
		`{"text": " ", "why": "\n"}`: {Unsure: true, Confidence: 1, Why: "\n"},
	} {
		b, engine := bot(t, says(body))
		a, err := engine.Answer(t.Context(), question(asking, returns(0.7), shipping(0.1)))
		if err != nil {
			t.Errorf("%s: %v", body, err)
			continue
		}
		if !rich.Equal(a.Text, want.Text) || fmt.Sprint(a.Sources, a.Offers) != fmt.Sprint(want.Sources, want.Offers) || a.Confidence != want.Confidence ||
			a.Unsure != want.Unsure || a.Person != want.Person || a.Why != want.Why {
			t.Errorf("%s: %+v", body, a)
		}
		if v := b.Violations(); len(v) > 0 {
			t.Error(v)
		}
		q := b.Asked()[0]
		if q.Key != "7/12" || len(q.Turns) != 3 || q.Turns[2].Text != asking || q.Turns[1].By != "robot" || len(q.Passages) != 2 ||
			q.Passages[0].ID != "a/returns" || q.Passages[0].Text == "" || q.Passages[1].Text == "" || q.Passages[0].Confidence != 0.7 {
			t.Errorf("the bot was asked %+v", q)
		}
	}
}

// TestBotFails: what is not the agreed answer is none.
func TestBotFails(t *testing.T) {
	for body, verdict := range map[string]bridge.Verdict{
		`zebra`: bridge.Retry, ``: bridge.Retry, `[]`: bridge.Retry, `{"text": 7}`: bridge.Retry, `{"text": "a"} {}`: bridge.Retry,
		`{"txet": "Hello"}`:                                                bridge.Retry,
		`{"text": "a", "sources": ["a/other"]}`:                            bridge.Retry,
		`{"offers": ["a/other"]}`:                                          bridge.Retry,
		`{"text": "a", "offers": ["a/returns"]}`:                           bridge.Retry,
		`{"text": "a", "unsure": true}`:                                    bridge.Retry,
		`{"text": "a", "confidence": 2}`:                                   bridge.Retry,
		`{"text": "` + strings.Repeat("a", 9000) + `"}`:                    bridge.Retry,
		`{"why": "` + strings.Repeat("a", 90000) + `"}`:                    bridge.Retry,
		`{"offers": ["a/returns", "a/returns", "a/returns", "a/returns"]}`: bridge.Retry,
	} {
		_, engine := bot(t, says(body))
		_, err := engine.Answer(t.Context(), question(asking, returns(0.7)))
		if f := failed(t, err); f.Verdict != verdict {
			t.Errorf("%.60s: %+v", body, f)
		}
	}
	_, engine := bot(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	if a, err := engine.Answer(t.Context(), question(asking)); err != nil || !a.Unsure {
		t.Errorf("%+v, %v", a, err)
	}
}

// TestBotRefuses: a bot that knows another secret, waits, stalls or breaks off.
func TestBotRefuses(t *testing.T) {
	other := robottest.NewBot("another secret", says(`{}`))
	t.Cleanup(other.Close)
	stalled, started := make(chan struct{}), make(chan struct{}, 8)
	t.Cleanup(func() { close(stalled) })
	slow := robottest.NewBot(key, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"text": "`)
		_ = http.NewResponseController(w).Flush()
		started <- struct{}{}
		select {
		case <-stalled:
		case <-r.Context().Done():
		}
	})
	t.Cleanup(slow.Close)
	cut := robottest.NewBot(key, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"text": "`)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	t.Cleanup(cut.Close)
	busy := robottest.NewBot(key, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	t.Cleanup(busy.Close)
	for _, c := range []struct {
		bot     *robottest.Bot
		verdict bridge.Verdict
		refused bool
	}{{other, bridge.GiveUp, true}, {slow, bridge.Retry, false}, {cut, bridge.Retry, false}, {busy, bridge.Wait, false}} {
		limit := time.Minute
		if c.bot == slow {
			limit = 300 * time.Millisecond
		}
		engine, err := robot.NewWebhook(robot.WebhookConfig{URL: c.bot.URL(), Secret: key, Limit: limit})
		if err != nil {
			t.Fatal(err)
		}
		_, err = engine.Answer(t.Context(), question(asking))
		if f := failed(t, err); f.Verdict != c.verdict || f.Refused != c.refused {
			t.Errorf("%+v", f)
		}
	}
	if len(other.Violations()) != 1 {
		t.Error("a wrong signature was taken")
	}
}
