package widget_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
)

// shop is the host page: a small shop whose own style is as rude as real ones are.
const shop = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Fern &amp; Moss</title>
<style>
 * { box-sizing: content-box }
 button { background: red !important; border: 5px solid lime !important; border-radius: 0 !important; width: 300px !important }
 svg { width: 5px } iframe { border: 9px solid red; max-width: 10px }
 body { margin: 0; font: 16px/1.6 Georgia, serif; color: #2b2b26; background: #fbf8f1 }
 header { padding: 28px 48px; border-bottom: 1px solid #e6dfcf; font-size: 24px }
 main { padding: 40px 48px; display: grid; grid-template-columns: repeat(3, 1fr); gap: 28px; max-width: 900px }
 .p { background: #e9e3d3; height: 180px; border-radius: 4px } p { margin: 8px 0 }
 @media (max-width: 600px) { main { grid-template-columns: 1fr; padding: 24px } header { padding: 20px 24px } }
 @media (prefers-color-scheme: dark) { body { background: #1c1b18; color: #e9e3d3 } .p { background: #2d2b26 } header { border-color: #333 } }
</style>
<header>Fern &amp; Moss</header>
<main><div><div class="p"></div><p>Maidenhair fern, 18 €</p></div><div><div class="p"></div><p>Cushion moss, 9 €</p></div><div><div class="p"></div><p>Clay pot, 14 €</p></div></main>
<script async src="%s/widget.js" data-endpoint="website" %s></script>
</html>`

// picture is a small PNG: a fern's green, as a stand-in for what customers photograph.
func picture(string) []byte {
	m := image.NewRGBA(image.Rect(0, 0, 320, 200))
	for y := range 200 {
		for x := range 320 {
			m.Set(x, y, color.RGBA{uint8(40 + x/8), uint8(110 + y/3), uint8(70 + x/10), 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}
