package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/skeindesk/skein/store"
	"github.com/skeindesk/skein/store/pgtest"
	"github.com/skeindesk/skein/store/sqlitetest"
	"github.com/skeindesk/skein/store/storetest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestSQLite(t *testing.T) { storetest.Run(t, sqliteDatabase) }

func TestPostgres(t *testing.T) {
	storetest.Run(t, postgresDatabase)
}

func sqliteDatabase(t testing.TB) string { return sqlitetest.Database(t) }

// newDatabase is the address of a SQLite database in which there is nothing yet.
func newDatabase(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "skein.db") }

func postgresDatabase(t testing.TB) string { return pgtest.Database(t, migrate) }

func migrate(address string) error {
	s, err := store.Open(context.Background(), address, store.Options{})
	if err != nil {
		return err
	}
	return errors.Join(s.Migrate(context.Background()), s.Close())
}
