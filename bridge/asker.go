package bridge

import (
	"slices"
	"sync"
	"time"
)

// askerTime is how long it is remembered who a person is.
const askerTime = 5 * time.Minute

// askers remember which members of the team have been suggested something lately: who types waits for no database to say
// so again with every letter. Who was removed is suggested nothing after the next look at the team, within dutyTurn. What is
// carried out is not decided by it.
type askers struct {
	mu    sync.Mutex
	known map[asker]recognised
}

type asker struct {
	endpoint EndpointName
	person   string
}

type recognised struct {
	agent Agent
	at    time.Time
}

// find finds the team member behind a person, as Tx.AgentByPerson does.
func (s *askers) find(tx Tx, e EndpointName, person string) (Agent, error) {
	who := asker{e, person}
	s.mu.Lock()
	r, ok := s.known[who]
	s.mu.Unlock()
	if ok && time.Since(r.at) < askerTime {
		return r.agent, nil
	}
	r.at = time.Now()
	var err error
	if r.agent, err = tx.AgentByPerson(e, person); err != nil {
		return Agent{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = map[asker]recognised{}
	}
	s.known[who] = r
	return r.agent, nil
}

// keep forgets whoever is not in the team any more.
func (s *askers) keep(team []Member) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for who, r := range s.known {
		in := func(m Member) bool { return m.ID == r.agent.ID && !m.Removed }
		if time.Since(r.at) >= askerTime || !slices.ContainsFunc(team, in) {
			delete(s.known, who)
		}
	}
}
