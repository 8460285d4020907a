package discordtest

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/skeindesk/skein/adapters/adaptertest/simulator"
)

// Attachment is a file under a message.
type Attachment struct {
	ID, Name, Type string // Type is the MIME type by the name's ending
	Description    string
	Size           int
	Width, Height  int // of a picture
}

type attachment struct {
	Attachment
	channel string
	data    []byte
	gone    bool // its message was deleted
}

// upload is a part of a multipart request: number n of files[n].
type upload struct {
	n    int
	name string
	data []byte
}

// readMultipart takes payload_json and files[n] from the body
// (https://docs.discord.com/developers/reference#uploading-files).
func (c *call) readMultipart(body []byte, boundary string) error {
	reader := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return invalid("", "MULTIPART_INVALID", "The multipart body is malformed.")
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return invalid("", "MULTIPART_INVALID", "The multipart body is cut.")
		}
		number, isFile := strings.CutPrefix(part.FormName(), "files[")
		n, err := strconv.Atoi(strings.TrimSuffix(number, "]"))
		switch {
		case part.FormName() == "payload_json":
			c.body = data
		case isFile && err == nil && part.FileName() != "":
			c.files = append(c.files, upload{n, path.Base(part.FileName()), data})
		default:
			return invalid(part.FormName(), "UNKNOWN_PART", "Only payload_json and files[n] are known here.")
		}
	}
}

// attachmentRef is an attachment in a request: one that exists, or by its number one that comes with the request.
type attachmentRef struct {
	ID          json.RawMessage `json:"id"` // a string or a number
	Filename    string          `json:"filename"`
	Description string          `json:"description"`
}

// readFiles reads what a request says of files. An edit that names no attachments keeps them all.
func (s *Server) readFiles(d *draft, raw json.RawMessage, uploads []upload, was *message) error {
	var refs []attachmentRef
	if d.has["attachments"] && json.Unmarshal(raw, &refs) != nil {
		return invalid("attachments", "MODEL_TYPE_CONVERT", "Could not interpret the attachments.")
	}
	byNumber := map[int]attachmentRef{}
	for i, ref := range refs {
		id := strings.Trim(string(ref.ID), `"`)
		n, err := strconv.Atoi(id)
		known := was != nil && slices.ContainsFunc(was.files, func(f *attachment) bool { return f.ID == id })
		given := slices.ContainsFunc(uploads, func(u upload) bool { return u.n == n })
		switch {
		case known:
			d.keep = append(d.keep, id)
		case err == nil && given:
			byNumber[n] = ref
		default:
			return invalid(fmt.Sprintf("attachments.%d.id", i), "ATTACHMENT_NOT_FOUND", "The attachment was not found.")
		}
	}
	if was != nil && !d.has["attachments"] {
		for _, f := range was.files {
			d.keep = append(d.keep, f.ID)
		}
	}
	if len(d.keep)+len(uploads) > 10 {
		return tooLong("attachments", 10)
	}
	for _, u := range uploads {
		if len(u.data) > s.opts.MaxFile {
			return errTooLarge
		}
		f := s.newAttachment(u.name, u.data)
		if ref, ok := byNumber[u.n]; ok {
			setDefault(&ref.Filename, f.Name)
			f.Name, f.Description = ref.Filename, ref.Description
		}
		d.files = append(d.files, f)
	}
	return nil
}

func (s *Server) newAttachment(name string, data []byte) *attachment {
	f := &attachment{data: data, Attachment: Attachment{
		ID: s.state.newID(), Name: cleanName(name), Size: len(data), Type: mime.TypeByExtension(path.Ext(name)),
	}}
	if config, _, err := image.DecodeConfig(bytes.NewReader(data)); err == nil {
		f.Width, f.Height = config.Width, config.Height
	}
	s.state.attachments[f.ID] = f
	return f
}

// cleanName replaces what Discord does not keep in a file's name.
func cleanName(name string) string {
	clean := strings.Map(func(r rune) rune {
		if r == '.' || r == '-' || r == '_' || r > 127 || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return '_'
	}, name)
	setDefault(&clean, "unknown")
	return clean
}

// link is an attachment's address, signed until LinkLife from now
// (https://docs.discord.com/developers/reference#signed-attachment-cdn-urls).
func (s *Server) link(f *attachment) string {
	now := time.Now()
	query := fmt.Sprintf("ex=%x&is=%x", now.Add(s.opts.LinkLife).UnixMilli(), now.UnixMilli())
	place := "/attachments/" + f.channel + "/" + f.ID + "/" + url.PathEscape(f.Name)
	return s.base + place + "?" + query + "&hm=" + s.sign(f, query) + "&"
}

func (s *Server) sign(f *attachment, query string) string {
	mac := hmac.New(sha256.New, s.secret)
	_, _ = io.WriteString(mac, f.channel+"/"+f.ID+"?"+query)
	return hex.EncodeToString(mac.Sum(nil))
}

// serveAttachment serves a file to whoever has a good address: the token is not asked for.
func (s *Server) serveAttachment(w http.ResponseWriter, r *http.Request) {
	c := &call{route: &route{name: "download"}, ids: map[string]string{"channel_id": r.PathValue("channel")}, at: time.Now()}
	fault := s.faultFor(c)
	if fault != nil && (!simulator.Pause(r.Context(), fault.Rule.Latency) || s.misbehave(w, r, c, fault, answer{})) {
		return
	}
	s.mu.Lock()
	f := s.state.attachments[r.PathValue("id")]
	good := f != nil && !f.gone && f.channel == r.PathValue("channel") && s.goodLink(f, r.URL.Query())
	status := http.StatusOK
	if !good {
		status = http.StatusNotFound
	}
	s.calls.add(c.logged(answer{status: status}))
	s.change()
	s.mu.Unlock()
	if !good {
		http.Error(w, "This content is no longer available.", http.StatusNotFound)
		return
	}
	if f.Type != "" {
		w.Header().Set("Content-Type", f.Type)
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.data))
}

func (s *Server) goodLink(f *attachment, query url.Values) bool {
	until, err := strconv.ParseInt(query.Get("ex"), 16, 64)
	signed := s.sign(f, "ex="+query.Get("ex")+"&is="+query.Get("is"))
	return err == nil && time.Now().UnixMilli() < until && hmac.Equal([]byte(signed), []byte(query.Get("hm")))
}

// ExpireLinks makes every address given out so far worthless.
func (s *Server) ExpireLinks() {
	s.locked(func() { s.secret = append(s.secret[:len(s.secret):len(s.secret)], 'x') })
}

// Data returns the bytes of an attachment, whether or not its message is still there; nil: there never was one.
func (s *Server) Data(attachmentID string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.state.attachments[attachmentID]
	if f == nil {
		return nil
	}
	return bytes.Clone(f.data)
}
