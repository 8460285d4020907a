package workbench_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/discord"
	"github.com/skeindesk/skein/adapters/discord/discordtest"
	"github.com/skeindesk/skein/adapters/slack"
	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/workbench"
)

const (
	discordDesk = bridge.EndpointName("support-discord")
	slackAna    = "UAna" // as rig.agent makes members
	slackZoe    = "UZoe"
	discordAna  = "1001"
	discordZoe  = "1002"
)

// doors are a Slack and a Discord at which people sign in, with the rig that lets them.
type doors struct {
	*rig
	slack   *slacktest.OpenID
	api     *slacktest.Server
	discord *discordtest.Server
}

func newDoors(t *testing.T) *doors {
	t.Helper()
	d := &doors{
		slack: slacktest.NewOpenID("T0FERN", "Fern & Moss"),
		api:   slacktest.New(slacktest.Options{TeamID: "T0FERN", TeamName: "Fern & Moss", Channels: []slacktest.Channel{{ID: "CDESK", Name: "desk"}}}),
	}
	t.Cleanup(d.slack.Close)
	must(t, d.api.Start())
	t.Cleanup(d.api.Close)
	d.slack.Accounts = func() map[string]string { return map[string]string{slackAna: "Ana Ruiz", slackZoe: "Zoe Lind"} }
	d.rig = newRigWith(t, func(cfg *workbench.Config) {
		backFrom := func(e bridge.EndpointName) string { return workbench.CallbackURL(cfg.PublicURL, e) }
		d.slack.Redirects = []string{backFrom(desk)}
		s, err := slack.New(slack.Config{
			Name: desk, BotToken: d.api.Options().BotToken, AppToken: d.api.Options().AppToken, APIURL: d.api.URL(), Channel: "CDESK",
			ClientID: d.slack.ClientID, ClientSecret: d.slack.ClientSecret, SignInURL: d.slack.URL(), Callback: backFrom(desk),
		})
		must(t, err)
		d.discord = discordtest.New(discordtest.Options{
			Redirects: []string{backFrom(discordDesk)},
			Users:     []discordtest.User{{ID: discordAna, Username: "ana"}, {ID: discordZoe, Username: "zoe"}},
		})
		must(t, d.discord.Start())
		t.Cleanup(d.discord.Close)
		c, err := discord.New(discord.Config{
			Name: discordDesk, Token: "t", APIURL: d.discord.URL(), Guild: "1", Channel: "2",
			ClientID: d.discord.Options().ApplicationID, ClientSecret: d.discord.Options().ClientSecret, Callback: backFrom(discordDesk),
		})
		must(t, err)
		cfg.Providers = []workbench.Provider{s.SignIn(), c.SignIn()}
	})
	return d
}

// linked makes a member who is known in Slack and in Discord.
func (d *doors) linked(name, discordID string) bridge.Agent {
	d.t.Helper()
	agent := d.agent(name)
	const code = "AAAABBBBCCCCDDDD"
	must(d.t, d.store.Change(d.t.Context(), func(tx bridge.Tx) error {
		return tx.SaveInvitation(bridge.HashOf(code), bridge.Invitation{Rank: agent.Rank, Agent: agent.ID}, bridge.IdentityLife)
	}))
	_, err := d.desk.JoinTeam(d.t.Context(), discordDesk, bridge.Person{ID: discordID, Name: name}, code)
	must(d.t, err)
	return agent
}

func with(e bridge.EndpointName) string { return workbench.Base + "/in/with/" + string(e) }

// comeBack goes to a platform, and does not open what that sends the browser back to: it is returned.
func (b *browser) comeBack(path string) (back string) {
	b.t.Helper()
	follow := b.client.CheckRedirect
	defer func() { b.client.CheckRedirect = follow }()
	b.client.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if strings.HasSuffix(r.URL.Path, "/callback") {
			back = r.URL.RequestURI()
			return http.ErrUseLastResponse
		}
		return nil
	}
	p := b.get(path)
	if back == "" {
		b.t.Fatalf("%s leads to %s, %d:\n%s", path, p.path, p.status, p.body)
	}
	return back
}

