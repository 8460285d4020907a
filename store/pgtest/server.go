package pgtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/lib/pq" // registers the driver "postgres"
)

// patience bounds every single thing that is asked of a server.
const patience = time.Minute

// A Server is one PostgreSQL server. Its methods may be called concurrently, except Stop, Crash, Start and Restart.
type Server struct {
	base    *url.URL // of the maintenance database
	admin   *sql.DB
	cluster *cluster // nil: a running server that is not ours

	mu       sync.Mutex
	template string // empty until migrated
}

// connect returns the server at dsn, which must be a postgres:// URL. It does not open a connection.
func connect(dsn string) (*Server, error) {
	base, err := url.Parse(dsn)
	if err != nil || (base.Scheme != "postgres" && base.Scheme != "postgresql") {
		return nil, errors.New(Environment + " must be a URL like postgres://user@127.0.0.1:5432/postgres")
	}
	query := base.Query()
	if !query.Has("sslmode") {
		query.Set("sslmode", "disable")
		base.RawQuery = query.Encode()
	}
	admin, err := sql.Open("postgres", base.String())
	if err != nil {
		return nil, err
	}
	// A connection kept over a restart of the server would fail at its next use.
	admin.SetMaxIdleConns(0)
	return &Server{base: base, admin: admin}, nil
}

// Database returns the URL of a new database and drops that database, with whoever is still connected to it, when
// the test ends. A nil migrate gives an empty database. Otherwise it is a copy of the server's template, which the
// first migrate that this server is given fills, once; all callers in a process must therefore pass the same
// function. Migrate must have closed its connections when it returns. A copy takes about 35 ms.
func (s *Server) Database(t testing.TB, migrate func(dsn string) error) (dsn string) {
	t.Helper()
	source := "template1"
	if migrate != nil {
		var err error
		if source, err = s.migrated(migrate); err != nil {
			t.Fatalf("pgtest: template database: %v", err)
		}
	}
	name := newName("test")
	if err := s.exec("CREATE DATABASE " + name + " TEMPLATE " + source); err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() {
		if s.cluster != nil && !s.cluster.running() {
			return // its files are removed with it
		}
		if err := s.drop(name); err != nil {
			t.Errorf("pgtest: %v", err)
		}
	})
	return s.dsn(name)
}

// migrated returns the name of the template database. A template whose migration failed is dropped, so that every
// test fails with the migration's own error and not with what a half-made schema leads to.
func (s *Server) migrated(migrate func(dsn string) error) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.template != "" {
		return s.template, nil
	}
	name := newName("template")
	if err := s.exec("CREATE DATABASE " + name); err != nil {
		return "", err
	}
	if err := migrate(s.dsn(name)); err != nil {
		return "", errors.Join(fmt.Errorf("migrate: %w", err), s.drop(name))
	}
	// Nobody may write to it any more, or stand in the way of the copying.
	if err := s.exec("ALTER DATABASE " + name + " ALLOW_CONNECTIONS false"); err != nil {
		return "", errors.Join(err, s.drop(name))
	}
	s.template = name
	return name, nil
}

// KillBackends ends every connection to the database at dsn from the server's side, as an administrator or a
// fail-over would, and returns how many there were. The server's own workers, which clean up now and then, do not count.
func (s *Server) KillBackends(t testing.TB, dsn string) int {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var n int
	err = s.admin.QueryRowContext(ctx, `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE datname = $1 AND backend_type = 'client backend'`, strings.TrimPrefix(u.Path, "/")).Scan(&n)
	if err != nil {
		t.Fatalf("pgtest: kill backends: %v", err)
	}
	return n
}

// Stop shuts the server down in an orderly way: transactions are rolled back, connections closed, files flushed. It
// returns when the server has gone. Until Start its port refuses connections.
func (s *Server) Stop(t testing.TB) { s.must(t, func(c *cluster) error { return c.stop("fast") }) }

// Crash ends the server at once, without flushing anything; Start then recovers from the write-ahead log.
func (s *Server) Crash(t testing.TB) {
	s.must(t, func(c *cluster) error { return c.stop("immediate") })
}

// Start starts a stopped server again, at the same address with the same data, and returns when it takes
// connections.
func (s *Server) Start(t testing.TB) { s.must(t, (*cluster).start) }

// Restart is Stop and Start.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	s.Stop(t)
	s.Start(t)
}

func (s *Server) must(t testing.TB, do func(*cluster) error) {
	t.Helper()
	if s.cluster == nil {
		t.Fatalf("pgtest: the server that %s names is not ours to stop or start: take pgtest.New", Environment)
	}
	if err := do(s.cluster); err != nil {
		t.Fatalf("pgtest: %v", err)
	}
}

// close removes the cluster or, on a server that is not ours, the template.
func (s *Server) close() error {
	var dropped error
	if s.cluster == nil && s.template != "" {
		dropped = s.drop(s.template)
	}
	err := errors.Join(dropped, s.admin.Close())
	if s.cluster != nil {
		err = errors.Join(err, s.cluster.remove())
	}
	return err
}

func (s *Server) drop(name string) error {
	return s.exec("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)")
}

// exec runs one statement on the maintenance database. Databases cannot be named by a parameter; the names are ours.
func (s *Server) exec(statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if _, err := s.admin.ExecContext(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

func (s *Server) dsn(database string) string {
	u := *s.base
	u.Path = "/" + database
	return u.String()
}

// newName is unlike any other on the server, which other test processes may be using too. It needs no quotes in SQL.
func newName(kind string) string {
	return "skein_" + kind + "_" + strings.ToLower(rand.Text())
}
