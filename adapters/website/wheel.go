package website

import "time"

// Proxies and browsers give up on a silent connection; the contract is a comment at least every 25 s. The wheel
// reaches every reader once a turn, a slot at a time, so that ten thousand comments are not due at once.
const (
	wheelTurn  = 20 * time.Second
	wheelSlots = 40
)

type wheel struct {
	slots [wheelSlots]map[*reader]struct{}
	at    int // the slot reached last
}

// add puts a reader where the wheel has just been: it has just been written to.
func (w *wheel) add(r *reader) {
	r.slot = uint8(w.at) //nolint:gosec // there are fewer slots than that
	if w.slots[w.at] == nil {
		w.slots[w.at] = map[*reader]struct{}{}
	}
	w.slots[w.at][r] = struct{}{}
}

func (w *wheel) remove(r *reader) { delete(w.slots[r.slot], r) }

// next turns the wheel by one slot and returns the readers there.
func (w *wheel) next() map[*reader]struct{} {
	w.at = (w.at + 1) % wheelSlots
	return w.slots[w.at]
}
