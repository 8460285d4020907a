package website

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// Outside is what a website endpoint's visitors need of its address. It needs no part of the endpoint, which may run
// elsewhere or not yet.
type Outside struct {
	Name           bridge.EndpointName
	PublicURL      string
	AllowedOrigins []string
	Timeout        time.Duration // of one call; 0: none but the context's
	Client         *http.Client  // nil: one of its own
}

var _ bridge.Examiner = Outside{}

// Examine implements bridge.Examiner. It asks at the public address, as a browser does before a page's first call.
func (o Outside) Examine(ctx context.Context) []bridge.Finding {
	public, err := url.Parse(o.PublicURL)
	if err != nil || public.Host == "" {
		return []bridge.Finding{finding(bridge.Amiss, "public_url is not an address.")}
	}
	return append(o.examineOrigins(public), o.examineAddress(ctx))
}

func finding(g bridge.Grade, format string, args ...any) bridge.Finding {
	return bridge.Finding{Grade: g, Public: fmt.Sprintf(format, args...)}
}

// examineOrigins compares the sites that show the widget with the address that they load it from.
func (o Outside) examineOrigins(public *url.URL) []bridge.Finding {
	if len(o.AllowedOrigins) == 0 {
		return []bridge.Finding{finding(bridge.Aside, "allowed_origins is empty: only pages of public_url itself can show the widget.")}
	}
	local := isLoopback(public.Hostname())
	for _, origin := range o.AllowedOrigins {
		site, err := url.Parse(origin)
		switch {
		case err != nil:
		case public.Scheme == "http" && site.Scheme == "https" && !local:
			return []bridge.Finding{finding(bridge.Amiss, "public_url is http, and browsers load nothing from there into pages of %s. "+
				"Serve Skein under https and configure that address.", origin)}
		case local && !isLoopback(site.Hostname()):
			return []bridge.Finding{finding(bridge.Aside, "public_url is an address of this machine: visitors of %s who sit elsewhere do not reach it.", origin)}
		}
	}
	return nil
}

func isLoopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && a.IsLoopback()
}

// examineAddress asks on behalf of each site; what goes wrong first is told.
func (o Outside) examineAddress(ctx context.Context) bridge.Finding {
	origins := o.AllowedOrigins
	if len(origins) == 0 {
		origins = []string{o.PublicURL}
	}
	for _, origin := range origins {
		given, _ := originOf(origin)
		status, header, err := o.ask(ctx, given)
		if err != nil {
			return unreachable(err)
		}
		if f := judgeAnswer(status, header, given); f.Grade != bridge.Fine {
			return f
		}
	}
	return finding(bridge.Fine, "public_url leads to a Skein that runs, and it lets the pages of allowed_origins in.")
}

// ask makes the call that a browser makes before a page's first one.
func (o Outside) ask(ctx context.Context, origin string) (status int, header http.Header, err error) {
	if o.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.Timeout)
		defer cancel()
	}
	address := strings.TrimRight(o.PublicURL, "/") + "/v1/website/" + string(o.Name) + "/sessions"
	req, err := http.NewRequestWithContext(ctx, http.MethodOptions, address, nil)
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Origin", origin)
	req.Header.Set("Access-Control-Request-Method", http.MethodPost)
	client := http.Client{}
	if o.Client != nil {
		client = *o.Client
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // browsers follow none here
	resp, err := client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	return resp.StatusCode, resp.Header, resp.Body.Close()
}

const notRunning = "If Skein does not run yet, start it and check again; if it does, look at `listen` and at the proxy in front of it."

func unreachable(err error) bridge.Finding {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return finding(bridge.Amiss, "The name in public_url cannot be resolved. Correct it, or wait until the name server knows it (%s).", err)
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return finding(bridge.Amiss, "The certificate of public_url is not valid. Renew it, or correct the address (%s).", err)
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return finding(bridge.Aside, "Nothing answers at public_url. %s", notRunning)
	}
	return finding(bridge.Amiss, "public_url does not answer from here. Look at the firewall and the proxy (%s).", err)
}

func judgeAnswer(status int, header http.Header, origin string) bridge.Finding {
	switch {
	case status == http.StatusNoContent && header.Get("Access-Control-Allow-Origin") == origin:
		return bridge.Finding{Grade: bridge.Fine}
	case status == http.StatusForbidden && header.Get("Content-Type") == problemType:
		return finding(bridge.Amiss, "The Skein that runs at public_url does not let pages of %s in: start it again with this configuration.", origin)
	case status == http.StatusBadGateway || status == http.StatusServiceUnavailable || status == http.StatusGatewayTimeout:
		return finding(bridge.Aside, "The proxy at public_url reaches no Skein (status %d). %s", status, notRunning)
	case status/100 == 3:
		return finding(bridge.Amiss, "public_url leads on to another address (status %d), where browsers do not follow. Configure that one.", status)
	default:
		return finding(bridge.Amiss, "Something else than this endpoint answers at public_url (status %d). "+
			"Let the proxy pass /v1/ and /widget.js on to `listen`, and start Skein again with this configuration.", status)
	}
}
