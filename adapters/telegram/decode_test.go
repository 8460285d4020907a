package telegram

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

const (
	fromVera = `"from":{"id":7001,"is_bot":false,"first_name":"Vera","last_name":"Moreau","username":"vera_m","language_code":"fr"}`
	inVeras  = `"message_id":5,"date":1764000000,"chat":{"id":7001,"type":"private","first_name":"Vera"}`
)

func messageUpdate(fields string) string {
	return `{"update_id":1,"message":{` + inVeras + `,` + fromVera + `,` + fields + `}}`
}

// What a message of each kind says to an agent.
func TestContent(t *testing.T) {
	const file = `"file_id":"F","file_unique_id":"U","file_size":10`
	for _, c := range []struct{ fields, want string }{
		{`"text":"a *b*","entities":[{"type":"bold","offset":2,"length":3}]`, "a *b*"},
		{`"text":"👍🏽 x","entities":[{"type":"bold","offset":1,"length":900}]`, "👍🏽 x"},
		{`"text":7,"caption":"c"`, "c\n\nunsupported message: unknown"},
		{`"paid_media":{"star_count":1},"caption":"my receipt"`, "my receipt\n\nunsupported message: paid_media"},
		{`"text":"x","is_topic_message":"of another type"`, "x"},
		{`"text":"x","entities":[7,{"type":7,"offset":"a"},null],"reply_to_message":9`, "x"},
		{`"photo":[{` + file + `,"width":9,"height":9},{"file_id":"L","width":90,"height":90,"file_size":99}],"caption":"look"`, "look [photo.jpg image/jpeg 99 90×90 L]"},
		{`"document":{` + file + `,"file_name":"a.pdf","mime_type":"application/pdf"}`, " [a.pdf application/pdf 10 0×0 F]"},
		{`"animation":{` + file + `,"file_name":"a.mp4","width":3,"height":4},"document":{"file_id":"other"}`, " [a.mp4  10 3×4 F]"},
		{`"voice":{` + file + `,"duration":3}`, " [voice.ogg audio/ogg 10 0×0 F]"},
		{`"audio":{` + file + `,"performer":"P","title":"T"}`, " [P - T.mp3  10 0×0 F]"},
		{`"video":{` + file + `,"width":1,"height":2}`, " [video.mp4  10 1×2 F]"},
		{`"video_note":{` + file + `,"length":240}`, " [video-note.mp4 video/mp4 10 0×0 F]"},
		{`"sticker":{` + file + `,"emoji":"😀"}`, "😀 (sticker) [sticker.webp image/webp 10 0×0 F]"},
		{`"sticker":{` + file + `,"is_animated":true}`, "(sticker) [sticker.tgs application/x-tgsticker 10 0×0 F]"},
		{`"document":{"file_id":"F","file_name":"x/film.mov","file_size":21000000}`, "(The file film.mov, 21 MB, is not here: Telegram gives bots no files over 20 MB. The visitor has been told.)"},
		{`"location":{"latitude":52.5,"longitude":-13.25}`, "📍 Location: 52.5, -13.25 (https://www.openstreetmap.org/?mlat=52.5&mlon=-13.25#map=16/52.5/-13.25)"},
		{`"venue":{"location":{"latitude":1,"longitude":2},"title":"Shop","address":"Main street 1"},"location":{"latitude":1,"longitude":2}`, "📍 Shop, Main street 1: 1, 2 (https://www.openstreetmap.org/?mlat=1&mlon=2#map=16/1/2)"},
		{`"contact":{"phone_number":"+49301234","first_name":"Vera","user_id":7001}`, "👤 Vera, +49301234 (the visitor's own number)"},
		{`"contact":{"phone_number":"+49309999","first_name":"Max"}`, "👤 Max, +49309999"},
		{`"poll":{"question":"Which?","options":[{"text":"this"},{"text":"that"}]}`, "📊 Poll: Which?\n\n• this\n• that"},
		{`"dice":{"emoji":"🎲","value":4}`, "🎲 4"},
		{`"text":"x","forward_origin":{"type":"hidden_user","sender_user_name":"Max"}`, "Forwarded from Max:\n\nx"},
		{`"text":"x","forward_origin":{"type":"channel","chat":{"title":"News"}}`, "Forwarded from News:\n\nx"},
		{`"checklist":{"title":"To do"}`, "unsupported message: checklist"},
		{`"rich_message":{"blocks":[]},"is_from_offline":true`, "unsupported message: rich_message"},
		{`"something_new<b>":{}`, "unsupported message: something_newb"},
		{`"effect_id":"5"`, "unsupported message: unknown"},
	} {
		fields, want := c.fields, c.want
		h, ok := newTestAdapter(t, nil).decode(json.RawMessage(messageUpdate(fields)))
		got := rich.Plain(h.in.Body)
		for _, f := range h.in.Files {
			got += fmt.Sprintf(" [%s %s %d %d×%d %s]", f.Name, f.Type, f.Size, f.Width, f.Height, f.Ref)
		}
		if !ok || got != want {
			t.Errorf("%s\nreads as %q\n    want %q", fields, got, want)
		}
		if h.in.Key != "7001/5" || h.in.Message != "7001/5" || h.in.Thread != "7001" || h.in.At.Unix() != 1764000000 {
			t.Errorf("%s: the happening is %+v", fields, h.in)
		}
		if p := h.in.From; p != (bridge.Person{ID: "7001", Name: "Vera Moreau", Locale: "fr", Handle: "@vera_m"}) {
			t.Errorf("%s: it is from %+v", fields, p)
		}
		if told := strings.Contains(want, "unsupported") || strings.Contains(want, "20 MB"); told != (h.notice != "") {
			t.Errorf("%s: the visitor is told %q", fields, h.notice)
		}
	}
}

