package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/adapters/website/webtest"
	"github.com/skeindesk/skein/store"
)

const identitySecret = "identity-secret-" + canary

func encode64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func sign(secret []byte, context, signed string) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(context + signed))
	return encode64(string(mac.Sum(nil)))
}

// visitorToken is made as the daemon makes them.
func visitorToken(secret []byte, endpoint, key string, expires time.Time) string {
	payload := fmt.Sprintf(`{"e":%q,"k":%q,"x":%d}`, endpoint, key, expires.Unix())
	return "sk1." + encode64(payload) + "." + sign(secret, "skein visitor token 1\x00", payload)
}

// tokenSecret is the daemon's own.
func (r *rig) tokenSecret(t testing.TB) []byte {
	t.Helper()
	s, err := store.Open(r.ctx, r.database, store.Options{})
	must(t, err)
	defer s.Close()
	secret, err := s.Secret(r.ctx, "visitor tokens")
	must(t, err)
	return secret
}

// TestForgedTokens: nobody reads or writes in another's conversation, by no token but the visitor's own.
func TestForgedTokens(t *testing.T) {
	t.Parallel()
	r := newRig(t, "sqlite")
	r.settings["ENDPOINTS__OTHER__TYPE"], r.settings["ENDPOINTS__OTHER__DESK"] = "website", "support-slack"
	p := r.start("127.0.0.1:0")
	healthy := r.beside(p)
	good := healthy.guest.visitor.Token()
	parts := strings.Split(good, ".")
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	must(t, err)
	var payload struct{ K string }
	must(t, json.Unmarshal(raw, &payload))
	secret, key, later := r.tokenSecret(t), payload.K, time.Now().Add(time.Hour)
	if a := p.ask(t, request{method: "GET", path: visitorAPI + "messages", token: visitorToken(secret, "website", key, later)}); !strings.Contains(a.body, canary) {
		t.Fatalf("a good token made here is refused, so the bad ones prove nothing: %d %s", a.status, a.body)
	}
	forged := map[string]string{
		"none":             "",
		"nonsense":         canary,
		"another's":        parts[0] + "." + encode64(strings.Replace(string(raw), key, "id:"+canary, 1)) + "." + parts[2],
		"no signature":     parts[0] + "." + parts[1] + ".",
		"guessed secret":   visitorToken([]byte("guess"), "website", key, later),
		"no secret":        visitorToken(nil, "website", key, later),
		"expired":          visitorToken(secret, "website", key, time.Now().Add(-time.Second)),
		"foreign endpoint": visitorToken(secret, "other", key, later),
		"from the other":   tokenOf(t, p, "other", `{}`),
		"an identity":      identityToken("HS256", identitySecret, "42", later),
		"alg none":         identityToken("none", "", "42", later),
		"10,000 bytes":     "sk1." + strings.Repeat("A", 10_000),
	}
	for name, token := range forged {
		t.Run(name, func(t *testing.T) {
			for _, q := range []request{
				{method: "GET", path: "messages"},
				{method: "POST", path: "messages", body: `{"text":"forged"}`},
				{method: "GET", path: "stream"},
				{method: "GET", path: "stream?token=" + url.QueryEscape(token)},
				{method: "GET", path: "files/x?token=" + url.QueryEscape(token)},
				{method: "POST", path: "files"},
				{method: "POST", path: "read", body: `{"seq":99}`},
				{method: "POST", path: "typing"},
				{method: "POST", path: "profile", body: `{"name":"forged"}`},
			} {
				q.path, q.header, q.token = visitorAPI+q.path, asJSON(), token
				refusedAs(t, p.ask(t, q), http.StatusUnauthorized, "token", "not known here or has expired")
			}
			// A session is opened all the same, for somebody new.
			body, err := json.Marshal(map[string]string{"token": token})
			must(t, err)
			a := p.ask(t, request{method: "POST", path: visitorAPI + "sessions", body: string(body), header: asJSON()})
			if a.status != http.StatusOK || strings.Contains(a.body, key) || !strings.Contains(a.body, `"conversation":null`) {
				t.Errorf("a session with it: %d %s", a.status, a.body)
			}
		})
	}
	secrets := []string{key, string(secret), encode64(string(secret))}
	for _, token := range forged {
		secrets = append(secrets, token)
	}
	healthy.end(secrets...)
}

func identityToken(algorithm, secret, subject string, expires time.Time) string {
	signed := encode64(`{"alg":"`+algorithm+`"}`) + "." + encode64(fmt.Sprintf(`{"sub":%q,"exp":%d,"name":"Ana"}`, subject, expires.Unix()))
	if secret == "" {
		return signed + "."
	}
	return signed + "." + sign([]byte(secret), "", signed)
}

