package main

import (
	"strings"

	"github.com/skeindesk/skein/bridge"
)

// A room is a team's chat in which conversations are threads. Threads are named as the platform names them.
type room interface {
	endpoint() string
	// find returns the thread in which a visitor's first line stands; "" when there is none.
	find(first string) (thread string)
	// look returns what people see below the thread's card: lines, and what Skein says in its own name.
	look(thread string) (lines []line, notices []string)
	// cards counts the conversations that were opened there.
	cards() int
	// card is the card's text.
	card(thread string) string
	// people are the names of two agents.
	people() [2]string
	can() abilities
	say(who int, thread, text string, files ...attachment) (id string)
	answer(who int, thread, to, text string) (id string)
	edit(who int, id, text string)
	remove(who int, id string)
	// press presses a button of the card.
	press(who int, thread, word string)
	// lose lets somebody delete the thread.
	lose(thread string)
	// ref is what the daemon calls the thread.
	ref(thread string) bridge.ThreadRef
	// setDown makes the platform refuse everything.
	setDown(down bool)
	// fail lets what is sent to the room go wrong.
	fail(t trouble) standing
}

// noteMark follows the name of whoever wrote a note that is shown in another room.
const noteMark = " (note)"

// emphasis translates between the tests' notation and a platform's marks.
type emphasis struct{ bold string }

func (e emphasis) native(text string) string {
	return strings.NewReplacer("<b>", e.bold, "</b>", e.bold, "<code>", "`", "</code>", "`").Replace(text)
}

func (e emphasis) notation(text string) string {
	for _, m := range [][2]string{{e.bold, "b"}, {"`", "code"}} {
		parts := strings.Split(text, m[0])
		if len(parts)%2 == 0 { // not a pair
			continue
		}
		var b strings.Builder
		for i, p := range parts {
			if i%2 == 1 {
				p = "<" + m[1] + ">" + p + "</" + m[1] + ">"
			}
			b.WriteString(p)
		}
		text = b.String()
	}
	return text
}
