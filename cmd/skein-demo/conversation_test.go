package main

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestConversation(t *testing.T) {
	d := start(t)
	maya := d.visitor("Maya Holm")
	maya.say("Is the tent < 2 kg & in stock?")
	thread := d.thread("Is the tent < 2 kg & in stock?")
	if thread.Parent != slackDesk || !thread.Messages[0].App || len(thread.Messages[0].Buttons) == 0 {
		t.Fatalf("the thread does not begin with a card: %+v", thread)
	}

	// Zoe reads along but is not in the team: the team is told, the visitor sees nothing.
	at := act{Place: slackDesk, Thread: thread.ID}
	do := func(as, what, text, target, value string) string {
		t.Helper()
		a := at
		a.As, a.Do, a.Text, a.Target, a.Value = as, what, text, target, value
		return d.act(a)
	}
	do("zoe", "say", "Let me answer that", "", "")
	d.thread("Not sent to the visitor: Zoe Lindqvist is not in the team")

	answer := do("ana", "say", "Yes. *2 kg*, and we have three.", "", "")
	got := maya.await("Ana's answer", says("Yes. 2 kg, and we have three."))
	if got.By.Kind != "agent" || got.By.Name != "Ana Ruiz" || got.By.Avatar != d.origin+"/demo/static/avatars/ana.svg" {
		t.Errorf("the answer is by %+v", got.By)
	}
	do("ana", "edit", "Yes. 1.9 kg, and we have three.", answer, "")
	if e := maya.await("the change", says("Yes. 1.9 kg, and we have three.")); e.Kind != "edited" || e.Target != got.Seq {
		t.Errorf("the change is %+v", e)
	}
	slip := do("ana", "say", "Wrong window", "", "")
	said := maya.await("Ana's slip", says("Wrong window"))
	do("ana", "delete", "", slip, "")
	maya.await("that it is taken back", func(e entry) bool { return e.Kind == "deleted" && e.Target == said.Seq })

	owned := func(by string) func(places []place) bool {
		return func(places []place) bool { return strings.Contains(string(threads(places)[0].Messages[0].Blocks), by) }
	}
	d.await("the card to say that it is Ana's", owned("Ana Ruiz")) // or else Ben would take what nobody has
	do("ben", "press", "", thread.ID, "Take")
	d.await("Ben to own the conversation", owned("Ben Okafor"))

	history := maya.history()
	if !slices.ContainsFunc(history, says("Yes. 1.9 kg, and we have three.")) {
		t.Errorf("what the visitor reads back lacks the answer: %+v", history)
	}
	for _, e := range append(history, maya.seen...) {
		if strings.Contains(e.Text, "Let me answer that") || strings.Contains(e.By.Name, "Zoe") {
			t.Errorf("the visitor was shown %+v", e)
		}
	}
}

func TestEphemeralAnswer(t *testing.T) {
	d := start(t)
	d.visitor("Maya Holm").say("Hello")
	thread := d.thread("Hello")
	d.act(act{Place: slackDesk, As: "zoe", Do: "press", Target: thread.ID, Value: "take"})
	d.await("an answer that only Zoe sees", func(places []place) bool {
		return slices.ContainsFunc(places, func(p place) bool {
			return slices.ContainsFunc(p.Messages, func(m message) bool { return m.Only == "zoe" && m.Text != "" })
		})
	})
}

func TestFiles(t *testing.T) {
	d := start(t)
	maya := d.visitor("Maya Holm")
	maya.say("Here is the seam.", maya.upload("seam.txt", "torn"))
	var given attachment
	d.await("the visitor's file", func(places []place) bool {
		for _, p := range threads(places) {
			for _, m := range p.Messages {
				for _, f := range m.Files {
					given = f
				}
			}
		}
		return given.ID != ""
	})
	var content string
	if status := d.call("GET", given.URL, "", nil, &content); status != http.StatusOK || content != "torn" {
		t.Errorf("the visitor's file is %d %q", status, content)
	}
	thread := threads(d.places())[0]
	for name, text := range map[string]string{
		"a.txt": "plain & simple",
		"b.txt": "data:text/plain;base64," + base64.StdEncoding.EncodeToString([]byte("in base64")),
		"c.txt": "data:,percent%20coded",
	} {
		d.act(act{Place: thread.ID, As: "ana", Do: "upload", Text: text, Value: name})
		got := maya.await(name, func(e entry) bool { return len(e.Files) == 1 && e.Files[0].Name == name })
		d.call("GET", "/v1/website/website/files/"+got.Files[0].ID, maya.token, nil, &content)
		want := map[string]string{"a.txt": "plain & simple", "b.txt": "in base64", "c.txt": "percent coded"}[name]
		if content != want {
			t.Errorf("%s holds %q, want %q", name, content, want)
		}
	}
}

// TestFileBesideTheAct sends a file as a form, as the page does: it may be larger than an act.
func TestFileBesideTheAct(t *testing.T) {
	d := start(t)
	maya := d.visitor("Maya Holm")
	maya.say("Hello")
	thread := d.thread("Hello")
	post := func(fields map[string]string, content string) (status int, answer string) {
		t.Helper()
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		for name, value := range fields {
			_ = form.WriteField(name, value)
		}
		if content != "" {
			part, _ := form.CreateFormFile("file", "any")
			_, _ = io.WriteString(part, content)
		}
		_ = form.Close()
		r, err := http.NewRequestWithContext(t.Context(), "POST", d.origin+"/demo/act", &body)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", form.FormDataContentType())
		status = d.do(r, &answer)
		return status, answer
	}
	upload := `{"platform":"slack","place":"` + thread.ID + `","as":"ana","do":"upload","value":"route.gpx"}`
	large := strings.Repeat("n", 2*maxAct)
	if status, answer := post(map[string]string{"act": upload}, large); status != http.StatusOK {
		t.Fatalf("%d %s", status, answer)
	}
	got := maya.await("the file", func(e entry) bool { return len(e.Files) == 1 })
	if f := got.Files[0]; f.Name != "route.gpx" || f.Size != len(large) {
		t.Errorf("the visitor got %+v", f)
	}
	for name, c := range map[string]struct {
		act, content string
		status       int
	}{
		"no act":    {"", "x", 400},
		"no file":   {upload, "", 422},
		"too large": {upload, strings.Repeat("n", maxForm+1), 413},
	} {
		if status, answer := post(map[string]string{"act": c.act}, c.content); status != c.status {
			t.Errorf("%s: %d %s, want %d", name, status, answer, c.status)
		}
	}
}

