package store

import (
	"context"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// Hold takes or renews the lease of an endpoint for owner. held is false when another owner has it.
func (s *Store) Hold(ctx context.Context, e bridge.EndpointName, owner string, lease time.Duration) (held bool, err error) {
	err = s.writer.write(ctx, relaxed, func(h handle) error {
		n, err := h.exec(`INSERT INTO endpoints AS p (name, owner, lease_until, paused_until) VALUES (?, ?, now_ms() + ?, 0)
			ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, lease_until = excluded.lease_until
			WHERE p.owner = excluded.owner OR p.lease_until <= now_ms()`, e, owner, lease.Milliseconds())
		held = n == 1
		return err
	})
	return held, wrap("hold an endpoint", err)
}

// Yield gives the lease up, if owner has it.
func (s *Store) Yield(ctx context.Context, e bridge.EndpointName, owner string) error {
	err := s.writer.write(ctx, relaxed, func(h handle) error {
		_, err := h.exec(`UPDATE endpoints SET lease_until = 0 WHERE name = ? AND owner = ?`, e, owner)
		return err
	})
	return wrap("yield an endpoint", err)
}
