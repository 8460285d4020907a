package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/skeindesk/skein/store/schema"
)

// Migrate brings the schema up to date. On PostgreSQL several instances
// may call it at once. A schema that is newer than this
// program is refused.
func (s *Store) Migrate(ctx context.Context) error {
	if s.SchemaCurrent(ctx) == nil {
		return nil // as at nearly every start: no lock, no wait for another instance's
	}
	db, err := s.migrationPool()
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	err = s.migrate(ctx, db)
	if err := errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// migrationPool opens connections for migrating alone: those of the store prepare their statements, which a change
// of the schema would invalidate, and on PostgreSQL they limit how long a statement may take.
func (s *Store) migrationPool() (*sql.DB, error) {
	if s.dialect == onPostgres {
		return s.postgres.migrationPool()
	}
	d, err := newSQLiteDriver()
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(&sqliteConnector{driver: d, address: sqliteAddress(s.address, 1<<20)})
	db.SetMaxOpenConns(1)
	return db, nil
}

func (s *Store) migrate(ctx context.Context, db *sql.DB) error {
	p, err := s.provider(db)
	if err != nil {
		return err
	}
	current, newest, err := p.GetVersions(ctx)
	if err != nil {
		return err
	}
	if current > newest {
		return newerSchema(current, newest)
	}
	_, err = p.Up(ctx)
	return err
}

func (s *Store) provider(db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(schema.Files, string(s.dialect))
	if err != nil {
		return nil, err
	}
	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}
	if s.dialect == onSQLite {
		return goose.NewProvider(goose.DialectSQLite3, db, files, options...)
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 120)) // 120 tries, one a second
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, db, files, append(options, goose.WithSessionLocker(locker))...)
}

func newerSchema(current, known int64) error {
	return fmt.Errorf("the database has schema %d and this program knows up to %d: run a newer program", current, known)
}

// SchemaCurrent returns nil when the schema is the one this program was built for.
func (s *Store) SchemaCurrent(ctx context.Context) error {
	known, err := s.knownSchema()
	if err != nil {
		return err
	}
	current, err := s.schemaVersion(ctx)
	switch {
	case err != nil:
		return err
	case current > known:
		return newerSchema(current, known)
	case current < known:
		return fmt.Errorf("the database has schema %d, not %d: it must be migrated", current, known)
	}
	return nil
}

func (s *Store) schemaVersion(ctx context.Context) (current int64, err error) {
	err = s.read(ctx).get(&current, `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`)
	if err != nil {
		return 0, fmt.Errorf("read the schema's version: %w", err)
	}
	return current, nil
}

// knownSchema is the number of the last migration, with which its file's name begins.
func (s *Store) knownSchema() (known int64, err error) {
	files, err := fs.Glob(schema.Files, string(s.dialect)+"/*.sql")
	for _, f := range files {
		number, err := goose.NumericComponent(f)
		if err != nil {
			return 0, err
		}
		known = max(known, number)
	}
	return known, err
}
