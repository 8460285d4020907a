package slack

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
)

func goldenView(t *testing.T, name string, v view) {
	t.Helper()
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		t.Fatal(err)
	}
	golden(t, "view-"+name+".json", out.Bytes())
}

func testForm() *bridge.Form {
	return &bridge.Form{
		Word: "assign", Rest: "kept", Title: "A title that is far too long for Slack", Submit: "Give it", Intro: "Mira waits for *an answer*.",
		Fields: []bridge.Field{
			{Name: "conversation", Label: "Conversation", Kind: bridge.FieldSearch, Value: "12", Choices: []bridge.Choice{{Value: "12", Label: "Mira on website (12)", Detail: "Ana"}}},
			{Name: "agent", Label: "To", Hint: "Begin to type a name", Kind: bridge.FieldSearch},
			{Name: "why", Label: "Why", Kind: bridge.FieldText, Value: "She asked <for> Ben.\nTwice.", Optional: true},
			{Name: "tag", Label: "Tag", Kind: bridge.FieldLine, Optional: true},
			{Name: "how", Label: "How", Kind: bridge.FieldChoice, Value: "now", Choices: []bridge.Choice{{Value: "now", Label: "Now"}, {Value: "later", Label: "Later"}}},
		},
	}
}

func testList(at time.Time) bridge.List {
	row := func(id bridge.ConversationID, state bridge.State, owner, visitor string) bridge.Listed {
		l := bridge.Listed{
			Conversation: bridge.Conversation{ID: id, Endpoint: "website", State: state, OwnerName: owner, UpdatedAt: at.Add(-time.Hour)},
			Visitor:      visitor, Mine: owner == "Ana",
		}
		if id != 14 { // of which there is no thread here
			l.Threads = map[bridge.EndpointName]bridge.ThreadRef{"support-slack": testThread}
			l.Links = map[bridge.EndpointName]string{"support-slack": "https://shop.slack.com/archives/CDESK/p1700000000000100?thread_ts=1700000000.000100&cid=CDESK"}
		}
		return l
	}
	mine := row(12, bridge.StateAssigned, "Ana", "Mira <b>*Lopez*</b>")
	mine.Conversation.WaitingSince = at.Add(-12 * time.Minute)
	return bridge.List{
		Of: bridge.StateAssigned, Asked: at, More: true,
		All: []bridge.Tally{
			{State: bridge.StateAssigned, Conversations: 3, Waiting: 1, Longest: mine.Conversation.WaitingSince},
			{State: bridge.StateUnassigned},
			{State: bridge.StateRobot, Conversations: 2},
			{State: bridge.StateClosed, Conversations: bridge.MaxTally},
		},
		Rows: []bridge.Listed{mine, row(14, bridge.StateAssigned, "Ben", ""), row(15, bridge.StateClosed, "", "Theo")},
	}
}

func TestViewsGolden(t *testing.T) {
	a := newTestAdapter(t, nil)
	e := errand{
		subject: subject{Thread: testThread, Message: "CDESK/1700000001.000100"}, Channel: "CDESK", Shown: "1700000000.000100",
	}
	form, ok := formView(testForm(), e)
	if !ok {
		t.Fatal("the form does not fit")
	}
	goldenView(t, "form", form)
	goldenView(t, "text", textView(bridge.Answer{Public: "Done *so far*.", Offers: []bridge.Offer{{Word: "take", Label: "Take"}}}, e))
	at := time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)
	goldenView(t, "home", a.homeView(testList(at), 0))
	empty := bridge.List{Of: bridge.StateUnassigned, Asked: at}
	goldenView(t, "home-empty", a.homeView(empty, 1))
}

// What a form holds must be what people see: Slack shows no more than 3,000 characters, and the rest would be lost.
func TestAFormThatHoldsTooMuch(t *testing.T) {
	f := testForm()
	f.Fields[2].Value = strings.Repeat("ü", maxInput)
	if _, ok := formView(f, errand{}); !ok {
		t.Error("what just fits does not")
	}
	f.Fields[2].Value += "x"
	if _, ok := formView(f, errand{}); ok {
		t.Error("a form was cut off")
	}
}

