package main

// The shop of the demonstration, as its widget presents it.
const (
	shopName     = "Tarn & Tor"
	shopAccent   = "#2f5d50"
	shopGreeting = "Hello. Ask us about an order, a size or a route. Ana and Ben answer, usually within minutes."
)

// colleague is a person in the simulated clients.
type colleague struct {
	handle, name string
	team         bool // an agent
}

// colleagues are the people of the demonstration. Zoe reads along and is not in the team.
var colleagues = []colleague{
	{"ana", "Ana Ruiz", true},
	{"ben", "Ben Okafor", true},
	{"zoe", "Zoe Lindqvist", false},
}

// avatar is where the page serves a colleague's picture.
func (c colleague) avatar(origin string) string {
	return origin + "/demo/static/avatars/" + c.handle + ".svg"
}
