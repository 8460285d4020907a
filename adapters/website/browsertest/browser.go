// Package browsertest drives a real headless Chromium for tests of pages: it opens tabs, looks into frames of
// other origins, clicks and types as a person would, takes the network away, and keeps what the pages asked
// for and complained about.
//
// Nothing here sleeps for a fixed time: every Wait asks again until its condition holds, and fails the test
// when it does not within Patience.
package browsertest

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Patience is how long a condition may take before the test fails. Pages that try again do so after half a minute at most.
const Patience = time.Minute

// Browser is one Chromium with a profile of its own. Its tabs share storage, as a person's do.
type Browser struct {
	t   testing.TB
	ctx context.Context
}

// New starts a browser and stops it when the test ends. It fails the test when none is installed.
func New(t testing.TB) *Browser {
	t.Helper()
	profile, err := os.MkdirTemp("", "skein-browser-")
	if err != nil {
		t.Fatalf("make the browser's profile: %v", err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(find(t)),
		chromedp.UserDataDir(profile),
		chromedp.WSURLReadTimeout(Patience),
		chromedp.NoSandbox,
		chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		// Frames of other sites stay in the page's process, so that one connection reaches all of them.
		chromedp.Flag("disable-site-isolation-trials", true),
		chromedp.Flag("disable-features", "Translate,BlinkGenPropertyTrees,IsolateOrigins,site-per-process"),
	)
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		end, done := context.WithTimeout(ctx, 10*time.Second)
		defer done()
		_ = chromedp.Cancel(end) // what is left running dies with the allocator
		cancel()
		stopAllocator()
		_ = os.RemoveAll(profile)
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start the browser: %v", err)
	}
	return &Browser{t: t, ctx: ctx}
}

func find(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("this test drives a real browser and found none: install Chromium (Debian and Ubuntu: apt-get install chromium)")
	return ""
}
