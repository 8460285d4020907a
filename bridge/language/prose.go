package language

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxProse is how much of a text is looked through, in bytes.
const maxProse = 4000

// Prose returns what of a text is language, as Recognise and Tally count it. It leaves out links, addresses, code, lines
// that look like code or like a program's complaints, words with digits, @mentions, #tags, placeholders as {order.id}, HTML,
// words in capitals among others, and the given names. What somebody quotes is left out if they say something themselves.
func Prose(text string, names ...string) string {
	if len(text) > maxProse {
		text = text[:maxProse]
	}
	p := proser{names: nameWords(names)}
	own := cut(text, true)
	out := p.prose(own)
	if own != text && !strings.ContainsFunc(out, isLetter) { // the quotation is all there is
		return p.prose(cut(text, false))
	}
	return out
}

// severalWords reports whether there are at least three, or as much in a script that does not separate words.
func severalWords(s string) bool {
	words, unspaced, within := 0, 0, false
	for _, r := range s {
		letter := isLetter(r)
		if letter && !within {
			words++
		}
		if letter && runsOn(r) {
			unspaced++
		}
		within = letter || unicode.IsMark(r)
	}
	return words > 2 || unspaced > 4
}

// nameWords returns the words of names, in lower case.
func nameWords(names []string) map[string]bool {
	if len(names) == 0 {
		return nil
	}
	words := map[string]bool{}
	for _, name := range names {
		for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return !isLetter(r) && !unicode.IsMark(r) }) {
			words[strings.ToLower(word)] = true
		}
	}
	return words
}

// A proser takes text apart and collects what is prose, one space after each word.
type proser struct {
	names  map[string]bool
	shouts bool // all of the text is in capitals, so they mean nothing
	out    []byte
}

func (p *proser) prose(text string) string {
	p.out = make([]byte, 0, len(text)+1)
	p.shouts = !strings.ContainsFunc(text, unicode.IsLower)
	for line := range strings.SplitSeq(text, "\n") {
		p.line(line)
	}
	return string(p.out)
}

// line collects a line's words, unless half of it looks like code, or a little and it ends like a statement.
func (p *proser) line(line string) {
	if complains(line) {
		return
	}
	before := len(p.out)
	words, code, capitals := 0, 0, 0
	for token := range tokens(line) {
		switch p.kind(token) {
		case nothing:
			continue
		case codeLike:
			code++
		case capital:
			capitals++
		case ordinary:
			p.out = append(append(p.out, token...), ' ')
		}
		words++
	}
	if code > 0 && (2*(code+capitals) >= words || endsStatement(line)) {
		p.out = p.out[:before]
	}
}

func endsStatement(line string) bool {
	line = strings.TrimRight(line, " ")
	return line != "" && strings.IndexByte(";{}", line[len(line)-1]) >= 0
}

// tokens divides a line at white space, and where a script that does not separate words meets ASCII.
func tokens(line string) iter.Seq[string] {
	return func(yield func(string) bool) {
		start, runningOn := 0, false
		for i, r := range line {
			space := unicode.IsSpace(r)
			turn := r < utf8.RuneSelf && runningOn || runsOn(r) && !runningOn
			if !space && !turn {
				continue
			}
			if i > start && !yield(line[start:i]) {
				return
			}
			start, runningOn = i, runsOn(r)
			if space {
				start += utf8.RuneLen(r)
			}
		}
		if start < len(line) {
			yield(line[start:])
		}
	}
}

// runsOn reports letters of scripts that do not separate words: Thai, Lao, kana, Han.
func runsOn(r rune) bool {
	return 0x0e00 <= r && r <= 0x0eff || 0x3040 <= r && r <= 0x30ff || 0x3400 <= r && r <= 0x9fff
}
