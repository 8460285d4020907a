package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge"
)

const (
	// Slack shows an uploaded file only after it has looked at it (S:messaging/working-with-files). We wait a while,
	// so that the next message does not overtake it. What is not seen by then, Slack does not have.
	shareTime  = 5 * time.Second
	firstShare = 50 * time.Millisecond
)

// marker begins the names under which Slack keeps the files of a part. A message with files cannot carry metadata;
// by the name Find knows it again. People see the title, which is the file's own name.
func marker(key bridge.DeliveryKey) string {
	c, seq, part, _, ok := key.Parse()
	if !ok {
		return ""
	}
	return fmt.Sprintf("%d-%d-%d_", c, seq, part)
}

// upload posts a part that has files: caption and files are one message. Nothing can be seen in Slack before the
// last call, so whatever fails earlier may be repeated.
func (a *Adapter) upload(ctx context.Context, p bridge.Part, content post, channel, root string) (bridge.Sent, *bridge.Failure) {
	ids := make([]string, len(content.Files))
	titles := make([]map[string]string, len(content.Files))
	for i, f := range content.Files {
		id, failed := a.uploadOne(ctx, f, marker(p.Key)+plainFileName(f.Name))
		if failed != nil {
			return bridge.Sent{}, surely(failed)
		}
		ids[i] = id
		titles[i] = map[string]string{"id": id, "title": plainFileName(f.Name)}
	}
	list, err := json.Marshal(titles)
	if err != nil {
		return bridge.Sent{}, badPart(err)
	}
	args := values("files", string(list), "channel_id", channel)
	set := func(name, value string) {
		if value != "" {
			args.Set(name, value)
		}
	}
	set("thread_ts", root)
	set("initial_comment", content.Text)
	set("username", content.Name)
	if strings.HasPrefix(content.Icon, ":") {
		set("icon_emoji", content.Icon)
	} else {
		set("icon_url", content.Icon)
	}
	if err := a.call(ctx, "files.completeUploadExternal", args, &struct{}{}); err != nil {
		return a.inDoubt(ctx, failure("files.completeUploadExternal", err), channel, root, ids)
	}
	return a.shown(ctx, channel, root, ids)
}

// inDoubt judges an upload whose last call failed. Where that call may have been carried out, only now are the ids
// known by which the files can be found, however long their bytes were on the way.
func (a *Adapter) inDoubt(ctx context.Context, f *bridge.Failure, channel, root string, ids []string) (bridge.Sent, *bridge.Failure) {
	if f.Verdict != bridge.Unsure {
		return bridge.Sent{}, f
	}
	sent, strayed := a.shown(ctx, channel, root, ids)
	if place, err := parseMessage(sent.Message); strayed == nil && (err != nil || place.ts == "") {
		return bridge.Sent{}, f
	}
	return sent, strayed
}

// uploadOne moves the bytes of one file to Slack.
func (a *Adapter) uploadOne(ctx context.Context, f bridge.File, name string) (id string, failed *bridge.Failure) {
	if f.Size <= 0 || a.cfg.Files == nil {
		return "", &bridge.Failure{Verdict: bridge.GiveUp, Public: "The file is empty or cannot be read.", Err: errors.New("no bytes to upload")}
	}
	ctx, cancel := context.WithTimeout(ctx, defaultUploadTime)
	defer cancel()
	bytes, err := a.cfg.Files.OpenFile(ctx, f)
	if err != nil {
		return "", cannotOpen(err)
	}
	defer bytes.Close()
	var ticket struct {
		URL  string `json:"upload_url"`
		File string `json:"file_id"`
	}
	err = a.call(ctx, "files.getUploadURLExternal", values("filename", name, "length", strconv.FormatInt(f.Size, 10)), &ticket)
	if err != nil {
		return "", failure("files.getUploadURLExternal", err)
	}
	if err := a.pour(ctx, ticket.URL, bytes, f.Size); err != nil {
		if errors.Is(err, bridge.ErrTooLarge) || errors.Is(err, bridge.ErrNotFound) { // of where the bytes come from
			return "", cannotOpen(err)
		}
		return "", failure("upload", err)
	}
	return ticket.File, nil
}

