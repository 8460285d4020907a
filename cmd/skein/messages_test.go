package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/skeindesk/skein/adapters/discord/markdown"
	"github.com/skeindesk/skein/adapters/slack/mrkdwn"
	"github.com/skeindesk/skein/adapters/telegram/entities"
	"github.com/skeindesk/skein/bridge/rich"
)

var updateMessages = flag.Bool("update", false, "write the messages in testdata anew instead of comparing")

// TestMessagesOnAllPlatforms shows messages as people write them, each as all platforms get it, beside what must be so
// for every one of them: no word is lost or moved, and nothing becomes a mention or a link that was none.
func TestMessagesOnAllPlatforms(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range messages {
		if seen[m.name] {
			t.Fatalf("two messages are called %q", m.name)
		}
		seen[m.name] = true
		t.Run(m.name, func(t *testing.T) {
			doc := m.read(t)
			keepsItsMeaning(t, doc)
			path := filepath.Join("testdata", "messages", m.name+".txt")
			got := everywhere(t, m, doc)
			if *updateMessages {
				if err := os.WriteFile(path, got, 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s differs (go test -update writes it anew); got:\n%s", path, got)
			}
		})
	}
	if len(seen) < 60 {
		t.Errorf("%d messages, want 60", len(seen))
	}
	files, err := filepath.Glob("testdata/messages/*.txt")
	if err != nil || len(files) != len(seen) {
		t.Errorf("%d files for %d messages, %v", len(files), len(seen), err)
	}
}

// message is what somebody wrote, in the form in which their platform hands it on.
type message struct {
	name   string
	form   form
	text   string
	ranges []entities.Entity // written on Telegram
}

type form string

const (
	plain     form = "website" // typed into the widget
	inSlack   form = "slack"
	inDiscord form = "discord"
	onPhone   form = "telegram"
)

func (m message) read(t *testing.T) rich.Doc {
	t.Helper()
	switch m.form {
	case plain:
		return rich.Of(m.text)
	case inSlack:
		return mrkdwn.FromText(m.text, names{})
	case inDiscord:
		return markdown.Read(m.text, names{})
	case onPhone:
		return entities.Read(m.text, m.ranges)
	}
	t.Fatalf("no such form: %s", m.form)
	return nil
}

// names are what two people are called everywhere.
type names struct{}

func (names) User(id string) string {
	return map[string]string{"U0ANA": "Ana", "U0BEN": "Ben", "1001": "Chloé"}[id]
}

func (names) Channel(id string) string { return map[string]string{"C0SHOP": "shop"}[id] }

// everywhere writes the message as each platform gets it.
func everywhere(t *testing.T, m message, doc rich.Doc) []byte {
	t.Helper()
	var b bytes.Buffer
	section := func(name, text string) { fmt.Fprintf(&b, "-- %s --\n%s\n", name, text) }
	section("written in "+string(m.form), m.text)
	section("to slack, as blocks", indented(t, mrkdwn.ToBlocks(doc)))
	section("to slack, as text", mrkdwn.ToText(doc))
	section("to discord", markdown.Write(doc))
	text, ranges := entities.Write(doc)
	section("to telegram", text)
	section("to telegram, formatted", indented(t, ranges))
	section("to a browser", rich.HTML(doc))
	section("to a notification", rich.Plain(doc))
	return b.Bytes()
}

func indented(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(b.String())
}

// keepsItsMeaning reads back what each platform got.
func keepsItsMeaning(t *testing.T, doc rich.Doc) {
	t.Helper()
	blocks, err := json.Marshal(mrkdwn.ToBlocks(doc))
	if err != nil {
		t.Fatal(err)
	}
	fromBlocks, ok := mrkdwn.FromBlocks(blocks, names{})
	if !ok {
		t.Error("Slack's blocks cannot be read back")
	}
	text, ranges := entities.Write(doc)
	for platform, back := range map[string]rich.Doc{
		"Slack's blocks": fromBlocks,
		"Slack's text":   mrkdwn.FromText(mrkdwn.ToText(doc), names{}),
		"Discord":        markdown.Read(markdown.Write(doc), names{}),
		"Telegram":       entities.Read(text, ranges),
	} {
		if lost, ok := inOrder(readable(doc), readable(back)); !ok {
			t.Errorf("%s has lost %q, or moved it: %q", platform, lost, rich.Plain(back))
		}
		if people := rich.Mentioned(back); len(people) > 0 {
			t.Errorf("%s alerts %q", platform, people)
		}
		before := links(doc)
		for address := range links(back) {
			if !before[address] {
				t.Errorf("%s links to %q; the message links to %q", platform, address, slices.Sorted(maps.Keys(before)))
			}
		}
	}
}

// readable are the words of a text, without marks.
func readable(doc rich.Doc) []string {
	text := strings.ReplaceAll(rich.Plain(doc), "\u200b", "") // with which some platforms escape
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r < 0x1f000 })
}

// inOrder says whether all words are among the others in the same order, or which is the first that is not.
func inOrder(these, among []string) (missing string, ok bool) {
	for _, w := range these {
		i := slices.Index(among, w)
		if i < 0 {
			return w, false
		}
		among = among[i+1:]
	}
	return "", true
}

func links(nodes []rich.Node) map[string]bool {
	found := map[string]bool{}
	for _, n := range nodes {
		if n.Kind == rich.Link {
			found[n.URL] = true
		}
		maps.Copy(found, links(n.Children))
	}
	return found
}
