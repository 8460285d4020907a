package bridge

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestOnPage(t *testing.T) {
	for _, test := range []struct {
		path, address string
		want          bool
	}{
		{"/shop", "https://x.example/shop", true},
		{"/shop", "https://x.example/shop/", true},
		{"/shop", "https://x.example/shop/tents?q=1#top", true},
		{"/shop", "https://x.example/shopping", false},
		{"/shop", "https://x.example/de/shop", false},
		{"/shop/", "https://x.example/shop", false},
		{"/shop/", "https://x.example/shop/tents", true},
		{"/", "https://x.example", true},
		{"/", "https://x.example/anything", true},
		{"/", "", false},
		{"/über uns", "https://x.example/%C3%BCber%20uns", true},
		{"/*/returns", "https://x.example/de/returns", true},
		{"/*/returns", "https://x.example/de/at/returns", true},
		{"/*/returns", "https://x.example/returns", false},
		{"/*/returns", "https://x.example/de/returns/1", false},
		{"/shop*", "https://x.example/shopping", true},
		{"/a*a", "https://x.example/a", false},
		{"/a*b*c", "https://x.example/abbc", true},
		{"/a*b*c", "https://x.example/acb", false},
		{"*tent*", "https://x.example/shop/tent-2", true},
		{"/shop", "://", false},
	} {
		if got := onPage(test.path, test.address); got != test.want {
			t.Errorf("%s on %q: %v", test.path, test.address, got)
		}
	}
}

// A pattern of many stars takes no longer than the text is long.
func TestGlobbedIsQuick(t *testing.T) {
	pattern, text := strings.Repeat("*a", 100)+"*b", strings.Repeat("a", 1<<20)
	began := time.Now()
	if globbed(pattern, text) {
		t.Error("it is found where it is not")
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestDesks(t *testing.T) {
	all := []EndpointName{"slack", "discord", "night"}
	office := office(t, "mon-fri 9-17 UTC")
	monday := time.Date(2026, 11, 30, 10, 0, 0, 0, time.UTC)
	de := Rule{Languages: []string{"de"}, Desk: []EndpointName{"discord"}}
	for _, test := range []struct {
		name    string
		rules   []Rule
		arrival arrival
		want    []EndpointName
	}{
		{"no rules", nil, arrival{at: monday}, all},
		{"none holds", []Rule{de}, arrival{locale: "en", at: monday}, all},
		{"a language", []Rule{de}, arrival{locale: "de", at: monday}, all[1:2]},
		{"a language of a country", []Rule{de}, arrival{locale: "de_AT", at: monday}, all[1:2]},
		{"another language that begins so", []Rule{de}, arrival{locale: "den", at: monday}, all},
		{"a country where only the language is known", []Rule{{Languages: []string{"pt-br"}, Desk: all[:1]}}, arrival{locale: "pt", at: monday}, all},
		{"no language is known", []Rule{de}, arrival{at: monday}, all},
		{"the first that holds", []Rule{{Path: "/x", Desk: all[:1]}, de, {Desk: all[2:]}}, arrival{locale: "de", page: "https://a/b", at: monday}, all[1:2]},
		{"one that asks for nothing", []Rule{de, {Desk: all[2:]}}, arrival{locale: "en", at: monday}, all[2:]},
		{"all its conditions", []Rule{{Path: "/x", Languages: []string{"de"}, Desk: all[:1]}}, arrival{locale: "de", page: "https://a/y", at: monday}, all},
		{"a tag", []Rule{{Tags: []string{"vip", "press"}, Desk: all[:1]}}, arrival{tags: []string{"new", "press"}, at: monday}, all[:1]},
		{"no tag", []Rule{{Tags: []string{"vip"}, Desk: all[:1]}}, arrival{at: monday}, all},
		{"within hours", []Rule{{Hours: Within, Desk: all[:1]}}, arrival{at: monday}, all[:1]},
		{"not within them", []Rule{{Hours: Within, Desk: all[:1]}}, arrival{at: monday.Add(8 * time.Hour)}, all},
		{"outside hours", []Rule{{Hours: Outside, Desk: all[2:]}}, arrival{at: monday.Add(8 * time.Hour)}, all[2:]},
		{"several, in the endpoint's order", []Rule{{Desk: []EndpointName{"night", "slack"}}}, arrival{at: monday}, []EndpointName{"slack", "night"}},
		{"a desk that there is no more", []Rule{{Desk: []EndpointName{"gone"}}, {Desk: []EndpointName{"gone", "discord"}}}, arrival{at: monday}, all[1:2]},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := Route{Rules: test.rules, Office: office}.desks(all, test.arrival)
			if !slices.Equal(got, test.want) {
				t.Errorf("opens at %v, want %v", got, test.want)
			}
		})
	}
	if !slices.Equal(all, []EndpointName{"slack", "discord", "night"}) {
		t.Errorf("the endpoint's desks are %v afterwards", all)
	}
}

func TestRulesAreChecked(t *testing.T) {
	setting := Setting{Key: SettingKey{"shop", SettingRoutes}, Desk: []EndpointName{"slack", "discord"}, Hours: true}
	good := Rule{Path: "/shop", Languages: []string{"pt-br"}, Tags: []string{"vip"}, Hours: Outside, Desk: []EndpointName{"slack"}}
	if err := setting.check(SettingValue{Rules: []Rule{good, {Desk: []EndpointName{"discord"}}}}); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(*Rule){
		"an address":          func(r *Rule) { r.Path = "https://x.example/shop" },
		"a path of two lines": func(r *Rule) { r.Path = "/a\nb" },
		"no language":         func(r *Rule) { r.Languages = []string{"german"} },
		"a long tag":          func(r *Rule) { r.Tags = []string{strings.Repeat("x", 41)} },
		"other hours":         func(r *Rule) { r.Hours = "at night" },
		"no desk":             func(r *Rule) { r.Desk = nil },
		"another's desk":      func(r *Rule) { r.Desk = []EndpointName{"slack", "team"} },
	} {
		bad := good
		spoil(&bad)
		if err := setting.check(SettingValue{Rules: []Rule{good, bad}}); err == nil || !strings.Contains(err.Error(), "rule 2: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
	setting.Hours = false
	if err := setting.check(SettingValue{Rules: []Rule{good}}); err == nil {
		t.Error("hours are asked for of an endpoint that has none")
	}
	if err := setting.check(SettingValue{Rules: slices.Repeat([]Rule{{Desk: setting.Desk}}, maxRules+1)}); err == nil {
		t.Error("any number of rules is taken")
	}
}
