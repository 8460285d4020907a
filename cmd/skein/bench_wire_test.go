package main

import (
	"bytes"
	endian "encoding/binary" // binary is the program
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// wiretap passes PostgreSQL's protocol on and counts the statements of transactions that write an entry
// (https://www.postgresql.org/docs/current/protocol-message-formats.html).
type wiretap struct {
	listener net.Listener
	server   string

	mu           sync.Mutex
	transactions []int // statements in each, BEGIN and COMMIT included: the client waits for each
}

// statementsPerMessage starts a daemon behind a wiretap and returns how many statements it takes to accept a message
// in a conversation that exists.
func (r *rig) statementsPerMessage(b *testing.B) float64 {
	b.Helper()
	u, err := url.Parse(r.database)
	must(b, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(b, err)
	defer l.Close()
	tap := &wiretap{listener: l, server: u.Host}
	go tap.serve()
	u.Host = l.Addr().String()
	p := r.startOn("127.0.0.1:0", u.String())
	c := greeted(b, p.address, "website", "Vera")
	must(b, c.say(saying))
	opened := tap.count()
	const messages = 20
	for range messages {
		must(b, c.say(saying))
	}
	all := tap.count()[len(opened):]
	p.terminate()
	if len(all) < messages {
		b.Fatalf("%d transactions were seen for %d messages", len(all), messages)
	}
	sum := 0
	for _, n := range all {
		sum += n
	}
	return float64(sum) / float64(len(all))
}

func (t *wiretap) count() []int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]int(nil), t.transactions...)
}

func (t *wiretap) serve() {
	for {
		client, err := t.listener.Accept()
		if err != nil {
			return
		}
		go t.pass(client)
	}
}

func (t *wiretap) pass(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", t.server)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		_, _ = io.Copy(client, server)
		_ = client.Close()
	}()
	c := wire{tap: t, entries: map[string]bool{}}
	head := make([]byte, 4) // the first message has no type
	for first := true; ; first = false {
		kind := byte(0)
		if !first {
			if _, err := io.ReadFull(client, head[:1]); err != nil {
				return
			}
			kind = head[0]
			if _, err := server.Write(head[:1]); err != nil {
				return
			}
		}
		if _, err := io.ReadFull(client, head); err != nil {
			return
		}
		message := make([]byte, endian.BigEndian.Uint32(head)-4)
		if _, err := io.ReadFull(client, message); err != nil {
			return
		}
		c.see(kind, message) // before the server can answer
		if _, err := server.Write(append(bytes.Clone(head), message...)); err != nil {
			return
		}
	}
}

// wire is one connection.
type wire struct {
	tap     *wiretap
	entries map[string]bool // prepared statements that write an entry
	in      bool            // a transaction
	count   int
	writes  bool // an entry
}

func (c *wire) see(kind byte, message []byte) {
	switch kind {
	case 'P': // parse: name, text
		name, rest := cutString(message)
		text, _ := cutString(rest)
		c.entries[name] = strings.Contains(text, "INSERT INTO entries")
	case 'B': // bind: portal, name
		_, rest := cutString(message)
		name, _ := cutString(rest)
		c.writes = c.writes || c.entries[name]
	case 'E': // execute
		if c.count++; !c.in { // by itself
			c.end()
		}
	case 'Q': // simple query
		text, _ := cutString(message)
		switch {
		case strings.HasPrefix(text, "BEGIN"):
			c.in, c.count, c.writes = true, 1, false
		case strings.HasPrefix(text, "COMMIT"):
			c.count++
			c.end()
		case strings.HasPrefix(text, "ROLLBACK"):
			c.writes = false
			c.end()
		default:
			c.count++
		}
	}
}

// end is the end of a transaction.
func (c *wire) end() {
	if c.writes {
		c.tap.mu.Lock()
		c.tap.transactions = append(c.tap.transactions, c.count)
		c.tap.mu.Unlock()
	}
	c.in, c.count, c.writes = false, 0, false
}

func cutString(b []byte) (string, []byte) {
	text, rest, _ := bytes.Cut(b, []byte{0})
	return string(text), rest
}
