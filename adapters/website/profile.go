package website

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// What a visitor's program may say of its visitor, in characters. Longer values are cut, not refused: a visitor must
// not be kept from writing because of a page's title.
const (
	maxName       = 80
	maxContact    = 200
	maxAddress    = 2000 // of a page or picture
	maxTitle      = 200
	maxAttributes = 30
	maxAttribute  = 200
	maxPlace      = 200
	maxLocale     = 35 // RFC 5646, section 4.4.1
)

// given is a profile as host pages send it: what has no field of its own is an attribute, whether it stands under
// "attributes" or beside the others. Values that are not text, numbers or truths are left out.
type given bridge.Profile

func (g *given) UnmarshalJSON(b []byte) error {
	var known struct {
		Name       string                     `json:"name"`
		Email      string                     `json:"email"`
		Phone      string                     `json:"phone"`
		Avatar     string                     `json:"avatar"`
		Attributes map[string]json.RawMessage `json:"attributes"`
	}
	if err := json.Unmarshal(b, &known); err != nil {
		return err
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(b, &all); err != nil {
		return err
	}
	for _, field := range []string{"name", "email", "phone", "avatar", "attributes"} {
		maps.DeleteFunc(all, func(key string, _ json.RawMessage) bool { return strings.EqualFold(key, field) })
	}
	*g = given{Name: known.Name, Email: known.Email, Phone: known.Phone, Avatar: known.Avatar, Attributes: map[string]string{}}
	for _, attributes := range []map[string]json.RawMessage{all, known.Attributes} {
		for key, value := range attributes {
			if text, ok := scalar(value); ok {
				g.Attributes[key] = text
			}
		}
	}
	return nil
}

func scalar(raw json.RawMessage) (text string, ok bool) {
	switch raw[0] {
	case '{', '[', 'n':
		return "", false
	case '"':
		return text, json.Unmarshal(raw, &text) == nil
	default:
		return string(raw), true
	}
}

// cleanProfile makes a profile safe to store and to show to agents.
func cleanProfile(p bridge.Profile) bridge.Profile {
	out := bridge.Profile{
		Name:   line(p.Name, maxName),
		Email:  line(p.Email, maxContact),
		Phone:  line(p.Phone, maxContact),
		Avatar: webAddress(p.Avatar, "https"),
	}
	for _, key := range slices.Sorted(maps.Keys(p.Attributes)) {
		name, value := line(key, maxName), line(p.Attributes[key], maxAttribute)
		if name == "" || value == "" || len(out.Attributes) == maxAttributes {
			continue
		}
		if out.Attributes == nil {
			out.Attributes = map[string]string{}
		}
		out.Attributes[name] = value
	}
	return out
}

func cleanPage(p bridge.Page) bridge.Page {
	return bridge.Page{
		URL:      webAddress(p.URL, "https", "http"),
		Title:    line(p.Title, maxTitle),
		Referrer: webAddress(p.Referrer, "https", "http"),
	}
}

// cleanLocale returns a plausible BCP 47 tag or "".
func cleanLocale(s string) string {
	plausible := func(r rune) bool {
		return r == '-' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	}
	if len(s) > maxLocale || strings.ContainsFunc(s, func(r rune) bool { return !plausible(r) }) {
		return ""
	}
	return s
}

// line makes one clean line of s, at most n characters long.
func line(s string, n int) string {
	s = strings.Join(strings.Fields(rich.Clean(s)), " ")
	if runes := []rune(s); len(runes) > n {
		return strings.TrimSpace(string(runes[:n-1])) + "…"
	}
	return s
}

// webAddress returns s when it is an absolute address of one of the schemes, else "". An address is never cut: half of
// one leads somewhere else. What may identify the visitor to others (user information) makes it unfit.
func webAddress(s string, schemes ...string) string {
	s, ok := rich.SafeURL(s)
	if !ok || len(s) > maxAddress {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.User != nil || !slices.Contains(schemes, strings.ToLower(u.Scheme)) {
		return ""
	}
	return s
}

// fill returns p with its empty fields taken from known, which is what storing p would make of it.
func fill(p, known bridge.Profile) bridge.Profile {
	p.Name, p.Email = orElse(p.Name, known.Name), orElse(p.Email, known.Email)
	p.Phone, p.Avatar = orElse(p.Phone, known.Phone), orElse(p.Avatar, known.Avatar)
	attributes := maps.Clone(known.Attributes)
	if attributes == nil {
		attributes = map[string]string{}
	}
	maps.Copy(attributes, p.Attributes)
	if len(attributes) > 0 {
		p.Attributes = attributes
	}
	return p
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func sameProfile(a, b bridge.Profile) bool {
	return a.Name == b.Name && a.Email == b.Email && a.Phone == b.Phone && a.Avatar == b.Avatar &&
		maps.Equal(a.Attributes, b.Attributes)
}

func (a *Adapter) postProfile(w http.ResponseWriter, r *http.Request, v visitor) error {
	var body given
	if err := decode(w, r, &body); err != nil {
		return err
	}
	if _, err := a.greet(r.Context(), v, introduction{Profile: body}); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
