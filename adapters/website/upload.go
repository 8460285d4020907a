package website

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/gabriel-vasile/mimetype"

	"github.com/skeindesk/skein/bridge"
)

const (
	uploadTime   = 10 * time.Minute
	formOverhead = 64 << 10 // bytes of a multipart body beside the file
	sniffed      = 4 << 10  // bytes that mimetype looks at
)

// postFile stores one file. Bytes go from the connection to the store; nothing but the head is held in memory.
func (a *Adapter) postFile(w http.ResponseWriter, r *http.Request, v visitor) error {
	if err := a.limits.message(w, r, v.Key, a.address(r)); err != nil {
		return err
	}
	tooLarge := refuse(http.StatusRequestEntityTooLarge, "file_too_large", "The file is larger than %d MB.", a.cfg.MaxFileSize>>20)
	if r.ContentLength > a.cfg.MaxFileSize+formOverhead {
		w.Header().Set("Connection", "close")
		return tooLarge
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(uploadTime)) // not on every connection
	body := &arriving{ReadCloser: http.MaxBytesReader(w, r.Body, a.cfg.MaxFileSize+formOverhead)}
	part, err := filePart(r, body)
	if err != nil {
		return err
	}
	head := make([]byte, sniffed)
	n, err := io.ReadFull(part, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return body.blame(err)
	}
	head = head[:n]
	if n == 0 {
		return refuse(http.StatusUnprocessableEntity, "empty_file", "The file is empty.")
	}
	f := bridge.StoredFile{Endpoint: a.cfg.Name, Uploader: v.Key, Here: true}
	f.ID, f.Name, f.Type = newFileID(), bridge.FileName(part.FileName()), mimetype.Detect(head).String()
	if refused(f.Type, f.Name) {
		return refuse(http.StatusUnsupportedMediaType, "file_type", "Files of this type are not accepted.")
	}
	f.Size, err = a.cfg.Blobs.Put(r.Context(), f.ID, io.MultiReader(bytes.NewReader(head), part), a.cfg.MaxFileSize)
	if errors.Is(err, bridge.ErrTooLarge) {
		return tooLarge
	} else if err != nil {
		return body.blame(fmt.Errorf("store file: %w", err))
	}
	if f.Picture() {
		f.Width, f.Height = a.dimensions(r.Context(), f.ID)
	}
	if err := a.cfg.Book.SaveFile(r.Context(), f); err != nil {
		_ = a.cfg.Blobs.Remove(context.WithoutCancel(r.Context()), f.ID) // nobody knows of it
		return fmt.Errorf("remember file: %w", err)
	}
	answer(w, http.StatusCreated, shownFile(f.File))
	return nil
}

// filePart finds the file in the form that body is.
func filePart(r *http.Request, body *arriving) (*multipart.Part, error) {
	r.Body = body
	form, err := r.MultipartReader()
	if err != nil {
		return nil, refuse(http.StatusUnsupportedMediaType, "content_type", "The body must be multipart/form-data.")
	}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, refuse(http.StatusBadRequest, "no_file", `The form has no part named "file".`)
		} else if err != nil {
			return nil, body.blame(err)
		}
		if part.FormName() == "file" {
			return part, nil
		}
	}
}

// arriving is a body that remembers how it broke off.
type arriving struct {
	io.ReadCloser
	err error
}

func (b *arriving) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}

// blame tells a client that sent nonsense, was too slow or went away from a failure of ours. err is what an upload
// ended with.
func (b *arriving) blame(err error) error {
	_, big := errors.AsType[*http.MaxBytesError](b.err)
	switch {
	case big:
		return b.err
	case errors.Is(b.err, os.ErrDeadlineExceeded):
		return errSlow
	case b.err != nil, errors.Is(err, io.ErrUnexpectedEOF), strings.HasPrefix(err.Error(), "multipart: "):
		return refuse(http.StatusBadRequest, "form", "The form ended early or is not a form.")
	}
	return err
}

func newFileID() bridge.FileID {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return bridge.FileID(base64.RawURLEncoding.EncodeToString(b[:]))
}

// dimensions are those of a stored picture in pixels; 0 when it does not say.
func (a *Adapter) dimensions(ctx context.Context, id bridge.FileID) (width, height int) {
	if a.cfg.Pictures == nil {
		return 0, 0
	}
	bytes, err := a.cfg.Blobs.Get(ctx, id)
	if err != nil {
		return 0, 0
	}
	defer bytes.Close()
	_, width, height = a.cfg.Pictures.Look(bytes)
	return width, height
}

// Programs are refused: a team member would have to be asked not to open them. A script's bytes say little, so names
// count as well.
var (
	refusedTypes = []string{
		"application/vnd.microsoft.portable-executable", "application/x-elf", "application/x-object",
		"application/x-executable", "application/x-sharedlib", "application/x-coredump", "application/x-mach-binary",
		"application/x-ms-installer", "application/x-ms-shortcut", "application/jar", "application/java-archive",
		"application/x-java-applet", "application/wasm", "application/x-installshield", "application/x-chrome-extension",
		"application/vnd.android.package-archive", "application/vnd.debian.binary-package", "application/x-rpm",
		"text/html", "application/xhtml+xml", "text/javascript", "text/x-shellscript", "text/x-php", "text/x-perl",
		"text/x-python", "text/x-ruby", "text/x-lua", "text/x-tcl",
	}
	refusedExtensions = []string{
		".ade", ".adp", ".apk", ".app", ".appx", ".bat", ".chm", ".cmd", ".com", ".cpl", ".dll", ".dmg", ".exe", ".hta",
		".htm", ".html", ".inf", ".ins", ".isp", ".jar", ".js", ".jse", ".lib", ".lnk", ".mjs", ".msc", ".msi", ".msix",
		".msp", ".mst", ".nsh", ".pif", ".ps1", ".psm1", ".reg", ".scr", ".sct", ".sh", ".shb", ".sys", ".vb", ".vbe",
		".vbs", ".vxd", ".wsc", ".wsf", ".wsh", ".xhtml", ".xll",
	}
)

func refused(kind, name string) bool {
	kind, _, _ = strings.Cut(kind, ";")
	return slices.Contains(refusedTypes, kind) || slices.Contains(refusedExtensions, strings.ToLower(path.Ext(name)))
}
