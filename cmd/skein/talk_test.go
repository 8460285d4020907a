package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/store"
)

// talk is one visitor's conversation, with what every place should show of it.
type talk struct {
	*floor
	t       testing.TB
	name    string
	visitor visitor
	threads []string // by room
	said    []*speech
	told    []string      // what Skein has told the agents
	wait    time.Duration // until everything has to be everywhere
	apart   bool          // the visitor and the agents wrote at the same time: only each side's own order is known
}

func (f *floor) talk(t testing.TB, name string) *talk {
	return &talk{
		floor: f, t: t, name: name, visitor: f.front.newcomer(name), threads: make([]string, len(f.rooms)), wait: 2 * time.Minute,
	}
}

// speech is something said that still stands.
type speech struct {
	room    int // where the agent said it; -1: the visitor did
	by      string
	note    bool // for agents only
	text    string
	files   []string
	answers *speech
	repeats bool           // it was in flight to a visitor on a platform that cannot be asked: it may stand there twice
	ids     map[int]string // where its own people see it: by room, the visitor's at -1
}

const visitorSays = -1

// shownAs is how the speech should look at a place; -1 is the visitor's.
func (s *speech) shownAs(at int, can abilities) line {
	l := line{by: s.by, text: s.text, files: s.files}
	switch {
	case at == visitorSays && s.room == visitorSays:
		l.by = "visitor"
	case at == visitorSays:
		l.by = "team"
	case s.room == visitorSays:
		l.by = s.by + " · visitor"
	case s.note && at != s.room:
		l.by += noteMark
	case s.note:
		l.text = "// " + s.text
	}
	if s.answers != nil && can.points {
		l.answers = s.answers.text
	}
	return l
}

// says is the visitor saying something that need not be anywhere yet.
func (s *talk) says(text string) *speech {
	sp := &speech{room: visitorSays, by: s.name, text: text}
	s.said = append(s.said, sp)
	s.visitor.say(text)
	return sp
}

// agentSays is an agent saying something that need not be anywhere yet.
func (s *talk) agentSays(text string) *speech {
	sp := &speech{room: 0, by: s.rooms[0].people()[0], text: text}
	s.said = append(s.said, sp)
	s.rooms[0].say(0, s.threads[0], text)
	return sp
}

// everywhere waits until every place shows exactly what should be there.
func (s *talk) everywhere() {
	s.t.Helper()
	s.findThreads()
	s.within(s.differences)
}

// within waits until nothing is wrong any more.
func (s *talk) within(check func() (wrong string)) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, s.wait)
	defer cancel()
	var wrong string
	if !until(ctx, func() bool { wrong = check(); return wrong == "" }) {
		s.t.Fatalf("%s: %s", s.name, wrong)
	}
}

// findThreads waits for the threads that hold the visitor's first line.
func (s *talk) findThreads() {
	s.t.Helper()
	s.within(func() string {
		for i, in := range s.rooms {
			if s.threads[i] == "" {
				s.threads[i] = in.find(s.said[0].text)
			}
			if s.threads[i] == "" {
				return in.endpoint() + " has no thread"
			}
		}
		return ""
	})
}

func (s *talk) differences() string {
	wrong := s.compare(s.front.endpoint(), s.visitor.shown(), s.expected(visitorSays, s.visitor.can()))
	for i, in := range s.rooms {
		lines, notices := in.look(s.threads[i])
		wrong += s.compare(in.endpoint(), lines, s.expected(i, in.can()))
		notices = slices.DeleteFunc(notices, func(words string) bool {
			return strings.Contains(words, "while the bridge was away") || strings.Contains(words, "Skein keeps trying.")
		})
		if !slices.Equal(notices, s.told) {
			wrong += fmt.Sprintf("%s was told %q, want %q\n", in.endpoint(), notices, s.told)
		}
	}
	return wrong
}

func (s *talk) expected(at int, can abilities) (want []line) {
	for _, sp := range s.said {
		if at != visitorSays || !sp.note {
			l := sp.shownAs(at, can)
			l.again = sp.repeats && at == visitorSays
			want = append(want, l)
		}
	}
	return want
}

