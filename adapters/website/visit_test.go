package website

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/skeindesk/skein/adapters/website/webtest"
	"github.com/skeindesk/skein/bridge"
)

// unreliable loses requests before and after they have been served, and refuses some.
func unreliable(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch rand.N(10) {
		case 0:
			panic(http.ErrAbortHandler)
		case 1:
			w.WriteHeader(http.StatusBadGateway)
		case 2:
			if r.URL.Path != base+"stream" {
				h.ServeHTTP(httptest.NewRecorder(), r)
			}
			panic(http.ErrAbortHandler) // served, but the answer is lost
		default:
			h.ServeHTTP(w, r)
		}
	})
}

// cutting closes connections at random after they have been accepted.
type cutting struct {
	net.Listener
	mu    sync.Mutex
	conns []net.Conn
}

func (c *cutting) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err == nil {
		c.mu.Lock()
		c.conns = append(c.conns, conn)
		c.mu.Unlock()
	}
	return conn, err
}

func (c *cutting) cutAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.conns {
		_ = conn.Close()
	}
	c.conns = nil
}

// Visitors write while agents answer, over two instances that lose requests and connections.
func TestNothingLostDoubledOrReordered(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	m := newMemory()
	var servers []string
	var listeners []*cutting
	for range 2 {
		a := newTestAdapter(t, m)
		defer runAdapter(t, a)()
		s := httptest.NewUnstartedServer(unreliable(a.Handler()))
		l := &cutting{Listener: s.Listener}
		s.Listener = l
		s.Start()
		defer s.Close()
		servers, listeners = append(servers, s.URL), append(listeners, l)
	}
	site := webtest.NewSite("website", servers...)
	defer site.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	streams, endStreams := context.WithCancel(ctx)
	defer endStreams()

	const visitors, lines = 8, 30
	var writing, following sync.WaitGroup
	all := make([]*webtest.Visitor, visitors)
	for i := range all {
		v := site.Visitor()
		all[i] = v
		s, err := v.Open(ctx, webtest.Introduction{})
		if err != nil {
			t.Fatal(err)
		}
		following.Go(func() {
			if err := v.Stream(streams); err != nil {
				t.Error(err)
			}
		})
		writing.Go(func() {
			for n := range lines {
				if _, err := v.Say(ctx, fmt.Sprintf("visitor %d line %d", i, n)); err != nil {
					t.Error(err)
					return
				}
			}
		})
		writing.Go(func() {
			for n := range lines {
				m.agentSays(bridge.ThreadRef(s.Visitor.ID), fmt.Sprintf("agent to %d line %d", i, n))
				if n%10 == 0 {
					listeners[n%2].cutAll()
				}
			}
		})
	}
	writing.Wait()
	for i, v := range all {
		if err := v.Await(ctx, func(heard []webtest.Entry) bool { return len(heard) == 2*lines }); err != nil {
			t.Fatal(err)
		}
		if lost := v.Unheard(); len(lost) > 0 {
			t.Errorf("visitor %d: lost %v", i, lost)
		}
		history, err := v.History(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for n, e := range v.Transcript() {
			if e.Seq != int64(n+1) || e.Text != history[n].Text || e.At != history[n].At {
				t.Fatalf("visitor %d: entry %d is %+v, history says %+v", i, n, e, history[n])
			}
		}
	}
	endStreams()
	following.Wait()
	t.Logf("%d retries", all[0].Retries())
}

// The scripted visitor must notice what it is there to notice.
func TestScriptedVisitorNotices(t *testing.T) {
	for name, events := range map[string]string{
		"repeated":   "id: 1\nevent: entry\ndata: {\"seq\":1}\n\nid: 1\nevent: entry\ndata: {\"seq\":1}\n\n",
		"reordered":  "id: 2\nevent: entry\ndata: {\"seq\":2}\n\nid: 1\nevent: entry\ndata: {\"seq\":1}\n\n",
		"wrong id":   "id: 2\nevent: entry\ndata: {\"seq\":1}\n\n",
		"not JSON":   "id: 1\nevent: entry\ndata: {\n\n",
		"other type": "id: 1\nevent: entry\ndata: []\n\n",
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/event-stream")
				_, _ = w.Write([]byte(events))
			}))
			defer s.Close()
			v := webtest.NewSite("website", s.URL).Visitor()
			if err := v.Stream(t.Context()); err == nil || v.Broken() == nil {
				t.Fatal("noticed nothing")
			}
			defer func() {
				if recover() == nil {
					t.Error("the transcript is given out all the same")
				}
			}()
			v.Transcript()
		})
	}
}

func TestScriptedVisitorIsRefused(t *testing.T) {
	_, url, _ := serve(t, newMemory())
	v := webtest.NewSite("website", url[:len(url)-len(base)]).Visitor()
	_, err := v.Say(t.Context(), "hello")
	if p, ok := errors.AsType[*webtest.Problem](err); !ok || p.Status != http.StatusUnauthorized || p.Code != "token" {
		t.Errorf("without a session: %v", err)
	}
	if err := v.Stream(t.Context()); err == nil {
		t.Error("a stream without a session")
	}
}
