package main

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/store/pgtest"
)

func TestUsage(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"-h"}, exitOK, "-database"},
		{[]string{"-colour"}, exitUsage, "-colour"},
		{[]string{"serve"}, exitUsage, `unexpected argument "serve"`},
		{[]string{"-listen", "8080"}, exitUsage, "host:port"},
		{[]string{"-listen", "127.0.0.1:0", "-database", "mysql://x"}, exitUsage, "database"},
		{[]string{"-listen", "256.0.0.1:0"}, exitFailure, "listen: "},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			code := run(t.Context(), c.args, &stdout, &stderr)
			if code != c.code || !strings.Contains(stderr.String(), c.says) {
				t.Errorf("%d %q, want %d and %q", code, stderr.String(), c.code, c.says)
			}
		})
	}
}

func TestTemporaryDatabaseIsRemoved(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	d := start(t)
	d.visitor("Maya Holm").say("Hello")
	d.thread("Hello")
	if code := d.stop(); code != exitOK {
		t.Fatalf("exit code %d", code)
	}
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestMain(m *testing.M) {
	answerWithin = patience
	pgtest.Main(m)
}

func TestGivenDatabaseIsKept(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) { keeps(t, "sqlite:"+filepath.Join(t.TempDir(), "kept.db")) })
	t.Run("PostgreSQL", func(t *testing.T) {
		keeps(t, pgtest.Database(t, func(string) error { return nil })) // the demonstration migrates it
	})
}

// keeps starts over with a fresh Slack: the visitor's history is there, and the conversation opens its thread anew.
func keeps(t *testing.T, database string) {
	t.Helper()
	first := start(t, "-database", database)
	maya := first.visitor("Maya Holm")
	maya.say("Before")
	first.thread("Before")
	first.stop()

	second := start(t, "-database", database)
	again := &visitor{d: second, token: maya.token}
	again.say("After")
	thread := second.thread("After")
	if !slices.ContainsFunc(again.history(), says("Before")) {
		t.Errorf("the history is gone: %+v", again.history())
	}
	second.act(act{Place: thread.ID, As: "ana", Do: "say", Text: "Still here"})
	again.await("an answer from a member who was kept", says("Still here"))
}

// TestStateIsQuick holds the page to its bound: a hundred threads in a tenth of a second.
func TestStateIsQuick(t *testing.T) {
	d, err := newDemo(t.Context(), "http://127.0.0.1:1", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	server := d.platforms[0].(*slackPlatform).server
	fill(t, server, 100, 20)
	best := time.Hour
	for range 5 {
		began := time.Now()
		answer := httptest.NewRecorder()
		d.state(answer, httptest.NewRequestWithContext(t.Context(), "GET", "/demo/state", nil))
		best = min(best, time.Since(began))
		if n := strings.Count(answer.Body.String(), `"kind":"thread"`); n != 100 {
			t.Fatalf("%d threads", n)
		}
	}
	if best > slowdown*100*time.Millisecond {
		t.Errorf("the state of 100 threads takes %v", best)
	}
	t.Logf("the state of 100 threads takes %v", best)
}

func fill(t *testing.T, server *slacktest.Server, threads, answers int) {
	t.Helper()
	for range threads {
		root, err := server.Say(slackID("ana"), slackDesk, "", "A *thread* with <https://example.com|a link>")
		for range answers {
			if err == nil {
				_, err = server.Say(slackID("ben"), slackDesk, root, "An answer of some length, as people write them when they have time.")
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestDocumentsComeWithTheirPolicy holds that no page is served without a Content-Security-Policy.
func TestDocumentsComeWithTheirPolicy(t *testing.T) {
	d, err := newDemo(t.Context(), "http://127.0.0.1:1", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	mux := http.NewServeMux()
	d.routes(mux)
	for path, want := range map[string]int{
		"/": 302, "/demo/": 200, "/demo/shop": 200, "/demo/static/demo.css": 200, "/demo/static/mark.svg": 200,
		"/demo/static/avatars/ana.svg": 200, "/demo/static/demo.html": 404, "/demo/static/..%2fmain.go": 404,
		"/demo/static/": 404, "/demo/other": 404, "/demo/files/slack/F1/x.txt": 404, "/demo/files/irc/F1/x.txt": 404,
	} {
		answer := httptest.NewRecorder()
		mux.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), "GET", path, nil))
		if answer.Code != want {
			t.Errorf("%s: %d, want %d", path, answer.Code, want)
		}
		policy := answer.Header().Get("Content-Security-Policy")
		kind, _, _ := strings.Cut(answer.Header().Get("Content-Type"), ";")
		if want == 200 && (kind == "text/html" || kind == "image/svg+xml") && !strings.HasPrefix(policy, "default-src 'none'") {
			t.Errorf("%s: policy %q", path, policy)
		}
	}
}

// TestHintFollowsEveryChange holds that no change goes unnoticed by someone who waits for the next one.
func TestHintFollowsEveryChange(t *testing.T) {
	d, err := newDemo(t.Context(), "http://127.0.0.1:1", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	for range 20 {
		_, next := d.changes.now()
		if _, err := d.platforms[0].Act(t.Context(), act{Place: slackDesk, As: "ana", Do: "say", Text: "x"}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		select {
		case <-next:
		case <-ctx.Done():
			t.Fatal("no hint")
		}
		cancel()
	}
}
