package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Rule says at which of an endpoint's desks a conversation opens its threads when all its conditions hold; the first rule
// counts, and what one does not ask for holds.
type Rule struct {
	Path     string   `yaml:"path"`     // of the visitor's page: /shop is that page and all below it; with * for anything the whole path
	Language []string `yaml:"language"` // the visitor's is one of these
	Tag      []string `yaml:"tag"`      // an earlier conversation of the visitor has one of these
	Hours    string   `yaml:"hours"`    // RuleWithin or RuleOutside the endpoint's hours; empty: whenever
	Desk     []string `yaml:"desk"`     // some of the endpoint's
}

// Values of Rule.Hours.
const (
	RuleWithin  = "within"
	RuleOutside = "outside"
)

// String is the rule in words.
func (r Rule) String() string {
	var conditions []string
	if r.Path != "" {
		conditions = append(conditions, "path "+r.Path)
	}
	if len(r.Language) > 0 {
		conditions = append(conditions, "language "+strings.Join(r.Language, " or "))
	}
	if len(r.Tag) > 0 {
		conditions = append(conditions, "tag "+strings.Join(r.Tag, " or "))
	}
	if r.Hours != "" {
		conditions = append(conditions, r.Hours+" hours")
	}
	if len(conditions) == 0 {
		conditions = []string{"everything"}
	}
	return strings.Join(conditions, " and ") + " → " + strings.Join(r.Desk, " and ")
}

// maxRules bounds what is gone through whenever a conversation opens.
const maxRules = 50

// rules decodes a list of rules.
func (d *decoder) rules(n *node, path string) (out []Rule) {
	if n.kind != list {
		d.add(n.at, path, "expected a list of rules, such as [{path: /shop, desk: [support-slack]}]")
		return nil
	}
	for i, item := range n.items {
		at := fmt.Sprintf("%s[%d]", path, i)
		d.places[at] = item.at
		var r Rule
		if item.kind != section {
			d.add(item.at, at, "expected a rule, such as {path: /shop, desk: [support-slack]}")
			continue
		}
		d.section(item, reflect.ValueOf(&r).Elem(), at)
		out = append(out, r)
	}
	return out
}

// checkRules checks rules of an endpoint that has these desks, and hours or none.
func checkRules(c *checker, rules []Rule, desk []string, hours bool) {
	c.expect(len(rules) <= maxRules, "routes", fmt.Sprintf("at most %d rules", maxRules))
	for i, r := range rules {
		at := fmt.Sprintf("routes[%d]", i)
		c.expect(r.Path == "" || strings.HasPrefix(r.Path, "/"), at+".path", "a path such as /shop or /*/returns")
		for j, l := range r.Language {
			c.expect(languagePattern.MatchString(l), fmt.Sprintf("%s.language[%d]", at, j), "a language such as en or pt-BR")
		}
		if r.Hours != "" {
			c.oneOf(at+".hours", r.Hours, RuleWithin, RuleOutside)
			c.expect(hours, at+".hours", "no hours: endpoints of this type have none")
		}
		c.expect(len(r.Desk) > 0, at+".desk", "some of the endpoint's desks: "+either(desk))
		for j, name := range r.Desk {
			c.expect(slices.Contains(desk, name), fmt.Sprintf("%s.desk[%d]", at, j), "one of the endpoint's desks: "+either(desk))
		}
	}
}
