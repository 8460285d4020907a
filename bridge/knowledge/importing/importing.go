// Package importing reads articles from files: Markdown, HTML and tables. It takes what a text says and leaves out everything
// else; nothing is fetched or run. All of a file is read or, if something is wrong in it, nothing.
//
//	importing   the entrance; what every format has in common
//	sections    where an article begins and ends
//	markdown    blocks, and spans: what is inside a line
//	html        what the elements of a page say; page: its tags
//	csv         tables
package importing

import (
	"bytes"
	"fmt"
	"io"
	"net/url"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/skeindesk/skein/bridge/knowledge"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/bridge/search"
)

// Limits of an import.
const (
	MaxFile      = 5 << 20 // bytes
	MaxArticles  = 5000    // of a file
	MaxTitle     = 300     // bytes; of a question too
	MaxQuestions = 30      // of an article, besides its title
	MaxBody      = 50_000  // bytes of what can be read
)

// Options say about a file what it does not say itself.
type Options struct {
	// Name is the file's, with or without folders: articles without an id of their own are called by it and by their title,
	// so that a later import of the same file replaces them.
	Name string
	// Level of the headings that begin an article, from 1 to 6; 0: the file is one article.
	Level    int
	Language string // of what names none, as a BCP 47 tag; empty: unknown
	URL      string // where visitors can read the file; empty: nowhere
}

// Fault is what is wrong at a line of an import.
type Fault struct {
	Line int    // from 1; 0: not known, or all of the file
	Text string // a sentence for people
}

func (f Fault) String() string {
	if f.Line == 0 {
		return f.Text
	}
	return fmt.Sprintf("line %d: %s", f.Line, f.Text)
}

// maxFaults is how many faults are told of one import.
const maxFaults = 100

// File reads a file in the format that its name tells: .md and .markdown, .html and .htm, .csv.
func File(file io.Reader, o Options) ([]knowledge.Article, []Fault) {
	switch strings.ToLower(path.Ext(o.Name)) {
	case ".md", ".markdown":
		return Markdown(file, o)
	case ".html", ".htm":
		return HTML(file, o)
	case ".csv":
		return CSV(file, o)
	}
	return nil, []Fault{{0, "The file's name must end in .md, .html or .csv."}}
}

// intake collects what is read.
type intake struct {
	Options
	articles []knowledge.Article
	lines    []int // of articles
	at       map[string]int
	faults   []Fault
}

func newIntake(o Options) *intake {
	in := &intake{Options: o, at: map[string]int{}}
	if o.Level < 0 || o.Level > 6 {
		in.fault(0, "The level of headings is from 1 to 6, or 0 for one article.")
	}
	if _, ok := rich.SafeURL(o.URL); !ok && o.URL != "" {
		in.fault(0, "The file's address is no web address.")
	}
	return in
}

// read returns all of a file as text that is safe to show.
func (in *intake) read(file io.Reader) string {
	data, err := io.ReadAll(io.LimitReader(file, MaxFile+1))
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	switch {
	case err != nil:
		in.fault(0, "The file could not be read.")
	case len(data) > MaxFile:
		in.fault(0, "The file is larger than %d MB. Divide it.", MaxFile>>20)
	case !utf8.Valid(data):
		in.fault(1+bytes.Count(data[:invalid(data)], []byte("\n")), "This is not UTF-8. Save the file with that encoding.")
	case bytes.IndexByte(data, 0) >= 0:
		in.fault(0, "This is not a text file.")
	default:
		return rich.Clean(string(data))
	}
	return ""
}

// invalid is where the first byte is that is not UTF-8.
func invalid(data []byte) int {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(data)
}

func (in *intake) fault(line int, format string, args ...any) {
	if len(in.faults) < maxFaults {
		in.faults = append(in.faults, Fault{line, fmt.Sprintf(format, args...)})
	}
}

