package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/skeindesk/skein/adapters/discord/discordtest"
	"github.com/skeindesk/skein/config"
)

// The simulated guild.
const (
	discordEndpoint = "demo-discord"
	discordGuild    = "810000000000000001"
	discordDesk     = "810000000000000002"
	discordTeam     = "810000000000000003"
)

// discordPlatform shows a discordtest.Server.
type discordPlatform struct {
	server *discordtest.Server
	screen screen
	forms  discordForms
}

var _ platform = (*discordPlatform)(nil)

// discordIDs are the guild's ids of people.
var discordIDs = map[string]string{
	"ana": "820000000000000001", "chloe": "820000000000000002", "zoe": "820000000000000003",
}

func startDiscord() (*discordPlatform, error) {
	o := discordtest.Options{GuildID: discordGuild, GuildName: shopName, BotName: "Skein"}
	for _, s := range peopleIn("discord") {
		o.Users = append(o.Users, discordtest.User{ID: discordIDs[s.handle], Username: s.handle, GlobalName: s.name})
	}
	o.Channels = []discordtest.Channel{{ID: discordDesk, Name: "customers"}, {ID: discordTeam, Name: "team"}}
	p := &discordPlatform{server: discordtest.New(o)}
	if err := p.server.Start(); err != nil {
		p.server.Close()
		return nil, fmt.Errorf("simulated Discord: %w", err)
	}
	return p, nil
}

// Name implements platform.
func (p *discordPlatform) Name() string { return "discord" }

// ID implements platform.
func (p *discordPlatform) ID(handle string) string { return discordIDs[handle] }

// Endpoint implements platform: the daemon reaches the simulator as it would reach Discord, by HTTP and its gateway.
func (p *discordPlatform) Endpoint() config.Endpoint {
	s := config.DefaultDiscord()
	s.Token, s.APIURL = config.Secret(p.server.Options().Token), p.server.URL()
	s.Guild, s.Channel, s.Colleagues = discordGuild, discordDesk, discordTeam
	s.Members, s.Place = config.MembersInvited, 50
	return config.Endpoint{Name: discordEndpoint, Settings: &s}
}

// Watch implements platform. The condition is evaluated after every change and never holds.
func (p *discordPlatform) Watch(ctx context.Context, changed func()) {
	_ = p.server.Await(ctx, func(discordtest.State) bool {
		changed()
		return false
	})
}

// Close implements platform.
func (p *discordPlatform) Close() { p.server.Close() }

// State implements platform.
func (p *discordPlatform) State() platformState {
	o, snap := p.server.Options(), p.server.Snapshot()
	v := discordView{snap: snap, app: o.BotName, people: map[string]person{}}
	state := platformState{Name: p.Name(), Title: o.GuildName}
	for _, s := range peopleIn("discord") {
		shown := person{ID: s.handle, Ref: discordIDs[s.handle], Name: s.name, Avatar: s.avatar(), Team: s.team}
		v.people[shown.Ref] = shown
		state.People = append(state.People, shown)
	}
	for _, ch := range snap.Channels {
		if ch.Type == discordtest.Text && !ch.Deleted {
			state.Places = append(state.Places, v.places(ch)...)
		}
	}
	for i := range state.Places {
		state.Places[i].Messages = p.screen.still(state.Places[i].Messages)
	}
	state.Forms, state.Commands, state.Menu = p.forms.shown(v), p.commands(), p.menu()
	return state
}

// File implements platform.
func (p *discordPlatform) File(w http.ResponseWriter, r *http.Request, id string) {
	for _, messages := range p.server.Snapshot().Messages {
		for _, m := range messages {
			for _, f := range m.Attachments {
				if f.ID == id && !m.Deleted {
					serveFile(w, r, f.Type, p.server.Data(id))
					return
				}
			}
		}
	}
	http.NotFound(w, r)
}

// discordView turns what the simulator holds into what its client shows.
type discordView struct {
	snap   discordtest.Snapshot
	app    string
	people map[string]person // by user id
}

