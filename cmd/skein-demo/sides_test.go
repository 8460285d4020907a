package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// shows holds of places in one of which a message that is still there has the text.
func shows(text string) func([]place) bool {
	return func(places []place) bool { return find(places, text) != nil }
}

func find(places []place, text string) *message {
	for _, p := range places {
		for _, m := range p.Messages {
			if !m.Deleted && strings.Contains(m.Text, text) {
				return &m
			}
		}
	}
	return nil
}

// TestTelegramAndDiscord answers a visitor in Telegram from Discord, and does there what people do.
func TestTelegramAndDiscord(t *testing.T) {
	d := start(t)
	visitor := func(a act) string { a.Platform, a.As = "telegram", "visitor"; return d.act(a) }
	visitor(act{Do: "command", Text: "/start"})
	d.awaitIn("telegram", "the greeting", shows("Ask us about an order"))
	first := visitor(act{Do: "say", Text: "Is the *Hollin* sold out?"})
	thread := d.threadIn("discord", "Is the *Hollin* sold out?")
	if thread.Parent != discordDesk || len(thread.Messages[0].Buttons) == 0 || !thread.Messages[0].App {
		t.Fatalf("the thread does not begin with a card: %+v", thread)
	}
	if m := find([]place{thread}, "sold out"); m.Author != "Lina Moreau · visitor" {
		t.Errorf("the visitor's line is by %q", m.Author)
	}
	visitor(act{Do: "edit", Target: first, Text: "Is the Rake sold out?"})
	d.awaitIn("discord", "the visitor's edit", shows("Is the Rake sold out?"))

	agent := func(as string, a act) string {
		a.Platform, a.As, a.Place, a.Thread = "discord", as, discordDesk, thread.ID
		return d.act(a)
	}
	answer := agent("chloe", act{Do: "say", Text: "No, **two** are left."})
	d.awaitIn("telegram", "Chloe's answer", shows("No, two are left."))
	agent("chloe", act{Do: "edit", Target: answer, Text: "No, **three** are left."})
	d.awaitIn("telegram", "the change", shows("No, three are left."))
	slip := agent("chloe", act{Do: "say", Text: "Wrong window"})
	d.awaitIn("telegram", "Chloe's slip", shows("Wrong window"))
	agent("chloe", act{Do: "delete", Target: slip})
	d.awaitIn("telegram", "that it is gone", func(p []place) bool { return !shows("Wrong window")(p) })
	agent("zoe", act{Do: "say", Text: "I should not be heard"})
	d.awaitIn("discord", "that Zoe is not in the team", shows("Zoe Lindqvist is not in the team"))

	d.awaitIn("discord", "that the card says it is Chloe's", shows("**Assigned** · Chloe Martin")) // or else Ana would take what nobody has
	agent("ana", act{Do: "press", Target: thread.ID, Value: "Take"})
	d.awaitIn("discord", "Ana to own the conversation", shows("**Assigned** · Ana Ruiz"))
	agent("chloe", act{Do: "command", Text: "/close See you on the fells"})
	d.awaitIn("telegram", "the last words", shows("See you on the fells"))
	if shows("I should not be heard")(d.placesIn("telegram")) {
		t.Error("the visitor was shown what Zoe wrote")
	}
	if len(threads(d.places())) > 0 {
		t.Error("a Telegram conversation has opened in Slack")
	}
}

