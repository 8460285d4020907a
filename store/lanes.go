package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// dueLanes is the condition under which a lane l can be claimed.
const dueLanes = `l.cursor < l.head AND l.next_at <= now_ms() AND l.lease_until <= now_ms()
	AND NOT EXISTS (SELECT 1 FROM endpoints p WHERE p.name = l.endpoint AND p.paused_until > now_ms())`

// Claim leases lanes that have work; see bridge.LaneBook. A lane has been waiting since work came to it, since its
// last progress, or since the time that it was deferred to. Asking for everything (conversations is nil) while there
// is nothing to do writes nothing.
func (s *Store) Claim(ctx context.Context, endpoints []bridge.EndpointName, conversations []bridge.ConversationID,
	lease time.Duration, limit int,
) ([]bridge.Lane, error) {
	if len(endpoints) == 0 || conversations != nil && len(conversations) == 0 || limit <= 0 {
		return nil, nil
	}
	due, args := dueAt(endpoints, conversations)
	if conversations == nil {
		var some []int
		if err := s.read(ctx).all(&some, `SELECT 1 FROM lanes l WHERE `+due+` LIMIT 1`, args...); err != nil {
			return nil, fmt.Errorf("look for work: %w", err)
		}
		if len(some) == 0 {
			return nil, nil
		}
	}
	var lanes []bridge.Lane
	err := s.writer.write(ctx, single, func(h handle) (err error) { lanes, err = h.claim(due, args, lease, limit); return err })
	return lanes, wrap("claim lanes", err)
}

// dueAt is the condition under which a lane l of the endpoints can be claimed: of these conversations, or with nil of any.
func dueAt(endpoints []bridge.EndpointName, conversations []bridge.ConversationID) (due string, args []any) {
	marks, args := list(endpoints)
	due = dueLanes + ` AND l.endpoint IN (` + marks + `)`
	if conversations != nil {
		marks, more := list(conversations)
		due += ` AND l.conversation IN (` + marks + `)`
		args = append(args, more...)
	}
	return due, args
}

func (h handle) claim(due string, args []any, lease time.Duration, limit int) ([]bridge.Lane, error) {
	var rows []laneRow
	// MATERIALIZED: the lanes are chosen once, whatever the plan.
	err := h.all(&rows, `WITH due AS MATERIALIZED (SELECT l.id AS lane FROM lanes l WHERE `+due+`
		ORDER BY l.next_at LIMIT ?`+h.dialect.skipLocked()+`)
		UPDATE lanes SET epoch = epoch + 1, lease_until = now_ms() + ?, `+intendNext+` FROM due WHERE id = lane
		RETURNING `+laneColumns, append(args, limit, lease.Milliseconds())...)
	return inOrder(rows), err
}

// byClaim marks an intent that a claim has written. One that the next claim still finds is no different from others:
// perhaps its part has been sent.
const byClaim = "~"

const intendNext = `intent_at = CASE WHEN intent = '' THEN now_ms() ELSE intent_at END,
	intent = CASE WHEN intent <> '' THEN ltrim(intent, '` + byClaim + `')
		ELSE '` + byClaim + `' || conversation || '.' || CASE WHEN length(thread) = 0 THEN '0.' || reopened
			ELSE coalesce((` + nextLine + `), cursor + 1) || '.' || part END || '@' || endpoint END`

// nextLine is the number of the entry that is most likely next for a lane: the first that was not said there.
// bridge.Lane.Minds says which one is.
const nextLine = `SELECT n.seq FROM entries n WHERE n.conversation = lanes.conversation AND n.seq > lanes.cursor AND n.seq <= lanes.head
	AND (n.endpoint <> lanes.endpoint OR n.kind = 'state') ORDER BY n.seq LIMIT 1`

// Intend records that key is about to be sent, and renews the lease. Intending the same key again keeps the time of
// the first: the platform may have had it since then.
func (s *Store) Intend(ctx context.Context, l bridge.Lane, key bridge.DeliveryKey, lease time.Duration) error {
	return s.updateLane(ctx, single, "record an intent", l, `intent_at = CASE WHEN intent = ? THEN intent_at ELSE now_ms() END,
		intent = ?, lease_until = now_ms() + ?`, key, key, lease.Milliseconds())
}

