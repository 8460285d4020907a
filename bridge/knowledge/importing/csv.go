package importing

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/skeindesk/skein/bridge/knowledge"
	"github.com/skeindesk/skein/bridge/rich"
)

// columns of a table. Any order is read; only question and answer must be there.
var columns = []string{"question", "answer", "language", "url", "id"}

// CSV reads a table with a header, an article in each row; spreadsheets' semicolons are read too. A question of several lines is
// several ways to ask the same. Rows with the same id are one article in several languages.
func CSV(file io.Reader, o Options) ([]knowledge.Article, []Fault) {
	in := newIntake(o)
	text := in.read(file)
	if len(in.faults) > 0 {
		return in.result()
	}
	rows := csv.NewReader(strings.NewReader(text))
	rows.FieldsPerRecord, rows.Comma = -1, separator(text)
	header, err := rows.Read()
	if err != nil {
		in.malformed(1, err)
		return in.result()
	}
	column := in.header(header)
	for len(in.faults) < maxFaults {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		line := 0
		if len(row) > 0 {
			line, _ = rows.FieldPos(0)
		}
		switch {
		case err != nil:
			in.malformed(line, err)
		case len(row) > len(header):
			in.fault(line, "There are more fields than columns: a text with a comma needs quotation marks around it.")
		default:
			in.row(line, func(name string) string {
				if i, has := column[name]; has && i < len(row) {
					return strings.TrimSpace(row[i])
				}
				return ""
			})
		}
	}
	return in.result()
}

func (in *intake) row(line int, field func(string) string) {
	a := knowledge.Article{ID: field("id"), Language: field("language"), URL: field("url"), Body: rich.Of(field("answer"))}
	for i, question := range strings.Split(field("question"), "\n") {
		switch question = oneLine(question); {
		case i == 0:
			a.Title = question
		case question != "":
			a.Questions = append(a.Questions, question)
		}
	}
	in.add(line, a)
}

// separator is the semicolon or the tab where the first line has one and no comma, as spreadsheets write it in much of Europe.
func separator(text string) rune {
	line, _, _ := strings.Cut(text, "\n")
	switch {
	case strings.Contains(line, ","):
	case strings.Contains(line, ";"):
		return ';'
	case strings.Contains(line, "\t"):
		return '\t'
	}
	return ','
}

// header says which column has which place.
func (in *intake) header(names []string) map[string]int {
	column := map[string]int{}
	for i, name := range names {
		name = strings.ToLower(strings.TrimSpace(name))
		_, twice := column[name]
		switch {
		case twice:
			in.fault(1, "The column %q is there twice.", cut(name))
		case !slices.Contains(columns, name):
			in.fault(1, "There is no column %q. The columns are %s.", cut(name), strings.Join(columns, ", "))
		}
		column[name] = i
	}
	for _, name := range columns[:2] {
		if _, has := column[name]; !has {
			in.fault(1, "The column %q is missing.", name)
		}
	}
	return column
}

func (in *intake) malformed(line int, err error) {
	if e, ok := errors.AsType[*csv.ParseError](err); ok {
		in.fault(e.Line, "This is not well-formed CSV: %s.", e.Err)
		return
	}
	in.fault(line, "The file is empty.") // it is all in memory: nothing else can go wrong
}
