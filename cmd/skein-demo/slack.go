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
	"github.com/skeindesk/skein/config"
)

// The simulated workspace.
const (
	slackEndpoint = "demo-slack"
	slackDesk     = "C0CUSTOMERS"
	slackTeam     = "C0TEAM"
)

// slackPlatform shows a slacktest.Server.
type slackPlatform struct {
	server *slacktest.Server
	origin string // of the page
	app    slackApp
	screen screen
}

var _ platform = (*slackPlatform)(nil)

// slackID is the workspace's id of a person.
func slackID(handle string) string { return "U0" + strings.ToUpper(handle) }

// startSlack runs a workspace whose people have pictures under origin.
func startSlack(origin string) (*slackPlatform, error) {
	o := slacktest.Options{TeamName: shopName, TeamDomain: "tarn-and-tor", BotName: "Skein", HoldEvents: true}
	var members []string
	for _, s := range peopleIn("slack") {
		id := slackID(s.handle)
		members = append(members, id)
		o.Users = append(o.Users, slacktest.User{ID: id, Name: s.handle, RealName: s.name, DisplayName: s.name, Avatar: origin + s.avatar()})
	}
	o.Channels = []slacktest.Channel{
		{ID: slackDesk, Name: "customers", Members: members},
		{ID: slackTeam, Name: "team", Members: members},
	}
	app, err := readSlackApp()
	if err != nil {
		return nil, err
	}
	p := &slackPlatform{server: slacktest.New(o), origin: origin, app: app}
	if err := p.server.Start(); err != nil {
		p.server.Close()
		return nil, fmt.Errorf("simulated Slack: %w", err)
	}
	return p, nil
}

// Name implements platform.
func (p *slackPlatform) Name() string { return "slack" }

// ID implements platform.
func (p *slackPlatform) ID(handle string) string { return slackID(handle) }

// Endpoint implements platform: the daemon reaches the simulator as it would reach Slack, by HTTP and Socket Mode.
func (p *slackPlatform) Endpoint() config.Endpoint {
	o, s := p.server.Options(), config.DefaultSlack()
	s.BotToken, s.AppToken = config.Secret(o.BotToken), config.Secret(o.AppToken)
	s.APIURL, s.Channel, s.Colleagues = p.server.URL(), slackDesk, slackTeam
	s.Members, s.Place = config.MembersInvited, 50
	return config.Endpoint{Name: slackEndpoint, Settings: &s}
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
	for _, s := range peopleIn("slack") {
		shown := person{ID: s.handle, Ref: slackID(s.handle), Name: s.name, Avatar: s.avatar(), Team: s.team}
		v.people[shown.Ref] = shown
		state.People = append(state.People, shown)
	}
	for _, ch := range snap.Channels {
		state.Places = append(state.Places, v.places(ch)...)
	}
	for i := range state.Places {
		state.Places[i].Messages = p.screen.still(state.Places[i].Messages)
	}
	state.Forms, state.Homes = p.views()
	state.Commands, state.Menu = p.app.commands, p.app.menu
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
		if t := threads[ts]; len(t.Messages) > 1 || len(t.Messages[0].Buttons) > 0 { // a card begins a thread
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
			shown.Files = append(shown.Files, attached("slack", f.ID, f.Name, f.Mimetype, f.Size))
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

// buttons lists what can be pressed in the blocks of a message.
func buttons(blocks json.RawMessage) (list []button) {
	for _, b := range viewButtons(blocks) {
		_, b.ID, _ = strings.Cut(b.ID, blockEnd)
		list = append(list, b)
	}
	return list
}

// blockEnd stands between the block's id and the element's in what a button of a view is called: there several may have
// the same action_id.
const blockEnd = "|"

// viewButtons lists what can be pressed in the blocks of a view.
func viewButtons(blocks json.RawMessage) (list []button) {
	var all []struct {
		BlockID   string            `json:"block_id"`
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
			next := button{ID: b.BlockID + blockEnd + e.ActionID, Value: e.Value}
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
