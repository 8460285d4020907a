package bridge

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/skeindesk/skein/bridge/rich"
)

// customerCommands are about the visitor rather than the conversation.
func customerCommands() []command {
	return []command{
		{Word: Word{Word: "info", Usage: "!info", Help: "show what is known about the visitor"}, run: commandInfo},
		{
			Word: Word{
				Word: "edit", Usage: "!edit email=ana@example.org plan=pro", Help: "set the visitor's name, email, phone or other data",
				Args: []Field{
					{Name: "name", Label: "Name", Kind: FieldLine, Optional: true},
					{Name: "email", Label: "Email", Kind: FieldLine, Optional: true},
					{Name: "phone", Label: "Phone", Kind: FieldLine, Optional: true},
					{Name: "attributes", Label: "Other data", Hint: "plan=pro, one a line", Kind: FieldText, Optional: true},
				},
			},
			asks: true, fill: fillEdit, run: commandEdit,
		},
		{
			Word: Word{
				Word: "tag", Usage: "!tag word -word", Help: "add tags to the conversation, or take them away with -",
				Args: []Field{{Name: "words", Label: "Tags", Hint: "vip -new", Kind: FieldLine}},
			},
			run: commandTag,
		},
		{Word: Word{Word: "earlier", Usage: "!earlier", Help: "list earlier conversations of this visitor"}, run: commandEarlier},
		{Word: Word{Word: "block", Usage: "!block", Help: "keep out what this visitor writes"}, run: commandBlock},
		{Word: Word{Word: "unblock", Usage: "!unblock", Help: "let a blocked visitor write again"}, run: commandUnblock},
	}
}

func commandInfo(d *Desk, c *change, a asked) error {
	v, err := c.tx.Visitor(a.conv.Visitor)
	if err != nil {
		return err
	}
	others, err := c.tx.List(ListQuery{Visitor: v.ID, Limit: maxListed})
	if err != nil {
		return err
	}
	doc := infoOn(a.conv, v, len(others)-1)
	if d.workbench != "" {
		link, err := d.pageOf(c, a)
		if err != nil {
			return err
		}
		doc = append(doc, link)
	}
	a.say(doc)
	return nil
}

// say answers with a text that may have links.
func (a asked) say(doc rich.Doc) { a.answer.Rich, a.answer.Public = doc, rich.Plain(doc) }

// infoOn is what is known of a visitor, without what is not.
func infoOn(conv Conversation, v Visitor, others int) rich.Doc {
	verified := "not verified"
	if v.Verified {
		verified = "verified"
	}
	items := rich.Node{Kind: rich.List}
	item := func(label, value string) {
		if value = rich.Clean(value); value != "" {
			items.Children = append(items.Children, bullet(text(label+": "+value)))
		}
	}
	item("Email", v.Profile.Email)
	item("Phone", v.Profile.Phone)
	for _, name := range slices.Sorted(maps.Keys(v.Profile.Attributes)) {
		item(name, v.Profile.Attributes[name])
	}
	if url, ok := rich.SafeURL(v.Page.URL); ok {
		title := rich.Clean(v.Page.Title)
		if title == "" {
			title = url
		}
		items.Children = append(items.Children, bullet(text("Page: "), linked(title, url)))
	}
	item("Came from", v.Page.Referrer)
	item("Device", v.Device)
	item("Place", v.Place)
	item("Language", spoken(conv, v))
	if !v.SeenAt.IsZero() {
		item("Last seen", v.SeenAt.UTC().Format("2 January 2006 15:04")+" UTC")
	}
	item("Tags", strings.Join(conv.Tags, ", "))
	item("Set by the team", strings.Join(slices.Sorted(maps.Keys(v.Edited)), ", "))
	if others > 0 {
		item("Other conversations", fmt.Sprintf("%d; !earlier lists them", others))
	}
	if v.Blocked {
		item("Blocked", spellCount(v.KeptOut, "line")+" kept out")
	}
	head := rich.Node{Kind: rich.Paragraph, Children: []rich.Node{
		{Kind: rich.Bold, Children: []rich.Node{text(nameOr(rich.Clean(v.Profile.Name)))}},
		text(" · " + verified + " · " + string(v.Endpoint)),
	}}
	if len(items.Children) == 0 {
		return rich.Doc{head}
	}
	return rich.Doc{head, items}
}

func bullet(nodes ...rich.Node) rich.Node {
	return rich.Node{Kind: rich.Item, Children: []rich.Node{{Kind: rich.Paragraph, Children: nodes}}}
}

func spellCount(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return fmt.Sprintf("%d %ss", n, of)
}

