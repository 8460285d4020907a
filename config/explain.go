package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Explained is one key with what it is set to and by what.
type Explained struct {
	Key    string // dotted, as in endpoints.support-slack.hold
	Value  string // as it could be written; of a secret whether it is set
	Source string // where it was said; empty: nowhere, it is the default
}

// Explain lists every key there is in this configuration, in its order. It shows no secret.
func (c Config) Explain() []Explained {
	out := c.explain(reflect.ValueOf(c), "")
	for _, e := range c.Endpoints {
		path := join(endpointsKey, e.Name)
		out = append(out, Explained{Key: join(path, typeKey), Value: e.Settings.Type(), Source: c.Said[join(path, typeKey)]})
		out = append(out, c.explain(reflect.ValueOf(e.Settings).Elem(), path)...)
	}
	return out
}

func (c Config) explain(v reflect.Value, path string) (out []Explained) {
	for _, f := range fields(v) {
		key := join(path, f.key)
		if f.value.Kind() == reflect.Struct {
			out = append(out, c.explain(f.value, key)...)
			continue
		}
		e := Explained{Key: key, Source: c.Said[key], Value: written(f.value)}
		if f.secret {
			e.Value = map[bool]string{true: "not set", false: "set, not shown"}[f.value.Len() == 0]
			if from, ok := c.Said[key+fileSuffix]; ok {
				e.Source = from
			}
		}
		out = append(out, e)
	}
	return out
}

// written is a value about as an operator would write it.
func written(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		items := make([]string, v.Len())
		for i := range items {
			items[i] = written(v.Index(i))
		}
		return strings.Join(items, ", ")
	case reflect.Map:
		var items []string
		for _, k := range v.MapKeys() {
			items = append(items, fmt.Sprintf("%v: %s", k, written(v.MapIndex(k))))
		}
		slices.Sort(items)
		return strings.Join(items, ", ")
	default:
		return fmt.Sprint(v.Interface())
	}
}

// said tells where each key was said; one that was left empty was not.
func said(places map[string]place, left map[string]bool) map[string]string {
	out := make(map[string]string, len(places))
	for path, at := range places {
		switch {
		case path == "" || left[path]:
		case at.variable != "":
			out[path] = "variable " + at.variable
		case at.file != "":
			out[path] = fmt.Sprintf("%s, line %d", at.file, at.line)
		}
	}
	return out
}
