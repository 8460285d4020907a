package discord

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

const testThread bridge.ThreadRef = "300"

func newTestAdapter(t *testing.T, change func(*Config)) *Adapter {
	t.Helper()
	cfg := Config{Name: "support-discord", Token: "test", Guild: "100", Channel: "200", APIURL: "http://127.0.0.1:1"}
	if change != nil {
		change(&cfg)
	}
	a, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	a.words = testWords()
	return a
}

// testWords are a vocabulary of their own: golden files do not change with the table.
func testWords() []bridge.Word {
	return []bridge.Word{
		{Word: "take", Help: "make the conversation yours"},
		{Word: "assign", Help: "give it to a colleague", Args: []bridge.Field{{Name: "agent", Label: "Colleague", Kind: bridge.FieldSearch}}},
		{Word: "close", Help: "move it to History", Args: []bridge.Field{{Name: "words", Label: "Last words", Kind: bridge.FieldText, Optional: true}}},
		{Word: "reopen", Help: "take it back from History"},
		{Word: "qr", Help: "find a quick reply", Args: []bridge.Field{{Name: "reply", Label: "Quick reply", Kind: bridge.FieldSearch}}},
		{Word: "qr add", Help: "save a quick reply", OnMessage: true, Args: []bridge.Field{{Name: "Shortcut", Label: "Shortcut", Kind: bridge.FieldLine}}},
		{Word: "robot", Help: "hand it to the robot", Args: []bridge.Field{{
			Name: "on", Label: "On or off", Kind: bridge.FieldChoice, Choices: []bridge.Choice{{Value: "on", Label: "On"}, {Value: "off", Label: "Off"}},
		}}},
		{Word: "info", Help: "show what is known of the visitor"},
		{Word: "recall", Help: "take a line back", OnMessage: true},
		{Word: "help", Help: "show this list", Anywhere: true},
	}
}

func testConversation(state bridge.State) bridge.Conversation {
	c := bridge.Conversation{ID: 12, Kind: bridge.Guest, State: state, Endpoint: "website", Visitor: 7}
	if state == bridge.StateAssigned {
		c.Owner, c.OwnerName = 3, "Ana Ruiz"
	}
	return c
}

func testVisitor() bridge.Visitor {
	return bridge.Visitor{
		ID: 7, Endpoint: "website", Key: "v-7",
		Profile: bridge.Profile{Name: "Maria <b>*Lopez*</b>", Email: "maria@example.com"},
		Page:    bridge.Page{URL: "https://shop.example.com/tea?a=1&b=2", Title: "Tea | Shop"},
	}
}

func entryDelivery(kind bridge.EntryKind, by bridge.Speaker, text string) bridge.Delivery {
	return bridge.Delivery{
		Conversation: testConversation(bridge.StateUnassigned), Visitor: testVisitor(), Thread: testThread,
		Entry: bridge.Entry{
			Conversation: 12, Seq: 3, Kind: kind, Audience: bridge.Everyone, By: by, Body: rich.Of(text),
			At: time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC),
		},
	}
}

var (
	byVisitor = bridge.Speaker{Kind: bridge.ByVisitor, ID: 7, Name: "Maria Lopez", Avatar: "https://example.com/m.png"}
	byAgent   = bridge.Speaker{Kind: bridge.ByAgent, ID: 3, Name: "Chloe"}
	bySystem  = bridge.Speaker{Kind: bridge.BySystem}
)

