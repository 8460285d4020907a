package bridge_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// slow is a book whose next entry is long in coming.
type slow struct {
	bridge.LaneBook
	takes time.Duration
}

func (s slow) Next(ctx context.Context, l bridge.Lane) (bridge.Work, bool, error) {
	w, ok, err := s.LaneBook.Next(ctx, l)
	time.Sleep(s.takes)
	return w, ok, err
}

// An instance for which the database is slow comes to send after its lease has run out and another has sent the line.
func TestWhoseLeaseHasRunOutSendsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		w.agent(thread, "ana", "First")
		w.agent(thread, "ana", "Second") // so that the next line is the next entry
		w.settled()
		conv, err := w.store.ConversationAt(w.ctx, "shop", "chat/vera")
		w.must(err)

		late := bridge.NewCourier(bridge.CourierConfig{
			Book: slow{w.store, 7 * time.Second}, Hub: bridge.NewHub(), Adapters: []bridge.Adapter{w.shop},
			Log: slog.New(slog.DiscardHandler), Poll: time.Millisecond,
		})
		late.Keep("shop")
		ctx, cancel := context.WithCancel(w.ctx)
		var wg sync.WaitGroup
		wg.Go(func() { _ = late.Run(ctx) })
		defer wg.Wait()
		defer cancel()
		w.must(w.store.Change(w.ctx, func(tx bridge.Tx) error { // nobody is told: the late one looks more often
			_, err := tx.Append(bridge.Entry{
				Conversation: conv.ID, Kind: bridge.Said, Audience: bridge.Everyone, By: bridge.Speaker{Kind: bridge.ByAgent, Name: "ana"},
				Origin: bridge.Origin{Endpoint: "team", Key: "once", Message: "once"}, Body: rich.Of("Once"), At: time.Now(),
			})
			return err
		}))
		time.Sleep(10 * time.Millisecond)
		late.Drop("shop")
		time.Sleep(20 * time.Second)
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: First", "ana: Second", "ana: Once")
	})
}
