package store

import (
	"context"
	"net"
	"time"
)

// guard dials connections on which no call hangs for ever. lib/pq sets no deadlines of its own: on a link that has
// gone silent without being closed, a query waits until TCP gives up, whatever its context says
// (github.com/lib/pq issue 620).
//
// Each write allows limit until the server has answered, and so does each part of the answer. The server gives up a
// statement after statement_timeout, so with a limit above that only a dead link meets it.
type guard struct {
	limit time.Duration
	// idle allows waiting for the server without having asked it anything, as a listener does.
	idle bool
}

// DialContext implements pq.DialerContext.
func (g guard) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{KeepAlive: 15 * time.Second}
	c, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &guardedConn{Conn: c, guard: g}, nil
}

// Dial implements pq.Dialer.
func (g guard) Dial(network, address string) (net.Conn, error) {
	return g.DialTimeout(network, address, g.limit)
}

// DialTimeout implements pq.Dialer.
func (g guard) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return g.DialContext(ctx, network, address)
}

type guardedConn struct {
	net.Conn
	guard guard
}

func (c *guardedConn) Write(p []byte) (int, error) {
	if err := c.SetDeadline(time.Now().Add(c.guard.limit)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

func (c *guardedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err != nil {
		return n, err
	}
	next := time.Now().Add(c.guard.limit)
	if c.guard.idle {
		next = time.Time{} // until the next write: the Ping of every half minute
	}
	return n, c.SetDeadline(next)
}
