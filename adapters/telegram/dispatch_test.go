package telegram

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// recorder handles happenings and notes what it was given, each group as one.
type recorder struct {
	mu    sync.Mutex
	heard []string
}

func (r *recorder) handle(_ context.Context, group []happening) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	line := group[0].queue + ":"
	for _, h := range group {
		line += fmt.Sprintf(" %d", h.update)
	}
	r.heard = append(r.heard, line)
	return nil
}

func (r *recorder) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.heard)
}

func line(chat string, update int64, album string) happening {
	return happening{update: update, queue: chat, album: album, in: bridge.Inbound{Message: "m"}}
}

// dispatching runs a test with a dispatcher in fake time.
func dispatching(t *testing.T, r *recorder, test func(submit func(happening), done func() []int64)) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		d := newDispatcher(r.handle, time.Second, slog.New(slog.DiscardHandler))
		var mu sync.Mutex
		var finished []int64
		test(func(h happening) {
			h.came = time.Now()
			d.Submit(ctx, h, func() {
				mu.Lock()
				defer mu.Unlock()
				finished = append(finished, h.update)
			})
		}, func() []int64 {
			mu.Lock()
			defer mu.Unlock()
			return slices.Clone(finished)
		})
		cancel()
		d.Close()
	})
}

func TestAnAlbumWaitsForItsItems(t *testing.T) {
	r := &recorder{}
	dispatching(t, r, func(submit func(happening), _ func() []int64) {
		submit(line("a", 1, "album"))
		time.Sleep(900 * time.Millisecond)
		submit(line("a", 2, ""))
		submit(line("a", 3, "album"))
		submit(line("b", 4, ""))
		time.Sleep(900 * time.Millisecond)
		if got := r.all(); !slices.Equal(got, []string{"b: 4"}) {
			t.Errorf("before the album is whole, handled were %q", got)
		}
		time.Sleep(200 * time.Millisecond)
		if got := r.all(); !slices.Equal(got, []string{"b: 4", "a: 1 3", "a: 2"}) {
			t.Errorf("handled were %q", got)
		}
	})
}

func TestAFullAlbumDoesNotWait(t *testing.T) {
	r := &recorder{}
	dispatching(t, r, func(submit func(happening), _ func() []int64) {
		for i := range int64(maxAlbum) {
			submit(line("a", i+1, "album"))
		}
		synctest.Wait()
		if got := r.all(); !slices.Equal(got, []string{"a: 1 2 3 4 5 6 7 8 9 10"}) {
			t.Errorf("handled were %q", got)
		}
	})
}

// A repeated update tells both who wait for it; what the bot is to say of another, which has no key, joins nothing.
func TestARepeatedUpdateIsJoined(t *testing.T) {
	r := &recorder{}
	dispatching(t, r, func(submit func(happening), done func() []int64) {
		submit(line("a", 1, "album"))
		for _, update := range []int64{2, 3, 2} {
			submit(happening{update: update, queue: "a", notice: noticeUnsupported})
		}
		time.Sleep(2 * time.Second)
		if got := r.all(); !slices.Equal(got, []string{"a: 1", "a: 2", "a: 3"}) {
			t.Errorf("handled were %q", got)
		}
		if got := done(); !slices.Equal(got, []int64{1, 2, 2, 3}) {
			t.Errorf("told were %v", got)
		}
	})
}
