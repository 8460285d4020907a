package telegram

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/skeindesk/skein/bridge"
)

var _ bridge.FileSource = (*Adapter)(nil)

// OpenSource streams a file that a visitor sent; see bridge.FileSource. Reading more than 20 MB gives
// bridge.ErrTooLarge.
func (a *Adapter) OpenSource(ctx context.Context, f bridge.FileRef) (io.ReadCloser, error) {
	var info struct {
		Path text   `json:"file_path"`
		Size number `json:"file_size"`
	}
	err := a.call(ctx, "getFile", tgbotapi.Params{"file_id": f.Ref}, &info)
	switch {
	case says(err, "too big"):
		return nil, fmt.Errorf("telegram: open file: %w", bridge.ErrTooLarge)
	case isCode(err, http.StatusBadRequest):
		return nil, fmt.Errorf("telegram: open file: %w", bridge.ErrNotFound)
	case err != nil:
		return nil, fmt.Errorf("telegram: open file: %w", failure("getFile", err))
	case info.Size > maxDownload:
		return nil, fmt.Errorf("telegram: open file: %w", bridge.ErrTooLarge)
	}
	body, err := a.download(ctx, string(info.Path))
	if err != nil {
		return nil, fmt.Errorf("telegram: open file: %w", err)
	}
	return body, nil
}

// download opens a path that getFile gave. The address holds the token, so that no part of it is in any error.
func (a *Adapter) download(ctx context.Context, path string) (io.ReadCloser, error) {
	if path == "" || strings.HasPrefix(path, "/") { // of a server of one's own that keeps files on its disk
		return nil, errors.New("the server does not offer the file for download")
	}
	ctx, cancel := context.WithTimeout(ctx, defaultUploadTime)
	address := a.cfg.APIURL + "/file/bot" + a.cfg.Token + "/" + (&url.URL{Path: path}).EscapedPath()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		cancel()
		return nil, errors.New("the file's address is not valid")
	}
	t := &trip{ctx: ctx, client: a.http}
	resp, err := t.get(req)
	if err != nil {
		cancel()
		return nil, failure("download", bare(err))
	}
	switch resp.StatusCode {
	case http.StatusOK:
		return &download{body: resp.Body, left: maxDownload, cancel: cancel}, nil
	case http.StatusNotFound:
		err = bridge.ErrNotFound
	default:
		err = failure("download", errStatus(resp.StatusCode))
	}
	_ = resp.Body.Close()
	cancel()
	return nil, err
}

// download is a stream with a limit and a deadline of its own.
type download struct {
	body   io.ReadCloser
	left   int64
	cancel func()
}

func (d *download) Read(p []byte) (int, error) {
	if int64(len(p)) > d.left+1 {
		p = p[:d.left+1]
	}
	n, err := d.body.Read(p)
	if d.left -= int64(n); d.left < 0 {
		return 0, bridge.ErrTooLarge
	}
	return n, err
}

func (d *download) Close() error {
	d.cancel()
	return d.body.Close()
}
