package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/config"
)

// The simulated workspace.
const (
	slackEndpoint = "demo-slack"
	slackDesk     = "C0CUSTOMERS"
	slackGeneral  = "C0GENERAL"
)

// slackPlatform shows a slacktest.Server.
type slackPlatform struct {
	server *slacktest.Server
	origin string // of the page
}

var _ platform = (*slackPlatform)(nil)

// slackID is the workspace's id of a colleague.
func slackID(handle string) string { return "U0" + strings.ToUpper(handle) }

// startSlack runs a workspace whose people have pictures under origin.
func startSlack(origin string) (*slackPlatform, error) {
	o := slacktest.Options{TeamName: shopName, TeamDomain: "tarn-and-tor", BotName: "Skein", HoldEvents: true}
	var everyone []string
	for _, c := range colleagues {
		id := slackID(c.handle)
		everyone = append(everyone, id)
		o.Users = append(o.Users, slacktest.User{ID: id, Name: c.handle, RealName: c.name, DisplayName: c.name, Avatar: c.avatar(origin)})
	}
	o.Channels = []slacktest.Channel{
		{ID: slackDesk, Name: "customers", Members: everyone},
		{ID: slackGeneral, Name: "general", Members: everyone, NoBot: true},
	}
	p := &slackPlatform{server: slacktest.New(o), origin: origin}
	if err := p.start(); err != nil {
		p.server.Close()
		return nil, fmt.Errorf("simulated Slack: %w", err)
	}
	return p, nil
}

// start opens the workspace for the day.
func (p *slackPlatform) start() error {
	if err := p.server.Start(); err != nil {
		return err
	}
	for _, line := range []struct{ who, text string }{
		{"ben", "Morning all. The courier comes at four today, an hour earlier than usual."},
		{"ana", "Thanks. I have the desk until noon, then you."},
	} {
		if _, err := p.server.Say(slackID(line.who), slackGeneral, "", line.text); err != nil {
			return err
		}
	}
	return nil
}

// Name implements platform.
func (p *slackPlatform) Name() string { return "slack" }

// Endpoint implements platform: the daemon reaches the simulator as it would reach Slack, by HTTP and Socket Mode.
func (p *slackPlatform) Endpoint() config.Endpoint {
	o, s := p.server.Options(), config.DefaultSlack()
	s.BotToken, s.AppToken = config.Secret(o.BotToken), config.Secret(o.AppToken)
	s.APIURL, s.Channel = p.server.URL(), slackDesk
	s.Members, s.Place = config.MembersInvited, 50
	return config.Endpoint{Name: slackEndpoint, Settings: &s}
}

// Team implements platform.
func (p *slackPlatform) Team() (team []bridge.Person) {
	users := map[string]slacktest.User{}
	for _, u := range p.server.Snapshot().Users {
		users[u.ID] = u
	}
	for _, c := range colleagues {
		if u := users[slackID(c.handle)]; c.team {
			team = append(team, bridge.Person{ID: u.ID, Name: u.DisplayName, Avatar: u.Avatar})
		}
	}
	return team
}

// Watch implements platform. The condition is evaluated after every change and never holds.
func (p *slackPlatform) Watch(ctx context.Context, changed func()) {
	_ = p.server.Await(ctx, func(slacktest.State) bool {
		changed()
		return false
	})
}

// Close implements platform.
func (p *slackPlatform) Close() { p.server.Close() }

// State implements platform.
func (p *slackPlatform) State() platformState {
	o, snap := p.server.Options(), p.server.Snapshot()
	v := slackView{snap: snap, app: o.BotName, people: map[string]person{}}
	state := platformState{Name: p.Name(), Title: o.TeamName}
	for _, c := range colleagues {
		for _, u := range snap.Users {
			if u.ID == slackID(c.handle) {
				someone := person{ID: c.handle, Ref: u.ID, Name: u.DisplayName, Avatar: strings.TrimPrefix(u.Avatar, p.origin), Team: c.team}
				v.people[u.ID] = someone
				state.People = append(state.People, someone)
			}
		}
	}
	for _, ch := range snap.Channels {
		state.Places = append(state.Places, v.places(ch)...)
	}
	return state
}

// File implements platform: it fetches the file as the app would, for the simulator gives it to nobody else.
func (p *slackPlatform) File(w http.ResponseWriter, r *http.Request, id string) {
	o := p.server.Options()
	base, err := url.Parse(p.server.URL())
	if err != nil {
		http.NotFound(w, r)
		return
	}
	address := base.ResolveReference(&url.URL{Path: "/files-pri/" + o.TeamID + "-" + id + "/" + r.PathValue("name")})
	proxy := httputil.ReverseProxy{Rewrite: func(out *httputil.ProxyRequest) {
		out.Out.URL, out.Out.Host = address, ""
		out.Out.Header = http.Header{"Authorization": {"Bearer " + o.BotToken}}
	}}
	proxy.ServeHTTP(w, r)
}

