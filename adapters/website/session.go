package website

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// introduction is what a visitor's program tells of its visitor.
type introduction struct {
	Locale  string      `json:"locale"`
	Page    bridge.Page `json:"page"`
	Profile given       `json:"profile"`
	device  string      // what its headers tell
	accepts string
	network string
	place   string
	vouched bool // the host site says so, in this request
}

type sessionRequest struct {
	Token    string `json:"token"`
	Identity string `json:"identity"`
	introduction
}

type session struct {
	Token        string               `json:"token"`
	Visitor      sessionVisitor       `json:"visitor"`
	Conversation *sessionConversation `json:"conversation"`
	Settings     Settings             `json:"settings"`
	Online       bool                 `json:"online"`
	OpensAt      string               `json:"opens_at,omitempty"` // while it is not: when hours begin next
}

type sessionVisitor struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Verified bool   `json:"verified"`
}

type sessionConversation struct {
	ID      string       `json:"id"` // opaque: our numbers would tell how many conversations there are
	State   bridge.State `json:"state"`
	LastSeq int64        `json:"last_seq"`
	Seen    int64        `json:"seen"` // what the visitor has acknowledged with POST read
}

// postSession opens or renews a session. The host site's word decides who the visitor is; without it an earlier token
// does. A token that is no longer good means a new anonymous visitor, not an error: the visitor can do nothing about it.
func (a *Adapter) postSession(w http.ResponseWriter, r *http.Request) error {
	if err := a.limits.sessions.spend(w, r, a.address(r)); err != nil {
		return err
	}
	var body sessionRequest
	if err := decode(w, r, &body); err != nil {
		return err
	}
	v, isNew, err := a.whoIs(r, &body)
	if err != nil {
		return err
	}
	body.device, body.accepts = device(r.UserAgent()), preferred(r.Header.Get("Accept-Language"))
	body.network, body.place = network(a.address(r)), a.place(r)
	known := bridge.Visitor{Key: v.Key, Verified: v.Verified}
	if !isNew || !body.introduction.empty() {
		if known, err = a.greet(r.Context(), v, body.introduction); err != nil {
			return err
		}
	}
	out := session{
		Token:   a.newToken(v, time.Now()),
		Visitor: sessionVisitor{ID: v.Key, Name: ownName(known, body.introduction), Verified: v.Verified},
		Online:  a.presence.online(r.Context()),
	}
	if !isNew {
		if out.Conversation, err = a.conversation(r.Context(), v); err != nil {
			return err
		}
	}
	out.Settings = a.settings(cmp.Or(cleanLocale(body.Locale), known.Locale, body.accepts), known, out.Conversation == nil)
	office := a.cfg.Policy().Office
	if next, ok := office.Opens(time.Now()); ok && !out.Online && !office.Open(time.Now()) {
		out.OpensAt = instant(next)
	}
	answer(w, http.StatusOK, out)
	return nil
}

// settings are those for one visitor. What there is to ask is asked once: not somebody whom the site vouches for, and not
// who has written before.
func (a *Adapter) settings(locale string, v bridge.Visitor, isFirst bool) Settings {
	s, policy := a.cfg.Settings, a.cfg.Policy()
	s.Greeting, s.Away = policy.Greeting.In(locale), policy.Away.In(locale)
	if isFirst && !v.Verified {
		s.Form = questions(a.cfg.Form, v, locale)
		if a.cfg.OfflineForm {
			s.Offline = questions(withAddress(a.cfg.Form), v, locale)
		}
	}
	return s
}

// ownName is what the visitor is told they are called: what agents call them is for the team.
func ownName(known bridge.Visitor, i introduction) string {
	if _, edited := known.Edited["name"]; edited {
		return cleanProfile(bridge.Profile(i.Profile)).Name
	}
	return known.Profile.Name
}

