package main

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	reference = regexp.MustCompile(`<([^<>]+)>`)
	unescape  = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")
)

// plain resolves mentions, links and escapes of Slack's mrkdwn.
func (v *slackView) plain(text string) string {
	text = reference.ReplaceAllStringFunc(text, func(token string) string {
		target, label, labelled := strings.Cut(token[1:len(token)-1], "|")
		switch {
		case strings.HasPrefix(target, "@"):
			if by, ok := v.people[target[1:]]; ok {
				return "@" + by.Name
			}
			return target
		case labelled:
			return label
		case strings.HasPrefix(target, "!"):
			return "@" + target[1:]
		default:
			return target
		}
	})
	return unescape.Replace(text)
}

// headline is the first line of a thread's first message: a thread has no other name.
func headline(m message) string {
	for line := range strings.SplitSeq(m.Text, "\n") {
		if line = strings.Trim(line, " *_~"); line != "" {
			if runes := []rune(line); len(runes) > 80 {
				line = string(runes[:79]) + "…"
			}
			return line
		}
	}
	return "Thread"
}

// milliseconds reads the time in a message's ts.
func milliseconds(ts string) int64 {
	seconds, _ := strconv.ParseFloat(ts, 64)
	return int64(seconds * 1000)
}

// sortByTime puts messages in the order of their ts. Their seconds have the same number of digits, so text order is
// that order.
func sortByTime(messages []message) {
	slices.SortStableFunc(messages, func(a, b message) int { return cmp.Compare(a.ID, b.ID) })
}
