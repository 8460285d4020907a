package slack

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

const testThread bridge.ThreadRef = "CDESK/1700000000.000100"

func newTestAdapter(t *testing.T, change func(*Config)) *Adapter {
	t.Helper()
	cfg := Config{Name: "support-slack", BotToken: "xoxb-test", AppToken: "xapp-test", Channel: "CDESK", APIURL: "http://127.0.0.1:1/"}
	if change != nil {
		change(&cfg)
	}
	a, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	a.words = testWords
	return a
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
	assigned.Landed = []bridge.Landed{{Message: "CDESK/1700000000.000100"}}
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
	landed := []bridge.Landed{{Part: 0, Message: "CDESK/1700000001.000100"}, {Part: 1, Message: "CDESK/1700000002.000100"}}
	edited := entryDelivery(bridge.Edited, byVisitor, "shorter")
	edited.Landed = landed
	deleted := entryDelivery(bridge.Deleted, byVisitor, "")
	deleted.Landed = landed
	offering := func(kind bridge.EntryKind) bridge.Delivery {
		d := entryDelivery(kind, bySystem, "Ana is answering. Send it anyway?")
		d.Entry.Audience = bridge.Only("support-slack")
		d.Entry.Offers = []bridge.Offer{
			{Word: "send", Rest: "3", Label: "Send"},
			{Word: "keep", Rest: "3", Label: "Keep internal", Style: bridge.OfferPrimary},
			{Word: "send", Rest: "4", Label: "Send\nall of it " + strings.Repeat("x", 80), Style: bridge.OfferDanger},
		}
		d.Landed = landed[:1]
		return d
	}
	settled := offering(bridge.Edited)
	settled.Entry.Offers = nil
	for name, d := range map[string]bridge.Delivery{
		"opening": opening, "reopening": reopening, "opening-verified": verified,
		"changed-assigned": assigned, "changed-closed": closed, "card": full,
		"said-visitor": entryDelivery(bridge.Said, byVisitor, "Is *this* <!channel> @here :smile: & so?\nSee https://example.com"),
		"said-agent":   entryDelivery(bridge.Said, byAgent, "From the other side."),
		"said-robot":   entryDelivery(bridge.Said, bridge.Speaker{Kind: bridge.ByRobot}, "Beep."),
		"said-system":  entryDelivery(bridge.Said, bySystem, "We are closed today."),
		"said-files":   file, "said-only-files": bare,
		"edited": edited, "deleted": deleted,
		"noted-agent":  entryDelivery(bridge.Noted, byAgent, "She has called before."),
		"noted-system": entryDelivery(bridge.Noted, bySystem, "Not sent: the visitor has gone. <!channel>"),
		"noted-offers": offering(bridge.Noted), "edited-offers": offering(bridge.Edited), "edited-settled": settled,
		"rated": entryDelivery(bridge.Rated, byVisitor, "5 of 5: thank you"),
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
	d.Entry.Files = []bridge.File{{ID: "f", Name: "f.txt", Size: 1}}
	parts, err := a.Render(d)
	if err != nil || len(parts) < 3 {
		t.Fatalf("%d parts, %v", len(parts), err)
	}
	for i, p := range parts {
		content := p.Content.(post)
		if n := utf8.RuneCountInString(content.Text); n > 3900 {
			t.Errorf("part %d has %d characters", i, n)
		}
		if hasFiles := len(content.Files) > 0; hasFiles != (i == len(parts)-1) {
			t.Errorf("part %d: files %v; they belong to the last part", i, hasFiles)
		}
	}
}

func TestRenderEdited(t *testing.T) {
	const first, second, withFile = "CDESK/1700000001.000100", "CDESK/1700000002.000100", "CDESK/1700000003.000100/F1"
	long := strings.Repeat("word ", 1200) // two messages
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

func TestIdentity(t *testing.T) {
	for _, c := range []struct {
		by         bridge.Speaker
		name, icon string
	}{
		{byVisitor, "Maria Lopez · visitor", "https://example.com/m.png"},
		{bridge.Speaker{Kind: bridge.ByVisitor}, "Visitor · visitor", ":speech_balloon:"},
		{bridge.Speaker{Kind: bridge.ByVisitor, Name: "Ana Ruiz", Avatar: "http://example.com/a.png"}, "Ana Ruiz · visitor", ":speech_balloon:"},
		{bridge.Speaker{Kind: bridge.ByVisitor, Name: "Ana\n\u202eRuiz\u200b\t x"}, "", ":speech_balloon:"},
		{bridge.Speaker{Kind: bridge.ByVisitor, Name: strings.Repeat("x", 500)}, strings.Repeat("x", 49) + "… · visitor", ":speech_balloon:"},
		{byAgent, "Chloe", ":bust_in_silhouette:"},
		{bridge.Speaker{Kind: bridge.ByRobot, Name: "Helper"}, "Helper · robot", ":robot_face:"},
		{bySystem, "", ""},
	} {
		name, icon := identity(c.by)
		if c.name != "" && name != c.name || icon != c.icon {
			t.Errorf("identity(%+v) = %q, %q; want %q, %q", c.by, name, icon, c.name, c.icon)
		}
		if strings.ContainsAny(name, "\n\t\u202e") || c.by.Kind == bridge.ByVisitor && !strings.HasSuffix(name, " · visitor") {
			t.Errorf("identity(%+v) = %q: a visitor could pass for an agent", c.by, name)
		}
	}
}

// Marks of delivery are reactions in visitors' threads.
func TestMarks(t *testing.T) {
	a := newTestAdapter(t, nil)
	for emoji, want := range map[string]string{"⏳": "hourglass_flowing_sand", "✅": "white_check_mark", "👀": "eyes", "⚠️": "warning"} {
		parts, err := a.Render(bridge.Delivery{
			Conversation: bridge.Conversation{Kind: bridge.Guest}, Thread: "CDESK/1700000000.000100",
			Entry:  bridge.Entry{Kind: bridge.Unreacted, Body: rich.Of(emoji)},
			Landed: []bridge.Landed{{Message: "CDESK/1700000001.000100"}},
		})
		if err != nil || len(parts) != 1 || parts[0].Op != bridge.Unreact || parts[0].Content.(reaction).Name != want {
			t.Errorf("%s: %+v, %v", emoji, parts, err)
		}
	}
}
