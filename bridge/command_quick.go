package bridge

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/skeindesk/skein/bridge/quickreply"
	"github.com/skeindesk/skein/bridge/rich"
)

// quickField is the name of the field that says which quick reply is meant, or words to look for one.
const quickField = "reply"

func whichQuick() Field {
	return Field{Name: quickField, Label: "Quick reply", Hint: "its shortcut, or words of it", Kind: FieldSearch}
}

// quickCommands are the words about quick replies.
func quickCommands() []command {
	return []command{
		{
			Word: Word{Word: "qr", Usage: "!qr words, or #words", Help: "look for a quick reply, see it, send it", Args: []Field{whichQuick()}},
			fill: fillQuick, run: commandQuick,
		},
		{
			Word: Word{Word: "qr send", Usage: "!qr send shortcut …", Help: "send a quick reply, or several as one line", Args: []Field{whichQuick()}},
			fill: fillQuick, run: commandQuickSend,
		},
		{
			Word: Word{
				Word: "qr add", Usage: "!qr add shortcut text", Help: "keep a text, or the line you answer with it, as a quick reply",
				Anywhere: true, OnMessage: true, Args: quickFields(),
			},
			fill: fillQuickAdd, run: commandQuickAdd,
		},
		{
			Word: Word{
				Word: "qr edit", Usage: "!qr edit shortcut[:language] text", Help: "give a quick reply another text, or one in another language",
				Anywhere: true, Args: []Field{whichQuick(), {Name: "language", Label: "Language, if not its first", Hint: "de, pt-BR", Kind: FieldLine, Optional: true}},
			},
			fill: fillQuick, run: commandQuickEdit,
		},
		{
			Word: Word{
				Word: "qr list", Usage: "!qr list [words]", Help: "list quick replies, the most used first", Anywhere: true,
				Args: []Field{{Name: "words", Label: "Words of them", Kind: FieldLine, Optional: true}},
			},
			run: commandQuickList,
		},
		{
			Word: Word{Word: "qr remove", Usage: "!qr remove shortcut", Help: "remove a quick reply", Anywhere: true, Args: []Field{whichQuick()}},
			fill: fillQuick, run: commandQuickRemove,
		},
		{
			Word: Word{
				Word: "qr at-once", Usage: "!qr at-once on or off", Help: "whether #shortcut sends without asking you", Anywhere: true,
				Args: []Field{{Name: "at-once", Label: "Send at once", Kind: FieldChoice, Choices: []Choice{{Value: "on", Label: "On"}, {Value: "off", Label: "Off"}}}},
			},
			run: commandQuickAtOnce,
		},
	}
}

// fillQuick lists what is used most.
func fillQuick(d *Desk, c *change, a asked, f *Form) error {
	for i := range f.Fields {
		if f.Fields[i].Name == quickField {
			f.Fields[i].Choices = d.quickChoices("", a.agent, maxChoices)
		}
	}
	return nil
}

// suggestQuick finds quick replies while an agent types.
func suggestQuick(d *Desk, _ Tx, agent Agent, q Query) ([]Choice, error) {
	return d.quickChoices(q.Text, agent, q.Limit), nil
}

// stillOffered refuses a press of a button that nobody should see any more: somebody has pressed one meanwhile.
func (c *change) stillOffered(conv ConversationID, seq int64) error {
	last, err := c.tx.LastVersion(conv, seq)
	switch {
	case errors.Is(err, ErrNotFound), err == nil && len(last.Offers) > 0:
		return nil
	case err != nil:
		return err
	}
	return &Problem{Code: "decided", Public: "Nothing was sent now: it has been sent, or dropped, already."}
}

func (d *Desk) quickChoices(words string, agent Agent, limit int) []Choice {
	var choices []Choice
	for _, hit := range d.shelf.search(words, agent.ID, limit) {
		choices = append(choices, Choice{Value: quickID(hit.Reply), Label: hit.Reply.Shortcut + ": " + hit.Reply.Title})
	}
	return choices
}

