package files

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"io"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/skeindesk/skein/bridge"
)

const (
	// ThumbnailSide is how many pixels the longest side of a small picture has at most.
	ThumbnailSide = 480
	// DefaultMegapixels is how large a picture may be that is made small.
	DefaultMegapixels = 25

	thumbnailLimit = 2 << 20          // bytes of a small picture
	decodeTime     = 10 * time.Second // for one; a small file may ask for a great deal of work
	decodeAtOnce   = 2                // each takes up to 8 bytes a pixel
)

// ErrNoThumbnail: the file is no picture that can be made small.
var ErrNoThumbnail = errors.New("no thumbnail")

// Thumbnails are small pictures, each made when somebody first asks for it and kept beside its file. All methods may be
// called concurrently.
type Thumbnails struct {
	blobs  bridge.Blobs
	files  bridge.Files
	pixels int
	slots  chan struct{}
	flight singleflight.Group
}

// NewThumbnails returns the thumbnails of files; megapixels is how large a picture may be, 0: DefaultMegapixels.
func NewThumbnails(blobs bridge.Blobs, files bridge.Files, megapixels int) *Thumbnails {
	if megapixels == 0 {
		megapixels = DefaultMegapixels
	}
	return &Thumbnails{blobs: blobs, files: files, pixels: megapixels * 1_000_000, slots: make(chan struct{}, decodeAtOnce)}
}

// Look finds out what a file is; see the function Look.
func (*Thumbnails) Look(r io.Reader) (kind string, width, height int) { return Look(r) }

// OpenThumbnail returns the small picture of a file, a JPEG or, if parts of it are transparent, a PNG. ErrNoThumbnail when
// there cannot be one, bridge.ErrNotFound when the file is gone.
func (t *Thumbnails) OpenThumbnail(ctx context.Context, f bridge.File) ([]byte, error) {
	if !f.Picture() {
		return nil, ErrNoThumbnail
	}
	small, err := t.kept(ctx, f.ID)
	if !errors.Is(err, bridge.ErrNotFound) {
		return small, err
	}
	made := t.flight.DoChan(string(f.ID), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute) // others may wait for it
		defer cancel()
		return t.make(ctx, f)
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-made:
		if r.Err != nil {
			return nil, r.Err
		}
		return r.Val.([]byte), nil
	}
}

// kept reads a small picture that was made before. No bytes at all say that there cannot be one.
func (t *Thumbnails) kept(ctx context.Context, id bridge.FileID) ([]byte, error) {
	r, err := t.blobs.Get(ctx, id.Thumbnail())
	if err != nil {
		return nil, fmt.Errorf("thumbnail: %w", err)
	}
	defer r.Close()
	small, err := io.ReadAll(io.LimitReader(r, thumbnailLimit))
	if err == nil && len(small) == 0 {
		err = ErrNoThumbnail
	}
	return small, err
}

func (t *Thumbnails) make(ctx context.Context, f bridge.File) ([]byte, error) {
	select {
	case t.slots <- struct{}{}:
		defer func() { <-t.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	r, err := t.files.OpenFile(ctx, f)
	if err != nil {
		return nil, fmt.Errorf("thumbnail: %w", err)
	}
	defer r.Close()
	source := &timed{r: r, until: time.Now().Add(decodeTime)}
	small, err := shrink(source, t.pixels)
	if err != nil && source.err != nil { // it is about the bytes' way here, not about the picture
		return nil, fmt.Errorf("thumbnail: %w", source.err)
	}
	if _, putErr := t.blobs.Put(ctx, f.ID.Thumbnail(), bytes.NewReader(small), thumbnailLimit); putErr != nil {
		return nil, fmt.Errorf("thumbnail: %w", putErr)
	}
	return small, err
}

// timed ends a stream at a time, and remembers how it broke off before.
type timed struct {
	r     io.Reader
	until time.Time
	err   error
}

func (t *timed) Read(p []byte) (int, error) {
	if time.Now().After(t.until) {
		return 0, errors.New("the picture takes too long to read")
	}
	n, err := t.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		t.err = err
	}
	return n, err
}

// shrink makes a picture small. Whatever its bytes hold, it takes no more memory than a picture of so many pixels needs,
// and panics of decoders are errors.
func shrink(r io.Reader, pixels int) (small []byte, err error) {
	defer func() {
		if value := recover(); value != nil {
			small, err = nil, fmt.Errorf("%w: decoder: %v", ErrNoThumbnail, value)
		}
	}()
	source := bufio.NewReaderSize(r, imageHead)
	head, err := source.Peek(imageHead)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	c, _, err := image.DecodeConfig(bytes.NewReader(head))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoThumbnail, err)
	}
	if c.Width <= 0 || c.Height <= 0 || c.Width > pixels/c.Height || deep(c.ColorModel) && c.Width > pixels/2/c.Height {
		return nil, fmt.Errorf("%w: %d × %d pixels", ErrNoThumbnail, c.Width, c.Height)
	}
	o := orientationOf(head)
	full, _, err := image.Decode(source)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoThumbnail, err)
	}
	return encode(upright(scaled(full), o))
}

