package website

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"
)

const idleHelper = "SKEIN_TEST_IDLE_SERVER"

// TestIdleServer is not a test: it is the process whose memory TestIdleStreamsAreSmall measures.
func TestIdleServer(t *testing.T) {
	if os.Getenv(idleHelper) == "" {
		return
	}
	m := newMemory()
	a := newTestAdapter(t, m)
	runAdapter(t, a)
	mux := http.NewServeMux()
	mux.Handle("/v1/", a.Handler())
	mux.HandleFunc("/memory", func(w http.ResponseWriter, r *http.Request) {
		debug.FreeOSMemory()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		fmt.Fprintf(w, "%d %d %d %d %d", a.streams.count(), resident(t), s.HeapInuse, s.StackInuse, m.reads.Load())
	})
	server := httptest.NewServer(mux)
	fmt.Println("ready", server.URL)
	_, _ = io.Copy(io.Discard, os.Stdin) // until the parent closes it
}

// resident is the process's memory in bytes as the system counts it.
func resident(t testing.TB) int {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(b))[1])
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}

type usage struct{ streams, resident, heap, stack, reads int }

func measure(t testing.TB, url string) (u usage) {
	t.Helper()
	answer, err := http.Get(url + "/memory")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if _, err := fmt.Fscan(answer.Body, &u.streams, &u.resident, &u.heap, &u.stack, &u.reads); err != nil {
		t.Fatal(err)
	}
	return u
}

func TestIdleStreamsAreSmall(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("reads /proc")
	}
	const streams, most = 2000, 13 << 10
	server := exec.Command(os.Args[0], "-test.run=^TestIdleServer$")
	server.Env = append(os.Environ(), idleHelper+"=1")
	stdin, err := server.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = stdin.Close()
		_ = server.Wait()
	}()
	var url string
	if _, err := fmt.Fscanf(stdout, "ready %s\n", &url); err != nil {
		t.Fatal(err)
	}

	tokens := newTestAdapter(t, newMemory()) // the same secret
	before := measure(t, url)
	for i := range streams {
		conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "GET %sstream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", base,
			tokens.newToken(visitor{Key: newVisitorKey()}, time.Now()))
		if i%4 > 0 { // a few at a time, as they come
			continue
		}
		if _, err := io.ReadAtLeast(conn, make([]byte, 4096), 100); err != nil {
			t.Fatal(err)
		}
	}
	var after usage
	await(t, "all streams are open and read", func() bool {
		after = measure(t, url)
		return after.streams == streams && after.reads == streams
	})
	each := (after.resident - before.resident) / streams
	t.Logf("%d bytes each: heap %d, stacks %d", each, (after.heap-before.heap)/streams, (after.stack-before.stack)/streams)
	if each > most && !raceDetector { // which keeps a history of every byte
		t.Errorf("an idle stream takes %d bytes, more than %d", each, most)
	}
}
