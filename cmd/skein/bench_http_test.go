package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// caller is a visitor on one kept connection. It spends as little as it can on HTTP: it shares the processors with the
// daemon that it measures.
type caller struct {
	conn  net.Conn
	in    *bufio.Reader
	out   []byte
	body  []byte
	base  string // path of the endpoint
	token string
	sent  int
}

// call dials a daemon's website endpoint, or the trivial server, where every path is the same.
func call(address, endpoint string) (*caller, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return &caller{conn: conn, in: bufio.NewReaderSize(conn, 2048), base: "/v1/website/" + endpoint + "/"}, nil
}

// callers dials n visitors, each with a session. They hang up when the benchmark ends.
func callers(b *testing.B, address string, n int) []*caller {
	b.Helper()
	list := make([]*caller, n)
	for i := range list {
		list[i] = greeted(b, address, "website", fmt.Sprintf("Visitor %d", i))
	}
	return list
}

func greeted(b testing.TB, address, endpoint, name string) *caller {
	b.Helper()
	c, err := call(address, endpoint)
	must(b, err)
	b.Cleanup(func() { _ = c.conn.Close() })
	must(b, c.open(name))
	return c
}

// open opens the session; without a name it is that of a visitor who only looks.
func (c *caller) open(name string) error {
	profile := "{}"
	if name != "" {
		profile = fmt.Sprintf(`{"profile":{"name":%q}}`, name)
	}
	answer, err := c.post("sessions", "", profile)
	if err != nil {
		return err
	}
	var session struct{ Token string }
	err = json.Unmarshal(answer, &session)
	c.token = session.Token
	return err
}

// say sends a message and returns after it has been acknowledged.
func (c *caller) say(text string) error {
	c.sent++
	_, err := c.post("messages", c.token[len(c.token)-12:]+"."+strconv.Itoa(c.sent), `{"text":"`+text+`"}`)
	return err
}

func (c *caller) post(path, key, body string) ([]byte, error) {
	c.out = append(c.out[:0], "POST "...)
	c.out = append(append(c.out, c.base...), path...)
	c.out = append(c.out, " HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nContent-Length: "...)
	c.out = strconv.AppendInt(c.out, int64(len(body)), 10)
	if c.token != "" {
		c.out = append(append(c.out, "\r\nAuthorization: Bearer "...), c.token...)
	}
	if key != "" {
		c.out = append(append(c.out, "\r\nIdempotency-Key: "...), key...)
	}
	c.out = append(append(c.out, "\r\n\r\n"...), body...)
	if _, err := c.conn.Write(c.out); err != nil {
		return nil, err
	}
	return c.answer()
}

// answer reads an answer, which must be a good one with a known length.
func (c *caller) answer() ([]byte, error) {
	head, err := c.in.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	if len(head) < 12 || head[9] != '2' {
		return nil, fmt.Errorf("answered %q", head)
	}
	length := -1
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return nil, err
		}
		if line = bytes.TrimRight(line, "\r\n"); len(line) == 0 {
			break
		}
		if name, value, _ := bytes.Cut(line, []byte(": ")); string(name) == "Content-Length" {
			length, _ = strconv.Atoi(string(value))
		}
	}
	if length < 0 {
		return nil, errors.New("an answer of unknown length")
	}
	c.body = append(c.body[:0], make([]byte, length)...)
	_, err = io.ReadFull(c.in, c.body)
	return c.body, err
}

// saturate has n callers do something again and again for a time, and returns how often a second it was done.
func saturate(b *testing.B, window time.Duration, n int, do func(i int) error) float64 {
	b.Helper()
	var done atomic.Int64
	var group sync.WaitGroup
	began := time.Now()
	for i := range n {
		group.Go(func() {
			for time.Since(began) < window {
				if err := do(i); err != nil {
					b.Error(err)
					return
				}
				done.Add(1)
			}
		})
	}
	group.Wait()
	return float64(done.Load()) / time.Since(began).Seconds()
}

const trivialServer = "SKEIN_TEST_TRIVIAL_SERVER"

// TestTrivialServer is not a test: it is the process whose POSTs a second are the machine's limit for any HTTP server.
func TestTrivialServer(t *testing.T) {
	if os.Getenv(trivialServer) == "" {
		return
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	fmt.Println("ready", l.Addr())
	answer := []byte(`{"seq":1,"key":"abcdefghijkl.1","at":"2026-01-01T00:00:00.000Z"}`)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write(answer)
	})}
	go func() { _ = server.Serve(l) }()
	_, _ = io.Copy(io.Discard, os.Stdin) // until the parent closes it
	_ = server.Close()
}

// trivial starts a server that does nothing and returns n callers of it.
func trivial(b *testing.B, n int) []*caller {
	b.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestTrivialServer$")
	cmd.Env = append(os.Environ(), trivialServer+"=1")
	stdin, err := cmd.StdinPipe()
	must(b, err)
	stdout, err := cmd.StdoutPipe()
	must(b, err)
	must(b, cmd.Start())
	b.Cleanup(func() { _ = stdin.Close(); _ = cmd.Wait() })
	var address string
	_, err = fmt.Fscanf(stdout, "ready %s\n", &address)
	must(b, err)
	list := make([]*caller, n)
	for i := range list {
		list[i], err = call(address, "website")
		must(b, err)
		list[i].token = "sk1.a-token-as-long-as-a-real-one-is-so-that-as-many-bytes-are-sent-and-parsed.and-a-signature"
		b.Cleanup(func() { _ = list[i].conn.Close() })
	}
	return list
}
