package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// state is what a simulated platform shows.
func (d *running) state(platform string) platformState {
	d.t.Helper()
	var all struct{ Platforms []platformState }
	if status := d.call("GET", "/demo/state", "", nil, &all); status != http.StatusOK {
		d.t.Fatalf("state: %d", status)
	}
	i := slices.IndexFunc(all.Platforms, func(p platformState) bool { return p.Name == platform })
	if i < 0 {
		d.t.Fatalf("there is no %s", platform)
	}
	return all.Platforms[i]
}

// formFor waits for the form that a person has open.
func (d *running) formFor(platform, person string) (found form) {
	d.t.Helper()
	d.awaitIn(platform, "a form for "+person, func([]place) bool {
		for _, f := range d.state(platform).Forms {
			if f.Only == person {
				found = f
				return true
			}
		}
		return false
	})
	return found
}

// refused does what must not be possible and returns why.
func (d *running) refused(a act) string {
	d.t.Helper()
	var answer struct{ Code string }
	if status := d.call("POST", "/demo/act", "", a, &answer); status < 400 || status >= 500 {
		d.t.Errorf("%+v: %d", a, status)
	}
	return answer.Code
}

// options are those that are suggested.
func (d *running) options(a act) (labels []string) {
	d.t.Helper()
	var answer struct{ Options []option }
	a.Do = "suggest"
	if status := d.call("POST", "/demo/act", "", a, &answer); status != http.StatusOK {
		d.t.Fatalf("%+v: %d", a, status)
	}
	for _, o := range answer.Options {
		labels = append(labels, o.Label)
	}
	return labels
}

// TestSlackForms assigns by the button of the card and its form, takes back by the menu of a message, and asks by a slash
// command.
func TestSlackForms(t *testing.T) {
	d := start(t)
	maya := d.visitor("Maya Holm")
	maya.say("Is the lantern in stock?")
	thread := d.thread("Is the lantern in stock?")
	ana := act{Platform: "slack", Place: thread.ID, As: "ana"}
	press := ana
	press.Do, press.Target, press.Value = "press", thread.ID, "Assign…"
	d.act(press)
	f := d.formFor("slack", "ana")
	if len(f.Fields) != 1 || f.Fields[0].Kind != fieldSearch || f.Submit == "" {
		t.Fatalf("the form to assign: %+v", f)
	}
	typing := act{Platform: "slack", As: "ana", Target: f.ID, Value: f.Fields[0].Name, Text: "be"}
	if got := d.options(typing); !slices.Equal(got, []string{"Ben Okafor"}) {
		t.Errorf("suggested %q", got)
	}
	if code := d.refused(act{Platform: "slack", As: "ben", Do: "dismiss", Target: ""}); code != "no_form" {
		t.Errorf("Ben closes Ana's form: %q", code)
	}
	d.act(act{Platform: "slack", As: "ana", Do: "press", Target: f.ID, Value: `{"` + f.Fields[0].Name + `": "Ben Okafor"}`})
	owned := func(by string) func([]place) bool {
		return func(places []place) bool {
			return strings.Contains(string(threads(places)[0].Messages[0].Blocks), "*Assigned* · "+by)
		}
	}
	d.await("Ben to have it", owned("Ben Okafor"))
	if open := d.state("slack").Forms; len(open) > 0 {
		t.Errorf("still open: %+v", open)
	}

	press.Value = "Assign…"
	d.act(press)
	d.formFor("slack", "ana")
	d.act(act{Platform: "slack", As: "ana", Do: "dismiss"})
	if open := d.state("slack").Forms; len(open) > 0 {
		t.Errorf("dismissed, but still open: %+v", open)
	}

	d.act(act{Place: thread.ID, As: "ana", Do: "press", Target: thread.ID, Value: "Take"})
	d.await("Ana to have it", owned("Ana Ruiz"))
	line := d.act(act{Place: thread.ID, As: "ana", Do: "say", Text: "Wrong window"})
	maya.await("the slip", says("Wrong window"))
	d.act(act{Place: thread.ID, As: "ana", Do: "press", Target: line, Value: "Take back"})
	d.await("the receipt", shows("Taken back"))

	d.act(act{Place: slackDesk, As: "ana", Do: "command", Text: "/skein who"})
	d.await("who is there", func(places []place) bool {
		m := find(places, "Ben Okafor")
		for _, p := range places {
			for _, one := range p.Messages {
				if one.Only == "ana" && strings.Contains(one.Text, "Chloe Martin") {
					m = &one
				}
			}
		}
		return m != nil && m.Only == "ana"
	})
	commands := d.state("slack").Commands
	if !slices.ContainsFunc(commands, func(c slashCommand) bool { return c.Name == "/skein" }) {
		t.Errorf("a slash lists %+v", commands)
	}
}