func TestSignInWithAnAccount(t *testing.T) {
	d := newDoors(t)
	d.linked("Ana", discordAna)
	d.slack.Act(slackAna)
	d.discord.SignIn().Act(discordAna)
	door := d.browser().get(workbench.Base + "/")
	door.has(t, "Sign in with Slack", "Sign in with Discord", `href="`+with(desk)+`"`, "skein login")
	for _, e := range []bridge.EndpointName{desk, discordDesk} {
		b := d.browser()
		p := b.get(with(e))
		if p.path != workbench.Base+"/" || !strings.Contains(p.body, "Sign out") || !strings.Contains(p.body, "Ana") {
			t.Errorf("%s leads to %s, %d:\n%s", e, p.path, p.status, p.body)
		}
		b.post(workbench.Base+"/out", nil)
		if p := b.get(workbench.Base + "/"); p.path != workbench.Base+"/in" {
			t.Errorf("%s: signed out, and still in", e)
		}
	}
	if p := d.browser().get(with("elsewhere")); p.status != http.StatusNotFound {
		t.Errorf("an endpoint that is none is answered %d", p.status)
	}
}

// TestSignInMakesNoMembers lets in who is linked to a member, and nobody else.
func TestSignInMakesNoMembers(t *testing.T) {
	d := newDoors(t)
	d.agent("Owner")
	d.linked("Ana", discordAna)
	zoe := d.linked("Zoe", discordZoe)
	must(t, d.store.Change(t.Context(), func(tx bridge.Tx) error {
		zoe.Removed = true
		return tx.SaveAgent(zoe)
	}))
	members := func() int {
		all, err := d.desk.Team(t.Context())
		must(t, err)
		return len(all)
	}
	before := members()
	refused := func(what string, e bridge.EndpointName, wants ...string) {
		t.Helper()
		b := d.browser()
		p := b.get(with(e))
		if p.status != http.StatusForbidden {
			t.Errorf("%s is answered %d", what, p.status)
		}
		p.has(t, wants...)
		if p := b.get(workbench.Base + "/"); p.path != workbench.Base+"/in" {
			t.Errorf("%s is in", what)
		}
	}
	d.slack.Act(slackZoe)
	d.discord.SignIn().Act(discordZoe)
	refused("who was removed, in Slack", desk, "Slack says you are Zoe Lind, account UZoe of the workspace Fern &amp; Moss. No member of the team is linked to it. Ask an owner")
	refused("who was removed, in Discord", discordDesk, "Discord says you are zoe, account 1002. No member")
	d.slack.Accounts = func() map[string]string { return map[string]string{"UEVE": `<script>alert(1)</script>`} }
	d.slack.Act("UEVE")
	refused("a stranger", desk, "account UEVE", "&lt;script&gt;")
	d.slack.Alter(func(c map[string]any) { c["https://slack.com/team_id"] = "T0OTHER" })
	d.slack.Act("UEVE")
	refused("a member's number in another workspace", desk, "Choose that workspace in Slack")
	d.slack.Accounts = func() map[string]string { return map[string]string{slackAna: "Ana"} }
	d.slack.Act(slackAna)
	refused("a member's number in another workspace", desk, "Choose that workspace in Slack")
	d.slack.Alter(func(c map[string]any) { c["nonce"] = "another" })
	refused("another nonce", desk, "another sign-in than this one")
	d.slack.Alter(nil)
	d.slack.Deny("access_denied")
	refused("who declines", desk, "Slack did not say who you are")
	if got := members(); got != before {
		t.Errorf("there were %d members, and are %d", before, got)
	}
}

