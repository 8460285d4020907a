// Package pgtest gives tests a real PostgreSQL.
//
// The first call of [Shared] or [Database] in a test process makes a cluster of its own with initdb, on a loopback
// port and in a directory of its own, with fsync on: durability is part of what is tested and measured. Every later
// call in that process uses the same cluster. It disappears with the test process however that ends, SIGKILL
// included. When the environment variable SKEIN_TEST_POSTGRES holds the URL of a running server, whose user may
// create databases, that server is used instead.
//
// A test is never skipped for want of PostgreSQL: where the server's programs are missing it fails and says the one
// line that installs them.
package pgtest

import (
	"cmp"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
)

// Environment is the variable that may name a running server to use instead of an own cluster, as a postgres:// URL.
const Environment = "SKEIN_TEST_POSTGRES"

var started atomic.Bool // by shared, so that Main does not start a server only to remove it

// shared starts the process's server once, at its first use.
var shared = sync.OnceValues(func() (*Server, error) {
	started.Store(true)
	if dsn := os.Getenv(Environment); dsn != "" {
		return connect(dsn)
	}
	return newCluster()
})

// Database returns the URL (postgres://…?sslmode=disable) of a database that belongs to this test alone, on the
// shared server; see [Server.Database].
func Database(t testing.TB, migrate func(dsn string) error) (dsn string) {
	t.Helper()
	return Shared(t).Database(t, migrate)
}

// Shared returns the server of this test process and starts it at the first call. Stopping it disturbs every test
// that runs at the same time: tests of an outage take [New] instead.
func Shared(t testing.TB) *Server {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	return s
}

// New returns a server that belongs to this test alone, whatever SKEIN_TEST_POSTGRES says, and removes it when the
// test ends. Starting one takes about a second.
func New(t testing.TB) *Server {
	t.Helper()
	s, err := newCluster()
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Errorf("pgtest: remove the server: %v", err)
		}
	})
	return s
}

// Main runs the tests and removes what they shared before it ends the process. It is optional with a cluster of our
// own, which goes with the process anyway; on a server named by SKEIN_TEST_POSTGRES it drops the template.
//
//	func TestMain(m *testing.M) { pgtest.Main(m) }
func Main(m *testing.M) {
	code := m.Run()
	if started.Load() {
		if s, err := shared(); err == nil {
			if err := s.close(); err != nil {
				fmt.Fprintf(os.Stderr, "pgtest: remove the server: %v\n", err)
				code = cmp.Or(code, 1)
			}
		}
	}
	os.Exit(code)
}
