package main

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/skeindesk/skein/adapters/discord/discordtest"
	"github.com/skeindesk/skein/bridge"
)

const (
	chloeUser = "1001"
	danUser   = "1002"
	deskPlace = "2001"
)

// discordSpec is Discord's own description, which every request and every answer is checked against.
var discordSpec = sync.OnceValues(func() (*discordtest.Spec, error) {
	folder := os.Getenv("SKEIN_SPECS")
	if folder == "" {
		return nil, errors.New("SKEIN_SPECS is not set: it names the folder of the platforms' official API descriptions. Run the tests with `make test`, or set it")
	}
	return discordtest.LoadSpec(folder)
})

// addDiscord starts a server with Chloe and Dan and a channel of the given kind, and the endpoint support-discord.
func (r *rig) addDiscord(kind int, change ...func(*discordtest.Options)) *discordtest.Server {
	r.t.Helper()
	spec, err := discordSpec()
	must(r.t, err)
	place := discordtest.Channel{ID: deskPlace, Name: "support", Type: kind}
	if kind == discordtest.Forum {
		place.Tags = []discordtest.Tag{{Name: "Unassigned"}, {Name: "Assigned"}, {Name: "Robot"}, {Name: "Closed"}}
	}
	opts := discordtest.Options{
		Spec: spec, HeartbeatInterval: time.Second, AnswerTimeout: pressPatience, Channels: []discordtest.Channel{place},
		Users: []discordtest.User{{ID: chloeUser, Username: "chloe", GlobalName: "Chloe"}, {ID: danUser, Username: "dan", GlobalName: "Dan"}},
	}
	for _, c := range change {
		c(&opts)
	}
	server := discordtest.New(opts)
	must(r.t, server.Start())
	r.t.Cleanup(func() {
		server.Close()
		for _, v := range server.Violations() {
			r.t.Errorf("against Discord's description: %+v", v)
		}
	})
	o := server.Options()
	r.endpoint("SUPPORT_DISCORD", map[string]string{
		"TYPE": "discord", "TOKEN": o.Token, "API_URL": server.URL(), "GUILD": o.GuildID, "CHANNEL": deskPlace, "PINNED_LIST": "false",
		"PLACE_RATE": "0", "TOTAL_RATE": "0", "GUARD": "off",
	})
	return server
}

// discordRoom is a text channel or a forum of Discord.
type discordRoom struct {
	r      *rig
	server *discordtest.Server
}

func (r *rig) addDiscordRoom(kind int) discordRoom { return discordRoom{r, r.addDiscord(kind)} }

var discordMarks = emphasis{bold: "**"}

func (d discordRoom) endpoint() string  { return "support-discord" }
func (d discordRoom) people() [2]string { return [2]string{"Chloe", "Dan"} }
func (d discordRoom) can() abilities {
	return abilities{format: true, edit: true, answer: true, points: true, longest: 2000}
}
func (d discordRoom) user(who int) string { return [2]string{chloeUser, danUser}[who] }

func (d discordRoom) find(first string) (thread string) {
	d.server.Look(func(v discordtest.State) {
		for _, t := range v.Threads(deskPlace) {
			for _, m := range v.Said(t.ID) {
				if m.Bot && discordWords(m) == first {
					thread = t.ID
					return
				}
			}
		}
	})
	return thread
}

// speaker is whose name stands above a message of ours.
func speaker(m discordtest.Message) string {
	line, _, _ := strings.Cut(m.Content, "\n")
	_, name, _ := strings.Cut(line, "**")
	name, _, _ = strings.Cut(name, "**")
	return escaped.ReplaceAllString(name, "$1")
}

var escaped = regexp.MustCompile(`\\([^\w\s])`)

func discordWords(m discordtest.Message) string {
	text := m.Content
	if m.Bot {
		text = strings.ReplaceAll(belowName(m), "\u200b", "")
	}
	return escaped.ReplaceAllString(discordMarks.notation(text), "$1")
}