func TestRenderGolden(t *testing.T) {
	a := newTestAdapter(t, nil)
	opening := bridge.Delivery{Conversation: testConversation(bridge.StateUnassigned), Visitor: testVisitor(), Opening: true}
	reopening := opening
	reopening.Recap = "The thread of this conversation was deleted.\nIt goes on here."
	verified := opening
	verified.Visitor.Verified, verified.Conversation = true, testConversation(bridge.StateRobot)
	assigned := entryDelivery("", byAgent, "")
	assigned.Conversation, assigned.Card = testConversation(bridge.StateAssigned), &bridge.Card{}
	assigned.Landed = []bridge.Landed{{Message: "200/300"}}
	full := assigned
	full.Conversation.WaitingSince, full.Conversation.Tags = time.Unix(1_700_000_000, 0).UTC(), []string{"vip", "no * bold"}
	full.Conversation.Rating = 4
	full.Visitor.Device, full.Visitor.Locale, full.Visitor.Blocked = "Firefox on Android", "es-MX", true
	full.Visitor.Place = "Gdynia, *Pomerania*, Poland"
	full.Card = &bridge.Card{Earlier: 2, Failure: &bridge.CardFailure{
		Endpoint: "website", Public: "The visitor <has> gone.", At: time.Unix(1_700_000_060, 0).UTC(),
	}}
	closed := assigned
	closed.Conversation = testConversation(bridge.StateClosed)
	file := entryDelivery(bridge.Said, byVisitor, "look")
	file.Entry.Files = []bridge.File{{ID: "f1", Name: "a.png", Type: "image/png", Size: 9}, {ID: "f2", Name: "b.pdf", Size: 8}}
	bare := file
	bare.Entry.Body = nil
	landed := []bridge.Landed{{Part: 0, Message: "300/301"}, {Part: 1, Message: "300/302"}}
	edited := entryDelivery(bridge.Edited, byVisitor, "shorter")
	edited.Landed = landed
	deleted := entryDelivery(bridge.Deleted, byVisitor, "")
	deleted.Landed = landed
	colleague := entryDelivery(bridge.Said, byAgent, "")
	colleague.Conversation.Kind, colleague.Entry.Origin.Endpoint = bridge.Colleagues, "support-slack"
	colleague.Entry.Body = rich.Doc{{Kind: rich.Paragraph, Children: []rich.Node{{Kind: rich.Mention, Text: "Ben", Info: "UBEN"}}}}
	colleague.People = map[string]bridge.Person{"UBEN": {ID: "12"}}
	colleague.Landed = []bridge.Landed{{Message: "200/301"}}
	question := entryDelivery(bridge.Noted, bySystem, "Ana is answering. Send it anyway?")
	question.Entry.Audience = bridge.Only("support-discord")
	question.Entry.Offers = []bridge.Offer{
		{Word: "send", Rest: "12", Label: "Send it", Style: bridge.OfferPrimary},
		{Word: "drop", Rest: "12", Label: "Drop it", Style: bridge.OfferDanger},
		{Word: "drop", Rest: "12", Label: "The same again"},
		{Word: "drop", Rest: strings.Repeat("too long ", 12), Label: "Not possible"},
	}
	settled := question
	settled.Entry.Kind, settled.Entry.Offers, settled.Entry.Body = bridge.Edited, nil, rich.Of("Dropped.")
	settled.Landed = landed[:1]
	for name, d := range map[string]bridge.Delivery{
		"question": question, "settled": settled,
		"opening": opening, "reopening": reopening, "opening-verified": verified,
		"changed-assigned": assigned, "changed-closed": closed, "card": full,
		"said-visitor": entryDelivery(bridge.Said, byVisitor, "Is *this* <@11> @here :smile: & so?\nSee https://example.com"),
		"said-agent":   entryDelivery(bridge.Said, byAgent, "From the other side."),
		"said-robot":   entryDelivery(bridge.Said, bridge.Speaker{Kind: bridge.ByRobot}, "Beep."),
		"said-system":  entryDelivery(bridge.Said, bySystem, "We are closed today."),
		"said-files":   file, "said-only-files": bare,
		"edited": edited, "deleted": deleted,
		"noted-agent":  entryDelivery(bridge.Noted, byAgent, "She has called before."),
		"noted-system": entryDelivery(bridge.Noted, bySystem, "Not sent: the visitor has gone. <@&5>"),
		"colleague":    colleague,
		"rated":        entryDelivery(bridge.Rated, byVisitor, "5 of 5: thank you"),
	} {
		t.Run(name, func(t *testing.T) {
			parts, err := a.Render(d)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			encoder := json.NewEncoder(&out)
			encoder.SetIndent("", "  ")
			encoder.SetEscapeHTML(false)
			for _, p := range parts {
				if err := encoder.Encode(shownPart{p.Op, p.Urgency, p.Place, p.Thread, p.Message, p.Notify, p.Content}); err != nil {
					t.Fatal(err)
				}
			}
			golden(t, "render-"+name+".json", out.Bytes())
		})
	}
}

// shownPart is what Render decides of a part, in golden files.
type shownPart struct {
	Op      bridge.Op
	Urgency bridge.Urgency
	Place   string
	Thread  bridge.ThreadRef
	Message bridge.MessageRef
	Notify  bool
	Content any
}

func TestRenderNothing(t *testing.T) {
	a := newTestAdapter(t, nil)
	d := entryDelivery(bridge.Changed, byAgent, "")
	d.Entry.State = bridge.StateAssigned
	if parts, err := a.Render(d); err != nil || len(parts) != 0 {
		t.Errorf("a change without a card gives %d parts, %v", len(parts), err)
	}
	if parts, err := a.Render(entryDelivery(bridge.Deleted, byVisitor, "")); err != nil || len(parts) != 0 {
		t.Errorf("the deletion of what never landed gives %d parts, %v", len(parts), err)
	}
}

func TestRenderSplits(t *testing.T) {
	a := newTestAdapter(t, nil)
	long := strings.Repeat("word ", 2000)
	d := entryDelivery(bridge.Said, byVisitor, long)
	d.Entry.By.Name = strings.Repeat("*", 300) // each is written as two characters
	d.Entry.Files = []bridge.File{{ID: "f", Name: "f.txt", Size: 1}}
	parts, err := a.Render(d)
	if err != nil || len(parts) < 3 {
		t.Fatalf("%d parts, %v", len(parts), err)
	}
	for i, p := range parts {
		content := p.Content.(post)
		if n := utf8.RuneCountInString(content.Text); n > 2000 {
			t.Errorf("part %d has %d characters", i, n)
		}
		if hasFiles := len(content.Files) > 0; hasFiles != (i == len(parts)-1) {
			t.Errorf("part %d: files %v; they belong to the last part", i, hasFiles)
		}
	}
}