// Extend renews the lease.
func (s *Store) Extend(ctx context.Context, l bridge.Lane, lease time.Duration) error {
	return s.updateLane(ctx, relaxed, "extend a lease", l, `lease_until = now_ms() + ?`, lease.Milliseconds())
}

// Defer gives the lane up until after has passed. It writes l.Intent as it stands in l.
func (s *Store) Defer(ctx context.Context, l bridge.Lane, after time.Duration, spend bool) error {
	spent := 0
	if spend {
		spent = 1
	}
	return s.updateLane(ctx, single, "defer a lane", l, `intent = ?, intent_at = CASE WHEN ? = '' THEN 0 ELSE intent_at END,
		attempt = attempt + ?, next_at = now_ms() + ?, lease_until = 0`,
		l.Intent, l.Intent, spent, after.Milliseconds())
}

// updateLane writes to a lane that is still claimed under l's epoch.
func (s *Store) updateLane(ctx context.Context, how writing, operation string, l bridge.Lane, set string, args ...any) error {
	args = append(args, l.ID, l.Epoch)
	err := s.writer.write(ctx, how, func(h handle) error {
		n, err := h.exec(`UPDATE lanes SET `+set+` WHERE id = ? AND epoch = ?`, args...)
		if err == nil && n == 0 {
			err = bridge.ErrLost
		}
		return err
	})
	return wrap(operation, err)
}

// Pause holds back all lanes of an endpoint, on every instance. A longer pause is not shortened.
func (s *Store) Pause(ctx context.Context, e bridge.EndpointName, after time.Duration) error {
	err := s.writer.write(ctx, relaxed, func(h handle) error {
		_, err := h.exec(`INSERT INTO endpoints AS p (name, owner, lease_until, paused_until) VALUES (?, '', 0, now_ms() + ?)
			ON CONFLICT (name) DO UPDATE SET paused_until = excluded.paused_until
			WHERE excluded.paused_until > p.paused_until`, e, after.Milliseconds())
		return err
	})
	return wrap("pause an endpoint", err)
}

// Resume ends an endpoint's pause and makes its lanes due that would be soon.
func (s *Store) Resume(ctx context.Context, e bridge.EndpointName, within time.Duration) error {
	err := s.writer.write(ctx, whole, func(h handle) error {
		if _, err := h.exec(`UPDATE endpoints SET paused_until = 0 WHERE name = ?`, e); err != nil {
			return err
		}
		_, err := h.exec(`UPDATE lanes SET next_at = now_ms()
			WHERE endpoint = ? AND cursor < head AND next_at > now_ms() AND next_at <= now_ms() + ?`, e, within.Milliseconds())
		return err
	})
	return wrap("resume an endpoint", err)
}

// sane is the longest pause that a platform is believed, in milliseconds.
const sane = 24 * 60 * 60 * 1000

// ReleaseLeases ends every lease on lanes and endpoints, when no other process can hold one: on SQLite, where there
// is one process, and that before it starts to work. Otherwise what a killed process had claimed would stand still
// until its leases ran out. On PostgreSQL it does nothing.
func (s *Store) ReleaseLeases(ctx context.Context) error {
	if s.dialect != onSQLite {
		return nil
	}
	err := s.writer.write(ctx, whole, func(h handle) error {
		if _, err := h.exec(`UPDATE lanes SET lease_until = 0 WHERE cursor < head AND lease_until <> 0`); err != nil {
			return err
		}
		// A time further off than any pause comes from a clock that has been set back since.
		if _, err := h.exec(`UPDATE lanes SET next_at = now_ms() WHERE cursor < head AND next_at > now_ms() + ?`, sane); err != nil {
			return err
		}
		_, err := h.exec(`UPDATE endpoints SET lease_until = 0,
			paused_until = CASE WHEN paused_until > now_ms() + ? THEN 0 ELSE paused_until END`, sane)
		return err
	})
	return wrap("release leases", err)
}

// inOrder returns claimed lanes, longest waiting first: RETURNING knows no order.
func inOrder(rows []laneRow) []bridge.Lane {
	slices.SortStableFunc(rows, func(a, b laneRow) int { return cmp.Or(cmp.Compare(a.NextAt, b.NextAt), cmp.Compare(a.ID, b.ID)) })
	lanes := make([]bridge.Lane, len(rows))
	for i, r := range rows {
		lanes[i] = r.lane()
	}
	return lanes
}
