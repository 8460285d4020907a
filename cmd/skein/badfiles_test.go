package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/skeindesk/skein/adapters/telegram/telegramtest"
)

// TestFilesThatLie sends files that are not what they say, and files with nothing in them, both ways: the first arrive
// byte for byte under their name, of the others a sentence says that they were empty, and what follows is not kept waiting.
func TestFilesThatLie(t *testing.T) {
	lying := []attachment{
		{"picture.png", []byte("no picture at all")}, {"invoice.pdf", []byte("MZ\x90\x00 a program")}, {"page.txt", []byte("<html><script>")},
	}
	empty := attachment{name: "nothing.txt"}
	f := newFloor(t, "sqlite", pairing{"telegram", []string{"slack", "discord"}})
	daemon := f.start(f.address)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(daemon.stderr)
		}
	})
	s := f.talk(t, "Vera")
	s.visitorSaid("Hello")
	for room := range s.rooms {
		for _, a := range lying {
			s.agentSaid(room, fmt.Sprintf("%s from room %d", a.name, room), a)
		}
	}
	v := s.visitor.(*chatter)
	for _, a := range lying {
		text := "From the visitor: " + a.name
		v.post(telegramtest.Draft{Text: text, Attach: telegramtest.Document(a.name, "image/jpeg", a.data)})
		s.said = append(s.said, &speech{room: visitorSays, by: s.name, text: text, files: fileNames([]attachment{a})})
		s.everywhere()
	}
	told := func(where string, lines []line) string {
		for _, l := range lines {
			if strings.Contains(l.text, "the file is empty") {
				return ""
			}
		}
		return where + " is not told that the file is empty"
	}
	for room, in := range s.rooms {
		seen := len(v.shown())
		in.say(0, s.threads[room], "An empty one", empty)
		in.say(0, s.threads[room], fmt.Sprintf("After it, in room %d", room))
		s.within(func() string {
			shown := v.shown()[seen:]
			if len(shown) < 2 || !strings.HasPrefix(shown[len(shown)-1].text, "After it") {
				return fmt.Sprintf("the visitor sees %+v", shown)
			}
			return told("the visitor", shown)
		})
	}
	daemon.terminate()
}
