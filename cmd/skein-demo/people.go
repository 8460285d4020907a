package main

import (
	"net/http"
	"slices"
	"strings"
)

// The shop of the demonstration, as its widget and its bot present it.
const (
	shopName     = "Tarn & Tor"
	shopAccent   = "#2f5d50"
	shopGreeting = "Hello. Ask us about an order, a size or a route. Ana, Ben and Chloe answer, usually within minutes."
)

// someone is a person of the demonstration, by the same handle wherever they are.
type someone struct {
	handle, name string
	in           []string // platforms
	team         bool     // an agent
}

// everyone are the people of the demonstration. Ana is one agent in both clients of the team; Zoe reads along in both
// and is not in the team. Lina and Oskar are customers.
var everyone = []someone{
	{"ana", "Ana Ruiz", []string{"slack", "discord"}, true},
	{"ben", "Ben Okafor", []string{"slack"}, true},
	{"chloe", "Chloe Martin", []string{"discord"}, true},
	{"zoe", "Zoe Lindqvist", []string{"slack", "discord"}, false},
	{"visitor", "Lina Moreau", []string{"telegram"}, false},
	{"oskar", "Oskar Brandt", []string{"telegram"}, false},
}

// peopleIn are those who use a platform.
func peopleIn(platform string) (list []someone) {
	for _, s := range everyone {
		if slices.Contains(s.in, platform) {
			list = append(list, s)
		}
	}
	return list
}

// known refuses whoever does not use the platform.
func known(platform, handle string) error {
	var handles []string
	for _, s := range peopleIn(platform) {
		if s.handle == handle {
			return nil
		}
		handles = append(handles, s.handle)
	}
	return refuse(http.StatusUnprocessableEntity, "unknown_person", "Nobody here is called that. Act as one of: "+strings.Join(handles, ", ")+".")
}

// avatar is where the page serves a person's picture.
func (s someone) avatar() string { return "/demo/static/avatars/" + s.handle + ".svg" }
