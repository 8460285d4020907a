package discord

import "sync"

// maxOurs bounds what is remembered; each half of it is forgotten at once.
const maxOurs = 20_000

// ours remembers which of the recent messages are ours, for a deletion names nobody. Safe for concurrent use.
type ours struct {
	mu         sync.Mutex
	young, old map[string]bool
}

func newOurs() *ours { return &ours{young: map[string]bool{}, old: map[string]bool{}} }

func (o *ours) add(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.young) >= maxOurs/2 {
		o.old, o.young = o.young, map[string]bool{}
	}
	o.young[id] = true
}

func (o *ours) has(id string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.young[id] || o.old[id]
}
