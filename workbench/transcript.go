package workbench

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// stretch is how many lines of a transcript a page shows.
const stretch = 60

// transcript is a stretch of a conversation's log as a page shows it.
type transcript struct {
	days           []day
	earlier, later string // addresses of the stretches before and after; empty: there is none
	newest         bool   // it ends with what was said last
}

// day is what was said on one, by UTC: the browser tells by its own clock.
type day struct {
	at    time.Time
	lines []line
}

// side is how a line looks: whose it is and whom it is for.
type side string

const (
	sideVisitor side = "visitor"
	sideTeam    side = "team"
	sideNote    side = "note"  // no visitor sees it
	sideQuiet   side = "quiet" // what happened, rather than what somebody said
)

// line is an entry as a page shows it. Its html is built by rich.HTML and nothing else.
type line struct {
	seq     int64
	side    side
	name    string
	from    bridge.EndpointName // where it was written; empty: nowhere else
	at      time.Time
	held    time.Duration
	html    string
	text    string    // as its author may change it
	old     []version // what it said before, oldest first; of what was taken back also what it said last
	hidden  bool      // there is more that only admins may read
	edited  bool
	gone    *bridge.Entry
	answers string // the line that it answers, in short
	files   []shownFile
	fates   []bridge.Fate
	state   bridge.Proven // what became of it altogether
	offers  []bridge.Offer
	choices []string // what the visitor can answer by one press
	mayEdit bool     // its author said it here
	mayTake bool     // its author can take it back from the visitor
	// mayLearn: its author can keep it as knowledge.
	mayLearn bool
	thought  *bridge.KeptThought // why the robot said it, or nothing to it
	// translated is what it says in other languages.
	translated []translated
}

type translated struct {
	language string // its name
	tag      string
	html     string
}

type version struct {
	html string
	at   time.Time
}

func (b *Workbench) readTranscript(v *visit, c bridge.Conversation, all thoughts) (transcript, error) {
	q := bridge.TranscriptQuery{Conversation: c.ID, Limit: stretch}
	q.Before, _ = strconv.ParseInt(v.URL.Query().Get("before"), 10, 64)
	q.After, _ = strconv.ParseInt(v.URL.Query().Get("after"), 10, 64)
	read, err := b.cfg.Conversations.Transcript(v.Context(), q)
	if err != nil {
		return transcript{}, err
	}
	t := transcript{newest: !read.Later}
	if n := len(read.Lines); n > 0 {
		at := func(name string, seq int64) string {
			return conversationAt(c.ID) + "?" + name + "=" + strconv.FormatInt(seq, 10)
		}
		if read.Earlier {
			t.earlier = at("before", read.Lines[0].Entry.Seq)
		}
		if read.Later {
			t.later = at("after", read.Lines[n-1].Entry.Seq)
		}
	}
	said, asked := map[int64]bridge.TranscriptLine{}, map[int64]bool{}
	for _, l := range read.Lines {
		said[l.Entry.Seq] = l
		if l.Entry.By.Kind == bridge.BySystem && len(l.Newest().Offers) > 0 { // what was answered has an entry of its own
			asked[l.Entry.Target] = true
		}
	}
	for _, l := range read.Lines {
		if isRecord(l.Entry) && !asked[l.Entry.Seq] {
			continue
		}
		s := b.shown(v, c, l, said)
		s.thought = all.at(l.Entry)
		t.add(s)
	}
	return t, nil
}

// isRecord reports whether an entry is only the log's own note of what was asked for at the workbench: what came of it has
// entries of its own.
func isRecord(en bridge.Entry) bool {
	return en.Kind == bridge.Noted && en.Audience == bridge.Only(bridge.Workbench) && en.By.Kind == bridge.ByAgent
}

func (t *transcript) add(l line) {
	if n := len(t.days); n == 0 || !sameDay(t.days[n-1].at, l.at) {
		t.days = append(t.days, day{at: l.at})
	}
	last := &t.days[len(t.days)-1]
	last.lines = append(last.lines, l)
}

func sameDay(a, b time.Time) bool {
	return a.UTC().Format(time.DateOnly) == b.UTC().Format(time.DateOnly)
}

