package widget

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// asset is one file that is served, compressed once.
type asset struct {
	name, contentType string
	hash              string // of the content, as hex
	plain, gzipped    []byte
}

// load reads a file of dist. The files are part of the program, so a missing one is a programming error.
func load(name, contentType string) asset {
	return newAsset(name, contentType, read("dist/"+name))
}

func read(name string) []byte {
	b, err := files.ReadFile(name)
	if err != nil {
		panic(fmt.Sprintf("widget: %v", err))
	}
	return b
}

func newAsset(name, contentType string, plain []byte) asset {
	sum := sha256.Sum256(plain)
	return asset{name: name, contentType: contentType, hash: hex.EncodeToString(sum[:8]), plain: plain, gzipped: compress(plain)}
}

func compress(plain []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(fmt.Sprintf("widget: %v", err))
	}
	// Writes to a bytes.Buffer do not fail.
	_, _ = w.Write(plain)
	_ = w.Close()
	return b.Bytes()
}

// address is the asset's name under /widget/assets/.
func (a asset) address() string { return a.hash + path.Ext(a.name) }

// stem is the asset's name without what tells its kind.
func (a asset) stem() string { return strings.TrimSuffix(a.name, path.Ext(a.name)) }

// handler serves the asset under the given Cache-Control.
func (a asset) handler(cacheControl string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, tag := a.plain, a.hash
		h := w.Header()
		if acceptsGzip(r.Header.Values("Accept-Encoding")) {
			body, tag = a.gzipped, a.hash+"-gzip"
			h.Set("Content-Encoding", "gzip")
		}
		h.Set("ETag", `"`+tag+`"`)
		h.Set("Cache-Control", cacheControl)
		h.Set("Vary", "Accept-Encoding")
		h.Set("X-Content-Type-Options", "nosniff")
		// The loader is for pages of other origins, also for those that isolate themselves.
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		if strings.Contains(r.Header.Get("If-None-Match"), `"`+tag+`"`) {
			h.Del("Content-Encoding")
			w.WriteHeader(http.StatusNotModified)
			return
		}
		h.Set("Content-Type", a.contentType)
		h.Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	})
}

// acceptsGzip reports whether an Accept-Encoding names gzip (or everything) without refusing it by q=0 (RFC 9110, 12.5.3).
func acceptsGzip(values []string) bool {
	any := false
	for part := range strings.SplitSeq(strings.Join(values, ","), ",") {
		coding, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		coding = strings.ToLower(strings.TrimSpace(coding))
		if coding != "gzip" && coding != "*" {
			continue
		}
		accepted := true
		if q, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(params)), "q="); ok {
			weight, err := strconv.ParseFloat(q, 64)
			accepted = err == nil && weight > 0
		}
		if coding == "gzip" {
			return accepted
		}
		any = accepted
	}
	return any
}
