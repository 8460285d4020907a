package telegram

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/telegram/entities"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

func newTestAdapter(t testing.TB, change func(*Config)) *Adapter {
	t.Helper()
	cfg := Config{Name: "shop-telegram", Token: "1000:test-token", APIURL: "http://127.0.0.1:1"}
	if change != nil {
		change(&cfg)
	}
	a, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

var (
	byAgent   = bridge.Speaker{Kind: bridge.ByAgent, ID: 3, Name: "Chloe"}
	byVisitor = bridge.Speaker{Kind: bridge.ByVisitor, ID: 7, Name: "Vera"}
)

func delivery(kind bridge.EntryKind, by bridge.Speaker, body rich.Doc) bridge.Delivery {
	return bridge.Delivery{
		Thread: "7001", Entry: bridge.Entry{
			Conversation: 12, Seq: 3, Kind: kind, Audience: bridge.Everyone, By: by, Body: body,
			At: time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC),
		},
	}
}

func withFiles(d bridge.Delivery, n int) bridge.Delivery {
	all := []bridge.File{
		{ID: "f1", Name: "picture.png", Type: "image/png", Size: 1000, Width: 640, Height: 480},
		{ID: "f2", Name: "terms.pdf", Type: "application/pdf", Size: 2000},
		{ID: "f3", Name: "hello.ogg", Type: "audio/ogg", Size: 3000},
	}
	d.Entry.Files = all[:n]
	return d
}

func over(d bridge.Delivery, refs ...bridge.MessageRef) bridge.Delivery {
	for i, ref := range refs {
		d.Landed = append(d.Landed, bridge.Landed{Part: i, Message: ref})
	}
	return d
}

var formatted = rich.Doc{
	{Kind: rich.Heading, Children: []rich.Node{{Kind: rich.Text, Text: "Your parcel"}}},
	{Kind: rich.Paragraph, Children: []rich.Node{
		{Kind: rich.Text, Text: "👋 see "},
		{Kind: rich.Bold, Children: []rich.Node{{Kind: rich.Text, Text: "this"}}},
		{Kind: rich.Text, Text: " "},
		{Kind: rich.Link, URL: "https://shop.example.com/p?a=1&b=2", Children: []rich.Node{{Kind: rich.Text, Text: "page"}}},
	}},
	{Kind: rich.List, Children: []rich.Node{
		{Kind: rich.Item, Children: []rich.Node{{Kind: rich.Paragraph, Children: []rich.Node{{Kind: rich.Text, Text: "one"}}}}},
		{Kind: rich.Item, Children: []rich.Node{{Kind: rich.Paragraph, Children: []rich.Node{{Kind: rich.Code, Text: "two"}}}}},
	}},
	{Kind: rich.Quote, Children: []rich.Node{{Kind: rich.Paragraph, Children: []rich.Node{{Kind: rich.Text, Text: "you wrote"}}}}},
	{Kind: rich.Pre, Text: "a := \"<b>\"", Info: "go"},
}

// linked gives a delivery's files their links.
func linked(d bridge.Delivery) bridge.Delivery {
	for i := range d.Entry.Files {
		d.Entry.Files[i].Link = "https://chat.example.com/files/a"
	}
	return d
}

func TestRender(t *testing.T) {
	show := func(c *Config) { c.ShowAgent = true }
	long := rich.Of(strings.TrimSpace(strings.Repeat("many words ", 500)))
	for _, c := range []struct {
		name   string
		change func(*Config)
		d      bridge.Delivery
	}{
		{"said", nil, delivery(bridge.Said, byAgent, rich.Of("Hello <b>*you*</b>"))},
		{"said-formatted", nil, delivery(bridge.Said, byAgent, formatted)},
		{"said-signed", show, delivery(bridge.Said, byAgent, rich.Of("Hello"))},
		{"said-elsewhere", nil, delivery(bridge.Said, byVisitor, rich.Of("written on the website"))},
		{"said-long", nil, delivery(bridge.Said, byAgent, long)},
		{"said-answer", nil, over(delivery(bridge.Said, byAgent, rich.Of("Yes")), "7001/5")},
		{"said-files", nil, withFiles(delivery(bridge.Said, byAgent, rich.Of("Here they are")), 3)},
		{"said-files-long", nil, withFiles(delivery(bridge.Said, byAgent, long), 1)},
		{"said-only-file", nil, withFiles(delivery(bridge.Said, byAgent, nil), 1)},
		{"edited", nil, over(delivery(bridge.Edited, byAgent, rich.Of("Better")), "7001/5")},
		{"edited-shorter", nil, over(delivery(bridge.Edited, byAgent, rich.Of("Short")), "7001/5", "7001/6")},
		{"edited-longer", nil, over(delivery(bridge.Edited, byAgent, long), "7001/5")},
		{"edited-caption", nil, over(withFiles(delivery(bridge.Edited, byAgent, rich.Of("Better")), 2), "7001/5/m", "7001/6/m")},
		{"edited-no-caption", nil, over(withFiles(delivery(bridge.Edited, byAgent, nil), 1), "7001/5/m")},
		{"edited-caption-too-long", nil, over(withFiles(delivery(bridge.Edited, byAgent, long), 1), "7001/5/m")},
		{"edited-refused-file", nil, over(linked(withFiles(delivery(bridge.Edited, byAgent, rich.Of("Better")), 1)), "7001/5")},
		{"edited-file-withdrawn", nil, over(withFiles(delivery(bridge.Edited, byAgent, rich.Of("Only one")), 1), "7001/5/m", "7001/6/m")},
		{"edited-all-files-withdrawn", nil, over(delivery(bridge.Edited, byAgent, rich.Of("None")), "7001/5/m")},
		{"deleted", nil, over(delivery(bridge.Deleted, byAgent, nil), "7001/5/m", "7001/6")},
		{"noted", nil, delivery(bridge.Noted, byAgent, rich.Of("not for visitors"))},
	} {
		t.Run(c.name, func(t *testing.T) {
			parts, err := newTestAdapter(t, c.change).Render(c.d)
			if err != nil {
				t.Fatal(err)
			}
			for i, p := range parts {
				if i < len(c.d.Landed) && c.d.Entry.Kind != bridge.Said && p.Message != c.d.Landed[i].Message {
					t.Errorf("part %d is not about the message that landed there", i)
				}
				if post, ok := p.Content.(post); ok && entities.Units(post.Text) > maxText {
					t.Errorf("part %d is too long", i)
				}
			}
			got, err := json.MarshalIndent(parts, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "render-"+c.name+".json", append(got, '\n'))
		})
	}
}