// shown is a line for the eyes of who visits.
func (b *Workbench) shown(v *visit, c bridge.Conversation, l bridge.TranscriptLine, said map[int64]bridge.TranscriptLine) line {
	now := l.Newest()
	own := l.Entry.By.Kind == bridge.ByAgent && l.Entry.By.ID == int64(v.agent.ID) && l.Gone == nil && c.Kind == bridge.Guest
	s := line{
		seq: l.Entry.Seq, side: sideOf(c, l.Entry), name: cmp.Or(l.Entry.By.Name, nameless(l.Entry.By.Kind)), at: l.Entry.At,
		held: l.Entry.Held, edited: len(l.Versions) > 0, gone: l.Gone, fates: b.cfg.Desk.Fates(l), state: proven(b.cfg.Desk.Fates(l)),
		mayEdit: own && l.Entry.CanChangeInWorkbench() && !isRecord(l.Entry),
		mayTake: own && l.Entry.Kind == bridge.Said,
	}
	s.mayLearn = s.mayTake && s.side == sideTeam && b.cfg.Knowledge != nil
	if !l.Entry.InWorkbench() && l.Entry.Origin.Endpoint != bridge.Robot {
		s.from = l.Entry.Origin.Endpoint
	}
	if target, ok := said[l.Entry.Target]; ok && l.Entry.Kind == bridge.Said && target.Gone == nil {
		s.answers = bridge.Excerpt(rich.Plain(target.Newest().Body))
	}
	if s.side == sideQuiet {
		s.edited = false // a question that has been answered
	}
	s.readVersions(v, l)
	if l.Gone == nil {
		s.html, s.text = happened(l.Entry, now), rich.Plain(now.Body)
		s.files = shownFiles(now, l.Files)
		for _, r := range l.Translated {
			s.translated = append(s.translated, translated{language: bridge.LanguageName(r.To), tag: r.To, html: rich.HTML(r.Body)})
		}
		if s.choices = now.Choices(); len(s.choices) == 0 {
			s.offers = offersFor(v, l, said)
		}
	}
	return s
}

// readVersions adds what the line said before. What somebody took back, only admins may read.
func (s *line) readVersions(v *visit, l bridge.TranscriptLine) {
	if s.side == sideQuiet && l.Gone == nil {
		return
	}
	if l.Gone != nil && !v.agent.Rank.AtLeast(bridge.RankAdmin) {
		s.hidden = true
		return
	}
	versions := append([]bridge.Entry{l.Entry}, l.Versions...)
	if l.Gone == nil {
		versions = versions[:len(versions)-1]
	}
	for _, en := range versions {
		s.old = append(s.old, version{html: rich.HTML(en.Body), at: en.At})
	}
}

// happened is what a line says. Of what is no text it is a sentence.
func happened(first, now bridge.Entry) string {
	if first.Kind != bridge.Changed || !rich.IsEmpty(now.Body) {
		return rich.HTML(now.Body)
	}
	who := first.By.Name
	if who == "" {
		who = "Skein"
	}
	words := map[bridge.State]string{
		bridge.StateAssigned:   who + " has assigned the conversation.",
		bridge.StateUnassigned: who + " has put the conversation back to Unassigned.",
		bridge.StateRobot:      who + " has given the conversation to the robot.",
		bridge.StateClosed:     who + " has closed the conversation.",
	}[first.State]
	return rich.HTML(rich.Of(cmp.Or(words, "The conversation has changed.")))
}

func sideOf(c bridge.Conversation, en bridge.Entry) side {
	switch {
	case en.Kind != bridge.Said && en.Kind != bridge.Noted, en.By.Kind == bridge.BySystem:
		return sideQuiet
	case en.By.Kind == bridge.ByVisitor:
		return sideVisitor
	case c.Kind == bridge.Colleagues, en.Audience == bridge.Everyone:
		return sideTeam
	}
	if _, _, command := bridge.Command(en.Body); command && en.Audience != bridge.AgentsOnly {
		return sideQuiet
	}
	return sideNote
}

func nameless(k bridge.SpeakerKind) string {
	switch k {
	case bridge.ByVisitor:
		return "Visitor"
	case bridge.ByRobot:
		return "Robot"
	case bridge.ByAgent:
		return "A colleague"
	case bridge.BySystem:
	}
	return "Skein"
}

// proven is what became of a line in all places together: where the visitor is, if it is for them, and failed if it did
// anywhere.
func proven(fates []bridge.Fate) bridge.Proven {
	for _, of := range [][]bridge.Fate{ofRole(fates, bridge.RoleVisitor), fates} {
		for _, state := range []bridge.Proven{bridge.Failed, bridge.Queued, bridge.Seen, bridge.Delivered} {
			if slices.ContainsFunc(of, func(f bridge.Fate) bool { return f.State == state }) {
				return state
			}
		}
	}
	return bridge.Nowhere
}

func ofRole(fates []bridge.Fate, r bridge.Role) (of []bridge.Fate) {
	for _, f := range fates {
		if f.Role == r {
			of = append(of, f)
		}
	}
	return of
}

// offersFor are the buttons of a question. What is to become of a line that was held back only its author says.
func offersFor(v *visit, l bridge.TranscriptLine, said map[int64]bridge.TranscriptLine) []bridge.Offer {
	offers := l.Newest().Offers
	if len(offers) == 0 || offers[0].Word != "send" {
		return offers
	}
	if about, ok := said[l.Entry.Target]; ok && about.Entry.By.ID != int64(v.agent.ID) {
		return nil
	}
	return offers
}

// word is what people read of what became of a line.
func word(p bridge.Proven) string {
	return map[bridge.Proven]string{
		bridge.Queued: "Queued", bridge.Delivered: "Delivered", bridge.Seen: "Seen", bridge.Failed: "Not delivered",
	}[p]
}

// failures are the places that a line did not reach.
func (s line) failures() (failed []bridge.Fate) {
	for _, f := range s.fates {
		if f.State == bridge.Failed {
			failed = append(failed, f)
		}
	}
	return failed
}

func (s line) id(prefix string) string { return prefix + strconv.FormatInt(s.seq, 10) }
