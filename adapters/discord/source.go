package discord

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/skeindesk/skein/bridge"
)

var _ bridge.FileSource = (*Adapter)(nil)

// OpenSource streams a file that a person attached; see bridge.FileSource. The address of a file expires
// (D:reference#signed-attachment-cdn-urls), so that its message is asked for a new one each time. Reading more than
// Config.FileLimit bytes gives bridge.ErrTooLarge.
func (a *Adapter) OpenSource(ctx context.Context, f bridge.FileRef) (io.ReadCloser, error) {
	at := strings.LastIndexByte(f.Ref, '/')
	place, err := parseMessage(bridge.MessageRef(f.Ref[:max(at, 0)]))
	if err != nil {
		return nil, fmt.Errorf("discord: open file: %w", bridge.ErrNotFound)
	}
	var m message
	err = a.call(ctx, http.MethodGet, messagePath(place), nil, &m)
	if isCode(err, unknownMessage, unknownChannel) {
		return nil, fmt.Errorf("discord: open file: %w", bridge.ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("discord: open file: %w", failure("get message", err))
	}
	for _, l := range attachments(&m) {
		if string(l.ID) == f.Ref[at+1:] {
			return a.download(ctx, l)
		}
	}
	return nil, fmt.Errorf("discord: open file: %w", bridge.ErrNotFound)
}

// download asks without the token: the address is its own authorisation.
func (a *Adapter) download(ctx context.Context, f attachment) (io.ReadCloser, error) {
	if f.Size.V > a.cfg.FileLimit {
		return nil, fmt.Errorf("discord: open file: %w", bridge.ErrTooLarge)
	}
	u, err := url.Parse(string(f.URL))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("discord: open file: its address is not valid")
	}
	ctx, cancel := context.WithTimeout(ctx, defaultUploadTime)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		cancel()
		return nil, errors.New("discord: open file: its address is not valid")
	}
	resp, err := a.cfg.Client.Do(req)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("discord: open file: %w", failure("download", err))
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		cancel()
		if resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusGone {
			return nil, fmt.Errorf("discord: open file: %w", bridge.ErrNotFound)
		}
		return nil, fmt.Errorf("discord: open file: %w", failure("download", &apiError{status: resp.StatusCode}))
	}
	return &download{body: resp.Body, left: a.cfg.FileLimit, cancel: cancel}, nil
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
