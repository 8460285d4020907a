package main

import (
	"fmt"
	"slices"
	"testing"

	"github.com/skeindesk/skein/adapters/telegram/telegramtest"
)

// TestAlbumCutInHalf kills the daemon when some pictures of an album have come, before or after it has taken them in, and
// lets the others come while it is down: each stands in each chat, and none twice.
func TestAlbumCutInHalf(t *testing.T) {
	for _, taken := range []bool{false, true} {
		t.Run(fmt.Sprintf("taken in %v", taken), func(t *testing.T) {
			t.Parallel()
			f := newFloor(t, "sqlite", pairing{"telegram", []string{"slack", "discord"}})
			daemon := f.start(f.address)
			s := f.talk(t, "Vera")
			s.visitorSaid("Hello")
			v := s.visitor.(*chatter)
			group := v.server.NewGroup()
			var want []string
			send := func(names ...string) {
				for _, name := range names {
					data := []byte("the bytes of " + name)
					want = append(want, fmt.Sprintf("%s %d", name, len(data)))
					v.post(telegramtest.Draft{Attach: telegramtest.Document(name, "image/png", data), Group: group})
				}
			}
			send("a.png", "b.png")
			if taken {
				s.within(func() string {
					if !v.confirmed() {
						return "the album's half was not taken in"
					}
					return ""
				})
			}
			daemon.kill()
			send("c.png", "d.png")
			daemon = f.start(f.address)
			s.within(func() (wrong string) {
				for i, in := range s.rooms {
					lines, _ := in.look(s.threads[i])
					var got []string
					for _, l := range lines {
						got = append(got, l.files...)
					}
					if slices.Sort(got); !slices.Equal(got, want) {
						wrong += fmt.Sprintf("%s shows %q\n", in.endpoint(), got)
					}
				}
				return wrong
			})
			s.says("That was all") // and nothing follows before it
			s.within(func() string {
				for i, in := range s.rooms {
					lines, _ := in.look(s.threads[i])
					n := 0
					for _, l := range lines {
						n += len(l.files)
					}
					if lines[len(lines)-1].text != "That was all" || n != len(want) {
						return fmt.Sprintf("%s shows %d files, and at last %q", in.endpoint(), n, lines[len(lines)-1].text)
					}
				}
				return ""
			})
			daemon.terminate()
			if t.Failed() {
				t.Log(daemon.stderr)
			}
		})
	}
}
