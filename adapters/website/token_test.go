package website

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestTokens(t *testing.T) {
	a := newTestAdapter(t, newMemory())
	now := time.Unix(1_800_000_000, 0)
	other := newTestAdapter(t, newMemory(), func(c *Config) { c.Name = "other" })
	foreign := newTestAdapter(t, newMemory(), func(c *Config) { c.Secret = bytes.Repeat([]byte("x"), 32) })
	v := visitor{Key: newVisitorKey()}
	good := a.newToken(v, now)
	payload := func(s string) string {
		return tokenPrefix + base64.RawURLEncoding.EncodeToString([]byte(s)) + "." +
			base64.RawURLEncoding.EncodeToString(a.sign([]byte(s)))
	}
	for name, test := range map[string]struct {
		token string
		at    time.Time
		ok    bool
	}{
		"good":                  {good, now, true},
		"just in time":          {good, now.Add(anonymousLife - time.Second), true},
		"expired":               {good, now.Add(anonymousLife), false},
		"verified, expired":     {a.newToken(visitor{"id:1", true}, now), now.Add(verifiedLife), false},
		"other endpoint":        {other.newToken(v, now), now, false},
		"other secret":          {foreign.newToken(v, now), now, false},
		"empty":                 {"", now, false},
		"prefix only":           {tokenPrefix, now, false},
		"no signature":          {good[:strings.LastIndex(good, ".")+1], now, false},
		"no version":            {good[len(tokenPrefix):], now, false},
		"other version":         {"sk2." + good[len(tokenPrefix):], now, false},
		"padding":               {good + "=", now, false},
		"other spelling":        {respell(good), now, false},
		"signed nonsense":       {payload("nonsense"), now, false},
		"signed without a key":  {payload(fmt.Sprintf(`{"e":"website","x":%d}`, now.Unix()+9)), now, false},
		"signed without expiry": {payload(`{"e":"website","k":"v"}`), now, false},
		"huge":                  {tokenPrefix + strings.Repeat("A", 1<<20) + "." + good, now, false},
		"identity as a token":   {signedIdentity(string(testSecret), `{"alg":"HS256"}`, `{"sub":"1","exp":9e9}`), now, false},
	} {
		got, err := a.readToken(test.token, test.at)
		if (err == nil) != test.ok || test.ok && got != v {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for i := range good { // no single character may be changed
		changed := []byte(good)
		changed[i] ^= 1
		if _, err := a.readToken(string(changed), now); err == nil {
			t.Errorf("changed at %d and still good", i)
		}
	}
}

// respell changes bits of the last character that decoding without care would ignore.
func respell(token string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, token[len(token)-1])
	return token[:len(token)-1] + string(alphabet[last|1])
}

func signedIdentity(secret, header, claims string) string {
	signed := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func TestIdentities(t *testing.T) {
	const secret, hs256 = "the host site's secret", `{"alg":"HS256","typ":"JWT"}`
	now := time.Unix(1_800_000_000, 0)
	good := signedIdentity(secret, hs256, `{"sub":"42","exp":1800000060,"name":"Eve","extra":[1]}`)
	unsigned := func(header, claims string) string {
		s := signedIdentity(secret, header, claims)
		return s[:strings.LastIndex(s, ".")+1]
	}
	for name, test := range map[string]struct {
		token string
		ok    bool
	}{
		"good":              {good, true},
		"fractional expiry": {signedIdentity(secret, hs256, `{"sub":"42","exp":1800000000.5}`), true},
		"valid soon enough": {signedIdentity(secret, hs256, `{"sub":"42","exp":1800000060,"nbf":1800000020}`), true},
		"not valid yet":     {signedIdentity(secret, hs256, `{"sub":"42","exp":1800000060,"nbf":1800000040}`), false},
		"alg none":          {unsigned(`{"alg":"none"}`, `{"sub":"42","exp":1800000060}`), false},
		"alg None, signed":  {signedIdentity(secret, `{"alg":"none"}`, `{"sub":"42","exp":1800000060}`), false},
		"alg hs256":         {signedIdentity(secret, `{"alg":"hs256"}`, `{"sub":"42","exp":1800000060}`), false},
		"alg HS512":         {signedIdentity(secret, `{"alg":"HS512"}`, `{"sub":"42","exp":1800000060}`), false},
		"alg RS256":         {signedIdentity(secret, `{"alg":"RS256"}`, `{"sub":"42","exp":1800000060}`), false},
		"no alg":            {signedIdentity(secret, `{}`, `{"sub":"42","exp":1800000060}`), false},
		"critical":          {signedIdentity(secret, `{"alg":"HS256","crit":["b64"]}`, `{"sub":"42","exp":1800000060}`), false},
		"wrong secret":      {signedIdentity("guess", hs256, `{"sub":"42","exp":1800000060}`), false},
		"empty secret":      {signedIdentity("", hs256, `{"sub":"42","exp":1800000060}`), false},
		"no signature":      {unsigned(hs256, `{"sub":"42","exp":1800000060}`), false},
		"no expiry":         {signedIdentity(secret, hs256, `{"sub":"42"}`), false},
		"null expiry":       {signedIdentity(secret, hs256, `{"sub":"42","exp":null}`), false},
		"expiry in words":   {signedIdentity(secret, hs256, `{"sub":"42","exp":"1800000060"}`), false},
		"expired":           {signedIdentity(secret, hs256, `{"sub":"42","exp":1800000000}`), false},
		"no subject":        {signedIdentity(secret, hs256, `{"exp":1800000060}`), false},
		"empty subject":     {signedIdentity(secret, hs256, `{"sub":"","exp":1800000060}`), false},
		"numeric subject":   {signedIdentity(secret, hs256, `{"sub":42,"exp":1800000060}`), false},
		"line in subject":   {signedIdentity(secret, hs256, `{"sub":"4\n2","exp":1800000060}`), false},
		"bidi in subject":   {signedIdentity(secret, hs256, `{"sub":"4\u202e2","exp":1800000060}`), false},
		"long subject":      {signedIdentity(secret, hs256, `{"sub":"`+strings.Repeat("4", 129)+`","exp":1800000060}`), false},
		"claims no object":  {signedIdentity(secret, hs256, `"x"`), false},
		"two parts":         {good[:strings.LastIndex(good, ".")], false},
		"four parts":        {good + ".x", false},
		"padded":            {good + "=", false},
		"other spelling":    {respell(good), false},
		"empty":             {"", false},
		"huge":              {strings.Repeat("A", 1<<20), false},
	} {
		id, err := readIdentity(test.token, []byte(secret), now)
		if (err == nil) != test.ok {
			t.Errorf("%s: %v", name, err)
		}
		if name == "good" && (id.Subject != "42" || id.Name != "Eve") {
			t.Errorf("identity %+v", id)
		}
	}
	if _, err := readIdentity(signedIdentity("", hs256, `{"sub":"42","exp":1800000060}`), nil, now); err == nil {
		t.Error("accepted without a secret")
	}
}

// Nothing that proves who somebody is, and nothing they wrote, belongs in a log.
func TestLogsKeepSecrets(t *testing.T) {
	var logged bytes.Buffer
	m := newMemory()
	c := newCaller(t, m, func(c *Config) {
		c.Logger = slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	c.session(`{}`)
	token, forged := c.token, signedIdentity("guess", `{"alg":"HS256"}`, `{"sub":"private-sub","exp":9e9}`)
	c.do("POST", "sessions", fmt.Sprintf(`{"identity":%q}`, forged))
	c.do("POST", "messages", `{"text":"private words"}`, "Idempotency-Key", "k")
	m.setBroken(fmt.Errorf("no database"))
	c.do("GET", "messages", "")
	c.token = ""
	c.do("GET", "stream?token="+token, "")
	c.do("GET", "files/x?token="+token, "")
	if !strings.Contains(logged.String(), "visitor call failed") || !strings.Contains(logged.String(), "identity refused") {
		t.Fatalf("logged too little: %s", &logged)
	}
	for _, secret := range []string{token, forged, "private", c.a.cfg.IdentitySecret, string(testSecret)} {
		if strings.Contains(logged.String(), secret) {
			t.Errorf("logged %q", secret)
		}
	}
}

func FuzzToken(f *testing.F) {
	a := newTestAdapter(f, newMemory())
	now := time.Unix(1_800_000_000, 0)
	good := a.newToken(visitor{Key: "v"}, now)
	f.Add(good)
	f.Add(tokenPrefix + ".")
	f.Fuzz(func(t *testing.T, token string) {
		if v, err := a.readToken(token, now); err == nil && token != good && v.Key != "" {
			// Only what we signed is accepted, and signing is deterministic.
			if a.newToken(v, now) != token {
				t.Errorf("accepted %q", token)
			}
		}
	})
}

func FuzzIdentity(f *testing.F) {
	now := time.Unix(1_800_000_000, 0)
	f.Add(signedIdentity("secret", `{"alg":"HS256"}`, `{"sub":"42","exp":1800000060}`), `{"sub":"42","exp":1800000060}`)
	f.Add("..", `{"sub":"\ud800","exp":1e308}`)
	f.Fuzz(func(t *testing.T, token, claims string) {
		_, _ = readIdentity(token, []byte("secret"), now)
		id, err := readIdentity(signedIdentity("secret", `{"alg":"HS256"}`, claims), []byte("secret"), now)
		if err == nil && (id.Subject == "" || *id.Expires <= float64(now.Unix())) {
			t.Errorf("accepted %s as %+v", claims, id)
		}
	})
}

func FuzzRequests(f *testing.F) {
	a := newTestAdapter(f, newMemory())
	token := a.newToken(visitor{Key: "v"}, time.Now())
	f.Add("messages", `{"text":"x","files":["a"]}`)
	f.Add("sessions", `{"profile":{"name":"x","attributes":{"a":1}},"page":{"url":"https://example.com"},"locale":"de"}`)
	f.Add("profile", `{"":null,"x":true}`)
	f.Add("read", `{"seq":1}`)
	f.Fuzz(func(t *testing.T, path, body string) {
		if strings.ContainsFunc(path, func(r rune) bool { return r < 'a' || r > 'z' }) {
			return
		}
		c := &caller{t: t, a: a, token: token}
		w := c.do("POST", path, body, "Idempotency-Key", "k", "Content-Type", "application/json")
		if w.Code >= 500 {
			t.Errorf("%s %q: %d %s", path, body, w.Code, w.Body)
		}
		if w.Body.Len() > 0 && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s %q: answered %s", path, body, w.Body)
		}
	})
}
