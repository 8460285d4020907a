package language

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A kind is what a token counts as.
type kind int

const (
	nothing  kind = iota // says nothing: a number, a link, a name
	ordinary             // a word
	capital              // a word in capitals among others
	codeLike
)

// kind looks at the characters of a token.
func (p *proser) kind(token string) kind {
	if p.names == nil && isPlain(token) {
		return ordinary
	}
	word := strings.TrimRight(strings.TrimLeft(token, "\"'([«“„‘¿¡*_~-–—•>|"), ".,;:!?…)\"'»”’*_~]")
	switch {
	case !strings.ContainsFunc(word, unicode.IsLetter):
		if !strings.ContainsFunc(word, unicode.IsDigit) && (strings.ContainsAny(token, "={}[]|\\") || strings.Contains(token, "&&")) {
			return codeLike
		}
		return nothing
	case word[0] == '#', strings.Contains(word, "@"), strings.Contains(word, "://"), hasPrefixFold(word, "www."), isEmojiName(token):
		return nothing
	case p.names != nil && p.isName(word):
		return nothing
	}
	seen := look(word)
	switch {
	case seen.looksLikeCode():
		return codeLike
	case seen.digits > 0, seen.humps > 0, seen.dots > 0 && !seen.sentenceEnd:
		return nothing
	case !p.shouts && seen.capitals > 1 && seen.capitals == seen.letters:
		return capital
	}
	return ordinary
}

// isPlain recognises most words at once: letters, small ones but for the first, and what ends a sentence.
func isPlain(token string) bool {
	end := len(token)
	for end > 0 && strings.IndexByte(".,!?", token[end-1]) >= 0 {
		end--
	}
	for i, r := range token[:end] {
		switch {
		case 'a' <= r && r <= 'z':
		case r < utf8.RuneSelf && (i > 0 || r < 'A' || 'Z' < r):
			return false
		case r >= utf8.RuneSelf && (!unicode.IsLetter(r) || i > 0 && unicode.IsUpper(r)):
			return false
		}
	}
	return end > 1 && !isFailure(token[:end])
}

// A view is what a token is made of.
type view struct {
	letters, capitals, digits int
	humps                     int // capitals after a small letter
	dots                      int // between letters
	slashes                   int
	sentenceEnd               bool // a dot between a small letter and a capital, as where a space was left out
	symbols                   bool
	late                      bool // the first hump comes after several small letters, as in getOrder but not in iPhone
	failure                   bool // named as programs name theirs
}

func look(word string) view {
	v := view{failure: isFailure(word)}
	var before rune
	for i, r := range word {
		switch {
		case unicode.IsLetter(r):
			v.letters++
			if unicode.IsUpper(r) {
				v.capitals++
				if r < utf8.RuneSelf && 'a' <= before && before <= 'z' {
					v.humps++
					v.late = v.late || v.humps == 1 && v.capitals == 1 && i > 1
				}
			}
		case unicode.IsDigit(r):
			v.digits++
		case r == '/':
			v.slashes++
			v.symbols = v.symbols || i == 0
		case r == '.':
			v.dot(before, word[i+1:])
		case strings.ContainsRune("_=\\|^~$%*+<>{}[]", r):
			v.symbols = true
		case r == ':' && before == ':', r == '>' && before == '-', r == ')' && before == '(':
			v.symbols = true
		}
		before = r
	}
	if strings.HasSuffix(word, "(") { // its ")" was trimmed
		v.symbols = true
	}
	return v
}

func (v *view) dot(before rune, rest string) {
	after, _ := utf8.DecodeRuneInString(rest)
	if !unicode.IsLetter(before) || !unicode.IsLetter(after) {
		return
	}
	v.dots++
	v.sentenceEnd = v.dots == 1 && unicode.IsLower(before) && unicode.IsUpper(after)
}

// looksLikeCode goes by what prose does not have: names such as getOrder and snake_case, paths, calls. A single dot or
// slash may be a shop's name or "y/o", and WhatsApp has a hump.
func (v view) looksLikeCode() bool {
	switch {
	case v.symbols, v.failure, v.slashes > 1:
		return true
	case v.digits > 0:
		return v.slashes > 0 || v.dots > 0
	}
	return v.late || v.humps > 2 || v.dots > 1
}

func (p *proser) isName(word string) bool {
	word = strings.ToLower(word)
	if p.names[word] {
		return true
	}
	first, _, found := strings.Cut(strings.ReplaceAll(word, "’", "'"), "'") // Ana's
	return found && p.names[first]
}

// isEmojiName recognises :wave:.
func isEmojiName(token string) bool {
	token = strings.TrimRight(token, ".,!?")
	return len(token) > 2 && token[0] == ':' && token[len(token)-1] == ':'
}

// isFailure recognises TypeError and java.lang.NullPointerException, but not "Error".
func isFailure(word string) bool {
	for _, suffix := range []string{"Error", "Exception", "Warning"} {
		if rest, ok := strings.CutSuffix(word, suffix); ok && rest != "" {
			return true
		}
	}
	return false
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// complaints are how the lines begin in which programs report their troubles, in English whoever uses them.
var complaints = []string{
	"Traceback (", "Caused by:", "File \"", "panic:", "fatal:", "error:", "Fatal error:", "Uncaught ", "Unhandled ", "npm ", "goroutine ",
	"Exception in thread", "Segmentation fault", "HTTP/", "GET /", "POST /", "PUT /", "DELETE /", "curl ", "$ ", ">>> ", "// ", "/*", "#!", "-- ",
}

// complains recognises a line of a stack trace, a log or a shell.
func complains(line string) bool {
	line = strings.TrimSpace(line)
	for _, beginning := range complaints {
		if strings.HasPrefix(line, beginning) {
			return true
		}
	}
	first, rest, _ := strings.Cut(line, " ")
	switch {
	case first == "at":
		next, _, _ := strings.Cut(rest, " ")
		return strings.ContainsAny(next, "./(<")
	case strings.HasSuffix(first, ":") && isFailure(strings.TrimSuffix(first, ":")):
		return true
	}
	return isLog(line)
}

// isLog recognises a line that begins with a time, or something in brackets, and how bad it is.
func isLog(line string) bool {
	if line == "" || !(line[0] == '[' || '0' <= line[0] && line[0] <= '9') {
		return false
	}
	for i, word := range strings.Fields(line) {
		switch strings.Trim(word, "[]:()|") {
		case "ERROR", "ERR", "WARN", "WARNING", "INFO", "DEBUG", "FATAL", "TRACE", "CRITICAL", "SEVERE", "NOTICE":
			return true
		}
		if i == 4 {
			break
		}
	}
	return false
}
