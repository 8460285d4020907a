package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrInUse: another process owns the SQLite database.
var ErrInUse = errors.New("another Skein is running on this SQLite database; several instances need PostgreSQL")

// Own makes this process the one that works on a SQLite database, until release is called or the process ends, however
// it ends: leases of an earlier process may then be released. ErrInUse when another process owns it. Programs that
// only read, or change the schema, need not own it. On PostgreSQL, which instances share, it does nothing.
func (s *Store) Own() (release func() error, err error) {
	if s.dialect != onSQLite {
		return func() error { return nil }, nil
	}
	path, err := filepath.EvalSymlinks(s.address) // one file under two names is one database
	if err != nil {
		return nil, fmt.Errorf("own the database: %w", err)
	}
	f, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("own the database: %w", err)
	}
	if err := lockFile(f); err != nil {
		return nil, errors.Join(fmt.Errorf("own the database: %w", err), f.Close())
	}
	return f.Close, nil
}