// What nothing is to be done about.
func TestDecodeIgnores(t *testing.T) {
	for _, raw := range []string{
		``, `7`, `null`, `[]`, `{}`, `{"update_id":1}`, `{"update_id":"x","message":{}}`, `{"update_id":1,"message":7}`,
		`{"update_id":1,"message":{"message_id":5,"chat":{"id":7,"type":"private"},"text":"from nobody"}}`,
		`{"update_id":1,"message":{` + inVeras + `,"from":{"id":9,"is_bot":true,"first_name":"B"},"text":"x"}}`,
		`{"update_id":1,"channel_post":{"message_id":5,"chat":{"id":-7,"type":"channel"},"text":"x"}}`,
		messageUpdate(`"pinned_message":{}`),
		messageUpdate(`"message_auto_delete_timer_changed":{}`),
		`{"update_id":1,"edited_message":{` + inVeras + `,` + fromVera + `,"text":"without a date of the edit"}}`,
		`{"update_id":1,"edited_message":{` + inVeras + `,` + fromVera + `,"edit_date":1764000009,"location":{"latitude":1,"longitude":1,"live_period":60}}}`,
		`{"update_id":1,"my_chat_member":{"chat":{"id":7001,"type":"private"},` + fromVera + `,"old_chat_member":{"status":"member"},"new_chat_member":{"status":"member"}}}`,
	} {
		if h, ok := newTestAdapter(t, nil).decode(json.RawMessage(raw)); ok {
			t.Errorf("%s is taken for %+v", raw, h)
		}
	}
}

