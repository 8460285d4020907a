package telegramtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Spec is the official machine-readable description of the Bot API.
type Spec struct {
	Methods map[string]specObject
	Types   map[string]specObject
}

type specObject struct {
	Fields   []specField
	Returns  []string
	Subtypes []string
}

type specField struct {
	Name        string
	Types       []string
	Required    bool
	Description string
}

// LoadSpec reads telegram-bot-api.json from the folder that SKEIN_SPECS names. The result is shared.
func LoadSpec() (*Spec, error) { return loadSpec() }

var loadSpec = sync.OnceValues(readSpec)

func readSpec() (*Spec, error) {
	folder := os.Getenv("SKEIN_SPECS")
	if folder == "" {
		return nil, errors.New("telegramtest: SKEIN_SPECS is not set: name the folder that holds telegram-bot-api.json, the official description of the Bot API")
	}
	data, err := os.ReadFile(filepath.Join(folder, "telegram-bot-api.json"))
	if err != nil {
		return nil, fmt.Errorf("telegramtest: read the description that SKEIN_SPECS names: %w", err)
	}
	spec := &Spec{}
	if err := json.Unmarshal(data, spec); err != nil {
		return nil, fmt.Errorf("telegramtest: parse telegram-bot-api.json: %w", err)
	}
	return spec, nil
}

// request compares a call with its method's description.
func (sp *Spec) request(c *call) error {
	method, known := sp.Methods[c.name]
	if !known {
		return fmt.Errorf("%s: no such method", c.name)
	}
	used := map[string]bool{}
	fields := map[string]specField{}
	for _, f := range method.Fields {
		fields[f.Name] = f
		_, given := c.args[f.Name]
		_, null := c.raw[f.Name]
		_, uploaded := c.files[f.Name]
		if uploaded && slices.Contains(f.Types, "InputFile") {
			used[f.Name] = true
		}
		if f.Required && !given && !null && !used[f.Name] {
			return fmt.Errorf("%s: %s is missing", c.name, f.Name)
		}
	}
	names := append(slices.Collect(maps.Keys(c.args)), slices.Collect(maps.Keys(c.raw))...)
	slices.Sort(names)
	for _, name := range names {
		f, known := fields[name]
		if !known {
			return fmt.Errorf("%s: unknown parameter %s", c.name, name)
		}
		if err := sp.argument(c, f); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		for _, part := range attached.FindAllStringSubmatch(c.args[name], -1) {
			if _, ok := c.files[part[1]]; !ok {
				return fmt.Errorf("%s: %s names attach://%s, which is not in the request", c.name, name, part[1])
			}
			used[part[1]] = true
		}
	}
	for name := range c.files {
		if !used[name] {
			return fmt.Errorf("%s: uploaded file %s belongs to no parameter", c.name, name)
		}
	}
	return nil
}

var attached = regexp.MustCompile(`attach://([^"\s]+)`)

// argument checks one parameter. In a form a number, a truth value or an object is written as its
// JSON text, and a string as itself.
func (sp *Spec) argument(c *call, f specField) error {
	if raw, ok := c.raw[f.Name]; ok {
		return sp.text(f.Name, f.Types, raw)
	}
	if slices.Contains(f.Types, "String") {
		return nil
	}
	return sp.text(f.Name, f.Types, []byte(c.args[f.Name]))
}

// answer compares a result with what the method returns.
func (sp *Spec) answer(method string, result json.RawMessage) error {
	if err := sp.text(method, sp.Methods[method].Returns, result); err != nil {
		return fmt.Errorf("answer of %w", err)
	}
	return nil
}

// update compares one update with its type.
func (sp *Spec) update(raw json.RawMessage) error { return sp.text("update", []string{"Update"}, raw) }

func (sp *Spec) text(path string, types []string, raw json.RawMessage) error {
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	decoder.UseNumber()
	var v any
	err := decoder.Decode(&v)
	if _, after := decoder.Token(); err != nil || after != io.EOF {
		return fmt.Errorf("%s: not %s", path, strings.Join(types, " or "))
	}
	return sp.value(path, types, v)
}

