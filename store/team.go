package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/skeindesk/skein/bridge"
)

const agentColumns = `a.id, a.name, a.avatar, a.public_name, a.public_avatar, a.rank, a.languages, a.capacity, a.duty, a.hours,
	a.present, a.leaving, a.successor, a.removed`

type agentRow struct {
	ID           bridge.AgentID
	Name, Avatar string // the platform's
	PublicName   string `db:"public_name"`
	PublicAvatar string `db:"public_avatar"`
	Rank         bridge.Rank
	Languages    string
	Capacity     int
	Duty         bool
	Hours        string
	Present      bool
	Leaving      bool
	Successor    bridge.AgentID
	Removed      bool
}

func (r agentRow) agent() (bridge.Agent, error) {
	hours, err := bridge.ParseHours(r.Hours)
	if err != nil {
		return bridge.Agent{}, fmt.Errorf("agent %d: hours: %w", r.ID, err)
	}
	return bridge.Agent{
		ID: r.ID, Name: cmp.Or(r.PublicName, r.Name), Avatar: cmp.Or(r.PublicAvatar, r.Avatar),
		PublicName: r.PublicName, PublicAvatar: r.PublicAvatar, Rank: r.Rank, Languages: strings.Fields(r.Languages),
		Capacity: r.Capacity, Duty: r.Duty, Hours: hours, Present: r.Present, Leaving: r.Leaving, Successor: r.Successor, Removed: r.Removed,
	}, nil
}

func (h handle) agent(where string, args ...any) (bridge.Agent, error) {
	var row agentRow
	if err := h.get(&row, `SELECT `+agentColumns+` FROM agents a `+where, args...); err != nil {
		return bridge.Agent{}, wrap("find an agent", err)
	}
	return row.agent()
}

const byPerson = `JOIN identities i ON i.agent = a.id WHERE i.endpoint = ? AND i.person = ?`

// seenAgent is the agent behind a person as they were a statement ago; without ID when there was none.
type seenAgent struct {
	endpoint bridge.EndpointName
	person   string
	row      agentRow
}

// whoColumns reads an agent w that is perhaps not there.
const whoColumns = `, coalesce(w.id, 0) AS "who.id", coalesce(w.name, '') AS "who.name", coalesce(w.avatar, '') AS "who.avatar",
	coalesce(w.public_name, '') AS "who.public_name", coalesce(w.public_avatar, '') AS "who.public_avatar", coalesce(w.rank, '') AS "who.rank",
	coalesce(w.languages, '') AS "who.languages", coalesce(w.capacity, 0) AS "who.capacity", coalesce(w.duty, false) AS "who.duty",
	coalesce(w.hours, '') AS "who.hours", coalesce(w.present, false) AS "who.present", coalesce(w.leaving, false) AS "who.leaving",
	coalesce(w.successor, 0) AS "who.successor", coalesce(w.removed, false) AS "who.removed"`

// AgentByPerson finds the team member behind a platform's person; see bridge.Tx.
func (t *tx) AgentByPerson(e bridge.EndpointName, personID string) (bridge.Agent, error) {
	seen := t.seen
	t.seen = nil // later it may be another
	if seen != nil && seen.endpoint == e && seen.person == personID && seen.row.ID != 0 {
		return seen.row.agent()
	}
	return t.agent(byPerson+` AND NOT a.removed`, e, personID)
}

// Known finds the member behind a person, also one who was removed.
func (t *tx) Known(e bridge.EndpointName, personID string) (bridge.Agent, error) {
	return t.agent(byPerson, e, personID)
}

// Agent finds a member and locks them; see bridge.Tx.
func (t *tx) Agent(id bridge.AgentID) (bridge.Agent, error) {
	return t.agent(`WHERE a.id = ?`+t.dialect.lockRow("a"), id)
}

// Member finds a member, and locks nothing; see bridge.Tx.
func (t *tx) Member(id bridge.AgentID) (bridge.Agent, error) {
	return t.agent(`WHERE a.id = ? AND NOT a.removed`, id)
}

// JoinAgent makes a team member of a platform's person, or refreshes the name and picture of the member; see bridge.Tx.
// An empty name or picture does not overwrite what is known.
func (t *tx) JoinAgent(e bridge.EndpointName, p bridge.Person) (bridge.Agent, error) {
	t.seen = nil
	p.Name, p.Avatar = printable(p.Name), printable(p.Avatar)
	a, err := t.Known(e, p.ID)
	switch {
	case errors.Is(err, bridge.ErrNotFound):
		return t.addAgent(e, p)
	case err != nil:
		return bridge.Agent{}, err
	case a.Removed:
		return bridge.Agent{}, bridge.ErrNotFound
	}
	n, err := t.exec(`UPDATE agents SET name = coalesce(nullif(?, ''), name), avatar = coalesce(nullif(?, ''), avatar)
		WHERE id = ? AND (name <> coalesce(nullif(?, ''), name) OR avatar <> coalesce(nullif(?, ''), avatar))`, p.Name, p.Avatar, a.ID, p.Name, p.Avatar)
	if err != nil {
		return bridge.Agent{}, fmt.Errorf("refresh an agent: %w", err)
	}
	if n == 0 {
		return a, nil
	}
	return t.AgentByPerson(e, p.ID)
}

