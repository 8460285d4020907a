package bridge

import (
	"errors"
	"slices"

	"github.com/skeindesk/skein/bridge/rich"
)

// amend logs an edit or a deletion of something this endpoint said before. Of the platform's own copies of what
// others said nothing is taken: those are ours. What an agent has said by a command has no place of its own, and can be
// changed in the workbench.
func (d *Desk) amend(c *change, in Inbound) error {
	target, err := c.saidHere(in)
	if errors.Is(err, ErrNotFound) && in.Unsaid != "" {
		return c.unsay(in)
	}
	if err != nil {
		return ignoreMissing(err)
	}
	if in.Endpoint == Workbench && !in.isOf(target.By) {
		return &Problem{Code: "not_yours", Public: "Nothing was changed: that is not a line of yours."}
	}
	conv, _, err := c.tx.ConversationByThread(in.Endpoint, in.Thread)
	if errors.Is(err, ErrNotFound) && c.route.Role == RoleTeam { // it stands in a thread that is gone: the copies do not
		conv, err = c.tx.Conversation(target.Conversation)
	}
	if errors.Is(err, ErrNotFound) || (err == nil && conv.ID != target.Conversation && c.route.Role != RoleVisitor) {
		return nil // but a visitor's thread may have moved on to another conversation
	}
	if err != nil {
		return err
	}
	if target, err = c.saidHere(in); err != nil { // a note may have been sent, until the conversation was locked
		return ignoreMissing(err)
	}
	if !conv.ErasedAt.IsZero() { // what remains of the line says nothing, and is to stay so
		return nil
	}
	current := target
	last, err := c.tx.LastVersion(target.Conversation, target.Seq)
	switch {
	case err == nil && last.Kind == Deleted:
		return c.tooLate(in, target)
	case err == nil:
		current = last
	case !errors.Is(err, ErrNotFound):
		return err
	}
	en := Entry{
		Conversation: target.Conversation, Kind: Deleted, Audience: target.Audience, By: target.By,
		Origin: Origin{Endpoint: in.Endpoint, Key: in.Key}, Target: target.Seq, At: in.At,
	}
	if in.Kind == InDeleted {
		en.Held = target.Held
		if err := c.takeBack(en); err != nil {
			return err
		}
		return c.forget(target, "Deleted, and never sent.")
	}
	if conv.Blocked && target.By.Kind == ByVisitor {
		return c.keepOut(conv.Visitor)
	}
	files := remaining(current.Files, in)
	body, private := in.Body, false
	if conv.Kind == Guest {
		body, private = amendedBody(c.route, target, files, in.Body)
	}
	if private { // a reply was made a note: the visitor must not read it
		en.Held = target.Held
		en.Body = rich.Of("Since your edit that line is a note or a command.")
		return c.takeBack(en)
	}
	if rich.Equal(current.Body, body) && len(files) == len(current.Files) { // platforms call many things an edit
		return nil
	}
	if conv.Joined != 0 && en.By.Kind == ByAgent && en.Audience == Everyone {
		return c.unchanged(in, target, errGone)
	}
	en.Kind, en.Body, en.Files = Edited, body, files
	if en.By.Kind == ByAgent && en.Audience == Everyone {
		if err := c.tx.QuickAmended(en.Conversation, en.Target); err != nil {
			return err
		}
	}
	if err := c.write(en); err != nil || target.Kind != Noted || conv.Kind != Guest || classify(in.Body, c.route.Notes).kind == lineReply {
		return err
	}
	return c.forget(target, "Since your edit it is a note. It was never sent.")
}

// unsay notes a line that was deleted before it could be taken, so that it counts as seen should it be offered again.
func (c *change) unsay(in Inbound) error {
	conv, role, err := c.tx.ConversationByThread(in.Endpoint, in.Thread)
	switch {
	case errors.Is(err, ErrNotFound):
		return c.strangeThread(in.Endpoint, in.Thread)
	case err != nil || role != RoleTeam:
		return err
	}
	en := notice(conv.ID, Only(in.Endpoint), "A line was deleted here before it could be taken in. It has not been sent.")
	en.Origin = Origin{Endpoint: in.Endpoint, Key: in.Unsaid}
	return c.write(en)
}

// saidHere finds what an edit or a deletion is about, if it was said at this endpoint.
func (c *change) saidHere(in Inbound) (Entry, error) {
	en, err := c.tx.EntryByMessage(in.Endpoint, in.Target)
	if err == nil && !en.isSaidAt(in.Endpoint) {
		err = ErrNotFound
	}
	return en, err
}

// tooLate tells an agent whose edit makes a reply of a line that was taken back: it looks sent where they wrote it.
func (c *change) tooLate(in Inbound, target Entry) error {
	if in.Kind == InDeleted || target.Kind != Said || target.By.Kind != ByAgent || target.Audience != Everyone || rich.Equal(in.Body, target.Body) {
		return nil
	}
	if _, private := amendedBody(c.route, target, nil, in.Body); private {
		return nil
	}
	return c.unchanged(in, target, &Problem{
		Code: "deleted", Public: "Your edit was not sent: that line has been taken back. Write a new one.",
	})
}

// unchanged tells an agent once, where they have edited a line, why nothing has changed for its visitor.
func (c *change) unchanged(in Inbound, target Entry, why *Problem) error {
	if in.Endpoint == Workbench {
		return why
	}
	conv := Conversation{ID: target.Conversation}
	seen := noted(conv, in, target.By, in.Body, nil, Only(in.Endpoint)) // gap repair finds the edit again each time
	seen.Origin.Message = ""
	if err := c.write(seen); err != nil {
		return err
	}
	return c.notify(conv, Only(in.Endpoint), why.Public)
}

// isSaidAt reports whether the endpoint is where the entry can be changed.
func (en Entry) isSaidAt(e EndpointName) bool {
	return en.Origin.Endpoint == e || e == Workbench && en.CanChangeInWorkbench()
}

// amendedBody is what an edited line says now. It is private when a line for the visitor has become one that, written
// anew, would not be sent to them; a private line stays private whatever it becomes.
func amendedBody(r Route, target Entry, files []File, body rich.Doc) (amended rich.Doc, private bool) {
	if r.Role != RoleTeam {
		return body, false
	}
	l := classify(body, r.Notes)
	if l.kind == lineNothing && len(files) > 0 {
		l = fileLine(r.Notes)
	}
	if l.kind == lineReply || l.kind == lineNote {
		body = l.body
	}
	return body, target.Kind == Said && l.kind != lineReply
}

// remaining are the files that an edit has left.
func remaining(files []File, in Inbound) []File {
	var out []File
	for _, f := range files {
		if !slices.Contains(in.Withdrawn, f.Source.Ref) && (in.Kept == nil || slices.Contains(in.Kept, f.Source.Ref)) {
			out = append(out, f)
		}
	}
	return out
}