// whoIs also adds what the host site says of the visitor to the introduction. isNew: nothing of theirs can be stored.
func (a *Adapter) whoIs(r *http.Request, body *sessionRequest) (v visitor, isNew bool, err error) {
	if body.Identity != "" {
		id, err := a.identify(r, body.Identity)
		if err != nil {
			return visitor{}, false, err
		}
		body.Profile, body.vouched = given(fill(id.profile(), bridge.Profile(body.Profile))), true
		return id.visitor(), false, nil
	}
	if v, err := a.readToken(body.Token, time.Now()); err == nil {
		return v, false, nil
	}
	return visitor{Key: newVisitorKey()}, true, nil
}

func (i introduction) empty() bool {
	return i.Locale == "" && i.Page == bridge.Page{} && sameProfile(bridge.Profile(i.Profile), bridge.Profile{})
}

// greet stores what is new about a visitor. When nothing is, nothing is written.
func (a *Adapter) greet(ctx context.Context, v visitor, i introduction) (bridge.Visitor, error) {
	known, err := a.cfg.Log.Visitor(ctx, a.cfg.Name, v.Key)
	isKnown := err == nil
	if err != nil && !errors.Is(err, bridge.ErrNotFound) {
		return bridge.Visitor{}, fmt.Errorf("find visitor: %w", err)
	}
	next := bridge.Visitor{
		Endpoint: a.cfg.Name, Key: v.Key, Verified: v.Verified, SeenAt: time.Now(),
		Profile: cleanProfile(bridge.Profile(i.Profile)), Page: cleanPage(i.Page), Locale: cleanLocale(i.Locale), Device: i.device,
		Network: i.network, Place: i.place,
	}
	if isKnown {
		next.Profile = fill(next.Profile, known.Profile)
		if v.Verified && !i.vouched { // or whoever is signed in could call themselves somebody else
			next.Profile.Name, next.Profile.Email = orElse(known.Profile.Name, next.Profile.Name), orElse(known.Profile.Email, next.Profile.Email)
			next.Profile.Phone, next.Profile.Avatar = orElse(known.Profile.Phone, next.Profile.Phone), orElse(known.Profile.Avatar, next.Profile.Avatar)
		}
		next.Locale, next.Page = cmp.Or(next.Locale, known.Locale), cmp.Or(next.Page, known.Page)
		next.Device = cmp.Or(next.Device, known.Device)
		if next.Network == "" || next.Network == known.Network {
			next.Network, next.Place = known.Network, cmp.Or(next.Place, known.Place)
		}
	}
	next.Locale = cmp.Or(next.Locale, i.accepts)
	visits := i.Page != bridge.Page{} && time.Since(known.SeenAt) >= bridge.VisitAgain
	if sameVisitor(next, known) && !visits {
		return known, nil
	}
	stored, err := a.cfg.Desk.Greet(ctx, next)
	if err != nil {
		return bridge.Visitor{}, fmt.Errorf("store visitor: %w", err)
	}
	return stored, nil
}

func sameVisitor(a, b bridge.Visitor) bool {
	return sameProfile(a.Profile, b.Profile) && a.Page == b.Page && a.Locale == b.Locale && a.Verified == b.Verified &&
		a.Device == b.Device && a.Network == b.Network && a.Place == b.Place
}

// conversation returns nil when the visitor has not written yet.
func (a *Adapter) conversation(ctx context.Context, v visitor) (*sessionConversation, error) {
	c, err := a.cfg.Log.ConversationAt(ctx, a.cfg.Name, v.thread())
	if errors.Is(err, bridge.ErrNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("find conversation: %w", err)
	}
	seen, err := a.cfg.Log.SeenUpTo(ctx, c.ID, a.cfg.Name)
	if err != nil && !errors.Is(err, bridge.ErrNotFound) {
		return nil, fmt.Errorf("find what was seen: %w", err)
	}
	return &sessionConversation{ID: a.publicID(c.ID), State: c.State, LastSeq: c.LastSeq, Seen: seen}, nil
}

func (a *Adapter) publicID(c bridge.ConversationID) string {
	mac := hmac.New(sha256.New, a.cfg.Secret)
	fmt.Fprintf(mac, "skein conversation\x00%d", c)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:12])
}
