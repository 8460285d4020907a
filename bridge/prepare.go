package bridge

import (
	"slices"
	"time"
)

// prepare makes the delivery of a lane's next entry. show is false when there is nothing left to show of it.
func prepare(l Lane, w Work) (d Delivery, show bool) {
	d = Delivery{Conversation: w.Conversation, Visitor: w.Visitor, Thread: l.Thread}
	if l.Thread == "" {
		d.Opening, d.Card = true, w.Card
		if d.Card == nil {
			d.Card = &Card{}
		}
		if l.Reopened > 0 {
			d.Recap = "The earlier thread of this conversation is gone. It goes on here."
		}
		return d, true
	}
	d.Entry = w.Entry
	if d.Entry.By.Kind == ByVisitor && d.Entry.By.Name == "" { // a platform that does not name who writes
		d.Entry.By.Name = w.Visitor.Profile.Name
	}
	if name := w.Visitor.Edited["name"]; l.Role == RoleTeam && d.Entry.By.Kind == ByVisitor && name != "" {
		d.Entry.By.Name = name
	}
	d.Landed, d.Root, d.People = landed(w.Target), landed(w.Root), w.People
	switch w.Entry.Kind {
	case Said, Noted:
		d, show = prepareSaid(l, d, w)
		if w.Entry.Kind == Said && l.Role == RoleTeam { // a visitor's to choose from
			d.Entry.Offers = nil
		}
		return translated(d, w, l.Role), show
	case Edited:
		d = translated(d, w, l.Role)
		if w.Entry.IsTranslated() || w.Entry.isAgain() && w.Entry.Audience == Only(l.Endpoint) && w.Entry.By.Kind != BySystem {
			d.Entry.Audience = Everyone // as its line is: only the copy here concerns nobody else
		}
		if w.Entry.Origin.Key == againLine && w.Entry.isAgain() {
			d.Entry.Kind, d.Landed = w.kindSent(), nil
			return d, len(w.Target) > 0
		}
		if w.Entry.IsTranslated() && len(d.Landed) == 0 {
			return d, false
		}
		if len(d.Landed) == 0 { // what was refused is sent anew as it is now; what was skipped stays so
			d.Entry.Kind = w.kindSent()
			return d, len(w.Target) > 0 && w.Target[0].Status == ReceiptFailed
		}
		// What was sent late was sent in its newest version.
		return d, l.Part > 0 || w.Target[0].Version < w.Entry.Seq
	case Deleted:
		d.Entry.Body = nil // for the receipt of a recall only
		return d, len(d.Landed) > 0
	case Changed:
		if n := len(d.Landed); n > 0 { // a thread that was opened again has a newer card
			d.Landed = d.Landed[n-1:]
		}
		return d, len(d.Landed) > 0
	case Reacted, Unreacted:
		return prepareReaction(d, w)
	default:
		return d, true
	}
}

// kindSent is what an edited line is sent as where it does not stand yet: an agent's line that no visitor may see is a note.
func (w Work) kindSent() EntryKind {
	if w.Conversation.Kind == Guest && w.Entry.By.Kind == ByAgent && w.Entry.Audience == AgentsOnly {
		return Noted
	}
	return Said
}

// prepareReaction brings the one reaction of ours to what the people elsewhere have now, whichever of theirs this was.
func prepareReaction(d Delivery, w Work) (Delivery, bool) {
	d.Entry.Kind = Unreacted
	if w.Has {
		d.Entry.Kind = Reacted
	}
	d.Landed = d.Landed[:min(1, len(d.Landed))]
	return d, len(d.Landed) > 0
}

// prepareSaid chooses the version to show. An entry that was deleted before its turn is never sent, and one that was
// edited before its turn is sent as edited: this is what makes a hold before sending work. A deleted entry still
// goes on when an intent was left behind: it may have been sent, and then its deletion needs to know where it is.
func prepareSaid(l Lane, d Delivery, w Work) (Delivery, bool) {
	switch {
	case w.withdrawn():
		return d, l.Intent != ""
	case w.Newest == nil, len(w.Settled) > 0 && w.Settled[0].Version == w.Entry.Seq:
		return d, true // also what was begun before the edit: it is finished as it was begun, and the edit follows
	default:
		d.Entry.Body, d.Entry.Files, d.Entry.Offers = w.Newest.Body, w.Newest.Files, w.Newest.Offers
		return d, true
	}
}

// withdrawn reports whether a line that is to be sent, perhaps anew by an edit, has been deleted meanwhile.
func (w Work) withdrawn() bool {
	if w.Newest == nil || w.Newest.Kind != Deleted {
		return false
	}
	return w.Entry.Kind == Said || w.Entry.Kind == Noted || w.Entry.isAgain() || w.Entry.Kind == Edited && len(landed(w.Target)) == 0
}

// heldFrom is how long such readers have to wait yet: for the entry, and for the version of it that is to be shown.
func (w Work) heldFrom(r Role) (left time.Duration) {
	if w.Entry.HeldFrom(r) {
		left = w.Entry.Held
	}
	if version(w) != w.Entry.Seq && w.Newest.HeldFrom(r) {
		left = max(left, w.Newest.Held)
	}
	return left
}

// version is the Seq whose body the delivery shows.
func version(w Work) int64 {
	switch {
	case w.Entry.Kind == Edited:
		return w.Entry.Seq
	case w.Newest == nil || w.Newest.Kind != Edited:
		return w.Entry.Seq
	case len(w.Settled) > 0:
		return w.Settled[0].Version
	default:
		return w.Newest.Seq
	}
}

// landed lists where parts are, in part order.
func landed(receipts []Receipt) []Landed {
	var out []Landed
	for _, r := range receipts {
		if r.Status == ReceiptSent && r.Message != "" {
			out = append(out, Landed{Part: r.Part, Message: r.Message})
		}
	}
	slices.SortFunc(out, func(a, b Landed) int { return a.Part - b.Part })
	return out
}
