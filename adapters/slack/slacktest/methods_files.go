package slacktest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/skeindesk/skein/adapters/adaptertest/simulator"
)

// maxFile bounds one upload to the simulator.
const maxFile = 64 << 20

// File is a file as a person sees it beside a message.
type File struct {
	ID, Name, Title, Mimetype, User string
	Size                            int
	Deleted                         bool
}

type file struct {
	File
	data     []byte
	created  int64
	uploaded bool
	canvas   bool
	shared   bool     // completed: an upload can be completed once
	shares   []string // ts of the messages that show it
}

// wireFile is a file object (https://docs.slack.dev/reference/objects/file-object).
type wireFile struct {
	ID                 string `json:"id"`
	Created            int64  `json:"created,omitempty"`
	Timestamp          int64  `json:"timestamp,omitempty"`
	Name               string `json:"name,omitempty"`
	Title              string `json:"title,omitempty"`
	Mimetype           string `json:"mimetype,omitempty"`
	Filetype           string `json:"filetype,omitempty"`
	PrettyType         string `json:"pretty_type,omitempty"`
	User               string `json:"user,omitempty"`
	UserTeam           string `json:"user_team,omitempty"`
	Size               int    `json:"size,omitempty"`
	Mode               string `json:"mode"`
	IsPublic           bool   `json:"is_public,omitempty"`
	URLPrivate         string `json:"url_private,omitempty"`
	URLPrivateDownload string `json:"url_private_download,omitempty"`
	Permalink          string `json:"permalink,omitempty"`
	FileAccess         string `json:"file_access,omitempty"`
	Shares             any    `json:"shares,omitempty"`
}

func (s *Server) wireFile(f *file) wireFile {
	if f.Deleted {
		return wireFile{ID: f.ID, Mode: "tombstone"}
	}
	link := s.base + "/files-pri/" + s.opts.TeamID + "-" + f.ID + "/" + url.PathEscape(path.Base(f.Name))
	ext := strings.TrimPrefix(path.Ext(f.Name), ".")
	w := wireFile{
		ID: f.ID, Created: f.created, Timestamp: f.created, Name: f.Name, Title: f.Title, Mimetype: f.Mimetype,
		Filetype: ext, PrettyType: strings.ToUpper(ext), User: f.User, UserTeam: s.opts.TeamID, Size: f.Size,
		Mode: "hosted", IsPublic: true, URLPrivate: link, URLPrivateDownload: link, FileAccess: "visible",
		Permalink: "https://" + s.opts.TeamDomain + ".slack.com/files/" + f.User + "/" + f.ID,
	}
	if f.canvas {
		w.Mode, w.Filetype, w.PrettyType = "quip", "quip", "Canvas"
	}
	return w
}

func (s *Server) newFile(user, name string) *file {
	f := &file{File: File{ID: s.state.newID("F"), Name: name, Title: name, User: user}, created: time.Now().Unix()}
	s.state.files[f.ID] = f
	return f
}

func (f *file) fill(data []byte) {
	f.data, f.Size, f.uploaded = append([]byte{}, data...), len(data), true // nil is what a deleted one has
	if f.Mimetype = mime.TypeByExtension(path.Ext(f.Name)); f.Mimetype == "" {
		f.Mimetype = http.DetectContentType(data)
	}
	f.Mimetype, _, _ = strings.Cut(f.Mimetype, ";")
}

func (s *Server) filesGetUploadURL(c *call) (answer, error) {
	name, length := c.get("filename"), c.number("length", 0)
	if name == "" || length <= 0 {
		return nil, refuse("invalid_arguments")
	}
	if length > maxFile {
		return nil, refuse("file_upload_size_restricted")
	}
	f := s.newFile(s.opts.BotUserID, name)
	f.Size = length
	ticket := s.state.newID("upload-")
	s.state.tickets[ticket] = f
	return answer{"upload_url": s.base + "/upload/" + ticket, "file_id": f.ID}, nil
}

