package workbench

import (
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// events tells an open page that what it shows may have changed, by events "changed" without data: the page asks for itself
// again. With ?conversation=N it is about that one only. A hint may be lost; a page that cares asks now and then.
func (b *Workbench) events(v *visit) error {
	only, _ := strconv.ParseInt(v.FormValue("conversation"), 10, 64)
	news := make(chan struct{}, 1)
	defer b.cfg.Hub.Subscribe(func(c bridge.ConversationID) {
		if only != 0 && c != bridge.ConversationID(only) {
			return
		}
		select {
		case news <- struct{}{}:
		default: // one is on its way
		}
	})()
	h := v.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	out := http.NewResponseController(v.w)
	write := func(text string) bool {
		_ = out.SetWriteDeadline(time.Now().Add(eventWithin)) // not on every connection
		_, err := io.WriteString(v.w, text)
		return err == nil && out.Flush() == nil
	}
	alive := time.NewTicker(aliveEvery)
	defer alive.Stop()
	for ok := write(": open\n\n"); ok; {
		select {
		case <-v.Context().Done():
			return nil
		case <-b.closing:
			return nil
		case <-news:
			ok = write("event: changed\ndata:\n\n")
		case <-alive.C:
			if _, err := b.signedIn(v.Request); err != nil { // signed out, or no longer in the team
				return nil
			}
			ok = write(": alive\n\n")
		}
	}
	return nil
}

// liveHeader is set by an open page that asks for itself again: what the next page is to be told is not for it.
const liveHeader = "Skein-Live"

const (
	eventWithin = 10 * time.Second
	aliveEvery  = 20 * time.Second
)
