package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func same(t *testing.T, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func loadWebsite(t *testing.T, lines string, environ ...string) *Website {
	t.Helper()
	c := mustLoad(t, write(t, simple+"  shop:\n    type: website\n    desk: [support-slack]\n"+strings.TrimPrefix(lines, "\n")), environ...)
	e, _ := c.Endpoint("shop")
	return e.Settings.(*Website)
}

func TestWhatVisitorsAreAsked(t *testing.T) {
	got := loadWebsite(t, `
    form:
      - "name*"
      - email
      - {name: order, label: Order number}
      - name: topic
        required: true
        label: {en: What is it about?, DE: Worum geht es?}
        options: [Returns, Delivery]
`).Form
	same(t, []FormField{
		{Name: "name", Type: "text", Required: true},
		{Name: "email", Type: "email"},
		{Name: "order", Type: "text", Label: Texts{"": "Order number"}},
		{Name: "topic", Type: "select", Required: true, Label: Texts{"en": "What is it about?", "de": "Worum geht es?"}, Options: []string{"Returns", "Delivery"}},
	}, got)
	same(t, []FormField{{Name: "phone", Type: "tel", Required: true}, {Name: "name", Type: "text"}},
		loadWebsite(t, "", "SKEIN_ENDPOINTS__SHOP__FORM=phone*, name").Form)
}

func TestWhenATeamIsThere(t *testing.T) {
	got := loadWebsite(t, `
    hours: {zone: Europe/Berlin, open: ["mon-fri 9-17:30", sat 22-2], closed: [2026-12-24, "12-25"]}
    away: {en: "We are out.", "pt-BR": "Voltamos logo."}
`)
	same(t, OfficeHours{Zone: "Europe/Berlin", Open: []string{"mon-fri 9-17:30", "sat 22-2"}, Closed: []string{"2026-12-24", "12-25"}}, got.Hours)
	same(t, Texts{"en": "We are out.", "pt-br": "Voltamos logo."}, got.Away)
	if !got.OfflineForm {
		t.Error("no offline form unless somebody asks for it")
	}
}

func TestWhereConversationsOpen(t *testing.T) {
	got := loadWebsite(t, `
    routes:
      - {path: /shop/*, language: [de, pt-BR], tag: vip, hours: outside, desk: support-slack}
      - desk: [support-slack]
`).Routes
	same(t, []Rule{
		{Path: "/shop/*", Language: []string{"de", "pt-BR"}, Tag: []string{"vip"}, Hours: RuleOutside, Desk: []string{"support-slack"}},
		{Desk: []string{"support-slack"}},
	}, got)
	same(t, "path /shop/* and language de or pt-BR and tag vip and outside hours → support-slack", got[0].String())
	same(t, "everything → support-slack", got[1].String())
}