// TestHandshakeIsForOneBrowserOnce comes back in every way that is not the one.
func TestHandshakeIsForOneBrowserOnce(t *testing.T) {
	d := newDoors(t)
	d.linked("Ana", discordAna)
	d.slack.Act(slackAna)
	d.discord.SignIn().Act(discordAna)
	gone := func(what string, b *browser, back string) {
		t.Helper()
		p := b.get(back)
		if p.status != http.StatusGone {
			t.Errorf("%s is answered %d", what, p.status)
		}
		p.has(t, "not begun in this browser")
		if p := b.get(workbench.Base + "/"); p.path != workbench.Base+"/in" {
			t.Errorf("%s is in", what)
		}
	}
	back := d.browser().comeBack(with(desk))
	gone("another browser", d.browser(), back)

	victim, thief := d.browser(), d.browser() // the victim is to come in as the thief
	own := victim.comeBack(with(desk))
	gone("another's code", victim, thief.comeBack(with(desk)))
	if p := victim.get(own); !strings.Contains(p.body, "Sign out") {
		t.Errorf("what somebody else began has used up one's own: %d", p.status)
	}
	victim.post(workbench.Base+"/out", nil)
	gone("a second time", victim, own)

	b := d.browser()
	own = b.comeBack(with(desk))
	cookies := b.client.Jar.Cookies(d.address())
	b.get(own)
	replaying := d.browser()
	replaying.client.Jar.SetCookies(d.address(), cookies)
	gone("a second time with the cookie of before", replaying, own)

	for what, change := range map[string]func(q url.Values){
		"no state": func(q url.Values) { q.Del("state") }, "another state": func(q url.Values) { q.Set("state", "x"+q.Get("state")[1:]+"y") },
	} {
		b := d.browser()
		u, err := url.Parse(b.comeBack(with(desk)))
		must(t, err)
		q := u.Query()
		change(q)
		gone(what, b, u.Path+"?"+q.Encode())
	}

	b = d.browser()
	u, err := url.Parse(b.comeBack(with(desk)))
	must(t, err)
	gone("at another endpoint", b, with(discordDesk)+"/callback?"+u.RawQuery)
}

// TestHandshakeExpires takes too long at the platform.
func TestHandshakeExpires(t *testing.T) {
	d := newDoors(t)
	d.linked("Ana", discordAna)
	d.slack.Act(slackAna)
	b := d.browser()
	back := b.comeBack(with(desk))
	var hash string
	for _, c := range b.client.Jar.Cookies(d.address()) {
		hash = bridge.HashOf(c.Value)
	}
	// As if it had begun long ago: the same, with no time left.
	shake, err := d.store.EndHandshake(t.Context(), hash)
	must(t, err)
	must(t, d.store.BeginHandshake(t.Context(), hash, shake, -time.Second))
	if p := b.get(back); p.status != http.StatusGone {
		t.Errorf("what took too long is answered %d", p.status)
	}
	if _, err := d.store.EndHandshake(t.Context(), hash); !errors.Is(err, bridge.ErrNotFound) {
		t.Errorf("it can still be used: %v", err)
	}
}

// TestHandshakeCookie looks at what the browser keeps meanwhile.
func TestHandshakeCookie(t *testing.T) {
	d := newDoors(t)
	d.slack.Act(slackAna)
	b := d.browser()
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	p := b.get(with(desk))
	to, err := url.Parse(p.header.Get("Location"))
	must(t, err)
	cookies := (&http.Response{Header: p.header}).Cookies()
	if len(cookies) != 1 {
		t.Fatalf("%d cookies", len(cookies))
	}
	c := cookies[0]
	if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.MaxAge <= 0 || c.MaxAge > 600 || c.Path != "/" {
		t.Errorf("the cookie is %+v", c)
	}
	if strings.Contains(to.String(), c.Value) {
		t.Errorf("the cookie is in the address %s", to)
	}
}

// TestSignInLeadsToThePageThatWasWanted, and never elsewhere.
func TestSignInLeadsToThePageThatWasWanted(t *testing.T) {
	d := newDoors(t)
	d.linked("Ana", discordAna)
	d.slack.Act(slackAna)
	c := d.says("Vera", "Hello").Conversation
	page := strings.TrimPrefix(pageOf(c), workbench.Base+"/")
	door := d.browser().get(pageOf(c))
	door.has(t, `href="`+with(desk)+`?to=`+url.QueryEscape(page)+`"`)
	d.browser().get(workbench.Base+"/conversations?list=all&tag=vip").has(t, "?to="+url.QueryEscape("conversations?list=all&tag=vip"))
	for to, want := range map[string]string{
		page:                         pageOf(c),
		"conversations?list=history": workbench.Base + "/conversations",
		"search?q=https://shop/../x": workbench.Base + "/search",
		"/evil.example":              workbench.Base + "/",
		"//evil.example":             workbench.Base + "/",
		`\evil.example`:              workbench.Base + "/",
		`/\evil.example`:             workbench.Base + "/",
		"https://evil.example/":      workbench.Base + "/",
		"javascript:alert(1)":        workbench.Base + "/",
		"../evil":                    workbench.Base + "/",
		"%2e%2e/evil":                workbench.Base + "/",
		"%2f%2fevil.example":         workbench.Base + "/",
		"%5cevil.example":            workbench.Base + "/",
		"team\r\nSet-Cookie: a=b":    workbench.Base + "/",
		"in/with/support-slack":      workbench.Base + "/",
		strings.Repeat("a", 2000):    workbench.Base + "/",
	} {
		b := d.browser()
		if p := b.get(with(desk) + "?to=" + url.QueryEscape(to)); p.path != want || !strings.Contains(p.body, "Sign out") {
			t.Errorf("%q leads to %s, %d, want %s", to, p.path, p.status, want)
		}
	}
	// What a platform sends along when it sends a browser back leads nowhere either.
	b := d.browser()
	if p := b.get(b.comeBack(with(desk)) + "&to=team"); p.path != workbench.Base+"/" {
		t.Errorf("the way back leads to %s", p.path)
	}
}

