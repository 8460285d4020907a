package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/workbench"
)

// stopWithin bounds how long requests under way may take once the daemon is stopping.
const stopWithin = 10 * time.Second

// bodyTime bounds how long a request may take to arrive, whatever its address. Calls that take more set their own.
const bodyTime = 30 * time.Second

func (d *daemon) server() *http.Server {
	mux := http.NewServeMux()
	for pattern, h := range d.platforms.handlers {
		mux.Handle(pattern, h)
	}
	bench := d.workbench()
	mux.Handle(workbench.Base+"/", bench.Handler())
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", d.ready)
	if d.cfg.MetricsListen == "" {
		mux.Handle("GET /metrics", loopbackOnly(d.metrics))
	}
	if d.opts.Routes != nil {
		d.opts.Routes(mux)
	}
	s := &http.Server{
		Handler:           timely(mux),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
	}
	s.RegisterOnShutdown(bench.Close)
	return s
}

// timely cuts off callers whose bodies trickle in. http.Server.ReadTimeout would do it for requests without a body as
// well, and end the context of what is answered for longer, such as a download.
func timely(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 {
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTime)) // not on every connection
		}
		h.ServeHTTP(w, r)
	})
}

func serveHTTP(s *http.Server, l net.Listener) error {
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (d *daemon) stopHTTP(s *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		d.log.Warn("requests were cut off at the end", "error", err)
		_ = s.Close()
	}
}

// serveMetrics serves /metrics on an address of its own when one is configured.
func (d *daemon) serveMetrics(ctx context.Context) (stop func(), err error) {
	if d.cfg.MetricsListen == "" {
		return func() {}, nil
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", d.cfg.MetricsListen)
	if err != nil {
		return func() {}, fmt.Errorf("listen for metrics: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", d.metrics)
	s := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = serveHTTP(s, l) }()
	return func() { d.stopHTTP(s) }, nil //nolint:contextcheck // the context that asked to stop has ended
}

// readiness is the answer of /readyz.
type readiness struct {
	Ready     bool                                      `json:"ready"`
	Database  string                                    `json:"database"` // "ok" or what is wrong
	Files     string                                    `json:"files"`    // the same of the file store
	Version   string                                    `json:"version"`
	Uptime    string                                    `json:"uptime"`
	Endpoints map[bridge.EndpointName]endpointReadiness `json:"endpoints"`
}

type endpointReadiness struct {
	Condition bridge.ConditionState `json:"condition"`
	Detail    string                `json:"detail,omitempty"`
	Since     time.Time             `json:"since"`
}

// ready answers 200 when this instance can take in and keep what people write; an endpoint that is down or runs
// elsewhere, or a file store that is down, does not change that.
func (d *daemon) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	answer := readiness{
		Ready: true, Database: "ok", Files: "ok", Version: d.opts.Version, Uptime: time.Since(d.started).Round(time.Second).String(),
		Endpoints: map[bridge.EndpointName]endpointReadiness{},
	}
	if err := d.store.SchemaCurrent(ctx); err != nil {
		d.log.Warn("not ready", "error", err)
		answer.Ready, answer.Database = false, "The database does not answer or its schema is not this version's."
	}
	switch bytes, err := d.blobs.Get(ctx, "is-it-there"); {
	case err == nil:
		_ = bytes.Close()
	case !errors.Is(err, bridge.ErrNotFound):
		d.log.Warn("files cannot be read", "error", err)
		answer.Files = "The file store does not answer or refuses. Text is delivered, files wait."
	}
	for name, c := range d.conditions.All() {
		answer.Endpoints[name] = endpointReadiness{Condition: c.State, Detail: c.Public, Since: c.Since}
	}
	w.Header().Set("Content-Type", "application/json")
	if !answer.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// loopbackOnly refuses callers from elsewhere, and callers on whose behalf a proxy on this machine asks.
func loopbackOnly(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil || !caller.Addr().Unmap().IsLoopback() || r.Header.Get("X-Forwarded-For") != "" || r.Header.Get("Forwarded") != "" {
			http.NotFound(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// prefixes reads networks that the configuration has checked.
func prefixes(networks []string) []netip.Prefix {
	var out []netip.Prefix
	for _, n := range networks {
		if p, err := netip.ParsePrefix(n); err == nil {
			out = append(out, p)
		} else if a, err := netip.ParseAddr(n); err == nil {
			out = append(out, netip.PrefixFrom(a, a.BitLen()))
		}
	}
	return out
}
