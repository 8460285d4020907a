package store_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skeindesk/skein/store"
	_ "modernc.org/sqlite" // registers the driver "sqlite", to write what a newer program would have written
)

func TestOpenRefusesAddresses(t *testing.T) {
	for _, address := range []string{
		"", "skein.db", "mysql://x", "sqlite:", "sqlite:/nowhere/at/all/skein.db",
		"postgres://me:hunter2@127.0.0.1:1/x?sslmode=none", "postgres://me:hunter2@[::1/x",
		"postgres://me:hunter2@127.0.0.1:1/x?statement_timeout=soon", "postgres://me:hunter2@127.0.0.1:1/x?sslmode=disable",
	} {
		s, err := store.Open(t.Context(), address, store.Options{})
		if err == nil {
			t.Errorf("%q was opened", address)
			_ = s.Close()
			continue
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error tells the password: %v", err)
		}
	}
}

func TestSQLitePaths(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, name := range []string{"plain.db", "with space.db", "100%.db", "a?b=c.db", "a#b.db", "a&b.db", "ä.db"} {
		for _, path := range []string{filepath.Join(dir, name), "rel-" + name} {
			s := open(t, "sqlite:"+path)
			if err := s.SchemaCurrent(t.Context()); err != nil {
				t.Error(err)
			}
			if _, err := os.Stat(path); err != nil {
				t.Errorf("the database is elsewhere: %v", err)
			}
		}
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	for name, database := range map[string]struct{ driver, address string }{
		"SQLite": {"sqlite", sqliteDatabase(t)}, "Postgres": {"postgres", postgresDatabase(t)},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, database.address)
			db, err := sql.Open(database.driver, strings.TrimPrefix(database.address, "sqlite:"))
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			const newer = `INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, true)`
			if _, err := db.ExecContext(t.Context(), newer); err != nil {
				t.Fatal(err)
			}
			for what, err := range map[string]error{"migrate": s.Migrate(t.Context()), "check": s.SchemaCurrent(t.Context())} {
				if err == nil || !strings.Contains(err.Error(), "newer program") {
					t.Errorf("%s: error %v", what, err)
				}
			}
		})
	}
}

func TestSchemaIsMissing(t *testing.T) {
	s, err := store.Open(t.Context(), newDatabase(t), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.SchemaCurrent(t.Context()); err == nil {
		t.Error("an empty database passes for a current one")
	}
}