// TestSignInEndsAnotherSession comes with a session that somebody else knows.
func TestSignInEndsAnotherSession(t *testing.T) {
	d := newDoors(t)
	d.linked("Ana", discordAna)
	ben := d.agent("Ben")
	d.slack.Act(slackAna)
	b := d.signedIn(ben)
	bens := b.client.Jar.Cookies(d.address())
	if p := b.get(with(desk)); !strings.Contains(p.body, "Ana") {
		t.Fatalf("Ana is not signed in: %d", p.status)
	}
	thief := d.browser()
	thief.client.Jar.SetCookies(d.address(), bens)
	if p := thief.get(workbench.Base + "/"); p.path != workbench.Base+"/in" {
		t.Error("the session from before lives on")
	}
}

// TestSignInWhileAPlatformIsAway says so, and leaves the other ways open.
func TestSignInWhileAPlatformIsAway(t *testing.T) {
	d := newDoors(t)
	d.linked("Ana", discordAna)
	d.slack.Act(slackAna)
	d.discord.SignIn().Act(discordAna)
	rubbish := func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<h1>T0PSECRET</h1>")) }
	d.slack.Meet(rubbish)
	away := func(p page) {
		t.Helper()
		if p.status != http.StatusBadGateway {
			t.Errorf("it is answered %d", p.status)
		}
		p.has(t, "did not answer as it should", "Nobody was signed in", "Sign in with Discord")
		p.lacks(t, "T0PSECRET", "Sign out")
	}
	away(d.browser().get(with(desk)))
	d.slack.Meet(nil)
	b := d.browser()
	back := b.comeBack(with(desk) + "?to=team")
	d.slack.Meet(rubbish)
	p := b.get(back)
	away(p)
	p.has(t, "?to=team")
	d.slack.Meet(nil)
	if p := b.get(with(desk) + "?to=team"); p.path != teamPath {
		t.Errorf("the next attempt leads to %s", p.path)
	}
	b = d.browser()
	back = b.comeBack(with(discordDesk))
	d.discord.SetDown(true)
	away(b.get(back))
}

func TestSigningInIsSlow(t *testing.T) {
	d := newDoors(t)
	d.slack.Act(slackAna)
	for _, path := range []string{with(desk), with(desk) + "/callback?code=x&state=y"} {
		b := d.browser()
		b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		n := 0
		for n < 100 && b.get(path).status != http.StatusTooManyRequests {
			n++
		}
		if n == 100 {
			t.Errorf("a hundred attempts at %s were answered", path)
		}
	}
}

// TestSeveralOfOneKind have names of their own at the door.
func TestSeveralOfOneKind(t *testing.T) {
	r := newRigWith(t, func(cfg *workbench.Config) {
		for _, name := range []bridge.EndpointName{"one", "two"} {
			a, err := discord.New(discord.Config{Name: name, Token: "t", Guild: "1", Channel: "2", ClientID: "3", ClientSecret: "x"})
			must(t, err)
			cfg.Providers = append(cfg.Providers, a.SignIn())
		}
	})
	r.browser().get(workbench.Base+"/in").has(t, "Sign in with Discord (one)", "Sign in with Discord (two)")
	newRig(t).browser().get(workbench.Base+"/in").lacks(t, "Sign in with")
}
