package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"
)

// maxPrepared bounds the statements that one connection remembers. The store has about sixty; some exist in a few
// sizes, for lists of different lengths.
const maxPrepared = 256

// preparing makes connections that prepare each statement the first time they see it and keep it: parsing costs
// SQLite more than running, and an unprepared statement with arguments costs PostgreSQL a second round trip.
type preparing struct {
	driver.Connector
	dialect dialect
}

func (p preparing) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := p.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	base, ok := c.(connection)
	if !ok {
		return nil, fmt.Errorf("store: a connection of type %T lacks what the store needs", c)
	}
	return &preparedConn{connection: base, dialect: p.dialect, known: map[string]driver.Stmt{}}, nil
}

// connection is what both drivers' connections can do and database/sql has to see.
type connection interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// preparedConn runs a statement by its prepared form. As the form is one per text, the rows of a statement must be
// read to the end before the same text is run again on the same connection; sqlx's Get and Select do.
type preparedConn struct {
	connection
	dialect dialect
	known   map[string]driver.Stmt
}

var (
	_ driver.QueryerContext    = (*preparedConn)(nil)
	_ driver.ExecerContext     = (*preparedConn)(nil)
	_ driver.NamedValueChecker = (*preparedConn)(nil)
)

func (c *preparedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := s.(driver.StmtQueryContext).QueryContext(ctx, args)
	return rows, c.keep(query, err)
}

func (c *preparedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if strings.HasPrefix(query, "PRAGMA ") { // some take effect when they are prepared, and never again
		return nil, driver.ErrSkip
	}
	s, err := c.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	res, err := s.(driver.StmtExecContext).ExecContext(ctx, args)
	return res, c.keep(query, err)
}

// CheckNamedValue lets the driver convert arguments, or database/sql when the driver leaves that to it.
func (c *preparedConn) CheckNamedValue(v *driver.NamedValue) error {
	if checker, ok := c.connection.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

// Unwrap returns the driver's own connection.
func (c *preparedConn) Unwrap() driver.Conn { return c.connection }

func (c *preparedConn) prepared(ctx context.Context, query string) (driver.Stmt, error) {
	if s, ok := c.known[query]; ok {
		return s, nil
	}
	if len(c.known) >= maxPrepared {
		for text := range c.known { // any
			c.forget(text)
			break
		}
	}
	s, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	c.known[query] = s
	return s, nil
}

// keep forgets the prepared form of a statement whose form, rather than whose arguments, may be what failed.
func (c *preparedConn) keep(query string, err error) error {
	if err != nil && c.dialect.isPassing(err) {
		c.forget(query)
	}
	return err
}

func (c *preparedConn) forget(query string) {
	s := c.known[query]
	delete(c.known, query)
	_ = s.Close() // of no consequence: the connection outlives it, or is broken and will be closed
}

// Close closes the connection with its statements. A PostgreSQL server needs no telling of each.
func (c *preparedConn) Close() error {
	if c.dialect == onSQLite {
		for text := range c.known {
			c.forget(text)
		}
	}
	return c.connection.Close()
}
