package telegram

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	"github.com/skeindesk/skein/adapters/intake"
)

const maxAlbum = 10 // items of an album (T:sendmediagroup)

// newDispatcher returns one that hands on what was said as it came, the items of an album as one. together is how long
// an album waits for its next item.
func newDispatcher(handle func(context.Context, []happening) error, together time.Duration, log *slog.Logger) *intake.Dispatcher[happening] {
	return intake.NewDispatcher(intake.Rules[happening]{
		Handle:   handle,
		Thread:   func(h happening) string { return h.queue },
		Key:      func(h happening) string { return strconv.FormatInt(h.update, 10) },
		Together: func(h, other happening) bool { return h.isItem() && other.isItem() && h.album == other.album },
		Ready: func(ctx context.Context, group []happening, more <-chan struct{}) bool {
			last := group[len(group)-1]
			left := time.Until(last.came.Add(together))
			if !last.isItem() || len(group) >= maxAlbum || left <= 0 {
				return true
			}
			select {
			case <-time.After(left):
			case <-more:
			case <-ctx.Done():
			}
			return false
		},
	}, log)
}

// isItem reports whether something was said in an album.
func (h happening) isItem() bool { return h.album != "" && h.in.Message != "" }
