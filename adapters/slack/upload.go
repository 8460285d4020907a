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

	"github.com/skeindesk/skein/adapters/intake"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

const (
	maxUpload = 1 << 30 // bytes of one file (S:messaging/working-with-files); a workspace may allow less
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
// last call, so whatever fails earlier may be repeated. Of a file that Slack refuses, the caption says where it is.
func (a *Adapter) upload(ctx context.Context, p bridge.Part, content post, channel, root string) (bridge.Sent, *bridge.Failure) {
	var ids []string
	var titles []map[string]string
	var links rich.Doc // to what is uploaded, from us
	linked := true
	for _, f := range content.Files {
		id, failed := a.uploadOne(ctx, f, marker(p.Key)+plainFileName(f.Name))
		switch {
		case failed == nil:
			ids, links, linked = append(ids, id), append(links, f.About()), linked && f.Link != ""
			titles = append(titles, map[string]string{"id": id, "title": plainFileName(f.Name)})
		case failed.Verdict == bridge.GiveUp && f.Link != "":
			content = content.adding(rich.Doc{f.About()})
		default:
			return bridge.Sent{}, surely(failed)
		}
	}
	if len(ids) == 0 {
		return a.say(ctx, p, content, channel, root)
	}
	list, err := json.Marshal(titles)
	if err != nil {
		return bridge.Sent{}, badPart(err)
	}
	args := values("files", string(list), "channel_id", channel)
	if len(content.Blocks) > 0 { // Slack shows them as they are; in an initial_comment it would look for names and addresses
		blocks, err := json.Marshal(content.Blocks)
		if err != nil {
			return bridge.Sent{}, badPart(err)
		}
		args.Set("blocks", string(blocks))
	}
	set := func(name, value string) {
		if value != "" {
			args.Set(name, value)
		}
	}
	set("thread_ts", root)
	set("username", content.Name)
	if strings.HasPrefix(content.Icon, ":") {
		set("icon_emoji", content.Icon)
	} else {
		set("icon_url", content.Icon)
	}
	err = a.call(ctx, "files.completeUploadExternal", args, &struct{}{})
	if err == nil {
		return a.shown(ctx, channel, root, ids)
	}
	f := failure("files.completeUploadExternal", err)
	if f.Verdict == bridge.GiveUp && linked {
		return a.say(ctx, p, content.adding(links), channel, root) // the caption must not be lost with them
	}
	return a.inDoubt(ctx, f, channel, root, ids)
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
	if err := a.pour(ctx, ticket.URL, &exact{Reader: bytes, left: f.Size}, f.Size); err != nil {
		if errors.Is(err, bridge.ErrTooLarge) || errors.Is(err, bridge.ErrNotFound) || errors.Is(err, errOtherSize) {
			return "", cannotOpen(err) // it is about where the bytes come from
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
	case errors.Is(err, errOtherSize):
		return &bridge.Failure{Verdict: bridge.GiveUp, Public: "The file has another size than it was said to have.", Err: err}
	}
	return &bridge.Failure{Verdict: bridge.Retry, Public: "The file cannot be read at the moment.", Err: err}
}

var errOtherSize = errors.New("the file has another size than was announced")

// exact fails where a stream turns out to be shorter or longer than left bytes. net/http would notice as well, but with
// an error that cannot be told from a broken connection, which is worth trying again.
type exact struct {
	io.Reader
	left int64
}

func (e *exact) Read(p []byte) (int, error) {
	n, err := e.Reader.Read(p)
	e.left -= int64(n)
	if e.left == 0 && err == nil { // before the last byte goes out: once all have, the answer may come first
		var more int
		more, err = io.ReadFull(e.Reader, make([]byte, 1))
		e.left -= int64(more)
	}
	if e.left < 0 || errors.Is(err, io.EOF) && e.left > 0 {
		return 0, errOtherSize
	}
	return n, err
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
			if root != "" && string(where.ThreadTS) != root && channel != a.cfg.Colleagues {
				return bridge.Sent{}, a.stray(ctx, message)
			}
			return opened(bridge.Sent{Message: message}, channel, root, string(where.TS)), nil
		}
		intake.Pause(ctx, wait)
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
