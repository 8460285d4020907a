package widget_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/skeindesk/skein/adapters/website/widget"
	"github.com/skeindesk/skein/adapters/website/widget/internal/bundle"
)

func TestDistIsBuiltFromSrc(t *testing.T) {
	src, err := filepath.Abs("src")
	if err != nil {
		t.Fatal(err)
	}
	built, err := bundle.Build(src)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range built {
		got, err := os.ReadFile(filepath.Join("dist", name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("dist/%s is not what src builds to: run go generate in this folder", name)
		}
	}
}

func TestBudget(t *testing.T) {
	size := widget.Measure()
	t.Logf("compressed bytes: %+v, total %d", size, size.Total())
	if size.Loader > 2<<10 {
		t.Errorf("the loader costs %d bytes, more than 2 KB", size.Loader)
	}
	if size.Form > 2<<10 {
		t.Errorf("the form costs %d bytes, more than 2 KB", size.Form)
	}
	if size.More > 5<<10 {
		t.Errorf("what is loaded when it is needed costs %d bytes, more than 5 KB", size.More)
	}
	if app := size.Total() - size.Loader; app > 18<<10 {
		t.Errorf("the application costs %d bytes, more than 18 KB", app)
	}
}

func handler() http.Handler {
	return widget.Handler(widget.Options{Site: func(name string) (widget.Site, bool) {
		origins := []string{"https://shop.example.com", "https://evil.example.com; script-src *", "nonsense"}
		return widget.Site{Origins: origins, Accent: "#0b6e4f"}, name == "website"
	}})
}

func get(t *testing.T, path string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest("GET", path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	handler().ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestLoaderIsCompressedAndRevalidated(t *testing.T) {
	plain := get(t, "/widget.js")
	want, _ := io.ReadAll(plain.Body)
	if plain.Header.Get("Content-Encoding") != "" || len(want) == 0 {
		t.Fatal("without Accept-Encoding the loader is not plain")
	}
	zipped := get(t, "/widget.js", "Accept-Encoding", "br, gzip;q=0.8")
	if zipped.Header.Get("Content-Encoding") != "gzip" || zipped.Header.Get("Vary") != "Accept-Encoding" {
		t.Fatalf("headers %v: want gzip and Vary", zipped.Header)
	}
	r, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := io.ReadAll(r); !bytes.Equal(got, want) {
		t.Error("the compressed loader is another")
	}
	for _, refused := range []string{"gzip;q=0", "br", "gzip;q=0, *", "identity"} {
		if e := get(t, "/widget.js", "Accept-Encoding", refused).Header.Get("Content-Encoding"); e != "" {
			t.Errorf("Accept-Encoding %q: got %s", refused, e)
		}
	}
	tag := zipped.Header.Get("ETag")
	again := get(t, "/widget.js", "Accept-Encoding", "gzip", "If-None-Match", tag)
	if again.StatusCode != http.StatusNotModified || again.ContentLength > 0 {
		t.Errorf("with its ETag %s: status %d", tag, again.StatusCode)
	}
	if plain.Header.Get("ETag") == tag {
		t.Error("two representations share one ETag")
	}
}

func TestPage(t *testing.T) {
	page := get(t, "/widget/website")
	body, _ := io.ReadAll(page.Body)
	csp := page.Header.Get("Content-Security-Policy")
	if want := "frame-ancestors 'self' https://shop.example.com"; !strings.HasSuffix(csp, want) {
		t.Errorf("policy %q does not end in %q", csp, want)
	}
	if strings.Contains(csp, "evil") || strings.Contains(csp, "nonsense") || strings.Count(csp, "script-src") != 1 {
		t.Errorf("policy %q took what is no origin", csp)
	}
	links := regexp.MustCompile(`assets/[0-9a-f]+\.(js|css)`).FindAllString(string(body), -1)
	if len(links) != 2 {
		t.Fatalf("page links %q: want one script and one style", links)
	}
	for _, link := range links {
		asset := get(t, "/widget/"+link)
		if asset.StatusCode != http.StatusOK || !strings.Contains(asset.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: status %d, %q", link, asset.StatusCode, asset.Header.Get("Cache-Control"))
		}
	}
	for _, path := range []string{"/widget/unknown", "/widget/assets/0000.js", "/widget/", "/widget/website/x"} {
		if got := get(t, path).StatusCode; got != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", path, got)
		}
	}
}
