package config

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// The configuration is read into a tree of our own, in which what a file says and what the environment says are alike
// and everything knows its place. Decoders that go straight into a struct stop at the first error, quote the source
// with its secrets, and cannot name the keys of a map from the environment.

type nodeKind int

const (
	null    nodeKind = iota // key: with nothing behind it, which leaves the default
	scalar                  // text, as it was written, without quotes
	list                    // items
	section                 // entries
)

// A node is a value in the tree.
type node struct {
	kind    nodeKind
	at      place
	text    string
	items   []*node
	entries []*entry
}

// An entry is one key of a section. Keys may repeat; the decoder complains.
type entry struct {
	key   string
	at    place
	value *node
}

// get returns the first entry of that key, or nil.
func (n *node) get(key string) *entry {
	for _, e := range n.entries {
		if e.key == key {
			return e
		}
	}
	return nil
}

// maxFile and maxDepth bound a configuration file. The parser recurses and keeps the path of every value: nested deeply
// enough, a small file takes all the memory there is.
const (
	maxFile  = 256 << 10
	maxDepth = 32
)

// tooDeep returns the line on which values begin to be nested too deeply; 0: nowhere. Nesting by brackets and nesting
// within one line is what counts: levels that are indented use up maxFile before they do harm.
func tooDeep(tokens token.Tokens) int {
	brackets, within, line := 0, 0, 0
	for _, tk := range tokens {
		if tk.Position.Line != line {
			within, line = 0, tk.Position.Line
		}
		switch tk.Type {
		case token.MappingStartType, token.SequenceStartType:
			brackets++
		case token.MappingEndType, token.SequenceEndType:
			brackets--
		case token.SequenceEntryType, token.MappingKeyType, token.TagType, token.AnchorType:
			within++
		}
		if brackets > maxDepth || within > maxDepth {
			return line
		}
	}
	return 0
}

// parse reads YAML into a tree. The root is a section whenever there are no problems.
func parse(file string, source []byte) (*node, Problems) {
	root := &node{kind: section, at: place{file: file}}
	if len(source) > maxFile {
		return root, Problems{{File: file, Text: fmt.Sprintf("expected at most %d KiB", maxFile>>10)}}
	}
	// The parser counts a CRLF before an indented line as two lines.
	source = bytes.ReplaceAll(bytes.TrimPrefix(source, []byte("\ufeff")), []byte("\r\n"), []byte("\n"))
	tokens := lexer.Tokenize(string(source))
	if line := tooDeep(tokens); line > 0 {
		return root, Problems{{File: file, Line: line, Text: fmt.Sprintf("expected at most %d levels", maxDepth)}}
	}
	doc, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return root, Problems{syntaxProblem(file, err)}
	}
	r := reader{file: file}
	var bodies []ast.Node
	for _, d := range doc.Docs {
		if _, directive := d.Body.(*ast.DirectiveNode); d.Body != nil && !directive {
			bodies = append(bodies, d.Body)
		}
	}
	if len(bodies) > 1 {
		r.problem(bodies[1], "expected one document")
	}
	if len(bodies) > 0 {
		switch n := r.node(bodies[0]); n.kind {
		case section:
			root = n
		case null:
		case scalar, list:
			r.problem(bodies[0], "expected keys with values, such as `listen: 127.0.0.1:8080`")
		}
	}
	return root, r.problems
}

// syntaxProblem tells what the parser says without what it quotes from the file.
func syntaxProblem(file string, err error) Problem {
	p := Problem{File: file, Text: "expected YAML"}
	var syntax *yaml.SyntaxError
	if errors.As(err, &syntax) {
		reason, _, _ := strings.Cut(syntax.Message, `"`)
		p.Text += ": " + strings.TrimRight(reason, ": ")
		if syntax.Token != nil && syntax.Token.Position != nil {
			p.Line = syntax.Token.Position.Line
		}
	}
	return p
}

// A reader turns the parser's tree into ours.
type reader struct {
	file     string
	problems Problems
}

func (r *reader) place(n ast.Node) place {
	p := place{file: r.file}
	if tk := n.GetToken(); tk != nil && tk.Position != nil {
		p.line = tk.Position.Line
	}
	return p
}

func (r *reader) problem(n ast.Node, text string) {
	r.problems = append(r.problems, r.place(n).problem("", text))
}

func (r *reader) node(n ast.Node) *node {
	if n == nil {
		return &node{at: place{file: r.file}}
	}
	out := &node{at: r.place(n)}
	switch n := n.(type) {
	case *ast.NullNode:
	case *ast.MappingNode:
		out.kind = section
		for _, v := range n.Values {
			out.entries = append(out.entries, r.entry(v))
		}
	case *ast.MappingValueNode:
		out.kind = section
		out.entries = []*entry{r.entry(n)}
	case *ast.SequenceNode:
		out.kind = list
		for _, v := range n.Values {
			out.items = append(out.items, r.node(v))
		}
	case *ast.StringNode:
		out.kind, out.text = scalar, n.Value
	case *ast.LiteralNode:
		out.kind, out.text = scalar, n.Value.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		// As written: a channel's id that looks like a number is still an id.
		out.kind, out.text = scalar, n.GetToken().Value
	default:
		r.problem(n, "expected plain YAML: anchors, aliases, tags and merge keys are not supported")
	}
	return out
}

func (r *reader) entry(n *ast.MappingValueNode) *entry {
	e := &entry{at: r.place(n.Key)}
	switch key := n.Key.(type) {
	case *ast.StringNode:
		e.key = key.Value
	case *ast.MergeKeyNode, *ast.MappingKeyNode:
		r.problem(n.Key, "expected plain YAML: merge keys and complex keys are not supported")
	default:
		e.key = n.Key.GetToken().Value
	}
	e.value = r.node(n.Value)
	if e.value.kind == null {
		e.value.at = e.at
	}
	return e
}

// prefix is what the names of our variables begin with.
const prefix = "SKEIN_"

// isForeign reports whether a variable with our prefix is none of the configuration's business.
func isForeign(variable string) bool {
	return variable == prefix+"CONFIG" || variable == prefix+"SPECS" || strings.HasPrefix(variable, prefix+"TEST_")
}

// overlay puts what the environment says over what the file says. An endpoint's name is the one place where letters
// of a key are lost: it has no underscores of its own, so each one was a hyphen.
func overlay(root *node, environ []string) (problems Problems) {
	for _, setting := range slices.Sorted(slices.Values(environ)) {
		variable, value, _ := strings.Cut(setting, "=")
		rest, ours := strings.CutPrefix(variable, prefix)
		if !ours || isForeign(variable) {
			continue
		}
		path := strings.Split(strings.ToLower(rest), "__")
		if path[0] == endpointsKey && len(path) > 1 {
			path[1] = strings.ReplaceAll(path[1], "_", "-")
		}
		if !root.set(path, value, place{variable: variable}) {
			problems = append(problems, Problem{File: environment, Key: variable, Text: "expected a section of that name, but the file has a value there"})
		}
	}
	return problems
}

// set puts text at the path below n, replacing what is there; false: on the way there is something else than a section.
func (n *node) set(path []string, text string, at place) bool {
	if n.kind == null {
		n.kind, n.at = section, at
	}
	if n.kind != section {
		return false
	}
	e := n.get(path[0])
	if e == nil {
		e = &entry{key: path[0], at: at, value: &node{at: at}}
		n.entries = append(n.entries, e)
	}
	if len(path) > 1 {
		return e.value.set(path[1:], text, at)
	}
	e.at, e.value = at, &node{kind: scalar, at: at, text: text}
	return true
}
