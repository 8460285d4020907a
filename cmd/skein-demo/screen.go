package main

import (
	"slices"
	"sync"
)

// screen is what a client itself keeps and its platform does not know: which messages, seen by one person only, they have
// put away. Safe for concurrent use.
type screen struct {
	mu   sync.Mutex
	away map[string]bool // by message id
}

func (s *screen) dismiss(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away == nil {
		s.away = map[string]bool{}
	}
	s.away[id] = true
}

// still are the messages that have not been put away.
func (s *screen) still(messages []message) []message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(messages, func(m message) bool { return m.Only != "" && s.away[m.ID] })
}