func TestReactionIsGivenAndTakenBack(t *testing.T) {
	d := start(t)
	id := d.act(act{Place: slackTeam, As: "ana", Do: "say", Text: "Lunch?"})
	given := func() []reaction {
		for _, p := range d.places() {
			for _, m := range p.Messages {
				if m.ID == id {
					return m.Reactions
				}
			}
		}
		return nil
	}
	d.act(act{Place: slackTeam, As: "ben", Do: "react", Target: id, Text: ":eyes:"})
	if got := given(); len(got) != 1 || got[0].Name != "eyes" || !slices.Equal(got[0].By, []string{"ben"}) {
		t.Errorf("reactions %+v", got)
	}
	d.act(act{Place: slackTeam, As: "ben", Do: "react", Target: id, Text: "eyes"})
	if got := given(); len(got) != 0 {
		t.Errorf("reactions %+v after it was taken back", got)
	}
}

func TestCommand(t *testing.T) {
	d := start(t)
	if id := d.act(act{Place: slackDesk, As: "ana", Do: "command", Text: "/skein help"}); id == "" {
		t.Error("no id")
	}
}

func TestProblems(t *testing.T) {
	d := start(t)
	own := d.act(act{Place: slackDesk, As: "ana", Do: "say", Text: "Mine"})
	body := func(fields string) string { return `{"platform":"slack","place":"` + slackDesk + `",` + fields + `}` }
	for _, c := range []struct {
		name, body string
		status     int
		code       string
	}{
		{"no JSON", `hello`, 400, "malformed"},
		{"two values", `{} {}`, 400, "malformed"},
		{"unknown key", body(`"txt":"x"`), 400, "malformed"},
		{"number", body(`"text":1`), 400, "malformed"},
		{"too large", body(`"text":"` + strings.Repeat("x", maxAct) + `"`), 413, "too_large"},
		{"platform", `{"platform":"irc"}`, 422, "unknown_platform"},
		{"person", body(`"as":"eve","do":"say","text":"x"`), 422, "unknown_person"},
		{"do", body(`"as":"ana","do":"shout","text":"x"`), 422, "unknown_do"},
		{"place", `{"platform":"slack","place":"C1","as":"ana","do":"say","text":"x"}`, 404, "channel_not_found"},
		{"thread", body(`"thread":"1.000000","as":"ana","do":"say","text":"x"`), 404, "thread_not_found"},
		{"nothing said", body(`"as":"ana","do":"say","text":" "`), 422, "no_text"},
		{"edit to nothing", body(`"as":"ana","do":"edit","target":"` + own + `"`), 422, "no_text"},
		{"edit of another's", body(`"as":"ben","do":"edit","text":"x","target":"` + own + `"`), 403, "cant_update_message"},
		{"delete of another's", body(`"as":"ben","do":"delete","target":"` + own + `"`), 403, "cant_delete_message"},
		{"delete of nothing", body(`"as":"ana","do":"delete","target":"1.000000"`), 404, "message_not_found"},
		{"press of nothing", body(`"as":"ana","do":"press","target":"` + own + `","value":"Take"`), 404, "button_not_found"},
		{"no emoji", body(`"as":"ana","do":"react","target":"` + own + `"`), 422, "no_emoji"},
		{"no command", body(`"as":"ana","do":"command","text":"help"`), 422, "no_command"},
		{"command in a thread", body(`"thread":"` + own + `","as":"ana","do":"command","text":"/skein"`), 422, "command_in_thread"},
		{"file without a name", body(`"as":"ana","do":"upload","text":"x"`), 422, "no_file"},
		{"bad data", body(`"as":"ana","do":"upload","text":"data:;base64,!","value":"x.txt"`), 422, "bad_data_url"},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer, err := http.Post(d.origin+"/demo/act", "application/json", strings.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = answer.Body.Close() }()
			got, _ := io.ReadAll(answer.Body)
			if answer.StatusCode != c.status || !bytes.Contains(got, []byte(`"code":"`+c.code+`"`)) {
				t.Errorf("%d %s, want %d %s", answer.StatusCode, got, c.status, c.code)
			}
			if kind := answer.Header.Get("Content-Type"); kind != "application/problem+json" {
				t.Errorf("content type %q", kind)
			}
		})
	}
	if n := len(d.places()[0].Messages); n != 1 {
		t.Errorf("%d messages after refusals, want 1", n)
	}
}

// TestForeignPageCannotAct holds that a site somebody visits cannot act in a demonstration on their machine.
func TestForeignPageCannotAct(t *testing.T) {
	d := start(t)
	r, err := http.NewRequestWithContext(t.Context(), "POST", d.origin+"/demo/act",
		strings.NewReader(`{"platform":"slack","place":"`+slackDesk+`","as":"ana","do":"say","text":"x"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "text/plain")
	r.Header.Set("Origin", "https://elsewhere.example")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if status := d.do(r, nil); status != http.StatusForbidden {
		t.Errorf("%d, want 403", status)
	}
}
