package quickreply

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/skeindesk/skein/bridge/rich"
)

// columns of a CSV file, as they are written. Any order is read; only shortcut and body must be there.
var columns = []string{"shortcut", "title", "body", "tags", "group", "language"}

// WriteCSV writes replies as a table with a header, tags separated by commas, a line for each language. Texts lose their
// formatting; WriteJSON keeps it. Files are not written.
func WriteCSV(w io.Writer, replies []Reply) error {
	out := csv.NewWriter(w)
	rows := [][]string{columns}
	for i := range replies {
		r := &replies[i]
		row := func(language string, body rich.Doc) []string {
			return []string{r.Shortcut, r.Title, rich.Plain(body), strings.Join(r.Tags, ", "), group(r), language}
		}
		rows = append(rows, row(r.Language, r.Body))
		for _, language := range slices.Sorted(maps.Keys(r.Variants)) {
			rows = append(rows, row(language, r.Variants[language]))
		}
	}
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("write quick replies as CSV: %w", err)
	}
	return nil
}

// ReadCSV reads what WriteCSV writes, and what spreadsheets make of it (semicolons, a byte order mark). It returns all
// replies, or what is wrong in which line. Personal replies become the owner's; 0: there must be none.
func ReadCSV(r io.Reader, owner int64) ([]Reply, []Fault) {
	text := bufio.NewReader(r)
	if mark, _ := text.Peek(3); string(mark) == "\ufeff" {
		_, _ = text.Discard(3) // just peeked
	}
	in := intake{owner: owner}
	rows := csv.NewReader(text)
	rows.FieldsPerRecord, rows.Comma = -1, separator(text)
	header, err := rows.Read()
	if err != nil {
		in.csvFault(1, err)
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
		if err != nil {
			in.csvFault(line, err)
			if _, malformed := errors.AsType[*csv.ParseError](err); !malformed {
				break
			}
			continue
		}
		field := func(name string) string {
			if i, has := column[name]; has && i < len(row) {
				return row[i]
			}
			return ""
		}
		if len(row) > len(header) {
			in.fault(line, "There are more fields than columns: a text with a comma needs quotation marks around it.")
			continue
		}
		in.add(line, field("group"), Reply{
			Shortcut: field("shortcut"), Title: field("title"), Body: rich.Of(field("body")), Language: field("language"),
			Tags: strings.FieldsFunc(field("tags"), func(r rune) bool { return r == ',' || r == ';' }),
		})
	}
	return in.result()
}

// separator is the semicolon where the first line has one and no comma, as spreadsheets write it in much of Europe.
func separator(text *bufio.Reader) rune {
	start, _ := text.Peek(1024)
	line, _, _ := strings.Cut(string(start), "\n")
	if strings.Contains(line, ";") && !strings.Contains(line, ",") {
		return ';'
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
			in.fault(1, "The column %q is there twice.", name)
		case !slices.Contains(columns, name):
			in.fault(1, "There is no column %q. The columns are %s.", name, strings.Join(columns, ", "))
		}
		column[name] = i
	}
	for _, name := range []string{"shortcut", "body"} {
		if _, has := column[name]; !has {
			in.fault(1, "The column %q is missing.", name)
		}
	}
	return column
}

func (in *intake) csvFault(line int, err error) {
	if malformed, ok := errors.AsType[*csv.ParseError](err); ok {
		in.fault(malformed.Line, "This is not well-formed CSV: %s.", malformed.Err)
		return
	}
	if errors.Is(err, io.EOF) {
		in.fault(line, "The file is empty.")
		return
	}
	in.fault(line, "The file could not be read.")
}
