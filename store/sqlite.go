package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"modernc.org/sqlite"
)

// sqliteReaders is how many connections read. Reading is short and mostly from the page cache.
const sqliteReaders = 4

func openSQLite(ctx context.Context, path string, mustExist bool) (*Store, error) {
	if path == "" {
		return nil, errors.New("sqlite: the path is missing")
	}
	if err := openPrivate(path, mustExist); err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	d, err := newSQLiteDriver()
	if err != nil {
		return nil, err
	}
	writing := sqlitePool(d, sqliteAddress(path, 4<<20), 1)
	// The first connection creates the file and sets its journal mode, which the readers' connections then find.
	if err := writing.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: %s: %w", path, err), writing.Close())
	}
	return &Store{
		dialect: onSQLite,
		address: path,
		readers: sqlitePool(d, sqliteAddress(path, 512<<10), sqliteReaders),
		writer:  newGroupWriter(writing), //nolint:contextcheck // a batch belongs to all of its callers
	}, nil
}

// openPrivate proves that the file can be written. If there is none and it need not exist, it makes one that only its
// owner can read: conversations are in it, and the key of visitors' tokens. SQLite gives its other files the same mode.
func openPrivate(path string, mustExist bool) error {
	flags := os.O_RDWR
	if !mustExist {
		flags |= os.O_CREATE
	}
	f, err := os.OpenFile(path, flags, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// newSQLiteDriver returns a driver of our own rather than the registered one, which belongs to the whole process.
func newSQLiteDriver() (*sqlite.Driver, error) {
	d := &sqlite.Driver{}
	// The clock is Go's, and so is a test's.
	now := func(*sqlite.FunctionContext, []driver.Value) (driver.Value, error) {
		return time.Now().UnixMilli(), nil
	}
	if err := d.RegisterScalarFunction("now_ms", 0, now); err != nil {
		return nil, fmt.Errorf("sqlite: now_ms: %w", err)
	}
	return d, nil
}

// sqliteAddress is the path with the settings of a connection; cache is in bytes.
func sqliteAddress(path string, cache int) string {
	settings := url.Values{
		"_txlock": {"immediate"}, // a change that begins by reading must not find its lock taken when it writes
		"_pragma": {
			"busy_timeout(10000)",
			"journal_mode(WAL)",
			"synchronous(FULL)", // a commit is on disk
			"foreign_keys(ON)",
			"temp_store(MEMORY)",
			"journal_size_limit(16777216)",
			fmt.Sprintf("cache_size(-%d)", cache>>10),
		},
	}
	escaped := strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
	return "file:" + escaped + "?" + settings.Encode()
}

func sqlitePool(d *sqlite.Driver, address string, size int) *sqlx.DB {
	db := sql.OpenDB(preparing{Connector: &sqliteConnector{driver: d, address: address}, dialect: onSQLite})
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return sqlx.NewDb(db, string(onSQLite))
}

// sqliteConnector opens connections with a driver that is not registered.
type sqliteConnector struct {
	driver  *sqlite.Driver
	address string
}

func (c *sqliteConnector) Connect(ctx context.Context) (driver.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return c.driver.Open(c.address)
}

func (c *sqliteConnector) Driver() driver.Driver { return c.driver }
