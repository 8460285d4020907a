package workbench_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/workbench"
)

// decisions lets the team of a rig decide what there is, but for what the configuration says. reading is what is at work.
func decisions(r *rig) *bridge.Settings {
	key := func(e bridge.EndpointName, name string) bridge.SettingKey {
		return bridge.SettingKey{Endpoint: e, Name: name}
	}
	return bridge.NewSettings(bridge.SettingsConfig{
		Book: r.store, Ledger: r.store,
		Settings: []bridge.Setting{
			{Key: key(website, bridge.SettingHours)},
			{Key: key(website, bridge.SettingGreeting)},
			{Key: key(website, bridge.SettingAway), Fixed: "skein.yaml, line 14"},
			{Key: key(website, bridge.SettingRoutes), Desk: []bridge.EndpointName{desk, "support-discord"}, Hours: true},
			{Key: key(desk, bridge.SettingPlainText)},
			{Key: key(desk, bridge.SettingHold)},
			{Key: bridge.SettingKey{Name: bridge.SettingReportZone}},
			{Key: bridge.SettingKey{Name: bridge.SettingClosedDays}},
		},
		Policy: bridge.Policy{ReportZone: "UTC", Endpoints: map[bridge.EndpointName]bridge.EndpointPolicy{
			website: {Away: bridge.Texts{"": "We are <out>.", "de": "Wir sind weg."}},
		}},
	})
}

// deciding is a rig whose team can decide, with the browser of its owner.
func deciding(t *testing.T) (*rig, *bridge.Settings, *browser) {
	r := newRig(t)
	return r, r.decisions, r.signedIn(r.agent("Ana"))
}

// setsTo fills in the form of a setting as it stands, and sends it with these fields instead.
func (b *browser) setsTo(key string, fields url.Values) page {
	b.t.Helper()
	form := b.formOf(b.get(workbench.Base+"/settings").body, key)
	for name, values := range fields {
		form[name] = values
	}
	return b.post(workbench.Base+"/settings", form)
}

var (
	settingForms = regexp.MustCompile(`(?s)<form method="post" action="[^"]*#set-.*?</form>`)
	inputs       = regexp.MustCompile(`(?s)<input([^>]*)>|<textarea([^>]*)>(.*?)</textarea>|<select([^>]*)>(.*?)</select>`)
	attributes   = regexp.MustCompile(`([a-z-]+)(?:="([^"]*)")?`)
	chosen       = regexp.MustCompile(`<option value="([^"]*)"[^>]*selected`)
)

// formOf reads the fields of a setting's form as a browser would send them.
func (b *browser) formOf(body, key string) url.Values {
	b.t.Helper()
	for _, form := range settingForms.FindAllString(body, -1) {
		if !strings.Contains(form, `name="setting" value="`+key+`"`) {
			continue
		}
		fields := url.Values{}
		for _, m := range inputs.FindAllStringSubmatch(form, -1) {
			has := map[string]string{}
			for _, a := range attributes.FindAllStringSubmatch(m[1]+m[2]+m[4], -1) {
				has[a[1]] = html.UnescapeString(a[2])
			}
			_, isChecked := has["checked"]
			switch {
			case strings.HasPrefix(m[0], "<textarea"):
				has["value"] = html.UnescapeString(m[3])
			case strings.HasPrefix(m[0], "<select"):
				has["value"] = append(chosen.FindStringSubmatch(m[5]), "", "")[1]
			case (has["type"] == "radio" || has["type"] == "checkbox") && !isChecked:
				continue
			}
			fields.Add(has["name"], has["value"])
		}
		return fields
	}
	b.t.Fatalf("there is no form of %s in\n%s", key, body)
	return nil
}

// shows fails the test unless the page has all of these.
func (p page) shows(t *testing.T, status int, texts ...string) {
	t.Helper()
	if p.status != status {
		t.Errorf("answered %d, want %d", p.status, status)
	}
	for _, text := range texts {
		if !strings.Contains(p.body, text) {
			t.Errorf("the page lacks %s", text)
		}
	}
}

