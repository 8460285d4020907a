package bridge

import (
	"errors"
	"strings"

	"github.com/skeindesk/skein/bridge/quickreply"
	"github.com/skeindesk/skein/bridge/rich"
)

const (
	groupTeam     = "team"
	groupPersonal = "personal"
)

// quickFields are what is asked for to make a quick reply.
func quickFields() []Field {
	return []Field{
		{Name: "shortcut", Label: "Shortcut", Hint: "refund, or refund:en to say its language", Kind: FieldLine},
		{Name: "title", Label: "Title", Hint: "what it is about", Kind: FieldLine, Optional: true},
		{Name: "text", Label: "Text to visitors", Hint: "{visitor.name} and {agent.name} are filled in", Kind: FieldText},
		{Name: "tags", Label: "Tags", Hint: "words to find it by, separated by commas", Kind: FieldLine, Optional: true},
		{
			Name: "group", Label: "For", Kind: FieldChoice, Optional: true,
			Choices: []Choice{{Value: groupTeam, Label: "The team"}, {Value: groupPersonal, Label: "Only me"}},
		},
	}
}

// mayKeepForTeam reports whether an agent may change what belongs to the team.
func mayKeepForTeam(a Agent) bool { return a.Rank.AtLeast(RankAdmin) }

func mayKeep(a Agent, r quickreply.Reply) bool {
	if r.Owner == 0 {
		return mayKeepForTeam(a)
	}
	return AgentID(r.Owner) == a.ID
}

var errNotForTeam = &Problem{
	Code: "not_for_team", Public: "Nothing was changed: the team's quick replies are kept by its admins. Write !qr add personal and a shortcut for one of your own.",
}

// quickDraft is a quick reply as somebody asks for it.
type quickDraft struct {
	name  string // shortcut, perhaps with a language after a colon
	title string
	text  string
	tags  string
	group string
}

// draft reads what was filled in, or written after the word: "[team|personal] shortcut[:language] text", where the first
// of several lines of text is the title.
func (a asked) draft() quickDraft {
	if a.fields != nil {
		return quickDraft{a.field("shortcut"), a.field("title"), a.field("text"), a.field("tags"), a.field("group")}
	}
	var dr quickDraft
	rest := a.rest
	if first, after := cutWord(rest); first == groupTeam || first == groupPersonal {
		dr.group, rest = first, after
	}
	dr.name, rest = cutWord(rest)
	dr.text = strings.TrimSpace(rest)
	if title, text, several := strings.Cut(dr.text, "\n"); several && !strings.HasPrefix(rest, "\n") {
		dr.title, dr.text = title, strings.TrimSpace(text)
	}
	return dr
}

// cutWord leaves a line end before the rest.
func cutWord(s string) (word, rest string) {
	s = strings.TrimSpace(s)
	i := strings.IndexAny(s, " \n\t")
	if i < 0 {
		return s, ""
	}
	return s[:i], strings.TrimLeft(s[i:], " \t")
}

// fillQuickAdd begins with the message that the word was given on.
func fillQuickAdd(_ *Desk, c *change, a asked, f *Form) error {
	source, err := c.quickSource(a)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	f.Title, f.Submit = "Quick reply", "Keep"
	for i := range f.Fields {
		switch f.Fields[i].Name {
		case "text":
			if f.Fields[i].Value == "" && a.in.Target != "" {
				f.Fields[i].Value = rich.Plain(source.Body)
			}
		case "group":
			f.Fields[i].Value = groupTeam
			if !mayKeepForTeam(a.agent) {
				f.Fields[i].Value, f.Fields[i].Choices = groupPersonal, f.Fields[i].Choices[1:]
			}
		}
	}
	return nil
}

// quickSource is the line that a quick reply is made of: the one that the word was given on, else the agent's newest.
func (c *change) quickSource(a asked) (en Entry, err error) {
	switch {
	case a.conv.ID == 0:
		return Entry{}, ErrNotFound
	case a.in.Target != "":
		en, err = lineAt(c.tx, a.conv.ID, a.in)
	default:
		en, err = c.tx.NewestReply(a.conv.ID, a.agent.ID)
	}
	if err != nil {
		return Entry{}, err
	}
	last, err := c.tx.LastVersion(en.Conversation, en.Seq)
	switch {
	case errors.Is(err, ErrNotFound):
		return en, nil
	case err != nil:
		return Entry{}, err
	case last.Kind == Deleted:
		return Entry{}, ErrNotFound
	}
	en.Body, en.Files = last.Body, last.Files
	return en, nil
}

func commandQuickAdd(_ *Desk, c *change, a asked) error {
	dr := a.draft()
	shortcut, language, _ := strings.Cut(dr.name, ":")
	r := quickreply.Reply{Shortcut: shortcut, Language: language, Title: dr.title, Body: rich.Of(dr.text), Tags: strings.Split(dr.tags, ",")}
	if dr.text == "" || a.native && a.in.Target != "" {
		if err := c.takeSource(a, &r, dr.text); err != nil {
			return err
		}
	}
	if dr.group == groupPersonal || dr.group == "" && !mayKeepForTeam(a.agent) {
		r.Owner = int64(a.agent.ID)
	}
	if r.Owner != 0 {
		return c.saveQuick(a, r, "Kept as your own: ")
	}
	return c.saveQuick(a, r, "Kept for the team: ")
}

