package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

const (
	defaultConnections = 24
	// relaxedConnections of them are for changes that need not wait for the disk; a third of them read.
	relaxedConnections = 2
	// statementTimeout is how long a statement may take, waiting for locks included, unless the address says
	// otherwise. The server keeps to it.
	statementTimeout = 5 * time.Second
	// idleTimeout is when the server ends a transaction whose client has fallen silent, so that the row locks of an
	// instance that was cut off do not stop the others.
	idleTimeout = 5 * time.Second
	// guardMargin is how much longer than a statement may take we wait for the server.
	guardMargin = 3 * time.Second
	// unlimitedGuard is the guard's limit when the address switches statement_timeout off.
	unlimitedGuard = 5 * time.Minute
	// maxRuns is how often a change is tried that loses against others, or that finds its connection closed by the
	// server; all connections of a pool may be.
	maxRuns = 16
)

// postgresOptions are a server's address and what follows from it.
type postgresOptions struct {
	address *url.URL // as given, with the settings that it leaves open
	limit   time.Duration
}

func openPostgres(database string, opts Options) (*Store, error) {
	o, err := postgresAddress(database)
	if err != nil {
		return nil, err
	}
	size := opts.Connections
	if size == 0 {
		size = defaultConnections
	}
	readers := max(2, size/3)
	reading, err := o.pool(readers)
	if err != nil {
		return nil, err
	}
	writing, err := o.pool(max(2, size-readers-relaxedConnections))
	if err != nil {
		return nil, err
	}
	lazy, err := o.lazyPool(relaxedConnections)
	if err != nil {
		return nil, err
	}
	return &Store{dialect: onPostgres, address: database, readers: reading, writer: newPoolWriter(writing, lazy), postgres: o}, nil
}