// places returns a channel and its threads, the oldest first.
func (v *discordView) places(ch discordtest.Channel) []place {
	channel := place{ID: ch.ID, Name: ch.Name, Kind: kindChannel, Messages: v.messages(ch.ID, "")}
	places := []place{channel}
	for _, t := range v.snap.Channels {
		if t.ParentID != ch.ID || t.Deleted || t.Type != discordtest.PublicThread {
			continue
		}
		thread := place{ID: t.ID, Name: t.Name, Kind: kindThread, Parent: ch.ID}
		for _, m := range channel.Messages {
			if m.ID == t.ID { // a thread has the id of the message that it begins with
				thread.Messages = append(thread.Messages, m)
			}
		}
		thread.Messages = append(thread.Messages, v.messages(t.ID, t.ID)...)
		places = append(places, thread)
	}
	return places
}

// Kinds of messages that somebody wrote (https://docs.discord.com/developers/resources/message#message-object-message-types).
const (
	plainMessage = 0
	replyMessage = 19
	slashMessage = 20
)

// messages returns what stands in a channel or a thread, and what one person alone sees there.
func (v *discordView) messages(channel, thread string) []message {
	list := []message{}
	take := func(m discordtest.Message) {
		if m.Type == plainMessage || m.Type == replyMessage || m.Type == slashMessage {
			list = append(list, v.message(m, thread))
		}
	}
	for _, m := range v.snap.Messages[channel] {
		take(m)
	}
	for _, m := range v.snap.Ephemerals {
		if m.Channel == channel {
			take(m)
		}
	}
	sortByTime(list) // snowflakes of our time have nineteen digits
	return list
}

func (v *discordView) message(m discordtest.Message, thread string) message {
	by := v.people[m.Author]
	shown := message{
		ID: m.ID, Thread: thread, Reply: m.Reply, Author: by.Name, As: by.ID, Avatar: by.Avatar, App: m.Bot, At: snowflakeTime(m.ID),
		Edited: !m.Edited.IsZero(), Deleted: m.Deleted, Only: v.people[m.For].ID, Pinned: m.Pinned,
	}
	var embeds []discordEmbed
	_ = json.Unmarshal(m.Embeds, &embeds) // the simulator's own
	poster := v.app
	if m.Webhook != "" {
		poster = m.Name
	}
	if m.Bot {
		shown.Author = poster
		if name, found := strings.CutPrefix(m.Content, "**"); found {
			name, _, _ = strings.Cut(name, "**")
			shown.Author = v.plain(name)
		}
	}
	if m.Deleted {
		return shown
	}
	shown.Source = m.Content
	for _, e := range embeds {
		shown.Source = lines(shown.Source, e.Title, e.Description)
	}
	if line, text, _ := strings.Cut(m.Content, "\n"); m.Bot && strings.HasPrefix(line, "**") && strings.HasSuffix(line, "**") { // the name
		shown.Source = text
	}
	if shown.Text = v.plain(shown.Source); shown.Text == shown.Source {
		shown.Source = ""
	}
	if m.Flags&discordtest.FlagLoading != 0 {
		shown.Text = v.app + " is thinking…"
	}
	if shown.App {
		shown.Buttons = discordButtons(m.Components)
		shown.Blocks, _ = json.Marshal(discordForm{poster, m.Content, m.Embeds, m.Components}) // they are JSON already
	}
	for _, f := range m.Attachments {
		shown.Files = append(shown.Files, attached("discord", f.ID, f.Name, f.Type, f.Size))
	}
	for _, r := range m.Reactions {
		shown.Reactions = append(shown.Reactions, reaction{Name: emojiName(r.Emoji), By: v.names(r.Users)})
	}
	return shown
}

// names turns user ids into people's ids; the app keeps its own.
func (v *discordView) names(users []string) (ids []string) {
	for _, u := range users {
		if by, ok := v.people[u]; ok {
			u = by.ID
		}
		ids = append(ids, u)
	}
	return ids
}