// TestForgedIdentities: only the host site says who somebody is.
func TestForgedIdentities(t *testing.T) {
	t.Parallel()
	r := newRig(t, "sqlite")
	r.settings["ENDPOINTS__WEBSITE__IDENTITY_SECRET"] = identitySecret
	p := r.start("127.0.0.1:0")
	healthy := r.beside(p)
	later := time.Now().Add(time.Hour)
	open := func(identity string) reply {
		return p.ask(t, request{method: "POST", path: visitorAPI + "sessions", body: `{"identity":"` + identity + `"}`, header: asJSON()})
	}
	if a := open(identityToken("HS256", identitySecret, canary+"-42", later)); a.status != http.StatusOK || !strings.Contains(a.body, `"verified":true`) {
		t.Fatalf("a good identity is answered %d %s", a.status, a.body)
	}
	for name, identity := range map[string]string{
		"alg none":          identityToken("none", "", canary+"-42", later),
		"alg none, signed":  identityToken("none", identitySecret, canary+"-42", later),
		"alg HS512":         identityToken("HS512", identitySecret, canary+"-42", later),
		"guessed secret":    identityToken("HS256", "guess", canary+"-42", later),
		"expired":           identityToken("HS256", identitySecret, canary+"-42", time.Now().Add(-time.Minute)),
		"control character": identityToken("HS256", identitySecret, canary+"\u0001", later),
		"nonsense":          canary,
		"two parts":         "a.b",
	} {
		t.Run(name, func(t *testing.T) {
			refusedAs(t, open(identity), http.StatusUnauthorized, "identity", "not accepted")
		})
	}
	healthy.end(identitySecret)
}

// TestForeignOrigins: a page of another site is refused, and its browser is not allowed to read why.
func TestForeignOrigins(t *testing.T) {
	t.Parallel()
	r := newRig(t, "sqlite")
	r.settings["ENDPOINTS__WEBSITE__ALLOWED_ORIGINS"] = "https://shop.example"
	p := r.start("127.0.0.1:0")
	healthy := r.beside(p)
	token := tokenOf(t, p, "website", `{}`)
	calls := []request{
		{method: "POST", path: "sessions", body: `{}`},
		{method: "GET", path: "messages"},
		{method: "GET", path: "stream?token=" + token},
		{method: "POST", path: "messages", body: `{"text":"forged"}`},
		{method: "OPTIONS", path: "messages"},
		{method: "GET", path: "files/x?token=" + token},
		{method: "POST", path: "unknown"},
	}
	for _, origin := range []string{
		"https://evil.example", "null", "http://shop.example", "https://shop.example.evil.example", "https://shop.example:8443",
		"https://evilshop.example", "https://x@shop.example", "file://", canary,
	} {
		t.Run(origin, func(t *testing.T) {
			for _, q := range calls {
				q.path, q.header, q.token = visitorAPI+q.path, asJSON("Origin", origin), token
				a := p.ask(t, q)
				refusedAs(t, a, http.StatusForbidden, "origin", "allowed_origins")
				for name := range a.header {
					if strings.HasPrefix(name, "Access-Control-") {
						t.Errorf("%s %s: answered with %s", q.method, q.path, name)
					}
				}
			}
			a := p.ask(t, request{method: "GET", path: "/readyz", header: map[string]string{"Origin": origin}})
			if a.header.Get("Access-Control-Allow-Origin") != "" {
				t.Error("other calls may be read from there")
			}
		})
	}
	allowed := p.ask(t, request{method: "GET", path: visitorAPI + "messages", token: token, header: asJSON("Origin", "https://shop.example")})
	if allowed.status != http.StatusOK || allowed.header.Get("Access-Control-Allow-Origin") != "https://shop.example" ||
		allowed.header.Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("the shop itself is answered %d %v", allowed.status, allowed.header)
	}
	if a := p.ask(t, request{method: "GET", path: "/widget/website"}); !strings.Contains(a.header.Get("Content-Security-Policy"), "frame-ancestors 'self' https://shop.example") {
		t.Errorf("who may frame the widget: %s", a.header.Get("Content-Security-Policy"))
	}
	healthy.end(token)
}

// recorder stands before a daemon and keeps what Slack sends it.
type recorder struct {
	*httptest.Server
	mu   sync.Mutex
	sent []request
}

