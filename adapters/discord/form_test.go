package discord

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/skeindesk/skein/bridge"
)

func goldenJSON(t *testing.T, name string, value any) {
	t.Helper()
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		t.Fatal(err)
	}
	golden(t, name, out.Bytes())
}

func TestCommandsGolden(t *testing.T) { goldenJSON(t, "commands.json", commandsOf(testWords())) }

func TestFormGolden(t *testing.T) {
	a := newTestAdapter(t, nil)
	m, ok := a.modalOf(&bridge.Form{
		Word: "assign", Title: "Assign", Intro: "Whoever gets it is *told*.",
		Fields: []bridge.Field{
			{Name: "conversation", Label: "Conversation", Kind: bridge.FieldSearch, Value: "2", Choices: []bridge.Choice{
				{Value: "1", Label: "Maria on website (1)", Detail: "Ana"}, {Value: "2", Label: "Ida on website (2)"}, {Value: "2", Label: "the same"}, {Label: "none"},
			}},
			{Name: "agent", Label: "Colleague", Kind: bridge.FieldSearch, Hint: "begin to type"},
			{Name: "note", Label: "Words to them", Kind: bridge.FieldText, Value: "please", Optional: true},
		},
	}, handle{thread: "300", message: "301"})
	if !ok {
		t.Fatal("it cannot be shown")
	}
	goldenJSON(t, "form.json", m)
}

// Whatever a form holds, Discord takes it.
func TestFormLimits(t *testing.T) {
	a := newTestAdapter(t, nil)
	long := strings.Repeat("ö", 5000)
	var many []bridge.Choice
	for i := range 60 {
		many = append(many, bridge.Choice{Value: fmt.Sprint(i), Label: long, Detail: long})
	}
	f := &bridge.Form{Word: "qr", Rest: strings.Repeat("r", 40), Title: long, Intro: long}
	for i := range 5 {
		f.Fields = append(f.Fields, bridge.Field{Name: fmt.Sprintf("reply%d", i), Label: long, Hint: long, Value: long, Kind: bridge.FieldText})
	}
	f.Fields[4] = bridge.Field{Name: "reply", Label: long, Value: "59", Choices: many, Kind: bridge.FieldSearch}
	m, ok := a.modalOf(f, handle{thread: "1234567890123456789", message: ""})
	if !ok || len(m.CustomID) > 100 || utf8.RuneCountInString(m.Title) > 45 || len(m.Components) > 5 {
		t.Fatalf("%v, custom_id %q, %d parts", ok, m.CustomID, len(m.Components))
	}
	for _, p := range m.Components[:4] {
		if utf8.RuneCountInString(p.Label) > 45 || utf8.RuneCountInString(p.Component.Placeholder) > 100 || utf8.RuneCountInString(p.Component.Value) > 4000 {
			t.Errorf("too long: %+v", p)
		}
	}
	options := m.Components[4].Component.Options
	if last := options[len(options)-1]; len(options) != 25 || !last.Default || last.Value != "59" {
		t.Errorf("%d options, the last is %+v", len(options), last)
	}
	if p := m.Components[4]; !strings.Contains(p.Description, "/qr") {
		t.Errorf("nothing says how to find the others: %+v", p)
	}
}

func TestHandles(t *testing.T) {
	for _, h := range []handle{
		{word: "take"},
		{word: "qr add", rest: "a:b"},
		{word: "why", message: "12"},
		{word: "info", thread: "11", rest: "x"},
		{word: "unassign", rest: strings.Repeat("r", 40), thread: "1234567890123456789", message: "1234567890123456780"},
	} {
		if back, ok := readHandle(h.String()); !ok || back != h {
			t.Errorf("%+v comes back as %+v from %q", h, back, h.String())
		}
	}
	for _, s := range []string{"", "take", "skein", "skein:", "other:take", "skein/1/2", "skein/1:take", "skein/a/b:take", "skein/1/2/3:take"} {
		if h, ok := readHandle(s); ok {
			t.Errorf("%q is taken for %+v", s, h)
		}
	}
}

// What was given while the connection was lost comes when nobody waits for it. Clocks may differ.
func TestExpired(t *testing.T) {
	made := time.UnixMilli(epoch).Add(24 * time.Hour)
	at := func(d time.Duration) string { return before(made.Add(d)) }
	for _, skew := range []time.Duration{0, -time.Hour, time.Hour} {
		var l lateness
		if l.expired(at(0), made.Add(skew+100*time.Millisecond)) || l.expired(at(time.Second), made.Add(skew+3*time.Second)) {
			t.Error("one that came in time is taken for late")
		}
		if !l.expired(at(2*time.Second), made.Add(skew+6*time.Second)) {
			t.Error("one that came after four seconds is taken for timely")
		}
	}
}

func FuzzSubmitted(f *testing.F) {
	f.Add(`{"custom_id":"skein:note","components":[{"type":18,"id":1,"component":{"type":4,"custom_id":"words","value":"hello"}}]}`)
	f.Add(`{"custom_id":"skein/1/2:assign","components":[{"type":1,"components":[{"type":3,"custom_id":"agent","values":["7"]}]},null,3]}`)
	f.Add(`{"custom_id":7,"components":[[]]}`)
	f.Fuzz(func(t *testing.T, s string) {
		i, ok := decoded[interaction](&receiver{Adapter: newQuiet()}, []byte(`{"type":5,"data":`+s+`}`))
		if !ok {
			return
		}
		if h, ok := readHandle(string(i.Data.CustomID)); ok {
			if back, ok := readHandle(h.String()); h.String() != "" && (!ok || back != h) {
				t.Errorf("%+v becomes %+v", h, back)
			}
		}
		fields := map[string]string{}
		form := submitted{Components: i.Data.Components}
		if written := form.fill(fields); len(fields) == 0 && len(written) > 0 {
			t.Errorf("written %q into no field", written)
		}
	})
}

func newQuiet() *Adapter { return &Adapter{log: slog.New(slog.DiscardHandler)} }
