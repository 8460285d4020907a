package files

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/skeindesk/skein/bridge"
)

// Probe proves that bytes can be kept, read and removed. The error says which of these failed and why.
func Probe(ctx context.Context, b bridge.Blobs) error {
	id, want := bridge.FileID("probe-"+rand.Text()), "may be removed at any time"
	if _, err := b.Put(ctx, id, strings.NewReader(want), 1024); err != nil {
		return err
	}
	err := readBack(ctx, b, id, want)
	if err = errors.Join(err, b.Remove(context.WithoutCancel(ctx), id)); err != nil {
		return err
	}
	if r, err := b.Get(ctx, id); err == nil {
		return errors.Join(errors.New("remove file: it is still there"), r.Close())
	} else if !errors.Is(err, bridge.ErrNotFound) {
		return fmt.Errorf("look for a file that is not there: %w", err)
	}
	return nil
}

func readBack(ctx context.Context, b bridge.Blobs, id bridge.FileID, want string) error {
	r, err := b.Get(ctx, id)
	if err != nil {
		return err
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil {
		return fmt.Errorf("read file: %w", err)
	} else if string(got) != want {
		return errors.New("read file: other bytes came back")
	}
	return nil
}
