package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a configuration. It holds no values.
type Problem struct {
	File string // as given to Load; "environment"; or "configuration" for what no file says
	Line int    // from 1; 0: not in a file
	Key  string // dotted, as in endpoints.support-slack.hold; a variable's name for the environment
	Text string // what was expected
}

// String returns the problem on one line.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	b.WriteString(": ")
	if p.Key != "" {
		b.WriteString(p.Key + ": ")
	}
	b.WriteString(p.Text)
	return b.String()
}

// Problems is everything that is wrong with a configuration; [Load] and [Config.Validate] return it as their error.
type Problems []Problem

// Error returns one line for each problem.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// err returns the problems in the order in which a person would go through them; nil if there are none.
func (ps Problems) err() error {
	if len(ps) == 0 {
		return nil
	}
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Key, b.Key))
	})
	return slices.Compact(ps)
}

const (
	environment   = "environment"
	configuration = "configuration"
)

// A place is where something was said: a line of a file or a variable.
type place struct {
	file     string
	line     int
	variable string
}

// problem reports a problem at this place with the key at the dotted path.
func (p place) problem(path, text string) Problem {
	switch {
	case p.variable != "":
		return Problem{File: environment, Key: p.variable, Text: text}
	case p.file == "":
		return Problem{File: configuration, Key: path, Text: text}
	}
	return Problem{File: p.file, Line: p.line, Key: path, Text: text}
}