// deep reports whether pixels take twice the usual memory.
func deep(m color.Model) bool {
	return m == color.NRGBA64Model || m == color.RGBA64Model || m == color.Gray16Model
}

// scaled makes a picture small: each of its pixels is the mean of those that it stands for. It works in strips, so that
// the whole is never held a second time.
func scaled(full image.Image) *image.RGBA {
	from := full.Bounds()
	w, h := from.Dx(), from.Dy()
	if longest := max(w, h); longest > ThumbnailSide {
		w, h = max(1, w*ThumbnailSide/longest), max(1, h*ThumbnailSide/longest)
	}
	small := image.NewRGBA(image.Rect(0, 0, w, h))
	strip := image.NewRGBA(image.Rect(0, 0, from.Dx(), (from.Dy()+h-1)/h))
	for y := range h {
		top, bottom := y*from.Dy()/h, (y+1)*from.Dy()/h
		draw.Draw(strip, image.Rect(0, 0, from.Dx(), bottom-top), full, from.Min.Add(image.Pt(0, top)), draw.Src)
		for x := range w {
			small.SetRGBA(x, y, mean(strip, x*from.Dx()/w, (x+1)*from.Dx()/w, bottom-top))
		}
	}
	return small
}

// mean is that of the pixels from left to right in the first rows of a strip.
func mean(strip *image.RGBA, left, right, rows int) color.RGBA {
	var sum [4]int
	for y := range rows {
		row := strip.Pix[y*strip.Stride+4*left : y*strip.Stride+4*right]
		for i, v := range row {
			sum[i%4] += int(v)
		}
	}
	n := rows * (right - left)
	return color.RGBA{uint8(sum[0] / n), uint8(sum[1] / n), uint8(sum[2] / n), uint8(sum[3] / n)} //nolint:gosec // means of bytes are bytes
}

// upright turns a picture as the camera was held.
func upright(p *image.RGBA, o orientation) *image.RGBA {
	if o <= 1 {
		return p
	}
	w, h := p.Rect.Dx(), p.Rect.Dy()
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if o.turned() {
		out = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			toX, toY := x, y
			switch o {
			case 2:
				toX = w - 1 - x
			case 3:
				toX, toY = w-1-x, h-1-y
			case 4:
				toY = h - 1 - y
			case 5:
				toX, toY = y, x
			case 6:
				toX, toY = h-1-y, x
			case 7:
				toX, toY = h-1-y, w-1-x
			case 8:
				toX, toY = y, w-1-x
			}
			out.SetRGBA(toX, toY, p.RGBAAt(x, y))
		}
	}
	return out
}

func encode(p *image.RGBA) ([]byte, error) {
	var b bytes.Buffer
	var err error
	if p.Opaque() {
		err = jpeg.Encode(&b, p, &jpeg.Options{Quality: 82})
	} else {
		err = png.Encode(&b, p)
	}
	return b.Bytes(), err
}
