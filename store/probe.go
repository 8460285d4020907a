package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Probe proves that the database can be changed and that this program can work with its schema, or migrate it: pending
// says that Migrate has something to do. A schema that is newer than this program is an error. Nothing is left behind.
func (s *Store) Probe(ctx context.Context) (pending bool, err error) {
	if pending, err = s.isPending(ctx); err != nil {
		return false, err
	}
	db, err := s.migrationPool()
	if err != nil {
		return false, err
	}
	return pending, errors.Join(tryChange(ctx, db), db.Close())
}

func (s *Store) isPending(ctx context.Context) (bool, error) {
	known, err := s.knownSchema()
	if err != nil {
		return false, err
	}
	var begun bool
	if err := s.read(ctx).get(&begun, s.dialect.hasTable(), "goose_db_version"); err != nil {
		return false, fmt.Errorf("look for the schema: %w", err)
	}
	if !begun {
		return true, nil
	}
	current, err := s.schemaVersion(ctx)
	if err == nil && current > known {
		err = newerSchema(current, known)
	}
	return current < known, err
}

// tryChange makes a table, as a migration does, and takes it back.
func tryChange(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("change the database: %w", err)
	}
	_, err = tx.ExecContext(ctx, `CREATE TABLE skein_probe (id BIGINT)`)
	if err != nil {
		err = fmt.Errorf("change the database: %w", err)
	}
	return errors.Join(err, tx.Rollback())
}
