package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// columns are the stories of the matrix, told one after the other in one conversation.
var columns = []struct {
	name  string
	story func(s *talk)
}{
	{"text", (*talk).text},
	{"formatted text", (*talk).formatted},
	{"file", (*talk).file},
	{"edit", (*talk).edit},
	{"delete", (*talk).remove},
	{"reply", (*talk).reply},
	{"long text", (*talk).long},
	{"both at once", (*talk).bothAtOnce},
}

// visitorSaid lets the visitor say something and waits until it stands everywhere.
func (s *talk) visitorSaid(text string, files ...attachment) *speech {
	s.t.Helper()
	sp := &speech{room: visitorSays, by: s.name, text: text, files: fileNames(files), ids: map[int]string{}}
	sp.ids[visitorSays] = s.visitor.say(text, files...)
	s.said = append(s.said, sp)
	s.everywhere()
	return sp
}

// agentSaid lets an agent say something and waits until it stands everywhere.
func (s *talk) agentSaid(room int, text string, files ...attachment) *speech {
	s.t.Helper()
	in := s.rooms[room]
	sp := &speech{room: room, by: in.people()[0], text: text, files: fileNames(files), ids: map[int]string{}}
	sp.ids[room] = in.say(0, s.threads[room], text, files...)
	s.said = append(s.said, sp)
	s.everywhere()
	return sp
}

func fileNames(files []attachment) (out []string) {
	for _, f := range files {
		out = append(out, fmt.Sprintf("%s %d", f.name, len(f.data)))
	}
	return out
}

// change edits a line where it was said.
func (s *talk) change(sp *speech, text string) {
	s.t.Helper()
	sp.text = text
	if sp.room == visitorSays {
		s.visitor.edit(sp.ids[visitorSays], text)
	} else {
		s.rooms[sp.room].edit(0, sp.ids[sp.room], text)
	}
	s.everywhere()
}

// takeBack lets the agent delete a line: every copy disappears, and the agents get a receipt.
func (s *talk) takeBack(sp *speech) {
	s.t.Helper()
	s.rooms[sp.room].remove(0, sp.ids[sp.room])
	s.said = slices.DeleteFunc(s.said, func(x *speech) bool { return x == sp })
	receipt := "Taken back. " + s.front.endpoint() + ": removed"
	for i, in := range s.rooms {
		if i != sp.room {
			receipt += "; " + in.endpoint() + ": removed"
		}
	}
	s.told = append(s.told, receipt+".")
	s.everywhere()
}

func (s *talk) text() {
	s.visitorSaid("Do you ship to Norway?")
	s.agentSaid(0, "We do. It takes four days.")
	s.visitorSaid("*Stars*, <tags>, & ampersands, @everyone\nand a second line")
	for i := range s.rooms {
		s.agentSaid(i, "Anything else? 1 < 2 & 3 > 2 🦢")
	}
}

func (s *talk) formatted() {
	const text = "Take <b>the tram</b> and type <code>ls -l</code> there"
	if s.visitor.can().format {
		s.visitorSaid(text)
	}
	for i := range s.rooms {
		s.agentSaid(i, text)
	}
}

func (s *talk) file() {
	s.visitorSaid("It came like this.", attachment{"dent.txt", []byte("a dent")})
	for i := range s.rooms {
		s.agentSaid(i, "Here is the label.", attachment{"label.txt", []byte("stick it on")})
		s.agentSaid(i, "", attachment{"only.txt", []byte("no words")})
	}
}

func (s *talk) edit() {
	if s.visitor.can().edit {
		sp := s.visitorSaid("It is a kajak.")
		s.change(sp, "It is a <b>kayak</b>.")
		sp = s.visitorSaid("my kajak", attachment{"kayak.txt", []byte("a long boat")})
		s.change(sp, "my kayak")
	}
	for i := range s.rooms {
		sp := s.agentSaid(i, "Fuor days.")
		s.change(sp, "Four days.")
		s.change(sp, "Four <b>working</b> days.")
		sp = s.agentSaid(i, "the lable", attachment{"label.txt", []byte("stick it on")})
		s.change(sp, "the label")
	}
}

func (s *talk) remove() {
	for i, in := range s.rooms {
		s.takeBack(s.agentSaid(i, "This was for somebody else."))
		s.takeBack(s.agentSaid(i, "So was this.", attachment{"secret.txt", []byte("not for you")}))
		s.takeBack(s.agentSaid(i, lengthy("Long and wrong", in.can().longest)))
	}
}

