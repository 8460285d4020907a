package main

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"time"
)

//go:embed static
var static embed.FS

// pagePolicy lets the page use its own files and nothing else; shopPolicy is the same for the shop, which the page
// frames.
const (
	pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
		"frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors "
	shopAncestors = "'self'"
)

// routes adds
//
//	GET  /demo/         the page: a shop with the widget, and the clients of the simulated platforms
//	GET  /demo/shop     the shop alone
//	GET  /demo/state    what the clients show
//	GET  /demo/events   hints that the state has changed
//	POST /demo/act      what a person does in a client
//	GET  /demo/files/…  files that were shown in a client
//	GET  /demo/static/… styles, scripts and pictures of these pages
func (d *demo) routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/demo/", http.StatusFound) })
	mux.HandleFunc("GET /demo/{$}", d.page)
	mux.HandleFunc("GET /demo/shop", document("shop.html", pagePolicy+shopAncestors))
	mux.HandleFunc("GET /demo/static/{name...}", asset)
	mux.HandleFunc("GET /demo/state", d.state)
	mux.HandleFunc("GET /demo/events", d.events)
	mux.HandleFunc("GET /demo/files/{platform}/{id}/{name}", d.file)
	mux.Handle("POST /demo/act", http.NewCrossOriginProtection().Handler(http.HandlerFunc(d.act)))
}

// page answers GET /demo/. With ?both in the address, conversations open in every client of the team from now on, and
// without it where the command line says: the page that was opened last decides. Open conversations stay where they are.
func (d *demo) page(w http.ResponseWriter, r *http.Request) {
	if both := d.alwaysBoth || r.URL.Query().Has("both"); d.both.Swap(both) != both {
		d.changes.add()
	}
	document("demo.html", pagePolicy+"'none'")(w, r)
}

func document(name, policy string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Referrer-Policy", "same-origin")
		serveStatic(w, r, name)
	}
}

// asset serves the files beside the documents.
func asset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	switch path.Ext(name) {
	case ".html": // only with its policy, as a document
		http.NotFound(w, r)
		return
	case ".svg": // opened by itself, a picture is a document too
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
	}
	serveStatic(w, r, name)
}

func serveStatic(w http.ResponseWriter, r *http.Request, name string) {
	content, err := fs.ReadFile(static, path.Join("static", name))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	sum := sha256.Sum256(content)
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:12])+`"`)
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
}

// serveFile serves the bytes of a file that a client shows.
func serveFile(w http.ResponseWriter, r *http.Request, kind string, data []byte) {
	if kind != "" {
		w.Header().Set("Content-Type", kind)
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}