// fillEdit shows what is known.
func fillEdit(_ *Desk, c *change, a asked, f *Form) error {
	if a.conv.ID == 0 {
		return nil
	}
	v, err := c.tx.Visitor(a.conv.Visitor)
	if err != nil {
		return err
	}
	f.Title, f.Submit = "Edit customer", "Save"
	for i, value := range []string{v.Profile.Name, v.Profile.Email, v.Profile.Phone, v.Profile.AttributeLines()} {
		f.Fields[i].Value = value
	}
	return nil
}

func commandEdit(_ *Desk, c *change, a asked) error {
	before, err := c.tx.Visitor(a.conv.Visitor)
	if err != nil {
		return err
	}
	set, err := a.toSet(before.Profile)
	if err != nil {
		return err
	}
	changes := before.Profile.differences(set)
	if len(changes) == 0 {
		return &Problem{Code: "nothing_changed", Public: "Nothing was changed. Write for example !edit email=ana@example.org plan=pro; a field without a value is emptied."}
	}
	_, err = c.tx.EditVisitor(before.ID, func(v *Visitor) {
		if v.Edited == nil {
			v.Edited = map[string]string{}
		}
		maps.Copy(v.Edited, set)
		v.Profile = v.Profile.With(v.Edited)
	})
	if err != nil {
		return err
	}
	return c.notify(a.conv, AgentsOnly, a.agent.Name+" has changed what is known of the visitor: "+strings.Join(changes, "; ")+".")
}

// toSet is what the agent wants to set.
func (a asked) toSet(before Profile) (map[string]string, error) {
	if a.fields == nil {
		set, err := assignments(words(a.rest), before)
		if err != nil {
			return nil, err
		}
		return set, checkProfile(set)
	}
	fields := maps.Clone(a.fields)
	if a.in.Thread == "" { // the form did not know whose data it asks for: what is empty there was never shown
		maps.DeleteFunc(fields, func(_, value string) bool { return strings.TrimSpace(value) == "" })
	}
	shown, err := shownTo(fields, before)
	if err != nil {
		return nil, err
	}
	set, err := filledIn(fields, shown)
	if err != nil {
		return nil, err
	}
	return set, changedMeanwhile(set, shown, before)
}

// WasField is before the name of a field of the form of edit that says what the agent was shown there. With these, what
// somebody else has changed since is not written over.
const WasField = "was."

// shownTo takes what the agent was shown out of the fields: the profile as it stands where they do not say.
func shownTo(fields map[string]string, before Profile) (Profile, error) {
	was := map[string]string{}
	for name, value := range fields {
		if field, is := strings.CutPrefix(name, WasField); is {
			was[field] = value
			delete(fields, name)
		}
	}
	if len(was) == 0 {
		return before, nil
	}
	attributes, err := assignments(strings.Split(was["attributes"], "\n"), before)
	return Profile{Name: was["name"], Email: was["email"], Phone: was["phone"], Attributes: attributes}, err
}