func (d discordRoom) look(thread string) (lines []line, notices []string) {
	var all []discordtest.Message
	d.server.Look(func(v discordtest.State) { all = v.Said(thread) })
	text := map[string]string{}
	for _, m := range all {
		l := line{id: m.ID, text: discordWords(m), answers: text[m.Reply]}
		text[m.ID] = l.text
		words, notice := strings.CutPrefix(l.text, "⚠️ ")
		switch {
		case m.ID == thread: // a forum's card
			continue
		case m.Bot && notice:
			notices = append(notices, words)
			continue
		case m.Bot:
			l.by = speaker(m)
			if _, words, note := strings.Cut(l.text, "The visitor does not see it.*\n"); note {
				l.by, l.text = l.by+noteMark, words
			}
		default:
			l.by = map[string]string{chloeUser: "Chloe", danUser: "Dan"}[m.Author]
		}
		for _, f := range m.Attachments {
			l.files = append(l.files, fmt.Sprintf("%s %d", f.Name, f.Size))
		}
		lines = append(lines, l)
	}
	return lines, notices
}

// cards counts a text channel's messages too: a card may be without its thread.
func (d discordRoom) cards() int {
	return max(len(d.server.Said(deskPlace)), len(d.server.Threads(deskPlace)))
}

func (d discordRoom) card(thread string) (card string) {
	d.server.Look(func(v discordtest.State) {
		m, _ := v.Message(thread)
		ch, _ := v.Channel(thread)
		parent, _ := v.Channel(ch.ParentID)
		card = m.Content
		for _, t := range parent.Tags {
			for _, applied := range ch.AppliedTags {
				if t.ID == applied {
					card += "\ntag " + t.Name
				}
			}
		}
	})
	return card
}

func (d discordRoom) post(who int, thread string, draft discordtest.Draft) string {
	d.r.t.Helper()
	id, err := d.server.Post(d.user(who), thread, draft)
	check(d.r.t, err)
	return id
}

func (d discordRoom) say(who int, thread, text string, files ...attachment) string {
	d.r.t.Helper()
	draft := discordtest.Draft{Text: discordMarks.native(text)}
	for _, f := range files {
		draft.Files = append(draft.Files, discordtest.File{Name: f.name, Data: f.data})
	}
	return d.post(who, thread, draft)
}

func (d discordRoom) answer(who int, thread, to, text string) string {
	d.r.t.Helper()
	return d.post(who, thread, discordtest.Draft{Text: discordMarks.native(text), Reply: to})
}

func (d discordRoom) edit(who int, id, text string) {
	d.r.t.Helper()
	check(d.r.t, d.server.Edit(d.user(who), id, discordMarks.native(text)))
}

func (d discordRoom) remove(who int, id string) {
	d.r.t.Helper()
	check(d.r.t, d.server.Delete(d.user(who), id))
}

func (d discordRoom) press(who int, thread, word string) {
	d.r.t.Helper()
	press, err := d.server.Press(d.user(who), thread, "skein:"+word)
	check(d.r.t, err)
	_, err = press.Await(d.r.ctx)
	check(d.r.t, err)
}

func (d discordRoom) ref(thread string) bridge.ThreadRef { return bridge.ThreadRef(thread) }

func (d discordRoom) lose(thread string) { check(d.r.t, d.server.DeleteChannel(thread)) }

func (d discordRoom) setDown(down bool) { d.server.SetDown(down) }

func (d discordRoom) fail(t trouble) standing {
	f := discordtest.Fault{
		Channel: t.thread, Times: t.times, For: t.lasts,
		Act: t.act, Hang: t.hang, Cut: t.cut, Status: t.status, RetryAfter: t.wait, HTML: t.html,
	}
	f.Match = func(c discordtest.Call) bool { return c.Method == "create_message" || c.Method == "create_thread" }
	if t.opening {
		f.Channel = deskPlace
	}
	if t.card {
		f.Match = func(c discordtest.Call) bool { return c.Method == "create_thread_from_message" }
	}
	return d.server.Fail(f)
}
