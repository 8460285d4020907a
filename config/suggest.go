package config

import (
	"regexp"
	"slices"
	"strings"
)

func contains(names []string, name string) bool { return slices.Contains(names, name) }

// plausible is what the name of a key or an endpoint looks like.
var plausible = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)

// presentable returns name if it can be one, and otherwise something to show in its place: what was meant as a value
// may have ended up as a key.
func presentable(name string) string {
	if plausible.MatchString(name) {
		return name
	}
	return "(not a name)"
}

// expectOneOf says which names there are and which of them was probably meant.
func expectOneOf(got string, names []string) string {
	text := "expected " + either(names)
	if near := nearest(got, names); near != "" {
		text += "; did you mean " + near + "?"
	}
	return text
}

// either joins names as in a sentence.
func either(names []string) string {
	switch n := len(names); n {
	case 0:
		return "none"
	case 1:
		return names[0]
	default:
		return strings.Join(names[:n-1], ", ") + " or " + names[n-1]
	}
}

// nearest returns the name that is fewest typing mistakes away from got, or nothing if none is near.
func nearest(got string, names []string) (best string) {
	if len(got) > 40 {
		return "" // not a mistyped name
	}
	least := max(2, len(got)/3) + 1
	for _, name := range names {
		if n := distance(strings.ToLower(got), name); n < least {
			best, least = name, n
		}
	}
	return best
}

// distance counts the bytes to insert, delete, replace or swap with their neighbour to turn a into b (optimal string
// alignment).
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
