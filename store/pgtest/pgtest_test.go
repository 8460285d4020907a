package pgtest

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestMain(m *testing.M) { Main(m) }

var migrations atomic.Int32

func migrate(dsn string) error {
	migrations.Add(1)
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(context.Background(), `CREATE TABLE line (text text NOT NULL)`)
	return err
}

func open(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func exec1(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func query1[T any](t *testing.T, db *sql.DB, query string, args ...any) (v T) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), query, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

func TestDatabasesAreMigratedOnceAndSeparate(t *testing.T) {
	for i := range 3 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			db := open(t, Database(t, migrate))
			exec1(t, db, `INSERT INTO line VALUES ('hello')`)
			if n := query1[int](t, db, `SELECT count(*) FROM line`); n != 1 {
				t.Errorf("%d lines in a database of its own, want 1", n)
			}
		})
	}
	t.Cleanup(func() {
		if n := migrations.Load(); n != 1 {
			t.Errorf("migrated %d times, want once", n)
		}
	})
}

func TestDatabaseIsDroppedWithItsConnections(t *testing.T) {
	var dsn string
	t.Run("user", func(t *testing.T) {
		dsn = Database(t, nil)
		left, err := sql.Open("postgres", dsn)
		if err != nil {
			t.Fatal(err)
		}
		if err := left.PingContext(t.Context()); err != nil {
			t.Fatal(err)
		}
		// Not closed: as a daemon that the test has killed and whose connection the server still believes in.
	})
	name := dsn[strings.LastIndex(dsn, "/")+1 : strings.Index(dsn, "?")]
	if n := query1[int](t, Shared(t).admin, `SELECT count(*) FROM pg_database WHERE datname = $1`, name); n != 0 {
		t.Errorf("database %s is still there after its test", name)
	}
}

func TestFailedMigrationLeavesNoTemplate(t *testing.T) {
	s := New(t)
	broken := errors.New("broken")
	if _, err := s.migrated(func(string) error { return broken }); !errors.Is(err, broken) {
		t.Fatalf("error %v, want the migration's own", err)
	}
	if n := query1[int](t, s.admin, `SELECT count(*) FROM pg_database WHERE datname LIKE 'skein%'`); n != 0 {
		t.Errorf("%d databases left behind", n)
	}
	open(t, s.Database(t, func(string) error { return nil })) // and a later attempt starts afresh
}

func TestSettings(t *testing.T) {
	db := open(t, New(t).Database(t, nil))
	for name, want := range map[string]string{
		"fsync": "on", "synchronous_commit": "on", "jit": "off", "max_connections": "200", "shared_buffers": "64MB",
		"listen_addresses": "127.0.0.1", "server_encoding": "UTF8",
	} {
		if got := query1[string](t, db, `SELECT current_setting($1)`, name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

func TestOutage(t *testing.T) {
	s := New(t)
	db := open(t, s.Database(t, nil))
	exec1(t, db, `CREATE TABLE line (text text NOT NULL)`)
	for _, down := range []struct {
		name string
		stop func(testing.TB)
	}{{"stop", s.Stop}, {"crash", s.Crash}} {
		exec1(t, db, `INSERT INTO line VALUES ('committed')`)
		before := query1[int](t, db, `SELECT count(*) FROM line`)
		down.stop(t)
		if err := db.PingContext(t.Context()); err == nil {
			t.Fatalf("%s: the server still answers", down.name)
		}
		s.Start(t)
		if after := query1[int](t, db, `SELECT count(*) FROM line`); after != before {
			t.Errorf("%s: %d lines after, %d before", down.name, after, before)
		}
	}
	s.Restart(t)
	if n := query1[int](t, db, `SELECT count(*) FROM line`); n != 2 {
		t.Errorf("%d lines after a restart, want 2", n)
	}
}

func TestKillBackends(t *testing.T) {
	dsn, other := Database(t, nil), Database(t, nil)
	held := func(dsn string) *sql.Conn {
		conn, err := open(t, dsn).Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		return conn
	}
	victim, bystander := held(dsn), held(other)
	if n := Shared(t).KillBackends(t, dsn); n != 1 {
		t.Errorf("killed %d connections, want 1", n)
	}
	if err := victim.PingContext(t.Context()); err == nil {
		t.Error("the connection survived")
	}
	if err := bystander.PingContext(t.Context()); err != nil {
		t.Errorf("a connection to another database did not: %v", err)
	}
}

// childVariable makes TestChild, run in a process of its own, start a cluster and wait to be killed.
const childVariable = "PGTEST_CHILD"

func TestChild(t *testing.T) {
	if os.Getenv(childVariable) == "" {
		return // it has no meaning by itself
	}
	s := New(t)
	fmt.Printf("directory %s\n", s.cluster.dir)
	<-t.Context().Done()
}

func TestServerDiesWithAKilledProcess(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestChild$")
	cmd.Env = append(os.Environ(), childVariable+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var dir string
	for lines := bufio.NewScanner(out); dir == "" && lines.Scan(); {
		dir, _ = strings.CutPrefix(lines.Text(), "directory ")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Fatalf("the child made no cluster: %v", err)
	}
	pidFile, err := os.ReadFile(dir + "/data/postmaster.pid")
	if err != nil {
		t.Fatal(err)
	}
	pid, _, _ := strings.Cut(string(pidFile), "\n")
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed, as it should be
	await(t, "the cluster's directory to go", func() bool { return gone(dir) })
	if !gone("/proc/" + pid) {
		t.Errorf("the postmaster %s outlived the process that started it", pid)
	}
}

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatalf("waited 30 s for %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func gone(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}

func TestFindPrograms(t *testing.T) {
	root := t.TempDir()
	for _, v := range []string{"9", "15", "17"} {
		dir := root + "/" + v + "/bin"
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(dir+"/pg_ctl", nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := findPrograms(root + "/*/bin/pg_ctl"); err != nil || got != root+"/17/bin" {
		t.Errorf("found %q, %v; want the highest version", got, err)
	}
	t.Setenv("PATH", root)
	if _, err := findPrograms(root + "/none/*/pg_ctl"); err == nil || !strings.Contains(err.Error(), installLine) {
		t.Errorf("error %v, want the line to run", err)
	}
}

// TestForeignServer uses a server as one that SKEIN_TEST_POSTGRES names: nothing of ours may stay behind on it.
func TestForeignServer(t *testing.T) {
	own := New(t)
	s, err := connect(own.dsn("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	t.Run("user", func(t *testing.T) {
		exec1(t, open(t, s.Database(t, func(string) error { return nil })), `CREATE TABLE line ()`)
	})
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	if n := query1[int](t, own.admin, `SELECT count(*) FROM pg_database WHERE datname LIKE 'skein%'`); n != 0 {
		t.Errorf("%d databases left behind", n)
	}
}

func TestConnect(t *testing.T) {
	for _, dsn := range []string{"", "host=127.0.0.1", "mysql://127.0.0.1/x", "://"} {
		if _, err := connect(dsn); err == nil {
			t.Errorf("connect(%q) gave no error", dsn)
		}
	}
	s, err := connect("postgres://me@127.0.0.1:5432/postgres")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := s.dsn("other"), "postgres://me@127.0.0.1:5432/other?sslmode=disable"; got != want {
		t.Errorf("dsn %s, want %s", got, want)
	}
}