func record(t testing.TB, address string) *recorder {
	t.Helper()
	to, err := url.Parse("http://" + address)
	must(t, err)
	rec := &recorder{}
	proxy := httputil.NewSingleHostReverseProxy(to)
	rec.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		q := request{method: r.Method, path: r.URL.Path, body: string(body), header: map[string]string{}}
		for name := range r.Header {
			q.header[name] = r.Header.Get(name)
		}
		rec.mu.Lock()
		rec.sent = append(rec.sent, q)
		rec.mu.Unlock()
		r.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(rec.Close)
	return rec
}

// TestForgedAndReplayedEvents: nothing that Slack has not signed just now gets into a conversation, and what it has
// signed gets there once.
func TestForgedAndReplayedEvents(t *testing.T) {
	t.Parallel()
	r := newRig(t, "sqlite", patient)
	address := r.signed()
	rec := record(t, address)
	base := rec.URL + "/v1/slack/support-slack/"
	r.slack.SetRequestURL(base + "events")
	r.slack.SetInteractivityURLs(base+"interactive", base+"commands")
	p := r.start(address)
	healthy := r.beside(p)
	g := &guest{name: "guest", visitor: r.site(p.address).Visitor()}
	must(t, r.meet(g))
	g.say(r.ctx, t, canary+" hello")
	must(t, r.findThread(r.ctx, g))
	for _, text := range []string{"first " + canary, "second", "third"} {
		r.reply(g, anaID, text)
		must(t, g.visitor.AwaitText(r.ctx, text))
	}
	thread := r.slack.Thread(desk, g.thread)
	must(t, r.slack.Edit(anaID, desk, thread[2].TS, "first, edited"))
	must(t, r.slack.Delete(anaID, desk, thread[3].TS))
	want := []string{"said", "said", "said", "said", "edited", "deleted"}
	kinds := func(heard []webtest.Entry) (out []string) {
		for _, e := range heard {
			if e.Kind != "state" {
				out = append(out, e.Kind)
			}
		}
		return out
	}
	must(t, g.visitor.Await(r.ctx, func(heard []webtest.Entry) bool { return slices.Equal(kinds(heard), want) }))
	press, err := r.slack.Press(anaID, g.thread, "skein:take", "")
	must(t, err)
	_, err = press.Await(r.ctx)
	must(t, err)
	r.awaitThread(t, func(thread []slacktest.Message) bool { // nothing more is to come in it
		return thread[0].TS == g.thread && strings.HasPrefix(thread[0].Text, "Assigned") && strings.Contains(lastText(thread), "Taken back.")
	})
	healthy.turn()
	rec.mu.Lock()
	genuine := slices.Clone(rec.sent)
	rec.mu.Unlock()
	before, posted := g.visitor.Transcript(), len(r.slack.Snapshot().Messages[desk])

	for _, replayed := range slices.Concat(genuine, reversed(genuine)) {
		if a := p.ask(t, replayed); a.status != http.StatusOK {
			t.Errorf("a replay is answered %d %s; Slack would go on", a.status, a.body)
		}
	}
	for i, event := range genuine {
		for name, header := range map[string]http.Header{
			"unsigned": {}, "guessed": slacktest.Sign("guess", time.Now(), []byte(event.body)),
			"stale":         slacktest.Sign(r.slack.Options().SigningSecret, time.Now().Add(-6*time.Minute), []byte(event.body)),
			"of the future": slacktest.Sign(r.slack.Options().SigningSecret, time.Now().Add(6*time.Minute), []byte(event.body)),
			"moved on":      {"X-Slack-Signature": {event.header["X-Slack-Signature"]}, "X-Slack-Request-Timestamp": {fmt.Sprint(time.Now().Unix() + 1)}},
			"changed":       slacktest.Sign(r.slack.Options().SigningSecret, time.Now(), []byte(event.body)),
		} {
			q := request{
				method: "POST", path: event.path, header: map[string]string{"Content-Type": event.header["Content-Type"]},
				body: strings.ReplaceAll(event.body, "first", "forged"),
			}
			if name == "changed" {
				q.body += " "
			}
			for k := range header {
				q.header[k] = header.Get(k)
			}
			if a := p.ask(t, q); a.status != http.StatusUnauthorized || strings.Contains(a.body, canary) {
				t.Errorf("event %d, %s: answered %d %s", i, name, a.status, a.body)
			}
		}
	}
	healthy.turn()
	if after := g.visitor.Transcript(); !slices.Equal(kinds(before), kinds(after)) {
		t.Errorf("the visitor's view changed: %s", difference(all(after), all(before)))
	}
	if now := len(r.slack.Snapshot().Messages[desk]); now != posted+2 {
		t.Errorf("%d messages in Slack, want %d", now, posted+2)
	}
	healthy.end()
}

func reversed(list []request) []request {
	list = slices.Clone(list)
	slices.Reverse(list)
	return list
}
