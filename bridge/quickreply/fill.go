package quickreply

import (
	"regexp"
	"slices"
	"strings"

	"github.com/skeindesk/skein/bridge/rich"
)

// variable is what stands for something known of the visitor or the agent. Other braces are text.
var variable = regexp.MustCompile(`\{((?:visitor|agent)\.[\pL\pN_-]+)\}`)

// Fill puts values in the place of variables such as {visitor.name}, as plain text in whatever formatting they stand in.
// lookup is asked for "visitor.name"; a variable that it does not know, or of which the value is blank, stays and is
// among missing, once, in the order of the text. A value is never looked at for variables or markup.
func Fill(doc rich.Doc, lookup func(name string) (string, bool)) (filled rich.Doc, missing []string) {
	fill := func(text string) string {
		return variable.ReplaceAllStringFunc(text, func(braced string) string {
			name := braced[1 : len(braced)-1]
			value, known := lookup(name)
			value = strings.Join(strings.Fields(rich.Clean(value)), " ")
			if known && value != "" {
				return value
			}
			if !slices.Contains(missing, name) {
				missing = append(missing, name)
			}
			return braced
		})
	}
	return rich.Normal(fillNodes(rich.Normal(doc), fill)), missing
}

func fillNodes(nodes []rich.Node, fill func(string) string) []rich.Node {
	out := slices.Clone(nodes)
	for i := range out {
		switch n := &out[i]; n.Kind {
		case rich.Text, rich.Code, rich.Pre:
			n.Text = fill(n.Text)
		case rich.Mention, rich.Emoji:
		default:
			n.Children = fillNodes(n.Children, fill)
		}
	}
	return out
}
