package webtest

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Entry is an entry of the conversation as the visitor is shown it.
type Entry struct {
	Seq    int64  `json:"seq"`
	Kind   string `json:"kind"`
	Target int64  `json:"target"`
	By     struct {
		Kind   string `json:"kind"`
		Name   string `json:"name"`
		Avatar string `json:"avatar"`
	} `json:"by"`
	Text  string    `json:"text"`
	HTML  string    `json:"html"`
	State string    `json:"state"`
	Files []File    `json:"files"`
	At    time.Time `json:"at"`
}

// File is a file of an entry, or one just uploaded.
type File struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Type   string `json:"type"`
	Size   int64  `json:"size"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

// Transcript is what the stream has brought so far. It panics when the server has broken its promise: an entry came
// twice or before an earlier one.
func (v *Visitor) Transcript() []Entry {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.broken != nil {
		panic(v.broken)
	}
	return slices.Clone(v.transcript)
}

// Broken says how the server broke its promise, if it did.
func (v *Visitor) Broken() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.broken
}

// Last is the number of the newest entry heard, 0 before the first.
func (v *Visitor) Last() int64 {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.lastLocked()
}

func (v *Visitor) lastLocked() int64 {
	if len(v.transcript) == 0 {
		return 0
	}
	return v.transcript[len(v.transcript)-1].Seq
}

// Unheard lists the acknowledged messages that the stream has not brought, or with another text: after the end, those
// that were lost. Texts that the server cleans count as other texts.
func (v *Visitor) Unheard() []Said {
	v.mu.Lock()
	defer v.mu.Unlock()
	var out []Said
	for _, s := range v.said {
		i, found := slices.BinarySearchFunc(v.transcript, s.Seq, func(e Entry, seq int64) int { return int(e.Seq - seq) })
		if !found || v.transcript[i].Text != s.Text {
			out = append(out, s)
		}
	}
	return out
}

// Await waits until the transcript is as wanted. want must not keep or change its argument.
func (v *Visitor) Await(ctx context.Context, want func([]Entry) bool) error {
	return v.await(ctx, func() bool { return want(v.transcript) })
}

// AwaitText waits for an entry with exactly this text.
func (v *Visitor) AwaitText(ctx context.Context, text string) error {
	return v.Await(ctx, func(heard []Entry) bool {
		return slices.ContainsFunc(heard, func(e Entry) bool { return e.Text == text })
	})
}

// AwaitConnected waits until a stream is open.
func (v *Visitor) AwaitConnected(ctx context.Context) error {
	return v.await(ctx, func() bool { return v.connected > 0 })
}

func (v *Visitor) await(ctx context.Context, done func() bool) error {
	for {
		v.mu.Lock()
		ok, broken, changed, heard := done(), v.broken, v.changed, len(v.transcript)
		v.mu.Unlock()
		switch {
		case broken != nil:
			return broken
		case ok:
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("awaited in vain after %d entries: %w", heard, context.Cause(ctx))
		case <-changed:
		}
	}
}

func (v *Visitor) append(e Entry) error {
	v.mu.Lock()
	last := v.lastLocked()
	if e.Seq > last {
		v.transcript = append(v.transcript, e)
		v.wakeLocked()
	}
	v.mu.Unlock()
	if e.Seq <= last {
		return v.breaks("entry %d came after entry %d", e.Seq, last)
	}
	return nil
}

// breaks records the first broken promise.
func (v *Visitor) breaks(format string, args ...any) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.broken == nil {
		v.broken = fmt.Errorf("promise broken: "+format, args...)
		v.wakeLocked()
	}
	return v.broken
}

func (v *Visitor) wakeLocked() {
	close(v.changed)
	v.changed = make(chan struct{})
}