func TestSettings(t *testing.T) {
	r, settings, b := deciding(t)
	b.get(workbench.Base+"/settings").shows(t, http.StatusOK,
		"<h2>In general</h2>", "<h2>website</h2>", "<h2>assignment</h2>", "skein.yaml, line 3", "set, not shown",
		"Office hours", "skein.yaml, line 14", "&#34;We are &lt;out&gt;.&#34;, de: &#34;Wir sind weg.&#34;")
	if p := r.signedIn(r.agent("Ben")).get(workbench.Base + "/settings"); p.status != http.StatusForbidden {
		t.Errorf("an agent's visit is answered %d", p.status)
	}
	for _, test := range []struct {
		key    string
		fields url.Values
		holds  func(p *bridge.Policy) bool
		back   func(p *bridge.Policy) bool
	}{
		{
			"endpoints.website.hours",
			url.Values{"always": {"no"}, "zone": {" Europe/Berlin "}, "day": {"9-12, 13-17:30", "9-12 13-17:30", "", "", "", "10-14", ""}, "closed": {"12-25, 2026-12-24"}},
			func(p *bridge.Policy) bool {
				h := p.At(website).Hours
				return h.Zone == "Europe/Berlin" && strings.Join(h.Open, "|") == "mon-tue 9-12|mon-tue 13-17:30|sat 10-14" && strings.Join(h.Closed, "|") == "12-25|2026-12-24" &&
					!p.At(website).Office.Open(time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC))
			},
			func(p *bridge.Policy) bool { return p.At(website).Hours.Zone == "" },
		},
		{
			"endpoints.website.greeting",
			url.Values{"language": {"", "DE"}, "text": {"Hello <you>\r\nthere", "Hallo"}},
			func(p *bridge.Policy) bool {
				return p.At(website).Greeting.In("de") == "Hallo" && p.At(website).Greeting.In("fr") == "Hello <you>\nthere"
			},
			func(p *bridge.Policy) bool { return len(p.At(website).Greeting) == 0 },
		},
		{
			"endpoints.website.routes",
			url.Values{"rule-path": {"/wholesale", ""}, "rule-languages": {"", "DE, pt-BR"}, "rule-tags": {"", "VIP"}, "rule-hours": {"outside", ""}, "rule-desk-0": {"support-discord"}, "rule-desk-1": {"support-slack", "support-discord"}},
			func(p *bridge.Policy) bool {
				rules := p.At(website).Rules
				return len(rules) == 2 && rules[0].Path == "/wholesale" && rules[0].Hours == bridge.Outside && len(rules[0].Desk) == 1 &&
					strings.Join(rules[1].Languages, " ") == "de pt-br" && rules[1].Tags[0] == "vip" && len(rules[1].Desk) == 2
			},
			func(p *bridge.Policy) bool { return len(p.At(website).Rules) == 0 },
		},
		{
			"endpoints.support-slack.plain_text",
			url.Values{"plain": {"note"}},
			func(p *bridge.Policy) bool { return p.At(desk).Notes }, func(p *bridge.Policy) bool { return !p.At(desk).Notes },
		},
		{
			"endpoints.support-slack.hold",
			url.Values{"number": {" 2,5 "}},
			func(p *bridge.Policy) bool { return p.At(desk).Hold == 2500*time.Millisecond }, func(p *bridge.Policy) bool { return p.At(desk).Hold == 0 },
		},
		{
			"reports.zone",
			url.Values{"zone": {"America/New_York"}},
			func(p *bridge.Policy) bool { return p.Zone().String() == "America/New_York" }, func(p *bridge.Policy) bool { return p.Zone() == time.UTC },
		},
		{
			"retention.closed_days",
			url.Values{"number": {"90"}, "sure": {"yes"}},
			func(p *bridge.Policy) bool { return p.ClosedDays == 90 }, func(p *bridge.Policy) bool { return p.ClosedDays == 0 },
		},
	} {
		t.Run(test.key, func(t *testing.T) {
			b.setsTo(test.key, test.fields).shows(t, http.StatusOK, "Saved: ", "Set by <bdi>Ana</bdi>")
			if !test.holds(settings.Policy()) {
				t.Errorf("then holds %+v", settings.Policy())
			}
			before, _ := r.store.SettingsRevision(t.Context())
			b.setsTo(test.key, nil) // what the form shows is what stands
			if after, _ := r.store.SettingsRevision(t.Context()); after != before || !test.holds(settings.Policy()) {
				t.Errorf("sent as it stands it becomes %+v", settings.Policy())
			}
			b.setsTo(test.key, url.Values{"default": {"yes"}}).shows(t, http.StatusOK, "Saved: ", "The default, again by <bdi>Ana</bdi>")
			if !test.back(settings.Policy()) {
				t.Errorf("back to the default holds %+v", settings.Policy())
			}
		})
	}
	b.get(workbench.Base+"/settings").shows(t, http.StatusOK, "What was changed here", "after 90 days", "America/New_York", "mon-tue 9-12, mon-tue 13-17:30, sat 10-14 Europe/Berlin, but not on 12-25, 2026-12-24")
}

