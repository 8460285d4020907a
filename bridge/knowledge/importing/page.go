package importing

import (
	"errors"
	"html"
	"iter"
	"strings"
)

// node is an element of a page, or a text in one.
type node struct {
	name       string // of the element, in lower case; empty: a text
	text       string
	attributes map[string]string // those that are read
	children   []*node
}

// descendants goes through all that is in an element, in the order of reading.
func (n *node) descendants() iter.Seq[*node] {
	return func(yield func(*node) bool) { n.walk(yield) }
}

func (n *node) walk(yield func(*node) bool) bool {
	for _, c := range n.children {
		if !yield(c) || !c.walk(yield) {
			return false
		}
	}
	return true
}

// maxNesting is how deep elements may be in one another.
const maxNesting = 400

var errNested = errors.New("nested too deeply")

func set(names string) map[string]bool {
	out := map[string]bool{}
	for name := range strings.FieldsSeq(names) {
		out[name] = true
	}
	return out
}

var (
	// void elements have no content, raw ones nothing but text, of which readable ones have entities in it.
	void     = set("area base br col embed hr img input link meta param source track wbr")
	raw      = set("iframe noembed noframes script style textarea title xmp")
	readable = set("textarea title")
	// endsParagraph are elements before which a paragraph ends that was left open.
	endsParagraph = set(`address article aside blockquote center details dialog div dl fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6
		header hgroup hr main menu nav ol p pre section table ul li dd dt`)
	head, paragraph, cells, inParagraph, tables = set("head"), set("p"), set("td th table"), set("button td th table"), set("table")
	// inHead are the elements that stand in a page's head.
	inHead         = set("base link meta noscript script style template title head html")
	readAttributes = set("id lang href alt hidden aria-hidden")
)

// endsOthers says which elements end that were left open, up to which, where one begins.
var endsOthers = map[string]struct{ ends, upTo map[string]bool }{
	"li":    {set("li"), set("ul ol menu")},
	"dt":    {set("dt dd"), set("dl")},
	"dd":    {set("dt dd"), set("dl")},
	"td":    {set("td th"), set("tr table")},
	"th":    {set("td th"), set("tr table")},
	"tr":    {set("tr"), set("table")},
	"tbody": {set("thead tbody tfoot tr"), set("table")},
	"tfoot": {set("thead tbody tfoot tr"), set("table")},
}

// parsePage reads a page as it comes, whatever was forgotten in it, as browsers do in all that matters for its text.
func parsePage(source string) (*node, error) {
	p := pageParser{open: []*node{{name: "page"}}}
	for source != "" && len(p.open) <= maxNesting {
		source = p.next(source)
	}
	if len(p.open) > maxNesting {
		return nil, errNested
	}
	return p.open[0], nil
}

// pageParser builds a page from tags.
type pageParser struct {
	open []*node // the elements that have not ended, the page first
}

func (p *pageParser) add(n *node) {
	in := p.open[len(p.open)-1]
	in.children = append(in.children, n)
}

// next reads the next text or tag, and returns the rest.
func (p *pageParser) next(s string) string {
	at := strings.IndexByte(s, '<')
	if at != 0 {
		if at < 0 {
			at = len(s)
		}
		p.say(html.UnescapeString(s[:at]))
		return s[at:]
	}
	switch {
	case strings.HasPrefix(s, "<!--"):
		return after(s[2:], "-->")
	case strings.HasPrefix(s, "<!"), strings.HasPrefix(s, "<?"):
		return after(s, ">")
	case len(s) > 2 && s[1] == '/' && isLetter(s[2]):
		name, rest := tagName(s[2:])
		p.end(name)
		return after(rest, ">")
	case len(s) > 1 && isLetter(s[1]):
		return p.begin(s[1:])
	}
	p.say("<")
	return s[1:]
}

