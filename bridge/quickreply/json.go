package quickreply

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/skeindesk/skein/bridge/rich"
)

// portable is a reply as JSON.
type portable struct {
	Shortcut string            `json:"shortcut"`
	Title    string            `json:"title,omitempty"`
	Body     string            `json:"body"`           // as a person would type it
	Rich     rich.Doc          `json:"rich,omitempty"` // the same with formatting; goes before body
	Tags     []string          `json:"tags,omitempty"`
	Group    string            `json:"group,omitempty"`
	Language string            `json:"language,omitempty"`
	Variants []portableVariant `json:"variants,omitempty"`
}

type portableVariant struct {
	Language string   `json:"language"`
	Body     string   `json:"body"`
	Rich     rich.Doc `json:"rich,omitempty"`
}

// WriteJSON writes replies as a list of objects with their formatting. Files are not written.
func WriteJSON(w io.Writer, replies []Reply) error {
	out := make([]portable, 0, len(replies))
	for i := range replies {
		r := &replies[i]
		p := portable{Shortcut: r.Shortcut, Title: r.Title, Tags: r.Tags, Group: group(r), Language: r.Language}
		p.Body, p.Rich = portableBody(r.Body)
		for _, language := range slices.Sorted(maps.Keys(r.Variants)) {
			v := portableVariant{Language: language}
			v.Body, v.Rich = portableBody(r.Variants[language])
			p.Variants = append(p.Variants, v)
		}
		out = append(out, p)
	}
	text, err := json.MarshalIndent(out, "", "  ")
	if err == nil {
		_, err = w.Write(append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("write quick replies as JSON: %w", err)
	}
	return nil
}

// portableBody leaves the tree out where the text says everything.
func portableBody(doc rich.Doc) (string, rich.Doc) {
	text := rich.Plain(doc)
	if rich.Equal(rich.Of(text), doc) {
		return text, nil
	}
	return text, rich.Normal(doc)
}

func bodyOf(text string, doc rich.Doc) rich.Doc {
	if !rich.IsEmpty(doc) {
		return doc
	}
	return rich.Of(text)
}

// ReadJSON reads what WriteJSON writes. It returns all replies, or what is wrong in which line. Personal replies become
// the owner's; 0: there must be none.
func ReadJSON(r io.Reader, owner int64) ([]Reply, []Fault) {
	in := intake{owner: owner}
	text, err := io.ReadAll(r)
	if err != nil {
		in.fault(1, "The file could not be read.")
		return in.result()
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	list := json.NewDecoder(bytes.NewReader(text))
	list.DisallowUnknownFields()
	lineAt := func(offset int64) int { return 1 + bytes.Count(text[:min(offset, int64(len(text)))], []byte("\n")) }
	if start, err := list.Token(); err != nil || start != json.Delim('[') {
		in.fault(lineAt(list.InputOffset()), "The file is to hold a list of quick replies, in [ ].")
		return in.result()
	}
	for list.More() && len(in.faults) < maxFaults {
		line := lineAt(list.InputOffset() + skipped(text[list.InputOffset():]))
		var p portable
		if err := list.Decode(&p); err != nil {
			if syntax, ok := errors.AsType[*json.SyntaxError](err); ok || errors.Is(err, io.ErrUnexpectedEOF) {
				if ok {
					line = lineAt(syntax.Offset)
				}
				in.fault(line, "This is not well-formed JSON.")
				return in.result()
			}
			in.jsonFault(line, err)
			continue
		}
		reply := Reply{
			Shortcut: p.Shortcut, Title: p.Title, Body: bodyOf(p.Body, p.Rich), Tags: p.Tags, Language: p.Language,
			Variants: map[string]rich.Doc{},
		}
		for _, v := range p.Variants {
			reply.Variants[v.Language] = bodyOf(v.Body, v.Rich)
		}
		if len(reply.Variants) < len(p.Variants) {
			in.fault(line, "Two variants have the same language.")
			continue
		}
		in.add(line, p.Group, reply)
	}
	if _, err := list.Token(); err != nil && len(in.faults) == 0 {
		in.fault(lineAt(int64(len(text))), "The list has no end.")
	}
	return in.result()
}

// skipped is how much stands before the next value.
func skipped(text []byte) int64 {
	return int64(len(text) - len(bytes.TrimLeft(text, " \t\r\n,")))
}

func (in *intake) jsonFault(line int, err error) {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		in.fault(line, "%s cannot be a %s.", wrong.Field, wrong.Value)
		return
	}
	in.fault(line, "This reply has a field that none has. The fields are shortcut, title, body, rich, tags, group, language, variants.")
}
