package bridge

import (
	"context"
	"io"
)

// FileID names a file of ours. It is random: knowing one is not guessable, though reading still needs a right.
type FileID string

// File is a file that an entry carries. Bytes are stored once; until Stored they are at their Source.
type File struct {
	ID     FileID  `json:"id"`
	Name   string  `json:"name"`
	Type   string  `json:"type"` // sniffed, not believed
	Size   int64   `json:"size"` // bytes
	Width  int     `json:"width,omitempty"`
	Height int     `json:"height,omitempty"`
	Source FileRef `json:"source,omitzero"` // zero: uploaded to us
}

// FileRef is a file as a platform names it.
type FileRef struct {
	Endpoint EndpointName `json:"endpoint,omitempty"`
	Ref      string       `json:"ref,omitempty"` // the adapter's own; opaque here
	Name     string       `json:"-"`
	Type     string       `json:"-"`
	Size     int64        `json:"-"` // bytes; 0: unknown
	Width    int          `json:"-"`
	Height   int          `json:"-"`
}

// Files opens the bytes of files, wherever they are at the moment.
type Files interface {
	// OpenFile streams a file's bytes. The caller closes it. ErrNotFound when the file is gone.
	OpenFile(ctx context.Context, f File) (io.ReadCloser, error)
}