func TestRenderEdited(t *testing.T) {
	const first, second, withFile = "300/301", "300/302", "300/303/f"
	long := strings.Repeat("word ", 600) // two messages
	for name, c := range map[string]struct {
		text   string
		landed []bridge.MessageRef
		want   []string
	}{
		"same":                    {"new", []bridge.MessageRef{first}, []string{"edit " + first}},
		"longer":                  {long, []bridge.MessageRef{first}, []string{"edit " + first, "post "}},
		"shorter":                 {"new", []bridge.MessageRef{first, second}, []string{"edit " + first, "delete " + second}},
		"caption":                 {"new", []bridge.MessageRef{withFile}, []string{"edit " + withFile}},
		"caption becomes shorter": {"new", []bridge.MessageRef{first, withFile}, []string{"edit " + first, "edit " + withFile}},
		"caption becomes longer":  {long, []bridge.MessageRef{withFile}, []string{"edit " + withFile, "post "}},
		"caption goes":            {"", []bridge.MessageRef{withFile}, []string{"edit " + withFile}},
		"all goes":                {"", []bridge.MessageRef{first}, []string{"delete " + first}},
		"nothing landed":          {"new", nil, []string{"post "}},
	} {
		d := entryDelivery(bridge.Edited, byVisitor, c.text)
		for i, m := range c.landed {
			d.Landed = append(d.Landed, bridge.Landed{Part: i, Message: m})
		}
		parts, err := newTestAdapter(t, nil).Render(d)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var got []string
		for _, p := range parts {
			got = append(got, string(p.Op)+" "+string(p.Message))
		}
		if strings.Join(got, ", ") != strings.Join(c.want, ", ") {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestRenderManyFiles(t *testing.T) {
	d := entryDelivery(bridge.Said, byVisitor, "look")
	for range 12 {
		d.Entry.Files = append(d.Entry.Files, bridge.File{Name: "a.png", Size: 5 << 20})
	}
	parts, err := newTestAdapter(t, nil).Render(d)
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	for i, p := range parts {
		content := p.Content.(post)
		files += len(content.Files)
		if n := len(content.Files); n == 0 || n > 4 {
			t.Errorf("part %d has %d files of 5 MB", i, n)
		}
		if hasText := strings.Contains(content.Text, "\n"); hasText != (i == 0) {
			t.Errorf("part %d: the text is %q", i, content.Text)
		}
	}
	if files != 12 {
		t.Errorf("%d files of 12", files)
	}
}

// A message of which all files were withdrawn while its line is under way keeps its place.
func TestRenderWithdrawnFiles(t *testing.T) {
	d := entryDelivery(bridge.Said, byVisitor, "look")
	for i := range 25 {
		f := bridge.File{Name: "a.png", Size: 1}
		if i < 20 && i != 15 {
			f.Missing = bridge.FileWithdrawn
		}
		d.Entry.Files = append(d.Entry.Files, f)
	}
	for _, want := range [][]int{{0, 1, 5}, {0, 0, 5}} {
		parts, err := newTestAdapter(t, nil).Render(d)
		if err != nil || len(parts) != len(want) {
			t.Fatalf("%d parts, %v", len(parts), err)
		}
		for i, p := range parts {
			if n := len(p.Content.(post).Files); n != want[i] || p.Void != (i == 1 && n == 0) {
				t.Errorf("part %d has %d files, void %v; want %d", i, n, p.Void, want[i])
			}
		}
		d.Entry.Files[15].Missing = bridge.FileWithdrawn
	}
}

func TestIdentity(t *testing.T) {
	for _, c := range []struct {
		by         bridge.Speaker
		name, icon string
	}{
		{byVisitor, "Maria Lopez · visitor", "https://example.com/m.png"},
		{bridge.Speaker{Kind: bridge.ByVisitor}, "Visitor · visitor", ""},
		{bridge.Speaker{Kind: bridge.ByVisitor, Name: "Ana\n\u202eRuiz", Avatar: "http://example.com/a.png"}, "Ana Ruiz · visitor", ""},
		{bridge.Speaker{Kind: bridge.ByVisitor, Name: strings.Repeat("x", 300)}, strings.Repeat("x", 49) + "… · visitor", ""},
		{bridge.Speaker{Kind: bridge.ByRobot}, "Robot · robot", ""},
		{bridge.Speaker{Kind: bridge.ByAgent}, "Agent", ""},
		{bySystem, "Skein", ""},
	} {
		name, _ := identity(c.by)
		if icon := strip(bridge.Entry{By: c.by}).Icon; name != c.name || icon != c.icon {
			t.Errorf("%+v appears as %q with the picture %q", c.by, name, icon)
		}
	}
}
