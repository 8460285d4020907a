package workbench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// Mail sends a letter of plain text. nil means that a mail server has taken it; otherwise the error is, or wraps, a
// *bridge.Failure.
type Mail func(ctx context.Context, to, subject, text string) error

const teamPath = Base + "/team"

// handleTeam registers the pages about who is in the team.
func (b *Workbench) handleTeam(mux *routes) {
	b.page(mux, "/team", bridge.RankAgent, b.team)
	b.post(mux, "/team/duty", bridge.RankAgent, b.setDuty)
	b.page(mux, "/team/{id}", bridge.RankAgent, b.profile)
	mux.Handle("POST "+teamPath+"/{id}", b.visited(bridge.RankAgent, b.formed(b.saveProfile)))
	b.post(mux, "/team/{id}/role", bridge.RankAgent, b.setRole)
	b.page(mux, "/team/{id}/remove", bridge.RankAdmin, b.askRemoveMember)
	b.post(mux, "/team/{id}/remove", bridge.RankAdmin, b.removeMember)
	b.post(mux, "/team/invitations", bridge.RankAdmin, b.invite)
	b.post(mux, "/team/invitations/revoke", bridge.RankAdmin, b.revokeInvitation)

	mux.Handle("GET "+Base+"/join", b.attempted(b.askJoin))
	mux.Handle("POST "+Base+"/join", b.attempted(b.join))
}

// teamShown is what the page of the team shows.
type teamShown struct {
	members     []bridge.Member
	invitations []invitation // for who may invite
	invited     string       // a code that was just made; it is shown once
	mails       bool
}

type invitation struct {
	bridge.OpenInvitation
	by string
}

func (b *Workbench) team(v *visit) (content, error) {
	members, err := b.cfg.Desk.Team(v.Context())
	if err != nil {
		return content{}, err
	}
	t := teamShown{members: members, mails: b.cfg.Mail != nil}
	if v.agent.Rank.AtLeast(bridge.RankAdmin) {
		open, err := b.cfg.Desk.Invitations(v.Context(), v.agent.ID)
		if err != nil {
			return content{}, err
		}
		for _, o := range open {
			t.invitations = append(t.invitations, invitation{o, nameOfMember(members, o.By)})
		}
		t.invited = v.invited()
	}
	return content{title: "Team", body: teamPage(v, t)}, nil
}

func nameOfMember(members []bridge.Member, id bridge.AgentID) string {
	if id == 0 {
		return "the command line"
	}
	if i := slices.IndexFunc(members, func(m bridge.Member) bool { return m.ID == id }); i >= 0 {
		return members[i].Name
	}
	return "somebody who has left"
}

// memberOf finds the member that the address names.
func (b *Workbench) memberOf(v *visit) (bridge.Member, error) {
	members, err := b.cfg.Desk.Team(v.Context())
	if err != nil {
		return bridge.Member{}, err
	}
	for _, m := range members {
		if strconv.FormatInt(int64(m.ID), 10) == v.PathValue("id") {
			return m, nil
		}
	}
	return bridge.Member{}, bridge.ErrNotFound
}

func memberAt(id bridge.AgentID) string { return teamPath + "/" + strconv.FormatInt(int64(id), 10) }

func (b *Workbench) setDuty(v *visit) (string, error) {
	word := "off"
	if v.FormValue("duty") == "on" {
		word = "on"
	}
	_, err := v.command(bridge.Invocation{Word: word})
	return v.back(), err
}

// setRole is the word role.
func (b *Workbench) setRole(v *visit) (string, error) {
	_, err := v.command(bridge.Invocation{Word: "role", Fields: map[string]string{"agent": v.PathValue("id"), "role": v.FormValue("role")}})
	return v.back(), err
}

func (b *Workbench) askRemoveMember(v *visit) (content, error) {
	m, err := b.memberOf(v)
	if err != nil {
		return content{}, err
	}
	return content{title: "Remove " + m.Name, body: removeMemberPage(m)}, nil
}

// removeMember is the word remove.
func (b *Workbench) removeMember(v *visit) (string, error) {
	_, err := v.command(bridge.Invocation{Word: "remove", Fields: map[string]string{"agent": v.PathValue("id")}})
	return teamPath, err
}

const (
	invitedCookie = "skein-invited"
	inviteWithin  = 60 // seconds in which the code that was made is shown
	mailWithin    = 20 * time.Second
)

// invite makes a code for one person, shows it once, and mails it if that is asked for.
func (b *Workbench) invite(v *visit) (string, error) {
	rank, to := bridge.Rank(v.FormValue("role")), strings.TrimSpace(v.FormValue("email"))
	if _, err := mail.ParseAddress(to); to != "" && err != nil {
		return "", &bridge.Problem{Code: "bad_address", Public: "Nobody was invited: " + strconv.Quote(to) + " is no e-mail address."}
	}
	code, err := b.cfg.Desk.InviteMember(v.Context(), v.agent.ID, rank, v.FormValue("key"))
	if err != nil {
		return "", err
	}
	http.SetCookie(v.w, b.cookie(invitedCookie, code, inviteWithin))
	if to == "" || b.cfg.Mail == nil {
		return teamPath, nil
	}
	text := fmt.Sprintf("%s invites you to answer visitors together.\n\nOpen this link within 7 days; it is good for one person:\n%s\n", v.agent.Name, b.joinLink(code))
	ctx, cancel := context.WithTimeout(v.Context(), mailWithin)
	defer cancel()
	if err := b.cfg.Mail(ctx, to, "You are invited to the team", text); err != nil {
		b.log.Warn("mail an invitation", "error", err)
		v.tell("The invitation was made, but not mailed. "+bridge.AsFailure(err).Public+" Copy the link and send it yourself.", true)
		return teamPath, nil
	}
	v.tell("The invitation is on its way to "+to+".", false)
	return teamPath, nil
}

// invited takes the code that was just made.
func (v *visit) invited() string {
	c, err := v.Cookie(v.bench.cookieName(invitedCookie))
	if err != nil {
		return ""
	}
	http.SetCookie(v.w, v.bench.cookie(invitedCookie, "", -1))
	return c.Value
}

func (b *Workbench) revokeInvitation(v *visit) (string, error) {
	err := b.cfg.Desk.RevokeInvitation(v.Context(), v.agent.ID, v.FormValue("invitation"))
	switch {
	case errors.Is(err, bridge.ErrNotFound):
		v.tell("That invitation could not be used any more.", false)
	case err != nil:
		return "", err
	default:
		v.tell("The invitation is revoked: its code is good for nothing now.", false)
	}
	return teamPath, nil
}