func TestErrandsComeBack(t *testing.T) {
	whole := errand{
		subject: subject{Thread: testThread, Conversation: "12", Message: "CDESK/1700000001.000100/F1,F2"},
		Word:    "qr add", Rest: "kept", Form: 2, Channel: "CDESK", Shown: "1700000000.000100", Respond: "https://hooks.slack.com/x",
	}
	if got, ok := errandOf(whole.metadata()); !ok || got != whole {
		t.Errorf("%+v came back as %+v", whole, got)
	}
	whole.Respond += strings.Repeat("x", maxMetadata)
	if got, ok := errandOf(whole.metadata()); !ok || got.Respond != "" || got.Word != whole.Word {
		t.Errorf("an errand that is too long came back as %+v", got)
	}
	for _, forged := range []string{
		"", "null", "{}", `{"w":7}`, `{"w":"take","t":"nowhere/x"}`, `{"w":"take","m":"x"}`, `{"w":"take","c":"1; drop"}`,
		`{"w":"take","ts":"x"}`, `{"w":"take","n":-1}`, `{"w":"take","ch":"C/1"}`, `{"w":"` + strings.Repeat("x", maxMetadata) + `"}`,
	} {
		if e, ok := errandOf(forged); ok {
			t.Errorf("%s is taken for %+v", forged, e)
		}
	}
	for _, s := range []subject{{Thread: testThread}, {Conversation: "12"}, {Thread: testThread, Message: "CDESK/1700000001.000100"}} {
		if got, ok := subjectOf(s.blockID(3)); !ok || got != s {
			t.Errorf("%+v came back as %+v", s, got)
		}
	}
	long := subject{Thread: testThread, Message: bridge.MessageRef("CDESK/1700000001.000100/" + strings.Repeat("F123456789,", 30) + "F1")}
	if id := long.blockID(0); len(id) > maxBlockID {
		t.Errorf("a block_id of %d bytes", len(id))
	} else if got, ok := subjectOf(id); !ok || got.Thread != testThread {
		t.Errorf("it came back as %+v", got)
	}
	for _, forged := range []string{"", "b0", "skein", "skein0:", "skeinx:{}", "other:{}", `skein0:{"t":"/x"}`} {
		if s, ok := subjectOf(forged); ok {
			t.Errorf("%q is taken for %+v", forged, s)
		}
	}
}

func TestWhereAnAnswerMayGo(t *testing.T) {
	a := newTestAdapter(t, nil)
	for address, want := range map[string]bool{
		"https://hooks.slack.com/actions/T1/2/3": true, "https://hooks.slack-gov.com/x": true, "http://127.0.0.1:1/response/1": true,
		"": false, "http://hooks.slack.com/x": false, "https://hooks.slack.com.example.com/x": false, "http://127.0.0.1:2/x": false,
		"https://user@hooks.slack.com/x": false, "https://example.com/": false, "file:///etc/passwd": false, "%": false,
	} {
		if a.mayAnswer(address) != want {
			t.Errorf("an answer may go to %q: %v", address, !want)
		}
	}
}

// FuzzInteraction: whatever comes, it is decoded without panic, and what is taken for ours is valid.
func FuzzInteraction(f *testing.F) {
	form, _ := formView(testForm(), errand{subject: subject{Thread: testThread}, Word: "assign"})
	raw, _ := json.Marshal(map[string]any{
		"type": "view_submission", "user": map[string]any{"id": "U1"}, "view": map[string]any{
			"id": "V1", "private_metadata": form.Metadata, "blocks": form.Blocks, "title": form.Title, "submit": form.Submit,
			"state": map[string]any{"values": map[string]any{
				"why": map[string]any{"why": map[string]any{"type": "plain_text_input", "value": "so"}},
				"how": map[string]any{"how": map[string]any{"selected_option": map[string]any{"value": "now"}}},
			}},
		},
	})
	f.Add(raw)
	f.Add([]byte(`{"type":"block_actions","user":{"id":"U1"},"container":{"channel_id":"C","message_ts":"1.000001","is_ephemeral":7},"actions":[{"action_id":"skein:take"}]}`))
	f.Add([]byte(`{"view":{"blocks":[7,{"block_id":1,"type":"input","element":[]}],"state":{"values":{"a":7}}}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var p interaction
		if json.Unmarshal(raw, &p) != nil {
			return
		}
		v := p.View.V
		v.fields()
		e, ok := errandOf(string(v.Metadata))
		if ok && (!e.valid() || e.Word == "") {
			t.Errorf("taken for ours: %+v", e)
		}
		if _, err := json.Marshal(v.again("why", e)); err != nil {
			t.Errorf("the form cannot be shown again: %v", err)
		}
		for _, action := range p.Actions.V {
			if s, ok := subjectOf(string(action.V.Block)); ok && !s.valid() {
				t.Errorf("taken for ours: %+v", s)
			}
		}
		slashFromJSON(raw).asks(testWords)
		slashFromForm(raw).asks(testWords)
	})
}

// TestAFormOfUnknownFateIsNotDoneTwice: submitted again it is the same errand, which the log may know.
func TestAFormOfUnknownFateIsNotDoneTwice(t *testing.T) {
	var v viewState
	e, ok := errandOf(v.again(failedWords, errand{Word: "close", Form: 2}).Metadata)
	if !ok || e.Form != 2 {
		t.Errorf("it is form %d", e.Form)
	}
	next, _ := outcome(&v, e, bridge.Answer{Form: &bridge.Form{Word: "close", Title: "Close"}})
	if e, ok := errandOf(next.Metadata); !ok || e.Form != 3 {
		t.Errorf("the form in its place is %d", e.Form)
	}
}
