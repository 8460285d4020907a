package slacktest

import (
	"encoding/json"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	// token is what Slack's client puts in the place of a mention or a link.
	token = regexp.MustCompile(`<(?:@[UWB][A-Z0-9]+(?:\|[^<>]*)?|#C[A-Z0-9]+(?:\|[^<>]*)?|![a-z]+(?:\^[^<>|]+)*(?:\|[^<>]*)?|(?:https?://|mailto:|tel:)[^<>|]+(?:\|[^<>]*)?)>`)
	// address is a bare web address; closing punctuation does not belong to it.
	address = regexp.MustCompile(`https?://[^\s<>|]*[^\s<>|.,;:!?'")\]]`)
	emoji   = regexp.MustCompile(`^:[a-z0-9_+'-]+(?:::skin-tone-[2-6])?:`)
)

// typed turns what a person types into what Slack stores: mrkdwn text, escaped, and the rich_text
// block that its editor makes of the same input. When in doubt a passage stays plain text.
func typed(input string) (string, json.RawMessage) {
	if strings.TrimSpace(input) == "" {
		return "", nil
	}
	data, err := json.Marshal([]richNode{{"type": "rich_text", "block_id": "typed", "elements": richBlocks(input)}})
	if err != nil {
		panic(err) // made of strings
	}
	return escapeTyped(input), data
}

// escapeTyped escapes everything but tokens, and wraps bare web addresses.
func escapeTyped(input string) string {
	var b strings.Builder
	plain := func(s string) {
		at := 0
		for _, m := range address.FindAllStringIndex(s, -1) {
			b.WriteString(escaper.Replace(s[at:m[0]]))
			b.WriteString("<" + escaper.Replace(s[m[0]:m[1]]) + ">")
			at = m[1]
		}
		b.WriteString(escaper.Replace(s[at:]))
	}
	at := 0
	for _, m := range token.FindAllStringIndex(input, -1) {
		plain(input[at:m[0]])
		b.WriteString(strings.ReplaceAll(strings.ReplaceAll(input[m[0]:m[1]], "&amp;", "&"), "&", "&amp;"))
		at = m[1]
	}
	plain(input[at:])
	return b.String()
}

func mentions(text, user string) bool {
	return strings.Contains(text, "<@"+user+">") || strings.Contains(text, "<@"+user+"|")
}

// richNode is one element of a rich_text block
// (https://docs.slack.dev/reference/block-kit/blocks/rich-text-block).
type richNode map[string]any

// richBlocks splits input into preformatted passages and the lines between them.
func richBlocks(input string) []richNode {
	var out []richNode
	for {
		before, rest, open := strings.Cut(input, "```")
		pre, after, closed := strings.Cut(rest, "```")
		if !open || !closed || pre == "" {
			return append(out, richLines(input)...)
		}
		out = append(out, richLines(strings.TrimSuffix(before, "\n"))...)
		out = append(out, richNode{
			"type": "rich_text_preformatted", "border": 0,
			"elements": []richNode{{"type": "text", "text": strings.Trim(pre, "\n")}},
		})
		input = strings.TrimPrefix(after, "\n")
	}
}

// lineKind tells quotes and list items from other lines, and returns the line without its mark.
func lineKind(line string) (string, string) {
	if rest, ok := strings.CutPrefix(line, "> "); ok {
		return "quote", rest
	}
	if rest, ok := strings.CutPrefix(line, "• "); ok {
		return "list", rest
	}
	return "section", line
}

// richLines makes one element of each run of lines of the same kind.
func richLines(input string) []richNode {
	if input == "" {
		return nil
	}
	var out []richNode
	lines := strings.Split(input, "\n")
	for i := 0; i < len(lines); {
		kind, first := lineKind(lines[i])
		run := []string{first}
		for i++; i < len(lines); i++ {
			next, rest := lineKind(lines[i])
			if next != kind {
				break
			}
			run = append(run, rest)
		}
		text := strings.Join(run, "\n")
		if kind == "section" && i < len(lines) {
			text += "\n" // the line break before a quote or a list belongs to the section
		}
		out = append(out, richRun(kind, text, run))
	}
	return out
}

func richRun(kind, text string, run []string) richNode {
	switch kind {
	case "quote":
		return richNode{"type": "rich_text_quote", "elements": inline(text, style{})}
	case "list":
		var items []richNode
		for _, item := range run {
			items = append(items, richNode{"type": "rich_text_section", "elements": inline(item, style{})})
		}
		return richNode{"type": "rich_text_list", "style": "bullet", "indent": 0, "border": 0, "elements": items}
	default:
		return richNode{"type": "rich_text_section", "elements": inline(text, style{})}
	}
}

