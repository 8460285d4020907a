package masking

import (
	"regexp"
	"strings"
)

// A piece is a stretch of a text: words for the translator, or something cut out.
type piece struct {
	text string
	cut  bool
	as   string // what comes back where something was cut out
	term bool   // it may be shown to the translator
}

// fixed finds what must stay whatever the glossary says: our own marks' look, addresses, placeholders, mentions, tags, and
// what programmers write.
var fixed = regexp.MustCompile(strings.Join([]string{
	`\[\s*/?\s*\d+\s*\]`,
	`(?i:https?://|www\.)[^\s<>"]*[^\s<>".,;:!?)'»”]`,
	`[\p{L}\p{N}.!#$%&*+=?^_{}|~-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+`,
	`[$%#]?\{\{?[^{}\n]{1,80}\}\}?`,
	`%(?:\d\$)?[sd]\b`,
	`\b(?:[a-z0-9-]+\.)+(?:com|net|org|io|dev|app|shop|store|info|eu|uk|de|fr|es|it|nl|pl|pt|ru|ua|jp|cn|br|mx|tr|ch|se|dk|fi|cz|gr)\b(?:/[^\s<>"]*[^\s<>".,;:!?)'»”])?`,
	`[@#][\p{L}\p{N}_][\p{L}\p{N}_-]*`,
	`(?:\b[A-Za-z]:)?(?:[/\\][A-Za-z_.][\w.-]*){2,}[/\\]?`,
	`\b\w+(?:\.\w+)*\(\)`,
	`\b[A-Za-z0-9]+(?:_[A-Za-z0-9]+)+\b`,
}, "|"))

// meaningful finds what is left after the glossary: phone numbers, words with digits, money, emoji, names such as getOrder
// and PayPal. Whether a word with digits stays is for keepsNumber to say.
var meaningful = regexp.MustCompile(strings.Join([]string{
	`\+\d[\d ().-]{6,}\d`,
	`[0-9#*]\x{FE0F}?\x{20E3}`,
	`[\x{1F000}-\x{1FAFF}\x{2600}-\x{27BF}\x{2B00}-\x{2BFF}\x{2190}-\x{21FF}\x{2300}-\x{23FF}\x{3030}\x{303D}\x{3297}\x{3299}\x{FE0E}\x{FE0F}\x{200D}\x{E0020}-\x{E007F}©®™]+`,
	`(?:[$€£¥₹]\s?)?[A-Za-z0-9]*[0-9][A-Za-z0-9]*(?:[-./:,'’][A-Za-z0-9]+)*(?:\s?[$€£¥₹%])?|[A-Za-z]+(?:-[A-Za-z]+)*-[A-Za-z0-9]*[0-9][A-Za-z0-9-]*`,
	`\b[A-Za-z]+[a-z][A-Z][A-Za-z]*\b`,
}, "|"))

var (
	smallNumber = regexp.MustCompile(`^[0-9]{1,4}(?:[a-z]{1,3})?$`)                                              // 3, 1st, 24h
	compound    = regexp.MustCompile(`(?:^|[-/'’])[a-z]{2,}(?:$|[-/.,'’])|[.,][A-Za-z]?[a-z]{2,}(?:$|[-/.,'’])`) // 24-hour, 2.Please
)

// keepsNumber reports whether a match of meaningful is to be cut out. A small number is better left in, since words
// around it depend on it.
func keepsNumber(s string) bool {
	return !smallNumber.MatchString(s) && !compound.MatchString(s)
}

// pieces divides a text.
func pieces(text string, g *Glossary) []piece {
	out := []piece{{text: text}}
	out = split(out, func(s string, from int) (int, int, piece) {
		at := fixed.FindStringIndex(s[from:])
		if at == nil {
			return -1, -1, piece{}
		}
		start, end := from+at[0], from+at[1]
		return start, end, piece{text: s[start:end], cut: true, as: s[start:end]}
	})
	out = split(out, func(s string, from int) (int, int, piece) {
		start, end, as := g.find(s, from)
		if start < 0 {
			return -1, -1, piece{}
		}
		return start, end, piece{text: s[start:end], cut: true, as: as, term: true}
	})
	return split(out, func(s string, from int) (int, int, piece) {
		at := meaningful.FindStringIndex(s[from:])
		if at == nil {
			return -1, -1, piece{}
		}
		start, end := from+at[0], from+at[1]
		found := s[start:end]
		return start, end, piece{text: found, cut: keepsNumber(found), as: found}
	})
}

// split looks for something in each piece that is not cut out, as often as it is found.
func split(in []piece, find func(s string, from int) (start, end int, found piece)) []piece {
	var out []piece
	for _, p := range in {
		if p.cut {
			out = append(out, p)
			continue
		}
		text := 0 // where the words not yet taken begin
		for from := 0; ; {
			start, end, found := find(p.text, from)
			if start < 0 {
				break
			}
			if found.cut {
				if start > text {
					out = append(out, piece{text: p.text[text:start]})
				}
				out = append(out, found)
				text = end
			}
			from = end
		}
		if text < len(p.text) {
			out = append(out, piece{text: p.text[text:]})
		}
	}
	return out
}
