package main

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/config"
)

// platform is one simulated chat platform of the demonstration. newDemo lists them all. Methods may be called
// concurrently.
type platform interface {
	// Name is how state and acts call it.
	Name() string
	// Endpoint is how the daemon connects to it.
	Endpoint() config.Endpoint
	// Team are the people in it who are agents.
	Team() []bridge.Person
	// State is what people looking at the client see.
	State() platformState
	// Act does what a person using the client would do. It returns the id of the message that was made or touched.
	// Errors that a person should be told are of type *problem.
	Act(ctx context.Context, a act) (id string, err error)
	// File serves the bytes of a file that State names.
	File(w http.ResponseWriter, r *http.Request, id string)
	// Watch calls changed after every change, until ctx ends. Changes close to each other may share a call.
	Watch(ctx context.Context, changed func())
	// Close stops the simulator.
	Close()
}

// act is one thing a person does, the body of POST /demo/act.
type act struct {
	Platform string `json:"platform"`
	Place    string `json:"place"`  // id of a place; a thread may be named here as well
	Thread   string `json:"thread"` // id of a thread in the place
	As       string `json:"as"`     // who does it: a person's id
	Do       string `json:"do"`     // say, edit, delete, react, press, command or upload
	// Text is what is said or edited to; the name of an emoji; a command with its words, "/qr refund"; a file's
	// content, or a data: URL of it.
	Text   string `json:"text"`
	Target string `json:"target"` // id of the message that is edited, deleted, reacted to or pressed on
	// Value is the id, the value or the label of the button; an option of a menu is given as Text. For upload it is
	// the file's name.
	Value string `json:"value"`

	file []byte // the content of an upload that came beside the act, in the stead of Text
}

// platformState is everything a client shows. Field names are those of GET /demo/state.
type platformState struct {
	Name   string   `json:"name"`
	Title  string   `json:"title"`
	People []person `json:"people"`
	Places []place  `json:"places"`
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
	Thread string `json:"thread,omitempty"` // of an answer
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

type reaction struct {
	Name string   `json:"name"`
	By   []string `json:"by"`
}
