package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/skeindesk/skein/config"
)

// platform is one simulated chat platform of the demonstration. newDemo lists them all. Methods may be called
// concurrently.
type platform interface {
	// Name is how state and acts call it.
	Name() string
	// Endpoint is how the daemon connects to it.
	Endpoint() config.Endpoint
	// ID is what the platform itself calls a person.
	ID(handle string) string
	// State is what people looking at the client see.
	State() platformState
	// Act does what a person using the client would do. Errors that a person should be told are of type *problem.
	Act(ctx context.Context, a act) (done, error)
	// File serves the bytes of a file that State names.
	File(w http.ResponseWriter, r *http.Request, id string)
	// Watch calls changed after every change, until ctx ends. Changes close to each other may share a call.
	Watch(ctx context.Context, changed func())
	// Close stops the simulator.
	Close()
}

// platformState is everything a client shows. Field names are those of GET /demo/state.
type platformState struct {
	Name   string   `json:"name"`
	Title  string   `json:"title"`
	People []person `json:"people"`
	Places []place  `json:"places"`

	Homes    []home         `json:"homes,omitempty"`    // the app's own page
	Forms    []form         `json:"forms,omitempty"`    // the modals that are open
	Commands []slashCommand `json:"commands,omitempty"` // what a slash lists
	Menu     []button       `json:"menu,omitempty"`     // what the menu of a message lists
}

// done is what an act came to: the answer of POST /demo/act.
type done struct {
	ID      string   `json:"id"`                // of the message that was made or touched
	Options []option `json:"options,omitempty"` // of suggest
}

// home is the app's own page, as one person sees it.
type home struct {
	ID      string          `json:"id"`
	Only    string          `json:"only"` // the person's id
	Blocks  json.RawMessage `json:"blocks"`
	Buttons []button        `json:"buttons,omitempty"`
}

type person struct {
	ID     string `json:"id"`  // what act.As takes
	Ref    string `json:"ref"` // how texts mention the person
	Name   string `json:"name"`
	Avatar string `json:"avatar,omitempty"`
	Team   bool   `json:"team"`
}

// Kinds of places.
const (
	kindChannel = "channel"
	kindThread  = "thread"
	kindChat    = "chat" // of a visitor with the bot
)

type place struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Kind     string    `json:"kind"`
	Parent   string    `json:"parent,omitempty"` // of a thread: the channel
	Messages []message `json:"messages"`         // of a thread: its first message too
}

type message struct {
	ID     string `json:"id"`
	Thread string `json:"thread,omitempty"` // that it stands in
	Reply  string `json:"reply,omitempty"`  // id of the message that it answers
	Author string `json:"author"`           // as shown
	As     string `json:"as,omitempty"`     // the person's id; empty for the app
	Avatar string `json:"avatar,omitempty"`
	App    bool   `json:"app,omitempty"`
	At     int64  `json:"at"` // Unix time in milliseconds
	// Text has references and escapes resolved; marks of formatting stay.
	Text      string          `json:"text"`
	Source    string          `json:"source,omitempty"` // in the platform's markup, where it differs from Text
	Blocks    json.RawMessage `json:"blocks,omitempty"` // in the platform's own form
	Buttons   []button        `json:"buttons,omitempty"`
	Files     []attachment    `json:"files,omitempty"`
	Reactions []reaction      `json:"reactions,omitempty"`
	Edited    bool            `json:"edited"`
	Deleted   bool            `json:"deleted"`        // then Text is empty
	Only      string          `json:"only,omitempty"` // the one person who sees it
	Pinned    bool            `json:"pinned,omitempty"`
}

// button is anything that can be pressed or chosen from.
type button struct {
	ID      string   `json:"id"`
	Text    string   `json:"text"`
	Value   string   `json:"value,omitempty"`
	Options []string `json:"options,omitempty"`
}

type attachment struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Type string `json:"type"`
	Size int    `json:"size"`
	URL  string `json:"url"`
}

// attached is a file that the platform's File serves.
func attached(platform, id, name, kind string, size int) attachment {
	return attachment{ID: id, Name: name, Type: kind, Size: size, URL: "/demo/files/" + platform + "/" + id + "/" + url.PathEscape(name)}
}

type reaction struct {
	Name string   `json:"name"`
	By   []string `json:"by"`
}