// add takes in an article that stands at the line.
func (in *intake) add(line int, a knowledge.Article) {
	a.Title = oneLine(a.Title)
	if a.Language == "" {
		a.Language = in.Language
	}
	if a.URL == "" {
		a.URL = in.URL
	}
	a.Body = rich.Normal(a.Body)
	if !in.check(line, &a) {
		return
	}
	if a.ID = Slug(a.ID); a.ID == "" {
		a.ID = Slug(strings.TrimSuffix(path.Base(in.Name), path.Ext(in.Name))) + "/" + Slug(a.Title)
	}
	key := a.ID + " " + strings.ToLower(a.Language)
	if before, again := in.at[key]; again {
		in.fault(line, "“%s” is there already%s. Give one of them another title or id, or another language.", a.Title, atLine(in.lines[before]))
		return
	}
	in.at[key] = len(in.articles)
	in.articles, in.lines = append(in.articles, a), append(in.lines, line)
}

func atLine(line int) string {
	if line == 0 {
		return ""
	}
	return fmt.Sprintf(", at line %d", line)
}

// check says what is wrong with an article.
func (in *intake) check(line int, a *knowledge.Article) bool {
	faults := len(in.faults)
	if a.Title == "" {
		in.fault(line, "There is no title or question.")
	} else if rich.IsEmpty(a.Body) {
		in.fault(line, "“%s” has no text.", cut(a.Title))
	}
	for _, text := range append([]string{a.Title}, a.Questions...) {
		if len(text) > MaxTitle {
			in.fault(line, "“%s” is too long for a title or a question: at most %d characters.", cut(text), MaxTitle)
		}
	}
	if len(a.Questions) > MaxQuestions {
		in.fault(line, "“%s” has too many questions: at most %d.", cut(a.Title), MaxQuestions)
	}
	if len(rich.Plain(a.Body)) > MaxBody {
		in.fault(line, "“%s” is too long: at most %d characters. Divide it.", cut(a.Title), MaxBody)
	}
	if a.Language != "" && !isTag(a.Language) {
		in.fault(line, "“%s” is no language. Write a tag such as en or pt-BR.", cut(a.Language))
	}
	if _, ok := rich.SafeURL(a.URL); !ok && a.URL != "" {
		in.fault(line, "“%s” is no web address.", cut(a.URL))
	}
	if len(in.articles) >= MaxArticles {
		in.fault(line, "There are more than %d articles in the file. Divide it.", MaxArticles)
	}
	return len(in.faults) == faults
}

// result is everything or, if there is a fault, nothing.
func (in *intake) result() ([]knowledge.Article, []Fault) {
	if len(in.faults) == 0 && len(in.articles) == 0 {
		in.fault(0, "There is no article in the file.")
	}
	if len(in.faults) > 0 {
		return nil, in.faults
	}
	return in.articles, nil
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// cut is the beginning of a text, for a fault.
func cut(text string) string {
	if letters := []rune(text); len(letters) > 60 {
		return string(letters[:60]) + "…"
	}
	return text
}

// maxSlug is how many bytes an id has at most.
const maxSlug = 80

// Slug writes a text as an id: words in lower case with hyphens between them, and what has been divided by slashes stays so.
func Slug(text string) string {
	var parts []string
	for part := range strings.SplitSeq(text, "/") {
		var words []string
		for w := range search.Words(part) {
			words = append(words, w.Text)
		}
		if s := strings.Join(words, "-"); s != "" {
			parts = append(parts, s)
		}
	}
	id := strings.Join(parts, "/")
	if len(id) > maxSlug {
		end := maxSlug
		for !utf8.RuneStart(id[end]) {
			end--
		}
		id = id[:end]
	}
	return id
}

// isTag reports what looks like a BCP 47 tag.
func isTag(text string) bool {
	for i, part := range strings.Split(text, "-") {
		if len(part) == 0 || len(part) > 8 || i == 0 && (len(part) < 2 || len(part) > 3) {
			return false
		}
		for _, r := range part {
			if !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || i > 0 && '0' <= r && r <= '9') {
				return false
			}
		}
	}
	return true
}

// link is an address as it stands in a file, from the file's own, if it may be followed.
func (in *intake) link(address string) (string, bool) {
	if base, err := url.Parse(in.URL); err == nil && in.URL != "" {
		if relative, err := base.Parse(strings.TrimSpace(address)); err == nil {
			address = relative.String()
		}
	}
	return rich.SafeURL(address)
}
