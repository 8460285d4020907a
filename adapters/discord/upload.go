package discord

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"

	"github.com/skeindesk/skein/bridge"
)

// upload posts a message with files: caption and files are one message.
func (a *Adapter) upload(ctx context.Context, path string, m outgoing, files []bridge.File, answer *message) *bridge.Failure {
	select {
	case a.uploads <- struct{}{}:
		defer func() { <-a.uploads }()
	case <-ctx.Done():
		return failure("create message", errNotMade{ctx.Err()})
	}
	ctx, cancel := context.WithTimeout(ctx, defaultUploadTime)
	defer cancel()
	for i, f := range files {
		m.Attachments = append(m.Attachments, namedAttachment{ID: strconv.Itoa(i), Name: plainFileName(f.Name)})
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if err := writeJSON(form, m); err != nil {
		return badPart(err)
	}
	for i, f := range files {
		if failed := a.pour(ctx, form, i, f); failed != nil {
			return failed
		}
	}
	if err := form.Close(); err != nil {
		return badPart(err)
	}
	if err := a.request(ctx, http.MethodPost, path, form.FormDataContentType(), body.Bytes(), answer); err != nil {
		return failure("create message", err)
	}
	return nil
}

func writeJSON(form *multipart.Writer, m outgoing) error {
	head := textproto.MIMEHeader{}
	head.Set("Content-Disposition", `form-data; name="payload_json"`)
	head.Set("Content-Type", "application/json")
	part, err := form.CreatePart(head)
	if err != nil {
		return err
	}
	return json.NewEncoder(part).Encode(m)
}

// pour copies the bytes of one file into the request.
func (a *Adapter) pour(ctx context.Context, form *multipart.Writer, i int, f bridge.File) *bridge.Failure {
	if a.cfg.Files == nil {
		return &bridge.Failure{Verdict: bridge.GiveUp, Public: "The file cannot be read.", Err: errors.New("no files to upload")}
	}
	bytes, err := a.cfg.Files.OpenFile(ctx, f)
	if err != nil {
		return cannotOpen(err)
	}
	defer bytes.Close()
	head := textproto.MIMEHeader{}
	name := strings.NewReplacer(`\`, `_`, `"`, `_`).Replace(plainFileName(f.Name))
	head.Set("Content-Disposition", fmt.Sprintf(`form-data; name="files[%d]"; filename="%s"`, i, name))
	head.Set("Content-Type", orText(oneLine(f.Type), "application/octet-stream"))
	part, err := form.CreatePart(head)
	if err != nil {
		return badPart(err)
	}
	n, err := io.Copy(part, io.LimitReader(bytes, a.cfg.UploadLimit+1))
	switch {
	case err != nil:
		return cannotOpen(err)
	case n > a.cfg.UploadLimit:
		return cannotOpen(bridge.ErrTooLarge)
	case n == 0:
		return &bridge.Failure{Verdict: bridge.GiveUp, Public: "The file is empty.", Err: errors.New("no bytes in file " + strconv.Itoa(i))}
	}
	return nil
}

func cannotOpen(err error) *bridge.Failure {
	switch {
	case errors.Is(err, bridge.ErrNotFound):
		return &bridge.Failure{Verdict: bridge.GiveUp, Public: "The file no longer exists.", Err: err}
	case errors.Is(err, bridge.ErrTooLarge):
		return &bridge.Failure{Verdict: bridge.GiveUp, Public: "The file is too large for Discord.", Err: err}
	}
	return &bridge.Failure{Verdict: bridge.Retry, Public: "The file cannot be read at the moment.", Err: err}
}
