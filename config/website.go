package config

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Texts is one text by language: a BCP 47 tag, or "" for everybody who reads none of the others. One that is written
// without languages is for everybody.
type Texts map[string]string

// FormField is something that a visitor is asked for. One that is written as a text is its name, with a * when the
// visitor has to answer: "email*".
type FormField struct {
	Name     string   `yaml:"name"`     // name, email, phone, or the name of an attribute
	Type     string   `yaml:"type"`     // one of fieldTypes; empty: what the name suggests
	Label    Texts    `yaml:"label"`    // empty: the widget's own word, or the name
	Required bool     `yaml:"required"` // the visitor cannot go on without
	Options  []string `yaml:"options"`  // what a select offers
}

// OfficeHours are when a website's team can be reached. Without Open and Closed that is always.
type OfficeHours struct {
	Zone   string   `yaml:"zone"`   // such as Europe/Berlin; required with either of the others
	Open   []string `yaml:"open"`   // such as "mon-fri 9-17"; empty: all day
	Closed []string `yaml:"closed"` // days such as 2026-12-24, or 12-25 for every year
}

const selectField = "select"

var (
	fieldTypes   = []string{"text", "email", "tel", selectField, "textarea"}
	fieldPattern = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,39}$`)
	openPattern  = regexp.MustCompile(`^(sun|mon|tue|wed|thu|fri|sat)(-(sun|mon|tue|wed|thu|fri|sat))? ` +
		`([01]?[0-9]|2[0-3])(:[0-5][0-9])?-(([01]?[0-9]|2[0-3])(:[0-5][0-9])?|24(:00)?)$`)
)

const (
	maxFields  = 12
	maxOptions = 30
)

func (s *Website) checkForm(c *checker) {
	c.expect(len(s.Form) <= maxFields, "form", fmt.Sprintf("at most %d fields", maxFields))
	for i, f := range s.Form {
		at := fmt.Sprintf("form[%d]", i)
		c.expect(fieldPattern.MatchString(f.Name), at+".name", "a name of small letters, digits, - and _, such as order_number")
		first := slices.IndexFunc(s.Form, func(other FormField) bool { return other.Name == f.Name })
		c.expect(first == i, at+".name", "each field once")
		c.oneOf(at+".type", f.Type, fieldTypes...)
		c.expect((f.Type == selectField) == (len(f.Options) > 0) && len(f.Options) <= maxOptions, at+".options",
			fmt.Sprintf("1 to %d choices for a select, and none for another type", maxOptions))
		f.Label.check(c, at+".label")
	}
}

func (t Texts) check(c *checker, key string) {
	for language := range t {
		c.expect(language == "" || languagePattern.MatchString(language), key, "texts by language, such as {en: Hello, de: Hallo}")
	}
}

func (h OfficeHours) check(c *checker) {
	c.expect(isZone(h.Zone), "hours.zone", "a time zone such as Europe/Berlin")
	c.expect(h.Zone != "" || len(h.Open)+len(h.Closed) == 0, "hours.zone", "the time zone of these hours, such as Europe/Berlin")
	for i, open := range h.Open {
		c.expect(openPattern.MatchString(open), fmt.Sprintf("hours.open[%d]", i), "days and times such as mon-fri 9-17:30")
	}
	for i, day := range h.Closed {
		c.expect(isDay(day), fmt.Sprintf("hours.closed[%d]", i), "a day such as 2026-12-24, or 12-25 for every year")
	}
}

func isDay(s string) bool {
	if len(s) == len("01-02") {
		s = "2024-" + s // a leap year
	}
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// texts decodes one text for everybody, or a section of texts by language.
func (d *decoder) texts(n *node, f field, path string) {
	texts := Texts{}
	if n.kind != section {
		if text, ok := d.text(n, path, f.lines); ok && text != "" {
			texts[""] = text
		}
	}
	for _, e := range n.entries {
		if text, ok := d.text(e.value, join(path, presentable(e.key)), f.lines); ok {
			texts[strings.ToLower(e.key)] = text
		}
	}
	if len(texts) > 0 {
		f.value.Set(reflect.ValueOf(texts))
	}
}

// form decodes a list of fields, each a section or the name of one.
func (d *decoder) form(n *node, path string) (out []FormField) {
	items := n.items
	if n.kind == scalar && n.at.variable != "" {
		for item := range strings.SplitSeq(n.text, ",") {
			items = append(items, &node{kind: scalar, at: n.at, text: strings.TrimSpace(item)})
		}
	} else if n.kind != list {
		d.add(n.at, path, "expected a list of fields, such as [name, \"email*\"]")
		return nil
	}
	for i, item := range items {
		at := fmt.Sprintf("%s[%d]", path, i)
		d.places[at] = item.at
		var f FormField
		if item.kind == scalar {
			text, _ := d.text(item, at, false)
			f.Name, f.Required = strings.CutSuffix(text, "*")
		} else if d.section(item, reflect.ValueOf(&f).Elem(), at); item.kind != section {
			continue
		}
		if f.Type == "" {
			f.Type = f.suggestedType()
		}
		out = append(out, f)
	}
	return out
}

func (f FormField) suggestedType() string {
	switch {
	case len(f.Options) > 0:
		return selectField
	case f.Name == "email":
		return "email"
	case f.Name == "phone":
		return "tel"
	}
	return "text"
}