// What cannot be saved is said beside the field, and what was typed is still there.
func TestWrongSettingsAreKeptInTheForm(t *testing.T) {
	r, settings, b := deciding(t)
	week := func(first string) []string { return []string{first, "", "", "", "", "", ""} }
	for name, test := range map[string]struct {
		key    string
		fields url.Values
		says   string
		keeps  string
		field  string // the name of the input that is wrong; empty: all of the form
	}{
		"hours":           {"endpoints.website.hours", url.Values{"always": {"no"}, "zone": {"UTC"}, "day": week("9 to 17")}, "Monday: write times like 9-17", `value="9 to 17"`, "day"},
		"no zone":         {"endpoints.website.hours", url.Values{"always": {"no"}, "day": week("9-17")}, "write the time zone", `value="9-17"`, "zone"},
		"a zone":          {"endpoints.website.hours", url.Values{"always": {"no"}, "zone": {"Mars"}, "day": week("9-17")}, "time zone is not known", `value="Mars"`, ""},
		"no hours":        {"endpoints.website.hours", url.Values{"always": {"no"}, "zone": {"UTC"}}, "no day with hours", `value="UTC"`, "day"},
		"a holiday":       {"endpoints.website.hours", url.Values{"always": {"no"}, "zone": {"UTC"}, "day": week("9-17"), "closed": {"Easter"}}, "days are like 2026-12-24", `value="Easter"`, ""},
		"a language":      {"endpoints.website.greeting", url.Values{"language": {"german"}, "text": {"Hallo <b>"}}, "is not a language", "Hallo &lt;b&gt;</textarea>", ""},
		"languages twice": {"endpoints.website.greeting", url.Values{"language": {"de", "DE"}, "text": {"eins", "zwei"}}, "a language of its own", "zwei</textarea>", "language"},
		"a long text":     {"endpoints.website.greeting", url.Values{"language": {""}, "text": {strings.Repeat("é", 1001)}}, "at most 1000", "éé", ""},
		"a rule":          {"endpoints.website.routes", url.Values{"rule-path": {"/ok", "shop"}, "rule-desk-0": {"support-slack"}, "rule-desk-1": {"support-slack"}}, "rule 2: write the page", `value="shop"`, ""},
		"no desk":         {"endpoints.website.routes", url.Values{"rule-path": {"/ok"}}, "rule 1: choose where", `value="/ok"`, ""},
		"another's desk":  {"endpoints.website.routes", url.Values{"rule-path": {"/ok"}, "rule-desk-0": {"somewhere"}}, "rule 1: it names a desk", `value="/ok"`, ""},
		"a long hold":     {"endpoints.support-slack.hold", url.Values{"number": {"11"}}, "from 0 to 10", `value="11"`, "number"},
		"no number":       {"endpoints.support-slack.hold", url.Values{"number": {"NaN"}}, "from 0 to 10", `value="NaN"`, "number"},
		"days":            {"retention.closed_days", url.Values{"number": {"a year"}}, "a number of days", `value="a year"`, "number"},
		"unsure":          {"retention.closed_days", url.Values{"number": {"30"}}, "say below that you mean it", `value="30"`, "sure"},
		"reports' zone":   {"reports.zone", url.Values{"zone": {"Local"}}, "time zone is not known", `value="Local"`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := b.setsTo(test.key, test.fields)
			p.shows(t, http.StatusUnprocessableEntity, test.says, test.keeps, `role="alert"`)
			if invalid := regexp.MustCompile(`name="` + test.field + `"[^>]*aria-invalid="true"`); test.field != "" && !invalid.MatchString(p.body) {
				t.Errorf("the field %s is not marked", test.field)
			}
		})
	}
	if revision, err := r.store.SettingsRevision(t.Context()); err != nil || revision != 0 || settings.Policy().ClosedDays != 0 {
		t.Errorf("%d changes were made, %v", revision, err)
	}
}