// commandQuick looks for quick replies, or does what a button under one asks for.
func commandQuick(d *Desk, c *change, a asked) error {
	p, pressed := parsePick(a.rest)
	if pressed && p.asked != 0 {
		if err := c.stillOffered(a.conv.ID, p.asked); err != nil {
			return err
		}
	}
	switch {
	case pressed && p.verb == "show":
		return c.showQuick(a, p)
	case pressed && p.verb == "send":
		return d.sendQuick(c, a, p)
	case pressed && p.verb == "drop":
		return c.sayOfQuick(a, p.asked, rich.Of("Nothing was sent."))
	case pressed && a.fields == nil: // which other one?
		f := &Form{Word: "qr", Rest: a.rest, Title: "Add a quick reply", Submit: "Show", Fields: []Field{whichQuick()}}
		a.answer.Form = f
		return fillQuick(d, c, a, f)
	}
	words := a.field(quickField)
	if words == "" {
		return &Problem{Code: "no_words", Public: "Nothing was sent: write words of a quick reply after !qr, or # and the words."}
	}
	if id, chosen := parseQuickID(words); chosen {
		return d.chooseQuick(c, a, pick{stack: p.stack, show: id, asked: p.asked})
	}
	hits := d.shelf.search(words, a.agent.ID, 1+maxOthers)
	if len(hits) == 0 {
		return &Problem{Code: "no_quick_reply", Public: "Nothing was sent: no quick reply is like that. Write !qr list to see them."}
	}
	p.show = hits[0].Reply.ID
	for _, hit := range hits[1:] {
		p.others = append(p.others, hit.Reply.ID)
	}
	if hits[0].Exact && (len(hits) == 1 || !hits[1].Exact) {
		return d.chooseQuick(c, a, p)
	}
	return c.showQuick(a, p)
}

// chooseQuick shows a quick reply that was named, or sends it for those who want no preview.
func (d *Desk) chooseQuick(c *change, a asked, p pick) error {
	atOnce, err := c.tx.QuickAtOnce(a.agent.ID)
	if err != nil {
		return err
	}
	if atOnce && len(p.stack) == 0 {
		return d.sendQuick(c, a, pick{stack: []int64{p.show}})
	}
	return c.showQuick(a, p)
}

// showQuick shows what would be sent, and what else was found.
func (c *change) showQuick(a asked, p pick) error {
	q, err := c.compose(a, append(slices.Clone(p.stack), p.show))
	switch {
	case err != nil:
		return err
	case len(q.replies) == 0 || q.replies[len(q.replies)-1].ID != p.show:
		return errNoQuickReply
	}
	if !a.native { // the answer becomes the next entry
		p.asked = c.written[len(c.written)-1].Seq + 1
	}
	chosen := pick{asked: p.asked}
	for _, r := range q.replies {
		chosen.stack = append(chosen.stack, r.ID)
	}
	var offers []Offer
	offer := func(verb, label string, style OfferStyle) {
		chosen.verb = verb
		offers = append(offers, Offer{Word: "qr", Rest: chosen.String(), Label: label, Style: style})
	}
	if len(q.missing) == 0 {
		if p.asked == 0 {
			chosen.once = newOnce()
		}
		offer("send", "Send", OfferPrimary)
		chosen.once = ""
		if len(chosen.stack) < maxStack {
			offer("with", "Add another…", OfferPlain)
		}
	}
	for i, id := range p.others {
		other, err := c.quickByID(a.agent, id)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		rest := slices.Clone(p.others)
		rest[i] = p.show
		next := pick{verb: "show", stack: p.stack, show: id, others: rest, asked: p.asked}
		offers = append(offers, Offer{Word: "qr", Rest: next.String(), Label: other.Shortcut})
	}
	offer("drop", "Cancel", OfferPlain)
	return c.sayOfQuick(a, p.asked, q.preview(), offers...)
}

// sayOfQuick answers, in the stead of what the notice in the thread said until now, if there is one.
func (c *change) sayOfQuick(a asked, notified int64, text rich.Doc, offers ...Offer) error {
	if a.native && notified != 0 {
		question, gone, err := c.tx.EntryAt(a.conv.ID, notified)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if err == nil && !gone && question.IsNotice() && question.Audience == Only(a.in.Endpoint) {
			en := notice(a.conv.ID, question.Audience, "")
			en.Kind, en.Target, en.Body, en.Offers = Edited, question.Seq, text, offers
			return c.write(en)
		}
	}
	a.answer.Public, a.answer.Rich, a.answer.Offers = rich.Plain(text), text, offers
	return nil
}

