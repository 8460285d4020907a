package robot_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/robot"
	"github.com/skeindesk/skein/adapters/robot/robottest"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

const (
	key    = "sk-very-secret"
	asking = "How do I send the zebra jacket back?"
)

// returns and shipping are what the team knows.
func returns(confidence float64) bridge.Passage {
	return bridge.Passage{
		Source: bridge.Source{ID: "a/returns", Title: "How do I return something?", URL: "https://shop.example/help/returns", Language: "en"},
		Answer: rich.Of("You can send anything back within 30 days. Print the label from your account and bring the parcel to a post office.\n\n" +
			"Questions: help@shop.example, or see https://shop.example/help."),
		Text: "You can send anything back within 30 days.", Confidence: confidence, Lead: 0.5,
	}
}

func shipping(confidence float64) bridge.Passage {
	return bridge.Passage{
		Source: bridge.Source{ID: "a/shipping", Title: "What does shipping cost?", Language: "en"},
		Answer: rich.Of("Shipping is free above 50 euros, otherwise it costs 4.90."), Confidence: confidence,
	}
}

func question(text string, passages ...bridge.Passage) bridge.RobotQuestion {
	return bridge.RobotQuestion{
		Key: "7/12", Language: "en", Passages: passages,
		Turns: []bridge.Turn{{By: bridge.ByVisitor, Text: "Hello"}, {By: bridge.ByRobot, Text: "Hello, what can I do?"}, {By: bridge.ByVisitor, Text: text, Language: "en"}},
	}
}

// failed returns the failure in an error, and complains about whatever of ours or the visitor's its words tell.
func failed(t *testing.T, err error) bridge.Failure {
	t.Helper()
	f, ok := errors.AsType[*bridge.Failure](err)
	if !ok {
		t.Fatalf("%v is no failure", err)
	}
	for _, secret := range []string{key, "zebra", "jacket", "label", "127.0.0.1", "://"} {
		if strings.Contains(f.Error()+f.Public+f.Err.Error(), secret) {
			t.Errorf("%q is in the words of %q, %q", secret, f.Public, f.Err)
		}
	}
	if f.Public == "" || !strings.HasSuffix(f.Public, ".") {
		t.Errorf("an agent is told %q", f.Public)
	}
	return *f
}

func TestKnowledge(t *testing.T) {
	engine := robot.Knowledge{Sure: 0.75, Possible: 0.6}
	long := returns(0.9)
	long.Answer = rich.Of(strings.Repeat("Much is said here. ", 200))
	for name, c := range map[string]struct {
		passages []bridge.Passage
		text     string
		offers   []string
		unsure   bool
	}{
		"sure":     {[]bridge.Passage{returns(0.8), shipping(0.2)}, rich.Plain(returns(1).Answer), nil, false},
		"long":     {[]bridge.Passage{long}, long.Text, nil, false},
		"possible": {[]bridge.Passage{returns(0.7), shipping(0.2), shipping(0.1), shipping(0.1)}, "", []string{"a/returns", "a/shipping", "a/shipping"}, false},
		"unsure":   {[]bridge.Passage{returns(0.5)}, "", nil, true},
		"nothing":  {nil, "", nil, true},
	} {
		a, err := engine.Answer(t.Context(), question(asking, c.passages...))
		if err != nil {
			t.Fatal(err)
		}
		var offers []string
		for _, o := range a.Offers {
			offers = append(offers, o.ID)
		}
		if rich.Plain(a.Text) != c.text || strings.Join(offers, " ") != strings.Join(c.offers, " ") || a.Unsure != c.unsure || a.Why == "" {
			t.Errorf("%s: %+v", name, a)
		}
		if (c.text != "") != (len(a.Sources) == 1) {
			t.Errorf("%s has the sources %v", name, a.Sources)
		}
	}
}