// TestDiscordForms gives slash commands with options and suggestions, fills in a form, and uses the menu of a message.
func TestDiscordForms(t *testing.T) {
	d := start(t)
	d.act(act{Platform: "telegram", As: "visitor", Do: "say", Text: "Is the Hollin sold out?"})
	thread := d.threadIn("discord", "Is the Hollin sold out?")
	chloe := func(a act) string { a.Platform, a.As, a.Place = "discord", "chloe", thread.ID; return d.act(a) }
	chloe(act{Do: "command", Text: "/take"})
	d.awaitIn("discord", "Chloe to have it", shows("**Assigned** · Chloe Martin"))
	typing := act{Platform: "discord", As: "chloe", Place: thread.ID, Text: "/assign an", Value: "agent"}
	if got := d.options(typing); len(got) != 1 || !strings.HasPrefix(got[0], "Ana Ruiz") {
		t.Errorf("suggested %q", got)
	}
	chloe(act{Do: "command", Text: "/assign", Value: `{"agent": "Ana Ruiz"}`})
	d.awaitIn("discord", "Ana to have it", shows("**Assigned** · Ana Ruiz"))
	chloe(act{Do: "press", Target: thread.ID, Value: "Assign"})
	f := d.formFor("discord", "chloe")
	chloe(act{Do: "submit", Target: f.ID, Value: `{"agent": "Chloe Martin"}`})
	d.awaitIn("discord", "Chloe to have it again", shows("**Assigned** · Chloe Martin"))
	if open := d.state("discord").Forms; len(open) > 0 {
		t.Errorf("still open: %+v", open)
	}
	line := chloe(act{Do: "say", Text: "Wrong window"})
	d.awaitIn("telegram", "the slip", shows("Wrong window"))
	chloe(act{Do: "press", Target: line, Value: "Recall"})
	d.awaitIn("telegram", "that it is gone", func(p []place) bool { return !shows("Wrong window")(p) })

	chloe(act{Do: "command", Text: "/who"})
	var answer message
	d.awaitIn("discord", "who is there", func(places []place) bool {
		for _, p := range places {
			for _, m := range p.Messages {
				if m.Only == "chloe" && strings.Contains(m.Text, "Ben Okafor") {
					answer = m
				}
			}
		}
		return answer.ID != ""
	})
	chloe(act{Do: "dismiss", Target: answer.ID})
	if shows("Ben Okafor")(d.placesIn("discord")) {
		t.Error("put away, but still shown")
	}
}

// TestQuickReplies holds that those the demonstration comes with can be found and sent.
func TestQuickReplies(t *testing.T) {
	d := start(t)
	maya := d.visitor("Maya Holm")
	maya.say("How long does it take?")
	thread := d.thread("How long does it take?")
	send := func(shortcut string) {
		d.act(act{Place: thread.ID, As: "ben", Do: "say", Text: "!qr send " + shortcut})
	}
	// One after the other: two lines within a millisecond may swap on their way.
	send("hello")
	maya.await("hello", says("Hello Maya Holm, this is Ben Okafor from Tarn & Tor. How can I help?"))
	send("refund")
	maya.await("refund", func(e entry) bool { return strings.HasPrefix(e.Text, "Of course, Maya Holm.") })
	send("shipping")
	maya.await("shipping", func(e entry) bool { return strings.HasPrefix(e.Text, "We ship on weekdays") })
}