// Of two who change the same at once the second is told, and nothing of either is lost.
func TestTwoWhoChangeTheSameSetting(t *testing.T) {
	_, settings, ana := deciding(t)
	ben := ana.rig.agent("Ben")
	must(t, ana.rig.store.Change(t.Context(), func(tx bridge.Tx) error { ben.Rank = bridge.RankAdmin; return tx.SaveAgent(ben) }))
	form := ana.formOf(ana.get(workbench.Base+"/settings").body, "endpoints.website.greeting")
	form["language"], form["text"] = []string{""}, []string{"Ana's hello"}
	ana.rig.signedIn(ben).setsTo("endpoints.website.greeting", url.Values{"language": {""}, "text": {"Ben's hello"}}).shows(t, http.StatusOK, "Saved: ")
	p := ana.post(workbench.Base+"/settings", form)
	p.shows(t, http.StatusConflict, "Ben has changed this since you began", "Ben&#39;s hello", "Ana&#39;s hello</textarea>")
	if got := settings.Policy().At(website).Greeting[""]; got != "Ben's hello" {
		t.Errorf("it says %q", got)
	}
	p = ana.post(workbench.Base+"/settings", ana.formOf(p.body, "endpoints.website.greeting")) // once more, having seen that
	p.shows(t, http.StatusOK, "Saved: ", "Ana&#39;s hello</textarea>")
	form["text"] = []string{"too long ago"}
	ana.post(workbench.Base+"/settings", form).shows(t, http.StatusConflict, "too long ago</textarea>")
}

// Rules are put in order, added and taken away without JavaScript; nothing is saved before Save is pressed.
func TestRulesAreRearranged(t *testing.T) {
	r, settings, b := deciding(t)
	const key = "endpoints.website.routes"
	form := b.formOf(b.get(workbench.Base+"/settings").body, key)
	press := func(what string, want ...string) {
		t.Helper()
		form.Set("move", what)
		p := b.post(workbench.Base+"/settings", form)
		p.shows(t, http.StatusOK)
		form = b.formOf(p.body, key)
		if got := strings.Join(form["rule-path"], " "); got != strings.Join(want, " ") {
			t.Errorf("%s: there are %q, want %q", what, got, want)
		}
	}
	press("add", "")
	form["rule-path"], form["rule-desk-0"] = []string{"/a"}, []string{"support-slack"}
	press("add", "/a", "")
	form["rule-path"][1], form["rule-desk-1"] = "/b", []string{"support-discord"}
	press("up 1", "/b", "/a")
	press("down 0", "/a", "/b")
	press("down 1", "/a", "/b")
	press("up 0", "/a", "/b")
	press("remove 7", "/a", "/b")
	press("up 1", "/b", "/a")
	if got := form.Get("rule-desk-0") + " " + form.Get("rule-desk-1"); got != "support-discord support-slack" {
		t.Errorf("the desks did not go along: %s", got)
	}
	if revision, _ := r.store.SettingsRevision(t.Context()); revision != 0 {
		t.Error("something was saved")
	}
	press("remove 1", "/b")
	form.Del("move")
	b.post(workbench.Base+"/settings", form).shows(t, http.StatusOK, "Saved: ")
	if rules := settings.Policy().At(website).Rules; len(rules) != 1 || rules[0].Path != "/b" || rules[0].Desk[0] != "support-discord" {
		t.Errorf("saved were %+v", rules)
	}
}

func TestSettingsThatCannotBeSet(t *testing.T) {
	r, settings, b := deciding(t)
	fixed := url.Values{"setting": {"endpoints.website.away"}, "language": {""}, "text": {"mine"}}
	b.post(workbench.Base+"/settings", fixed).shows(t, http.StatusUnprocessableEntity, "the configuration says this")
	for _, unknown := range []string{"", "database", "endpoints.website.identity_secret", "endpoints.elsewhere.hold"} {
		b.post(workbench.Base+"/settings", url.Values{"setting": {unknown}}).shows(t, http.StatusNotFound)
	}
	hold := url.Values{"setting": {"endpoints.support-slack.hold"}, "number": {"5"}, "began": {"0"}}
	r.signedIn(r.agent("Ben")).post(workbench.Base+"/settings", hold).shows(t, http.StatusForbidden)
	other := b.do(http.MethodPost, workbench.Base+"/settings", hold, http.Header{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.example"}})
	other.shows(t, http.StatusForbidden)
	if revision, _ := r.store.SettingsRevision(t.Context()); revision != 0 || settings.Policy().At(desk).Hold != 0 {
		t.Error("something was set")
	}
}
