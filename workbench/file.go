package workbench

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"

	"github.com/skeindesk/skein/bridge"
)

// Files keeps files and opens them.
type Files struct {
	Book     bridge.FileBook
	Blobs    bridge.Blobs
	Open     bridge.Files
	Pictures Pictures // nil: there are no small ones
	Limit    int64    // bytes that a file may have which an agent sends
}

// Pictures knows what is in a file, and makes pictures small.
type Pictures interface {
	// Look finds out from its bytes what a file is; width and height are 0 when it does not say.
	Look(r io.Reader) (kind string, width, height int)
	// OpenThumbnail returns a small JPEG or PNG of a picture. An error says that there is none.
	OpenThumbnail(ctx context.Context, f bridge.File) ([]byte, error)
}

// shownFile is a file of a line.
type shownFile struct {
	bridge.File
	gone string // why it cannot be had; empty: it can
}

// shownFiles are the files of a line, each with what is known of its bytes.
func shownFiles(en bridge.Entry, stored []bridge.StoredFile) (files []shownFile) {
	known := map[bridge.FileID]bridge.StoredFile{}
	for _, f := range stored {
		known[f.ID] = f
	}
	for _, f := range en.Files {
		s := shownFile{File: f}
		if k, ok := known[f.ID]; ok {
			s.Type, s.Size, s.Missing = k.Type, k.Size, k.Missing
		}
		s.gone = map[bridge.Missing]string{
			bridge.FileGone: "no longer where it was sent", bridge.FileTooLarge: "too large, not kept", bridge.FileEmpty: "empty",
		}[s.Missing]
		files = append(files, s)
	}
	return files
}

func (f shownFile) address() string { return Base + "/files/" + string(f.ID) }

// file streams a file that an entry carries: whoever is in the team may read all conversations.
func (b *Workbench) file(v *visit) error {
	f, err := b.cfg.Files.Book.FileByID(v.Context(), bridge.FileID(v.PathValue("id")))
	switch {
	case err != nil:
		return err
	case f.Conversation == 0 && f.Uploader != uploader(v.agent):
		return bridge.ErrNotFound
	case f.Withdrawn:
		return &bridge.Problem{Code: "withdrawn", Public: "This file was taken back by whoever sent it."}
	}
	if v.FormValue("size") == "thumbnail" {
		return b.thumbnail(v, f.File)
	}
	bytes, err := b.cfg.Files.Open.OpenFile(v.Context(), f.File)
	switch {
	case errors.Is(err, bridge.ErrTooLarge):
		return &bridge.Problem{Code: "too_large", Public: "This file is too large and was not kept."}
	case err != nil:
		return err
	}
	defer bytes.Close()
	if !f.Here { // it has just been copied: only now its size and type are known
		if f, err = b.cfg.Files.Book.FileByID(v.Context(), f.ID); err != nil {
			return err
		}
	}
	fileHeaders(v.w.Header(), f.File)
	if _, err := io.Copy(v.w, bytes); err != nil && v.Context().Err() == nil {
		b.log.Warn("file cut off", "error", err)
		panic(http.ErrAbortHandler) // the browser must not take a half for the whole
	}
	return nil
}

// thumbnail sends a small picture. A browser that cannot have one shows the name.
func (b *Workbench) thumbnail(v *visit, f bridge.File) error {
	if b.cfg.Files.Pictures == nil || !f.Picture() {
		return bridge.ErrNotFound
	}
	small, err := b.cfg.Files.Pictures.OpenThumbnail(v.Context(), f)
	if err != nil {
		b.log.Debug("no thumbnail", "error", err)
		return bridge.ErrNotFound
	}
	f.Type, f.Size = http.DetectContentType(small), int64(len(small))
	fileHeaders(v.w.Header(), f)
	_, _ = v.w.Write(small) // the browser may have gone
	return nil
}

// fileHeaders keep a file from acting as a page of ours: only pictures that cannot hold script are shown in place.
func fileHeaders(h http.Header, f bridge.File) {
	kind, disposition := "application/octet-stream", "attachment"
	if f.Picture() {
		kind, disposition = f.Type, "inline"
	}
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": f.Name}))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cache-Control", "private, max-age=86400, immutable")
	if f.Size > 0 {
		h.Set("Content-Length", strconv.FormatInt(f.Size, 10))
	}
}
