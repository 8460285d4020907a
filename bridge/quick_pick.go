package bridge

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/skeindesk/skein/bridge/quickreply"
	"github.com/skeindesk/skein/bridge/rich"
)

// pick is a choice of quick replies on its way from a search to the visitor. Buttons carry it as what follows the word qr.
type pick struct {
	verb   string  // show, send, with (look for another one), drop
	stack  []int64 // chosen already, to be sent before
	show   int64   // the one looked at
	others []int64 // what else was found
	asked  int64   // the notice in the thread that shows it, by its Seq; 0: it is shown to one person only
	once   string  // then, to send: what makes two presses the same
}

const (
	maxStack  = 8
	maxOthers = 4
)

var pickForm = regexp.MustCompile(`^:(show|send|with|drop) ((?:\d{1,18},){0,7}\d{1,18}|-)(?: (\d{1,18}))?(?: ((?:\d{1,18},){0,3}\d{1,18}))?(?: @(\d{1,18}))?(?: !([0-9a-f]{8}))?$`)

// String is read by parsePick. Nobody writes it: words to look for begin with no colon.
func (p pick) String() string {
	s := ":" + p.verb + " " + cmp.Or(joinIDs(p.stack), "-")
	if p.show != 0 {
		s += " " + strconv.FormatInt(p.show, 10)
		if len(p.others) > 0 {
			s += " " + joinIDs(p.others)
		}
	}
	if p.asked != 0 {
		s += " @" + strconv.FormatInt(p.asked, 10)
	}
	if p.once != "" {
		s += " !" + p.once
	}
	return s
}

// newOnce makes a pick's once.
func newOnce() string {
	var b [4]byte          // short, as Discord's buttons have to carry it: it is told from others of its conversation only
	_, _ = rand.Read(b[:]) // it never fails
	return hex.EncodeToString(b[:])
}

func parsePick(s string) (p pick, ok bool) {
	m := pickForm.FindStringSubmatch(s)
	if m == nil {
		return pick{}, false
	}
	p = pick{verb: m[1], stack: splitIDs(strings.Trim(m[2], "-")), others: splitIDs(m[4])}
	p.show, _ = strconv.ParseInt(m[3], 10, 64)
	p.asked, _ = strconv.ParseInt(m[5], 10, 64)
	p.once = m[6]
	return p, true
}

func joinIDs(ids []int64) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(texts, ",")
}

func splitIDs(s string) (ids []int64) {
	for text := range strings.SplitSeq(s, ",") {
		if id, err := strconv.ParseInt(text, 10, 64); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// quickID is how a field says which quick reply was chosen: "#17".
func quickID(r quickreply.Reply) string { return "#" + strconv.FormatInt(r.ID, 10) }

func parseQuickID(s string) (int64, bool) {
	text, ok := strings.CutPrefix(s, "#")
	id, err := strconv.ParseInt(text, 10, 64)
	return id, ok && err == nil && id > 0
}

// quickNamed finds the quick reply that a shortcut or an ID names for the agent, their own before the team's, and the
// language that follows it after a colon.
func (c *change) quickNamed(agent Agent, name string) (r quickreply.Reply, language string, err error) {
	name, language, _ = strings.Cut(strings.TrimSpace(name), ":")
	if id, ok := parseQuickID(name); ok {
		r, err = c.quickByID(agent, id)
	} else {
		r, err = c.tx.QuickReplyByShortcut(name, agent.ID)
		if errors.Is(err, ErrNotFound) {
			r, err = c.tx.QuickReplyByShortcut(name, 0)
		}
	}
	if errors.Is(err, ErrNotFound) {
		err = errNoQuickReply
	}
	return r, language, err
}

var errNoQuickReply = &Problem{
	Code: "no_quick_reply", Public: "Nothing was done: there is no quick reply with that shortcut. Write !qr list to see them.",
}

// quickByID finds a quick reply that the agent may use.
func (c *change) quickByID(agent Agent, id int64) (quickreply.Reply, error) {
	r, err := c.tx.QuickReply(id)
	if err == nil && r.Owner != 0 && AgentID(r.Owner) != agent.ID {
		return quickreply.Reply{}, ErrNotFound
	}
	return r, err
}

// composed is what quick replies become for one visitor: one line, in the order in which they were chosen.
type composed struct {
	replies []quickreply.Reply
	body    rich.Doc
	files   []quickreply.File
	missing []string // variables that nothing is known for
	// language is what all of it is written in; empty when that is not known.
	language string
}

// compose leaves out what was removed meanwhile.
func (c *change) compose(a asked, ids []int64) (composed, error) {
	visitor, err := c.tx.Visitor(a.conv.Visitor)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return composed{}, err
	}
	var out composed
	for _, id := range ids {
		r, err := c.quickByID(a.agent, id)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return composed{}, err
		}
		body, language := r.In(cmp.Or(a.conv.Language, visitor.Locale))
		if len(out.replies) == 0 {
			out.language = language
		} else if !strings.EqualFold(out.language, language) {
			out.language = ""
		}
		body, missing := quickreply.Fill(body, func(name string) (string, bool) { return known(a.agent, visitor, name) })
		out.replies, out.body, out.files = append(out.replies, r), append(out.body, body...), append(out.files, r.Files...)
		for _, name := range missing {
			if !slices.Contains(out.missing, name) {
				out.missing = append(out.missing, name)
			}
		}
	}
	return out, nil
}

// known is the value of a variable.
func known(agent Agent, visitor Visitor, name string) (string, bool) {
	whose, what, _ := strings.Cut(name, ".")
	if whose == "agent" {
		return agent.Name, what == "name"
	}
	p := visitor.Profile
	switch what {
	case "name":
		return p.Name, true
	case "email":
		return p.Email, true
	case "phone":
		return p.Phone, true
	}
	if value, has := p.Attributes[what]; has {
		return value, true
	}
	for key, value := range p.Attributes {
		if strings.EqualFold(key, what) {
			return value, true
		}
	}
	return "", false
}

func (q composed) shortcuts() []string {
	var names []string
	for _, r := range q.replies {
		names = append(names, r.Shortcut)
	}
	return names
}

// lacking says in a sentence which variables are empty.
func (q composed) lacking() string {
	names := make([]string, len(q.missing))
	for i, name := range q.missing {
		names[i] = "{" + name + "}"
	}
	if len(names) == 1 {
		return "Nothing is known for " + names[0] + " here."
	}
	return "Nothing is known for " + strings.Join(names, ", ") + " here."
}

// preview is what the agent reads before sending.
func (q composed) preview() rich.Doc {
	line := func(text string) rich.Node {
		return rich.Node{Kind: rich.Paragraph, Children: []rich.Node{{Kind: rich.Text, Text: text}}}
	}
	first := strings.Join(q.shortcuts(), " + ") + ", as one line"
	if len(q.replies) == 1 {
		first = q.replies[0].Shortcut + ": " + q.replies[0].Title
	}
	out := rich.Doc{line(first), {Kind: rich.Quote, Children: q.body}}
	var names []string
	for _, f := range q.files {
		names = append(names, f.Name)
	}
	if len(names) > 0 {
		out = append(out, line("With "+strings.Join(names, ", ")+"."))
	}
	if len(q.missing) > 0 {
		return rich.Normal(append(out, line("It cannot be sent: "+lowerFirst(q.lacking()))))
	}
	return rich.Normal(append(out, line("Not sent yet: !qr send "+strings.Join(q.shortcuts(), " ")+" sends it.")))
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }
