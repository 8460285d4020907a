package workbench

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/skeindesk/skein/bridge"
)

// profile is what can be changed of a member, as it stands in the form.
type profile struct {
	bridge.Member
	fields []profileField
	wrong  string // why nothing was changed
}

// profileField is one text of the form. was is what it was when the form was shown: only what somebody has changed is
// written, so that two who change different things keep both.
type profileField struct {
	name, label, help, value, was string
}

func profileOf(m bridge.Member) profile {
	capacity := ""
	if m.Capacity > 0 {
		capacity = strconv.Itoa(m.Capacity)
	}
	p := profile{Member: m, fields: []profileField{
		{name: "name", label: "Name that visitors read", help: "Empty: as the platform has it", value: m.PublicName},
		{name: "picture", label: "Picture that visitors see", help: "An address that begins with https://", value: m.PublicAvatar},
		{name: "languages", label: "Languages", help: "Codes such as en or pt-BR, with spaces between", value: strings.Join(m.Languages, " ")},
		{name: "hours", label: "Working hours", help: "mon-thu 9-17:30, fri 9-13 Europe/Berlin. Empty: on duty whenever they say so", value: m.Hours.String()},
		{name: "capacity", label: "Open conversations at once", help: "Empty: no limit. More can always be taken by hand", value: capacity},
	}}
	for i := range p.fields {
		p.fields[i].was = p.fields[i].value
	}
	return p
}

func (b *Workbench) profile(v *visit) (content, error) {
	m, err := b.memberOf(v)
	if err != nil {
		return content{}, err
	}
	return content{title: m.Name, body: profilePage(v, profileOf(m))}, nil
}

// mayChange reports whether who visits may change what is said of the member.
func (v *visit) mayChange(m bridge.Member) bool {
	return v.agent.ID == m.ID || v.agent.Rank.AtLeast(bridge.RankAdmin)
}

// mayRemove reports whether who visits may remove the member, as the word remove sees it.
func (v *visit) mayRemove(m bridge.Member) bool {
	return m.Rank == bridge.RankAgent && v.agent.Rank.AtLeast(bridge.RankAdmin) || m.Rank == bridge.RankAdmin && v.agent.Rank == bridge.RankOwner
}

// saveProfile writes what somebody has changed in the form, or shows it again as it was sent.
func (b *Workbench) saveProfile(v *visit) error {
	m, err := b.memberOf(v)
	if err != nil {
		return err
	}
	p := profileOf(m)
	var change bridge.MemberChange
	texts := map[string]**string{
		"name": &change.Name, "picture": &change.Picture, "hours": &change.Hours, "languages": &change.Languages, "capacity": &change.Capacity,
	}
	for i := range p.fields {
		f := &p.fields[i]
		f.value, f.was = strings.TrimSpace(v.FormValue(f.name)), v.FormValue("was-"+f.name)
		if f.value != f.was && v.Form.Has(f.name) {
			*texts[f.name] = &f.value
		}
	}
	err = b.cfg.Desk.ChangeMember(v.Context(), v.agent.ID, m.ID, change)
	if problem, ok := errors.AsType[*bridge.Problem](err); ok {
		p.wrong = problem.Public
		return v.render(http.StatusUnprocessableEntity, content{title: m.Name, body: profilePage(v, p)})
	} else if err != nil {
		return err
	}
	v.tell("Changed.", false)
	http.Redirect(v.w, v.Request, memberAt(m.ID), http.StatusSeeOther)
	return nil
}
