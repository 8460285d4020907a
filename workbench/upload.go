package workbench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/skeindesk/skein/bridge"
)

const (
	uploadTime = 10 * time.Minute
	maxFiles   = 10 // of one line
)

// uploader is who has sent a file that no entry carries yet.
func uploader(a bridge.Agent) string { return strconv.FormatInt(int64(a.ID), 10) }

// uploaded reads a form with files, which go from the connection to the store, and keeps what was filled in as v.PostForm.
// Files that an earlier form had and that were not sent are named in its field "kept".
func (b *Workbench) uploaded(serve func(v *visit, files []bridge.File) error) func(v *visit) error {
	return func(v *visit) error {
		_ = http.NewResponseController(v.w).SetReadDeadline(time.Now().Add(uploadTime)) // not on every connection
		v.Body = http.MaxBytesReader(v.w, v.Body, maxForm+maxFiles*b.cfg.Files.Limit)
		form, err := v.MultipartReader()
		if errors.Is(err, http.ErrNotMultipart) {
			return b.formed(func(v *visit) error { return serve(v, nil) })(v)
		} else if err != nil {
			return errForm
		}
		v.PostForm = url.Values{}
		files, err := b.readParts(v, form)
		if err != nil {
			return err
		}
		v.Form = v.PostForm
		kept, err := b.keptFiles(v)
		if err != nil {
			return err
		}
		return serve(v, append(kept, files...))
	}
}

func (b *Workbench) readParts(v *visit, form *multipart.Reader) (files []bridge.File, err error) {
	for left := int64(maxForm); ; {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return files, nil
		} else if err != nil {
			return nil, errForm
		}
		if part.FormName() == "file" {
			f, err := b.upload(v, part)
			if err != nil {
				return nil, err
			}
			if f.Size > 0 { // a browser sends an empty one where none was chosen
				files = append(files, f)
			}
			if len(files) > maxFiles {
				return nil, &bridge.Problem{Code: "files", Public: fmt.Sprintf("Nothing was sent: a line has at most %d files.", maxFiles)}
			}
			continue
		}
		value, err := io.ReadAll(io.LimitReader(part, left+1))
		if left -= int64(len(value)); err != nil || left < 0 {
			return nil, errForm
		}
		v.PostForm.Add(part.FormName(), string(value))
	}
}

// upload stores one file.
func (b *Workbench) upload(v *visit, part *multipart.Part) (bridge.File, error) {
	f := bridge.StoredFile{Endpoint: bridge.Workbench, Uploader: uploader(v.agent), Here: true}
	f.ID, f.Name = bridge.NewFileID(), bridge.FileName(part.FileName())
	size, err := b.cfg.Files.Blobs.Put(v.Context(), f.ID, part, b.cfg.Files.Limit)
	_, big := errors.AsType[*http.MaxBytesError](err)
	switch {
	case errors.Is(err, bridge.ErrTooLarge), big:
		return bridge.File{}, &bridge.Problem{
			Code: "too_large", Public: fmt.Sprintf("Nothing was sent: %s is larger than %d MB.", f.Name, b.cfg.Files.Limit>>20),
		}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return bridge.File{}, errForm
	case err != nil:
		return bridge.File{}, fmt.Errorf("store a file: %w", err)
	}
	if f.Size = size; size > 0 {
		b.look(v.Context(), &f.File)
		err = b.cfg.Files.Book.SaveFile(v.Context(), f)
	}
	if size == 0 || err != nil {
		_ = b.cfg.Files.Blobs.Remove(context.WithoutCancel(v.Context()), f.ID) // nobody knows of it
	}
	return f.File, err
}

// look finds out what a stored file is.
func (b *Workbench) look(ctx context.Context, f *bridge.File) {
	f.Type = "application/octet-stream"
	if b.cfg.Files.Pictures == nil {
		return
	}
	bytes, err := b.cfg.Files.Blobs.Get(ctx, f.ID)
	if err != nil {
		return
	}
	defer bytes.Close()
	f.Type, f.Width, f.Height = b.cfg.Files.Pictures.Look(bytes)
}

// keptFiles are those of an earlier form: of the agent's own, and not sent since.
func (b *Workbench) keptFiles(v *visit) (files []bridge.File, err error) {
	for _, id := range v.PostForm["kept"] {
		f, err := b.cfg.Files.Book.FileByID(v.Context(), bridge.FileID(id))
		switch {
		case errors.Is(err, bridge.ErrNotFound):
			continue
		case err != nil:
			return nil, err
		}
		known := slices.ContainsFunc(files, func(other bridge.File) bool { return other.ID == f.ID })
		if f.Endpoint == bridge.Workbench && f.Uploader == uploader(v.agent) && f.Conversation == 0 && !f.Withdrawn && !known && len(files) < maxFiles {
			files = append(files, f.File)
		}
	}
	return files, nil
}
