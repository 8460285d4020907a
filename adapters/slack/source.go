package slack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/skeindesk/skein/bridge"
)

var _ bridge.FileSource = (*Adapter)(nil)

// OpenSource streams a file that a person attached; see bridge.FileSource. Reading more than Config.FileLimit bytes
// gives bridge.ErrTooLarge.
func (a *Adapter) OpenSource(ctx context.Context, f bridge.FileRef) (io.ReadCloser, error) {
	var answer struct {
		File file `json:"file"`
	}
	err := a.call(ctx, "files.info", values("file", f.Ref), &answer)
	if isCode(err, "file_not_found", "file_deleted") {
		return nil, fmt.Errorf("slack: open file: %w", bridge.ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("slack: open file: %w", failure("files.info", err))
	}
	info := answer.File
	if info.isPage() {
		return nil, fmt.Errorf("slack: open file: a canvas or a list: %w", bridge.ErrNotFound)
	}
	if info.Size > a.cfg.FileLimit {
		return nil, fmt.Errorf("slack: open file: %w", bridge.ErrTooLarge)
	}
	address := string(info.Download)
	if address == "" {
		address = string(info.Private)
	}
	if address == "" {
		return nil, fmt.Errorf("slack: open file: %w", bridge.ErrNotFound)
	}
	return a.download(ctx, address, string(info.Mimetype))
}

// isPage reports whether a file is what people write in Slack itself, such as a canvas or a list (mode and mimetype of
// S:reference/objects/file-object). It has no bytes of its own: its address shows a page to those who are signed in. Whoever
// attached one is told that it cannot be had, as with any file that is gone.
func (f *file) isPage() bool {
	switch f.Mode {
	case "canvas", "quip", "docs", "list":
		return true
	}
	return strings.HasPrefix(string(f.Mimetype), "application/vnd.slack-")
}

// download sends the token to addresses of Slack only, and to none that they redirect to.
func (a *Adapter) download(ctx context.Context, address, mimetype string) (io.ReadCloser, error) {
	if !a.mayHaveToken(address) {
		return nil, errors.New("slack: open file: its address is not one of Slack's")
	}
	ctx, cancel := context.WithTimeout(ctx, defaultUploadTime)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		cancel()
		return nil, errors.New("slack: open file: its address is not valid")
	}
	req.Header.Set("Authorization", "Bearer "+a.cfg.BotToken)
	client := *a.http
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(req)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("slack: open file: %w", failure("download", err))
	}
	if err := checkDownload(resp, mimetype); err != nil {
		_ = resp.Body.Close()
		cancel()
		return nil, fmt.Errorf("slack: open file: %w", err)
	}
	return &download{body: resp.Body, left: a.cfg.FileLimit, cancel: cancel}, nil
}

// checkDownload refuses the sign-in page that Slack shows, with status 200, to those who may not read a file.
func checkDownload(resp *http.Response, mimetype string) error {
	switch {
	case resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusGone:
		return bridge.ErrNotFound
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		return failure("download", errors.New("redirected, most likely to the sign-in page"))
	}
	if err := checkStatus(resp); err != nil {
		return failure("download", err)
	}
	got, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if got == "text/html" && !strings.HasPrefix(mimetype, "text/") {
		return &bridge.Failure{
			Verdict: bridge.Wait, After: operatorPause, Refused: true, Public: adviseScope,
			Err: errors.New("download: a sign-in page instead of the file"),
		}
	}
	return nil
}

// mayHaveToken reports whether an address is Slack's own, or on the host of the API that was configured.
func (a *Adapter) mayHaveToken(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	if api, err := url.Parse(a.cfg.APIURL); err == nil && u.Host == api.Host && u.Scheme == api.Scheme {
		return true
	}
	host := strings.ToLower(u.Hostname())
	for _, domain := range []string{"slack.com", "slack-gov.com"} {
		if u.Scheme == "https" && (host == domain || strings.HasSuffix(host, "."+domain)) {
			return true
		}
	}
	return false
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
