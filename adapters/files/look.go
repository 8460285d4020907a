package files

import (
	"bytes"
	"errors"
	"image"
	_ "image/gif" // the formats whose size DecodeConfig can tell
	_ "image/jpeg"
	_ "image/png"
	"io"

	"github.com/gabriel-vasile/mimetype"
	_ "golang.org/x/image/webp"

	"github.com/skeindesk/skein/bridge"
)

const (
	sniffed   = 4 << 10 // bytes that mimetype looks at
	imageHead = 1 << 20 // bytes within which an image says its size
)

// Look finds out what a file is from its first bytes: its type and, of a picture that browsers draw, its width and height
// in pixels as it is seen. They are 0 when it does not say.
func Look(r io.Reader) (kind string, width, height int) {
	head := make([]byte, sniffed)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "application/octet-stream", 0, 0
	}
	head = head[:n]
	kind = mimetype.Detect(head).String()
	if !(bridge.File{Type: kind}).Picture() {
		return kind, 0, 0
	}
	rest, err := io.ReadAll(io.LimitReader(r, imageHead))
	if err != nil {
		return kind, 0, 0
	}
	head = append(head, rest...)
	c, _, err := image.DecodeConfig(bytes.NewReader(head))
	if err != nil {
		return kind, 0, 0
	}
	if orientationOf(head).turned() {
		return kind, c.Height, c.Width
	}
	return kind, c.Width, c.Height
}
