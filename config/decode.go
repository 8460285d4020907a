package config

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// fileSuffix makes of a secret's key the key of a file that holds it.
const fileSuffix = "_file"

// maxSecret bounds what is read of a secret's file, in bytes.
const maxSecret = 64 << 10

// A decoder turns a tree into structs by their yaml tags and remembers where each key was.
type decoder struct {
	checker
	readFile func(name string) ([]byte, error)
	left     map[string]bool // paths with nothing behind them: what they stand for has its default
}

// field is one key that a section may have.
type field struct {
	key    string
	value  reflect.Value
	secret bool
	lines  bool // may hold line breaks
}

// fields returns the keys of the struct v, those of embedded structs included.
func fields(v reflect.Value) (out []field) {
	for i := range v.NumField() {
		sf := v.Type().Field(i)
		key := sf.Tag.Get("yaml")
		switch {
		case sf.Anonymous:
			out = append(out, fields(v.Field(i))...)
		case key != "":
			_, secret := v.Field(i).Interface().(Secret)
			out = append(out, field{key: key, value: v.Field(i), secret: secret, lines: sf.Tag.Get("text") == "lines"})
		}
	}
	return out
}

// keys returns what may be written in the section, for a person who wrote something else.
func keys(fs []field) (out []string) {
	for _, f := range fs {
		out = append(out, f.key)
		if f.secret {
			out = append(out, f.key+fileSuffix)
		}
	}
	return out
}

// section decodes n into the struct v. Entries whose keys are in special are left to the caller.
func (d *decoder) section(n *node, v reflect.Value, path string, special ...string) {
	if n.kind == null {
		return
	}
	if n.kind != section {
		d.add(n.at, path, "expected keys with values")
		return
	}
	known := fields(v)
	allowed := append(keys(known), special...)
	seen := make(map[string]bool)
	for _, e := range n.entries {
		at := join(path, e.key)
		switch {
		case seen[e.key]:
			d.add(e.at, at, "expected once, but it is here again")
			continue
		case !contains(allowed, e.key):
			d.add(e.at, join(path, presentable(e.key)), "unknown key; "+expectOneOf(e.key, allowed))
			continue
		}
		seen[e.key] = true
		d.places[at] = e.at
		d.left[at] = e.value.kind == null
	}
	for _, f := range known {
		if f.secret {
			d.secret(n, f, path)
		} else if e := n.get(f.key); e != nil {
			d.value(e.value, f, join(path, f.key))
		}
	}
}

// value decodes n into one field.
func (d *decoder) value(n *node, f field, path string) {
	if n.kind == null {
		return
	}
	if f.value.Kind() == reflect.Struct {
		d.section(n, f.value, path)
		return
	}
	switch f.value.Interface().(type) {
	case []string:
		if items, ok := d.list(n, path); ok {
			f.value.Set(reflect.ValueOf(items))
		}
		return
	case []FormField:
		f.value.Set(reflect.ValueOf(d.form(n, path)))
		return
	case []Rule:
		f.value.Set(reflect.ValueOf(d.rules(n, path)))
		return
	case Texts:
		d.texts(n, f, path)
		return
	}
	if text, ok := d.text(n, path, f.lines); ok {
		if expected := parseInto(f.value, text); expected != "" {
			d.add(n.at, path, "expected "+expected)
		}
	}
}

var levels = []string{"debug", "info", "warn", "error"}

// parseInto parses text into v and returns what was expected instead, or nothing.
func parseInto(v reflect.Value, text string) (expected string) {
	switch p := v.Addr().Interface().(type) {
	case *string:
		*p = text
	case *Secret:
		*p = Secret(text)
	case *int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return "a whole number"
		}
		*p = n
	case *bool:
		switch text {
		case "true":
			*p = true
		case "false":
			*p = false
		default:
			return "true or false"
		}
	case *float64:
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return "a number"
		}
		*p = n
	case *time.Duration:
		n, err := time.ParseDuration(text)
		if err != nil {
			return "a duration such as 30s or 500ms"
		}
		*p = n
	case *Bytes:
		if p.UnmarshalText([]byte(text)) != nil {
			return "a size such as 500KB or 25MiB"
		}
	case *slog.Level:
		if !contains(levels, text) || p.UnmarshalText([]byte(text)) != nil {
			return either(levels)
		}
	default:
		panic(fmt.Sprintf("config: no way to decode a %T", p)) // a field was added without one
	}
	return ""
}