// changedMeanwhile refuses to write over what has changed since the agent was shown it.
func changedMeanwhile(set map[string]string, shown, before Profile) error {
	var both []string
	for _, name := range slices.Sorted(maps.Keys(set)) {
		if now := before.field(name); clean(now) != clean(shown.field(name)) && now != set[name] {
			both = append(both, fmt.Sprintf("%s is %q now, and you wrote %q", name, now, set[name]))
		}
	}
	if len(both) == 0 {
		return nil
	}
	return &Problem{Code: "changed_meanwhile", Public: "Nothing was saved: somebody has changed the same meanwhile. " + upperFirst(strings.Join(both, "; ")) + "."}
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// filledIn is what a form changes: what stands in it as it stood before is not set.
func filledIn(fields map[string]string, before Profile) (map[string]string, error) {
	set, err := assignments(strings.Split(fields["attributes"], "\n"), before)
	if err != nil {
		return nil, err
	}
	for name := range before.Attributes {
		if _, kept := set[name]; !kept {
			if _, shown := fields["attributes"]; shown {
				set[name] = ""
			}
		}
	}
	for _, name := range []string{"name", "email", "phone"} {
		if value, shown := fields[name]; shown {
			set[name] = clean(value)
		}
	}
	for name, value := range set {
		if clean(before.field(name)) == value {
			delete(set, name)
		}
	}
	return set, checkProfile(set)
}

const (
	maxFieldName  = 40
	maxFieldValue = 200
	maxEdited     = 40
)

// assignments reads "name=value", each. A name that is known already, upper and lower case being the same, stays as it is.
func assignments(list []string, known Profile) (map[string]string, error) {
	set := map[string]string{}
	for _, one := range list {
		if one = strings.TrimSpace(one); one == "" {
			continue
		}
		name, value, ok := strings.Cut(one, "=")
		if name = clean(name); ok && known.called(&name) {
			set[name] = clean(value)
			continue
		}
		if name = strings.ToLower(name); !ok || name == "" || len(name) > maxFieldName || strings.ContainsAny(name, " \t\"") {
			return nil, &Problem{Code: "bad_field", Public: "Nothing was changed: write what to set as name=value, and put a value of several words in quotes: name=\"Ana Berg\"."}
		}
		set[name] = clean(value)
	}
	return set, nil
}

func checkProfile(set map[string]string) error {
	for name, value := range set {
		if len(value) > maxFieldValue {
			return &Problem{Code: "bad_field", Public: fmt.Sprintf("Nothing was changed: %s is longer than %d characters.", name, maxFieldValue)}
		}
	}
	if e := set["email"]; e != "" && (!strings.Contains(e, "@") || strings.ContainsAny(e, " ,;<>")) {
		return &Problem{Code: "bad_email", Public: "Nothing was changed: that is not an email address."}
	}
	if len(set) > maxEdited {
		return &Problem{Code: "bad_field", Public: fmt.Sprintf("Nothing was changed: that is more than %d fields.", maxEdited)}
	}
	return nil
}

// words divides a line at spaces that are not within quotes, which it takes away.
func words(line string) (list []string) {
	var word strings.Builder
	quoted := false
	for _, r := range line {
		switch {
		case r == '"' || r == '“' || r == '”':
			quoted = !quoted
		case (r == ' ' || r == '\t' || r == '\n') && !quoted:
			list = append(list, word.String())
			word.Reset()
		default:
			word.WriteRune(r)
		}
	}
	return append(list, word.String())
}

// clean is a value on one line, without what is invisible or turns the writing around.
func clean(value string) string { return strings.Join(strings.Fields(rich.Clean(value)), " ") }

const maxTags = 20

func commandTag(_ *Desk, c *change, a asked) error {
	tags := slices.Clone(a.conv.Tags)
	for _, word := range strings.Fields(strings.ToLower(clean(a.field("words")))) {
		bare, away := strings.CutPrefix(word, "-")
		bare = strings.Trim(bare, "#,")
		tags = slices.DeleteFunc(tags, func(t string) bool { return t == bare })
		if !away && bare != "" {
			tags = append(tags, bare)
		}
		if len([]rune(bare)) > maxFieldName {
			return &Problem{Code: "bad_tag", Public: fmt.Sprintf("Nothing was changed: a tag has at most %d characters.", maxFieldName)}
		}
	}
	if len(tags) > maxTags {
		return &Problem{Code: "bad_tag", Public: fmt.Sprintf("Nothing was changed: a conversation has at most %d tags.", maxTags)}
	}
	if !slices.Equal(tags, a.conv.Tags) {
		a.conv.Tags = tags
		if err := c.tx.UpdateConversation(a.conv); err != nil {
			return err
		}
	}
	a.answer.Public = "This conversation has no tags. Write !tag and words to add some."
	if len(tags) > 0 {
		a.answer.Public = "Tags: " + strings.Join(tags, ", ") + "."
	}
	return nil
}

func commandEarlier(d *Desk, c *change, a asked) error {
	listed, err := c.tx.List(ListQuery{Visitor: a.conv.Visitor, Limit: maxRows + 1})
	if err != nil {
		return err
	}
	asked := now()
	rows := rich.Node{Kind: rich.List}
	for _, l := range listed {
		if l.Conversation.ID == a.conv.ID {
			continue
		}
		l.Links = d.LinksTo(l.Threads)
		rows.Children = append(rows.Children, bullet(l.words(a.in.Endpoint, asked)...))
	}
	if len(rows.Children) == 0 {
		a.answer.Public = "This is the visitor's only conversation."
		return nil
	}
	a.say(append(rich.Of("Other conversations of this visitor:"), rows))
	return nil
}

func commandBlock(_ *Desk, c *change, a asked) error {
	return c.block(a, true, a.agent.Name+" has blocked this visitor. What they write is kept out until !unblock; nothing that was said is lost.")
}

func commandUnblock(_ *Desk, c *change, a asked) error {
	v, err := c.tx.Visitor(a.conv.Visitor)
	if err != nil {
		return err
	}
	return c.block(a, false, a.agent.Name+" lets this visitor write again. "+spellCount(v.KeptOut, "line")+" of theirs had been kept out.")
}

func (c *change) block(a asked, blocked bool, notice string) error {
	switch {
	case a.conv.Blocked && blocked:
		return &Problem{Code: "already_blocked", Public: "This visitor is blocked already."}
	case !a.conv.Blocked && !blocked:
		return &Problem{Code: "not_blocked", Public: "This visitor is not blocked."}
	}
	_, err := c.tx.EditVisitor(a.conv.Visitor, func(v *Visitor) { v.Blocked, v.KeptOut = blocked, 0 })
	if err != nil {
		return err
	}
	return c.notify(a.conv, AgentsOnly, notice)
}
