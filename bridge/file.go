package bridge

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"slices"
	"time"
)

// FileID names a file of ours. It is random: knowing one is not guessable, though reading still needs a right.
type FileID string

// File is a file that an entry carries. Bytes are stored once; until then they are at their Source. What the log holds of
// a file is what its platform said; what a Delivery holds has been found out from the bytes.
type File struct {
	ID     FileID  `json:"id"`
	Name   string  `json:"name"`
	Type   string  `json:"type"` // sniffed, not believed
	Size   int64   `json:"size"` // bytes
	Width  int     `json:"width,omitempty"`
	Height int     `json:"height,omitempty"`
	Source FileRef `json:"source,omitzero"` // zero: uploaded to us

	Link    string  `json:"-"` // in a Delivery: where anybody who has the address may fetch it, for some days; empty: nowhere
	Missing Missing `json:"-"` // why there is nothing to send; empty: there is
}

// Missing says why a file cannot be sent as one.
type Missing string

const (
	FileGone     Missing = "gone"      // its source no longer has it
	FileTooLarge Missing = "too large" // over the limit of what is copied
	FileEmpty    Missing = "empty"
	FileLate     Missing = "late" // its source did not answer in time; the link works as soon as it does
	// FileWithdrawn: its line has been edited or taken back since. In a Delivery whose first parts have been sent it keeps
	// its place, so that rendering it again gives the same parts; of those for it alone there is nothing left to send.
	FileWithdrawn Missing = "withdrawn"
)

// Standing are the files that have not been withdrawn.
func Standing(files []File) []File {
	return slices.DeleteFunc(slices.Clone(files), func(f File) bool { return f.Missing == FileWithdrawn })
}

// Picture reports whether the file is of a type that browsers draw and do nothing else with.
func (f File) Picture() bool {
	switch f.Type {
	case "image/png", "image/jpeg", "image/gif", "image/webp":
		return true
	}
	return false
}

// FileRef is a file as a platform names it; without an Endpoint it is another file of ours, its Ref being that one's ID.
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
	// OpenFile streams a file's bytes. The caller closes it. ErrNotFound when the file is gone, ErrTooLarge when it is
	// over the limit of what is copied.
	OpenFile(ctx context.Context, f File) (io.ReadCloser, error)
}

// StoredFile is a file with what decides who may read it.
type StoredFile struct {
	File
	Endpoint     EndpointName   // where it came in
	Uploader     string         // the visitor's key, for a visitor's upload
	Conversation ConversationID // 0 until an entry carries it
	Here         bool           // its bytes are in our Blobs
	Withdrawn    bool           // no entry carries it any more: it was taken back
}

// FileBook remembers files.
type FileBook interface {
	// SaveFile inserts the file, or updates its type, its size, Here and Missing.
	SaveFile(ctx context.Context, f StoredFile) error
	// FileByID returns ErrNotFound for an unknown file.
	FileByID(ctx context.Context, id FileID) (StoredFile, error)
}

// PorterBook is what the Porter needs beside FileBook.
type PorterBook interface {
	FileBook
	// FilesElsewhere lists at most limit files that are not Here, might be, and were mentioned at or after since, oldest
	// first: their ID and Source.
	FilesElsewhere(ctx context.Context, since time.Time, limit int) ([]File, error)
	// DisposeFiles chooses at most limit files whose bytes nobody needs any more, and makes them unreadable: uploads that
	// no entry has carried, and files that were withdrawn, more than age ago. Until FileDisposed it gives the same ones
	// again.
	DisposeFiles(ctx context.Context, age time.Duration, limit int) ([]FileID, error)
	// FileDisposed notes that the bytes of such a file have been removed, and forgets an upload. The name of a file that
	// an entry carried stays in the log.
	FileDisposed(ctx context.Context, id FileID) error
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

// Thumbnail is where the small picture of a file is kept, once it has been made.
func (id FileID) Thumbnail() FileID { return id + "-thumbnail" }

// NewFileID returns a random id.
func NewFileID() FileID { return FileID(rand.Text()) }

// missingBy is why a file can never be fetched whose source answered with err; empty: it may be later.
func missingBy(err error) Missing {
	f, isFailure := errors.AsType[*Failure](err)
	switch {
	case errors.Is(err, ErrTooLarge):
		return FileTooLarge
	case errors.Is(err, ErrNotFound), isFailure && f.Verdict == GiveUp:
		return FileGone
	}
	return ""
}

// err is what opening such a file gives; nil when it may be there.
func (m Missing) err() error {
	switch m {
	case FileTooLarge:
		return ErrTooLarge
	case FileGone, FileEmpty, FileWithdrawn:
		return ErrNotFound
	default:
		return nil
	}
}