func cannotOpen(err error) *bridge.Failure {
	switch {
	case errors.Is(err, bridge.ErrNotFound):
		return &bridge.Failure{Verdict: bridge.GiveUp, Public: "The file no longer exists.", Err: err}
	case errors.Is(err, bridge.ErrTooLarge):
		return &bridge.Failure{Verdict: bridge.GiveUp, Public: "The file is too large to be passed on.", Err: err}
	}
	return &bridge.Failure{Verdict: bridge.Retry, Public: "The file cannot be read at the moment.", Err: err}
}

// pour streams exactly size bytes to an upload address, which is its own authorisation: no token goes there.
func (a *Adapter) pour(ctx context.Context, address string, bytes io.Reader, size int64) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes)
	if err != nil {
		return errors.New("the upload address is not valid")
	}
	req.ContentLength = size
	req.Header.Set("Content-Type", "application/octet-stream")
	resp, err := a.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection can be used again
	return checkStatus(resp)
}

// shown waits until the files can be seen and returns the message that shows them, without its ts when that takes
// too long.
func (a *Adapter) shown(ctx context.Context, channel, root string, ids []string) (bridge.Sent, *bridge.Failure) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shareTime)
	defer cancel()
	for wait := firstShare; ctx.Err() == nil; wait *= 2 {
		where, err := a.shares(ctx, ids[0], channel)
		if err == nil && where.TS != "" {
			message := makeMessage(channel, string(where.TS), ids...)
			if root != "" && string(where.ThreadTS) != root {
				return bridge.Sent{}, a.stray(ctx, message)
			}
			return opened(bridge.Sent{Message: message}, channel, root, string(where.TS)), nil
		}
		pause(ctx, wait)
	}
	return bridge.Sent{Message: makeMessage(channel, "", ids...)}, nil
}

// opened adds the thread when the message was to begin one.
func opened(sent bridge.Sent, channel, root, ts string) bridge.Sent {
	if root == "" {
		sent.Thread = makeThread(channel, ts)
	}
	return sent
}

// shares asks where a file is shown in a channel; the zero share when it is not shown there yet.
func (a *Adapter) shares(ctx context.Context, id, channel string) (share, error) {
	var answer struct {
		File file `json:"file"`
	}
	if err := a.call(ctx, "files.info", values("file", id), &answer); err != nil {
		return share{}, err
	}
	for _, places := range []map[string][]share{answer.File.Shares.Public, answer.File.Shares.Private} {
		for _, s := range places[channel] {
			if validTS(string(s.TS)) {
				return s, nil
			}
		}
	}
	return share{}, nil
}

// located finds the ts of a message that is known by its files only; it stays empty when no message shows them.
func (a *Adapter) located(ctx context.Context, m bridge.MessageRef) (messagePlace, error) {
	place, err := parseMessage(m)
	if err != nil {
		return messagePlace{}, &bridge.Failure{Verdict: bridge.GiveUp, Public: "The message's place in Slack is not known.", Err: err}
	}
	if place.ts != "" {
		return place, nil
	}
	where, err := a.shares(ctx, place.files[0], place.channel)
	if err != nil && !isCode(err, "file_not_found", "file_deleted") {
		return messagePlace{}, err
	}
	place.ts = string(where.TS)
	return place, nil
}

// maxFileName is far below what file systems allow, with our marker before it.
const maxFileName = 150

// plainFileName is a name that stays within its folder and on its line. A long one loses its middle, not its ending.
func plainFileName(name string) string {
	name = oneLine(name[strings.LastIndexAny(name, `/\`)+1:])
	name = orText(strings.Trim(name, ". "), "file")
	if runes := []rune(name); len(runes) > maxFileName {
		name = string(runes[:maxFileName-21]) + "…" + string(runes[len(runes)-20:])
	}
	return name
}
