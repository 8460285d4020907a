package store

import (
	"cmp"
	"errors"
	"fmt"
	"maps"

	"github.com/skeindesk/skein/bridge"
)

// VisitorByKey finds a visitor.
func (t *tx) VisitorByKey(e bridge.EndpointName, key string) (bridge.Visitor, error) {
	return t.visitor(`SELECT `+visitorColumns+` FROM visitors v WHERE v.endpoint = ? AND v.key = ?`, e, key)
}

// Visitor finds a visitor by their number.
func (t *tx) Visitor(id bridge.VisitorID) (bridge.Visitor, error) {
	return t.visitor(`SELECT `+visitorColumns+` FROM visitors v WHERE v.id = ?`, id)
}

func (h handle) visitor(query string, args ...any) (bridge.Visitor, error) {
	var row visitorRow
	if err := h.get(&row, query, args...); err != nil {
		return bridge.Visitor{}, wrap("find a visitor", err)
	}
	v, err := row.visitor()
	return v, wrap("find a visitor", err)
}

// SaveVisitor inserts or updates the visitor; see bridge.Tx. Attributes are merged key by key; Page is one field.
func (t *tx) SaveVisitor(v bridge.Visitor) (bridge.Visitor, error) {
	v.Locale, v.Device, v.Network, v.Place = printable(v.Locale), printable(v.Device), printable(v.Network), printable(v.Place)
	find := `SELECT ` + visitorColumns + ` FROM visitors v WHERE v.endpoint = ? AND v.key = ?` + t.dialect.lockRow("v")
	known, err := t.visitor(find, v.Endpoint, v.Key)
	if errors.Is(err, bridge.ErrNotFound) {
		added, err := t.addVisitor(v)
		if err == nil && v.Page != (bridge.Page{}) {
			err = t.visit(added.ID, v.Page)
		}
		if !errors.Is(err, bridge.ErrNotFound) {
			return added, err
		}
	}
	if errors.Is(err, bridge.ErrNotFound) { // another transaction has added the same visitor meanwhile
		known, err = t.visitor(find, v.Endpoint, v.Key)
	}
	if err != nil {
		return bridge.Visitor{}, err
	}
	if v.Page != (bridge.Page{}) && (v.Page != known.Page || v.SeenAt.Sub(known.SeenAt) >= bridge.VisitAgain) {
		if err := t.visit(known.ID, v.Page); err != nil {
			return bridge.Visitor{}, err
		}
	}
	return t.updateVisitor(known, merged(known, v))
}

// addVisitor returns ErrNotFound when the visitor is there already.
func (t *tx) addVisitor(v bridge.Visitor) (bridge.Visitor, error) {
	profile, page, err := encodeVisitor(v)
	if err != nil {
		return bridge.Visitor{}, err
	}
	err = t.get(&v.ID, `INSERT INTO visitors (endpoint, key, verified, profile, page, locale, seen_at, email, device, network, place)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id`,
		v.Endpoint, v.Key, v.Verified, profile, page, v.Locale, milli(v.SeenAt), folded(v.Profile.Email), v.Device, v.Network, v.Place)
	return v, wrap("add a visitor", err)
}

// updateVisitor writes what has become of a visitor, and marks the cards that show it.
func (t *tx) updateVisitor(known, v bridge.Visitor) (bridge.Visitor, error) {
	profile, page, err := encodeVisitor(v)
	if err != nil {
		return bridge.Visitor{}, err
	}
	edited, err := encodeMap(v.Edited)
	if err != nil {
		return bridge.Visitor{}, fmt.Errorf("save a visitor: edits: %w", err)
	}
	_, err = t.exec(`UPDATE visitors SET verified = ?, profile = ?, page = ?, locale = ?, seen_at = ?, email = ?, device = ?,
		edited = ?, blocked = ?, kept_out = ?, network = ?, place = ? WHERE id = ?`,
		v.Verified, profile, page, v.Locale, milli(v.SeenAt), folded(v.Profile.Email), v.Device, edited, v.Blocked, v.KeptOut, v.Network,
		v.Place, v.ID)
	if err == nil && !v.LooksLike(known) {
		err = t.cardsOfVisitor(v.ID)
	}
	if before, now := known.Profile, v.Profile; err == nil && (before.Name != now.Name || before.Email != now.Email ||
		before.Phone != now.Phone || !maps.Equal(before.Attributes, now.Attributes)) {
		_, err = t.exec(`INSERT INTO undigested (conversation, changes) SELECT id, 1 FROM conversations WHERE visitor = ?
			ON CONFLICT (conversation) DO UPDATE SET changes = undigested.changes + 1`, v.ID)
	}
	return v, wrap("update a visitor", err)
}

// EditVisitor changes a visitor; see bridge.Tx.
func (t *tx) EditVisitor(id bridge.VisitorID, edit func(v *bridge.Visitor)) (bridge.Visitor, error) {
	known, err := t.visitor(`SELECT `+visitorColumns+` FROM visitors v WHERE v.id = ?`+t.dialect.lockRow("v"), id)
	if err != nil {
		return bridge.Visitor{}, err
	}
	v := known
	v.Edited = maps.Clone(known.Edited)
	edit(&v)
	return t.updateVisitor(known, v)
}

func encodeVisitor(v bridge.Visitor) (profile, page string, err error) {
	if profile, err = encode(v.Profile); err != nil {
		return "", "", fmt.Errorf("save a visitor: profile: %w", err)
	}
	if page, err = encode(v.Page); err != nil {
		return "", "", fmt.Errorf("save a visitor: page: %w", err)
	}
	return profile, page, nil
}

// merged is the known visitor with what v adds.
func merged(known, v bridge.Visitor) bridge.Visitor {
	known.Verified = known.Verified || v.Verified
	known.Locale = cmp.Or(v.Locale, known.Locale)
	known.Profile.Name = cmp.Or(v.Profile.Name, known.Profile.Name)
	known.Profile.Email = cmp.Or(v.Profile.Email, known.Profile.Email)
	known.Profile.Phone = cmp.Or(v.Profile.Phone, known.Profile.Phone)
	known.Profile.Avatar = cmp.Or(v.Profile.Avatar, known.Profile.Avatar)
	known.Device = cmp.Or(v.Device, known.Device)
	if v.Network != "" && v.Network != known.Network {
		known.Network, known.Place = v.Network, "" // a place is the network's
	}
	known.Place = cmp.Or(v.Place, known.Place)
	if len(v.Profile.Attributes) > 0 {
		attributes := maps.Clone(v.Profile.Attributes)
		for k, value := range known.Profile.Attributes {
			if attributes[k] == "" {
				attributes[k] = value
			}
		}
		known.Profile.Attributes = attributes
	}
	known.Profile = known.Profile.With(known.Edited)
	if v.Page != (bridge.Page{}) {
		known.Page = v.Page
	}
	if v.SeenAt.After(known.SeenAt) {
		known.SeenAt = v.SeenAt.UTC()
	}
	return known
}
