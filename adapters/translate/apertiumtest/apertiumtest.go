// Package apertiumtest runs a real translator: Apertium APY with the pair English and Spanish, as Debian packages them. It is
// for tests and for the demonstration.
package apertiumtest

import (
	"bufio"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// Debian's: where the packages of pairs put what APY runs, and the Python that has APY's library.
const (
	modes  = "/usr/share/apertium/modes"
	python = "/usr/bin/python3"
)

// loopback starts APY on a free port of the loopback interface, writes the port, and ends with all of its translators when
// its standard input does: when the process that started it closes it or dies.
//
//go:embed loopback.py
var loopback string

// ErrMissing says that there is no Apertium on this machine, and what to install.
var ErrMissing = errors.New("there is no Apertium with English and Spanish here: install it (Debian and Ubuntu: apt-get install apertium apertium-eng-spa apertium-apy)")

// A Server is a running APY. All methods may be called concurrently.
type Server struct {
	URL string // without a slash at the end

	command *exec.Cmd
	leash   io.Closer
	stop    func()
}

// Run starts a server. It is ready when Run returns, and ends with Stop or with this process.
func Run() (*Server, error) {
	for _, file := range []string{python, "/usr/bin/apertium-apy", modes + "/eng-spa.mode", modes + "/spa-eng.mode"} {
		if _, err := os.Stat(file); err != nil {
			return nil, ErrMissing
		}
	}
	s := &Server{command: exec.Command(python, "-c", loopback, modes)}
	s.command.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	leash, err := s.command.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := s.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	var words tail
	s.command.Stderr = &words
	if err := s.command.Start(); err != nil {
		return nil, err
	}
	s.leash = leash
	s.stop = sync.OnceFunc(s.end)
	port, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		s.Stop()
		return nil, fmt.Errorf("start apertium-apy: %w: %s", err, &words)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }() // ends with the process
	s.URL = "http://127.0.0.1:" + strings.TrimSpace(port)
	return s, nil
}

// Stop ends the server, and returns when it is gone. Later calls do nothing.
func (s *Server) Stop() { s.stop() }

func (s *Server) end() {
	_ = s.leash.Close()
	_ = s.command.Wait() // it was killed, and says so
}

// Start starts a server for a test and returns its address. The test is skipped nowhere: it fails where Apertium is missing.
func Start(t testing.TB) string {
	t.Helper()
	s := StartServer(t)
	return s.URL
}

// StartServer is Start for tests that end the server in the middle.
func StartServer(t testing.TB) *Server {
	t.Helper()
	s, err := Run()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	last []byte
}

func (w *tail) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last = append(w.last, p...)
	w.last = w.last[max(0, len(w.last)-2000):]
	return len(p), nil
}

func (w *tail) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return string(w.last)
}