// TestFilesBetweenTelegramAndDiscord carries a file each way.
func TestFilesBetweenTelegramAndDiscord(t *testing.T) {
	d := start(t)
	fetched := func(platform, name string) (content string) {
		t.Helper()
		var given attachment
		d.awaitIn(platform, name, func(places []place) bool {
			for _, p := range places {
				for _, m := range p.Messages {
					for _, f := range m.Files {
						if f.Name == name && m.App {
							given = f
						}
					}
				}
			}
			return given.ID != ""
		})
		if status := d.call("GET", given.URL, "", nil, &content); status != http.StatusOK {
			t.Errorf("%s: %d", given.URL, status)
		}
		return content
	}
	d.act(act{Platform: "telegram", As: "oskar", Do: "upload", Value: "seam.txt", Text: "torn"})
	if got := fetched("discord", "seam.txt"); got != "torn" {
		t.Errorf("the visitor's file holds %q", got)
	}
	thread := threads(d.placesIn("discord"))[0]
	d.act(act{Platform: "discord", As: "chloe", Place: thread.ID, Do: "upload", Value: "label.txt", Text: "post it here"})
	if got := fetched("telegram", "label.txt"); got != "post it here" {
		t.Errorf("the agent's file holds %q", got)
	}
}

// TestReactionsHaveOneName holds that an emoji is called the same wherever it is given.
func TestReactionsHaveOneName(t *testing.T) {
	d := start(t)
	message := map[string]string{
		"discord":  d.act(act{Platform: "discord", Place: discordTeam, As: "ana", Do: "say", Text: "Lunch?"}),
		"telegram": d.act(act{Platform: "telegram", As: "visitor", Do: "say", Text: "Lunch?"}),
	}
	for platform, as := range map[string]string{"discord": "chloe", "telegram": "visitor"} {
		for _, emoji := range []string{":eyes:", "👀"} { // given, and taken back
			d.act(act{Platform: platform, Place: map[string]string{"discord": discordTeam}[platform], As: as, Do: "react", Target: message[platform], Text: emoji})
			got := find(d.placesIn(platform), "Lunch?").Reactions
			if want := emoji == ":eyes:"; want != (len(got) == 1 && got[0].Name == "eyes" && slices.Equal(got[0].By, []string{as})) || !want && len(got) > 0 {
				t.Errorf("%s: after %s: %+v", platform, emoji, got)
			}
		}
	}
}

// TestBoth opens conversations in both clients: by the command line, and by the address of the page.
func TestBoth(t *testing.T) {
	t.Run("-both", func(t *testing.T) { opensBoth(t, start(t, "-both")) })
	t.Run("?both", func(t *testing.T) {
		d := start(t)
		d.visitor("Jonas Keller").say("Only in Slack")
		d.thread("Only in Slack")
		d.call("GET", "/demo/?both", "", nil, new(string))
		opensBoth(t, d)
		d.call("GET", "/demo/", "", nil, new(string))
		d.visitor("Priya Nair").say("In Slack again")
		d.thread("In Slack again")
		d.act(act{Platform: "telegram", As: "oskar", Do: "say", Text: "In Discord again"})
		d.threadIn("discord", "In Discord again")
		if shows("In Slack again")(d.placesIn("discord")) || shows("In Discord again")(d.places()) || shows("Only in Slack")(d.placesIn("discord")) {
			t.Error("a conversation has opened in both")
		}
	})
}

func opensBoth(t *testing.T, d *running) {
	t.Helper()
	maya := d.visitor("Maya Holm")
	maya.say("From the website")
	d.thread("From the website")
	there := d.threadIn("discord", "From the website")
	d.act(act{Platform: "telegram", As: "visitor", Do: "say", Text: "From Telegram"})
	d.thread("From Telegram")
	d.threadIn("discord", "From Telegram")

	d.act(act{Platform: "discord", As: "ana", Place: there.ID, Do: "say", Text: "It is me"})
	got := maya.await("Ana's answer", says("It is me"))
	if got.By.Name != "Ana Ruiz" || got.By.Avatar != d.origin+"/demo/static/avatars/ana.svg" {
		t.Errorf("the answer is by %+v", got.By)
	}
	seen := find([]place{d.thread("It is me")}, "It is me")
	if seen.Author != "Ana Ruiz" || !seen.App {
		t.Errorf("in Slack it is by %q", seen.Author)
	}
	d.await("Ana to own it in Slack, who is one agent in both", func(places []place) bool {
		return slices.ContainsFunc(threads(places), func(p place) bool {
			return strings.Contains(string(p.Messages[0].Blocks), "Ana Ruiz") && find([]place{p}, "It is me") != nil
		})
	})
}

