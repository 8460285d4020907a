package telegramtest

import (
	"encoding/json"
	"strings"
	"testing"
)

func description(t testing.TB) *Spec {
	t.Helper()
	spec, err := LoadSpec()
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

func TestMissingSpecSaysHowToSetIt(t *testing.T) {
	t.Setenv("SKEIN_SPECS", "")
	if _, err := readSpec(); err == nil || !strings.Contains(err.Error(), "SKEIN_SPECS is not set: name the folder that holds telegram-bot-api.json") {
		t.Fatalf("got %v", err)
	}
	t.Setenv("SKEIN_SPECS", t.TempDir())
	if _, err := readSpec(); err == nil || !strings.Contains(err.Error(), "telegram-bot-api.json") {
		t.Fatalf("got %v", err)
	}
}

// TestRequestsAgainstTheDescription holds what the checker catches in a form, and what it lets pass.
func TestRequestsAgainstTheDescription(t *testing.T) {
	spec := description(t)
	type args = map[string]string
	file := map[string]upload{"f0": {name: "a"}}
	for name, test := range map[string]struct {
		method string
		args   args
		files  map[string]upload
		want   string // part of the error; empty: none
	}{
		"plain":               {"sendMessage", args{"chat_id": "7", "text": "x"}, nil, ""},
		"text like a number":  {"sendMessage", args{"chat_id": "7", "text": "5"}, nil, ""},
		"username":            {"sendMessage", args{"chat_id": "@x", "text": "x"}, nil, ""},
		"no such method":      {"sendLetter", nil, nil, "no such method"},
		"missing":             {"sendMessage", args{"chat_id": "7"}, nil, "text is missing"},
		"unknown":             {"sendMessage", args{"chat_id": "7", "text": "x", "colour": "red"}, nil, "unknown parameter colour"},
		"old reply":           {"sendMessage", args{"chat_id": "7", "text": "x", "reply_to_message_id": "1"}, nil, "unknown parameter reply_to_message_id"},
		"old preview":         {"sendMessage", args{"chat_id": "7", "text": "x", "disable_web_page_preview": "true"}, nil, "unknown parameter disable_web_page_preview"},
		"no integer":          {"sendMessage", args{"chat_id": "7", "text": "x", "message_thread_id": "1.5"}, nil, "message_thread_id: json.Number is not Integer"},
		"no boolean":          {"sendMessage", args{"chat_id": "7", "text": "x", "protect_content": "yes"}, nil, "protect_content: not Boolean"},
		"no list":             {"sendMessage", args{"chat_id": "7", "text": "x", "entities": "null"}, nil, "entities: <nil> is not a list"},
		"half a list":         {"sendMessage", args{"chat_id": "7", "text": "x", "entities": "[]]"}, nil, "entities: not Array of MessageEntity"},
		"nested missing":      {"sendMessage", args{"chat_id": "7", "text": "x", "entities": `[{"type":"bold","offset":0}]`}, nil, "entities[0]: length of MessageEntity is missing"},
		"nested wrong":        {"sendMessage", args{"chat_id": "7", "text": "x", "entities": `[{"type":"bold","offset":"0","length":1}]`}, nil, "entities[0].offset: string is not Integer"},
		"nested unknown":      {"sendMessage", args{"chat_id": "7", "text": "x", "reply_parameters": `{"message_id":1,"loud":true}`}, nil, "ReplyParameters has no field loud"},
		"nested twice":        {"sendMessage", args{"chat_id": "7", "text": "x", "reply_markup": `{"inline_keyboard":[[{"text":5}]]}`}, nil, "reply_markup: not InlineKeyboardMarkup or"},
		"keyboard":            {"sendMessage", args{"chat_id": "7", "text": "x", "reply_markup": `{"inline_keyboard":[[{"text":"5"}]]}`}, nil, ""},
		"reaction":            {"setMessageReaction", args{"chat_id": "7", "message_id": "1", "reaction": `[{"type":"emoji","emoji":"x"}]`}, nil, ""},
		"reaction of no kind": {"setMessageReaction", args{"chat_id": "7", "message_id": "1", "reaction": `[{"type":"shout","emoji":"x"}]`}, nil, "reaction[0]: not ReactionTypeEmoji or"},
		"reaction without":    {"setMessageReaction", args{"chat_id": "7", "message_id": "1", "reaction": `[{"type":"emoji"}]`}, nil, "reaction[0]: emoji of ReactionTypeEmoji is missing"},
		"file by id":          {"sendDocument", args{"chat_id": "7", "document": "id"}, nil, ""},
		"file of no name":     {"sendDocument", args{"chat_id": "7", "document": "attach://f1"}, file, "document names attach://f1, which is not in the request"},
		"attached":            {"sendDocument", args{"chat_id": "7", "document": "attach://f0"}, file, ""},
		"uploaded":            {"sendDocument", args{"chat_id": "7"}, map[string]upload{"document": {}}, ""},
		"uploaded for nobody": {"sendDocument", args{"chat_id": "7", "document": "id"}, file, "uploaded file f0 belongs to no parameter"},
		"album":               {"sendMediaGroup", args{"chat_id": "7", "media": `[{"type":"photo","media":"attach://f0"},{"type":"video","media":"x"}]`}, file, ""},
		"album of no media":   {"sendMediaGroup", args{"chat_id": "7", "media": `[{"type":"photo","media":"attach://f0"},{"type":"video"}]`}, file, "media[1]: media of InputMediaVideo is missing"},
		"upload in a message": {"sendMessage", args{"chat_id": "7"}, map[string]upload{"text": {}}, "text is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			expect(t, spec.request(&call{name: test.method, args: test.args, files: test.files}), test.want)
		})
	}
}

