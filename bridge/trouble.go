package bridge

import (
	"sync"
	"time"
)

// trouble is what the Courier knows of an endpoint that does not accept, and has said about it. It is over when a part is
// accepted again; that of one place, where a person must act while others do well, when one is accepted there.
type trouble struct {
	mu     sync.Mutex
	any    bool // the condition was set to something worse than Running
	whole  *hindrance
	places map[string]hindrance
	late   map[LaneID]*lateness
}

// hindrance is why parts are not accepted, all of them or those for one place.
type hindrance struct {
	failure *Failure
	until   time.Time // whoever waits there has been refused again by then, or waits no longer
}

func (r *hindrance) stands() bool { return r != nil && r.failure.Refused && time.Now().Before(r.until) }

// lateness is what is known of a lane whose parts have not been accepted lately.
type lateness struct {
	since time.Time
	told  bool
}

// troubleMemory is more than the longest time between two attempts at one place, what the platform asks for apart.
const troubleMemory = 3 * time.Minute

// begins notes a failure; with own it is that of the place alone.
func (t *trouble) begins(f *Failure, place string, own bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.any = true
	r := hindrance{f, time.Now().Add(f.After + troubleMemory)}
	if !own {
		t.whole = &r
		return
	}
	if t.places == nil {
		t.places = map[string]hindrance{}
	}
	t.places[place] = r
}

// over notes that a part of the lane was accepted at a place. changed tells that the endpoint's condition is to be set
// anew.
func (t *trouble) over(l LaneID, place string) (c Condition, changed bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.late, l)
	if !t.any {
		return Condition{}, false
	}
	t.whole = nil
	delete(t.places, place)
	for name, other := range t.places {
		if time.Now().Before(other.until) {
			return condition(other.failure), true
		}
		delete(t.places, name)
	}
	t.any = false
	return Condition{State: Running}, true
}

// forget drops what is known of a lane that has come past an entry, or of all (0).
func (t *trouble) forget(l LaneID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if delete(t.late, l); l == 0 {
		t.late = nil
	}
}

// refused returns why a person must act before anything is accepted at the place, as far as is known.
func (t *trouble) refused(place string) *Failure {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.whole.stands() {
		return t.whole.failure
	}
	if own := t.places[place]; own.failure != nil && own.stands() {
		return own.failure
	}
	return nil
}

// mayEnd forgets what refusals there are: perhaps the person has acted. It reports whether there were any.
func (t *trouble) mayEnd() (stood bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	stood = t.whole.stands()
	t.whole = nil
	for name, own := range t.places {
		if own.stands() || name == marksPlace { // marks are only there where they were refused
			stood = true
			delete(t.places, name)
		}
	}
	return stood
}

// isLate notes that a part of the lane was not accepted and reports whether its agents must be told, which tell then
// does: at once where a person must act, and after tellAfter otherwise. Once they have been told they are not told again
// before something has been accepted.
func (t *trouble) isLate(l LaneID, f *Failure) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.late == nil {
		t.late = map[LaneID]*lateness{}
	}
	late := t.late[l]
	if late == nil {
		late = &lateness{since: time.Now()}
		t.late[l] = late
	}
	return !late.told && (f.Refused || time.Since(late.since)+f.After >= tellAfter)
}

// told notes that the agents know of the lane.
func (t *trouble) told(l LaneID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if late := t.late[l]; late != nil {
		late.told = true
	}
}

// trouble reports the endpoint's condition.
func (j *job) trouble(f *Failure) {
	own := !f.Whole && (f.Refused || j.delivery.Conversation.Kind == Colleagues)
	j.post.trouble.begins(f, j.parts[j.index()].Place, own)
	j.c.report(j.lane.Endpoint, condition(f))
}

// condition is how an endpoint does that has failed so.
func condition(f *Failure) Condition {
	if f.Refused {
		return Condition{State: Refused, Public: f.Public}
	}
	return Condition{State: Impaired, Public: f.Public}
}

func (c *Courier) report(e EndpointName, now Condition) {
	if c.conditions != nil {
		c.conditions.Set(e, now)
	}
}