// serveUpload takes the bytes, raw or as the file part of a multipart form. Their number must be
// the announced one.
func (s *Server) serveUpload(w http.ResponseWriter, r *http.Request) {
	data, err := uploadBytes(r)
	if err != nil {
		http.Error(w, "cannot read the upload", http.StatusBadRequest)
		return
	}
	c := &call{name: "upload", at: time.Now()}
	fault := s.faultFor(c)
	if fault != nil && (!simulator.Pause(r.Context(), fault.Rule.Latency) || !fault.Rule.Act && s.misbehave(w, r, c, fault)) {
		return
	}
	s.mu.Lock()
	f := s.state.tickets[r.PathValue("ticket")]
	fits := f != nil && !f.uploaded && f.Size == len(data)
	if fits {
		f.fill(data)
	}
	s.calls.add(c.logged(nil, false))
	s.change()
	s.mu.Unlock()
	if fault != nil && fault.Rule.Act && s.misbehave(w, r, c, fault) {
		return
	}
	if !fits {
		http.Error(w, "unknown or used upload URL, or not the announced length", http.StatusBadRequest)
		return
	}
	_, _ = fmt.Fprintf(w, "OK - %d", len(data))
}

func uploadBytes(r *http.Request) ([]byte, error) {
	r.Body = http.MaxBytesReader(nil, r.Body, maxFile+1<<20)
	parts, err := r.MultipartReader()
	if err != nil {
		return io.ReadAll(r.Body)
	}
	for {
		part, err := parts.NextPart()
		if err != nil {
			return nil, err
		}
		if part.FileName() != "" {
			return io.ReadAll(part)
		}
	}
}

func (s *Server) filesCompleteUpload(c *call) (answer, error) {
	var wanted []struct{ ID, Title string }
	if json.Unmarshal([]byte(c.get("files")), &wanted) != nil || len(wanted) == 0 {
		return nil, refuse("invalid_arguments")
	}
	var files []*file
	summary := []map[string]string{}
	for _, item := range wanted {
		f := s.state.files[item.ID]
		if f == nil || !f.uploaded || f.shared || f.User != s.opts.BotUserID {
			return nil, refuse("file_not_found")
		}
		files = append(files, f)
	}
	post, err := s.readShare(c)
	if err != nil {
		return nil, err
	}
	for i, f := range files {
		f.shared = true
		if wanted[i].Title != "" {
			f.Title = wanted[i].Title
		}
		summary = append(summary, map[string]string{"id": f.ID, "title": f.Title})
	}
	post(files)
	return answer{"files": summary}, nil
}

// readShare checks where and how the files are to be shown, and returns the function that shows
// them: at once, after Options.ShareDelay, or when HoldShares lets them go.
func (s *Server) readShare(c *call) (func([]*file), error) {
	var ids []string
	if list := c.get("channels"); list != "" {
		ids = strings.Split(list, ",")
	} else if id := c.get("channel_id"); id != "" {
		ids = []string{id}
	}
	if c.get("thread_ts") != "" && len(ids) > 1 || c.get("initial_comment") != "" && c.get("blocks") != "" {
		return nil, refuse("invalid_arguments")
	}
	c.args["text"] = c.get("initial_comment")
	con, err := s.readContent(c)
	if err != nil && err.Error() != "no_text" {
		return nil, err
	}
	if con.text == "" {
		con.text = plainBlocks(con.blocks)
	}
	type place struct {
		ch   *channel
		root string
	}
	var places []place
	for _, id := range ids {
		ch, err := s.writableChannel(id)
		if err != nil {
			return nil, err
		}
		root, err := s.threadRoot(ch, c.get("thread_ts"))
		if err != nil {
			return nil, err
		}
		places = append(places, place{ch, root})
	}
	share := func(files []*file) {
		for _, p := range places {
			m := s.botMessage(con)
			m.Subtype, m.User, m.ThreadTS = "file_share", s.opts.BotUserID, p.root
			s.share(p.ch, m, files)
		}
	}
	return func(files []*file) {
		switch {
		case s.state.holdsShares:
			s.state.heldShares = append(s.state.heldShares, func() { share(files) })
		case s.opts.ShareDelay == 0:
			share(files)
		default:
			time.AfterFunc(s.opts.ShareDelay, func() { s.locked(func() { share(files) }) })
		}
	}, nil
}

// HoldShares keeps back the messages of uploads that are completed from now on, and lets them go (false).
func (s *Server) HoldShares(on bool) {
	s.locked(func() {
		s.state.holdsShares = on
		if on {
			return
		}
		for _, show := range s.state.heldShares {
			show()
		}
		s.state.heldShares = nil
	})
}

