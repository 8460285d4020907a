package bridge

import (
	"slices"
	"time"
)

// Proof is what is known of an entry in one place of its conversation.
type Proof struct {
	Lane     Lane
	Receipts []Receipt // of the entry itself, and of edits of it that were not accepted
	Again    int64     // Seq of the Edited entry by which it was last tried again here; 0: it was not
	// When the readers of a reading lane had it, and when they said that a person has seen it; zero: not yet.
	FetchedAt, SeenAt time.Time
	MailedAt          time.Time // when it was in a mail to the visitor, who had left; zero: it was not
	PausedUntil       time.Time // nothing is sent to the endpoint until then
}

// Proven is what has become of an entry, as far as that can be proven.
type Proven string

const (
	Queued    Proven = "queued"
	Delivered Proven = "delivered"
	Seen      Proven = "seen"
	Failed    Proven = "failed" // there, at least in part, nobody will get it
	Nowhere   Proven = ""       // it is not for this place
)

// Of says what has become of the entry in this place.
func (p Proof) Of(en Entry) Proven {
	l := p.Lane
	switch {
	case l.Role == RoleRobot, en.Origin.Endpoint == l.Endpoint, !en.Audience.Includes(l.Endpoint, l.Role):
		return Nowhere
	case l.Role == RoleVisitor && l.Thread == "": // the visitor is elsewhere now
		return Nowhere
	case l.Reads && !p.SeenAt.IsZero():
		return Seen
	case l.Reads && (!p.FetchedAt.IsZero() || !p.MailedAt.IsZero()):
		return Delivered
	case l.Reads, l.Cursor < en.Seq, l.Cursor < p.Again:
		return Queued
	}
	if _, failed := p.refusal(en); failed {
		return Failed
	}
	return Delivered
}

// refusal is the receipt that says why not; of several the newest.
func (p Proof) refusal(en Entry) (found Receipt, failed bool) {
	for _, r := range p.Receipts {
		// What was refused of the line itself is accepted later under the same number; of an edit, by a newer one.
		if r.Status == ReceiptFailed && (r.Seq == en.Seq || r.Version > p.version(en)) && r.Version >= found.Version {
			found, failed = r, true
		}
	}
	return found, failed
}

// version is the newest that was accepted; 0: none was.
func (p Proof) version(en Entry) (newest int64) {
	for _, r := range p.Receipts {
		if r.Seq == en.Seq && r.Status == ReceiptSent {
			newest = max(newest, r.Version)
		}
	}
	return newest
}

// at is when the last part was accepted.
func (p Proof) at(en Entry) (last time.Time) {
	for _, r := range p.Receipts {
		if r.Seq == en.Seq && r.Status == ReceiptSent && r.At.After(last) {
			last = r.At
		}
	}
	return last
}

// provenFor is what has become of the entry in all places of visitors together: the worst of them, and seen where it can be
// seen.
func provenFor(en Entry, proofs []Proof) Proven {
	var places []Proven
	for _, p := range proofs {
		if p.Lane.Role == RoleVisitor {
			places = append(places, p.Of(en))
		}
	}
	for _, state := range []Proven{Failed, Queued, Seen, Delivered} {
		if slices.Contains(places, state) {
			return state
		}
	}
	return Nowhere
}

// An Edited entry that has something tried again in one place is for that place only, and its Origin has one of these keys.
const (
	againLine = "again"
	againEdit = "again/edit"
)

// isAgain reports whether the entry only has a line, or an edit of it, tried again in one place.
func (en Entry) isAgain() bool {
	return en.Kind == Edited && en.Origin.Endpoint == "" && (en.Origin.Key == againLine || en.Origin.Key == againEdit)
}

// resumes reports whether a part of what the delivery has tried again is there already.
func (w Work) resumes(part int) bool {
	return w.Entry.isAgain() && w.Entry.Origin.Key == againLine &&
		slices.ContainsFunc(w.Target, func(r Receipt) bool { return r.Part == part && r.Status == ReceiptSent })
}
