// Command gnomehelp makes the articles that the retrieval is tried on of the GNOME user documentation, as Debian packs it:
//
//	apt-get download gnome-user-docs=43.0-2 && dpkg-deb -x gnome-user-docs_43.0-2_all.deb gnome
//	go run ./bridge/knowledge/internal/gnomehelp gnome/usr/share/help bridge/knowledge/testdata
//
// Of each page that questions.csv in the second folder asks for it takes the title, the description and the paragraphs as far
// as they fit, and writes them as tables for the import: gnome-en.csv, and gnome-other.csv with the pages that
// questions-other.csv asks for in other languages.
package main

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxText is how many bytes of a page are taken, about.
const maxText = 1500

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: gnomehelp HELP-FOLDER TESTDATA-FOLDER")
		os.Exit(2)
	}
	for _, err := range []error{
		write(os.Args[1], os.Args[2], "questions.csv", "gnome-en.csv"),
		write(os.Args[1], os.Args[2], "questions-other.csv", "gnome-other.csv"),
	} {
		if err != nil {
			fmt.Fprintln(os.Stderr, "gnomehelp:", err)
			os.Exit(1)
		}
	}
}

// write makes the table of the pages that the questions are about. Where questions are in several languages, each of these
// pages is taken in each of the languages.
func write(help, folder, questions, to string) error {
	raw, err := os.ReadFile(filepath.Join(folder, questions))
	if err != nil {
		return err
	}
	rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		return fmt.Errorf("%s: %w", questions, err)
	}
	var pages, languages []string
	for _, row := range rows[1:] { // page, language, use, question
		pages, languages = append(pages, row[0]), append(languages, row[1])
	}
	slices.Sort(pages)
	slices.Sort(languages)
	out := [][]string{{"question", "answer", "language", "url"}}
	for _, language := range slices.Compact(languages) {
		for _, page := range slices.Compact(slices.Clone(pages)) {
			title, text, err := read(filepath.Join(help, folderOf(language), "gnome-help", page+".page"))
			if err != nil {
				return err
			}
			out = append(out, []string{title, text, language, "https://help.gnome.org/users/gnome-help/43/" + page + ".html"})
		}
	}
	var table bytes.Buffer
	if err := csv.NewWriter(&table).WriteAll(out); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, to), table.Bytes(), 0o644)
}

func folderOf(language string) string {
	switch language {
	case "en":
		return "C"
	case "pt":
		return "pt_BR"
	}
	return language
}

// read returns a page's title, and its description and text in paragraphs.
func read(file string) (title, text string, err error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return "", "", err
	}
	d := xml.NewDecoder(bytes.NewReader(raw))
	d.Strict, d.Entity = false, xml.HTMLEntity
	var path, paragraphs []string
	var words strings.Builder
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", "", fmt.Errorf("%s: %w", file, err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			path = append(path, t.Name.Local)
			if isText(t.Name.Local) {
				words.Reset()
			}
		case xml.CharData:
			words.Write(t)
		case xml.EndElement:
			path = path[:len(path)-1]
			said := strings.Join(strings.Fields(words.String()), " ")
			switch {
			case !isText(t.Name.Local) || said == "" || slices.Contains(path, "info") && t.Name.Local != "desc":
			case t.Name.Local == "title" && title == "":
				title = said
			default:
				paragraphs = append(paragraphs, said)
			}
			if isText(t.Name.Local) {
				words.Reset()
			}
		}
	}
	for _, p := range paragraphs {
		if text != "" && len(text)+len(p) > maxText {
			break
		}
		text += "\n\n" + p
	}
	return title, strings.TrimPrefix(text, "\n\n"), nil
}

// isText reports the elements that hold words of the page.
func isText(element string) bool { return slices.Contains([]string{"title", "desc", "p"}, element) }
