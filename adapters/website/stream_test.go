package website

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/skeindesk/skein/bridge"
)

// serve starts an HTTP server and the adapter's Run. Both end with the test, and nothing may be left then.
func serve(t testing.TB, m *memory, change ...func(*Config)) (a *Adapter, url string, stop func()) {
	t.Helper()
	here := goleak.IgnoreCurrent()
	a = newTestAdapter(t, m, change...)
	server := httptest.NewServer(a.Handler())
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		server.Close()
		goleak.VerifyNone(t, here)
	})
	return a, server.URL + base, runAdapter(t, a)
}

// listener is the raw end of a stream.
type listener struct {
	t    testing.TB
	body io.ReadCloser
	scan *bufio.Scanner
}

func listen(t testing.TB, url, token string, after int64) *listener {
	t.Helper()
	l, status := tryListen(t, url, token, after)
	if status != http.StatusOK {
		t.Fatalf("stream: %d", status)
	}
	return l
}

func tryListen(t testing.TB, url, token string, after int64) (*listener, int) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", url+"stream?token="+token, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Last-Event-ID", strconv.FormatInt(after, 10))
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	l := &listener{t: t, body: answer.Body, scan: bufio.NewScanner(answer.Body)}
	t.Cleanup(l.close)
	return l, answer.StatusCode
}

func (l *listener) close() { _ = l.body.Close() }

// next returns the next event; io.EOF at the end of the stream.
func (l *listener) next() (kind, id, data string, err error) {
	for l.scan.Scan() {
		field, value, _ := strings.Cut(l.scan.Text(), ": ")
		switch field {
		case "event":
			kind = value
		case "id":
			id = value
		case "data":
			data = value
		case "":
			if kind != "" {
				return kind, id, data, nil
			}
		}
	}
	if l.scan.Err() != nil {
		return "", "", "", l.scan.Err()
	}
	return "", "", "", io.EOF
}

func (l *listener) entry() entry {
	l.t.Helper()
	kind, id, data, err := l.next()
	if err != nil || kind != "entry" {
		l.t.Fatalf("event %q: %v", kind, err)
	}
	var e entry
	if err := json.Unmarshal([]byte(data), &e); err != nil {
		l.t.Fatal(err)
	}
	if id != strconv.FormatInt(e.Seq, 10) {
		l.t.Fatalf("id %s of entry %d", id, e.Seq)
	}
	return e
}

