package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/website/webtest"
)

// decider is the owner of the team in a browser at one daemon's workbench.
type decider struct {
	t      *testing.T
	client *http.Client
	base   string
}

// decider signs the owner in at a daemon.
func (r *rig) decider(t *testing.T, address string) *decider {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(r.ctx, []string{"login"}, r.environ(address, r.database), &out, &errs); code != 0 {
		t.Fatalf("login ended with %d: %s", code, errs.String())
	}
	jar, err := cookiejar.New(nil)
	must(t, err)
	link, _, _ := strings.Cut(out.String(), "\n")
	d := &decider{t: t, client: &http.Client{Jar: jar}, base: "http://" + address + "/workbench"}
	if status, body := d.post(link, nil); status != http.StatusOK {
		t.Fatalf("signing in was answered %d: %s", status, body)
	}
	return d
}

func (d *decider) post(address string, form url.Values) (status int, body string) {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
	must(d.t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	res, err := d.client.Do(req)
	must(d.t, err)
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	must(d.t, err)
	return res.StatusCode, string(content)
}

// sets sends the form of a setting that nobody has set yet.
func (d *decider) sets(key string, want int, fields url.Values) {
	d.t.Helper()
	fields.Set("setting", key)
	fields.Set("began", "0")
	if status, body := d.post(d.base+"/settings", fields); status != want {
		d.t.Fatalf("setting %s was answered %d, want %d:\n%s", key, status, want, body)
	}
}

// TestSettingsHoldEverywhere: what is set at one of two daemons holds at the other as well, in the widget, in Slack and where
// conversations open, without a restart; what the configuration says cannot be set.
func TestSettingsHoldEverywhere(t *testing.T) {
	r := newRig(t, "postgres")
	other := r.newOther()
	r.settings["ENDPOINTS__WEBSITE__AWAY"] = "Back on Monday."
	addresses := []string{freeAddress(t), freeAddress(t)}
	r.start(addresses[0])
	r.start(addresses[1])
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	d := r.decider(t, addresses[0])

	d.sets("endpoints.website.away", http.StatusUnprocessableEntity, url.Values{"language": {""}, "text": {"mine"}})
	day := func(ahead int) string { return time.Now().UTC().AddDate(0, 0, ahead).Format("01-02") }
	d.sets("endpoints.website.hours", http.StatusOK, url.Values{
		"always": {"no"}, "zone": {"UTC"}, "day": {"0-24", "0-24", "0-24", "0-24", "0-24", "0-24", "0-24"}, "closed": {day(-1) + ", " + day(0) + ", " + day(1)},
	})
	d.sets("endpoints.website.routes", http.StatusOK, url.Values{
		"rule-path": {"/wholesale"}, "rule-hours": {"outside"}, "rule-languages": {"de"}, "rule-tags": {""}, "rule-desk-0": {"other-slack"},
	})
	d.sets("endpoints.support-slack.plain_text", http.StatusOK, url.Values{"plain": {"note"}})
	// The last: whoever sees it sees all that was set before.
	d.sets("endpoints.website.greeting", http.StatusOK, url.Values{"language": {"", "de"}, "text": {"Hello", "Guten Tag"}})

	v := r.site(addresses[1]).Visitor()
	var s webtest.Session
	for s.Settings["greeting"] != "Guten Tag" || s.Online {
		var err error
		s, err = v.Open(ctx, webtest.Introduction{Locale: "de-AT", Page: map[string]string{"url": "https://shop.example/wholesale/tents"}})
		if err != nil {
			t.Fatalf("the other daemon says %v: %v", s.Settings, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	if s.Settings["away"] != "Back on Monday." {
		t.Errorf("the away text is %v", s.Settings["away"])
	}
	_, err := v.Say(ctx, "Do you have forty of them?")
	must(t, err)
	threadIn(ctx, t, other, otherDesk, "Do you have forty of them?")
	w := r.site(addresses[1]).Visitor()
	_, err = w.Open(ctx, webtest.Introduction{})
	must(t, err)
	_, err = w.Say(ctx, "Only one, please.")
	must(t, err)
	root := threadIn(ctx, t, r.slack, desk, "Only one, please.")
	if cards := r.slack.Channel(desk); len(cards) != 1 {
		t.Errorf("%d conversations have opened at the desk where one was to", len(cards))
	}
	_, err = r.slack.Say(anaID, desk, root, "She wants a discount, I bet.")
	must(t, err)
	_, err = r.slack.Say(anaID, desk, root, "!reply Here it is.")
	must(t, err)
	go func() { _ = w.Stream(ctx) }()
	must(t, w.AwaitText(ctx, "Here it is."))
	for _, en := range w.Transcript() {
		if strings.Contains(en.Text, "discount") {
			t.Errorf("the visitor was told: %q", en.Text)
		}
	}
}
