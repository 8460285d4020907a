package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/discord/discordtest"
	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/adapters/website/webtest"
	"github.com/skeindesk/skein/store"
	"github.com/skeindesk/skein/store/pgtest"
	"github.com/skeindesk/skein/store/sqlitetest"
)

// built is the directory of the real program; empty until binary has built it.
var built string

// binary is the real program, built once.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "skein-test-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "skein")
	build := exec.Command("make", "-C", "../..", "build", "BUILD_INTO="+dir+"/")
	if raceEnabled { // then the daemon's races are looked for as well
		build = exec.Command("go", "build", "-race", "-o", path, ".")
		build.Env = append(os.Environ(), "CGO_ENABLED=1")
	}
	if out, err := build.CombinedOutput(); err != nil {
		return "", errors.Join(fmt.Errorf("build: %w\n%s", err, out), os.RemoveAll(dir))
	}
	built = dir
	return path, nil
})

func TestMain(m *testing.M) {
	flag.Parse()
	// These tests mostly wait for leases and platforms: more of them at once than there are processors.
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(built) // nothing, where no test has needed the program
	os.Exit(code)
}

// databases are what every promise is tested on.
var databases = []string{"sqlite", "postgres"}

const (
	desk  = "C0DESK"
	anaID = "U0ANA"
	benID = "U0BEN"
)

// rig is a database, simulated platforms and the real daemons that a test starts and kills.
type rig struct {
	t        testing.TB
	ctx      context.Context
	slack    *slacktest.Server // nil without
	database string
	dir      string
	settings map[string]string // SKEIN_ variables, by key without the prefix
}

// newRig returns a rig with a website whose conversations open in Slack. Its database is of the given kind. Nothing of it
// outlives the test.
func newRig(t testing.TB, kind string, change ...func(*slacktest.Options)) *rig {
	t.Helper()
	r := newBareRig(t, kind)
	r.addSlack(change...)
	r.addWebsite("support-slack")
	return r
}

// newBareRig returns a rig with a database and no endpoint.
func newBareRig(t testing.TB, kind string) *rig {
	t.Helper()
	r := &rig{t: t, ctx: t.Context(), dir: t.TempDir(), settings: map[string]string{
		// A long test on a busy machine is no visitor that nobody answers.
		"ASSIGNMENT__REMIND_AFTER": "0s", "ASSIGNMENT__ESCALATE_AFTER": "0s",
	}}
	switch kind {
	case "sqlite":
		r.database = sqlitetest.Database(t)
	case "postgres":
		r.database = pgtest.Database(t, migrate)
	}
	return r
}

// pressPatience is how long people wait for an answer to a press. The platforms give up after 3 s, which a busy machine may
// take.
const pressPatience = time.Minute

// patient lets a Slack without outages wait that long. One with them offers again after 3 s what was not acknowledged.
func patient(o *slacktest.Options) { o.AckTimeout = pressPatience }

// addSlack starts a workspace with Ana and Ben, and the endpoint support-slack.
func (r *rig) addSlack(change ...func(*slacktest.Options)) {
	r.t.Helper()
	opts := slacktest.Options{
		Users: []slacktest.User{
			{ID: anaID, Name: "ana", RealName: "Ana Ruiz", DisplayName: "Ana"},
			{ID: benID, Name: "ben", RealName: "Ben Okafor", DisplayName: "Ben"},
		},
		Channels:     []slacktest.Channel{{ID: desk, Name: "support", Members: []string{anaID, benID}}},
		PingInterval: 500 * time.Millisecond, // TestOutages expects one every two seconds
	}
	for _, c := range change {
		c(&opts)
	}
	r.slack = slacktest.New(opts)
	must(r.t, r.slack.Start())
	r.t.Cleanup(r.slack.Close)
	o := r.slack.Options()
	r.endpoint("SUPPORT_SLACK", map[string]string{
		"TYPE": "slack", "BOT_TOKEN": o.BotToken, "APP_TOKEN": o.AppToken, "API_URL": r.slack.URL(), "CHANNEL": desk, "PLACE_RATE": "0",
		"GUARD": "off", // several agents speak in one conversation
	})
}

// addWebsite adds the endpoint website, whose conversations open at the given desks.
func (r *rig) addWebsite(desks string) {
	r.endpoint("WEBSITE", map[string]string{
		"TYPE": "website", "DESK": desks,
		"LIMITS__MESSAGES_PER_MINUTE": "0", "LIMITS__SESSIONS_PER_MINUTE": "0",
		"LIMITS__REQUESTS_PER_MINUTE": "0", "LIMITS__STREAMS_PER_ADDRESS": "0",
	})
}

