package translate

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/skeindesk/skein/bridge"
)

// scripted is a translator that does what it is told: it takes its time, fails, or shouts.
type scripted struct {
	mu    sync.Mutex
	took  time.Duration
	fails error
	asked []string
}

func (s *scripted) Skill() bridge.Skill { return bridge.Skill{Name: "Scripted"} }

func (s *scripted) set(took time.Duration, fails error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.took, s.fails = took, fails
}

func (s *scripted) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.asked)
}

func (s *scripted) Translate(ctx context.Context, r bridge.TranslationRequest) (bridge.Translation, error) {
	s.mu.Lock()
	took, fails := s.took, s.fails
	s.asked = append(s.asked, r.Texts...)
	s.mu.Unlock()
	select {
	case <-time.After(took):
	case <-ctx.Done():
		return bridge.Translation{}, failed(bridge.Unavailable, "scripted: %w", ctx.Err())
	}
	if fails != nil {
		return bridge.Translation{}, fails
	}
	out := bridge.Translation{From: r.From, Characters: 2 * characters(r.Texts)}
	for _, text := range r.Texts {
		out.Texts = append(out.Texts, strings.ToUpper(text))
	}
	return out, nil
}

func ask(texts ...string) bridge.TranslationRequest {
	return bridge.TranslationRequest{From: "es", To: "en", Texts: texts}
}

var down = failed(bridge.Unavailable, "it is down")

// after returns why and until when nothing was translated.
func after(t *testing.T, tr bridge.Translator, r bridge.TranslationRequest) (bridge.UntranslatedReason, time.Duration) {
	t.Helper()
	_, err := tr.Translate(t.Context(), r)
	if err == nil {
		return "", 0
	}
	u, ok := errors.AsType[*bridge.Untranslated](err)
	if !ok {
		t.Fatalf("%v is no Untranslated", err)
	}
	return u.Reason, u.After
}

func TestWithin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{took: time.Minute}
		start := time.Now()
		_, err := Within(s, 3*time.Second).Translate(t.Context(), ask("a"))
		if took := time.Since(start); reason(err) != bridge.Unavailable || took != 3*time.Second || !strings.Contains(err.Error(), "3s") {
			t.Errorf("after %v: %v", took, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := Within(s, 3*time.Second).Translate(ctx, ask("a")); !errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "3s") {
			t.Errorf("the caller's own limit: %v", err)
		}
		s.set(2*time.Second, nil)
		if got, err := Within(s, 3*time.Second).Translate(t.Context(), ask("a")); err != nil || got.Texts[0] != "A" {
			t.Errorf("in time: %v %v", got, err)
		}
	})
}

func TestGuarded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []bool
		s := &scripted{fails: down}
		g := Guarded(s, 3, 30*time.Second, func(down bool) { told = append(told, down) })
		for range 3 {
			if why, _ := after(t, g, ask("a")); why != bridge.Unavailable {
				t.Fatalf("a failing engine: %q", why)
			}
		}
		time.Sleep(10 * time.Second)
		if why, wait := after(t, g, ask("a")); why != bridge.CircuitOpen || wait != 20*time.Second || s.count() != 3 {
			t.Errorf("after three failures: %q for %v, the engine was asked %d times", why, wait, s.count())
		}
		time.Sleep(20*time.Second + 1)
		if why, _ := after(t, g, ask("a")); why != bridge.Unavailable || s.count() != 4 {
			t.Errorf("after the rest: %q, asked %d times", why, s.count())
		}
		if why, _ := after(t, g, ask("a")); why != bridge.CircuitOpen {
			t.Errorf("after it failed again: %q", why)
		}
		s.set(0, nil)
		time.Sleep(30*time.Second + 1)
		if why, _ := after(t, g, ask("a")); why != "" {
			t.Errorf("when it works again: %q", why)
		}
		if diff := cmp.Diff([]bool{true, false}, told); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
	})
}

func TestGuardKnowsWhatIsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{}
		g := Guarded(s, 2, time.Minute, nil)
		for _, why := range []bridge.UntranslatedReason{bridge.UnknownPair, bridge.TooLong, bridge.CapReached, bridge.KeyRefused} {
			s.set(0, &bridge.Untranslated{Reason: why})
			for range 5 {
				if got, _ := after(t, g, ask("a")); got != why {
					t.Errorf("%q becomes %q", why, got)
				}
			}
		}
		s.set(time.Hour, nil)
		for range 5 {
			ctx, cancel := context.WithCancel(t.Context())
			go cancel()
			if _, err := g.Translate(ctx, ask("a")); !errors.Is(err, context.Canceled) {
				t.Errorf("who asked has gone: %v", err)
			}
		}
		s.set(0, nil)
		if why, _ := after(t, g, ask("a")); why != "" {
			t.Errorf("after no failure at all: %q", why)
		}
		s.set(0, &bridge.Untranslated{Reason: bridge.RateLimited, After: 7 * time.Second})
		after(t, g, ask("a"))
		s.set(0, nil)
		time.Sleep(3 * time.Second)
		asked := s.count()
		if why, wait := after(t, g, ask("a")); why != bridge.RateLimited || wait != 4*time.Second || s.count() != asked {
			t.Errorf("while it wants to be left alone: %q for %v", why, wait)
		}
		time.Sleep(4 * time.Second)
		if why, _ := after(t, g, ask("a")); why != "" {
			t.Errorf("after that: %q", why)
		}
	})
}

func TestCapped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		usage, s := &Counter{}, &scripted{}
		c := Capped(s, usage, 25)
		if why, _ := after(t, c, ask("ten letters")); why != "" || usage.String() != "map[2000-01:22]" {
			t.Errorf("within the cap: %q, used %v", why, usage)
		}
		if why, _ := after(t, c, ask("four")); why != bridge.CapReached || s.count() != 1 || usage.String() != "map[2000-01:22]" {
			t.Errorf("over the cap: %q, used %v", why, usage)
		}
		s.set(0, down)
		if why, _ := after(t, c, ask("ab")); why != bridge.Unavailable || usage.String() != "map[2000-01:22]" {
			t.Errorf("a failure is counted: %q, used %v", why, usage)
		}
		s.set(0, nil)
		time.Sleep(31 * 24 * time.Hour)
		if why, _ := after(t, c, ask("ten letters")); why != "" || usage.String() != "map[2000-01:22 2000-02:22]" {
			t.Errorf("in the next month: %q, used %v", why, usage)
		}
		if why, _ := after(t, Capped(s, usage, 0), ask("as much as one likes")); why != "" {
			t.Errorf("without a cap: %q", why)
		}
		if why, _ := after(t, Capped(s, brokenUsage{}, 0), ask("a")); why != bridge.Unavailable {
			t.Errorf("where nothing can be counted: %q", why)
		}
	})
}

type brokenUsage struct{}

func (brokenUsage) Spend(context.Context, string, int) (int, error) {
	return 0, errors.New("no database")
}

func TestCapHoldsForManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		usage, s := &Counter{}, &scripted{took: time.Second}
		c := Capped(s, usage, 20)
		var done atomic.Int64
		var all sync.WaitGroup
		for range 30 {
			all.Go(func() {
				if _, err := c.Translate(t.Context(), ask("ab")); err == nil {
					done.Add(1)
				}
			})
		}
		all.Wait()
		if done.Load() != 10 || s.count() != 10 || usage.String() != "map[2000-01:40]" {
			t.Errorf("%d of 30 were translated, used %v", done.Load(), usage)
		}
	})
}

// kept is a Memory that can fail.
type kept struct {
	texts map[Key]Remembered
	fails error
	asked int
}

func (k *kept) Recall(_ context.Context, key Key) (Remembered, bool, error) {
	k.asked++
	t, known := k.texts[key]
	return t, known, k.fails
}

func (k *kept) Remember(_ context.Context, key Key, t Remembered) error {
	if k.fails == nil {
		k.texts[key] = t
	}
	return k.fails
}

