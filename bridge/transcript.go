package bridge

import "time"

// TranscriptQuery says which stretch of a conversation's log to read. Without Before and After it is the newest.
type TranscriptQuery struct {
	Conversation ConversationID
	Before       int64 // only what has a lower number, the newest of that; 0: not so
	After        int64 // only what has a higher number, the oldest of that; 0: not so
	Limit        int   // lines; MaxTranscript at most
}

// MaxTranscript is how many lines one stretch of a transcript has at most.
const MaxTranscript = 200

// Transcript is a stretch of a log as it happened, for the team's eyes: every audience's entries.
type Transcript struct {
	Lines   []TranscriptLine // in order
	Earlier bool             // there are lines before these
	Later   bool             // there are lines after these
}

// TranscriptLine is an entry with what became of it. Edits and deletions are no lines of their own.
type TranscriptLine struct {
	Entry    Entry   // as it was at first
	Versions []Entry // its Edited entries, oldest first; not those by which it was only tried again
	Gone     *Entry  // the Deleted entry that took it back
	// Proofs tell what became of it in each place, in the order of the conversation's lanes; see Proof.Of.
	Proofs []Proof
	// Translated is the newest version in other languages, as people have read it.
	Translated []Rendition
	Files      []StoredFile // of the newest version: whether their bytes are here
}

// Newest is the entry with the words and files that it has now. What was taken back has those that it had last.
func (l TranscriptLine) Newest() Entry {
	en := l.Entry
	if n := len(l.Versions); n > 0 {
		en.Body, en.Files, en.Offers = l.Versions[n-1].Body, l.Versions[n-1].Files, l.Versions[n-1].Offers
	}
	return en
}

// Fate is what has become of a line in one place, for agents.
type Fate struct {
	Endpoint EndpointName
	Role     Role
	State    Proven
	Words    string // as the middle of a sentence
}

// Fates tells where a line of a transcript has arrived and why it has not, without the places that it is not for.
func (d *Desk) Fates(l TranscriptLine) []Fate {
	if l.Gone != nil {
		return nil
	}
	en := l.Newest()
	var fates []Fate
	for _, p := range l.Proofs {
		if state := p.Of(en); state != Nowhere {
			e := p.Lane.Endpoint
			fates = append(fates, Fate{Endpoint: e, Role: p.Lane.Role, State: state, Words: p.words(en, d.conditionOf(e))})
		}
	}
	return fates
}

// Visit is a page on which a visitor opened the widget.
type Visit struct {
	Page Page
	At   time.Time
}

// MaxVisits is how many visits are remembered of a visitor.
const MaxVisits = 50

// VisitAgain is how long after it was last noted the same page counts as another visit.
const VisitAgain = 30 * time.Minute
