package workbench

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
)

// told is what a form came to, for the next page to show: kept in the browser in between, where no other site can put it.
type told struct {
	Text    string `json:"text"`
	Refused bool   `json:"refused"`
}

const (
	toldCookie = "skein-told"
	maxTold    = 2000 // bytes: browsers drop cookies of more than 4096
)

// tell leaves a word for the next page.
func (v *visit) tell(text string, refused bool) {
	if len(text) > maxTold {
		text = text[:maxTold] + " …"
	}
	value, err := json.Marshal(told{Text: text, Refused: refused})
	if err != nil {
		return
	}
	http.SetCookie(v.w, v.bench.cookie(toldCookie, base64.RawURLEncoding.EncodeToString(value), 60))
}

// told takes what was left for this page; the zero told: nothing.
func (v *visit) told() (t told) {
	c, err := v.Cookie(v.bench.cookieName(toldCookie))
	if err != nil {
		return told{}
	}
	http.SetCookie(v.w, v.bench.cookie(toldCookie, "", -1))
	value, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil || json.Unmarshal(value, &t) != nil {
		return told{}
	}
	return t
}