// value accepts v if it is of one of the types. The error is that of the type which v claims to be.
func (sp *Spec) value(path string, types []string, v any) error {
	if items := elements(types); len(items) > 1 {
		return sp.list(path, items, v) // such a list may hold items of each of the types
	}
	var first, claimed error
	for _, t := range types {
		err := sp.is(path, t, v)
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
		if o, ok := v.(map[string]any); ok && claimed == nil && sp.claims(t, o) {
			claimed = err
		}
	}
	if claimed != nil {
		return claimed
	}
	if len(types) == 1 {
		return first
	}
	return fmt.Errorf("%s: not %s", path, strings.Join(types, " or "))
}

// is accepts v if it is of the type.
func (sp *Spec) is(path, t string, v any) error {
	mismatch := fmt.Errorf("%s: %T is not %s", path, v, t)
	if items := elements([]string{t}); items != nil {
		return sp.list(path, items, v)
	}
	ok := false
	switch t {
	case "Integer":
		n, number := v.(json.Number)
		ok = number && !strings.ContainsAny(n.String(), ".eE")
	case "Float":
		_, ok = v.(json.Number)
	case "String", "InputFile":
		_, ok = v.(string)
	case "Boolean":
		_, ok = v.(bool)
	default:
		return sp.object(path, t, v)
	}
	if !ok {
		return mismatch
	}
	return nil
}

// elements are the types of what a list holds; nil unless all of the types are lists.
func elements(types []string) (items []string) {
	for _, t := range types {
		item, ok := strings.CutPrefix(t, "Array of ")
		if !ok {
			return nil
		}
		items = append(items, item)
	}
	return items
}

func (sp *Spec) list(path string, items []string, v any) error {
	list, ok := v.([]any)
	if !ok {
		return fmt.Errorf("%s: %T is not a list of %s", path, v, strings.Join(items, " or "))
	}
	for i, x := range list {
		if err := sp.value(fmt.Sprintf("%s[%d]", path, i), items, x); err != nil {
			return err
		}
	}
	return nil
}

// object accepts v if it is of the named type: no unknown field, every required one, each of its type.
func (sp *Spec) object(path, name string, v any) error {
	t, known := sp.Types[name]
	if !known {
		return fmt.Errorf("%s: type %s is not described", path, name)
	}
	if len(t.Subtypes) > 0 {
		return sp.value(path, t.Subtypes, v)
	}
	o, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("%s: %T is not %s", path, v, name)
	}
	fields := map[string]specField{}
	for _, f := range t.Fields {
		fields[f.Name] = f
		if _, given := o[f.Name]; f.Required && !given {
			return fmt.Errorf("%s: %s of %s is missing", path, f.Name, name)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(o)) {
		f, known := fields[key]
		if !known {
			return fmt.Errorf("%s: %s has no field %s", path, name, key)
		}
		if err := sp.value(path+"."+key, f.Types, o[key]); err != nil {
			return err
		}
		if want := f.constant(); want != "" && o[key] != want {
			return fmt.Errorf("%s.%s: %v is not %q", path, key, o[key], want)
		}
	}
	return nil
}

var always = regexp.MustCompile(`(?:, always|, must be) "?([a-z_]+)"?$`)

// constant is the one value that tells a type from its siblings; empty: the field is none such.
func (f specField) constant() string {
	if m := always.FindStringSubmatch(f.Description); m != nil && slices.Contains([]string{"type", "status", "source"}, f.Name) {
		return m[1]
	}
	return ""
}

// claims says whether an object names itself as of the type.
func (sp *Spec) claims(name string, o map[string]any) bool {
	for _, f := range sp.Types[name].Fields {
		if want := f.constant(); want != "" {
			return o[f.Name] == want
		}
	}
	return false
}