// takeSource makes the quick reply of a line: its text with the formatting, unless somebody has changed it, and its files.
func (c *change) takeSource(a asked, r *quickreply.Reply, text string) error {
	source, err := c.quickSource(a)
	if errors.Is(err, ErrNotFound) {
		if text != "" {
			return nil
		}
		return &Problem{Code: "no_text", Public: "Nothing was kept: write a text after the shortcut, or give the word on a line."}
	}
	if err != nil {
		return err
	}
	if text == "" || rich.Equal(rich.Of(text), rich.Of(rich.Plain(source.Body))) {
		r.Body = source.Body
	}
	for _, f := range source.Files {
		f.Source = FileRef{Ref: string(f.ID)}
		f.ID = NewFileID()
		if err := c.tx.KeepFile(f, a.conv.ID); err != nil {
			return err
		}
		c.kept = append(c.kept, f)
		r.Files = append(r.Files, quickreply.File{ID: string(f.ID), Name: f.Name, Type: f.Type, Size: f.Size})
	}
	return nil
}

// saveQuick writes a quick reply if it is in order and its agent may.
func (c *change) saveQuick(a asked, r quickreply.Reply, done string) error {
	r = r.Tidy()
	if wrong := r.Check(); wrong != "" {
		return &Problem{Code: "bad_quick_reply", Public: "Nothing was kept: " + lowerFirst(wrong)}
	}
	if !mayKeep(a.agent, r) {
		return errNotForTeam
	}
	r, err := c.tx.SaveQuickReply(r)
	switch {
	case errors.Is(err, ErrConflict):
		return &Problem{Code: "shortcut_taken", Public: "Nothing was kept: there is a quick reply " + r.Shortcut + " already. Use !qr edit to change it."}
	case errors.Is(err, ErrNotFound):
		return errNoQuickReply
	case err != nil:
		return err
	}
	c.quickChanged = true
	a.answer.Public = done + r.Shortcut + ". Write #" + r.Shortcut + " to send it."
	return nil
}

// commandQuickEdit changes a quick reply by what was filled in, or its text by what was written. Given natively it asks in
// a form what is to change.
func commandQuickEdit(_ *Desk, c *change, a asked) error {
	name, text := a.fields[quickField], a.fields["text"]
	if a.fields == nil {
		name, text = cutWord(a.rest)
		text = strings.TrimSpace(text)
	}
	r, language, err := c.quickNamed(a.agent, name)
	if err != nil {
		return err
	}
	if given := a.fields["language"]; given != "" {
		language = strings.TrimSpace(given)
	}
	_, filled := a.fields["text"]
	switch {
	case !mayKeep(a.agent, r):
		return errNotForTeam
	case a.native && !filled && text == "":
		a.answer.Form = quickForm(r, language)
		return nil
	case a.fields == nil && text == "" && (language == "" || strings.EqualFold(language, r.Language)):
		return &Problem{Code: "no_text", Public: "Nothing was changed: write the new text after the shortcut."}
	}
	if filled {
		if shortcut, given := a.fields["shortcut"]; given {
			r.Shortcut = shortcut
		}
		r.Title, r.Tags = a.field("title"), strings.Split(a.field("tags"), ",")
	}
	setQuickText(&r, language, text)
	return c.saveQuick(a, r, "Changed: ")
}

// setQuickText keeps the formatting of a text that was not changed. Without words a variant is removed.
func setQuickText(r *quickreply.Reply, language, text string) {
	if language == "" || strings.EqualFold(language, r.Language) {
		if !rich.Equal(rich.Of(text), rich.Of(rich.Plain(r.Body))) {
			r.Body = rich.Of(text)
		}
		return
	}
	for tag, body := range r.Variants {
		if strings.EqualFold(tag, language) {
			if rich.Equal(rich.Of(text), rich.Of(rich.Plain(body))) {
				return
			}
			delete(r.Variants, tag)
		}
	}
	if text != "" {
		r.Variants[language] = rich.Of(text)
	}
}

// quickForm asks for another text of a quick reply.
func quickForm(r quickreply.Reply, language string) *Form {
	body, name, label := r.Body, quickID(r), r.Shortcut
	if language != "" && !strings.EqualFold(language, r.Language) {
		name, label, body = name+":"+language, label+" ("+language+")", nil
		for tag, variant := range r.Variants {
			if strings.EqualFold(tag, language) {
				body = variant
			}
		}
	}
	fields := quickFields()[:4]
	fields[0].Value, fields[1].Value, fields[2].Value, fields[3].Value = r.Shortcut, r.Title, rich.Plain(body), strings.Join(r.Tags, ", ")
	fields[2].Optional = body == nil || name != quickID(r)
	which := Field{Name: quickField, Label: "Quick reply", Kind: FieldChoice, Value: name, Choices: []Choice{{Value: name, Label: label}}}
	return &Form{Word: "qr edit", Title: "Quick reply", Submit: "Keep", Fields: append([]Field{which}, fields...)}
}

func commandQuickRemove(_ *Desk, c *change, a asked) error {
	name := a.field(quickField)
	r, _, err := c.quickNamed(a.agent, name)
	switch {
	case err != nil:
		return err
	case !mayKeep(a.agent, r):
		return errNotForTeam
	}
	if err := c.tx.RemoveQuickReply(r.ID); err != nil {
		return err
	}
	c.quickChanged = true
	a.answer.Public = "Removed: " + r.Shortcut + ". Its text was:\n" + rich.Plain(rich.Doc{{Kind: rich.Quote, Children: r.Body}})
	return nil
}
