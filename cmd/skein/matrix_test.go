package main

import (
	"strings"
	"testing"

	"github.com/skeindesk/skein/adapters/discord/discordtest"
)

// pairing is a way in which visitors and a team may be connected.
type pairing struct {
	front string
	rooms []string
}

var roomKinds = map[string]func(r *rig) room{
	"slack":   func(r *rig) room { return r.addSlackRoom() },
	"discord": func(r *rig) room { return r.addDiscordRoom(discordtest.Text) },
	"forum":   func(r *rig) room { return r.addDiscordRoom(discordtest.Forum) },
}

var frontKinds = map[string]func(r *rig, desks string, addresses ...string) front{
	"website":  func(r *rig, desks string, addresses ...string) front { return r.addShop(desks, addresses...) },
	"telegram": func(r *rig, desks string, _ ...string) front { return r.addBot(desks) },
}

var pairings = []pairing{
	{"website", []string{"slack"}},
	{"website", []string{"discord"}},
	{"website", []string{"forum"}},
	{"website", []string{"slack", "discord"}},
	{"telegram", []string{"slack"}},
	{"telegram", []string{"discord"}},
	{"telegram", []string{"forum"}},
	{"telegram", []string{"slack", "discord"}},
}

func (p pairing) String() string { return p.front + "-" + strings.Join(p.rooms, "+") }

// floor is a rig with one front and one room or two.
type floor struct {
	*rig
	address string // of the first daemon
	front   front
	rooms   []room
}

// newFloor returns a floor for daemons at these addresses; without any, for one at an address of its own.
func newFloor(t *testing.T, kind string, p pairing, addresses ...string) *floor {
	t.Helper()
	if len(addresses) == 0 {
		addresses = []string{freeAddress(t)}
	}
	f := &floor{rig: newBareRig(t, kind), address: addresses[0]}
	var desks []string
	for _, name := range p.rooms {
		in := roomKinds[name](f.rig)
		f.rooms = append(f.rooms, in)
		desks = append(desks, in.endpoint())
	}
	f.front = frontKinds[p.front](f.rig, strings.Join(desks, ","), addresses...)
	return f
}

// TestStoryMatrix tells every story for every way in which visitors and teams may be connected. After each step it
// compares everything that a person sees at every place with everything that should be there: nothing may be missing,
// doubled, out of order or left over.
func TestStoryMatrix(t *testing.T) {
	for _, kind := range databases {
		for _, p := range pairings {
			t.Run(kind+"/"+p.String(), func(t *testing.T) {
				t.Parallel()
				f := newFloor(t, kind, p)
				daemon := f.start(f.address)
				s := f.talk(t, "Vera")
				for _, column := range columns {
					if !t.Run(column.name, func(t *testing.T) { s.t = t; column.story(s) }) {
						t.Fatalf("the daemon's log:\n%s", daemon.stderr)
					}
				}
				s.t = t
				s.agrees()
				daemon.terminate()
			})
		}
	}
}
