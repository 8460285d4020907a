package masking

import (
	"html"
	"regexp"
	"strconv"
	"strings"
)

// write writes the tokens of a segment for a translator.
func write(s *segment, form Form) string {
	var out strings.Builder
	for _, t := range s.tokens {
		id := strconv.Itoa(t.mark)
		switch {
		case t.kind == words && form == Elements:
			out.WriteString(escape.Replace(t.text))
		case t.kind == words:
			out.WriteString(t.text)
		case t.kind == opening && form == Elements:
			out.WriteString(`<span id="` + id + `">`)
		case t.kind == closing && form == Elements:
			out.WriteString("</span>")
		case form == Elements:
			out.WriteString(`<span id="` + id + `" translate="no" class="notranslate">` + escape.Replace(s.label(t.mark)) + "</span>")
		case t.kind == closing:
			out.WriteString("[/" + id + "]")
		default:
			out.WriteString("[" + id + "]")
		}
	}
	return out.String()
}

var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// label is what a translator sees of something cut out: a word that no language has, unless it may see more.
func (s *segment) label(mark int) string {
	if label := s.marks[mark].label; label != "" {
		return label
	}
	return "X" + strconv.Itoa(mark)
}

// read takes a translation apart. It returns false where elements do not fit into each other, or are not ours.
func (s *segment) read(text string, form Form) ([]token, bool) {
	if form == Elements {
		return s.readElements(text)
	}
	return s.readNumbers(text)
}

var number = regexp.MustCompile(`\[\s*(/?)\s*([0-9]{1,4})\s*\]`)

func (s *segment) readNumbers(text string) (out []token, ok bool) {
	for {
		at := number.FindStringSubmatchIndex(text)
		if at == nil {
			return appendWords(out, text), true
		}
		out = appendWords(out, text[:at[0]])
		id, err := strconv.Atoi(text[at[4]:at[5]])
		if err != nil || id < 1 || id >= len(s.marks) {
			return nil, false
		}
		t := token{kind: opening, mark: id}
		switch end := at[3] > at[2]; {
		case end:
			t.kind = closing
		case !s.marks[id].pair:
			t.kind = cutOut
		}
		out = append(out, t)
		text = text[at[1]:]
	}
}

var (
	element = regexp.MustCompile(`(?i)<\s*(/?)\s*span\b([^<>]*)>`)
	idIn    = regexp.MustCompile(`(?i)\bid\s*=\s*["'“”«]?\s*([0-9]{1,4})\b`)
)

func (s *segment) readElements(text string) (out []token, ok bool) {
	var open []int // the marks whose elements have not ended
	inside := 0    // how many of them were cut out: what is in there does not count
	for {
		at := element.FindStringSubmatchIndex(text)
		if at == nil {
			at = []int{len(text), len(text)}
		}
		if inside == 0 {
			out = appendWords(out, html.UnescapeString(text[:at[0]]))
		}
		if at[0] == len(text) {
			return out, len(open) == 0
		}
		attributes, end := text[at[4]:at[5]], at[3] > at[2]
		text = text[at[1]:]
		if end {
			if len(open) == 0 {
				return nil, false
			}
			id := open[len(open)-1]
			open = open[:len(open)-1]
			if s.marks[id].pair {
				out = append(out, token{kind: closing, mark: id})
			} else {
				inside--
			}
			continue
		}
		id := idOf(attributes)
		if id < 1 || id >= len(s.marks) || strings.HasSuffix(attributes, "/") {
			return nil, false
		}
		open = append(open, id)
		if s.marks[id].pair {
			out = append(out, token{kind: opening, mark: id})
		} else {
			out = append(out, token{kind: cutOut, mark: id})
			inside++
		}
	}
}

func idOf(attributes string) int {
	match := idIn.FindStringSubmatch(attributes)
	if match == nil {
		return 0
	}
	id, err := strconv.Atoi(match[1])
	if err != nil {
		return 0
	}
	return id
}

func appendWords(tokens []token, text string) []token {
	if text == "" {
		return tokens
	}
	return append(tokens, token{kind: words, text: text})
}
