package bridge_test

import (
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/quickreply"
	"github.com/skeindesk/skein/bridge/rich"
)

// What another instance keeps is found here within seconds.
func TestShelfFollowsOtherInstances(t *testing.T) {
	quickly(t, nil, func(w *world, thread bridge.ThreadRef) {
		w.must(w.store.Change(w.ctx, func(tx bridge.Tx) error {
			_, err := tx.SaveQuickReply(quickreply.Reply{Shortcut: "parking", Title: "Parking", Body: rich.Of("Under the house.")})
			return err
		}))
		time.Sleep(2 * time.Second)
		if got := w.asks(thread, "ana", "#parkin").Text; !strings.Contains(got, "Under the house.") {
			t.Errorf("two seconds later it shows %q", got)
		}
		w.must(w.store.Change(w.ctx, func(tx bridge.Tx) error {
			r, err := tx.QuickReplyByShortcut("Parking", 0)
			if err != nil {
				return err
			}
			return tx.RemoveQuickReply(r.ID)
		}))
		if got := w.asks(thread, "ana", "#parking").Text; strings.Contains(got, "Under the house.") {
			t.Errorf("what was removed is shown: %q", got)
		}
	})
}
