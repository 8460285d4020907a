package importing

import (
	"io"
	"regexp"
	"strings"

	"github.com/skeindesk/skein/bridge/knowledge"
	"github.com/skeindesk/skein/bridge/rich"
)

// Markdown reads a text as most programs understand it. Before it there may be "title", "language", "url" and "id" between two
// lines of "---". A heading may name its article's id and language after it, as in "## Devoluciones {#returns lang=es}", and
// lines under it that begin with "Q:" are other ways to ask for it.
func Markdown(file io.Reader, o Options) ([]knowledge.Article, []Fault) {
	in := newIntake(o)
	source := in.read(file)
	if len(in.faults) > 0 {
		return in.result()
	}
	lines := strings.Split(source, "\n")
	front, first := frontMatter(lines)
	if address := front["url"]; address != "" {
		if _, ok := rich.SafeURL(address); !ok {
			in.fault(1, "“%s” is no web address.", cut(address))
			return in.result()
		}
		in.URL = address
	}
	m := markdownReader{in: in, references: map[string]string{}}
	lines = m.define(lines[first:])
	blocks := m.blocks(lines, first+1, 0)
	in.sections(blocks, about{title: front["title"], language: front["language"], id: front["id"]})
	return in.result()
}

// frontMatter reads what stands before a text, and returns how many lines that are.
func frontMatter(lines []string) (front map[string]string, used int) {
	front = map[string]string{}
	if strings.TrimRight(lines[0], " ") != "---" {
		return front, 0
	}
	for i, line := range lines[1:] {
		if line = strings.TrimRight(line, " "); line == "---" || line == "..." {
			return front, i + 2
		}
		name, value, _ := strings.Cut(line, ":")
		name = strings.ToLower(strings.TrimSpace(name))
		if name == "lang" {
			name = "language"
		}
		front[name] = strings.Trim(strings.TrimSpace(value), `"'`)
	}
	return map[string]string{}, 0 // it never ends: no such thing
}

// markdownReader turns lines into blocks.
type markdownReader struct {
	in         *intake
	references map[string]string // addresses by label
}

// maxDepth is how deep quotes and lists are read within each other; what is deeper is text.
const maxDepth = 12

var (
	definition  = regexp.MustCompile(`^ {0,3}\[([^\[\]]{1,200})\]:\s*<?(\S+?)>?(?:\s+["'(].*)?$`)
	atxHeading  = regexp.MustCompile(`^ {0,3}(#{1,6})(?:[ \t]+(.*?))??(?:[ \t]+#+)?[ \t]*$`)
	attributes  = regexp.MustCompile(`\s*\{((?:\s*(?:#[^\s{}]+|lang=[^\s{}]+))+)\s*\}\s*$`)
	fence       = regexp.MustCompile("^( {0,3})(`{3,}|~{3,})([^`]*)$")
	quoteMark   = regexp.MustCompile(`^ {0,3}> ?`)
	itemMark    = regexp.MustCompile(`^( {0,3})([-+*]|[0-9]{1,9}[.)])( {1,4}|\t|$)`)
	htmlLine    = regexp.MustCompile(`(?i)^ {0,3}<(?:[a-z][a-z0-9-]*[\s/>]|/[a-z]|[a-z][a-z0-9-]*$|!--)`)
	tableRule   = regexp.MustCompile(`^ {0,3}\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$`)
	underlining = regexp.MustCompile(`^ {0,3}(=+|-+)[ \t]*$`)
)

// define takes the definitions of link references out of a text, which stay as empty lines.
func (m *markdownReader) define(lines []string) []string {
	out, inside := make([]string, len(lines)), ""
	for i, line := range lines {
		if found := fence.FindStringSubmatch(line); found != nil && (inside == "" || strings.HasPrefix(found[2], inside)) {
			if inside == "" {
				inside = found[2]
			} else {
				inside = ""
			}
		}
		out[i] = line
		if found := definition.FindStringSubmatch(line); found != nil && inside == "" {
			label := strings.ToLower(oneLine(found[1]))
			if _, had := m.references[label]; !had {
				m.references[label] = found[2]
			}
			out[i] = ""
		}
	}
	return out
}

// blocks reads lines, of which the first is the n-th of the file.
func (m *markdownReader) blocks(lines []string, n, depth int) (out []block) {
	for i := 0; i < len(lines); {
		b, used := m.block(lines[i:], depth)
		for _, one := range b {
			if one.line == 0 {
				one.line = n + i
			}
			out = append(out, one)
		}
		i += used
	}
	return out
}

