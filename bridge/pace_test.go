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
	synctest.Test(t, func(t *testing.T) {
		p := newPace(Abilities{PlaceRate: 1, PlaceBurst: 1})
		began := time.Now()
		for range 5 {
			if again, _, err := p.await(t.Context(), "C1", UrgencyReply, time.Minute); again != 0 || err != nil {
				t.Fatalf("await = %v, %v", again, err)
			}
		}
		if took := time.Since(began).Round(time.Millisecond); took != 4*time.Second {
			t.Errorf("five turns took %v, want 4s", took)
		}
	})
}

func TestPaceOfOnePlaceDoesNotHoldUpAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(Abilities{PlaceRate: 1, PlaceBurst: 1})
		p.block("C1", time.Minute)
		if again, _, _ := p.await(t.Context(), "C1", UrgencyReply, patience); again != time.Minute {
			t.Errorf("blocked place: again after %v, want 1m", again)
		}
		began := time.Now()
		if again, waited, err := p.await(t.Context(), "C2", UrgencyReply, patience); again != 0 || waited || err != nil {
			t.Errorf("other place: %v, %v, %v", again, waited, err)
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("other place waited %v", took)
		}
	})
}

func TestPaceServesTheMostUrgentFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(Abilities{PlaceRate: 1, PlaceBurst: 1})
		if _, _, err := p.await(t.Context(), "C1", UrgencyReply, time.Minute); err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var order []Urgency
		var wg sync.WaitGroup
		for _, u := range []Urgency{UrgencyReaction, UrgencyCard, UrgencyReply, UrgencyEdit} {
			wg.Go(func() {
				if _, _, err := p.await(t.Context(), "C1", u, time.Minute); err != nil {
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
	synctest.Test(t, func(t *testing.T) {
		p := newPace(Abilities{TotalRate: 2})
		began := time.Now()
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				if _, _, err := p.await(t.Context(), string(rune('A'+i)), UrgencyReply, time.Minute); err != nil {
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
	synctest.Test(t, func(t *testing.T) {
		p := newPace(Abilities{PlaceRate: 1, PlaceBurst: 1})
		_, _, _ = p.await(t.Context(), "C1", UrgencyReply, time.Minute)
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		if _, _, err := p.await(ctx, "C1", UrgencyReply, time.Minute); err == nil {
			t.Fatal("await returned before its turn")
		}
		began := time.Now()
		_, _, _ = p.await(t.Context(), "C1", UrgencyReply, time.Minute)
		if took := time.Since(began).Round(time.Millisecond); took != 500*time.Millisecond {
			t.Errorf("the turn came after %v, want 500ms: the one who left kept it", took)
		}
	})
}
