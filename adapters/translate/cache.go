package translate

import (
	"cmp"
	"container/list"
	"context"
	"sync"

	"github.com/skeindesk/skein/bridge"
)

// longest is how many bytes a text may have that is remembered here.
const longest = 8 << 10

// Key is what a translation is remembered by.
type Key struct {
	From, To string // as they were asked for
	Markup   bool
	Text     string
}

// Remembered is a translation of a Key's text, and the language it was in.
type Remembered struct{ Text, From string }

// Memory is where translations are kept for longer than Cached does, such as the log that they are written to anyway. It may
// be used concurrently. One that fails costs another translation, and nothing else.
type Memory interface {
	// Recall returns a translation; false: it has none.
	Recall(ctx context.Context, k Key) (Remembered, bool, error)
	// Remember may keep a translation.
	Remember(ctx context.Context, k Key, t Remembered) error
}

// Cached remembers the texts that were used last, so many of them at most, and asks the translator only for what neither it
// nor the memory knows. memory may be nil. What was remembered counts no characters.
func Cached(t bridge.Translator, size int, memory Memory) bridge.Translator {
	return &cached{Translator: t, size: size, memory: memory, order: list.New(), places: map[Key]*list.Element{}}
}

type cached struct {
	bridge.Translator
	size   int
	memory Memory

	mu     sync.Mutex
	order  *list.List // of cacheEntry, the last used first
	places map[Key]*list.Element
}

type cacheEntry struct {
	key   Key
	value Remembered
}

func (c *cached) Translate(ctx context.Context, r bridge.TranslationRequest) (bridge.Translation, error) {
	out := bridge.Translation{Texts: make([]string, len(r.Texts)), From: r.From}
	asked := r
	asked.Texts = nil
	var missing []int // where the texts belong that are asked for
	for i, text := range r.Texts {
		t, known := c.recall(ctx, Key{r.From, r.To, r.Markup, text})
		if !known {
			missing = append(missing, i)
			asked.Texts = append(asked.Texts, text)
			continue
		}
		out.Texts[i] = t.Text
		out.From = cmp.Or(out.From, t.From)
	}
	if len(missing) == 0 {
		return out, nil
	}
	got, err := c.Translator.Translate(ctx, asked)
	if err != nil {
		return bridge.Translation{}, err
	}
	if len(got.Texts) != len(missing) {
		return bridge.Translation{}, nonsense("%d texts for %d", len(got.Texts), len(missing))
	}
	for i, at := range missing {
		out.Texts[at] = got.Texts[i]
		k, t := Key{r.From, r.To, r.Markup, asked.Texts[i]}, Remembered{got.Texts[i], got.From}
		c.keep(k, t)
		if c.memory != nil {
			_ = c.memory.Remember(ctx, k, t) // as the port says
		}
	}
	out.From, out.Characters = cmp.Or(out.From, got.From), got.Characters
	return out, nil
}

func (c *cached) recall(ctx context.Context, k Key) (Remembered, bool) {
	if t, known := c.look(k); known {
		return t, true
	}
	if c.memory == nil {
		return Remembered{}, false
	}
	t, known, err := c.memory.Recall(ctx, k)
	if err != nil || !known {
		return Remembered{}, false
	}
	c.keep(k, t)
	return t, true
}

func (c *cached) look(k Key) (Remembered, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	place, known := c.places[k]
	if !known {
		return Remembered{}, false
	}
	c.order.MoveToFront(place)
	return place.Value.(cacheEntry).value, true
}

func (c *cached) keep(k Key, t Remembered) {
	if len(k.Text)+len(t.Text) > longest {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if place, known := c.places[k]; known {
		c.order.Remove(place)
	}
	c.places[k] = c.order.PushFront(cacheEntry{k, t})
	for c.order.Len() > c.size {
		oldest := c.order.Back()
		delete(c.places, oldest.Value.(cacheEntry).key)
		c.order.Remove(oldest)
	}
}
