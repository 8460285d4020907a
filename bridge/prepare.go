package bridge

import "slices"

// prepare makes the delivery of a lane's next entry. show is false when there is nothing left to show of it.
func prepare(l Lane, w Work) (d Delivery, show bool) {
	d = Delivery{Conversation: w.Conversation, Visitor: w.Visitor, Thread: l.Thread}
	if l.Thread == "" {
		d.Opening = true
		if l.Reopened > 0 {
			d.Recap = "The earlier thread of this conversation is gone. It goes on here."
		}
		return d, true
	}
	d.Entry = w.Entry
	if d.Entry.By.Kind == ByVisitor && d.Entry.By.Name == "" { // a platform that does not name who writes
		d.Entry.By.Name = w.Visitor.Profile.Name
	}
	d.Landed = landed(w.Target)
	switch w.Entry.Kind {
	case Said, Noted:
		return prepareSaid(l, d, w)
	case Edited:
		if len(d.Landed) == 0 { // what was refused is sent anew as it is now; what was skipped stays so
			d.Entry.Kind = Said
			return d, len(w.Target) > 0 && w.Target[0].Status == ReceiptFailed
		}
		// What was sent late was sent in its newest version.
		return d, l.Part > 0 || w.Target[0].Version < w.Entry.Seq
	case Deleted:
		return d, len(d.Landed) > 0
	case Changed:
		if n := len(d.Landed); n > 0 { // a thread that was opened again has a newer card
			d.Landed = d.Landed[n-1:]
		}
		return d, len(d.Landed) > 0
	default:
		return d, true
	}
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
		d.Entry.Body, d.Entry.Files = w.Newest.Body, w.Newest.Files
		return d, true
	}
}

// withdrawn reports whether the entry has been deleted meanwhile.
func (w Work) withdrawn() bool {
	return (w.Entry.Kind == Said || w.Entry.Kind == Noted) && w.Newest != nil && w.Newest.Kind == Deleted
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
