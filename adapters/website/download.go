package website

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"

	"github.com/skeindesk/skein/bridge"
)

var (
	errNoFile        = refuse(http.StatusNotFound, "no_such_file", "There is no such file.")
	errWithdrawnFile = refuse(http.StatusGone, "withdrawn_file", "This file was taken back by whoever sent it.")
	errNoThumbnail   = refuse(http.StatusNotFound, "no_thumbnail", "There is no small picture of this file.")
	errFileGone      = refuse(http.StatusGone, "file_gone", "This file no longer exists.")
	errFileNotKept   = refuse(http.StatusGone, "file_gone", "This file is too large and was not kept.")
)

// getFile streams a file to a visitor who has a right to it. Whoever has none is told the same as if it did not exist.
func (a *Adapter) getFile(w http.ResponseWriter, r *http.Request, v visitor) error {
	f, err := a.cfg.Book.FileByID(r.Context(), bridge.FileID(r.PathValue("id")))
	if errors.Is(err, bridge.ErrNotFound) {
		return errNoFile
	} else if err != nil {
		return fmt.Errorf("find file: %w", err)
	}
	if may, err := a.mayRead(r.Context(), f, v); err != nil {
		return err
	} else if !may {
		return errNoFile
	}
	if f.Withdrawn {
		return errWithdrawnFile
	}
	switch size := r.URL.Query().Get("size"); size {
	case "":
		return a.sendFile(w, r, f)
	case "thumbnail":
		return a.sendThumbnail(w, r, f)
	default:
		return refuse(http.StatusBadRequest, "size", "size may be thumbnail, or left out.")
	}
}

func (a *Adapter) sendFile(w http.ResponseWriter, r *http.Request, f bridge.StoredFile) error {
	bytes, err := a.cfg.Files.OpenFile(r.Context(), f.File)
	switch {
	case errors.Is(err, bridge.ErrTooLarge):
		return errFileNotKept
	case errors.Is(err, bridge.ErrNotFound):
		return errFileGone
	case err != nil:
		return fmt.Errorf("open file: %w", err)
	}
	defer bytes.Close()
	if !f.Here { // it has just been copied: only now its size and type are known
		if f, err = a.cfg.Book.FileByID(r.Context(), f.ID); err != nil {
			return fmt.Errorf("find file: %w", err)
		}
	}
	fileHeaders(w.Header(), f.File)
	if _, err := io.Copy(w, bytes); err != nil && r.Context().Err() == nil {
		a.cfg.Logger.WarnContext(r.Context(), "file cut off", "error", err)
		panic(http.ErrAbortHandler) // the client must not take a half for the whole
	}
	return nil
}

// sendThumbnail sends a small picture of a picture. A browser that cannot have one asks for the whole or shows the name.
func (a *Adapter) sendThumbnail(w http.ResponseWriter, r *http.Request, f bridge.StoredFile) error {
	if a.cfg.Pictures == nil || f.Here && !f.Picture() {
		return errNoThumbnail
	}
	if !f.Here { // until it has been copied, nobody knows whether it is a picture
		bytes, err := a.cfg.Files.OpenFile(r.Context(), f.File)
		if err == nil {
			err = bytes.Close()
		}
		if err == nil {
			f, err = a.cfg.Book.FileByID(r.Context(), f.ID)
		}
		if err != nil {
			return errNoThumbnail
		}
	}
	small, err := a.cfg.Pictures.OpenThumbnail(r.Context(), f.File)
	if err != nil {
		a.cfg.Logger.DebugContext(r.Context(), "no thumbnail", "error", err)
		return errNoThumbnail
	}
	f.Type, f.Size = http.DetectContentType(small), int64(len(small))
	fileHeaders(w.Header(), f.File)
	_, _ = w.Write(small) // the client may have gone
	return nil
}

// mayRead reports whether a file is the visitor's own upload or is carried by an entry that the visitor is shown.
func (a *Adapter) mayRead(ctx context.Context, f bridge.StoredFile, v visitor) (bool, error) {
	if f.Endpoint == a.cfg.Name && f.Uploader == v.Key {
		return true, nil
	}
	if f.Conversation == 0 {
		return false, nil
	}
	c, err := a.cfg.Log.ConversationAt(ctx, a.cfg.Name, v.thread())
	if errors.Is(err, bridge.ErrNotFound) {
		return false, nil
	} else if err != nil {
		return false, fmt.Errorf("find conversation: %w", err)
	}
	if c.ID != f.Conversation {
		return false, nil
	}
	return a.carries(ctx, c.ID, f.ID)
}

// carries looks for an entry that has the file as it stands now: an edit replaces its target's files, a deletion leaves
// none. Being part of the conversation is not enough: agents have files among themselves.
func (a *Adapter) carries(ctx context.Context, c bridge.ConversationID, id bridge.FileID) (bool, error) {
	carriers := map[int64]bool{}
	for after := int64(0); ; {
		read, _, err := a.cfg.Log.Visible(ctx, c, a.cfg.Name, bridge.RoleVisitor, after, maxPage)
		if err != nil {
			return false, fmt.Errorf("read entries: %w", err)
		}
		for _, en := range read {
			after = en.Seq
			e, ok := shown(a.cfg.Name, en)
			switch has := slices.ContainsFunc(e.Files, func(f file) bool { return f.ID == id }); {
			case !ok:
			case has:
				carriers[carrier(en)] = true
			default:
				delete(carriers, carrier(en))
			}
		}
		if len(read) < maxPage {
			return len(carriers) > 0, nil
		}
	}
}

// carrier is the message that an entry makes, changes or takes back.
func carrier(en bridge.Entry) int64 {
	if en.Kind == bridge.Edited || en.Kind == bridge.Deleted {
		return en.Target
	}
	return en.Seq
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
	h.Set("Cross-Origin-Resource-Policy", "cross-origin") // the token is the right to it, not the page
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "private, max-age=86400, immutable")
	if f.Size > 0 {
		h.Set("Content-Length", strconv.FormatInt(f.Size, 10))
	}
}