// endpoint sets an endpoint's keys.
func (r *rig) endpoint(name string, keys map[string]string) {
	for k, v := range keys {
		r.settings["ENDPOINTS__"+name+"__"+k] = v
	}
}

func migrate(dsn string) error {
	s, err := store.Open(context.Background(), dsn, store.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	return s.Migrate(context.Background())
}

// environ is the whole configuration of a daemon on the rig.
func (r *rig) environ(listen, database string) []string {
	settings := map[string]string{
		"LISTEN": listen, "PUBLIC_URL": "http://" + listen, "DATABASE": database, "FILES": filepath.Join(r.dir, "files"),
	}
	for k, v := range r.settings {
		settings[k] = v
	}
	environ := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + r.dir, "TMPDIR=" + os.TempDir()}
	for k, v := range settings {
		environ = append(environ, "SKEIN_"+k+"="+v)
	}
	return environ
}

// process is one running daemon.
type process struct {
	rig     *rig
	cmd     *exec.Cmd
	address string
	ready   time.Duration // from start to ready
	stderr  *tail
	ended   chan struct{}
	err     error
}

// start runs a daemon and waits until it is ready. listen may be "127.0.0.1:0", or the address of one that has ended.
func (r *rig) start(listen string) *process { return r.startOn(listen, r.database) }

func (r *rig) startOn(listen, database string) *process {
	r.t.Helper()
	path, err := binary()
	if err != nil {
		r.t.Fatal(err)
	}
	p := &process{rig: r, cmd: exec.Command(path), stderr: &tail{}, ended: make(chan struct{})}
	p.cmd.Env, p.cmd.Dir, p.cmd.Stderr = r.environ(listen, database), r.dir, p.stderr
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	began := time.Now()
	if err := p.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	p.ready = time.Since(began)
	go func() {
		_, _ = io.Copy(io.Discard, stdout)
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	r.t.Cleanup(func() {
		p.kill()
		if log := p.stderr.String(); strings.Contains(log, "DATA RACE") {
			r.t.Errorf("the daemon has a data race:\n%s", log)
		}
	})
	address, ok := strings.CutPrefix(strings.TrimSpace(line), "ready http=")
	if err != nil || !ok {
		p.kill()
		r.t.Fatalf("the daemon did not get ready: %q, %v\n%s", line, err, p.stderr)
	}
	p.address = address
	return p
}

// connected waits until the daemon has its connections to Slack, and to a Discord. What people write before is read back,
// and agents are told in the thread that it came late.
func (r *rig) connected(discords ...*discordtest.Server) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.ctx, 2*time.Minute)
	defer cancel()
	must(r.t, r.slack.Await(ctx, func(s slacktest.State) bool { return s.Delivery().Sockets >= 2 }))
	for _, d := range discords {
		must(r.t, d.Await(ctx, func(s discordtest.State) bool { return s.Delivery().Sessions > 0 }))
	}
}

// kill ends the daemon as a power cut would.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// terminate ends the daemon as an operator would and checks that it settled everything.
func (p *process) terminate() {
	p.rig.t.Helper()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(30 * time.Second):
		p.kill()
		p.rig.t.Fatalf("the daemon did not stop\n%s", p.stderr)
	}
	if p.err != nil {
		p.rig.t.Errorf("the daemon ended with %v\n%s", p.err, p.stderr)
	}
}

// site is the website endpoint as visitors reach it at the given daemons.
func (r *rig) site(addresses ...string) *webtest.Site {
	servers := make([]string, len(addresses))
	for i, a := range addresses {
		servers[i] = "http://" + a
	}
	s := webtest.NewSite("website", servers...)
	r.t.Cleanup(s.Close)
	return s
}

// freeAddress returns an address that daemons can be started on again and again. It stays bound, though nobody listens
// there, until the test ends: else its port might be given to somebody else while no daemon runs.
func freeAddress(t testing.TB) string {
	t.Helper()
	syscall.ForkLock.RLock()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	must(t, err)
	t.Cleanup(func() { _ = syscall.Close(fd) })
	must(t, syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1)) // then a daemon may listen there
	must(t, syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	bound, err := syscall.Getsockname(fd)
	must(t, err)
	return fmt.Sprintf("127.0.0.1:%d", bound.(*syscall.SockaddrInet4).Port)
}

// tail keeps the last of what a daemon logged.
type tail struct {
	mu   sync.Mutex
	data []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.data = append(t.data, p...)
	if over := len(t.data) - 64<<10; over > 0 {
		t.data = t.data[over:]
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.data)
}
