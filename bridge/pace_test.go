package bridge

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestPaceKeepsThePlacesRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPace(Abilities{PlaceRate: 1, PlaceBurst: 1})
		began := time.Now()
		for range 5 {
			if again, _, err := p.await(t.Context(), 1, Part{Place: "C1"}, time.Minute); again != 0 || err != nil {
				t.Fatalf("await = %v, %v", again, err)
			}
		}
		if took := time.Since(began).Round(time.Millisecond); took != 4*time.Second {
			t.Errorf("five turns took %v, want 4s", took)
		}
	})
}

func TestPaceOfOnePlaceDoesNotHoldUpAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPace(Abilities{PlaceRate: 1, PlaceBurst: 1})
		p.block(Part{Place: "C1"}, time.Minute, false)
		if again, _, _ := p.await(t.Context(), 1, Part{Place: "C1"}, patience); again != time.Minute-patience/2 {
			t.Errorf("blocked place: again after %v, want shortly before 1m", again)
		}
		began := time.Now()
		if again, waited, err := p.await(t.Context(), 2, Part{Place: "C2"}, patience); again != 0 || waited || err != nil {
			t.Errorf("other place: %v, %v, %v", again, waited, err)
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("other place waited %v", took)
		}
	})
}

func TestPaceServesTheMostUrgentFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPace(Abilities{PlaceRate: 1, PlaceBurst: 1})
		if _, _, err := p.await(t.Context(), 1, Part{Place: "C1"}, time.Minute); err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var order []Urgency
		var wg sync.WaitGroup
		for _, u := range []Urgency{UrgencyReaction, UrgencyCard, UrgencyReply, UrgencyEdit} {
			wg.Go(func() {
				if _, _, err := p.await(t.Context(), LaneID(u), Part{Place: "C1", Urgency: u}, time.Minute); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				order = append(order, u)
			})
			synctest.Wait()
		}
		wg.Wait()
		if want := []Urgency{UrgencyReply, UrgencyEdit, UrgencyCard, UrgencyReaction}; !slices.Equal(order, want) {
			t.Errorf("order = %v, want %v", order, want)
		}
	})
}

func TestPaceOfTheWholeEndpoint(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPace(Abilities{TotalRate: 2})
		began := time.Now()
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				if _, _, err := p.await(t.Context(), LaneID(i), Part{Place: string(rune('A' + i))}, time.Minute); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if took := time.Since(began).Round(time.Millisecond); took != 4*time.Second {
			t.Errorf("ten turns at two a second, two at once, took %v, want 4s", took)
		}
	})
}

func TestPaceForgetsWhoeverGaveUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPace(Abilities{PlaceRate: 1, PlaceBurst: 1})
		_, _, _ = p.await(t.Context(), 1, Part{Place: "C1"}, time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		if _, _, err := p.await(ctx, 1, Part{Place: "C1"}, time.Minute); err == nil {
			t.Fatal("await returned before its turn")
		}
		began := time.Now()
		_, _, _ = p.await(t.Context(), 1, Part{Place: "C1"}, time.Minute)
		if took := time.Since(began).Round(time.Millisecond); took != 500*time.Millisecond {
			t.Errorf("the turn came after %v, want 500ms: the one who left kept it", took)
		}
	})
}

// TestPaceOfTheWholeEndpointServesTheMostUrgentFirst: also among places that do not wait for themselves.
func TestPaceOfTheWholeEndpointServesTheMostUrgentFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPace(Abilities{TotalRate: 1})
		for range 2 { // its burst
			_, _, _ = p.await(t.Context(), 1, Part{Place: "C0"}, time.Minute)
		}
		order := make(chan Urgency, 4)
		var wg sync.WaitGroup
		for _, u := range []Urgency{UrgencyReaction, UrgencyCard, UrgencyReply, UrgencyEdit} {
			wg.Go(func() {
				if _, _, err := p.await(t.Context(), LaneID(u), Part{Place: string(rune('A' + u)), Urgency: u}, time.Minute); err != nil {
					t.Error(err)
				}
				order <- u
			})
			synctest.Wait()
		}
		wg.Wait()
		for want := range UrgencyReaction + 1 {
			if got := <-order; got != want {
				t.Errorf("urgency %d went before %d", got, want)
			}
		}
	})
}

// TestPaceOfOperationsApart: what the platform counts apart waits for its own kind only.
func TestPaceOfOperationsApart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPace(Abilities{PlaceRate: 1, PlaceBurst: 1, Apart: map[Op]Rate{
			Edit: {PerSecond: 2, Burst: 1, Anywhere: true}, Delete: {PerSecond: 4, Burst: 1}, React: {},
		}})
		took := func(op Op, places ...string) time.Duration {
			began := time.Now()
			for i := range 8 {
				if _, _, err := p.await(t.Context(), 1, Part{Op: op, Place: places[i%len(places)]}, time.Minute); err != nil {
					t.Error(err)
				}
			}
			return time.Since(began).Round(time.Millisecond)
		}
		_, _, _ = p.await(t.Context(), 1, Part{Op: Post, Place: "C1"}, time.Minute)
		p.block(Part{Op: Post, Place: "C1"}, time.Hour, false)
		for _, tt := range []struct {
			op     Op
			places []string
			want   time.Duration
		}{
			{Edit, []string{"C1", "C2"}, 3500 * time.Millisecond},
			{Delete, []string{"C1"}, 1750 * time.Millisecond},
			{Delete, []string{"C3", "C4"}, 750 * time.Millisecond},
			{React, []string{"C1"}, 0},
		} {
			if got := took(tt.op, tt.places...); got != tt.want {
				t.Errorf("eight times %s in %v took %v, want %v", tt.op, tt.places, got, tt.want)
			}
		}
	})
}

// TestPaceIsFair: of many lanes in one place that never run dry none goes twice before each has gone once, and no turn
// is left unused although most are told to ask again, and do so late.
func TestPaceIsFair(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const lanes = 20
		p := newPace(Abilities{PlaceRate: 1, PlaceBurst: 2})
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Second)
		defer cancel()
		var mu sync.Mutex
		turns, all := map[LaneID]int{}, 0
		var wg sync.WaitGroup
		for i := range LaneID(lanes) {
			wg.Go(func() {
				for ctx.Err() == nil {
					again, _, err := p.await(ctx, i, Part{Place: "C1"}, patience)
					if again > 0 {
						time.Sleep(again + time.Duration(i%5)*50*time.Millisecond)
						continue
					}
					if err == nil {
						mu.Lock()
						turns[i]++
						all++
						mu.Unlock()
					}
				}
			})
			synctest.Wait()
		}
		wg.Wait()
		if all < 199 || all > 202 {
			t.Errorf("%d turns in 200 seconds", all)
		}
		for i, n := range turns {
			if n < 9 || n > 12 {
				t.Errorf("lane %d had %d turns of %d", i, n, all)
			}
		}
	})
}
