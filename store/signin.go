package store

import (
	"context"
	"fmt"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// SaveSignIn keeps a way into the workbench, and forgets those that have expired; see bridge.Tx.
func (t *tx) SaveSignIn(hash string, s bridge.SignIn, life time.Duration) error {
	if _, err := t.exec(`DELETE FROM sign_ins WHERE expires_at <= now_ms()`); err != nil {
		return wrap("forget expired sign-ins", err)
	}
	_, err := t.exec(`INSERT INTO sign_ins (hash, agent, path, expires_at) VALUES (?, ?, ?, now_ms() + ?)`,
		hash, s.Agent, s.Path, life.Milliseconds())
	return wrap("save a sign-in", err)
}

// SignIn reads a way into the workbench without using it up. ErrNotFound when there is none, or none any more, or when the
// member has left.
func (s *Store) SignIn(ctx context.Context, hash string) (bridge.SignIn, bridge.Agent, error) {
	var in bridge.SignIn
	h := s.read(ctx)
	err := h.get(&in, `SELECT agent, path FROM sign_ins WHERE hash = ? AND expires_at > now_ms()`, hash)
	if err != nil {
		return bridge.SignIn{}, bridge.Agent{}, wrap("find a sign-in", err)
	}
	agent, err := h.agent(`WHERE a.id = ? AND NOT a.removed`, in.Agent)
	return in, agent, err
}

// BeginSession uses a sign-in up and makes a session of its member, for life. ErrNotFound as for SignIn.
func (s *Store) BeginSession(ctx context.Context, signIn, session string, life time.Duration) (in bridge.SignIn, err error) {
	err = s.Change(ctx, func(change bridge.Tx) error {
		t := change.(*tx)
		if _, err := t.exec(`DELETE FROM web_sessions WHERE expires_at <= now_ms()`); err != nil {
			return fmt.Errorf("forget expired sessions: %w", err)
		}
		if err := t.get(&in, `DELETE FROM sign_ins WHERE hash = ? AND expires_at > now_ms() RETURNING agent, path`, signIn); err != nil {
			return wrap("take a sign-in", err)
		}
		if _, err := t.Member(in.Agent); err != nil {
			return err
		}
		return t.saveSession(session, in.Agent, life)
	})
	return in, err
}

// BeginHandshake keeps that a browser has gone to a platform, for life, and forgets those that have expired.
func (s *Store) BeginHandshake(ctx context.Context, hash string, shake bridge.Handshake, life time.Duration) error {
	return s.Change(ctx, func(change bridge.Tx) error {
		t := change.(*tx)
		if _, err := t.exec(`DELETE FROM handshakes WHERE expires_at <= now_ms()`); err != nil {
			return wrap("forget expired handshakes", err)
		}
		_, err := t.exec(`INSERT INTO handshakes (hash, endpoint, path, expires_at) VALUES (?, ?, ?, now_ms() + ?)`,
			hash, shake.Endpoint, shake.Path, life.Milliseconds())
		return wrap("begin a handshake", err)
	})
}

// EndHandshake uses a handshake up. ErrNotFound when there is none, or none any more.
func (s *Store) EndHandshake(ctx context.Context, hash string) (shake bridge.Handshake, err error) {
	err = s.Change(ctx, func(change bridge.Tx) error {
		return wrap("end a handshake", change.(*tx).get(&shake,
			`DELETE FROM handshakes WHERE hash = ? AND expires_at > now_ms() RETURNING endpoint, path`, hash))
	})
	return shake, err
}

// MemberByPerson finds the team member behind a platform's person. ErrNotFound when there is none, or none any more.
func (s *Store) MemberByPerson(ctx context.Context, e bridge.EndpointName, personID string) (bridge.Agent, error) {
	return s.read(ctx).agent(byPerson+` AND NOT a.removed`, e, personID)
}

// StartSession makes a session of a member who has proven otherwise who they are, for life.
func (s *Store) StartSession(ctx context.Context, session string, agent bridge.AgentID, life time.Duration) error {
	return s.Change(ctx, func(change bridge.Tx) error { return change.(*tx).saveSession(session, agent, life) })
}

func (t *tx) saveSession(hash string, agent bridge.AgentID, life time.Duration) error {
	_, err := t.exec(`INSERT INTO web_sessions (hash, agent, began_at, expires_at) VALUES (?, ?, now_ms(), now_ms() + ?)`,
		hash, agent, life.Milliseconds())
	return wrap("save a session", err)
}

// Session finds who is signed in. ErrNotFound when nobody is, or none any more, or when the member has left.
func (s *Store) Session(ctx context.Context, hash string) (bridge.Agent, error) {
	return s.read(ctx).agent(`JOIN web_sessions w ON w.agent = a.id WHERE w.hash = ? AND w.expires_at > now_ms() AND NOT a.removed`, hash)
}

// EndSession signs out.
func (s *Store) EndSession(ctx context.Context, hash string) error {
	return s.Change(ctx, func(change bridge.Tx) error {
		_, err := change.(*tx).exec(`DELETE FROM web_sessions WHERE hash = ?`, hash)
		return wrap("end a session", err)
	})
}