// sendQuick says quick replies to the visitor, as one line of the agent's.
func (d *Desk) sendQuick(c *change, a asked, p pick) error {
	ids := p.stack
	q, err := c.compose(a, ids[:min(len(ids), maxStack)])
	switch {
	case err != nil:
		return err
	case len(q.replies) == 0 || len(q.replies) < len(ids):
		return errNoQuickReply
	case len(q.missing) > 0:
		return &Problem{Code: "unknown_variable", Public: "Nothing was sent. " + q.lacking()}
	}
	var files []File
	for _, f := range q.files {
		files = append(files, File{ID: NewFileID(), Name: f.Name, Type: f.Type, Size: f.Size, Source: FileRef{Ref: f.ID}})
	}
	slices.Sort(ids) // whoever counts, counts in one order
	ids = slices.Compact(ids)
	for _, id := range ids {
		if err := c.tx.UseQuickReply(id); err != nil {
			return err
		}
	}
	if a.native {
		if err := c.sayOfQuick(a, p.asked, rich.Of("Chosen: "+strings.Join(q.shortcuts(), ", ")+".")); err != nil {
			return err
		}
		*a.answer = Answer{} // they see it in the thread
	}
	a.speaks = q.language
	a.native = true // what was written is not what is said: everybody has to see it
	before := len(c.written)
	if err := d.speak(c, a, q.body, files); err != nil {
		return err
	}
	said, ok := c.saidSince(before)
	if !ok {
		return nil // somebody has to be asked first
	}
	return c.tx.QuickSent(a.conv.ID, said.Seq, ids)
}

func commandQuickSend(d *Desk, c *change, a asked) error {
	var ids []int64
	for _, name := range strings.FieldsFunc(a.field(quickField), func(r rune) bool { return r == ' ' || r == ',' || r == '\n' }) {
		r, _, err := c.quickNamed(a.agent, name)
		if err != nil {
			return err
		}
		ids = append(ids, r.ID)
	}
	switch {
	case len(ids) == 0:
		return &Problem{Code: "no_shortcut", Public: "Nothing was sent: write the shortcut of a quick reply after !qr send."}
	case len(ids) > maxStack:
		return &Problem{Code: "too_many", Public: fmt.Sprintf("Nothing was sent: at most %d quick replies go into one line.", maxStack)}
	}
	return d.sendQuick(c, a, pick{stack: ids})
}

func commandQuickList(d *Desk, _ *change, a asked) error {
	const most = 30
	hits := d.shelf.search(a.field("words"), a.agent.ID, most+1)
	if len(hits) == 0 {
		a.answer.Public = "There are no quick replies like that. Write !qr add and a shortcut and a text to make one."
		return nil
	}
	lines := []string{"Quick replies:"}
	for _, hit := range hits[:min(len(hits), most)] {
		lines = append(lines, quickLine(hit.Reply))
	}
	if len(hits) > most {
		lines = append(lines, "There are more: write !qr list and words of them.")
	}
	a.answer.Public = strings.Join(lines, "\n")
	return nil
}

func quickLine(r quickreply.Reply) string {
	line := r.Shortcut + ": " + r.Title
	if r.Owner != 0 {
		line += ", your own"
	}
	switch r.Uses {
	case 0:
		return line
	case 1:
		return line + ", used once"
	}
	return line + fmt.Sprintf(", used %d times", r.Uses)
}

func commandQuickAtOnce(_ *Desk, c *change, a asked) error {
	on := strings.ToLower(a.field("at-once"))
	switch on {
	case "on":
		a.answer.Public = "A # and the shortcut sends from now on without asking you."
	case "off":
		a.answer.Public = "Every quick reply is shown to you from now on before it is sent."
	default:
		return &Problem{Code: "on_or_off", Public: "Nothing was changed: write !qr at-once on or !qr at-once off."}
	}
	return c.tx.SetQuickAtOnce(a.agent.ID, on == "on")
}
