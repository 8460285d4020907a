package workbench

import (
	"net/http"
	"time"

	"github.com/go-chi/httprate"
)

// policy lets a page load and ask only what is ours, and nobody frame it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"media-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guarded puts around all pages what keeps others out: forms of other sites are refused, nothing is framed, kept by
// caches or told to other sites.
func (b *Workbench) guarded(h http.Handler) http.Handler {
	forms := http.NewCrossOriginProtection()
	_ = forms.AddTrustedOrigin(b.cfg.PublicURL) // one that is no origin adds nothing to trust
	forms.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.showDoor(w, r, http.StatusForbidden, "Nothing was changed: that came from another site.")
	}))
	inner := forms.Handler(h)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		set := w.Header()
		set.Set("Content-Security-Policy", policy)
		set.Set("X-Content-Type-Options", "nosniff")
		set.Set("X-Frame-Options", "DENY")
		set.Set("Referrer-Policy", "same-origin")
		set.Set("Cross-Origin-Opener-Policy", "same-origin")
		set.Set("Cross-Origin-Resource-Policy", "same-origin")
		set.Set("Cache-Control", "no-store")
		set.Set("X-Robots-Tag", "noindex")
		inner.ServeHTTP(w, r)
	})
}

// attempted bounds how often one address tries to get in: links cannot be guessed, and are not to be tried.
func (b *Workbench) attempted(h http.HandlerFunc) http.Handler {
	return httprate.LimitBy(attemptsPerMinute, time.Minute,
		func(r *http.Request) (string, error) { return b.cfg.Address(r), nil },
		httprate.WithLimitHandler(func(w http.ResponseWriter, r *http.Request) {
			b.showDoor(w, r, http.StatusTooManyRequests, "Too many attempts. Try again in a minute.")
		}))(h)
}

const attemptsPerMinute = 30
