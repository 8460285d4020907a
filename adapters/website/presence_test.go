package website

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// says is a policy that stays.
func says(p bridge.EndpointPolicy) func() bridge.EndpointPolicy {
	return func() bridge.EndpointPolicy { return p }
}

func TestSettingsAreInTheVisitorsLanguage(t *testing.T) {
	c := newCaller(t, newMemory(), func(c *Config) {
		c.Policy = says(bridge.EndpointPolicy{
			Greeting: bridge.Texts{"": "Hello", "de": "Guten Tag", "de-at": "Servus"}, Away: bridge.Texts{"en": "We are out."},
		})
	})
	for locale, want := range map[string]string{"": "Hello", "en-GB": "Hello", "de": "Guten Tag", "de-CH": "Guten Tag", "de-AT": "Servus"} {
		s := c.session(fmt.Sprintf(`{"token":"sk1.forged.forged","locale":%q}`, locale)).Settings
		if s.Title != "Example shop" || s.Greeting != want || s.Away != "We are out." || s.MaxText != maxText {
			t.Errorf("%q: %+v, want %q", locale, s, want)
		}
	}
}

// names are what is asked; required fields end in a star.
func names(asks []ask) (out []string) {
	for _, a := range asks {
		name := a.Name
		if a.Required {
			name += "*"
		}
		out = append(out, name)
	}
	return out
}

func TestOnlyWhatIsNotKnownIsAsked(t *testing.T) {
	m := newMemory()
	c := newCaller(t, m, func(c *Config) {
		c.OfflineForm = true
		c.Form = []Field{
			{Name: "email", Type: "email", Label: bridge.Texts{"de": "Ihre Adresse"}},
			{Name: "topic", Type: "select", Required: true, Options: []string{"Returns", "Delivery"}},
		}
	})
	wants := func(when string, s session, form, offline []string) {
		t.Helper()
		if got := names(s.Settings.Form); !slices.Equal(got, form) {
			t.Errorf("%s: asked %q, want %q", when, got, form)
		}
		if got := names(s.Settings.Offline); !slices.Equal(got, offline) {
			t.Errorf("%s: asked while nobody is there %q, want %q", when, got, offline)
		}
	}
	first := c.session(`{"locale":"de-AT"}`)
	wants("a new visitor", first, []string{"email", "topic*"}, []string{"name", "email*", "topic*"})
	if f := first.Settings.Form; f[0].Label != "Ihre Adresse" || f[1].Type != "select" || !slices.Equal(f[1].Options, []string{"Returns", "Delivery"}) {
		t.Errorf("asked %+v", f)
	}
	again := func() session { return c.session(fmt.Sprintf(`{"token":%q}`, c.token)) }
	c.want(204, nil, "POST", "profile", `{"email":"eve@example.com","plan":"gold"}`)
	wants("with an address", again(), []string{"topic*"}, []string{"name", "topic*"})
	c.want(204, nil, "POST", "profile", `{"topic":"Returns"}`)
	wants("with everything", again(), nil, []string{"name"})
	var plan string
	for _, v := range m.visitors {
		plan = v.Profile.Attributes["plan"]
	}
	if plan != "gold" {
		t.Errorf("the plan is %q after the topic was added", plan)
	}
	c.want(201, nil, "POST", "messages", `{"text":"hello"}`, "Idempotency-Key", "a")
	wants("after the first line", again(), nil, nil)

	c.token = ""
	wants("a page that tells", c.session(`{"profile":{"name":"Mo","email":"mo@example.com","topic":"Other"}}`), nil, nil)
	statement := signedIdentity(c.a.cfg.IdentitySecret, `{"alg":"HS256"}`, fmt.Sprintf(`{"sub":"7","exp":%d}`, time.Now().Add(time.Minute).Unix()))
	wants("a site that vouches", c.session(fmt.Sprintf(`{"identity":%q}`, statement)), nil, nil)
}

func TestOnlineFollowsHoursAndDuty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // it is midnight UTC on Saturday, 1 January 2000
		office, err := bridge.ParseOffice("sat 1-2 UTC", nil)
		if err != nil {
			t.Fatal(err)
		}
		attended, trouble := true, error(nil)
		asked := 0
		m := newMemory()
		c := newCaller(t, m, func(c *Config) {
			c.Policy = says(bridge.EndpointPolicy{Office: office})
			c.Attended = func(context.Context) (bool, error) { asked++; return attended, trouble }
		})
		shows := func(when string, online bool, opens string) {
			t.Helper()
			if s := c.session(`{}`); s.Online != online || s.OpensAt != opens {
				t.Errorf("%s: online %v, opens at %q", when, s.Online, s.OpensAt)
			}
		}
		shows("before", false, "2000-01-01T01:00:00.000Z")
		time.Sleep(time.Hour)
		shows("within", true, "")
		shows("at once again", true, "")
		if asked != 1 {
			t.Errorf("asked %d times who is on duty", asked)
		}
		attended = false
		time.Sleep(time.Minute)
		shows("with nobody on duty", false, "")
		attended, trouble = true, errors.New("database is out")
		time.Sleep(time.Minute)
		shows("while nobody knows", false, "")
		trouble = nil
		time.Sleep(time.Minute)
		shows("with somebody", true, "")
		time.Sleep(time.Hour)
		shows("after", false, "2000-01-08T01:00:00.000Z")
	})
}

func TestChangesOfPresenceAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		office, err := bridge.ParseOffice("sat 1-2 UTC", nil)
		if err != nil {
			t.Fatal(err)
		}
		p := presence{policy: says(bridge.EndpointPolicy{Office: office}), known: true}
		var told []string
		ctx, cancel := context.WithCancel(t.Context())
		go p.watch(ctx, func(online bool) { told = append(told, fmt.Sprint(time.Now().UTC().Format("15:04"), " ", online)) })
		time.Sleep(3 * time.Hour)
		cancel()
		synctest.Wait()
		if got := strings.Join(told, ", "); got != "01:00 true, 02:00 false" {
			t.Errorf("told %q", got)
		}
	})
}
