package website

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

const (
	maxIdentity = 8 << 10 // bytes
	maxSubject  = 128     // characters
	clockSkew   = 30 * time.Second
)

// identity is what the host site says of its signed-in visitor: the claims of a JSON Web Token (RFC 7519).
type identity struct {
	Subject   string   `json:"sub"`
	Expires   *float64 `json:"exp"` // Unix seconds; required
	NotBefore *float64 `json:"nbf"`
	Name      string   `json:"name"`
	Email     string   `json:"email"`
	Phone     string   `json:"phone"`
	Avatar    string   `json:"avatar"`
}

// readIdentity verifies a compact HS256 token. The algorithm is ours to choose, not the token's: any other header is
// refused, as are unknown critical extensions, a missing expiry and encodings that are not the canonical one.
func readIdentity(token string, secret []byte, now time.Time) (identity, error) {
	if len(token) > maxIdentity {
		return identity{}, errors.New("too long")
	}
	if len(secret) == 0 {
		return identity{}, errors.New("no secret")
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return identity{}, errors.New("not a compact token")
	}
	var raw [3][]byte
	for i, part := range parts {
		var err error
		if raw[i], err = decode64(part); err != nil {
			return identity{}, errors.New("not base64url")
		}
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(parts[0] + "." + parts[1]))
	if !hmac.Equal(raw[2], mac.Sum(nil)) {
		return identity{}, errors.New("wrong signature")
	}
	var h struct {
		Algorithm string   `json:"alg"`
		Critical  []string `json:"crit"`
	}
	if json.Unmarshal(raw[0], &h) != nil || h.Algorithm != "HS256" || h.Critical != nil {
		return identity{}, errors.New("not HS256")
	}
	var id identity
	if err := json.Unmarshal(raw[1], &id); err != nil {
		return identity{}, errors.New("claims are not what they should be")
	}
	return id, id.check(now)
}

func (id identity) check(now time.Time) error {
	seconds := float64(now.UnixMilli()) / 1000
	switch {
	case id.Expires == nil:
		return errors.New("no expiry")
	case seconds >= *id.Expires:
		return errors.New("expired")
	case id.NotBefore != nil && seconds+clockSkew.Seconds() < *id.NotBefore:
		return errors.New("not valid yet")
	case id.Subject == "" || utf8.RuneCountInString(id.Subject) > maxSubject || rich.Clean(id.Subject) != id.Subject ||
		strings.ContainsAny(id.Subject, "\n\t"):
		return fmt.Errorf("sub is empty, longer than %d characters or unprintable", maxSubject)
	}
	return nil
}

func (id identity) visitor() visitor { return visitor{Key: "id:" + id.Subject, Verified: true} }

func (id identity) profile() bridge.Profile {
	return bridge.Profile{Name: id.Name, Email: id.Email, Phone: id.Phone, Avatar: id.Avatar}
}

// identify verifies the host site's word. The reason goes to the log of the operator, who has to mend it.
func (a *Adapter) identify(r *http.Request, token string) (identity, error) {
	id, err := readIdentity(token, []byte(a.cfg.IdentitySecret), time.Now())
	if err != nil {
		a.cfg.Logger.WarnContext(r.Context(), "identity refused", "reason", err.Error())
		return identity{}, refuse(http.StatusUnauthorized, "identity", "The site's statement of who you are was not accepted.")
	}
	return id, nil
}
