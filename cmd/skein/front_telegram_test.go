package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/skeindesk/skein/adapters/telegram/telegramtest"
)

// botFront is a Telegram bot.
type botFront struct {
	r      *rig
	server *telegramtest.Server
	people int64
}

func (r *rig) addBot(desks string) *botFront {
	return &botFront{r: r, server: r.addTelegram(desks)}
}

func (f *botFront) endpoint() string { return "shop-telegram" }

func (f *botFront) setDown(down bool) { f.server.SetDown(down) }

func (f *botFront) newcomer(name string) visitor {
	f.people++
	id := veraID + f.people
	f.server.AddUser(telegramtest.User{ID: id, FirstName: name})
	return &chatter{r: f.r, server: f.server, id: id}
}

// chatter is somebody with Telegram.
type chatter struct {
	r      *rig
	server *telegramtest.Server
	id     int64
}

func (v *chatter) can() abilities {
	return abilities{format: true, edit: true, answer: true, points: true, unasked: true, longest: 4096}
}

func (v *chatter) post(d telegramtest.Draft) string {
	v.r.t.Helper()
	id, err := v.server.Post(v.id, v.id, d)
	check(v.r.t, err)
	return strconv.FormatInt(id, 10)
}

func (v *chatter) say(text string, files ...attachment) string {
	v.r.t.Helper()
	d := telegramtest.Draft{}
	d.Text, d.Entities = toEntities(text)
	for _, f := range files {
		d.Attach = telegramtest.Document(f.name, "application/octet-stream", f.data)
	}
	return v.post(d)
}

func (v *chatter) answer(to, text string) string {
	v.r.t.Helper()
	d := telegramtest.Draft{ReplyTo: number(to)}
	d.Text, d.Entities = toEntities(text)
	return v.post(d)
}

func (v *chatter) edit(id, text string) {
	v.r.t.Helper()
	text, entities := toEntities(text)
	check(v.r.t, v.server.Edit(v.id, v.id, number(id), text, entities...))
}

func (v *chatter) arrive() {}

func (v *chatter) confirmed() (all bool) {
	v.server.Look(func(s telegramtest.State) { all = s.Pending() == 0 })
	return all
}

func (v *chatter) fail(t trouble) standing {
	return v.server.Fail(telegramtest.Fault{
		Match: func(c telegramtest.Call) bool {
			return c.Chat == v.id && strings.HasPrefix(c.Method, "send") && c.Method != "sendChatAction"
		},
		Times: t.times, For: t.lasts, Act: t.act, Hang: t.hang, Cut: t.cut, Status: t.status, RetryAfter: t.wait,
	})
}

func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

func (v *chatter) reread() []line { return v.shown() }

func (v *chatter) shown() []line {
	chat := v.server.Chat(v.id)
	text := map[int64]string{}
	var out []line
	for _, m := range chat {
		l := line{id: strconv.FormatInt(m.ID, 10), by: "visitor", text: fromEntities(m.Text, m.Entities), answers: text[m.ReplyTo]}
		if m.From != v.id {
			l.by = "team"
		}
		if m.File != nil {
			l.files = []string{fmt.Sprintf("%s %d", m.File.Name, m.File.Size)}
		}
		text[m.ID] = l.text
		out = append(out, l)
	}
	return out
}

var tags = regexp.MustCompile(`<(/?)(b|code)>`)

var entityOf = map[string]string{"b": "bold", "code": "code"}

// toEntities takes the tests' notation apart.
func toEntities(text string) (string, []telegramtest.Entity) {
	var b strings.Builder
	var list []telegramtest.Entity
	units := func() int { return len(utf16.Encode([]rune(b.String()))) }
	at := 0
	for _, m := range tags.FindAllStringSubmatchIndex(text, -1) {
		b.WriteString(text[at:m[0]])
		at = m[1]
		if text[m[2]:m[3]] == "" {
			list = append(list, telegramtest.Entity{Type: entityOf[text[m[4]:m[5]]], Offset: units()})
		} else {
			list[len(list)-1].Length = units() - list[len(list)-1].Offset
		}
	}
	b.WriteString(text[at:])
	return b.String(), list
}

// fromEntities puts it together again.
func fromEntities(text string, list []telegramtest.Entity) string {
	units := utf16.Encode([]rune(text))
	var b strings.Builder
	at := 0
	for _, e := range list {
		for tag, kind := range entityOf {
			if kind == e.Type {
				b.WriteString(string(utf16.Decode(units[at:e.Offset])) + "<" + tag + ">")
				b.WriteString(string(utf16.Decode(units[e.Offset:e.Offset+e.Length])) + "</" + tag + ">")
				at = e.Offset + e.Length
			}
		}
	}
	return b.String() + string(utf16.Decode(units[at:]))
}
