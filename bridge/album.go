package bridge

import (
	"context"
	"errors"
	"slices"
)

// takeRest takes in the messages of an album that the line which it became does not have. That line may have been logged
// when only some had come, and the platform offers them all again when it was never told.
func (d *Desk) takeRest(ctx context.Context, line Entry, album []Inbound) error {
	for _, in := range album {
		if line.holds(in.Files) {
			continue
		}
		if _, err := d.Accept(ctx, in); err != nil && !errors.Is(err, ErrSeen) {
			return err
		}
	}
	return nil
}

// holds reports whether the entry has all of the files, of which there are some.
func (en Entry) holds(files []FileRef) bool {
	for _, ref := range files {
		if !slices.ContainsFunc(en.Files, func(f File) bool { return f.Source.Ref == ref.Ref }) {
			return false
		}
	}
	return len(files) > 0
}