func (s *talk) reply() {
	which := s.visitorSaid("Red or blue?")
	s.visitorSaid("Or green?")
	for i, in := range s.rooms {
		lines, _ := in.look(s.threads[i])
		at := slices.IndexFunc(lines, func(l line) bool { return l.text == which.text })
		sp := &speech{room: i, by: in.people()[1], text: "Blue", ids: map[int]string{}}
		if in.can().answer {
			sp.answers = which
		}
		sp.ids[i] = in.answer(1, s.threads[i], lines[at].id, sp.text)
		s.said = append(s.said, sp)
		s.everywhere()
		if !s.visitor.can().answer {
			continue
		}
		shown := s.visitor.shown()
		s.agentSaid(i, "That is what most people like.") // now the platform's answer to the line before has been noted
		again := &speech{room: visitorSays, by: s.name, text: "Why blue?", answers: sp, ids: map[int]string{}}
		again.ids[visitorSays] = s.visitor.answer(shown[len(shown)-1].id, again.text)
		s.said = append(s.said, again)
		s.everywhere()
	}
}

func (s *talk) long() {
	first := s.visitorSaid(lengthy("Once upon a time", s.visitor.can().longest))
	if s.visitor.can().edit {
		s.change(first, lengthy("Once upon another time", 2500))
		s.change(first, lengthy("Once upon a third time", s.visitor.can().longest))
		s.change(first, "Never mind.")
	}
	for i, in := range s.rooms {
		sp := s.agentSaid(i, lengthy("The answer is", in.can().longest))
		s.change(sp, lengthy("The better answer is", in.can().longest*2/3))
		s.change(sp, lengthy("The best answer is", in.can().longest))
		s.change(sp, "Forty-two.")
	}
}

// lengthy makes a text of almost n characters, no two sentences of which are the same.
func lengthy(words string, n int) string {
	var b strings.Builder
	for i := 1; ; i++ {
		sentence := fmt.Sprintf("%s, and that was sentence number %d.", words, i)
		if b.Len()+len(sentence)+2 > n {
			return b.String()
		}
		if i > 1 {
			b.WriteString([]string{" ", "\n", "\n\n"}[i%3])
		}
		b.WriteString(sentence)
	}
}

// bothAtOnce: what is said in one room is seen in the other within a second, under the speaker's name, and a claim made
// in one shows on both cards.
func (s *talk) bothAtOnce() {
	if len(s.rooms) < 2 {
		return
	}
	var took []time.Duration
	for i := range 6 {
		began := time.Now()
		s.agentSaid(i%2, fmt.Sprintf("Of interest in both, %d", i))
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	if median := took[len(took)/2]; median > time.Second && !raceEnabled {
		s.t.Errorf("it took %v until what was said in one room was seen in the other", median)
	}
	for i, in := range s.rooms {
		note := &speech{room: i, by: in.people()[0], text: "She is a regular", note: true}
		in.say(0, s.threads[i], "// "+note.text)
		s.said = append(s.said, note)
		s.everywhere()
	}
	owner := s.owner()
	s.cards("Assigned", owner) // what the button does depends on what is to be read there
	for i, in := range s.rooms {
		in.press(1, s.threads[i], "take")
		s.told = append(s.told, in.people()[1]+" has taken this conversation over from "+owner+".")
		owner = in.people()[1]
		s.cards("Assigned", owner)
	}
	s.rooms[0].press(0, s.threads[0], "close")
	s.cards("Closed")
	s.visitorSaid("One more question")
	s.cards("Unassigned")
}

// owner is who answered first.
func (s *talk) owner() string {
	i := slices.IndexFunc(s.said, func(sp *speech) bool { return sp.room != visitorSays })
	return s.said[i].by
}

// cards waits until the card in every room has these words on it.
func (s *talk) cards(words ...string) {
	s.t.Helper()
	s.within(func() string {
		for i, in := range s.rooms {
			card := in.card(s.threads[i])
			for _, w := range words {
				if !strings.Contains(card, w) {
					return fmt.Sprintf("the card in %s is %s, want %q", in.endpoint(), card, words)
				}
			}
		}
		return s.differences()
	})
}
