package main

import (
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/skeindesk/skein/adapters/website/webtest"
)

// shopFront is a website.
type shopFront struct {
	r    *rig
	site *webtest.Site
}

// addShop adds a website whose visitors reach the daemons at the addresses.
func (r *rig) addShop(desks string, addresses ...string) *shopFront {
	r.addWebsite(desks)
	return &shopFront{r, r.site(addresses...)}
}

func (f *shopFront) endpoint() string { return "website" }

func (f *shopFront) setDown(bool) {}

func (f *shopFront) newcomer(name string) visitor {
	return &shopper{r: f.r, name: name, site: f.site}
}

// shopper is somebody with a browser, whose session begins with the first line.
type shopper struct {
	*webtest.Visitor
	r      *rig
	name   string
	site   *webtest.Site
	saying atomic.Int32
}

func (v *shopper) can() abilities { return abilities{points: true, longest: 4000} }

func (v *shopper) arrive() {
	v.r.t.Helper()
	v.Visitor = v.site.Visitor()
	check(v.r.t, v.r.meet(&guest{name: v.name, visitor: v.Visitor}))
}

func (v *shopper) say(text string, files ...attachment) string {
	v.r.t.Helper()
	v.saying.Add(1)
	defer v.saying.Add(-1)
	if v.Visitor == nil {
		v.arrive()
	}
	var ids []string
	for _, f := range files {
		up, err := v.Upload(v.r.ctx, f.name, f.data)
		check(v.r.t, err)
		ids = append(ids, up.ID)
	}
	said, err := v.Say(v.r.ctx, text, ids...)
	check(v.r.t, err)
	return strconv.FormatInt(said.Seq, 10)
}

func (v *shopper) confirmed() bool { return v.saying.Load() == 0 }

func (v *shopper) answer(_, text string) string { return v.say(text) }
func (v *shopper) edit(string, string)          { v.r.t.Fatal("a browser cannot edit") }

// fail: a browser reads for itself.
func (v *shopper) fail(trouble) standing { return nil }

func (v *shopper) reread() []line {
	v.r.t.Helper()
	read, err := v.History(v.r.ctx)
	check(v.r.t, err)
	return shownOnSite(read)
}

func (v *shopper) shown() []line {
	if v.Visitor == nil {
		return nil
	}
	return shownOnSite(v.Transcript())
}

// shownOnSite applies edits and deletions to what was said.
func shownOnSite(heard []webtest.Entry) []line {
	var out []line
	index := map[int64]int{}
	for _, e := range heard {
		switch at, known := index[e.Target]; {
		case e.Kind == "said":
			l := line{id: strconv.FormatInt(e.Seq, 10), by: "team", text: fromHTML(e.HTML)}
			if e.By.Kind == "visitor" {
				l.by = "visitor"
			}
			if known {
				l.answers = out[at].text
			}
			l.files = filesOnSite(e.Files)
			index[e.Seq] = len(out)
			out = append(out, l)
		case e.Kind == "edited" && known:
			out[at].text, out[at].files = fromHTML(e.HTML), filesOnSite(e.Files)
		case e.Kind == "deleted" && known:
			out[at].by = ""
		}
	}
	kept := out[:0]
	for _, l := range out {
		if l.by != "" {
			kept = append(kept, l)
		}
	}
	return kept
}

func filesOnSite(files []webtest.File) (out []string) {
	for _, f := range files {
		out = append(out, fmt.Sprintf("%s %d", f.Name, f.Size))
	}
	return out
}

var (
	paragraphEnd = regexp.MustCompile(`</p><p[^>]*>`)
	otherTags    = regexp.MustCompile(`</?p[^>]*>`)
	toNotation   = strings.NewReplacer("<strong>", "<b>", "</strong>", "</b>", "<br>", "\n")
)

// fromHTML is what a browser shows, in the tests' notation.
func fromHTML(s string) string {
	s = otherTags.ReplaceAllString(paragraphEnd.ReplaceAllString(s, "\n\n"), "")
	return html.UnescapeString(toNotation.Replace(s))
}
