package main

import (
	"encoding/json"
	"fmt"
	"html"
	"strings"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/bridge"
)

// slackRoom is a channel of Slack.
type slackRoom struct{ r *rig }

func (r *rig) addSlackRoom() slackRoom {
	r.addSlack()
	return slackRoom{r}
}

var slackMarks = emphasis{bold: "*"}

func (s slackRoom) endpoint() string  { return "support-slack" }
func (s slackRoom) people() [2]string { return [2]string{"Ana", "Ben"} }
func (s slackRoom) can() abilities    { return abilities{format: true, edit: true, longest: 9000} }
func (s slackRoom) user(who int) string {
	return [2]string{anaID, benID}[who]
}

func (s slackRoom) find(first string) (thread string) {
	s.r.slack.Look(func(v slacktest.State) {
		for _, root := range v.Channel(desk) {
			for _, m := range v.Thread(desk, root.TS)[1:] {
				if m.Bot && slackWords(m) == first {
					thread = root.TS
					return
				}
			}
		}
	})
	return thread
}

// richElement is a node of a rich_text block.
type richElement struct {
	Type, Text string
	Style      json.RawMessage
	Elements   []richElement
}

// slackWords is what a person reads: the blocks, or the text where there are none.
func slackWords(m slacktest.Message) string {
	var blocks []richElement
	_ = json.Unmarshal(m.Blocks, &blocks) // a file's message has none
	for _, b := range blocks {
		if b.Type == "rich_text" {
			return strings.ReplaceAll(b.shown(), "\u200b", "")
		}
	}
	return slackMarks.notation(html.UnescapeString(m.Text))
}

func (e richElement) shown() string {
	text := e.Text
	for _, inner := range e.Elements {
		text += inner.shown()
	}
	var style struct{ Bold, Code bool }
	_ = json.Unmarshal(e.Style, &style) // a list's is a word
	if style.Bold {
		text = "<b>" + text + "</b>"
	}
	if style.Code {
		text = "<code>" + text + "</code>"
	}
	return text
}

func (s slackRoom) look(thread string) (lines []line, notices []string) {
	for _, m := range s.r.slack.Thread(desk, thread)[1:] {
		text := slackWords(m)
		if words, ok := strings.CutPrefix(text, ":warning: "); ok && m.Bot && m.Username == "" {
			notices = append(notices, words)
			continue
		}
		l := line{id: m.TS, by: m.Username, text: text}
		switch m.User {
		case anaID:
			l.by = "Ana"
		case benID:
			l.by = "Ben"
		}
		if strings.HasPrefix(m.Text, ":lock:") {
			l.by += noteMark
		}
		for _, f := range m.Files {
			l.files = append(l.files, fmt.Sprintf("%s %d", f.Title, f.Size))
		}
		lines = append(lines, l)
	}
	return lines, notices
}

func (s slackRoom) cards() int { return len(s.r.slack.Channel(desk)) }

func (s slackRoom) card(thread string) string {
	return string(s.r.slack.Thread(desk, thread)[0].Blocks)
}

func (s slackRoom) say(who int, thread, text string, files ...attachment) string {
	s.r.t.Helper()
	d := slacktest.Draft{Text: slackMarks.native(text), ThreadTS: thread}
	for _, f := range files {
		d.Files = append(d.Files, slacktest.Upload{Name: f.name, Data: f.data})
	}
	ts, err := s.r.slack.Post(s.user(who), desk, d)
	check(s.r.t, err)
	return ts
}

func (s slackRoom) answer(who int, thread, _, text string) string { return s.say(who, thread, text) }

func (s slackRoom) edit(who int, id, text string) {
	s.r.t.Helper()
	check(s.r.t, s.r.slack.Edit(s.user(who), desk, id, slackMarks.native(text)))
}

func (s slackRoom) remove(who int, id string) {
	s.r.t.Helper()
	check(s.r.t, s.r.slack.Delete(s.user(who), desk, id))
}

func (s slackRoom) press(who int, thread, word string) {
	s.r.t.Helper()
	press, err := s.r.slack.Press(s.user(who), thread, "skein:"+word, "")
	check(s.r.t, err)
	_, err = press.Await(s.r.ctx)
	check(s.r.t, err)
}

func (s slackRoom) ref(thread string) bridge.ThreadRef { return bridge.ThreadRef(desk + "/" + thread) }

// lose removes the message that the thread hangs from: Slack then takes no more answers to it.
func (s slackRoom) lose(thread string) { check(s.r.t, s.r.slack.DeleteMessage(desk, thread)) }

func (s slackRoom) setDown(down bool) { s.r.slack.SetDown(down) }

func (s slackRoom) fail(t trouble) standing {
	f := slacktest.Fault{
		Method: "chat.postMessage", Thread: t.thread, Times: t.times, For: t.lasts,
		Act: t.act, Hang: t.hang, Malformed: t.cut, Status: t.status, RetryAfter: t.wait, HTML: t.html,
	}
	if t.opening {
		f.Match = func(c slacktest.Call) bool { return c.ThreadTS == "" }
	}
	return s.r.slack.Fail(f)
}
