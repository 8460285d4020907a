package markdown

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/skeindesk/skein/bridge/rich"
)

// Read reads the content of a message. names may be nil. Of ids only names come out; what looks like markup and is
// not stays as it was typed.
func Read(content string, names Names) rich.Doc {
	r := reader{names: names}
	return rich.Linkify(withoutZeroWidthIn(r.blocks(rich.Clean(content), 0)))
}

// withoutZeroWidthIn takes away what keeps markers apart, in the place of nodes.
func withoutZeroWidthIn(nodes []rich.Node) []rich.Node {
	for i := range nodes {
		nodes[i].Text = withoutZeroWidth(nodes[i].Text)
		withoutZeroWidthIn(nodes[i].Children)
	}
	return nodes
}

type reader struct{ names Names }

// maxDepth bounds recursion; what is deeper is text.
const maxDepth = 40

var (
	quoteLine   = regexp.MustCompile(`^ *>(?: (.*))?$`)
	restQuote   = regexp.MustCompile(`^ *>>> +`)
	headingLine = regexp.MustCompile(`^#{1,3} +(.*\S.*)$`)
	smallLine   = regexp.MustCompile(`^-# +(.*\S.*)$`)
	itemLine    = regexp.MustCompile(`^( *)([-*+]|\d{1,9}\.) +(.*\S.*)$`)
	language    = regexp.MustCompile(`^([A-Za-z0-9_+\-.#]{1,32})\n`)
)

// blocks reads text that begins at the start of a line.
func (r reader) blocks(s string, depth int) []rich.Node {
	var out []rich.Node
	var plain []string // lines that are neither quoted nor code
	flush := func() {
		out = append(out, r.lines(plain, depth)...)
		plain = nil
	}
	for s != "" {
		if found := restQuote.FindString(s); found != "" && depth < maxDepth {
			flush()
			return append(out, rich.Node{Kind: rich.Quote, Children: r.blocks(s[len(found):], depth+1)})
		}
		if quoted, rest := quotedLines(s); len(quoted) > 0 && depth < maxDepth {
			flush()
			out = append(out, rich.Node{Kind: rich.Quote, Children: r.blocks(strings.Join(quoted, "\n"), depth+1)})
			s = rest
			continue
		}
		line, rest, _ := strings.Cut(s, "\n")
		if before, code, after, ok := fenced(s, len(line)); ok {
			if before != "" {
				plain = append(plain, before)
			}
			flush()
			out = append(out, code)
			s = strings.TrimPrefix(after, "\n")
			continue
		}
		plain = append(plain, line)
		s = rest
	}
	flush()
	return out
}

// quotedLines takes the lines that begin with "> " off s.
func quotedLines(s string) (quoted []string, rest string) {
	for rest = s; rest != ""; {
		line, more, _ := strings.Cut(rest, "\n")
		found := quoteLine.FindStringSubmatch(line)
		if found == nil {
			break
		}
		quoted = append(quoted, found[1])
		rest = more
	}
	return quoted, rest
}

// fenced finds a block of code that begins in the first line of s, which is so many bytes long.
func fenced(s string, line int) (before string, code rich.Node, after string, ok bool) {
	for i := 0; i+3 <= line; i++ {
		if s[i] == '\\' {
			i++
			continue
		}
		if !strings.HasPrefix(s[i:], "```") {
			continue
		}
		inside := s[i+3:]
		end := strings.Index(inside, "```")
		if end < 0 || strings.TrimSpace(inside[:end]) == "" {
			return "", rich.Node{}, "", false
		}
		node := rich.Node{Kind: rich.Pre, Text: inside[:end]}
		if found := language.FindStringSubmatch(node.Text); found != nil && strings.TrimSpace(node.Text[len(found[0]):]) != "" {
			node.Info, node.Text = found[1], node.Text[len(found[0]):]
		}
		return s[:i], node, inside[end+3:], true
	}
	return "", rich.Node{}, "", false
}

// lines reads lines without quotes and code: headings, lists and paragraphs.
func (r reader) lines(lines []string, depth int) []rich.Node {
	var out []rich.Node
	var plain []string
	flush := func() {
		if len(plain) > 0 {
			out = append(out, rich.Node{Kind: rich.Paragraph, Children: r.inlines(strings.Join(plain, "\n"), depth)})
		}
		plain = nil
	}
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if found := headingLine.FindStringSubmatch(line); found != nil {
			flush()
			out = append(out, rich.Node{Kind: rich.Heading, Children: r.inlines(found[1], depth)})
			continue
		}
		if found := smallLine.FindStringSubmatch(line); found != nil {
			flush()
			out = append(out, rich.Node{Kind: rich.Paragraph, Children: r.inlines(found[1], depth)})
			continue
		}
		if items, used := listItems(lines[i:]); used > 0 {
			flush()
			out = append(out, r.list(items, depth)...)
			i += used - 1
			continue
		}
		plain = append(plain, line)
	}
	flush()
	return out
}

// item is one item of a list as it was typed.
type item struct {
	indent  int
	ordered bool
	number  int
	text    string
}

// listItems takes the items that lines begin with; an indented line goes on with the item before it.
func listItems(lines []string) (items []item, used int) {
	for _, line := range lines {
		found := itemLine.FindStringSubmatch(line)
		switch {
		case found != nil:
			it := item{indent: len(found[1]), text: found[3]}
			if number, err := strconv.Atoi(strings.TrimSuffix(found[2], ".")); err == nil {
				it.ordered, it.number = true, number
			}
			items = append(items, it)
		case len(items) > 0 && strings.HasPrefix(line, "  ") && strings.TrimSpace(line) != "":
			items[len(items)-1].text += "\n" + strings.TrimLeft(line, " ")
		default:
			return items, used
		}
		used++
	}
	return items, used
}

// list makes lists of items: what is indented further belongs to the item before it.
func (r reader) list(items []item, depth int) []rich.Node {
	var out []rich.Node
	for i := 0; i < len(items); {
		first := items[i]
		list := rich.Node{Kind: rich.List, Ordered: first.ordered, Offset: max(0, first.number-1)}
		for i < len(items) && items[i].indent <= first.indent+1 && items[i].ordered == first.ordered {
			node := rich.Node{Kind: rich.Item, Children: []rich.Node{
				{Kind: rich.Paragraph, Children: r.inlines(items[i].text, depth)},
			}}
			end := i + 1
			for end < len(items) && items[end].indent > items[i].indent+1 {
				end++
			}
			if end > i+1 {
				node.Children = append(node.Children, r.list(items[i+1:end], depth)...)
			}
			list.Children = append(list.Children, node)
			i = end
		}
		out = append(out, list)
	}
	return out
}
