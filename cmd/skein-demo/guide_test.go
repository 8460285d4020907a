package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/skeindesk/skein/bridge"
)

var guide = flag.Bool("guide", false, "write the table of words in docs/agents.md: go test ./cmd/skein-demo -run TestAgentsGuide -guide")

const (
	guideFile  = "../../docs/agents.md"
	guideBegin = "<!-- words: written by go test ./cmd/skein-demo -run TestAgentsGuide -guide -->\n"
	guideEnd   = "<!-- end of words -->\n"
)

// TestAgentsGuide holds the guide's table against what the clients are really offered: each word as text, in Slack and in
// Discord.
func TestAgentsGuide(t *testing.T) {
	d := start(t, "-both")
	d.visitor("Maya Holm").say("Is the lantern in stock?")
	thread := d.thread("Is the lantern in stock?")
	d.threadIn("discord", "Is the lantern in stock?")
	pressed := map[string]string{}                                                         // labels of the card's buttons by word
	d.act(act{Place: thread.ID, As: "ana", Do: "press", Target: thread.ID, Value: "Take"}) // from the robot
	d.await("the card of who has it", func(places []place) bool {
		return slices.ContainsFunc(threads(places)[0].Messages[0].Buttons, func(b button) bool { return b.Text == "Robot" })
	})
	card := func() {
		for _, b := range threads(d.places())[0].Messages[0].Buttons {
			pressed[strings.TrimPrefix(b.ID, "skein:")] = strings.TrimSuffix(b.Text, "…")
		}
	}
	card()
	d.act(act{Place: thread.ID, As: "ana", Do: "press", Target: thread.ID, Value: "Close"})
	d.await("the closed card", func(places []place) bool {
		return slices.ContainsFunc(threads(places)[0].Messages[0].Buttons, func(b button) bool { return b.Text == "Reopen" })
	})
	card()

	slack, discord := d.state("slack"), d.state("discord")
	var table strings.Builder
	table.WriteString("| To | As text | In Slack | In Discord |\n|---|---|---|---|\n")
	cell := func(s string) string { return strings.ReplaceAll(s, "|", "\\|") }
	for _, w := range bridge.Vocabulary() {
		inSlack, inDiscord := []string{"`/skein " + w.Word + "`"}, []string{"`/" + strings.ReplaceAll(w.Word, " ", "-") + "`"}
		if slices.ContainsFunc(slack.Commands, func(c slashCommand) bool { return c.Name == "/"+w.Word }) {
			inSlack = []string{"`/" + w.Word + "`"}
		}
		if !slices.ContainsFunc(discord.Commands, func(c slashCommand) bool { return "`"+c.Name+"`" == inDiscord[0] }) {
			t.Errorf("Discord is not told of %s", w.Word)
		}
		if label, ok := pressed[w.Word]; ok {
			inSlack, inDiscord = append(inSlack, "button **"+label+"**"), append(inDiscord, "button **"+label+"**")
		}
		if i := slices.IndexFunc(slack.Menu, func(b button) bool { return b.ID == "skein:"+w.Word }); i >= 0 {
			inSlack = append(inSlack, "**⋮** on the line, **"+slack.Menu[i].Text+"**")
		}
		if w.OnMessage {
			inDiscord = append(inDiscord, "**Apps** on the line")
		}
		fmt.Fprintf(&table, "| %s | `%s` | %s | %s |\n",
			cell(w.Help), strings.ReplaceAll(cell(w.Usage), ", or ", "`, or `"), strings.Join(inSlack, ", "), strings.Join(inDiscord, ", "))
	}

	text, err := os.ReadFile(guideFile)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), guideBegin)
	written, after, closed := strings.Cut(rest, guideEnd)
	switch {
	case !ok || !closed:
		t.Fatalf("%s has no table of words", guideFile)
	case *guide:
		if err := os.WriteFile(guideFile, []byte(before+guideBegin+table.String()+guideEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
	case written != table.String():
		t.Errorf("the table in %s is not that of the words there are; write it anew: go test ./cmd/skein-demo -run TestAgentsGuide -guide", guideFile)
	}
}
