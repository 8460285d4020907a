package bridge

import (
	"maps"
	"sync"
	"time"
)

// EndpointName is one configured account on one platform, by the name its operator gave it. It never changes:
// it is stored in the log.
type EndpointName string

// Role says on which side of the desk an endpoint stands.
type Role string

const (
	RoleVisitor Role = "visitor" // a visitor reads and writes here
	RoleTeam    Role = "team"    // agents read and write here
	RoleRobot   Role = "robot"
)

// Abilities says how an adapter's platform differs from the others, as data.
type Abilities struct {
	Role Role
	// Reads: the endpoint's readers fetch entries from the log themselves (a browser after Last-Event-ID), so
	// the Courier sends nothing there and the lane's cursor is what the reader has acknowledged.
	Reads bool
	// OneReceiver: only one instance may run the adapter at a time. The Keeper sees to it.
	OneReceiver bool
	// PlaceRate and TotalRate are our own pace in messages a second, for one place (a channel or a chat) and
	// for the endpoint; 0: no pace of our own, only what the platform answers. PlaceBurst is how many may go at once.
	PlaceRate  float64
	PlaceBurst int
	TotalRate  float64
	// Apart are operations that the platform does not count with what goes into a place.
	Apart map[Op]Rate
	// MaxFile is how many bytes a file may have that the platform takes; 0: no limit. Render never sees a larger one: the
	// body says where it can be fetched.
	MaxFile int64
}

// Rate is a pace of our own.
type Rate struct {
	PerSecond float64 // 0: only what the platform answers
	Burst     int
	Anywhere  bool // one count for all places, instead of one for each
}

// ConditionState is an endpoint's health, from a closed list.
type ConditionState string

const (
	Starting  ConditionState = "starting" // not connected yet
	Running   ConditionState = "running"
	Impaired  ConditionState = "impaired"  // works in part, or is waiting for the platform
	Refused   ConditionState = "refused"   // a person must act: revoked token, missing scope, removed from a channel
	Elsewhere ConditionState = "elsewhere" // another instance runs it
	Stopped   ConditionState = "stopped"
)

// Condition is what an adapter reports of its endpoint.
type Condition struct {
	State  ConditionState
	Public string    // a sentence an operator may be shown; no secrets, no message text
	Gap    bool      // events may have been missed up to now: read the threads back
	Since  time.Time // set by the receiver of the report
}

// Conditions holds the condition of each endpoint as this instance knows it. It is safe for concurrent use.
type Conditions struct {
	mu    sync.Mutex
	known map[EndpointName]Condition
	hear  func(EndpointName, Condition)
}

// NewConditions returns an empty set. hear, if not nil, is called for every change of state.
func NewConditions(hear func(EndpointName, Condition)) *Conditions {
	if hear == nil {
		hear = func(EndpointName, Condition) {}
	}
	return &Conditions{known: map[EndpointName]Condition{}, hear: hear}
}

// Set notes a condition. Since moves only when the state changes.
func (cs *Conditions) Set(e EndpointName, c Condition) {
	cs.mu.Lock()
	before, known := cs.known[e]
	changed := !known || before.State != c.State || before.Public != c.Public
	c.Since = before.Since
	if !known || before.State != c.State {
		c.Since = time.Now().UTC()
	}
	cs.known[e] = c
	cs.mu.Unlock()
	if changed {
		cs.hear(e, c)
	}
}

// All returns a copy of what is known.
func (cs *Conditions) All() map[EndpointName]Condition {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return maps.Clone(cs.known)
}