// An edit that was interrupted renders the same parts again, though a part that it added has a place by then.
func TestRenderAgainAfterSomeParts(t *testing.T) {
	a := newTestAdapter(t, nil)
	long := rich.Of(strings.TrimSpace(strings.Repeat("many words ", 500)))
	for name, c := range map[string][2]bridge.Delivery{
		"text": {
			over(delivery(bridge.Edited, byAgent, long), "7001/5"),
			over(delivery(bridge.Edited, byAgent, long), "7001/5", "7001/9"),
		},
		"caption": {
			over(withFiles(delivery(bridge.Edited, byAgent, long), 1), "7001/5/m"),
			over(withFiles(delivery(bridge.Edited, byAgent, long), 1), "7001/5/m", "7001/9"),
		},
		"no file left": {
			over(delivery(bridge.Edited, byAgent, rich.Of("text")), "7001/5/m"),
			over(delivery(bridge.Edited, byAgent, rich.Of("text")), "7001/5/m", "7001/9"),
		},
	} {
		first, err1 := a.Render(c[0])
		again, err2 := a.Render(c[1])
		if err1 != nil || err2 != nil || len(first) != len(again) {
			t.Fatalf("%s: %d parts, then %d; %v, %v", name, len(first), len(again), err1, err2)
		}
		for i := range first {
			x, y := first[i].Content, again[i].Content
			if first[i].Op != bridge.Delete && x.(post).Text != y.(post).Text {
				t.Errorf("%s: part %d says something else the second time", name, i)
			}
		}
	}
}

// A file that was withdrawn while its line is under way keeps its place.
func TestRenderWithdrawnFiles(t *testing.T) {
	d := withFiles(delivery(bridge.Said, byAgent, rich.Of(strings.Repeat("many words ", 200))), 3)
	d.Entry.Files[1].Missing = bridge.FileWithdrawn
	parts, err := newTestAdapter(t, nil).Render(d)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range parts {
		if p.Void != (i == 1) {
			t.Errorf("part %d of %d: void %v", i, len(parts), p.Void)
		}
	}
}

// A visitor may have gone on in another chat: the one before gets nothing more, but what is taken back goes there as well.
func TestRenderWhatStandsInAChatBefore(t *testing.T) {
	a := newTestAdapter(t, nil)
	for kind, want := range map[bridge.EntryKind]int{bridge.Edited: 0, bridge.Deleted: 2, bridge.Said: 1} {
		parts, err := a.Render(over(delivery(kind, byAgent, rich.Of("Hello")), "6001/41", "6001/42"))
		if err != nil || len(parts) != want {
			t.Fatalf("%s: %d parts, %v", kind, len(parts), err)
		}
		if kind == bridge.Said && parts[0].Content.(post).Answers != 0 {
			t.Error("a line answers what stands elsewhere")
		}
	}
}

func TestRenderRefusesWhatIsNotTelegrams(t *testing.T) {
	a := newTestAdapter(t, nil)
	opening := bridge.Delivery{Opening: true}
	elsewhere := delivery(bridge.Said, byAgent, rich.Of("x"))
	elsewhere.Thread = "CDESK/17.1"
	for _, d := range []bridge.Delivery{opening, elsewhere, over(delivery(bridge.Edited, byAgent, rich.Of("x")), "CDESK/17.1")} {
		if _, err := a.Render(d); err == nil || bridge.AsFailure(err).Verdict != bridge.GiveUp {
			t.Errorf("rendering %+v gives %v, want a failure for good", d, err)
		}
	}
}
