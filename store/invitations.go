package store

import (
	"time"

	"github.com/skeindesk/skein/bridge"
)

const invitationColumns = `hash, rank, agent, made_by, made_at, expires_at`

type invitationRow struct {
	Hash      string
	Rank      bridge.Rank
	Agent     bridge.AgentID
	MadeBy    bridge.AgentID `db:"made_by"`
	MadeAt    int64          `db:"made_at"`
	ExpiresAt int64          `db:"expires_at"`
}

func (r invitationRow) open() bridge.OpenInvitation {
	return bridge.OpenInvitation{
		Invitation: bridge.Invitation{Rank: r.Rank, Agent: r.Agent, By: r.MadeBy}, Hash: r.Hash,
		Made: moment(r.MadeAt), ExpiresAt: moment(r.ExpiresAt),
	}
}

// SaveInvitation keeps an invitation by its code's hash for as long as life, and forgets those that have expired.
func (t *tx) SaveInvitation(hash string, i bridge.Invitation, life time.Duration) error {
	if _, err := t.exec(`DELETE FROM invitations WHERE expires_at <= now_ms()`); err != nil {
		return wrap("forget expired invitations", err)
	}
	_, err := t.exec(`INSERT INTO invitations (hash, rank, agent, made_by, made_at, expires_at) VALUES (?, ?, ?, ?, now_ms(), now_ms() + ?)
		ON CONFLICT DO NOTHING`, hash, i.Rank, i.Agent, i.By, life.Milliseconds())
	return wrap("save an invitation", err)
}

// TakeInvitation returns the invitation with this hash and forgets it; see bridge.Tx.
func (t *tx) TakeInvitation(hash string) (bridge.Invitation, error) {
	var row invitationRow
	err := t.get(&row, `DELETE FROM invitations WHERE hash = ? AND expires_at > now_ms() RETURNING `+invitationColumns, hash)
	return row.open().Invitation, wrap("take an invitation", err)
}

// RevokeInvitations forgets all invitations of new members; see bridge.Tx.
func (t *tx) RevokeInvitations() (int64, error) {
	n, err := t.exec(`DELETE FROM invitations WHERE agent = 0 AND expires_at > now_ms()`)
	return n, wrap("revoke invitations", err)
}

// Invitations lists the invitations of new members; see bridge.Tx.
func (t *tx) Invitations() ([]bridge.OpenInvitation, error) {
	var rows []invitationRow
	err := t.all(&rows, `SELECT `+invitationColumns+` FROM invitations WHERE agent = 0 AND expires_at > now_ms() ORDER BY made_at DESC, hash`)
	open := make([]bridge.OpenInvitation, len(rows))
	for i, r := range rows {
		open[i] = r.open()
	}
	return open, wrap("list invitations", err)
}

// RevokeInvitation forgets an invitation of a new member; see bridge.Tx.
func (t *tx) RevokeInvitation(hash string) error {
	n, err := t.exec(`DELETE FROM invitations WHERE hash = ? AND agent = 0 AND expires_at > now_ms()`, hash)
	if err == nil && n == 0 {
		return bridge.ErrNotFound
	}
	return wrap("revoke an invitation", err)
}