// block reads what begins with the first of the lines, and says how many belong to it.
func (m *markdownReader) block(lines []string, depth int) (out []block, used int) {
	line := lines[0]
	switch {
	case isBlank(line):
		return nil, 1
	case fence.MatchString(line):
		return m.fenced(lines)
	case atxHeading.MatchString(line):
		found := atxHeading.FindStringSubmatch(line)
		return []block{m.heading(len(found[1]), found[2])}, 1
	case isRule(line):
		return nil, 1
	case quoteMark.MatchString(line) && depth < maxDepth:
		return m.quote(lines, depth)
	case itemMark.MatchString(line) && depth < maxDepth:
		return m.list(lines, depth)
	case strings.HasPrefix(line, "    "), strings.HasPrefix(line, "\t"):
		return m.indented(lines)
	case htmlLine.MatchString(line):
		return m.html(lines)
	case len(lines) > 1 && strings.Contains(line, "|") && strings.Contains(lines[1], "-") && tableRule.MatchString(lines[1]):
		return m.table(lines)
	}
	return m.paragraph(lines, depth)
}

func isBlank(line string) bool { return strings.TrimSpace(line) == "" }

// isRule reports a line across the page.
func isRule(line string) bool {
	marks := strings.Map(func(r rune) rune {
		if r == ' ' || r == '\t' {
			return -1
		}
		return r
	}, line)
	return len(marks) >= 3 && !strings.HasPrefix(line, "    ") && strings.ContainsAny(marks[:1], "-*_") && strings.Trim(marks, marks[:1]) == ""
}

func (m *markdownReader) heading(level int, words string) block {
	b := block{level: level}
	if found := attributes.FindStringSubmatchIndex(words); found != nil {
		for _, field := range strings.Fields(words[found[2]:found[3]]) {
			if id, is := strings.CutPrefix(field, "#"); is {
				b.id = id
			} else {
				b.lang = strings.Trim(strings.TrimPrefix(field, "lang="), `"'`)
			}
		}
		words = words[:found[0]]
	}
	b.node = rich.Node{Kind: rich.Heading, Children: m.spans(words)}
	return b
}

func (m *markdownReader) fenced(lines []string) ([]block, int) {
	found := fence.FindStringSubmatch(lines[0])
	var code []string
	used := len(lines)
	for i, line := range lines[1:] {
		if end := fence.FindStringSubmatch(line); end != nil && strings.HasPrefix(end[2], found[2]) && isBlank(end[3]) {
			used = i + 2
			break
		}
		code = append(code, strings.TrimPrefix(line, found[1]))
	}
	language, _, _ := strings.Cut(strings.TrimSpace(found[3]), " ")
	return []block{{node: rich.Node{Kind: rich.Pre, Text: strings.Join(code, "\n"), Info: language}}}, used
}

func (m *markdownReader) indented(lines []string) ([]block, int) {
	var code []string
	used := 0
	for i, line := range lines {
		text, is := strings.CutPrefix(line, "    ")
		if !is {
			text, is = strings.CutPrefix(line, "\t")
		}
		if !is && !isBlank(line) {
			break
		}
		code = append(code, text)
		if is {
			used = i + 1
		}
	}
	return []block{{node: rich.Node{Kind: rich.Pre, Text: strings.Join(code[:used], "\n")}}}, used
}

func (m *markdownReader) quote(lines []string, depth int) ([]block, int) {
	var inside []string
	for _, line := range lines {
		mark := quoteMark.FindString(line)
		if mark == "" && (isBlank(line) || m.interrupts(line)) {
			break
		}
		inside = append(inside, line[len(mark):])
	}
	return []block{{node: rich.Node{Kind: rich.Quote, Children: nodes(m.blocks(inside, 0, depth+1))}}}, len(inside)
}

func nodes(blocks []block) (out []rich.Node) {
	for _, b := range blocks {
		out = append(out, b.node)
	}
	return out
}

// list reads items with marks of one kind.
func (m *markdownReader) list(lines []string, depth int) ([]block, int) {
	kind := markKind(lines[0])
	list := rich.Node{Kind: rich.List, Ordered: kind == '.' || kind == ')'}
	if list.Ordered {
		for _, digit := range itemMark.FindStringSubmatch(lines[0])[2] {
			if '0' <= digit && digit <= '9' {
				list.Offset = 10*list.Offset + int(digit-'0')
			}
		}
		list.Offset = max(0, list.Offset-1)
	}
	used := 0
	for used < len(lines) && itemMark.MatchString(lines[used]) && markKind(lines[used]) == kind && !isRule(lines[used]) {
		inside, n := m.item(lines[used:])
		list.Children = append(list.Children, rich.Node{Kind: rich.Item, Children: nodes(m.blocks(inside, 0, depth+1))})
		for used += n; used < len(lines) && isBlank(lines[used]); used++ { // between items
		}
	}
	return []block{{node: list}}, used
}

