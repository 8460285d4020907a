package telegramtest

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzRequest sends any body in any of the documented forms: no panic, an answer that is an answer, and
// none that differs from the description.
func FuzzRequest(f *testing.F) {
	forms := []string{"application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"}
	for i, body := range []string{
		`{"chat_id":7,"text":"x","entities":[{"type":"bold","offset":0,"length":1}]}`, `{"chat_id":"7","text":null}`,
		"chat_id=7&text=%00%0d&reply_markup={\"inline_keyboard\":[[{\"text\":\"a\",\"callback_data\":\"b\"}]]}", "chat_id=7&text=x&reply_parameters=null",
		"--b\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n7\r\n--b\r\nContent-Disposition: form-data; name=\"document\"; filename=\"a\"\r\n\r\nx\r\n--b--\r\n",
	} {
		for _, method := range []string{"sendMessage", "sendDocument", "sendMediaGroup", "editMessageText", "setMyCommands", "getUpdates", "deleteMessages"} {
			f.Add(method, uint8(i/2), body)
		}
	}
	f.Add("sendMediaGroup", uint8(1), `chat_id=7&media=[{"type":"photo","media":"attach://"},{"type":"","media":""}]`)
	f.Add("setMessageReaction", uint8(1), `chat_id=7&message_id=1&reaction=[{"type":"emoji","emoji":"👍"}]`)
	spec := description(f)
	f.Fuzz(func(t *testing.T, method string, form uint8, body string) {
		s := New(Options{Spec: spec, BaseURL: "http://telegram.test", Users: []User{{ID: 7, FirstName: "Vera"}}})
		defer s.Close()
		if _, err := s.Say(7, 7, "hi"); err != nil {
			t.Fatal(err)
		}
		if method == "setWebhook" || strings.ContainsAny(method, "/?#% \x00") || !utf8.ValidString(method) || method == "" || strings.Trim(method, ".") == "" {
			t.Skip() // addresses of its own choice are not for fuzzing, and neither are paths
		}
		req := httptest.NewRequest(http.MethodPost, "/bot"+s.Options().Token+"/x", strings.NewReader(body))
		req.URL.Path, req.URL.RawQuery = "/bot"+s.Options().Token+"/"+method, ""
		req.Header.Set("Content-Type", forms[int(form)%len(forms)])
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond) // a poll waits as it is told
		defer cancel()
		w := httptest.NewRecorder()
		s.ServeHTTP(w, req.WithContext(ctx))
		var answer struct {
			OK          bool
			Result      json.RawMessage
			Description string
		}
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || answer.OK != (w.Code == 200) || answer.OK == (answer.Description != "") {
			t.Fatalf("%d %s: %v", w.Code, w.Body, err)
		}
		for _, v := range s.Violations() {
			if strings.Contains(v, "answer of") || strings.HasPrefix(v, "update") {
				t.Error("the simulator's own:", v)
			}
		}
	})
}

// FuzzText cleans any text with any entity: no panic, no entity outside of the text or around
// white space, and a second cleaning changes nothing.
func FuzzText(f *testing.F) {
	f.Add("\n a\tb \r\nsee https://x.example/a. 👋 /start@bot mail@x.example ", 2, 5, 3, 9)
	f.Add("👋", 0, 2, 1, 1)
	f.Add("a", 1, math.MaxInt, math.MaxInt, 1)
	f.Fuzz(func(t *testing.T, text string, o1, l1, o2, l2 int) {
		s := New(Options{})
		defer s.Close()
		if !utf8.ValidString(text) {
			t.Skip()
		}
		wire := []wireEntity{{Type: "bold", Offset: o1, Length: l1}, {Type: "code", Offset: o2, Length: l2}}
		entities, err := s.readEntities(wire, units(text))
		if err != nil {
			if _, ok := errors.AsType[*apiError](err); !ok {
				t.Fatal(err)
			}
			return
		}
		cleaned, entities, err := clean(text, entities)
		if err != nil {
			return
		}
		again, same, err := clean(cleaned, entities)
		if err != nil || again != cleaned || !slices.Equal(same, entities) {
			t.Fatalf("%q became %q, then %q: %v", text, cleaned, again, err)
		}
		for _, e := range detect(cleaned, entities) {
			if marked := e.Of(cleaned); marked == "" || strings.TrimRight(marked, " \n") != marked {
				t.Fatalf("%+v marks %q of %q", e, marked, cleaned)
			}
		}
	})
}
