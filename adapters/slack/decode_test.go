package slack

import (
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

const root = `"thread_ts":"1700000000.000100"`

var testSelf = self{user: "UBOT", bot: "BBOT", app: "ABOT"}

func TestDecode(t *testing.T) {
	a := newTestAdapter(t, nil)
	for name, c := range map[string]struct {
		event string
		want  string // key of the happening; empty: none
	}{
		"reply":             {`{"type":"message","channel":"CDESK","user":"UANA","text":"hi","ts":"1700000001.000100",` + root + `}`, "CDESK/1700000001.000100"},
		"file":              {`{"type":"message","subtype":"file_share","channel":"CDESK","user":"UANA","ts":"1700000001.000100",` + root + `}`, "CDESK/1700000001.000100"},
		"broadcast":         {`{"type":"message","subtype":"thread_broadcast","channel":"CDESK","user":"UANA","ts":"1700000001.000100",` + root + `}`, "CDESK/1700000001.000100"},
		"me":                {`{"type":"message","subtype":"me_message","channel":"CDESK","user":"UANA","ts":"1700000001.000100",` + root + `}`, "CDESK/1700000001.000100"},
		"unknown blocks":    {`{"type":"message","channel":"CDESK","user":"UANA","text":"hi","blocks":{"new":"shape"},"files":7,"ts":"1700000001.000100",` + root + `}`, "CDESK/1700000001.000100"},
		"another bot":       {`{"type":"message","channel":"CDESK","bot_id":"BX","text":"hi","ts":"1700000001.000100",` + root + `}`, "CDESK/1700000001.000100"},
		"top level":         {`{"type":"message","channel":"CDESK","user":"UANA","text":"hi","ts":"1700000001.000100"}`, ""},
		"root":              {`{"type":"message","channel":"CDESK","user":"UANA","text":"hi","ts":"1700000000.000100",` + root + `}`, ""},
		"earlier channel":   {`{"type":"message","channel":"CX","user":"UANA","text":"hi","ts":"1700000001.000100",` + root + `}`, "CX/1700000001.000100"},
		"bot_message":       {`{"type":"message","subtype":"bot_message","channel":"CDESK","bot_id":"BX","ts":"1700000001.000100",` + root + `}`, ""},
		"channel_join":      {`{"type":"message","subtype":"channel_join","channel":"CDESK","user":"UANA","ts":"1700000001.000100",` + root + `}`, ""},
		"ours by bot":       {`{"type":"message","channel":"CDESK","bot_id":"BBOT","ts":"1700000001.000100",` + root + `}`, ""},
		"ours by app":       {`{"type":"message","channel":"CDESK","app_id":"ABOT","bot_id":"B2","ts":"1700000001.000100",` + root + `}`, ""},
		"ours by user":      {`{"type":"message","subtype":"file_share","channel":"CDESK","user":"UBOT","ts":"1700000001.000100",` + root + `}`, ""},
		"mention":           {`{"type":"app_mention","channel":"CDESK","user":"UANA","text":"hi","ts":"1700000001.000100",` + root + `}`, ""},
		"reaction":          {`{"type":"reaction_added","user":"UANA","item":{"channel":"CDESK"}}`, ""},
		"bad ts":            {`{"type":"message","channel":"CDESK","user":"UANA","text":"hi","ts":"now",` + root + `}`, ""},
		"edit":              {changedEvent(`"text":"new","edited":{"user":"UANA","ts":"1700000005.000000"}`, `"text":"old"`), "CDESK/1700000001.000100/edit/1700000005.000000"},
		"second edit":       {changedEvent(`"text":"new","edited":{"user":"UANA","ts":"1700000005.000000"}`, `"text":"old","edited":{"user":"UANA","ts":"1700000003.000000"}`), "CDESK/1700000001.000100/edit/1700000005.000000"},
		"unfurled":          {changedEvent(`"text":"same"`, `"text":"same"`), ""},
		"unfurled edit":     {changedEvent(`"text":"same","edited":{"user":"UANA","ts":"1700000003.000000"}`, `"text":"same","edited":{"user":"UANA","ts":"1700000003.000000"}`), ""},
		"edit of nothing":   {changedEvent(`"text":"same","edited":{"user":"UANA","ts":"1700000005.000000"}`, `"text":"same"`), ""},
		"file removed":      {changedEvent(`"text":"same","files":[{"id":"F1","mode":"tombstone"},{"id":"F2"}]`, `"text":"same","files":[{"id":"F1"},{"id":"F2"}]`), "CDESK/1700000001.000100/file/F1/deleted"},
		"file missing":      {changedEvent(`"text":"same"`, `"text":"same","files":[{"id":"F1"}]`), "CDESK/1700000001.000100/file/F1/deleted"},
		"second file":       {changedEvent(`"text":"same","files":[{"id":"F1","mode":"tombstone"},{"id":"F2","mode":"tombstone"}]`, `"text":"same","files":[{"id":"F1","mode":"tombstone"},{"id":"F2"}]`), "CDESK/1700000001.000100/file/F2/deleted"},
		"removed, untold":   {`{"type":"message","subtype":"message_changed","channel":"CDESK","message":{"user":"UANA","text":"x","ts":"1700000001.000100",` + root + `,"files":[{"id":"F1","mode":"tombstone"}]}}`, "CDESK/1700000001.000100/file/F1/deleted"},
		"removed before":    {changedEvent(`"text":"same","files":[{"id":"F1","mode":"tombstone"}]`, `"text":"same","files":[{"id":"F1","mode":"tombstone"}]`), ""},
		"removed and swept": {changedEvent(`"text":"same"`, `"text":"same","files":[{"id":"F1","mode":"tombstone"}]`), ""},
		"our file removed":  {changedEvent(`"bot_id":"BBOT","text":"same","files":[{"id":"F1","mode":"tombstone"}]`, `"bot_id":"BBOT","text":"same","files":[{"id":"F1"}]`), ""},
		"file hidden":       {changedEvent(`"text":"same","files":[{"id":"F1","mode":"hidden_by_limit"}]`, `"text":"same","files":[{"id":"F1"}]`), ""},
		"our edit":          {changedEvent(`"bot_id":"BBOT","text":"new","edited":{"user":"UBOT","ts":"1700000005.000000"}`, `"bot_id":"BBOT","text":"old"`), ""},
		"deleted":           {`{"type":"message","subtype":"message_deleted","channel":"CDESK","deleted_ts":"1700000001.000100","event_ts":"1700000009.000000","previous_message":{"user":"UANA","ts":"1700000001.000100",` + root + `}}`, "CDESK/1700000001.000100/deleted"},
		"deleted by us":     {`{"type":"message","subtype":"message_deleted","channel":"CDESK","deleted_ts":"1700000001.000100","previous_message":{"bot_id":"BBOT","ts":"1700000001.000100",` + root + `}}`, ""},
		"deleted, untold":   {`{"type":"message","subtype":"message_deleted","channel":"CDESK","deleted_ts":"1700000001.000100"}`, ""},
		"deleted outside":   {`{"type":"message","subtype":"message_deleted","channel":"CDESK","deleted_ts":"1700000001.000100","previous_message":{"user":"UANA","ts":"1700000001.000100"}}`, ""},
		"tombstone":         {`{"type":"message","subtype":"message_changed","channel":"CDESK","message":{"subtype":"tombstone","ts":"1700000001.000100",` + root + `},"previous_message":{"user":"UANA","ts":"1700000001.000100",` + root + `}}`, "CDESK/1700000001.000100/deleted"},
		"tombstone of card": {`{"type":"message","subtype":"message_changed","channel":"CDESK","message":{"subtype":"tombstone","ts":"1700000000.000100"},"previous_message":{"bot_id":"BBOT","ts":"1700000000.000100"}}`, ""},
		"no JSON":           {`{`, ""},
	} {
		h, ok := a.decode(json.RawMessage(c.event), testSelf)
		if ok != (c.want != "") || h.key != c.want {
			t.Errorf("%s: %q, %v; want %q", name, h.key, ok, c.want)
		}
	}
}

func changedEvent(now, before string) string {
	const who = `"type":"message","user":"UANA","ts":"1700000001.000100",` + root + `,`
	return `{"type":"message","subtype":"message_changed","channel":"CDESK","message":{` + who + now + `},"previous_message":{` + who + before + `}}`
}

func TestInboundCarriesEverything(t *testing.T) {
	a := newTestAdapter(t, nil)
	a.people.remember(bridge.Person{ID: "UANA", Name: "Ana", Avatar: "https://example.com/a.png"}, personTTL)
	a.people.remember(bridge.Person{ID: "UBEN", Name: "Ben"}, personTTL)
	h, ok := a.decode(json.RawMessage(`{"type":"message","subtype":"file_share","channel":"CDESK","user":"UANA","text":"ask <@UBEN> &amp; <https://example.com|them>",
		"ts":"1700000001.000100",`+root+`,"files":[
			{"id":"F1","name":"a.png","mimetype":"image/png","size":12,"original_w":3,"original_h":4},
			{"id":"F2","mode":"tombstone"},
			{"id":"F3","is_external":true,"title":"Plan","external_url":"https://docs.example.com/plan"},
			{"id":"F4","is_external":true,"external_url":"javascript:alert(1)"}],
		"attachments":[{"is_share":true,"text":"forwarded"},{"text":"an unfurled link"}]}`), testSelf)
	if !ok {
		t.Fatal("not decoded")
	}
	in := a.inbound(t.Context(), h)
	if in.Endpoint != "support-slack" || in.Kind != bridge.InSaid || in.Thread != testThread || in.Message != "CDESK/1700000001.000100" ||
		in.From.Name != "Ana" || in.From.Avatar == "" || in.From.Bot || !in.At.Equal(timeOf("1700000001.000100")) {
		t.Errorf("the inbound is %+v", in)
	}
	if len(in.Files) != 1 || in.Files[0] != (bridge.FileRef{Endpoint: "support-slack", Ref: "F1", Name: "a.png", Type: "image/png", Size: 12, Width: 3, Height: 4}) {
		t.Errorf("the files are %+v", in.Files)
	}
	plain := rich.Plain(in.Body)
	for _, want := range []string{"ask @Ben & them (https://example.com)", "forwarded", "Plan (https://docs.example.com/plan)"} {
		if !strings.Contains(plain, want) {
			t.Errorf("the body %q lacks %q", plain, want)
		}
	}
	for _, unwanted := range []string{"UBEN", "javascript", "unfurled"} {
		if strings.Contains(plain, unwanted) {
			t.Errorf("the body %q has %q", plain, unwanted)
		}
	}
}

func TestEditTellsWhichFilesAreGone(t *testing.T) {
	a := newTestAdapter(t, nil)
	a.people.remember(bridge.Person{ID: "UANA", Name: "Ana"}, personTTL)
	const files = `"files":[{"id":"F1"},{"id":"F2","mode":"tombstone"},{"id":"F3"}]`
	for name, now := range map[string]string{
		"removed": `"text":"old",`,
		"edited":  `"text":"new","edited":{"user":"UANA","ts":"1700000005.000000"},`,
	} {
		event := changedEvent(now+`"files":[{"id":"F1","mode":"tombstone"},{"id":"F2","mode":"tombstone"},{"id":"F3"}]`, `"text":"old",`+files)
		h, ok := a.decode(json.RawMessage(event), testSelf)
		if !ok {
			t.Fatalf("%s: not decoded", name)
		}
		in := a.inbound(t.Context(), h)
		if in.Kind != bridge.InEdited || in.Target != "CDESK/1700000001.000100" || rich.IsEmpty(in.Body) ||
			!slices.Equal(in.Withdrawn, []string{"F1"}) || len(in.Files) != 1 || in.Files[0].Ref != "F3" {
			t.Errorf("%s: %+v", name, in)
		}
	}
}

// Whatever Slack or an attacker sends, decoding does not panic, and what comes out is complete.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"type":"message","channel":"CDESK","user":"UANA","text":"hi","ts":"1700000001.000100",` + root + `}`))
	f.Add([]byte(changedEvent(`"text":"new","edited":{"user":"UANA","ts":"1700000005.000000"}`, `"text":"old"`)))
	f.Add([]byte(changedEvent(`"text":"same","files":[{"id":"F1","mode":"tombstone"}]`, `"text":"same","files":[{"id":"F1"},{"id":"F2"}]`)))
	f.Add([]byte(`{"type":"message","subtype":"message_deleted","channel":"CDESK","deleted_ts":"1700000001.000100"}`))
	f.Add([]byte(`{"type":["message"],"channel":{"id":1},"message":[],"previous_message":"x"}`))
	a, err := New(Config{Name: "support-slack", BotToken: "x", AppToken: "x", Channel: "CDESK", APIURL: "http://127.0.0.1:1/"})
	if err != nil {
		f.Fatal(err)
	}
	a.people = newPeople(nobody, slog.New(slog.DiscardHandler))
	f.Fuzz(func(t *testing.T, raw []byte) {
		h, ok := a.decode(raw, testSelf)
		if !ok {
			return
		}
		in := a.inbound(t.Context(), h)
		if in.Key == "" || in.Kind == "" || in.At.IsZero() || (in.Message == "") == (in.Target == "") {
			t.Errorf("%q gives %+v", raw, in)
		}
		if _, _, err := parseThread(in.Thread); err != nil {
			t.Errorf("%q: %v", raw, err)
		}
		if _, err := parseMessage(in.Message + in.Target); err != nil {
			t.Errorf("%q: %v", raw, err)
		}
	})
}