// markKind is what tells the marks of one list from those of another: the last character.
func markKind(line string) byte {
	mark := itemMark.FindStringSubmatch(line)[2]
	return mark[len(mark)-1]
}

// item returns the lines of one item, without what they are set in by.
func (m *markdownReader) item(lines []string) (inside []string, used int) {
	mark := itemMark.FindString(lines[0])
	inside = []string{lines[0][len(mark):]}
	indent := max(2, len(strings.TrimRight(mark, " \t"))+1)
	blank := 0
	for _, line := range lines[1:] {
		switch in := len(line) - len(strings.TrimLeft(line, " ")); {
		case isBlank(line):
			blank++
			inside = append(inside, "")
			continue
		case in >= indent || strings.HasPrefix(line, "\t"):
			inside = append(inside, strings.TrimPrefix(line[min(in, len(mark)):], "\t"))
		case blank == 0 && !m.interrupts(line) && !itemMark.MatchString(line):
			inside = append(inside, line)
		default:
			return inside[:len(inside)-blank], len(inside) - blank
		}
		blank = 0
	}
	return inside[:len(inside)-blank], len(inside) - blank
}

// html reads lines of HTML, to the next empty one, as a page would be.
func (m *markdownReader) html(lines []string) ([]block, int) {
	used := 1
	comment := strings.HasPrefix(strings.TrimSpace(lines[0]), "<!--")
	for used < len(lines) && (comment && !strings.Contains(lines[used-1], "-->") || !comment && !isBlank(lines[used])) {
		used++
	}
	page, err := parsePage(strings.Join(lines[:used], "\n"))
	if err != nil {
		return nil, used // it says nothing
	}
	p := pageReader{in: m.in}
	p.blocks(page, "")
	p.flush()
	return p.out, used
}

// table reads rows as lines, cells with a bar between them.
func (m *markdownReader) table(lines []string) ([]block, int) {
	out, used := rich.Node{Kind: rich.Paragraph}, 0
	for ; used < len(lines) && strings.Contains(lines[used], "|"); used++ {
		if used == 1 {
			continue
		}
		if used > 0 {
			out.Children = append(out.Children, rich.Node{Kind: rich.Break})
		}
		for i, cell := range strings.Split(strings.Trim(strings.TrimSpace(lines[used]), "|"), "|") {
			if i > 0 {
				out.Children = append(out.Children, rich.Node{Kind: rich.Text, Text: " | "})
			}
			out.Children = append(out.Children, m.spans(strings.TrimSpace(cell))...)
		}
	}
	return []block{{node: out}}, used
}

// paragraph reads lines to the next empty one, or to where something else begins. It may turn out to be a heading.
func (m *markdownReader) paragraph(lines []string, depth int) ([]block, int) {
	used := 1
	for used < len(lines) && !isBlank(lines[used]) {
		if found := underlining.FindStringSubmatch(lines[used]); found != nil {
			level := 1
			if found[1][0] == '-' {
				level = 2
			}
			return []block{m.heading(level, strings.TrimSpace(strings.Join(lines[:used], " ")))}, used + 1
		}
		if m.interrupts(lines[used]) || isQuestion(lines[0]) || isQuestion(lines[used]) || depth > 0 && itemMark.MatchString(lines[used]) {
			break
		}
		used++
	}
	text := make([]string, used)
	for i, line := range lines[:used] {
		text[i] = strings.TrimLeft(line, " \t")
	}
	return []block{{node: rich.Node{Kind: rich.Paragraph, Children: m.spans(strings.Join(text, "\n"))}}}, used
}

func isQuestion(line string) bool { return strings.HasPrefix(strings.TrimLeft(line, " "), "Q:") }

// interrupts reports a line that begins something else in the middle of a paragraph.
func (m *markdownReader) interrupts(line string) bool {
	if found := itemMark.FindStringSubmatch(line); found != nil {
		return found[3] != "" && (len(found[2]) == 1 || strings.HasPrefix(found[2], "1"))
	}
	return fence.MatchString(line) || atxHeading.MatchString(line) || isRule(line) || quoteMark.MatchString(line) || htmlLine.MatchString(line)
}
