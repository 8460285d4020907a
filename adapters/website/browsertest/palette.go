package browsertest

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"slices"
)

// reduced is a picture of a page in 256 colours at most, which is a third of the bytes: those that most of its pixels have,
// and for others the nearest of them. A picture with many shades, such as one with a photograph in it, stays as it is.
func reduced(content []byte) ([]byte, error) {
	full, err := png.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	bounds := full.Bounds()
	pixels := image.NewNRGBA(bounds)
	draw.Draw(pixels, bounds, full, bounds.Min, draw.Src)
	counts := map[color.NRGBA]int{}
	for i := 0; i < len(pixels.Pix); i += 4 {
		counts[color.NRGBA{pixels.Pix[i], pixels.Pix[i+1], pixels.Pix[i+2], pixels.Pix[i+3]}]++
	}
	if len(counts) > manyShades {
		return content, nil
	}
	shades := make([]color.NRGBA, 0, len(counts))
	for c := range counts {
		shades = append(shades, c)
	}
	slices.SortFunc(shades, func(a, b color.NRGBA) int { return counts[b] - counts[a] })
	var palette color.Palette
	for _, c := range shades[:min(len(shades), 256)] {
		palette = append(palette, c)
	}
	index := map[color.NRGBA]uint8{}
	for _, c := range shades {
		index[c] = uint8(palette.Index(c))
	}
	small := image.NewPaletted(bounds, palette)
	for i := range small.Pix {
		small.Pix[i] = index[color.NRGBA{pixels.Pix[4*i], pixels.Pix[4*i+1], pixels.Pix[4*i+2], pixels.Pix[4*i+3]}]
	}
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&out, small); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// manyShades is more than text, lines and areas have.
const manyShades = 8000
