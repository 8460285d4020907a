// Package store keeps the log, its lanes and all else that must outlive the process, in SQLite or PostgreSQL.
//
// It implements the storage ports of bridge. A statement is written once for both databases, beside the function
// that runs it; dialect.go holds what cannot be. All times are UTC Unix milliseconds. What is due and what is leased
// is decided by the database's clock, now_ms(), which all instances share.
//
// Locks are taken in one order, so that changes wait for each other but never in a ring: the conversation, then
// people, then entries, then lanes with their receipts. A caller of Change keeps to it by finding the conversation
// first. Where it is not kept PostgreSQL finds the ring after a second, and the change is run again.
//
// Nothing is published or acknowledged here: when a method returns nil, what it did is on disk, and that is all.
package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"github.com/jmoiron/sqlx"
	"github.com/skeindesk/skein/bridge"
)

// Store is one database. It is safe for concurrent use.
type Store struct {
	dialect  dialect
	address  string // of the database, as the driver takes it
	readers  *sqlx.DB
	writer   writer
	log      *slog.Logger
	postgres *postgresOptions // nil on SQLite

	digesting sync.Mutex // by one at a time
}

var (
	_ bridge.Ledger     = (*Store)(nil)
	_ bridge.LaneBook   = (*Store)(nil)
	_ bridge.Leases     = (*Store)(nil)
	_ bridge.ThreadBook = (*Store)(nil)
	_ bridge.FileBook   = (*Store)(nil)
)

// Options are what Open may be told. The zero Options are good.
type Options struct {
	Log         *slog.Logger // default: none
	MustExist   bool         // SQLite: make no database; an error that wraps fs.ErrNotExist says that there is none
	Connections int          // PostgreSQL: the most connections at once, besides the Notifier's one; default 24, at least 6
}

// Open opens the database: "sqlite:PATH" or "postgres://…". It does not migrate; see Migrate. The caller closes the
// Store, after all its users have stopped.
func Open(ctx context.Context, database string, opts Options) (*Store, error) {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	scheme, rest, _ := strings.Cut(database, ":")
	var s *Store
	var err error
	switch scheme {
	case "sqlite":
		s, err = openSQLite(ctx, rest, opts.MustExist)
	case "postgres", "postgresql":
		s, err = openPostgres(database, opts)
	default:
		return nil, errors.New("database: want sqlite:PATH or postgres://…")
	}
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	s.log = opts.Log
	if err := s.Ping(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close finishes the changes that have been accepted and closes all connections. It is called once.
func (s *Store) Close() error {
	return errors.Join(s.writer.close(), s.readers.Close())
}

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.readers.PingContext(ctx); err != nil {
		return fmt.Errorf("reach the database: %w", err)
	}
	return nil
}

// read returns the handle for statements that only read.
func (s *Store) read(ctx context.Context) handle {
	return handle{ctx: ctx, db: s.readers, dialect: s.dialect, reading: true}
}
