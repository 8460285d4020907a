package website

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// originSet returns the origins of the given addresses in the form browsers send them.
func originSet(addresses []string) (map[string]bool, error) {
	set := map[string]bool{}
	for _, address := range addresses {
		if address == "" {
			continue
		}
		origin, ok := originOf(address)
		if !ok {
			return nil, fmt.Errorf("%q is not an http or https origin", address)
		}
		set[origin] = true
	}
	return set, nil
}

// originOf serialises an origin as browsers do: scheme and host in lower case, the scheme's own port left out
// (https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin).
func originOf(address string) (string, bool) {
	u, err := url.Parse(strings.ToLower(address))
	if err != nil || u.Hostname() == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
		return "", false
	}
	host := u.Host
	if port := u.Port(); u.Scheme == "http" && port == "80" || u.Scheme == "https" && port == "443" {
		host = strings.TrimSuffix(host, ":"+port)
	}
	return u.Scheme + "://" + host, true
}

// admitOrigin lets scripts of the allowed origins read our answers and refuses those of any other. A request without
// an Origin comes from no page; its token decides.
func (a *Adapter) admitOrigin(w http.ResponseWriter, r *http.Request) error {
	w.Header().Add("Vary", "Origin")
	given := r.Header.Get("Origin")
	if given == "" {
		return nil
	}
	if origin, ok := originOf(given); !ok || !a.origins[origin] {
		return refuse(http.StatusForbidden, "origin", "This page is not among the sites that may use this endpoint (allowed_origins).")
	}
	w.Header().Set("Access-Control-Allow-Origin", given)
	w.Header().Set("Access-Control-Expose-Headers", "Retry-After, Content-Disposition")
	return nil
}

// preflight answers the browser's question before a cross-origin call. Cookies are never used, so never allowed.
func preflight(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", "GET, POST")
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, Cache-Control")
	h.Set("Access-Control-Max-Age", "7200")
	w.WriteHeader(http.StatusNoContent)
}
