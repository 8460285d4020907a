package widget

// Size is the number of bytes a visitor's first visit costs in each part of the widget, compressed as served.
type Size struct {
	Loader int // widget.js
	Page   int // the page in the frame, which is served as it is
	Script int
	Style  int
	Form   int // the script that asks something before the first line; loaded only for whom it asks
	More   int // the script of files, emoji, sound, rating and the saved conversation; loaded by whom these are for
	Words  int // the largest of the languages other than English, which costs nothing
}

// Total is what a first visit costs who is asked nothing.
func (s Size) Total() int { return s.Loader + s.Page + s.Script + s.Style + s.Words }

// Measure returns the size of the widget in this build.
func Measure() Size {
	p := page{script: load("app.js", ""), style: load("app.css", ""), words: languages()}
	s := Size{
		Loader: len(load("loader.js", "").gzipped),
		Page:   len(p.document(Site{Accent: "#2459d3"})),
		Script: len(p.script.gzipped),
		Style:  len(p.style.gzipped),
		Form:   len(load("form.js", "").gzipped),
		More:   len(load("more.js", "").gzipped),
	}
	for _, w := range p.words {
		s.Words = max(s.Words, len(w.gzipped))
	}
	return s
}