// TestProblemsElsewhere holds that Discord and Telegram refuse in the form in which Slack does.
func TestProblemsElsewhere(t *testing.T) {
	d := start(t)
	own := d.act(act{Platform: "discord", Place: discordTeam, As: "ana", Do: "say", Text: "Mine"})
	mine := d.act(act{Platform: "telegram", As: "visitor", Do: "say", Text: "Mine"})
	for _, c := range []struct {
		name   string
		act    act
		status int
		code   string
	}{
		{"person", act{Platform: "discord", As: "ben", Do: "say", Text: "x"}, 422, "unknown_person"},
		{"do", act{Platform: "discord", Place: discordTeam, As: "ana", Do: "shout"}, 422, "unknown_do"},
		{"place", act{Platform: "discord", Place: "1", As: "ana", Do: "say", Text: "x"}, 404, "channel_not_found"},
		{"thread", act{Platform: "discord", Place: discordTeam, Thread: "1", As: "ana", Do: "say", Text: "x"}, 404, "thread_not_found"},
		{"nothing said", act{Platform: "discord", Place: discordTeam, As: "ana", Do: "say", Text: " "}, 422, "no_text"},
		{"edit to nothing", act{Platform: "discord", As: "ana", Do: "edit", Target: own}, 422, "no_text"},
		{"edit of another's", act{Platform: "discord", As: "zoe", Do: "edit", Text: "x", Target: own}, 403, "cant_update_message"},
		{"delete of another's", act{Platform: "discord", As: "zoe", Do: "delete", Target: own}, 403, "cant_delete_message"},
		{"delete of nothing", act{Platform: "discord", As: "ana", Do: "delete", Target: "1"}, 404, "message_not_found"},
		{"press of nothing", act{Platform: "discord", As: "ana", Do: "press", Target: own, Value: "Take"}, 404, "button_not_found"},
		{"no emoji", act{Platform: "discord", As: "ana", Do: "react", Target: own}, 422, "no_emoji"},
		{"no command", act{Platform: "discord", Place: discordTeam, As: "ana", Do: "command", Text: "help"}, 422, "no_command"},
		{"unknown command", act{Platform: "discord", Place: discordTeam, As: "ana", Do: "command", Text: "/dance"}, 404, "command_not_found"},
		{"file without a name", act{Platform: "discord", Place: discordTeam, As: "ana", Do: "upload", Text: "x"}, 422, "no_file"},
		{"agent", act{Platform: "telegram", As: "ana", Do: "say", Text: "x"}, 422, "unknown_person"},
		{"chat", act{Platform: "telegram", Place: "1", As: "visitor", Do: "say", Text: "x"}, 404, "channel_not_found"},
		{"nothing sent", act{Platform: "telegram", As: "visitor", Do: "say", Text: " "}, 422, "no_text"},
		{"no message", act{Platform: "telegram", As: "visitor", Do: "edit", Text: "x", Target: "99"}, 404, "message_not_found"},
		{"no number", act{Platform: "telegram", As: "visitor", Do: "edit", Text: "x", Target: "a"}, 404, "message_not_found"},
		{"change to nothing", act{Platform: "telegram", As: "visitor", Do: "edit", Target: mine}, 422, "no_text"},
		{"no button", act{Platform: "telegram", As: "visitor", Do: "press", Target: mine, Value: "Take"}, 404, "button_not_found"},
		{"no slash", act{Platform: "telegram", As: "visitor", Do: "command", Text: "start"}, 422, "no_command"},
		{"no such do", act{Platform: "telegram", As: "visitor", Do: "shout"}, 422, "unknown_do"},
	} {
		var got struct{ Code string }
		if status := d.call("POST", "/demo/act", "", c.act, &got); status != c.status || got.Code != c.code {
			t.Errorf("%s: %d %s, want %d %s", c.name, status, got.Code, c.status, c.code)
		}
	}
}
