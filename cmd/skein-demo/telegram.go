package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/skeindesk/skein/adapters/telegram/telegramtest"
	"github.com/skeindesk/skein/config"
)

const telegramEndpoint = "demo-telegram"

// telegramPlatform shows a telegramtest.Server: the phones of people who write to the shop's bot.
type telegramPlatform struct {
	server *telegramtest.Server
}

var _ platform = (*telegramPlatform)(nil)

// telegramIDs are Telegram's ids of people, and of their chats with the bot.
var telegramIDs = map[string]int64{"visitor": 7001, "oskar": 7002}

func startTelegram() (*telegramPlatform, error) {
	o := telegramtest.Options{BotName: shopName, BotUsername: "tarn_and_tor_bot"}
	for _, s := range peopleIn("telegram") {
		first, last, _ := strings.Cut(s.name, " ")
		o.Users = append(o.Users, telegramtest.User{ID: telegramIDs[s.handle], FirstName: first, LastName: last, Language: "en"})
	}
	p := &telegramPlatform{server: telegramtest.New(o)}
	if err := p.server.Start(); err != nil {
		p.server.Close()
		return nil, fmt.Errorf("simulated Telegram: %w", err)
	}
	return p, nil
}

// Name implements platform.
func (p *telegramPlatform) Name() string { return "telegram" }

// ID implements platform.
func (p *telegramPlatform) ID(handle string) string {
	return strconv.FormatInt(telegramIDs[handle], 10)
}

// Endpoint implements platform: the daemon asks the simulator for updates as it would ask Telegram.
func (p *telegramPlatform) Endpoint() config.Endpoint {
	s := config.DefaultTelegram()
	s.Translate = true
	s.Token, s.APIURL = config.Secret(p.server.Options().Token), p.server.URL()
	s.Greeting, s.Place = shopGreeting, 50
	return config.Endpoint{Name: telegramEndpoint, Settings: &s}
}

// Watch implements platform. The condition is evaluated after every change and never holds.
func (p *telegramPlatform) Watch(ctx context.Context, changed func()) {
	_ = p.server.Await(ctx, func(telegramtest.State) bool {
		changed()
		return false
	})
}

// Close implements platform.
func (p *telegramPlatform) Close() { p.server.Close() }

// State implements platform: each person has the chat with the bot, empty until they write.
func (p *telegramPlatform) State() platformState {
	snap := p.server.Snapshot()
	state := platformState{Name: p.Name(), Title: shopName}
	for _, s := range peopleIn("telegram") {
		someone := person{ID: s.handle, Ref: p.ID(s.handle), Name: s.name, Avatar: s.avatar()}
		state.People = append(state.People, someone)
		chat := place{ID: someone.Ref, Name: shopName, Kind: kindChat, Messages: []message{}}
		for _, m := range snap.Messages[telegramIDs[s.handle]] {
			chat.Messages = append(chat.Messages, telegramMessage(m, someone))
		}
		state.Places = append(state.Places, chat)
	}
	return state
}

// telegramMessage turns a message of the chat of a person into what their phone shows.
func telegramMessage(m telegramtest.Message, of person) message {
	shown := message{
		ID: strconv.FormatInt(m.ID, 10), Author: of.Name, As: of.ID, Avatar: of.Avatar, At: m.Date.UnixMilli(),
		Edited: !m.Edited.IsZero(), Deleted: m.Deleted,
	}
	if strconv.FormatInt(m.From, 10) != of.Ref {
		shown.Author, shown.As, shown.Avatar, shown.App = shopName, "", "", true
	}
	if m.Deleted {
		return shown
	}
	if m.ReplyTo != 0 {
		shown.Reply = strconv.FormatInt(m.ReplyTo, 10)
	}
	shown.Text = m.Text
	if len(m.Entities) > 0 {
		shown.Blocks = entitiesForm(m.Entities)
	}
	shown.Buttons = telegramButtons(m.Buttons)
	if f := m.File; f != nil {
		shown.Files = []attachment{attached("telegram", f.ID, telegramName(f), telegramType(f), int(f.Size))}
	}
	for _, r := range m.Reactions {
		shown.Reactions = append(shown.Reactions, reaction{Name: emojiName(r.Emoji), By: []string{of.ID}})
	}
	return shown
}

// entitiesForm is message.Blocks of a message in Telegram: the formatting, in UTF-16 units of the text
// (https://core.telegram.org/bots/api#messageentity).
func entitiesForm(entities []telegramtest.Entity) json.RawMessage {
	type entity struct {
		Type   string `json:"type"`
		Offset int    `json:"offset"`
		Length int    `json:"length"`
		URL    string `json:"url,omitempty"`
	}
	var list []entity
	for _, e := range entities {
		list = append(list, entity{e.Type, e.Offset, e.Length, e.URL})
	}
	form, _ := json.Marshal(list) // of plain values
	return form
}

func telegramButtons(rows [][]telegramtest.Button) (list []button) {
	for _, row := range rows {
		for _, b := range row {
			list = append(list, button{ID: b.Data, Text: b.Text, Value: b.URL})
		}
	}
	return list
}

// telegramName names a file; a photo has no name.
func telegramName(f *telegramtest.File) string {
	if f.Name != "" {
		return f.Name
	}
	return f.Kind
}

func telegramType(f *telegramtest.File) string {
	if f.Type != "" {
		return f.Type
	}
	return http.DetectContentType(f.Data)
}

// File implements platform.
func (p *telegramPlatform) File(w http.ResponseWriter, r *http.Request, id string) {
	for _, messages := range p.server.Snapshot().Messages {
		for _, m := range messages {
			if m.File != nil && m.File.ID == id && !m.Deleted {
				serveFile(w, r, telegramType(m.File), m.File.Data)
				return
			}
		}
	}
	http.NotFound(w, r)
}