// await looks again until what it waits for has come about.
func await(t testing.TB, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// open counts the open streams.
func (f *streams) count() (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.readers {
		n += len(r.streams)
	}
	return n
}

func TestStreamTellsWhatIsThereAndWhatComes(t *testing.T) {
	m := newMemory()
	typing := bridge.NewHub()
	a, url, _ := serve(t, m, func(c *Config) { c.Typing = typing })
	v := visitor{Key: "v1"}
	m.agentSays("v1", "one")
	l := listen(t, url, a.newToken(v, time.Now()), 0)
	if e := l.entry(); e.Seq != 1 || e.Text != "one" || e.By.Name != "Ana" {
		t.Fatalf("entry %+v", e)
	}
	m.add("v1", bridge.Entry{Kind: bridge.Noted, Audience: bridge.AgentsOnly})
	m.agentSays("v1", "three")
	m.agentSays("elsewhere", "not yours")
	m.add("v1", bridge.Entry{Kind: bridge.Deleted, Target: 3})
	if e := l.entry(); e.Seq != 3 || e.Text != "three" {
		t.Fatalf("entry %+v", e)
	}
	if e := l.entry(); e.Kind != "deleted" || e.Target != 3 {
		t.Fatalf("entry %+v", e)
	}
	typing.Relay(m.threads["elsewhere"])
	typing.Relay(m.threads["v1"])
	if kind, _, data, _ := l.next(); kind != "typing" || data != `{"typing":true}` {
		t.Fatalf("event %s %s", kind, data)
	}
	a.ShowPresence(false)
	if kind, _, data, _ := l.next(); kind != "presence" || data != `{"online":false}` {
		t.Fatalf("event %s %s", kind, data)
	}
}

// The first message may come in through another instance: the hint then names a conversation nobody here knows.
func TestStreamBeforeTheFirstMessage(t *testing.T) {
	m := newMemory()
	a, url, _ := serve(t, m)
	l := listen(t, url, a.newToken(visitor{Key: "late"}, time.Now()), 0)
	await(t, "the stream is open", func() bool { return a.streams.count() == 1 })
	for range 50 {
		m.agentSays("others", "x")
	}
	m.agentSays("late", "first")
	if e := l.entry(); e.Text != "first" {
		t.Fatalf("entry %+v", e)
	}
	if n := m.lookUps.Load(); n > 2 {
		t.Errorf("%d look-ups for 2 unknown conversations", n)
	}
}

// A stream goes on in the conversation that takes the place of one that is over.
func TestStreamGoesOnInAnotherConversation(t *testing.T) {
	m := newMemory()
	a, url, _ := serve(t, m)
	m.agentSays("v1", "one")
	l := listen(t, url, a.newToken(visitor{Key: "v1"}, time.Now()), 0)
	if e := l.entry(); e.Text != "one" {
		t.Fatalf("entry %+v", e)
	}
	m.begin("v1", "two")
	if e := l.entry(); e.Seq != 2 || e.Text != "two" {
		t.Fatalf("entry %+v", e)
	}
	m.agentSays("v1", "three")
	if e := l.entry(); e.Seq != 3 || e.Text != "three" {
		t.Fatalf("entry %+v", e)
	}
}

func TestStreamResumes(t *testing.T) {
	m := newMemory()
	a, url, _ := serve(t, m)
	token := a.newToken(visitor{Key: "v1"}, time.Now())
	const entries = 600
	go func() {
		for i := range entries {
			m.agentSays("v1", fmt.Sprint(i))
		}
	}()
	var last int64
	for connection := 0; last < entries; connection++ {
		l := listen(t, url, token, last)
		for range 1 + connection*7%90 { // then the visitor's network is gone
			if last == entries {
				break
			}
			e := l.entry()
			if e.Seq != last+1 {
				t.Fatalf("%d after %d", e.Seq, last)
			}
			last = e.Seq
		}
		l.close()
	}
	await(t, "closed streams are forgotten", func() bool { return a.streams.count() == 0 })
}

func TestOrderWithManyWritersAndStreams(t *testing.T) {
	m := newMemory()
	a, url, _ := serve(t, m)
	const visitors, streamsEach, writers, lines = 5, 3, 4, 100
	var writing, listening sync.WaitGroup
	for v := range visitors {
		thread := bridge.ThreadRef(fmt.Sprintf("v%d", v))
		for range streamsEach {
			l := listen(t, url, a.newToken(visitor{Key: string(thread)}, time.Now()), 0)
			listening.Go(func() {
				for want := int64(1); want <= writers*lines; want++ {
					if e := l.entry(); e.Seq != want {
						t.Errorf("%d, want %d", e.Seq, want)
						return
					}
				}
			})
		}
		for w := range writers {
			writing.Go(func() {
				for i := range lines {
					m.agentSays(thread, fmt.Sprintf("%d.%d", w, i))
				}
			})
		}
	}
	writing.Wait()
	listening.Wait()
}

func TestStreamSurvivesABrokenLog(t *testing.T) {
	m := newMemory()
	a, url, _ := serve(t, m)
	m.agentSays("v1", "one")
	m.setBroken(errors.New("no database"))
	l := listen(t, url, a.newToken(visitor{Key: "v1"}, time.Now()), 0)
	w := listen(t, url, a.newToken(visitor{Key: "waiting"}, time.Now()), 0)
	await(t, "a reading has failed", func() bool {
		a.streams.mu.Lock()
		defer a.streams.mu.Unlock()
		return len(a.streams.again) > 0
	})
	m.agentSays("waiting", "first")
	m.setBroken(nil)
	if e := l.entry(); e.Text != "one" {
		t.Errorf("entry %+v", e)
	}
	if e := w.entry(); e.Text != "first" {
		t.Errorf("entry %+v", e)
	}
}

// The hint about somebody's first message is not lost with the look-up that it causes.
func TestBrokenLookUpIsRepeated(t *testing.T) {
	m := newMemory()
	a, url, _ := serve(t, m)
	l := listen(t, url, a.newToken(visitor{Key: "late"}, time.Now()), 0)
	await(t, "the stream has looked for itself", func() bool { return m.reads.Load() > 0 })
	m.setBroken(errors.New("no database"))
	m.agentSays("late", "first")
	await(t, "a look-up has failed", func() bool { return m.lookUps.Load() > 0 })
	m.setBroken(nil)
	if e := l.entry(); e.Text != "first" {
		t.Errorf("entry %+v", e)
	}
}

func TestStopClosesStreams(t *testing.T) {
	m := newMemory()
	a, url, stop := serve(t, m)
	token := a.newToken(visitor{Key: "v1"}, time.Now())
	l := listen(t, url, token, 0)
	await(t, "the stream is open", func() bool { return a.streams.count() == 1 })
	stop()
	if _, _, _, err := l.next(); !errors.Is(err, io.EOF) {
		t.Errorf("after the stop: %v", err)
	}
	if _, status := tryListen(t, url, token, 0); status != http.StatusServiceUnavailable {
		t.Errorf("a stream after the stop: %d", status)
	}
}

func TestStreamsPerAddress(t *testing.T) {
	m := newMemory()
	var connected atomic.Int64
	a, url, _ := serve(t, m, func(c *Config) {
		c.Limits.StreamsPerAddress = 2
		c.Meters.Connected = func(change int) { connected.Add(int64(change)) }
	})
	token := a.newToken(visitor{Key: "v1"}, time.Now())
	first := listen(t, url, token, 0)
	listen(t, url, token, 0)
	if _, status := tryListen(t, url, token, 0); status != http.StatusTooManyRequests {
		t.Errorf("third stream: %d", status)
	}
	await(t, "two streams are counted", func() bool { return connected.Load() == 2 })
	first.close()
	await(t, "one stream is counted", func() bool { return connected.Load() == 1 })
	await(t, "there is room again", func() bool {
		l, status := tryListen(t, url, token, 0)
		l.close()
		return status == http.StatusOK
	})
}

// What a client says on a stream's connection is its end: a stream is not a place to queue requests.
func TestStreamEndsWhenTheClientSpeaks(t *testing.T) {
	m := newMemory()
	a, url, _ := serve(t, m)
	host := strings.TrimPrefix(strings.TrimSuffix(url, base), "http://")
	conn, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET %sstream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", base, a.newToken(visitor{Key: "v"}, time.Now()))
	await(t, "the stream is open", func() bool { return a.streams.count() == 1 })
	fmt.Fprint(conn, "GET / HTTP/1.1\r\n\r\n")
	await(t, "the stream is closed", func() bool { return a.streams.count() == 0 })
}

func TestStrangersAreForgottenInTime(t *testing.T) {
	var s strangers
	for c := range bridge.ConversationID(10 * maxStrangers) {
		if !s.add(c) || s.add(c) {
			t.Fatalf("conversation %d", c)
		}
	}
	if n := len(s.recent) + len(s.older); n > 2*maxStrangers {
		t.Errorf("remembers %d", n)
	}
}
