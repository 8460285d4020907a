package bridge

import (
	"maps"
	"slices"
	"strings"
)

// With is the profile with what agents have set, by the name of the field: name, email and phone; any other is an
// attribute. An empty value takes the field away.
func (p Profile) With(edited map[string]string) Profile {
	p.Attributes = maps.Clone(p.Attributes)
	for field, value := range edited {
		switch field {
		case "name":
			p.Name = value
		case "email":
			p.Email = value
		case "phone":
			p.Phone = value
		default:
			if value == "" {
				delete(p.Attributes, field)
				continue
			}
			if p.Attributes == nil {
				p.Attributes = map[string]string{}
			}
			p.Attributes[field] = value
		}
	}
	return p
}

// AttributeLines are the attributes as people edit them: "name=value", one a line.
func (p Profile) AttributeLines() string {
	lines := make([]string, 0, len(p.Attributes))
	for _, name := range slices.Sorted(maps.Keys(p.Attributes)) {
		lines = append(lines, clean(name)+"="+clean(p.Attributes[name]))
	}
	return strings.Join(lines, "\n")
}

// called finds the attribute that a name means, and makes it the attribute's.
func (p Profile) called(name *string) bool {
	for known := range p.Attributes {
		if clean(known) == *name {
			*name = known
			return true
		}
	}
	for _, known := range slices.Sorted(maps.Keys(p.Attributes)) {
		if strings.EqualFold(clean(known), *name) {
			*name = known
			return true
		}
	}
	return false
}

// field is what the profile has under the name of a field; see With.
func (p Profile) field(name string) string {
	switch name {
	case "name":
		return p.Name
	case "email":
		return p.Email
	case "phone":
		return p.Phone
	default:
		return p.Attributes[name]
	}
}

// differences says what setting the fields would change, in words.
func (p Profile) differences(set map[string]string) (changes []string) {
	for _, name := range slices.Sorted(maps.Keys(set)) {
		switch before, after := p.field(name), set[name]; {
		case before == after:
		case before == "":
			changes = append(changes, name+": "+after)
		case after == "":
			changes = append(changes, name+": emptied, was "+before)
		default:
			changes = append(changes, name+": "+after+", was "+before)
		}
	}
	return changes
}

// LooksLike reports whether a card shows the same of both.
func (v Visitor) LooksLike(other Visitor) bool {
	return v.Verified == other.Verified && v.Page == other.Page && v.Locale == other.Locale && v.Device == other.Device && v.Place == other.Place &&
		v.Blocked == other.Blocked && v.Profile.Name == other.Profile.Name && v.Profile.Email == other.Profile.Email &&
		v.Profile.Phone == other.Profile.Phone && v.Profile.Avatar == other.Profile.Avatar
}

// errBlocked is what a blocked visitor is told, where there is a way to tell them.
var errBlocked = &Problem{Code: "blocked", Public: "Your message was not sent. This team does not take messages from you any more."}

// keepOut counts what a blocked visitor would have said.
func (c *change) keepOut(v VisitorID) error {
	c.refused = errBlocked
	_, err := c.tx.EditVisitor(v, func(v *Visitor) { v.KeptOut++ })
	return err
}
