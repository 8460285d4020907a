package bridge

import (
	"context"
	"crypto/rand"
	"io"
	"time"
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

// StoredFile is a file with what decides who may read it.
type StoredFile struct {
	File
	Endpoint     EndpointName   // where it came in
	Uploader     string         // the visitor's key, for a visitor's upload
	Conversation ConversationID // 0 until an entry carries it
	Here         bool           // its bytes are in our Blobs
}

// FileBook remembers files.
type FileBook interface {
	// SaveFile inserts the file, or updates its type, size and Here.
	SaveFile(ctx context.Context, f StoredFile) error
	// FilesElsewhere lists at most limit files that are not Here and were mentioned at or after since, oldest first:
	// their ID and Source.
	FilesElsewhere(ctx context.Context, since time.Time, limit int) ([]File, error)
	// FileByID returns ErrNotFound for an unknown file.
	FileByID(ctx context.Context, id FileID) (StoredFile, error)
}

// Blobs keeps bytes by file id.
type Blobs interface {
	// Put stores all of r, whole or not at all. More than limit bytes is ErrTooLarge.
	Put(ctx context.Context, id FileID, r io.Reader, limit int64) (size int64, err error)
	// Get streams the bytes. The caller closes it. ErrNotFound when there are none.
	Get(ctx context.Context, id FileID) (io.ReadCloser, error)
	// Remove deletes the bytes; removing what is not there is no error.
	Remove(ctx context.Context, id FileID) error
}

// NewFileID returns a random id.
func NewFileID() FileID { return FileID(rand.Text()) }
