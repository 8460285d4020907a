package files

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// stored opens files straight from the blobs, and counts.
type stored struct {
	bridge.Blobs
	mu     sync.Mutex
	opened int
	err    error
}

func (s *stored) OpenFile(ctx context.Context, f bridge.File) (io.ReadCloser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened++
	if s.err != nil {
		return nil, s.err
	}
	return s.Get(ctx, f.ID)
}

func newThumbnails(t *testing.T, content []byte) (*Thumbnails, *stored) {
	t.Helper()
	d := open(t, t.TempDir())
	if _, err := d.Put(t.Context(), "id", bytes.NewReader(content), 1<<30); err != nil {
		t.Fatal(err)
	}
	s := &stored{Blobs: d}
	return NewThumbnails(d, s, 0), s
}

var aPicture = bridge.File{ID: "id", Type: "image/png"}

// corners is a picture that is red at the top left, green at the top right, blue at the bottom left, white elsewhere.
func corners(w, h int) image.Image {
	p := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{255, 255, 255, 255}
			switch {
			case x < w/2 && y < h/2:
				c = color.NRGBA{255, 0, 0, 255}
			case y < h/2:
				c = color.NRGBA{0, 255, 0, 255}
			case x < w/2:
				c = color.NRGBA{0, 0, 255, 255}
			}
			p.SetNRGBA(x, y, c)
		}
	}
	return p
}

func encoded(t *testing.T, encode func(io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// exif puts an orientation into a JPEG.
func exif(photo []byte, o uint16, order binary.AppendByteOrder) []byte {
	tiff := []byte("II")
	if order.String() == "BigEndian" {
		tiff = []byte("MM")
	}
	tiff = order.AppendUint32(order.AppendUint16(tiff, 42), 8)
	tiff = order.AppendUint16(tiff, 2)
	for _, tag := range []struct{ tag, value uint16 }{{0x0100, 7}, {0x0112, o}} {
		tiff = order.AppendUint32(order.AppendUint16(order.AppendUint16(tiff, tag.tag), 3), 1)
		tiff = order.AppendUint16(order.AppendUint16(tiff, tag.value), 0)
	}
	segment := append([]byte("Exif\x00\x00"), tiff...)
	out := append([]byte{}, photo[:2]...)
	out = binary.BigEndian.AppendUint16(append(out, 0xff, 0xe1), uint16(len(segment)+2))
	return append(append(out, segment...), photo[2:]...)
}

func TestThumbnails(t *testing.T) {
	transparent := image.NewNRGBA(image.Rect(0, 0, 500, 250))
	for name, test := range map[string]struct {
		content []byte
		w, h    int
		kind    string
	}{
		"large":       {encoded(t, func(w io.Writer) error { return png.Encode(w, image.NewGray(image.Rect(0, 0, 500, 1000))) }), 240, 480, "jpeg"},
		"small stays": {encoded(t, func(w io.Writer) error { return png.Encode(w, corners(30, 20)) }), 30, 20, "jpeg"},
		"photograph":  {encoded(t, func(w io.Writer) error { return jpeg.Encode(w, image.NewGray(image.Rect(0, 0, 720, 360)), nil) }), 480, 240, "jpeg"},
		"transparent": {encoded(t, func(w io.Writer) error { return png.Encode(w, transparent) }), 480, 240, "png"},
		"thin":        {encoded(t, func(w io.Writer) error { return png.Encode(w, image.NewGray(image.Rect(0, 0, 9000, 1))) }), 480, 1, "jpeg"},
		"animation": {encoded(t, func(w io.Writer) error {
			frame := image.NewPaletted(image.Rect(0, 0, 500, 500), color.Palette{color.White, color.Black})
			return gif.EncodeAll(w, &gif.GIF{Image: []*image.Paletted{frame, frame}, Delay: []int{1, 1}})
		}), 480, 480, "jpeg"},
	} {
		thumbnails, s := newThumbnails(t, test.content)
		for range 2 {
			small, err := thumbnails.OpenThumbnail(t.Context(), aPicture)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			c, kind, err := image.DecodeConfig(bytes.NewReader(small))
			if err != nil || kind != test.kind || c.Width != test.w || c.Height != test.h {
				t.Errorf("%s: %s, %d × %d, %v", name, kind, c.Width, c.Height, err)
			}
		}
		if s.opened != 1 {
			t.Errorf("%s: the file was read %d times", name, s.opened)
		}
	}
}

// However the camera was held, red is at the top left of what people see, green at the top right, blue at the bottom left.
func TestThumbnailsAreUpright(t *testing.T) {
	seen := corners(60, 40)
	for o := orientation(1); o <= 8; o++ {
		// What the camera stored is what is seen, turned the other way: 6 and 8 are each other's inverses.
		inverse := o
		if o == 6 || o == 8 {
			inverse = 14 - o
		}
		p := image.NewRGBA(image.Rect(0, 0, 60, 40))
		for y := range 40 {
			for x := range 60 {
				p.Set(x, y, seen.At(x, y))
			}
		}
		photo := encoded(t, func(w io.Writer) error { return jpeg.Encode(w, upright(p, inverse), nil) })
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			content := exif(photo, uint16(o), order)
			if _, w, h := Look(bytes.NewReader(content)); w != 60 || h != 40 {
				t.Errorf("%d: looks like %d × %d", o, w, h)
			}
			thumbnails, _ := newThumbnails(t, content)
			small, err := thumbnails.OpenThumbnail(t.Context(), aPicture)
			if err != nil {
				t.Fatal(err)
			}
			got, err := jpeg.Decode(bytes.NewReader(small))
			if err != nil || got.Bounds().Dx() != 60 || got.Bounds().Dy() != 40 {
				t.Fatalf("%d: %v, %v", o, got.Bounds(), err)
			}
			at := func(x, y int) [3]bool {
				r, g, b, _ := got.At(x, y).RGBA()
				return [3]bool{r > 0x8000, g > 0x8000, b > 0x8000}
			}
			if at(7, 5) != [3]bool{true, false, false} || at(52, 5) != [3]bool{false, true, false} || at(7, 35) != [3]bool{false, false, true} {
				t.Errorf("%d: corners %v %v %v", o, at(7, 5), at(52, 5), at(7, 35))
			}
		}
	}
}

// bomb is a PNG that says to be of this size, and ends there.
func bomb(w, h uint32) []byte {
	chunk := append([]byte("IHDR"), binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)...)
	chunk = append(chunk, 8, 6, 0, 0, 0)
	b := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	b = append(b, chunk...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(chunk))
}

