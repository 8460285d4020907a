package bridge

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Invitation is what a one-time code is good for. The code is kept by its hash only.
type Invitation struct {
	Rank  Rank
	Agent AgentID // who the person is who brings it, on another platform; 0: a new member
	By    AgentID // who has made it; 0: somebody at the command line
}

// OpenInvitation is an invitation of a new member that has not been used yet.
type OpenInvitation struct {
	Invitation
	Hash            string // of its code
	Made, ExpiresAt time.Time
}

const (
	// InvitationLife is how long a new member's code can be used.
	InvitationLife = 7 * 24 * time.Hour
	// IdentityLife is how long a code can be used by which a member links another account of theirs.
	IdentityLife = 15 * time.Minute
)

// codeLength is how much of a random text a code is: 16 letters and digits of 32 are 80 bits.
const codeLength = 16

// InviteAgent makes a code by which one person becomes a member of the team; see also the word invite.
func (d *Desk) InviteAgent(ctx context.Context, rank Rank) (code string, err error) {
	code = newCode()
	err = d.ledger.Change(ctx, func(tx Tx) error { return tx.SaveInvitation(HashOf(code), Invitation{Rank: rank}, InvitationLife) })
	if err != nil {
		return "", fmt.Errorf("invite an agent: %w", err)
	}
	return code, nil
}

// InviteMember makes a code for one new member, as the word invite does, for one who may. The same key, which is random and nobody
// else's, makes the same code: pressed twice it is one invitation.
func (d *Desk) InviteMember(ctx context.Context, by AgentID, rank Rank, key string) (code string, err error) {
	err = d.administer(ctx, by, func(tx Tx) error {
		switch {
		case rank != RankAgent && rank != RankAdmin:
			return &Problem{Code: "bad_role", Public: "Nobody was invited: the role is agent or admin."}
		case len(key) < len(rand.Text()):
			return &Problem{Code: "key", Public: "Nobody was invited: the form was not complete. Load the page again."}
		}
		code = codeOf(key)
		return tx.SaveInvitation(HashOf(code), Invitation{Rank: rank, By: by}, InvitationLife)
	})
	if err != nil {
		return "", fmt.Errorf("invite: %w", err)
	}
	return code, nil
}

// codeOf is the code that a key makes.
func codeOf(key string) string {
	sum := sha256.Sum256([]byte("invitation " + key))
	return base32.StdEncoding.EncodeToString(sum[:])[:codeLength]
}

// Invitations lists the invitations of new members that can still be used, the latest first, for one who may invite.
func (d *Desk) Invitations(ctx context.Context, by AgentID) (open []OpenInvitation, err error) {
	err = d.administer(ctx, by, func(tx Tx) error {
		open, err = tx.Invitations()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list invitations: %w", err)
	}
	return open, nil
}

// RevokeInvitation makes the code with this hash useless. ErrNotFound: it is already.
func (d *Desk) RevokeInvitation(ctx context.Context, by AgentID, hash string) error {
	err := d.administer(ctx, by, func(tx Tx) error { return tx.RevokeInvitation(hash) })
	if err != nil {
		return fmt.Errorf("revoke an invitation: %w", err)
	}
	return nil
}

// administer changes what only admins may.
func (d *Desk) administer(ctx context.Context, by AgentID, how func(tx Tx) error) error {
	return d.ledger.Change(ctx, func(tx Tx) error {
		agent, err := tx.Member(by)
		if err != nil {
			return err
		}
		if !agent.Rank.AtLeast(RankAdmin) {
			return &Problem{Code: "not_allowed", Public: "Nothing was changed: only admins of the team can do this."}
		}
		return how(tx)
	})
}

// JoinTeam is the word join for those who are not in a thread: the person becomes what the code makes of them. A code
// that is no good is a *Problem.
func (d *Desk) JoinTeam(ctx context.Context, e EndpointName, p Person, code string) (agent Agent, err error) {
	err = d.ledger.Change(ctx, func(tx Tx) (err error) {
		agent, _, err = d.enter(tx, e, p, code)
		return err
	})
	if err != nil {
		return Agent{}, fmt.Errorf("join the team: %w", err)
	}
	d.wakeDuty()
	return agent, nil
}

func newCode() string { return rand.Text()[:codeLength] }

var errBadCode = &Problem{
	Code: "bad_code", Public: "This code has been used already, is too old or was revoked. Ask for another one.",
}

// enter makes of a person what the code says, and tells what that was.
func (d *Desk) enter(tx Tx, e EndpointName, p Person, code string) (agent Agent, told string, err error) {
	i, err := tx.TakeInvitation(HashOf(normalCode(code)))
	if errors.Is(err, ErrNotFound) {
		return Agent{}, "", errBadCode
	}
	if err != nil {
		return Agent{}, "", err
	}
	known, err := tx.Known(e, p.ID)
	isKnown := err == nil
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Agent{}, "", err
	}
	switch {
	case i.Agent != 0:
		return d.identify(tx, e, p, i.Agent, known)
	case !isKnown:
		agent, err := tx.JoinAgent(e, p)
		if err == nil && agent.Rank == RankAgent {
			agent.Rank = i.Rank
			err = tx.SaveAgent(agent)
		}
		return agent, welcome(agent), err
	case !known.Removed && known.Rank.AtLeast(i.Rank):
		return known, "You are in the team already. Nothing has changed, and the code is used up.", nil
	}
	known.Rank, known.Removed, known.Duty, known.Present, known.Leaving = i.Rank, false, true, known.Hours.Include(now()), false
	return known, welcome(known), tx.SaveAgent(known)
}

func welcome(a Agent) string {
	if a.Rank == RankOwner {
		return "Welcome, " + a.Name + ". You are the first member of the team and its owner."
	}
	return fmt.Sprintf("Welcome to the team, %s. You are an %s.", a.Name, a.Rank)
}

// identify makes a person another identity of a member. Who they were in the team until now is removed, and what they
// owned becomes the member's.
func (d *Desk) identify(tx Tx, e EndpointName, p Person, id AgentID, was Agent) (agent Agent, told string, err error) {
	agent, err = tx.Agent(id)
	switch {
	case err != nil:
		return Agent{}, "", err
	case agent.Removed:
		return Agent{}, "", errBadCode
	case was.ID == agent.ID:
		return agent, "This account is yours already.", nil
	}
	if was.ID != 0 {
		rank := was.Rank
		was.Removed, was.Leaving, was.Present, was.Duty, was.Successor, was.Rank = true, true, false, false, agent.ID, RankAgent
		if err := errors.Join(tx.SaveAgent(was), tx.InheritAccounts(was.ID, agent.ID), tx.InheritQuickReplies(was.ID, agent.ID)); err != nil {
			return Agent{}, "", err
		}
		if rank.AtLeast(agent.Rank) {
			agent.Rank = rank
		}
	}
	if err := tx.LinkAgent(agent.ID, e, p.ID); err != nil {
		return Agent{}, "", err
	}
	return agent, fmt.Sprintf("This account and %s are one member of the team now.", agent.Name), tx.SaveAgent(agent)
}

// normalCode takes off what people put around a code.
func normalCode(code string) string {
	return strings.ToUpper(strings.Trim(strings.TrimSpace(code), "`'\"<>."))
}