func openAI(t *testing.T, c *robottest.Completions) *robot.OpenAI {
	t.Helper()
	e, err := robot.NewOpenAI(robot.OpenAIConfig{URL: c.URL() + "/", Key: key, Model: "tiny", Least: 0.2})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func completions(t *testing.T) *robottest.Completions {
	t.Helper()
	c := robottest.NewCompletions(key, "tiny")
	t.Cleanup(c.Close)
	return c
}

// TestModel: what a model writes from its sources is passed on, with them; what it is told is the conversation and they.
func TestModel(t *testing.T) {
	server := completions(t)
	engine := openAI(t, server)
	const text = "You can send it back within 30 days. Print the label: https://shop.example/help/returns."
	for _, step := range []robottest.Step{
		robottest.Say(robottest.Answer(text, true, "s1")),
		robottest.Whole(robottest.Answer(text, true, "s1")),
		robottest.Say("```json\n" + robottest.Answer(text, true, "s1", "s1") + "\n```"),
	} {
		server.Then(step)
		a, err := engine.Answer(t.Context(), question(asking, returns(0.7), shipping(0.1)))
		if err != nil {
			t.Fatal(err)
		}
		if !rich.Equal(a.Text, rich.Of(text)) || a.Unsure || len(a.Sources) != 1 || a.Sources[0] != returns(0).Source || a.Confidence != 0.7 || a.Tokens == 0 {
			t.Errorf("%+v", a)
		}
	}
	asked := server.Asked()[0]
	if got := asked.Data; got.Language != "en" || len(got.Sources) != 2 || !strings.Contains(got.Sources[0].Text, "30 days") ||
		len(got.Conversation) != 3 || got.Conversation[2].By != "customer" || got.Conversation[2].Text != asking || got.Conversation[1].By != "company" {
		t.Errorf("the model was told %+v", got)
	}
	if strings.Contains(asked.System, "zebra") || strings.Contains(asked.System, "label") {
		t.Error("what people wrote is among the instructions")
	}
	if v := server.Violations(); len(v) > 0 {
		t.Error(v)
	}
}

// TestModelIsNotAsked: without anything to answer from it would only cost money.
func TestModelIsNotAsked(t *testing.T) {
	server := completions(t)
	for _, passages := range [][]bridge.Passage{nil, {returns(0.1)}} {
		a, err := openAI(t, server).Answer(t.Context(), question(asking, passages...))
		if err != nil || !a.Unsure || a.Why == "" {
			t.Errorf("%+v, %v", a, err)
		}
	}
	if len(server.Asked()) > 0 {
		t.Error("the model was asked")
	}
}

// TestModelKeepsToItsSources: what a model writes beyond them is not said.
func TestModelKeepsToItsSources(t *testing.T) {
	server := completions(t)
	engine := openAI(t, server)
	good := "You can send anything back within 30 days."
	for name, step := range map[string]robottest.Step{
		"declines":         robottest.Say(robottest.Answer("", false)),
		"is not sure":      robottest.Say(robottest.Answer(good, false, "s1")),
		"no source":        robottest.Say(robottest.Answer(good, true)),
		"unknown source":   robottest.Say(robottest.Answer(good, true, "s1", "s9")),
		"article's own id": robottest.Say(robottest.Answer(good, true, "a/returns")),
		"other link":       robottest.Say(robottest.Answer(good+" See https://evil.example/returns.", true, "s1")),
		"bare domain":      robottest.Say(robottest.Answer(good+" See evil.example/returns.", true, "s1")),
		"other scheme":     robottest.Say(robottest.Answer(good+" javascript://alert", true, "s1")),
		"mail address":     robottest.Say(robottest.Answer(good+" Write to me@evil.example.", true, "s1")),
		"link not cited":   robottest.Say(robottest.Answer("Shipping is free. https://shop.example/help/returns", true, "s2")),
		"number":           robottest.Say(robottest.Answer("You can send anything back within 90 days.", true, "s1")),
		"phone":            robottest.Say(robottest.Answer(good+" Call +1 555 0100.", true, "s1")),
		"Arabic digits":    robottest.Say(robottest.Answer(good+" ٩٠", true, "s1")),
		"markup":           robottest.Say(robottest.Answer(good+" <img src=x>", true, "s1")),
		"Markdown link":    robottest.Say(robottest.Answer("[Send](anything) back.", true, "s1")),
		"other words":      robottest.Say(robottest.Answer("Elephants usually prefer swimming through purple oceans before breakfast tomorrow.", true, "s1")),
		"too long":         robottest.Say(robottest.Answer(strings.Repeat(good+" ", 50), true, "s1")),
		"endless":          robottest.Say(robottest.Answer(strings.Repeat(good+" ", 5000), true, "s1")),
		"prose":            robottest.Say(good),
		"two objects":      robottest.Say(robottest.Answer(good, true, "s1") + robottest.Answer(good, true, "s1")),
		"other fields":     robottest.Say(`{"answer": "` + good + `", "sources": ["s1"], "sure": true, "refund": 100}`),
		"nothing":          robottest.Say(""),
		"cut by length":    robottest.Stop(robottest.Answer(good, true, "s1"), "length"),
		"filtered":         robottest.Stop("", "content_filter"),
		"tool":             robottest.Tool(),
		"text and tool": robottest.Raw(`data: {"choices": [{"delta": {"content": "{\"answer\": \"` + good + `\", \"sources\": [\"s1\"], \"sure\": true}"}}]}

data: {"choices": [{"delta": {"tool_calls": [{"id": "c", "function": {"name": "refund"}}]}, "finish_reason": "stop"}]}

data: [DONE]

`),
	} {
		t.Run(name, func(t *testing.T) {
			server.Then(step)
			a, err := engine.Answer(t.Context(), question(asking, returns(0.7), shipping(0.3)))
			if err != nil {
				t.Fatal(err)
			}
			if !a.Unsure || !rich.IsEmpty(a.Text) || len(a.Sources) > 0 || a.Why == "" {
				t.Errorf("said: %+v", a)
			}
		})
	}
	if v := server.Violations(); len(v) > 0 {
		t.Error(v)
	}
}

// TestModelTellsItsInstructions: even one word of what only we have said gives it away.
func TestModelTellsItsInstructions(t *testing.T) {
	server := completions(t)
	server.Then(func(c *robottest.Completions, w http.ResponseWriter, r *http.Request, asked robottest.Asked) {
		last := asked.System[strings.LastIndex(asked.System, " ")+1:]
		robottest.Say(robottest.Answer("You can send anything back. "+last, true, "s1"))(c, w, r, asked)
	})
	a, err := openAI(t, server).Answer(t.Context(), question(asking, returns(0.7)))
	if err != nil || !a.Unsure || !strings.Contains(a.Why, "instructions") {
		t.Errorf("%+v, %v", a, err)
	}
}

// TestModelInOtherLanguages: an answer in another language than its sources' is checked by its numbers and addresses only.
func TestModelInOtherLanguages(t *testing.T) {
	server := completions(t)
	q := question("¿Cómo devuelvo la chaqueta?", returns(0.7))
	q.Language = "es-MX"
	for text, said := range map[string]bool{
		"Puede devolver cualquier artículo dentro de 30 días; imprima la etiqueta desde su cuenta.": true,
		"Puede devolver cualquier artículo dentro de ٣٠ días.":                                      true,
		"Puede devolver cualquier artículo dentro de 90 días.":                                      false,
	} {
		server.Then(robottest.Say(robottest.Answer(text, true, "s1")))
		if a, err := openAI(t, server).Answer(t.Context(), q); err != nil || a.Unsure == said {
			t.Errorf("%q: %+v, %v", text, a, err)
		}
	}
}

// TestModelFails: whatever a server does, what comes back says what to do, and nothing of the conversation.
func TestModelFails(t *testing.T) {
	server := completions(t)
	engine, err := robot.NewOpenAI(robot.OpenAIConfig{URL: server.URL(), Key: key, Model: "tiny"})
	if err != nil {
		t.Fatal(err)
	}
	retryAfter := map[string][]string{"Retry-After": {"7"}}
	for name, c := range map[string]struct {
		step    robottest.Step
		verdict bridge.Verdict
		after   time.Duration
		refused bool
	}{
		"429":             {robottest.Status(429, retryAfter, `{}`), bridge.Wait, 7 * time.Second, false},
		"429 for ever":    {robottest.Status(429, map[string][]string{"Retry-After": {"1e300"}}, `{}`), bridge.Wait, 15 * time.Minute, false},
		"429 in silence":  {robottest.Status(429, nil, ``), bridge.Wait, 20 * time.Second, false},
		"no credit":       {robottest.Status(429, retryAfter, `{"error": {"code": "insufficient_quota"}}`), bridge.GiveUp, 0, true},
		"wrong key":       {robottest.Status(401, nil, `{"error": {"message": "sk-very-secret is wrong"}}`), bridge.GiveUp, 0, true},
		"no such model":   {robottest.Status(404, nil, `{}`), bridge.GiveUp, 0, true},
		"redirect":        {robottest.Status(307, map[string][]string{"Location": {"http://127.0.0.1:1/"}}, ``), bridge.GiveUp, 0, true},
		"bad request":     {robottest.Status(400, nil, `{}`), bridge.GiveUp, 0, true},
		"too long":        {robottest.Status(413, nil, `{}`), bridge.GiveUp, 0, false},
		"fault":           {robottest.Status(503, nil, `<html>zebra</html>`), bridge.Retry, 0, false},
		"cut":             {robottest.Cut(`{"answer": "You can`), bridge.Retry, 0, false},
		"ended":           {robottest.End(`{"answer": "You can`), bridge.Retry, 0, false},
		"error in stream": {robottest.Raw("data: {\"error\": {\"message\": \"zebra\"}}\n\n"), bridge.Retry, 0, false},
		"rubbish":         {robottest.Raw("data: zebra\n\n"), bridge.Retry, 0, false},
		"wrong shape":     {robottest.Raw("data: {\"choices\": \"zebra\"}\n\n"), bridge.Retry, 0, false},
		"empty":           {robottest.Raw(""), bridge.Retry, 0, false},
		"done at once":    {robottest.Raw("data: [DONE]\n\n"), bridge.Retry, 0, false},
		"endless line":    {robottest.Raw("data: " + strings.Repeat("zebra", 100_000)), bridge.Retry, 0, false},
		"rubbish as JSON": {robottest.Status(200, nil, `[]`), bridge.Retry, 0, false},
		"no end in JSON":  {robottest.Status(200, nil, `{}`), bridge.Retry, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			server.Then(c.step)
			_, err := engine.Answer(t.Context(), question(asking, returns(0.7)))
			if f := failed(t, err); f.Verdict != c.verdict || f.After != c.after || f.Refused != c.refused {
				t.Errorf("%+v", f)
			}
		})
	}
	if v := server.Violations(); len(v) > 0 {
		t.Error(v)
	}
}

