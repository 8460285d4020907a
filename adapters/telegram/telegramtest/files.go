package telegramtest

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"image"
	"image/jpeg"
	"net/http"
	"path"
	"strings"
	"time"

	_ "golang.org/x/image/webp"

	"github.com/skeindesk/skein/adapters/adaptertest/simulator"
)

// Limits of files (https://core.telegram.org/bots/api#getfile, #sendphoto).
const (
	maxDownload = 20 << 20
	maxPhoto    = 10 << 20
	linkLife    = time.Hour
)

// File is a file as it hangs on a message.
type File struct {
	ID, UniqueID  string
	Kind          string // "photo", "document", "voice", …
	Name, Type    string // as the sender gave them; photos and stickers have none
	Size          int64
	Width, Height int
	Duration      int    // seconds
	Emoji         string // of a sticker
	Data          []byte // not to be changed
}

type file struct {
	File
	path      string // empty: no link was asked for
	linkUntil time.Time
}

// newFile stores a file under a new id.
func (s *Server) newFile(f File) *file {
	sum := sha256.Sum256(f.Data)
	f.UniqueID = "AQAD" + base64.RawURLEncoding.EncodeToString(sum[:8])
	f.ID = fmt.Sprintf("BQACAgIAAxk%s_%06d", base64.RawURLEncoding.EncodeToString([]byte(f.Kind)), s.serial())
	if f.Size == 0 {
		f.Size = int64(len(f.Data))
	}
	stored := &file{File: f}
	s.state.files[f.ID] = stored
	return stored
}

func (f *file) wire() object {
	o := object{"file_id": f.ID, "file_unique_id": f.UniqueID, "file_size": f.Size}
	switch f.Kind {
	case "photo":
		o["width"], o["height"] = f.Width, f.Height
		return o
	case "sticker":
		o["width"], o["height"], o["type"] = f.Width, f.Height, "regular"
		o["is_animated"], o["is_video"] = f.Type == "application/x-tgsticker", f.Type == "video/webm"
		optional(o, "emoji", f.Emoji)
		return o
	case "video", "animation":
		o["width"], o["height"] = f.Width, f.Height
	}
	if f.Kind != "document" {
		o["duration"] = f.Duration
	}
	if f.Kind != "voice" {
		optional(o, "file_name", f.Name)
	}
	optional(o, "mime_type", f.Type)
	return o
}

func wireDocument(f *file) object {
	as := *f
	as.Kind = "document"
	return as.wire()
}

// photoSizes stores a picture and a small copy of it, as Telegram does. The largest keeps its bytes
// (Telegram would compress it anew).
func (s *Server) photoSizes(data []byte, size int64) ([]*file, error) {
	config, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, refuse("IMAGE_PROCESS_FAILED")
	}
	width, height := config.Width, config.Height
	if width+height > 10_000 || width > 20*height || height > 20*width {
		return nil, refuse("PHOTO_INVALID_DIMENSIONS")
	}
	picture, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, refuse("IMAGE_PROCESS_FAILED")
	}
	full := s.newFile(File{Kind: "photo", Data: data, Size: size, Width: width, Height: height})
	const small = 90
	if max(width, height) <= small {
		return []*file{full}, nil
	}
	w, h := max(1, width*small/max(width, height)), max(1, height*small/max(width, height))
	thumbnail := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			thumbnail.Set(x, y, picture.At(picture.Bounds().Min.X+x*width/w, picture.Bounds().Min.Y+y*height/h))
		}
	}
	var encoded bytes.Buffer
	if err := jpeg.Encode(&encoded, thumbnail, nil); err != nil {
		return nil, refuse("IMAGE_PROCESS_FAILED")
	}
	return []*file{s.newFile(File{Kind: "photo", Data: encoded.Bytes(), Width: w, Height: h}), full}, nil
}

func (s *Server) getFile(c *call) (any, error) {
	f := s.state.files[c.get("file_id")]
	switch {
	case f == nil:
		return nil, refuse("wrong file_id or the file is temporarily unavailable")
	case f.Size > maxDownload:
		return nil, refuse("file is too big")
	}
	if f.path == "" {
		// Only documents keep their ending.
		ending := map[string]string{"photo": ".jpg", "voice": ".oga", "video": ".mp4", "sticker": ".webp", "audio": ".mp3", "animation": ".mp4"}[f.Kind]
		if ending == "" {
			ending = path.Ext(f.Name)
		}
		f.path = fmt.Sprintf("%ss/file_%d%s", f.Kind, s.serial(), ending)
	}
	f.linkUntil = s.now().Add(linkLife)
	return object{"file_id": f.ID, "file_unique_id": f.UniqueID, "file_size": f.Size, "file_path": f.path}, nil
}

// serveDownload gives out a file whose link is still good.
func (s *Server) serveDownload(w http.ResponseWriter, r *http.Request) {
	if err := s.authorize(r.PathValue("bot")); err != nil {
		writeAnswer(w, nil, err)
		return
	}
	c := &call{name: "file", at: time.Now()}
	fault := s.faultFor(c)
	if fault != nil && (!simulator.Pause(r.Context(), fault.Rule.Latency) || !fault.Rule.Act && s.misbehave(w, r, c, fault, nil)) {
		return
	}
	f := s.linked(r.PathValue("path"))
	if f == nil {
		writeAnswer(w, nil, &apiError{code: 404, text: "Not Found"})
		return
	}
	if fault != nil && s.misbehave(w, r, c, fault, f.Data) {
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.Data))
}

func (s *Server) linked(name string) *file {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.state.files {
		if f.path == name && s.now().Before(f.linkUntil) {
			return f
		}
	}
	return nil
}

// sniff guesses a type where the sender named none.
func sniff(name, given string, data []byte) string {
	if given != "" && given != "application/octet-stream" {
		return given
	}
	detected, _, _ := strings.Cut(http.DetectContentType(data), ";")
	if detected == "application/octet-stream" && strings.HasSuffix(name, ".pdf") {
		return "application/pdf"
	}
	return detected
}