type style struct {
	Bold   bool `json:"bold,omitempty"`
	Italic bool `json:"italic,omitempty"`
	Strike bool `json:"strike,omitempty"`
	Code   bool `json:"code,omitempty"`
}

func (st style) with(mark byte) style {
	switch mark {
	case '*':
		st.Bold = true
	case '_':
		st.Italic = true
	case '~':
		st.Strike = true
	case '`':
		st.Code = true
	}
	return st
}

func styled(n richNode, st style) richNode {
	if st != (style{}) {
		n["style"] = st
	}
	return n
}

// inline parses marks, tokens, addresses and emoji.
func inline(s string, st style) []richNode {
	out := []richNode{}
	start := 0
	flush := func(end int) {
		if end > start {
			out = append(out, styled(richNode{"type": "text", "text": s[start:end]}, st))
		}
	}
	for i := 0; i < len(s); {
		nodes, width := inlineAt(s, i, st)
		if width == 0 {
			i++
			continue
		}
		flush(i)
		out = append(out, nodes...)
		i += width
		start = i
	}
	flush(len(s))
	return out
}

// inlineAt parses what begins at i; width 0: nothing but a character of text.
func inlineAt(s string, i int, st style) (nodes []richNode, width int) {
	switch s[i] {
	case '*', '_', '~', '`':
		inner, width := marked(s, i)
		if width == 0 {
			return nil, 0
		}
		if s[i] == '`' {
			return []richNode{styled(richNode{"type": "text", "text": inner}, st.with('`'))}, width
		}
		return inline(inner, st.with(s[i])), width
	case '<':
		if m := token.FindStringIndex(s[i:]); m != nil && m[0] == 0 {
			return []richNode{tokenNode(s[i+1:i+m[1]-1], st)}, m[1]
		}
	case ':':
		if m := emoji.FindString(s[i:]); m != "" {
			return []richNode{styled(richNode{"type": "emoji", "name": strings.Trim(m, ":")}, st)}, len(m)
		}
	case 'h':
		if m := address.FindStringIndex(s[i:]); m != nil && m[0] == 0 {
			return []richNode{styled(richNode{"type": "link", "url": s[i : i+m[1]]}, st)}, m[1]
		}
	}
	return nil, 0
}

// marked returns the text between the mark at i and its partner on the same line. Marks count at
// the edges of words only.
func marked(s string, i int) (inner string, width int) {
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	if i > 0 && wordRune(before) {
		return "", 0
	}
	line, _, _ := strings.Cut(s[i+1:], "\n")
	for at := 0; at < len(line); {
		j := strings.IndexByte(line[at:], s[i])
		if j < 0 {
			return "", 0
		}
		end := at + j
		after, _ := utf8.DecodeRuneInString(line[end+1:])
		inner := line[:end]
		if inner != "" && strings.TrimSpace(inner) == inner && (end+1 == len(line) || !wordRune(after)) {
			return inner, end + 2
		}
		at = end + 1
	}
	return "", 0
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// tokenNode renders the inside of a <…> token.
func tokenNode(inside string, st style) richNode {
	id, label, labelled := strings.Cut(inside, "|")
	switch {
	case id[0] == '@':
		return styled(richNode{"type": "user", "user_id": id[1:]}, st)
	case id[0] == '#':
		return styled(richNode{"type": "channel", "channel_id": id[1:]}, st)
	case strings.HasPrefix(id, "!subteam^"):
		return styled(richNode{"type": "usergroup", "usergroup_id": id[len("!subteam^"):]}, st)
	case id[0] == '!':
		return styled(richNode{"type": "broadcast", "range": id[1:]}, st)
	}
	n := richNode{"type": "link", "url": id}
	if labelled && label != "" {
		n["text"] = label
	}
	return styled(n, st)
}

// plainBlocks is the text that a message without one gets from its blocks, for notifications.
func plainBlocks(blocks json.RawMessage) string {
	type node struct {
		Type, URL string
		Text      json.RawMessage // a string, or an object with one
		Elements  []json.RawMessage
	}
	var words func(raw json.RawMessage) string
	words = func(raw json.RawMessage) (text string) {
		var n node
		if json.Unmarshal(raw, &n) != nil {
			_ = json.Unmarshal(raw, &text)
			return text
		}
		if text = words(n.Text); text == "" {
			text = escaper.Replace(n.URL)
		} else if n.Type == "text" || n.Type == "link" || n.Type == "plain_text" { // the rest is mrkdwn, escaped already
			text = escaper.Replace(text)
		}
		for _, e := range n.Elements {
			text += words(e)
		}
		return text
	}
	var list []json.RawMessage
	_ = json.Unmarshal(blocks, &list) // they were checked
	var lines []string
	for _, b := range list {
		if line := words(b); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}
