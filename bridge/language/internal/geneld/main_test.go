package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skeindesk/skein/bridge/npmtest"
)

var eld = npmtest.Release{
	Name:      "eld",
	Version:   "2.1.0",
	Integrity: "sha512-hDQ9FX17th7NDNMO8/St6m3ADQVqjF0sQoOHI6NUAxC7yDaPmZ9wC9d8zau/9FIqOV7KtNwrPKRt6fkkrzZj0g==",
}

func TestTableIsGenerated(t *testing.T) {
	files, err := eld.Files(func(name string) bool {
		return name == "LICENSE" || name == "src/dictionary.js" || name == "src/ngrams/small.js"
	})
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for name, content := range files {
		file := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	made := filepath.Join(folder, "eld.gz")
	if err := generate(folder, made); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(unzip(t, made), unzip(t, "../../eld.gz")) {
		t.Error("eld.gz is not what the generator makes of eld: run go generate ./bridge/language")
	}
	licence, err := os.ReadFile("../../eld.LICENSE")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(licence, files["LICENSE"]) {
		t.Error("eld.LICENSE is not eld's")
	}
}

func unzip(t *testing.T, file string) []byte {
	t.Helper()
	packed, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

func TestForeignTablesAreRefused(t *testing.T) {
	letters := map[rune]byte{'L': 0xe3}
	for source, want := range map[string]string{
		"nothing":                            "no n-grams",
		"0:'am',ngrams:{'abc':{0:1},what}":   "not understood",
		"0:'am',ngrams:{'abc':{7:1}}":        "bad weight",
		"0:'am',ngrams:{'abc':{0:300}}":      "bad weight",
		"0:'am',ngrams:{'aXc':{0:1}}":        "stands for no byte",
		"0:'am',ngrams:{'abcdefg':{0:1}}":    "want 1 to 6",
		"0:'am',2:'ar',ngrams:{'abc':{0:1}}": "out of order",
	} {
		if _, _, err := read(source, letters); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", source, err, want)
		}
	}
	if _, err := pack([]string{"am"}, []gram{{bytes: "a"}, {bytes: "a"}}); err == nil {
		t.Error("the same n-gram twice is not refused")
	}
}