// postgresAddress completes the address with the settings that the store relies on. Errors do not quote it: it may
// hold a password.
func postgresAddress(database string) (*postgresOptions, error) {
	u, err := url.Parse(database)
	if err != nil {
		return nil, errors.New("postgres: the address is not a URL like postgres://user:password@host:5432/database")
	}
	q := u.Query()
	for name, value := range map[string]string{
		"sslmode":                             "require", // explicit: the driver's default may change
		"connect_timeout":                     "5",
		"application_name":                    "skein",
		"default_transaction_isolation":       "read committed",
		"statement_timeout":                   milliseconds(statementTimeout),
		"idle_in_transaction_session_timeout": milliseconds(idleTimeout),
	} {
		if !q.Has(name) {
			q.Set(name, value)
		}
	}
	limit, err := parseTimeout(q.Get("statement_timeout"))
	if err != nil {
		return nil, fmt.Errorf("postgres: statement_timeout: %w", err)
	}
	u.RawQuery = q.Encode()
	o := &postgresOptions{address: u, limit: limit + guardMargin}
	if limit == 0 {
		o.limit = unlimitedGuard
	}
	return o, nil
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// parseTimeout reads a time as PostgreSQL writes one: milliseconds, or a number with ms, s, min or h.
func parseTimeout(text string) (time.Duration, error) {
	if n, err := strconv.Atoi(text); err == nil && n >= 0 {
		return time.Duration(n) * time.Millisecond, nil
	}
	d, err := time.ParseDuration(strings.Replace(text, "min", "m", 1))
	if err != nil || d < 0 {
		return 0, errors.New("want milliseconds, or a number with ms, s, min or h")
	}
	return d, nil
}

// pool opens no connection yet. All of its connections are kept, so that their statements stay prepared.
func (o *postgresOptions) pool(size int) (*sqlx.DB, error) {
	return o.poolOf(o.address, size)
}

// lazyPool's commits do not wait for the disk. They reach it in order: before any later commit that does.
func (o *postgresOptions) lazyPool(size int) (*sqlx.DB, error) {
	u := *o.address
	q := u.Query()
	q.Set("synchronous_commit", "off")
	u.RawQuery = q.Encode()
	return o.poolOf(&u, size)
}

func (o *postgresOptions) poolOf(address *url.URL, size int) (*sqlx.DB, error) {
	c, err := o.connector(address.String(), guard{limit: o.limit})
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(preparing{Connector: c, dialect: onPostgres})
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	db.SetConnMaxIdleTime(5 * time.Minute)
	return sqlx.NewDb(db, string(onPostgres)), nil
}

func (o *postgresOptions) connector(address string, dialer pq.Dialer) (driver.Connector, error) {
	c, err := pq.NewConnector(address)
	if err != nil {
		return nil, errors.New("postgres: the address is not understood") // the driver's error quotes it
	}
	c.Dialer(dialer)
	return c, nil
}

// migrationPool's statements may take as long as they need.
func (o *postgresOptions) migrationPool() (*sql.DB, error) {
	u := *o.address
	q := u.Query()
	q.Set("statement_timeout", "0")
	q.Set("idle_in_transaction_session_timeout", "0")
	u.RawQuery = q.Encode()
	c, err := o.connector(u.String(), guard{limit: time.Hour})
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(c), nil
}

// poolWriter is PostgreSQL's writer: changes run at the same time, each on a connection of its own, and the server
// groups their commits.
type poolWriter struct {
	full, lazy slots // lazy: for relaxed changes
}

// slots are connections, each with a place in a queue, so that waiting for one can end with the caller's context.
type slots struct {
	db   *sqlx.DB
	free chan struct{}
}

func newSlots(db *sqlx.DB) slots {
	return slots{db: db, free: make(chan struct{}, db.Stats().MaxOpenConnections)}
}

func newPoolWriter(full, lazy *sqlx.DB) *poolWriter {
	return &poolWriter{full: newSlots(full), lazy: newSlots(lazy)}
}

// write runs a change again, a few times, when it has lost against another one.
func (w *poolWriter) write(ctx context.Context, how writing, fn func(h handle) error) error {
	s := w.full
	if how == relaxed {
		s = w.lazy
	}
	select {
	case s.free <- struct{}{}:
		defer func() { <-s.free }()
	case <-ctx.Done():
		return ctx.Err()
	}
	for run := 1; ; run++ {
		again, err := s.once(ctx, how, fn)
		if err == nil || !again || run == maxRuns {
			return err
		}
		if isBroken(err) {
			continue
		}
		pause := time.NewTimer(rand.N(10 * time.Millisecond << min(run, 4)))
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return err
		}
	}
}

// once runs a change. again reports that it failed in a way that may pass, and that it wrote nothing, or nothing that
// it may not write twice.
//
// Once it has begun, the context's end does not interrupt it: cancelling a statement costs a connection, and the
// server's timeouts and the guard bound it anyway.
func (s slots) once(ctx context.Context, how writing, fn func(h handle) error) (again bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	ctx = context.WithoutCancel(ctx)
	if how != whole { // one statement is a transaction of its own
		err := fn(handle{ctx: ctx, db: s.db, dialect: onPostgres})
		return onPostgres.isPassing(err) || isBroken(err), err
	}
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return isBroken(err), fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	if err := fn(handle{ctx: ctx, db: tx, dialect: onPostgres}); err != nil {
		// A connection that breaks before the commit takes the transaction with it.
		return onPostgres.isPassing(err) || isBroken(err), err
	}
	if err := tx.Commit(); err != nil {
		return onPostgres.isPassing(err), fmt.Errorf("commit: %w", err)
	}
	return false, nil
}

// isBroken reports whether err, of PostgreSQL, says that the server has closed the connection. A link that has merely gone silent is
// not tried again: each attempt would wait for the guard.
func isBroken(err error) bool {
	if e, ok := errors.AsType[*net.OpError](err); ok {
		return !e.Timeout() && e.Op != "dial"
	}
	return errors.Is(err, driver.ErrBadConn)
}

func (w *poolWriter) close() error { return errors.Join(w.full.db.Close(), w.lazy.db.Close()) }
