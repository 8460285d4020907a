package website

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// A token is what a visitor's program proves itself with: "sk1." payload "." signature, both base64url. It is signed,
// not stored; every session call gives a new one, so a visitor who comes back in time keeps the history.
const (
	tokenPrefix  = "sk1."
	tokenContext = "skein visitor token 1\x00" // keeps the key's other uses apart
	maxToken     = 1024

	anonymousLife = 400 * 24 * time.Hour // what browsers allow storage at most
	verifiedLife  = 30 * 24 * time.Hour  // the host site vouches again at every visit
)

// visitor is who a request is by. Key is also the thread: a visitor has one conversation at an endpoint.
type visitor struct {
	Key      string
	Verified bool
}

func (v visitor) thread() bridge.ThreadRef { return bridge.ThreadRef(v.Key) }

type tokenPayload struct {
	Endpoint bridge.EndpointName `json:"e"`
	Key      string              `json:"k"`
	Verified bool                `json:"v,omitempty"`
	Expires  int64               `json:"x"` // Unix seconds
}

// newVisitorKey returns 128 random bits. It holds no colon, so it is never the key of a verified visitor.
func newVisitorKey() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func (a *Adapter) newToken(v visitor, now time.Time) string {
	life := anonymousLife
	if v.Verified {
		life = verifiedLife
	}
	payload, _ := json.Marshal(tokenPayload{a.cfg.Name, v.Key, v.Verified, now.Add(life).Unix()})
	return tokenPrefix + base64.RawURLEncoding.EncodeToString(payload) + "." + base64.RawURLEncoding.EncodeToString(a.sign(payload))
}

func (a *Adapter) sign(payload []byte) []byte {
	mac := hmac.New(sha256.New, a.cfg.Secret)
	mac.Write([]byte(tokenContext))
	mac.Write(payload)
	return mac.Sum(nil)
}

// errToken does not say what is wrong with the token: that would help only those who make them.
var errToken error = &refusal{
	status: http.StatusUnauthorized, code: "token",
	detail: "The session is not known here or has expired. Open a new one with POST sessions; nothing is lost.",
}

func (a *Adapter) readToken(token string, now time.Time) (visitor, error) {
	rest, ok := strings.CutPrefix(token, tokenPrefix)
	if !ok || len(token) > maxToken {
		return visitor{}, errToken
	}
	first, second, _ := strings.Cut(rest, ".")
	payload, err1 := decode64(first)
	signature, err2 := decode64(second)
	if err1 != nil || err2 != nil || !hmac.Equal(signature, a.sign(payload)) {
		return visitor{}, errToken
	}
	var p tokenPayload
	if json.Unmarshal(payload, &p) != nil || p.Endpoint != a.cfg.Name || p.Key == "" || now.Unix() >= p.Expires {
		return visitor{}, errToken
	}
	return visitor{Key: p.Key, Verified: p.Verified}, nil
}

// decode64 accepts one spelling only of any bytes.
func decode64(s string) ([]byte, error) { return base64.RawURLEncoding.Strict().DecodeString(s) }

// bearer returns the visitor that a request is by. A query parameter counts only where the caller cannot set headers.
func (a *Adapter) bearer(r *http.Request, queryToo bool) (visitor, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		token = ""
	}
	if token == "" && queryToo {
		token = r.URL.Query().Get("token")
	}
	return a.readToken(strings.TrimSpace(token), time.Now())
}
