package daemon

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// TestExamineInOrder: reports come in the configuration's order, whoever answers first, and what never answers is left
// behind.
func TestExamineInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		defer close(hang)
		began := time.Now()
		reports := examineAll(t.Context(), []examination{
			{"slow", func(context.Context) []bridge.Finding { time.Sleep(5 * time.Second); return one(fine("slow")) }},
			{"hanging", func(context.Context) []bridge.Finding { <-hang; return nil }},
			{"patient", func(ctx context.Context) []bridge.Finding { <-ctx.Done(); return one(amiss("no answer")) }},
			{"quick", func(context.Context) []bridge.Finding { return []bridge.Finding{fine("one"), amiss("two")} }},
		})
		if took := time.Since(began); took > examineTime+graceTime {
			t.Errorf("it took %v", took)
		}
		want := []Report{
			{"slow", fine("slow")},
			{"hanging", amiss("gave no answer within 20s. See that it does, and check again.")},
			{"patient", amiss("no answer")},
			{"quick", fine("one")},
			{"quick", amiss("two")},
		}
		if len(reports) != len(want) {
			t.Fatalf("%v", reports)
		}
		for i := range want {
			if reports[i] != want[i] {
				t.Errorf("report %d is %v, want %v", i, reports[i], want[i])
			}
		}
	})
}
