package store

import (
	"context"

	"github.com/skeindesk/skein/bridge"
)

// Across finds who is on the other side of a thread's conversation; see bridge.Ledger.
func (s *Store) Across(ctx context.Context, e bridge.EndpointName, t bridge.ThreadRef, person string) ([]bridge.Lane, error) {
	var rows []laneRow
	err := s.read(ctx).all(&rows, `SELECT `+laneColumns+` FROM lanes WHERE thread <> '' AND id IN (
			SELECT o.id FROM lanes l JOIN lanes o ON o.conversation = l.conversation AND o.role <> l.role
			JOIN conversations c ON c.id = l.conversation JOIN visitors v ON v.id = c.visitor
			WHERE l.endpoint = ? AND l.thread = ? AND l.thread <> '' AND NOT v.blocked AND (l.role <> ? OR EXISTS (
				SELECT 1 FROM identities i JOIN agents a ON a.id = i.agent
				WHERE i.endpoint = l.endpoint AND i.person = ? AND NOT a.removed)))
		ORDER BY id`, e, t, bridge.RoleTeam, person)
	if err != nil {
		return nil, wrap("find who is on the other side", err)
	}
	lanes := make([]bridge.Lane, len(rows))
	for i, r := range rows {
		lanes[i] = r.lane()
	}
	return lanes, nil
}
