package pgtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
)

// superuser owns the cluster; it needs no password from the loopback interface.
const superuser = "skein"

// settings are those of a test server. Fsync stays on: tests and benchmarks are about durability.
var settings = []string{
	"listen_addresses=127.0.0.1",
	"unix_socket_directories=",
	"max_connections=200",
	"shared_buffers=64MB",
	"jit=off",
	"fsync=on",
	"synchronous_commit=on",
}

// janitorScript removes the cluster in directory $1 as soon as its standard input ends, which happens when the test
// process closes it or dies. It is a process of its own because a killed process cannot clean up. A postmaster that
// has just been started and has not yet written its file finds its directory gone, and leaves.
const janitorScript = `
cat >/dev/null
pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
if [ -n "$pid" ]; then
	kill -QUIT "$pid" 2>/dev/null
	while kill -0 "$pid" 2>/dev/null; do sleep 0.02; done
fi
rm -rf "$1"
`

// A cluster is a data directory with its server, both ours.
type cluster struct {
	bin     string // directory of the server's programs
	dir     string // data/ and the server's log
	port    int
	owner   *syscall.Credential // who runs the server; nil: ourselves
	janitor *exec.Cmd
	leash   io.Closer // ends the janitor's patience
	up      atomic.Bool
}

// newCluster makes a cluster and starts its server.
func newCluster() (_ *Server, err error) {
	c := &cluster{}
	if c.bin, err = programs(); err != nil {
		return nil, err
	}
	if c.owner, err = serverUser(); err != nil {
		return nil, err
	}
	if c.dir, err = os.MkdirTemp("", "skein-postgres-"); err != nil {
		return nil, err
	}
	if err := c.watch(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(c.dir))
	}
	if err := c.initialise(); err != nil {
		return nil, errors.Join(err, c.remove())
	}
	s, err := connect(fmt.Sprintf("postgres://%s@127.0.0.1:%d/postgres?sslmode=disable", superuser, c.port))
	if err != nil {
		return nil, errors.Join(err, c.remove())
	}
	s.cluster = c
	return s, nil
}

// initialise makes the data directory and starts the server for the first time. The port was free a moment ago; when
// another process has taken it since, another one is tried.
func (c *cluster) initialise() error {
	if c.owner != nil {
		if err := os.Chown(c.dir, int(c.owner.Uid), int(c.owner.Gid)); err != nil {
			return err
		}
	}
	if err := c.run("initdb", "-D", c.data(), "-U", superuser, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"); err != nil {
		return err
	}
	var err error
	for range 3 {
		if c.port, err = freePort(); err != nil {
			return err
		}
		if err = c.start(); err == nil {
			return nil
		}
	}
	return err
}

// watch starts the janitor. Its process group is its own, so that an interrupt typed at a terminal spares it.
func (c *cluster) watch() error {
	c.janitor = exec.CommandContext(context.Background(), "/bin/sh", "-c", janitorScript, "janitor", c.dir)
	c.janitor.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdin, err := c.janitor.StdinPipe()
	if err != nil {
		return err
	}
	c.leash = stdin
	return c.janitor.Start()
}

// remove stops the server and deletes its files.
func (c *cluster) remove() error {
	c.up.Store(false)
	return errors.Join(c.leash.Close(), c.janitor.Wait())
}

func (c *cluster) start() error {
	args := []string{"start", "-D", c.data(), "-l", c.log(), "-w", "-s", "-t", strconv.Itoa(int(patience.Seconds()))}
	for _, s := range append([]string{"port=" + strconv.Itoa(c.port)}, settings...) {
		args = append(args, "-o", "-c '"+s+"'")
	}
	if err := c.run("pg_ctl", args...); err != nil {
		log, _ := os.ReadFile(c.log()) // best effort: it says why
		return fmt.Errorf("%w\n%s", err, log)
	}
	c.up.Store(true)
	return nil
}

// stop ends the server; mode is pg_ctl's: fast or immediate.
func (c *cluster) stop(mode string) error {
	c.up.Store(false)
	return c.run("pg_ctl", "stop", "-D", c.data(), "-w", "-s", "-m", mode)
}

func (c *cluster) running() bool { return c.up.Load() }

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }

func (c *cluster) log() string { return filepath.Join(c.dir, "server.log") }

// run runs one of the server's programs as the cluster's owner.
func (c *cluster) run(program string, args ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(c.bin, program), args...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	if c.owner != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.owner}
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", program, err, out)
	}
	return nil
}

// serverUser returns whom to run the server as: PostgreSQL refuses to run as root.
func serverUser() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("the server cannot run as root and the package's own user is missing: %w: %s", err, installLine)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

func freePort() (int, error) {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}