// slackView turns what the simulator holds into what its client shows.
type slackView struct {
	snap   slacktest.Snapshot
	app    string
	people map[string]person // by user id
}

// places returns a channel and its threads, the oldest first.
func (v *slackView) places(ch slacktest.Channel) []place {
	channel := place{ID: ch.ID, Name: ch.Name, Kind: kindChannel, Messages: []message{}}
	threads := map[string]*place{}
	var order []string
	for _, m := range v.snap.Messages[ch.ID] {
		shown := v.message(m)
		if m.ThreadTS == "" || m.Broadcast {
			channel.Messages = append(channel.Messages, shown)
		}
		if m.ThreadTS == "" {
			threads[m.TS] = &place{ID: m.TS, Name: headline(shown), Kind: kindThread, Parent: ch.ID, Messages: []message{shown}}
			order = append(order, m.TS)
		} else if t := threads[m.ThreadTS]; t != nil {
			t.Messages = append(t.Messages, shown)
		}
	}
	v.ephemerals(&channel, threads)
	places := []place{channel}
	for _, ts := range order {
		if t := threads[ts]; len(t.Messages) > 1 || t.Messages[0].App && !t.Messages[0].Deleted {
			places = append(places, *t)
		}
	}
	return places
}

// ephemerals adds what only one person sees.
func (v *slackView) ephemerals(channel *place, threads map[string]*place) {
	for _, e := range v.snap.Ephemerals {
		if e.Channel != channel.ID {
			continue
		}
		shown := v.message(slacktest.Message{TS: e.TS, ThreadTS: e.ThreadTS, Text: e.Text, Blocks: e.Blocks, Bot: true})
		shown.Only = v.people[e.User].ID
		at := channel
		if t := threads[e.ThreadTS]; t != nil {
			at = t
		}
		at.Messages = append(at.Messages, shown)
		sortByTime(at.Messages)
	}
}

func (v *slackView) message(m slacktest.Message) message {
	by := v.people[m.User]
	shown := message{
		ID: m.TS, Thread: m.ThreadTS, Author: by.Name, As: by.ID, Avatar: by.Avatar, App: m.Bot, At: milliseconds(m.TS),
		Edited: m.Edited != "", Deleted: m.Deleted, Text: v.plain(m.Text),
	}
	if m.Bot {
		shown.Author, shown.As = v.app, ""
		if m.Username != "" {
			shown.Author, shown.Avatar = m.Username, m.Icon
		}
	}
	if m.Deleted {
		shown.Text = ""
		return shown
	}
	if m.Text != shown.Text {
		shown.Source = m.Text
	}
	if shown.App { // a person's blocks repeat the text
		shown.Blocks, shown.Buttons = m.Blocks, buttons(m.Blocks)
	}
	for _, f := range m.Files {
		if !f.Deleted {
			shown.Files = append(shown.Files, attachment{
				ID: f.ID, Name: f.Name, Type: f.Mimetype, Size: f.Size,
				URL: "/demo/files/slack/" + f.ID + "/" + url.PathEscape(f.Name),
			})
		}
	}
	for _, r := range m.Reactions {
		shown.Reactions = append(shown.Reactions, reaction{Name: r.Name, By: v.names(r.Users)})
	}
	return shown
}

// names turns user ids into people's ids; the app and strangers keep theirs.
func (v *slackView) names(users []string) (ids []string) {
	for _, u := range users {
		if by, ok := v.people[u]; ok {
			u = by.ID
		}
		ids = append(ids, u)
	}
	return ids
}

// element is what can be pressed in a block (https://docs.slack.dev/reference/block-kit/block-elements).
type element struct {
	Type     string `json:"type"`
	ActionID string `json:"action_id"`
	Value    string `json:"value"`
	Text     *label `json:"text"`
	Hint     *label `json:"placeholder"`
	Options  []struct {
		Text  label  `json:"text"`
		Value string `json:"value"`
	} `json:"options"`
}

type label struct {
	Text string `json:"text"`
}

// buttons lists what can be pressed in blocks.
func buttons(blocks json.RawMessage) (list []button) {
	var all []struct {
		Elements  []json.RawMessage `json:"elements"`
		Accessory json.RawMessage   `json:"accessory"`
	}
	if len(blocks) == 0 || json.Unmarshal(blocks, &all) != nil {
		return nil
	}
	for _, b := range all {
		for _, raw := range append(b.Elements, b.Accessory) {
			var e element
			if json.Unmarshal(raw, &e) != nil || e.ActionID == "" {
				continue
			}
			next := button{ID: e.ActionID, Value: e.Value}
			if e.Text == nil {
				e.Text = e.Hint
			}
			if e.Text != nil {
				next.Text = e.Text.Text
			}
			for _, o := range e.Options {
				next.Options = append(next.Options, o.Value)
			}
			list = append(list, next)
		}
	}
	return list
}
