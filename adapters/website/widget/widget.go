// Package widget serves what a website visitor's browser loads: a small loader for the host page, and the
// application that runs in a frame of our own origin and speaks the visitor API.
//
// A site shows it with
//
//	<script async src="https://HOST/widget.js" data-endpoint="website"></script>
//
// and may add data-accent (a CSS colour), data-position (left or right), data-locale (a BCP 47 tag), data-theme (dark or
// light), data-open and data-identity (a signed identity), or set the same names and profile (an object) as window.skein
// beforehand. Skein('open') and the like call the widget, also before it has come if the page has the stub that the
// documentation shows. A site with a Content-Security-Policy of its own must allow our origin in script-src and
// frame-src, and nothing else.
//
// The application is TypeScript in src, bundled into dist, which is committed: building the daemon needs
// neither node nor a bundler. A test fails while dist is older than src. Its texts are the files in words, one a
// language: English is part of the application, of the others a visitor loads the one that they read.
package widget

import (
	"embed"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

//go:generate go run ./internal/bundle/write

//go:embed dist words
var files embed.FS

// Site is what the widget's page must know of the endpoint it is served for.
type Site struct {
	// Origins are the origins whose pages may show the widget, as scheme://host[:port]; "*" allows all.
	// Our own origin always may.
	Origins []string
	// Accent is the site's colour as #rrggbb, or empty. It is needed before there is a session.
	Accent string
}

// Options configures Handler.
type Options struct {
	// Site returns the site of an endpoint, and false for a name that is not a website endpoint.
	// It is called concurrently.
	Site func(endpoint string) (Site, bool)
}

// Handler serves
//
//	GET /widget.js                          the loader
//	GET /widget/{endpoint}                  the application's page
//	GET /widget/assets/{hash}.{js,css,json} the application and its languages, under addresses that change with their content
//
// compressed with gzip where the client takes it. Everything else under these paths is not found.
func Handler(o Options) http.Handler {
	loader := load("loader.js", "text/javascript; charset=utf-8")
	script := load("app.js", "text/javascript; charset=utf-8")
	style := load("app.css", "text/css; charset=utf-8")
	form := load("form.js", "text/javascript; charset=utf-8")
	more := load("more.js", "text/javascript; charset=utf-8")
	words := languages()
	mux := http.NewServeMux()
	mux.Handle("GET /widget.js", loader.handler("public, max-age=300, must-revalidate"))
	for _, a := range append(words, script, style, form, more) {
		mux.Handle("GET /widget/assets/"+a.address(), a.handler("public, max-age=31536000, immutable"))
	}
	mux.Handle("GET /widget/{endpoint}", page{site: o.Site, script: script, style: style, form: form, more: more, words: words})
	return mux
}

// page is the document inside the frame.
type page struct {
	site          func(string) (Site, bool)
	script, style asset
	form, more    asset
	words         []asset
}

//go:embed src/shell.html
var shell string

func (p page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	site, ok := p.site(r.PathValue("endpoint"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy(site.Origins))
	h.Set("Cache-Control", "no-cache")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	// A failed write means that the browser has gone; there is nobody left to tell.
	_, _ = io.WriteString(w, p.document(site))
}

func (p page) document(site Site) string {
	var words []string
	for _, w := range p.words {
		words = append(words, w.stem()+":"+w.hash)
	}
	return strings.NewReplacer(
		"{{accent}}", html.EscapeString(accent(site.Accent)), "{{words}}", html.EscapeString(strings.Join(words, " ")),
		"{{form}}", p.form.address(), "{{more}}", p.more.address(), "{{style}}", p.style.address(), "{{script}}", p.script.address(),
	).Replace(shell)
}

var colour = regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)

func accent(value string) string {
	if colour.MatchString(value) {
		return value
	}
	return ""
}

// policy is the page's Content-Security-Policy: it runs only our files, speaks only to us, and is shown
// only by the given origins. An origin that is not one is left out, so that no value can add a directive.
func policy(origins []string) string {
	ancestors := []string{"'self'"}
	for _, o := range origins {
		if o == "*" || isOrigin(o) {
			ancestors = append(ancestors, o)
		}
	}
	return fmt.Sprintf("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "+
		"img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors %s", strings.Join(ancestors, " "))
}

func isOrigin(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" &&
		s == u.Scheme+"://"+u.Host && !strings.ContainsAny(s, ";, '\"\t\r\n")
}
