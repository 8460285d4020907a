package intake

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/skeindesk/skein/bridge"
)

// slowSink takes a report for each value of release.
type slowSink struct {
	bridge.Sink
	release chan struct{}
	got     []bridge.Condition
}

func (s *slowSink) Report(_ context.Context, _ bridge.EndpointName, c bridge.Condition) {
	<-s.release
	s.got = append(s.got, c)
}

func TestReports(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		sink := &slowSink{release: make(chan struct{})}
		r := NewReports("support", sink)
		go r.Run(ctx)
		if err := r.Settle(ctx); err != nil {
			t.Errorf("nothing is to be waited for: %v", err)
		}
		gap, impaired := bridge.Condition{State: bridge.Running, Gap: true}, bridge.Condition{State: bridge.Impaired}
		r.Add(gap)
		synctest.Wait() // the sink is about to take it
		settled := make(chan error, 1)
		go func() { settled <- r.Settle(ctx) }()
		for _, c := range []bridge.Condition{impaired, impaired, gap, gap} { // without waiting
			r.Add(c)
		}
		for range 3 {
			synctest.Wait()
			if len(settled) > 0 {
				t.Error("settled though the sink has not been told everything")
			}
			sink.release <- struct{}{}
		}
		if err := <-settled; err != nil {
			t.Error(err)
		}
		if want := []bridge.Condition{gap, impaired, gap}; !slices.Equal(sink.got, want) {
			t.Errorf("reported %+v, want %+v", sink.got, want)
		}
		close(sink.release)
		r.Add(gap) // the sink has had the last one: this is another
		if err := r.Settle(ctx); err != nil || len(sink.got) != 4 {
			t.Errorf("reported %+v, %v", sink.got, err)
		}
		cancel()
		synctest.Wait()
		r.Add(impaired)
		if err := r.Settle(ctx); err == nil {
			t.Error("settled after the end")
		}
	})
}
