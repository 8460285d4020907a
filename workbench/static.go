package workbench

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"path"
	"strings"
)

//go:embed static
var staticFiles embed.FS

// asset is a file under an address that changes with its content.
type asset struct {
	address     string
	contentType string
	plain       []byte
	gzipped     []byte
}

func loadAssets() map[string]asset {
	types := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
	assets := map[string]asset{}
	entries, err := staticFiles.ReadDir("static")
	if err != nil {
		panic(fmt.Sprintf("workbench: %v", err)) // the files are part of the program
	}
	for _, e := range entries {
		name := e.Name()
		kind, served := types[path.Ext(name)]
		if !served {
			continue
		}
		plain, err := staticFiles.ReadFile("static/" + name)
		if err != nil {
			panic(fmt.Sprintf("workbench: %v", err))
		}
		sum := sha256.Sum256(plain)
		ext := path.Ext(name)
		a := asset{
			address: strings.TrimSuffix(name, ext) + "-" + hex.EncodeToString(sum[:6]) + ext, contentType: kind,
			plain: plain, gzipped: compress(plain),
		}
		assets[name] = a
	}
	return assets
}

func compress(plain []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(plain) // writes to a bytes.Buffer do not fail
	_ = w.Close()
	return b.Bytes()
}

// at is where a file of static is served.
func (b *Workbench) at(name string) string { return Base + "/static/" + b.assets[name].address }

func (b *Workbench) static(w http.ResponseWriter, r *http.Request) {
	for _, a := range b.assets {
		if a.address != r.PathValue("name") {
			continue
		}
		h := w.Header()
		h.Set("Content-Type", a.contentType)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("Vary", "Accept-Encoding")
		body := a.plain
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
			body = a.gzipped
		}
		_, _ = w.Write(body)
		return
	}
	http.NotFound(w, r)
}