// after is what follows the end, nothing if that never comes.
func after(s, end string) string {
	_, rest, _ := strings.Cut(s, end)
	return rest
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

func tagName(s string) (name, rest string) {
	end := strings.IndexAny(s, " \t\n\r\f/>")
	if end < 0 {
		end = len(s)
	}
	return strings.ToLower(s[:end]), s[end:]
}

func (p *pageParser) say(text string) {
	if strings.TrimSpace(text) != "" {
		p.endUpTo(head, nil)
	}
	p.add(&node{text: text})
}

// begin reads a start tag, and all of an element that has nothing but text.
func (p *pageParser) begin(s string) string {
	n := &node{}
	var closed bool
	n.name, s = tagName(s)
	n.attributes, closed, s = readTag(s)
	if !inHead[n.name] {
		p.endUpTo(head, nil)
	}
	if endsParagraph[n.name] {
		p.endUpTo(paragraph, inParagraph)
	}
	if e, ok := endsOthers[n.name]; ok {
		p.endUpTo(e.ends, e.upTo)
	}
	p.add(n)
	switch {
	case void[n.name], closed && p.foreign(n.name):
		return s
	case raw[n.name]:
		text := s
		if end := endOf(s, n.name); end >= 0 {
			text = s[:end]
			s = after(s[end:], ">")
		} else {
			s = ""
		}
		if readable[n.name] {
			text = html.UnescapeString(text)
		}
		n.children = []*node{{text: text}}
		return s
	}
	p.open = append(p.open, n)
	return s
}

// foreign reports drawings and formulas, where elements can end in themselves.
func (p *pageParser) foreign(name string) bool {
	if name == "svg" || name == "math" {
		return true
	}
	for _, n := range p.open {
		if n.name == "svg" || n.name == "math" {
			return true
		}
	}
	return false
}

// endOf is where the end tag of an element begins; -1: nowhere.
func endOf(s, name string) int {
	for from := 0; ; {
		at := strings.Index(s[from:], "</")
		if at < 0 {
			return -1
		}
		from += at + 2
		if found, _ := tagName(s[from:min(len(s), from+len(name)+1)]); found == name {
			return from - 2
		}
	}
}

// readTag reads the attributes of a tag and its end.
func readTag(s string) (attributes map[string]string, closed bool, rest string) {
	for {
		s = strings.TrimLeft(s, " \t\n\r\f")
		switch {
		case s == "":
			return attributes, closed, ""
		case s[0] == '>':
			return attributes, closed, s[1:]
		case s[0] == '/':
			closed, s = true, s[1:]
			continue
		}
		closed = false
		end := 1 + strings.IndexAny(s[1:], " \t\n\r\f/>=")
		if end == 0 {
			return attributes, false, ""
		}
		name, value := strings.ToLower(s[:end]), ""
		s = strings.TrimLeft(s[end:], " \t\n\r\f")
		if strings.HasPrefix(s, "=") {
			value, s = readValue(strings.TrimLeft(s[1:], " \t\n\r\f"))
		}
		if _, had := attributes[name]; readAttributes[name] && !had {
			if attributes == nil {
				attributes = map[string]string{}
			}
			attributes[name] = html.UnescapeString(value)
		}
	}
}

func readValue(s string) (value, rest string) {
	if s != "" && (s[0] == '"' || s[0] == '\'') {
		value, rest, _ = strings.Cut(s[1:], s[:1])
		return value, rest
	}
	end := strings.IndexAny(s, " \t\n\r\f>")
	if end < 0 {
		end = len(s)
	}
	return s[:end], s[end:]
}

// end ends an element, and what was left open in it. An end of what was not begun is nothing, nor one across a table's cell.
func (p *pageParser) end(name string) {
	upTo := cells
	switch name {
	case "table":
		upTo = nil
	case "td", "th", "tr", "tbody", "thead", "tfoot":
		upTo = tables
	case "br":
		p.add(&node{name: "br"})
		return
	}
	p.endUpTo(map[string]bool{name: true}, upTo)
}

// endUpTo ends the innermost open element with one of the names, if none of the others is open within it.
func (p *pageParser) endUpTo(names, upTo map[string]bool) {
	for i := len(p.open) - 1; i > 0; i-- {
		if names[p.open[i].name] {
			p.open = p.open[:i]
			return
		}
		if upTo[p.open[i].name] {
			return
		}
	}
}