func (t *tx) addAgent(e bridge.EndpointName, p bridge.Person) (bridge.Agent, error) {
	// There is one owner. Of two who are first at once the second waits here, and finds that it is not.
	var id bridge.AgentID
	insert := `INSERT INTO agents (name, avatar, rank) VALUES (?, ?, ?) ON CONFLICT DO NOTHING RETURNING id`
	err := t.get(&id, insert, p.Name, p.Avatar, bridge.RankOwner)
	if errors.Is(err, bridge.ErrNotFound) {
		err = t.get(&id, insert, p.Name, p.Avatar, bridge.RankAgent)
	}
	if err != nil {
		return bridge.Agent{}, fmt.Errorf("add an agent: %w", err)
	}
	n, err := t.exec(`INSERT INTO identities (endpoint, person, agent) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, e, p.ID, id)
	if err != nil {
		return bridge.Agent{}, fmt.Errorf("link an agent: %w", err)
	}
	if n == 0 { // another transaction has added the same person meanwhile
		if _, err := t.exec(`DELETE FROM agents WHERE id = ?`, id); err != nil {
			return bridge.Agent{}, fmt.Errorf("add an agent: %w", err)
		}
	}
	return t.AgentByPerson(e, p.ID)
}

// SaveAgent writes what can be changed of a member; see bridge.Tx.
func (t *tx) SaveAgent(a bridge.Agent) error {
	t.seen = nil
	_, err := t.exec(`UPDATE agents SET public_name = ?, public_avatar = ?, rank = ?, languages = ?, capacity = ?, duty = ?, hours = ?,
			present = ?, leaving = ?, successor = ?, removed = ? WHERE id = ?`,
		printable(a.PublicName), printable(a.PublicAvatar), a.Rank, strings.Join(a.Languages, " "), a.Capacity, a.Duty, a.Hours.String(),
		a.Present, a.Leaving, a.Successor, a.Removed, a.ID)
	return wrap("save an agent", err)
}

// LinkAgent makes a person of a platform another identity of an agent, whoever it was before.
func (t *tx) LinkAgent(a bridge.AgentID, e bridge.EndpointName, personID string) error {
	_, err := t.exec(`INSERT INTO identities (endpoint, person, agent) VALUES (?, ?, ?)
		ON CONFLICT (endpoint, person) DO UPDATE SET agent = excluded.agent`, e, personID, a)
	return wrap("link an agent", err)
}

// InheritAccounts makes all identities of an agent another one's.
func (t *tx) InheritAccounts(from, to bridge.AgentID) error {
	_, err := t.exec(`UPDATE identities SET agent = ? WHERE agent = ?`, to, from)
	return wrap("inherit accounts", err)
}

// Link is LinkAgent in a change of its own.
func (s *Store) Link(ctx context.Context, a bridge.AgentID, e bridge.EndpointName, personID string) error {
	return s.Change(ctx, func(t bridge.Tx) error { return t.LinkAgent(a, e, personID) })
}

// Team lists the members; see bridge.Tx. What they have open is counted after they have been locked, since a statement
// that waits sees the table as it was before.
func (t *tx) Team(lock bool) ([]bridge.Member, error) {
	if lock && t.dialect == onPostgres {
		if _, err := t.exec(`SELECT id FROM agents ORDER BY id` + t.dialect.lockRow("agents")); err != nil {
			return nil, wrap("lock the team", err)
		}
	}
	var rows []struct {
		agentRow
		Open, Turn int64
	}
	err := t.all(&rows, `SELECT `+agentColumns+`, a.turn,
			(SELECT count(*) FROM conversations c WHERE c.owner = a.id AND c.state = 'assigned') AS open
		FROM agents a WHERE NOT a.removed OR a.leaving OR EXISTS (SELECT 1 FROM conversations c WHERE c.owner = a.id AND c.state = 'assigned')
		ORDER BY a.id`)
	if err != nil {
		return nil, wrap("list the team", err)
	}
	var known []struct {
		Agent    bridge.AgentID
		Endpoint bridge.EndpointName
	}
	if err := t.all(&known, `SELECT DISTINCT agent, endpoint FROM identities ORDER BY agent, endpoint`); err != nil {
		return nil, wrap("list the team's identities", err)
	}
	members, at := make([]bridge.Member, len(rows)), map[bridge.AgentID]int{}
	for i, r := range rows {
		a, err := r.agent()
		if err != nil {
			return nil, wrap("list the team", err)
		}
		members[i], at[a.ID] = bridge.Member{Agent: a, Open: int(r.Open), Turn: r.Turn}, i
	}
	for _, k := range known {
		if i, ok := at[k.Agent]; ok {
			members[i].At = append(members[i].At, k.Endpoint)
		}
	}
	return members, nil
}

// Turn notes that a conversation was given to the agent.
func (t *tx) Turn(id bridge.AgentID) error {
	_, err := t.exec(`UPDATE agents SET turn = (SELECT max(turn) FROM agents) + 1 WHERE id = ?`, id)
	return wrap("note whose turn it was", err)
}

// called finds those of the agents, by their numbers, whom an endpoint knows.
func (h handle) called(agents []string, at bridge.EndpointName) (map[string]bridge.Person, error) {
	agents = agents[:min(len(agents), maxLinked)]
	if len(agents) == 0 {
		return nil, nil
	}
	marks, args := list(agents)
	var rows []struct {
		Known, Person, Name, Avatar string
	}
	err := h.all(&rows, `SELECT cast(a.id AS TEXT) AS known, min(t.person) AS person, `+shownName+` AS name, a.avatar
		FROM agents a JOIN identities t ON t.agent = a.id AND t.endpoint = ? WHERE cast(a.id AS TEXT) IN (`+marks+`) GROUP BY a.id`,
		append([]any{at}, args...)...)
	if err != nil {
		return nil, err
	}
	people := make(map[string]bridge.Person, len(rows))
	for _, r := range rows {
		people[r.Known] = bridge.Person{ID: r.Person, Name: r.Name, Avatar: r.Avatar}
	}
	return people, nil
}
