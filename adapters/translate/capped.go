package translate

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// Usage is where the characters of a month are counted, by all instances together.
type Usage interface {
	// Spend adds characters, which may be fewer than none, to those of a month, such as "2026-11", and returns how many
	// there are now. It may be called concurrently.
	Spend(ctx context.Context, month string, characters int) (total int, err error)
}

// Capped counts the characters that a translator is asked for, by the month in UTC, and refuses what would be more than
// the cap; 0: nothing is refused. They are counted before the engine is asked and corrected when it has answered, so
// several requests at once stay under the cap too; after a crash in between some count that were never translated.
func Capped(t bridge.Translator, usage Usage, limit int) bridge.Translator {
	return &capped{t, usage, limit}
}

type capped struct {
	bridge.Translator
	usage Usage
	limit int
}

func (c *capped) Translate(ctx context.Context, r bridge.TranslationRequest) (bridge.Translation, error) {
	month := time.Now().UTC().Format("2006-01")
	asked := characters(r.Texts)
	total, err := c.usage.Spend(ctx, month, asked)
	if err != nil {
		return bridge.Translation{}, failed(bridge.Unavailable, "count the characters: %w", err)
	}
	spent := 0
	defer func() {
		if spent != asked { // whatever became of the request
			// What cannot be corrected stays counted.
			_, _ = c.usage.Spend(context.WithoutCancel(ctx), month, spent-asked)
		}
	}()
	if c.limit > 0 && total > c.limit {
		return bridge.Translation{}, failed(bridge.CapReached, "%d characters of %d are used in %s", total-asked, c.limit, month)
	}
	got, err := c.Translator.Translate(ctx, r)
	if err == nil {
		spent = got.Characters
	}
	return got, err
}

// Counter is a Usage in memory: for one process, until it ends.
type Counter struct {
	mu     sync.Mutex
	months map[string]int
}

var _ Usage = (*Counter)(nil)

// Spend implements Usage.
func (c *Counter) Spend(_ context.Context, month string, characters int) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.months == nil {
		c.months = map[string]int{}
	}
	c.months[month] += characters
	return c.months[month], nil
}

// String says how much was used in each month.
func (c *Counter) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return fmt.Sprint(c.months)
}