func TestStart(t *testing.T) {
	a := newTestAdapter(t, nil)
	for text, want := range map[string]string{
		"/start":                            "greeting",
		"/start@skein_bot":                  "greeting",
		"  /start  ":                        "greeting",
		"/start aB3_-":                      "joined aB3_-",
		"/start@skein_bot tok":              "joined tok",
		"/start two words":                  "said",
		"/start " + strings.Repeat("a", 65): "said",
		"/started":                          "said",
		"/start你好":                          "said",
		"/human":                            "said",
		"say /start":                        "said",
	} {
		quoted, _ := json.Marshal(text)
		h, ok := a.decode(json.RawMessage(messageUpdate(`"text":` + string(quoted))))
		got := string(h.in.Kind)
		switch {
		case h.notice == noticeGreeting && h.in.Key == "":
			got = "greeting"
		case h.in.Join != "":
			got += " " + h.in.Join
		}
		if !ok || got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

func TestEditsHaveKeysOfTheirOwn(t *testing.T) {
	a := newTestAdapter(t, nil)
	keys := map[string]bool{}
	for _, fields := range []string{`"edit_date":1764000009,"text":"a"`, `"edit_date":1764000009,"text":"b"`, `"edit_date":1764000010,"text":"b"`} {
		raw := json.RawMessage(`{"update_id":1,"edited_message":{` + inVeras + `,` + fromVera + `,` + fields + `}}`)
		h, ok := a.decode(raw)
		again, _ := a.decode(raw)
		if !ok || h.in.Kind != bridge.InEdited || h.in.Target != "7001/5" || h.in.Message != "" || h.in.Key != again.in.Key {
			t.Errorf("%s is %+v", fields, h.in)
		}
		keys[h.in.Key] = true
	}
	if len(keys) != 3 {
		t.Errorf("three edits have the keys %v", keys)
	}
}

func TestAnswersAndTopics(t *testing.T) {
	a := newTestAdapter(t, nil)
	for fields, want := range map[string]string{
		`"text":"x","reply_to_message":{"message_id":4,"from":{"id":7001},"photo":[{"file_id":"F"}]}`:             "7001 7001/4",
		`"text":"x","reply_to_message":{"message_id":4,"from":{"id":1,"is_bot":true},"text":"y"}`:                 "7001 7001/4",
		`"text":"x","reply_to_message":{"message_id":4,"from":{"id":1,"is_bot":true},"document":{"file_id":"F"}}`: "7001 7001/4/m",
		`"text":"x","message_thread_id":9,"is_topic_message":true`:                                                "7001/9 ",
		`"text":"x","message_thread_id":9`:                                                                        "7001 ",
	} {
		h, ok := a.decode(json.RawMessage(messageUpdate(fields)))
		if got := string(h.in.Thread) + " " + string(h.in.Target); !ok || got != want {
			t.Errorf("%s: thread and target are %q, want %q", fields, got, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(messageUpdate(`"text":"a","entities":[{"type":"bold","offset":-1,"length":99}]`)))
	f.Add([]byte(messageUpdate(`"photo":[{"file_id":"F","width":1}],"media_group_id":"1","caption":"c"`)))
	f.Add([]byte(`{"update_id":1,"my_chat_member":{"chat":{"id":7001,"type":"private"},"from":{"id":7001},"old_chat_member":{"status":"member"},"new_chat_member":{"status":"kicked"}}}`))
	f.Add([]byte(`{"update_id":1,"edited_message":{"message_id":5,"edit_date":7,"chat":{"id":7,"type":"private"},"from":{"id":7},"venue":{}}}`))
	a := newTestAdapter(f, nil)
	f.Fuzz(func(t *testing.T, raw []byte) {
		_ = updateID(raw)
		h, ok := a.decode(raw)
		if !ok || h.in.Key == "" {
			return
		}
		if h.in.Thread == "" || h.queue == "" || (h.in.Kind == bridge.InSaid) != (h.in.Message != "") && h.in.Kind != bridge.InJoined {
			t.Errorf("a happening is not whole: %+v", h)
		}
		if _, err := parseThread(h.in.Thread); err != nil {
			t.Error(err)
		}
		if h.in.Kind == bridge.InSaid && len(h.in.Files) == 0 && rich.IsEmpty(h.in.Body) && h.notice == "" {
			t.Errorf("a message of which nothing is left: %s", raw)
		}
	})
}
