// Package files keeps the bytes of files that visitors and agents have sent, in a directory or in an object store, and
// serves them to whoever has a link.
//
//	directory object     where bytes are kept
//	link                 signed addresses that expire
//	look thumbnail       what bytes are; pictures made small
package files

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"time"

	"github.com/skeindesk/skein/bridge"
)

const (
	unfinished = "unfinished"   // where bytes go until they are complete
	abandoned  = 24 * time.Hour // an unfinished file older than this belongs to a process that died
	idLength   = 128            // characters at most
)

// Directory keeps each file under its id in one of many folders below a directory. Nothing outside that directory is
// ever touched, whatever an id or a symbolic link says. Several processes may share one directory. All methods may be
// called concurrently.
type Directory struct{ root *os.Root }

var _ bridge.Blobs = (*Directory)(nil)

// Open makes the directory if need be and clears away what dead processes left unfinished. The caller closes it.
func Open(dir string) (*Directory, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open file store: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open file store: %w", err)
	}
	d := &Directory{root}
	if err := d.tidy(time.Now()); err != nil {
		return nil, errors.Join(fmt.Errorf("open file store: %w", err), root.Close())
	}
	return d, nil
}

// Close gives up the directory. Files that are open stay readable.
func (d *Directory) Close() error { return d.root.Close() }

func (d *Directory) tidy(now time.Time) error {
	if err := d.root.MkdirAll(unfinished, 0o700); err != nil {
		return err
	}
	left, err := fs.ReadDir(d.root.FS(), unfinished)
	if err != nil {
		return err
	}
	for _, e := range left {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // another process has just finished it
		} else if err != nil {
			return err
		}
		if now.Sub(info.ModTime()) < abandoned {
			continue
		}
		if err := d.root.Remove(path.Join(unfinished, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// place is where the file of an id is kept: 4,096 folders at most, so that none grows large.
func place(id bridge.FileID) (folder, name string, err error) {
	if len(id) < 2 || len(id) > idLength {
		return "", "", fmt.Errorf("file id of %d characters: %w", len(id), bridge.ErrNotFound)
	}
	for _, r := range id {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '-', r == '_':
		default:
			return "", "", fmt.Errorf("file id with %q: %w", r, bridge.ErrNotFound)
		}
	}
	folder = "f" + string(id[:2])
	return folder, path.Join(folder, string(id)), nil
}

// Put stores all of r on disk, whole or not at all. More than limit bytes is bridge.ErrTooLarge.
func (d *Directory) Put(ctx context.Context, id bridge.FileID, r io.Reader, limit int64) (size int64, err error) {
	folder, name, err := place(id)
	if err != nil {
		return 0, fmt.Errorf("put file: %w", err)
	}
	draft := path.Join(unfinished, string(id)+"."+rand.Text())
	if size, err = d.write(ctx, draft, r, limit); err != nil {
		return 0, fmt.Errorf("put file: %w", errors.Join(err, d.removeIfThere(draft)))
	}
	if err := d.finish(draft, folder, name); err != nil {
		return 0, fmt.Errorf("put file: %w", errors.Join(err, d.removeIfThere(draft)))
	}
	return size, nil
}

func (d *Directory) write(ctx context.Context, name string, r io.Reader, limit int64) (size int64, err error) {
	f, err := d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	size, err = io.Copy(f, io.LimitReader(cancellable{ctx, r}, limit+1))
	if err != nil {
		return 0, err
	}
	if size > limit {
		return 0, bridge.ErrTooLarge
	}
	return size, f.Sync()
}

// finish moves a complete file to its place and makes that durable: a rename lives in the folders.
func (d *Directory) finish(draft, folder, name string) error {
	if err := d.root.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	if err := d.root.Rename(draft, name); err != nil {
		return err
	}
	return errors.Join(d.sync(folder), d.sync("."))
}

func (d *Directory) sync(folder string) error {
	f, err := d.root.Open(folder)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil && !cannotSyncFolders {
		return err
	}
	return nil
}

// Get streams the bytes. The caller closes it. bridge.ErrNotFound when there are none.
func (d *Directory) Get(_ context.Context, id bridge.FileID) (io.ReadCloser, error) {
	_, name, err := place(id)
	if err != nil {
		return nil, fmt.Errorf("get file: %w", err)
	}
	f, err := d.root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("get file: %w", bridge.ErrNotFound)
	} else if err != nil {
		return nil, fmt.Errorf("get file: %w", err)
	}
	return f, nil
}

// Remove deletes the bytes; removing what is not there is no error.
func (d *Directory) Remove(_ context.Context, id bridge.FileID) error {
	_, name, err := place(id)
	if errors.Is(err, bridge.ErrNotFound) {
		return nil
	}
	if err := d.removeIfThere(name); err != nil {
		return fmt.Errorf("remove file: %w", err)
	}
	return nil
}

func (d *Directory) removeIfThere(name string) error {
	if err := d.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// cancellable ends a copy when its context ends.
type cancellable struct {
	ctx context.Context
	r   io.Reader
}

func (c cancellable) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
