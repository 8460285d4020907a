package store_test

import (
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skeindesk/skein/store"
)

func TestProbe(t *testing.T) {
	empty := postgresDatabase(t)
	execute(t, "postgres", empty, `DROP SCHEMA public CASCADE; CREATE SCHEMA public`)
	for name, database := range map[string]struct{ driver, address, empty string }{
		"SQLite":   {"sqlite", sqliteDatabase(t), newDatabase(t)},
		"Postgres": {"postgres", postgresDatabase(t), empty},
	} {
		t.Run(name, func(t *testing.T) {
			if err := probe(t, database.empty, true); err != nil {
				t.Errorf("an empty database: %v", err)
			}
			s := open(t, database.address)
			for range 2 { // the first left nothing behind
				if pending, err := s.Probe(t.Context()); pending || err != nil {
					t.Errorf("a current database: pending %v, %v", pending, err)
				}
			}
			execute(t, database.driver, database.address, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, true)`)
			if err := probe(t, database.address, false); err == nil || !strings.Contains(err.Error(), "newer program") {
				t.Errorf("a newer database: %v", err)
			}
		})
	}
}

// probe probes a database that is not migrated first.
func probe(t *testing.T, address string, wantPending bool) error {
	t.Helper()
	s, err := store.Open(t.Context(), address, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	pending, err := s.Probe(t.Context())
	if pending != wantPending {
		t.Errorf("pending is %v", pending)
	}
	return err
}

// execute does what somebody else does with the database.
func execute(t *testing.T, driver, address, statements string) {
	t.Helper()
	db, err := sql.Open(driver, strings.TrimPrefix(address, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), statements); err != nil {
		t.Fatal(err)
	}
}

// TestProbeAsSomebodyElse: a role that may read all and make nothing could not migrate.
func TestProbeAsSomebodyElse(t *testing.T) {
	address := postgresDatabase(t)
	execute(t, "postgres", address, `CREATE ROLE probe_reader LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO probe_reader`)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.User("probe_reader")
	if err := probe(t, u.String(), false); err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("error %v", err)
	}
}

func TestMustExist(t *testing.T) {
	path := filepath.Join(t.TempDir(), "skein.db")
	if _, err := store.Open(t.Context(), "sqlite:"+path, store.Options{MustExist: true}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the database was made: %v", err)
	}
	open(t, "sqlite:"+path)
	s, err := store.Open(t.Context(), "sqlite:"+path, store.Options{MustExist: true})
	if err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
}
