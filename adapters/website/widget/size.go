package widget

import "bytes"

// Size is the number of bytes a visitor's first visit costs in each part of the widget, compressed as served.
type Size struct {
	Loader int // widget.js
	Page   int // the page in the frame, which is served as it is
	Script int
	Style  int
}

// Total is what a first visit costs.
func (s Size) Total() int { return s.Loader + s.Page + s.Script + s.Style }

// Measure returns the size of the widget in this build.
func Measure() Size {
	var b bytes.Buffer
	_ = shell.Execute(&b, struct{ Accent, Script, Style string }{"#2459d3", "0123456789abcdef", "0123456789abcdef"})
	return Size{
		Loader: len(load("loader.js", "").gzipped),
		Page:   b.Len(),
		Script: len(load("app.js", "").gzipped),
		Style:  len(load("app.css", "").gzipped),
	}
}
