package rich

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxURL is the longest address kept as a link, in bytes: what browsers and all four platforms accept.
const maxURL = 2048

// SafeURL returns u as it may be offered for a click, "" and false if it may not be: absolute, http or https
// with a host, or mailto or tel with something after the colon; no control character, white space or character
// that no address may hold unescaped; at most 2048 bytes.
func SafeURL(u string) (string, bool) {
	u = strings.TrimSpace(u)
	if len(u) > maxURL || !utf8.ValidString(u) || strings.ContainsFunc(u, neverInURL) {
		return "", false
	}
	p, err := url.Parse(u)
	if err != nil {
		return "", false
	}
	switch strings.ToLower(p.Scheme) {
	case "http", "https":
		if p.Hostname() != "" {
			return u, true
		}
	case "mailto", "tel":
		if p.Opaque != "" {
			return u, true
		}
	}
	return "", false
}

func neverInURL(r rune) bool {
	return isUnsafe(r) || isSpace(r) || strings.ContainsRune("<>\"`|\\^{}", r)
}

// Linkify returns the canonical form of doc with every bare http or https address in its text made a Link.
// Punctuation that ends the sentence, and closing brackets that the address did not open, stay outside. Code
// and existing links are left alone.
func Linkify(doc Doc) Doc {
	doc = Normal(doc)
	if !mentionsURL(doc) {
		return doc
	}
	return Normal(linkifyNodes(doc))
}

func mentionsURL(nodes []Node) bool {
	return slices.ContainsFunc(nodes, func(n Node) bool {
		return n.Kind == Text && strings.Contains(n.Text, "://") || mentionsURL(n.Children)
	})
}

func linkifyNodes(nodes []Node) []Node {
	var out []Node
	for _, n := range nodes {
		switch n.Kind {
		case Text:
			out = append(out, linkifyText(n.Text)...)
			continue
		case Link, Code, Pre:
		default:
			n.Children = linkifyNodes(n.Children)
		}
		out = append(out, n)
	}
	return out
}

func linkifyText(s string) []Node {
	var out []Node
	text := 0 // where the text not yet written begins
	for from := 0; ; {
		start, end := findURL(s, from)
		if start < 0 {
			break
		}
		from = end
		if u, ok := SafeURL(s[start:end]); ok {
			if start > text {
				out = append(out, Node{Kind: Text, Text: s[text:start]})
			}
			out = append(out, Node{Kind: Link, URL: u, Children: []Node{{Kind: Text, Text: u}}})
			text = end
		}
	}
	if text < len(s) {
		out = append(out, Node{Kind: Text, Text: s[text:]})
	}
	return out
}

// findURL returns the first stretch of s[from:] that looks like a web address, or -1. end > from always.
func findURL(s string, from int) (start, end int) {
	for i := from; i < len(s); {
		colon := strings.Index(s[i:], "://")
		if colon < 0 {
			return -1, -1
		}
		colon += i
		i = colon + 3
		start = colon
		for start > from && isLetter(s[start-1]) {
			start--
		}
		switch strings.ToLower(s[start:colon]) {
		case "http", "https":
		default:
			continue
		}
		if before, _ := utf8.DecodeLastRuneInString(s[:start]); start > 0 && (unicode.IsLetter(before) || unicode.IsDigit(before)) {
			continue
		}
		stop := strings.IndexFunc(s[i:], endsURL)
		if stop < 0 {
			stop = len(s) - i
		}
		if end = i + trimURL(s[i:i+stop]); end > i {
			return start, end
		}
	}
	return -1, -1
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

func endsURL(r rune) bool {
	return neverInURL(r) || strings.ContainsRune("«»“”„「」『』（）。、，；：！？", r)
}

// trimURL returns how much of s remains without what belongs to the sentence around it.
func trimURL(s string) int {
	for s != "" {
		r, n := utf8.DecodeLastRuneInString(s)
		switch {
		case strings.ContainsRune(".,;:!?'*~…’", r):
		case r == ')' && strings.Count(s, ")") > strings.Count(s, "("):
		case r == ']' && strings.Count(s, "]") > strings.Count(s, "["):
		default:
			return len(s)
		}
		s = s[:len(s)-n]
	}
	return 0
}