// deflated is a whole PNG of this size, of black and nothing else: a file of 300 KB that is 300 MB of bits when it is read.
func deflated(t *testing.T, w, h uint32) []byte {
	chunk := func(kind string, data []byte) []byte {
		b := append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), kind...)
		b = append(b, data...)
		return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
	}
	head := append(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h), 1, 0, 0, 0, 0)
	rows := encoded(t, func(out io.Writer) error {
		z := zlib.NewWriter(out)
		row := make([]byte, 1+(w+7)/8)
		for range h {
			if _, err := z.Write(row); err != nil {
				return err
			}
		}
		return z.Close()
	})
	return slices.Concat([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", head), chunk("IDAT", rows), chunk("IEND", nil))
}

func TestHostilePictures(t *testing.T) {
	whole := encoded(t, func(w io.Writer) error { return png.Encode(w, corners(100, 100)) })
	photo := encoded(t, func(w io.Writer) error { return jpeg.Encode(w, corners(100, 100), nil) })
	for name, content := range map[string][]byte{
		"bomb":               bomb(100_000, 100_000),
		"bomb of 26 MP":      bomb(5200, 5000),
		"overflow":           bomb(1<<31-1, 1<<31-1),
		"small file":         deflated(t, 6_000, 6_000),
		"animation":          []byte("GIF89a\x50\xc3\x50\xc3\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x50\xc3\x50\xc3\x00\x08\x00;"),
		"frame beyond":       []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x50\xc3\x50\xc3\x00\x08\x00;"),
		"WebP":               []byte("RIFF\x16\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x4f\xc3\x00\x4f\xc3\x00"),
		"WebP that lies":     []byte("RIFF\x28\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00VP8L\x06\x00\x00\x00\x2f\xff\xff\xff\x0f\x00"),
		"no width":           bomb(0, 10),
		"head only":          bomb(1000, 1000),
		"truncated":          whole[:len(whole)/2],
		"truncated photo":    photo[:len(photo)/3],
		"another type":       []byte("%PDF-1.7 is not a picture"),
		"page":               []byte("<svg xmlns='http://www.w3.org/2000/svg'/>"),
		"nothing":            {},
		"lengths that lie":   append([]byte("\xff\xd8\xff\xe1\xff\xffExif\x00\x00MM\x00\x2a\xff\xff\xff\xff"), photo[2:]...),
		"endless directory":  []byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00II\x2a\x00\x08\x00\x00\x00\xff\xff"),
		"animation with 0 w": []byte("GIF89a\x00\x00\x00\x00\x80\x00\x00"),
	} {
		thumbnails, s := newThumbnails(t, content)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range 3 {
			if _, err := thumbnails.OpenThumbnail(t.Context(), aPicture); !errors.Is(err, ErrNoThumbnail) {
				t.Errorf("%s: %v", name, err)
			}
		}
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 32<<20 {
			t.Errorf("%s took %d MB", name, used>>20)
		}
		if s.opened != 1 {
			t.Errorf("%s was tried %d times", name, s.opened)
		}
	}
}

// Nothing is decoded that would take more memory than a picture of the limit's size.
func TestPixelLimit(t *testing.T) {
	for name, test := range map[string]struct {
		picture image.Image
		made    bool
	}{
		"at the limit":          {image.NewGray(image.Rect(0, 0, 1000, 1000)), true},
		"a row more":            {image.NewGray(image.Rect(0, 0, 1000, 1001)), false},
		"deep":                  {image.NewGray16(image.Rect(0, 0, 700, 700)), true},
		"deep and over half it": {image.NewGray16(image.Rect(0, 0, 800, 800)), false},
	} {
		thumbnails, _ := newThumbnails(t, encoded(t, func(w io.Writer) error { return png.Encode(w, test.picture) }))
		thumbnails.pixels = 1_000_000
		if _, err := thumbnails.OpenThumbnail(t.Context(), aPicture); (err == nil) != test.made {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A store that is down is no property of the picture: it is tried again.
func TestThumbnailAfterAnOutage(t *testing.T) {
	thumbnails, s := newThumbnails(t, encoded(t, func(w io.Writer) error { return png.Encode(w, corners(30, 20)) }))
	s.err = errors.New("connection refused")
	if _, err := thumbnails.OpenThumbnail(t.Context(), aPicture); err == nil || errors.Is(err, ErrNoThumbnail) {
		t.Errorf("while the store is down: %v", err)
	}
	s.err = nil
	if _, err := thumbnails.OpenThumbnail(t.Context(), aPicture); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// However many ask, a picture is read once.
func TestThumbnailForManyAtOnce(t *testing.T) {
	thumbnails, s := newThumbnails(t, encoded(t, func(w io.Writer) error { return png.Encode(w, image.NewGray(image.Rect(0, 0, 600, 600))) }))
	var wg sync.WaitGroup
	for range 30 {
		wg.Go(func() {
			if _, err := thumbnails.OpenThumbnail(t.Context(), aPicture); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if s.opened != 1 {
		t.Errorf("read %d times", s.opened)
	}
}

// A picture that would take for ever is given up.
func TestPictureThatTakesTooLong(t *testing.T) {
	whole := encoded(t, func(w io.Writer) error { return png.Encode(w, corners(100, 100)) })
	if _, err := shrink(&timed{r: bytes.NewReader(whole), until: time.Now().Add(-time.Second)}, 1_000_000); err == nil {
		t.Error("it was read to its end")
	}
}

func FuzzShrink(f *testing.F) {
	f.Add(bomb(10, 10))
	var b bytes.Buffer
	_ = jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8)), nil)
	f.Add(exif(b.Bytes(), 6, binary.BigEndian))
	f.Fuzz(func(t *testing.T, content []byte) {
		small, err := shrink(bytes.NewReader(content), 10_000)
		if err != nil {
			return
		}
		if c, _, err := image.DecodeConfig(bytes.NewReader(small)); err != nil || c.Width > ThumbnailSide || c.Height > ThumbnailSide {
			t.Errorf("%+v, %v", c, err)
		}
	})
}