func TestJSONRequestsAgainstTheDescription(t *testing.T) {
	for body, want := range map[string]string{
		`{"chat_id":7,"text":"x"}`:                                         "",
		`{"chat_id":"7","text":"x"}`:                                       "",
		`{"chat_id":7,"text":5}`:                                           "text: json.Number is not String",
		`{"chat_id":7,"text":null}`:                                        "text: <nil> is not String",
		`{"chat_id":7,"text":"x","disable_notification":"true"}`:           "disable_notification: string is not Boolean",
		`{"chat_id":7,"text":"x","reply_parameters":"{\"message_id\":1}"}`: "reply_parameters: string is not ReplyParameters",
	} {
		c := &call{name: "sendMessage", args: map[string]string{}}
		if err := c.readJSON([]byte(body)); err != nil {
			t.Fatal(err)
		}
		t.Run(body, func(t *testing.T) { expect(t, description(t).request(c), want) })
	}
}

// TestAnswersAgainstTheDescription holds what the checker catches in answers.
func TestAnswersAgainstTheDescription(t *testing.T) {
	spec := description(t)
	const message = `{"message_id":1,"date":1,"chat":{"id":1,"type":"private"}`
	for name, test := range map[string]struct{ method, result, want string }{
		"message":           {"sendMessage", message + `}`, ""},
		"wrong kind":        {"sendMessage", `true`, "sendMessage: bool is not Message"},
		"either":            {"editMessageText", `true`, ""},
		"neither":           {"editMessageText", `5`, "editMessageText: not Message or Boolean"},
		"missing":           {"sendMessage", `{"message_id":1,"chat":{"id":1,"type":"private"}}`, "date of Message is missing"},
		"deep":              {"sendMessage", message + `,"from":{"id":1,"is_bot":false}}`, "sendMessage.from: first_name of User is missing"},
		"wrong deep":        {"sendMessage", message + `,"photo":[{"file_id":1}]}`, "sendMessage.photo[0]"},
		"unknown":           {"sendMessage", message + `,"mood":"good"}`, "Message has no field mood"},
		"list":              {"sendMediaGroup", `[` + message + `}]`, ""},
		"no list":           {"sendMediaGroup", message + `}`, "is not a list of Message"},
		"deep in an update": {"getUpdates", `[{"update_id":1,"message":` + message + `,"text":5}}]`, "getUpdates[0].message.text: json.Number is not String"},
	} {
		t.Run(name, func(t *testing.T) { expect(t, spec.answer(test.method, json.RawMessage(test.result)), test.want) })
	}
}

func expect(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Fatalf("got %v", err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Fatalf("got %v, want %q in it", err, want)
	}
}

// TestViolationsAreRecorded shows that both directions reach Violations.
func TestViolationsAreRecorded(t *testing.T) {
	s := New(Options{Spec: description(t), Users: []User{{ID: 7, FirstName: "Vera"}}})
	defer s.Close()
	if err := s.checkRequest(&call{name: "getMe", args: map[string]string{"x": "1"}}); err == nil || err.Error() != "Bad Request: not as described: getMe: unknown parameter x" {
		t.Fatalf("got %v", err)
	}
	s.checkAnswer("getMe", json.RawMessage(`{"id":"7"}`))
	s.mu.Lock()
	s.emit("message", s.state.chats[7], object{"text": "x"})
	s.mu.Unlock()
	if got := s.Violations(); len(got) != 3 {
		t.Fatalf("got %q", got)
	}
}