// list decodes a list of texts. One text is a list of one; in a variable commas separate several.
func (d *decoder) list(n *node, path string) (out []string, ok bool) {
	switch n.kind {
	case list:
		out = make([]string, 0, len(n.items)) // not nil: an empty list was asked for
		ok = true
		for i, item := range n.items {
			text, good := d.text(item, path, false)
			d.places[fmt.Sprintf("%s[%d]", path, i)] = item.at
			out, ok = append(out, text), ok && good
		}
		return out, ok
	case scalar:
		text, good := d.text(n, path, false)
		if n.at.variable == "" {
			return []string{text}, good
		}
		out = []string{}
		for item := range strings.SplitSeq(text, ",") {
			if item = strings.TrimSpace(item); item != "" {
				out = append(out, item)
			}
		}
		return out, good
	case null, section:
	}
	d.add(n.at, path, "expected a list, such as [one, two]")
	return nil, false
}

// text decodes a text without control characters, which have no place in an address, a token or a header.
func (d *decoder) text(n *node, path string, lines bool) (string, bool) {
	if n.kind != scalar {
		d.add(n.at, path, "expected one value")
		return "", false
	}
	text := n.text
	if lines {
		text = strings.ReplaceAll(text, "\n", " ")
	}
	if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		d.add(n.at, path, "expected text without control characters")
		return "", false
	}
	return n.text, true
}

// secret decodes a secret from its key or from the file that KEY_file names. The environment wins over the file;
// two that come from the same side are a mistake, for nobody can tell which was meant.
func (d *decoder) secret(n *node, f field, path string) {
	direct, indirect := filled(n.get(f.key)), filled(n.get(f.key+fileSuffix))
	if direct != nil && indirect != nil {
		if (direct.at.variable == "") == (indirect.at.variable == "") {
			d.add(indirect.at, join(path, indirect.key), "expected either "+f.key+" or "+indirect.key+", not both")
			return
		}
		if indirect.at.variable != "" {
			direct = nil
		}
	}
	if direct != nil {
		d.value(direct.value, f, join(path, f.key))
		return
	}
	if indirect == nil {
		return
	}
	at := join(path, indirect.key)
	defer func() { d.broken[join(path, f.key)] = d.broken[at] }()
	name, ok := d.text(indirect.value, at, false)
	if !ok {
		return
	}
	d.places[join(path, f.key)] = indirect.at
	content, err := d.readFile(name)
	if err != nil {
		d.add(indirect.at, at, "expected a file that can be read: "+reason(err))
		return
	}
	text := strings.TrimRight(string(content), "\r\n")
	if text == "" || len(text) > maxSecret {
		d.add(indirect.at, at, "expected a file that holds the secret and nothing else")
		return
	}
	d.value(&node{kind: scalar, at: indirect.at, text: text}, f, at)
}

// filled returns e unless it leaves its key empty, as a template of a configuration does.
func filled(e *entry) *entry {
	if e == nil || e.value.kind == null || (e.value.kind == scalar && e.value.text == "") {
		return nil
	}
	return e
}

// reason says why a file could not be read, without its name: somebody may have put the secret itself there.
func reason(err error) string {
	var failed *fs.PathError
	if errors.As(err, &failed) {
		return failed.Err.Error()
	}
	return "it cannot"
}

// readSecret reads a little more than a secret's file may hold.
func readSecret(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAtMost(f, maxSecret+1)
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
