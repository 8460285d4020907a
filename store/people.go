package store

import (
	"cmp"
	"errors"
	"fmt"
	"maps"

	"github.com/skeindesk/skein/bridge"
)

// AgentByPerson finds the team member behind a platform's person.
func (t *tx) AgentByPerson(e bridge.EndpointName, personID string) (bridge.Agent, error) {
	var a bridge.Agent
	err := t.get(&a, `SELECT a.id, a.name, a.avatar FROM identities i JOIN agents a ON a.id = i.agent
		WHERE i.endpoint = ? AND i.person = ?`, e, personID)
	return a, wrap("find an agent", err)
}

// JoinAgent makes a team member of a platform's person, or refreshes the name and picture of the member. An empty
// name or picture does not overwrite what is known.
func (t *tx) JoinAgent(e bridge.EndpointName, p bridge.Person) (bridge.Agent, error) {
	p.Name, p.Avatar = printable(p.Name), printable(p.Avatar)
	a, err := t.AgentByPerson(e, p.ID)
	if errors.Is(err, bridge.ErrNotFound) {
		return t.addAgent(e, p)
	}
	if err != nil {
		return bridge.Agent{}, err
	}
	name, avatar := cmp.Or(p.Name, a.Name), cmp.Or(p.Avatar, a.Avatar)
	if name == a.Name && avatar == a.Avatar {
		return a, nil
	}
	a.Name, a.Avatar = name, avatar
	if _, err := t.exec(`UPDATE agents SET name = ?, avatar = ? WHERE id = ?`, a.Name, a.Avatar, a.ID); err != nil {
		return bridge.Agent{}, fmt.Errorf("refresh an agent: %w", err)
	}
	return a, nil
}

func (t *tx) addAgent(e bridge.EndpointName, p bridge.Person) (bridge.Agent, error) {
	a := bridge.Agent{Name: p.Name, Avatar: p.Avatar}
	if err := t.get(&a.ID, `INSERT INTO agents (name, avatar) VALUES (?, ?) RETURNING id`, a.Name, a.Avatar); err != nil {
		return bridge.Agent{}, fmt.Errorf("add an agent: %w", err)
	}
	n, err := t.exec(`INSERT INTO identities (endpoint, person, agent) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
		e, p.ID, a.ID)
	if err != nil {
		return bridge.Agent{}, fmt.Errorf("link an agent: %w", err)
	}
	if n == 1 {
		return a, nil
	}
	// Another transaction has added the same person meanwhile.
	if _, err := t.exec(`DELETE FROM agents WHERE id = ?`, a.ID); err != nil {
		return bridge.Agent{}, fmt.Errorf("add an agent: %w", err)
	}
	return t.AgentByPerson(e, p.ID)
}

// VisitorByKey finds a visitor.
func (t *tx) VisitorByKey(e bridge.EndpointName, key string) (bridge.Visitor, error) {
	return t.visitor(`SELECT `+visitorColumns+` FROM visitors v WHERE v.endpoint = ? AND v.key = ?`, e, key)
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
	v.Locale = printable(v.Locale)
	find := `SELECT ` + visitorColumns + ` FROM visitors v WHERE v.endpoint = ? AND v.key = ?` + t.dialect.lockRow("v")
	known, err := t.visitor(find, v.Endpoint, v.Key)
	if errors.Is(err, bridge.ErrNotFound) {
		added, err := t.addVisitor(v)
		if !errors.Is(err, bridge.ErrNotFound) {
			return added, err
		}
		// Another transaction has added the same visitor meanwhile.
		known, err = t.visitor(find, v.Endpoint, v.Key)
		if err != nil {
			return bridge.Visitor{}, err
		}
		return t.updateVisitor(merged(known, v))
	}
	if err != nil {
		return bridge.Visitor{}, err
	}
	return t.updateVisitor(merged(known, v))
}

// addVisitor returns ErrNotFound when the visitor is there already.
func (t *tx) addVisitor(v bridge.Visitor) (bridge.Visitor, error) {
	profile, page, err := encodeVisitor(v)
	if err != nil {
		return bridge.Visitor{}, err
	}
	err = t.get(&v.ID, `INSERT INTO visitors (endpoint, key, verified, profile, page, locale, seen_at)
		VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id`,
		v.Endpoint, v.Key, v.Verified, profile, page, v.Locale, milli(v.SeenAt))
	return v, wrap("add a visitor", err)
}

func (t *tx) updateVisitor(v bridge.Visitor) (bridge.Visitor, error) {
	profile, page, err := encodeVisitor(v)
	if err != nil {
		return bridge.Visitor{}, err
	}
	_, err = t.exec(`UPDATE visitors SET verified = ?, profile = ?, page = ?, locale = ?, seen_at = ? WHERE id = ?`,
		v.Verified, profile, page, v.Locale, milli(v.SeenAt), v.ID)
	return v, wrap("update a visitor", err)
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
	if len(v.Profile.Attributes) > 0 {
		attributes := maps.Clone(v.Profile.Attributes)
		for k, value := range known.Profile.Attributes {
			if attributes[k] == "" {
				attributes[k] = value
			}
		}
		known.Profile.Attributes = attributes
	}
	if v.Page != (bridge.Page{}) {
		known.Page = v.Page
	}
	if v.SeenAt.After(known.SeenAt) {
		known.SeenAt = v.SeenAt.UTC()
	}
	return known
}