// compare says how what is seen differs from what should be.
func (s *talk) compare(where string, got, want []line) string {
	if !s.apart {
		return unlike(where, got, want)
	}
	visitors := func(l line) bool { return l.by == "visitor" || strings.HasSuffix(l.by, " · visitor") }
	pick := func(all []line, ofVisitor bool) []line {
		return slices.DeleteFunc(slices.Clone(all), func(l line) bool { return visitors(l) != ofVisitor })
	}
	return unlike(where, pick(got, true), pick(want, true)) + unlike(where, pick(got, false), pick(want, false))
}

// unlike: what does not fit into one message of a platform is several there, one after the other.
func unlike(where string, got, want []line) string {
	at := 0
	for i, w := range want {
		if at >= len(got) {
			return fmt.Sprintf("%s shows %d lines, want %d; missing is %s\n", where, len(got), len(want), brief(w))
		}
		g := got[at]
		for at++; at < len(got) && len(squeezed(g.text)) < len(squeezed(w.text)) && got[at].by == g.by; at++ {
			g.text += "\n" + got[at].text
			g.files = append(slices.Clone(g.files), got[at].files...)
			w.text, g.text = squeezed(w.text), squeezed(g.text)
		}
		if g.by != w.by || g.text != w.text || !slices.Equal(g.files, w.files) || g.answers != w.answers {
			return fmt.Sprintf("%s shows as line %d\n\t%s, want\n\t%s\n", where, i+1, brief(g), brief(w))
		}
		for w.again && at < len(got) && got[at].by == g.by && got[at].text == g.text {
			at++
		}
	}
	if at < len(got) {
		return fmt.Sprintf("%s shows too much: %s\n", where, brief(got[at]))
	}
	return ""
}

// agrees waits until every place shows what should be there, and then looks into the log, and again as the visitor does
// who comes back.
func (s *talk) agrees() {
	s.t.Helper()
	s.everywhere()
	if wrong := s.compare("after coming back "+s.front.endpoint(), s.visitor.reread(), s.expected(visitorSays, s.visitor.can())); wrong != "" {
		s.t.Error(wrong)
	}
	db, err := store.Open(s.ctx, s.database, store.Options{})
	must(s.t, err)
	defer db.Close()
	c, err := db.ConversationAt(s.ctx, bridge.EndpointName(s.rooms[0].endpoint()), s.rooms[0].ref(s.threads[0]))
	must(s.t, err)
	entries, err := db.Log(s.ctx, c.ID)
	must(s.t, err)
	var want []line
	for _, sp := range s.said {
		if !sp.note {
			l := line{by: sp.by, files: sp.files}
			l.text, _ = toEntities(sp.text)
			if sp.room == visitorSays {
				l.by = "visitor"
			}
			want = append(want, l)
		}
	}
	if wrong := s.compare("the log", logged(s.t, entries), want); wrong != "" {
		s.t.Error(wrong)
	}
}

// logged is what the log comes to.
func logged(t testing.TB, entries []bridge.Entry) (out []line) {
	t.Helper()
	for i, en := range entries {
		if en.Seq != int64(i+1) {
			t.Errorf("entry %d has number %d", i+1, en.Seq)
		}
		said := en.Kind == bridge.Said
		for _, later := range entries[i:] {
			switch {
			case later.Target != en.Seq:
			case later.Kind == bridge.Deleted:
				said = false
			case later.Kind == bridge.Edited:
				en.Body = later.Body
			}
		}
		if !said {
			continue
		}
		l := line{by: en.By.Name, text: rich.Plain(en.Body)}
		if en.By.Kind == bridge.ByVisitor {
			l.by = "visitor"
		}
		for _, f := range en.Files {
			l.files = append(l.files, fmt.Sprintf("%s %d", f.Name, f.Size))
		}
		out = append(out, l)
	}
	return out
}

func squeezed(text string) string { return strings.Join(strings.Fields(text), "") }

func brief(l line) string {
	if len(l.text) > 200 {
		l.text = l.text[:100] + "…" + l.text[len(l.text)-100:]
	}
	return fmt.Sprintf("%s: %q files %q answers %q", l.by, l.text, l.files, l.answers)
}