// TestModelIsAway: a server that falls silent, or one that is not there, does not hold anybody up.
func TestModelIsAway(t *testing.T) {
	server := completions(t)
	engine, err := robot.NewOpenAI(robot.OpenAIConfig{URL: server.URL(), Key: key, Model: "tiny", Idle: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	server.Then(robottest.Stall(`{"answer": "You can`))
	if _, err := engine.Answer(t.Context(), question(asking, returns(0.7))); failed(t, err).Verdict != bridge.Retry {
		t.Error(err)
	}
	gone := robottest.NewCompletions(key, "tiny")
	engine = openAI(t, gone)
	gone.Close()
	if _, err := engine.Answer(t.Context(), question(asking, returns(0.7))); failed(t, err).Verdict != bridge.Retry {
		t.Error(err)
	}
}

func TestWrongConfigurations(t *testing.T) {
	for _, c := range []robot.OpenAIConfig{{URL: "https://a.example/v1"}, {Model: "m"}, {URL: "ftp://u:" + key + "@h", Model: "m"}, {URL: "http://u:" + key + "@ h", Model: "m"}} {
		if _, err := robot.NewOpenAI(c); err == nil || strings.Contains(err.Error(), key) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	for _, c := range []robot.WebhookConfig{{URL: "https://a.example"}, {Secret: key}, {Secret: key, URL: "/bot"}} {
		if _, err := robot.NewWebhook(c); err == nil || strings.Contains(err.Error(), key) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
