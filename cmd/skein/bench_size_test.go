package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
)

// BenchmarkSize measures what an operator downloads, and what a visitor's first sight of the widget does, as served.
func BenchmarkSize(b *testing.B) {
	whole(b, "all", func(b *testing.B) {
		path, err := binary()
		must(b, err)
		info, err := os.Stat(path)
		must(b, err)
		measured(b, "", "binary-MB", float64(info.Size())/1e6, 0)

		r := newRig(b, "sqlite")
		p := r.start("127.0.0.1:0")
		total, _ := fetched(b, p, "/widget.js")
		size, page := fetched(b, p, "/widget/website")
		total += size
		assets := regexp.MustCompile(`assets/[^"']+`).FindAllString(page, -1)
		if len(assets) != 2 {
			b.Fatalf("the widget's page names %q", assets)
		}
		for _, a := range assets {
			size, _ := fetched(b, p, "/widget/"+a)
			total += size
		}
		measured(b, "", "widget-KB", float64(total)/1e3, 0)
		p.terminate()
	})
}

// fetched loads a part of the widget as a browser does and returns its size on the wire and its text. What is named
// by its content must be cached for good.
func fetched(b *testing.B, p *process, path string) (size int, text string) {
	b.Helper()
	request, err := http.NewRequest(http.MethodGet, "http://"+p.address+path, nil)
	must(b, err)
	request.Header.Set("Accept-Encoding", "gzip")
	answer, err := http.DefaultTransport.RoundTrip(request)
	must(b, err)
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	must(b, err)
	packed := answer.Header.Get("Content-Encoding") == "gzip"
	switch {
	case answer.StatusCode != http.StatusOK:
		b.Fatalf("%s: %s", path, answer.Status)
	case strings.Contains(path, "/assets/") && (!packed || !strings.Contains(answer.Header.Get("Cache-Control"), "immutable")):
		b.Errorf("%s is served with %v", path, answer.Header)
	}
	size = len(content)
	if packed {
		unpacked, err := gzip.NewReader(bytes.NewReader(content))
		must(b, err)
		content, err = io.ReadAll(unpacked)
		must(b, err)
	}
	return size, string(content)
}