func TestCached(t *testing.T) {
	s := &scripted{}
	memory := &kept{texts: map[Key]Remembered{{From: "es", To: "en", Text: "viejo"}: {Text: "old", From: "es"}}}
	c := Cached(s, 3, memory)
	translate := func(want string, r bridge.TranslationRequest, characters int) {
		t.Helper()
		got, err := c.Translate(t.Context(), r)
		if err != nil || strings.Join(got.Texts, " ") != want || got.Characters != characters || got.From != "es" {
			t.Errorf("%+v gives %+v, %v, want %s for %d characters", r, got, err, want, characters)
		}
	}
	translate("A old B", ask("a", "viejo", "b"), 4)
	translate("B A old", ask("b", "a", "viejo"), 0)
	if diff := cmp.Diff([]string{"a", "b"}, s.asked); diff != "" {
		t.Errorf("the engine was asked (-want +got):\n%s", diff)
	}
	if memory.texts[Key{From: "es", To: "en", Text: "a"}].Text != "A" {
		t.Error("the memory was not told")
	}
	other := ask("a")
	other.To = "fr"
	translate("A", other, 2)
	other.Markup = true
	translate("A", other, 2)
	s.set(0, down)
	if why, _ := after(t, c, ask("new", "a")); why != bridge.Unavailable {
		t.Errorf("a failing engine: %q", why)
	}
	translate("A", ask("a"), 0)

	s.set(0, nil)
	memory.fails, memory.texts = errors.New("no database"), map[Key]Remembered{}
	translate("C", ask("c"), 2)
	asked := s.count()
	for i := range 10 { // three are remembered, so the first are gone
		translate(fmt.Sprint(i), ask(fmt.Sprint(i)), 2)
	}
	translate("C", ask("c"), 2)
	translate("9", ask("9"), 0)
	if s.count() != asked+11 {
		t.Errorf("the engine was asked for %d texts, want 11", s.count()-asked)
	}
	if size := c.(*cached).order.Len(); size != 3 || len(c.(*cached).places) != 3 {
		t.Errorf("%d texts are remembered, want 3", size)
	}
	long := strings.Repeat("x", longest)
	translate(strings.ToUpper(long), ask(long), 2*longest)
	translate(strings.ToUpper(long), ask(long), 2*longest)
}

func TestAround(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls []Call
		usage, s := &Counter{}, &scripted{took: time.Minute}
		tr := Around(s, Options{Limit: 3 * time.Second, Failures: 2, Rest: time.Minute, Usage: usage, Cap: 1000, Observe: func(c Call) { calls = append(calls, c) }})
		if tr.Skill() != s.Skill() {
			t.Errorf("its skill is %v", tr.Skill())
		}
		for range 3 {
			after(t, tr, ask("a"))
		}
		s.set(time.Second, nil)
		time.Sleep(time.Minute + 1)
		after(t, tr, ask("a"))
		after(t, tr, ask("a")) // remembered
		want := []Call{
			{Engine: "Scripted", From: "es", To: "en", Failure: bridge.Unavailable, Took: 3 * time.Second},
			{Engine: "Scripted", From: "es", To: "en", Failure: bridge.Unavailable, Took: 3 * time.Second},
			{Engine: "Scripted", From: "es", To: "en", Failure: bridge.CircuitOpen},
			{Engine: "Scripted", From: "es", To: "en", Characters: 2, Took: time.Second},
		}
		if diff := cmp.Diff(want, calls); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
		if usage.String() != "map[2000-01:2]" {
			t.Errorf("used %v", usage)
		}
	})
}

func TestAroundForManyAtOnce(t *testing.T) {
	tr := Around(&scripted{}, Options{Usage: &Counter{}, Remembered: 5})
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			text := fmt.Sprint("text ", i%10)
			if got, err := tr.Translate(t.Context(), ask(text)); err != nil || got.Texts[0] != strings.ToUpper(text) {
				t.Errorf("%q becomes %v, %v", text, got, err)
			}
		})
	}
	all.Wait()
}