// share posts the message that shows files.
func (s *Server) share(ch *channel, m *message, files []*file) {
	for _, f := range files {
		m.fileIDs = append(m.fileIDs, f.ID)
	}
	s.state.add(ch, m)
	for _, f := range files {
		f.shares = append(f.shares, m.TS)
		s.emit(event{kind: "file_shared", channel: ch, inner: map[string]any{
			"type": "file_shared", "channel_id": ch.ID, "file_id": f.ID, "user_id": f.User,
			"file": map[string]string{"id": f.ID}, "event_ts": m.TS,
		}})
	}
	s.emitMessage(ch, m)
}

func (s *Server) filesInfo(c *call) (answer, error) {
	f := s.state.files[c.get("file")]
	switch {
	case f == nil || !f.uploaded:
		return nil, refuse("file_not_found")
	case f.Deleted:
		return nil, refuse("file_deleted")
	}
	kinds := map[string]map[string][]map[string]any{}
	for _, ts := range f.shares {
		m := s.state.byTS[ts]
		ch := s.state.channels[m.Channel]
		kind := "public"
		if ch.Private {
			kind = "private"
		}
		if kinds[kind] == nil {
			kinds[kind] = map[string][]map[string]any{}
		}
		entry := map[string]any{"ts": m.TS, "channel_name": ch.Name, "team_id": s.opts.TeamID, "reply_count": m.replies}
		if m.ThreadTS != "" {
			entry["thread_ts"] = m.ThreadTS
		}
		kinds[kind][ch.ID] = append(kinds[kind][ch.ID], entry)
	}
	w := s.wireFile(f)
	w.Shares = kinds
	return answer{"file": w, "comments": []any{}, "response_metadata": page("")}, nil
}

func (s *Server) filesDelete(c *call) (answer, error) {
	f := s.state.files[c.get("file")]
	switch {
	case f == nil || !f.uploaded:
		return nil, refuse("file_not_found")
	case f.Deleted:
		return nil, refuse("file_deleted")
	case f.User != s.opts.BotUserID:
		return nil, refuse("cant_delete_file")
	}
	s.deleteFile(f)
	return answer{}, nil
}

// deleteFile removes a file. A message that showed nothing else goes with it; another keeps a
// tombstone in the file's place.
func (s *Server) deleteFile(f *file) {
	prevs := make([]*wireMessage, len(f.shares))
	for i, ts := range f.shares {
		prevs[i] = s.wire(s.state.byTS[ts], false)
	}
	f.Deleted, f.data = true, nil
	for i, ts := range f.shares {
		m := s.state.byTS[ts]
		if m.Deleted {
			continue
		}
		ch, prev := s.state.channels[m.Channel], prevs[i]
		empty := m.Text == "" && !slices.ContainsFunc(m.fileIDs, func(id string) bool { return !s.state.files[id].Deleted })
		if empty {
			s.deleteMessage(ch, m)
		} else {
			s.emitChanged(ch, m, prev)
		}
	}
	s.emit(event{kind: "file_deleted", inner: map[string]any{
		"type": "file_deleted", "file_id": f.ID, "event_ts": s.state.newTS(),
	}})
}

// serveDownload gives the bytes to whoever has the bot token, and everyone else Slack's sign-in
// page with 200.
func (s *Server) serveDownload(w http.ResponseWriter, r *http.Request) {
	c := &call{name: "download", at: time.Now()}
	if f := s.faultFor(c); f != nil && (!simulator.Pause(r.Context(), f.Rule.Latency) || s.misbehave(w, r, c, f)) {
		return
	}
	if r.Header.Get("Authorization") != "Bearer "+s.opts.BotToken {
		writeHTML(w, http.StatusOK, "Sign in | Slack")
		return
	}
	_, id, _ := strings.Cut(r.PathValue("id"), "-")
	s.mu.Lock()
	f := s.state.files[id]
	var data []byte
	var mimetype string
	if f != nil {
		if data, mimetype = f.data, f.Mimetype; f.canvas {
			mimetype = "text/html; charset=utf-8"
		}
	}
	s.calls.add(c.logged(nil, false))
	s.change()
	s.mu.Unlock()
	if data == nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", mimetype)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}
