package files

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/rs/zerolog"

	"github.com/skeindesk/skein/bridge"
)

var testKeys = Credentials{AccessKey: "AKIDTEST", SecretKey: "test-secret", SessionToken: "test-session"}

// bucket is an S3 server with one bucket. Like the real one, and unlike gofakes3, it checks signatures.
type bucket struct {
	*httptest.Server
	fault atomic.Pointer[http.HandlerFunc] // answers in its place
}

func newBucket(t *testing.T) *bucket {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("skein-files"); err != nil {
		t.Fatal(err)
	}
	fake := gofakes3.New(backend, gofakes3.WithTimeSkewLimit(time.Minute)).Server()
	b := &bucket{}
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f := b.fault.Load(); f != nil {
			(*f)(w, r)
			return
		}
		again, _ := http.NewRequest(r.Method, r.URL.RequestURI(), nil)
		again.Host = r.Host
		at, _ := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
		sign(again, testKeys, "us-east-1", r.Header.Get("X-Amz-Content-Sha256"), at)
		if r.Header.Get("Authorization") != again.Header.Get("Authorization") {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, "<Error><Code>SignatureDoesNotMatch</Code></Error>")
			return
		}
		fake.ServeHTTP(w, r)
	}))
	t.Cleanup(b.Close)
	return b
}

func (b *bucket) fail(f http.HandlerFunc) { b.fault.Store(&f) }

func objects(t *testing.T, endpoint string, keys Credentials) *ObjectStore {
	t.Helper()
	s, err := NewObjectStore("s3://skein-files/some/where?endpoint="+url.QueryEscape(endpoint), keys)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.http.CloseIdleConnections)
	return s
}

func TestObjectStore(t *testing.T) {
	testBlobs(t, func(t *testing.T) bridge.Blobs { return objects(t, newBucket(t).URL, testKeys) })
}

// The example of "GET Object" in Amazon's page "Signature Calculations for the Authorization Header".
func TestSignatureIsAmazons(t *testing.T) {
	req, _ := http.NewRequest(http.MethodGet, "https://examplebucket.s3.amazonaws.com/test.txt", nil)
	req.Header.Set("Range", "bytes=0-9")
	keys := Credentials{AccessKey: "AKIAIOSFODNN7EXAMPLE", SecretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
	sign(req, keys, "us-east-1", noBytes, time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC))
	if want := "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"; !strings.HasSuffix(req.Header.Get("Authorization"), want) {
		t.Errorf("%s, want %s", req.Header.Get("Authorization"), want)
	}
}

func TestObjectAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"s3://bucket?region=eu-central-1":                              "https://bucket.s3.eu-central-1.amazonaws.com/ eu-central-1",
		"s3://bucket/a/b/?region=eu-central-1":                         "https://bucket.s3.eu-central-1.amazonaws.com/a/b/ eu-central-1",
		"s3://my.bucket?region=eu-west-1":                              "https://s3.eu-west-1.amazonaws.com/my.bucket/ eu-west-1",
		"s3://bucket?endpoint=minio.example.com:9000":                  "https://minio.example.com:9000/bucket/ us-east-1",
		"s3://bucket/a?endpoint=http://10.0.0.1:9000/s3&region=garage": "http://10.0.0.1:9000/s3/bucket/a/ garage",
		"s3://bucket":                        "",
		"s3://?region=x":                     "",
		"s3://key:secret@bucket?region=x":    "",
		"s3://bucket?region=x&secret_key=y":  "",
		"s3://bucket/a b?region=x":           "",
		"s3://bucket?endpoint=ftp://x":       "",
		"s3://bucket?endpoint=https://a:b@x": "",
		"http://bucket?region=x":             "",
	} {
		p, err := parseObjectPlace(address)
		got := ""
		if err == nil {
			got = p.base.String() + " " + p.region
		} else if strings.Contains(err.Error(), "secret@") {
			t.Errorf("%s: the error shows a secret: %v", address, err)
		}
		if got != want {
			t.Errorf("%s: %q, %v; want %q", address, got, err, want)
		}
	}
	if _, err := NewObjectStore("s3://bucket?region=x", Credentials{}); err == nil || !strings.Contains(err.Error(), "AWS_ACCESS_KEY_ID") {
		t.Errorf("without keys: %v", err)
	}
}

func TestObjectStoreSaysWhatIsWrong(t *testing.T) {
	b := newBucket(t)
	wrong := testKeys
	wrong.SecretKey = "guessed"
	if err := Probe(t.Context(), objects(t, b.URL, wrong)); err == nil || !strings.Contains(err.Error(), "the secret key is wrong") ||
		strings.Contains(err.Error(), "guessed") {
		t.Errorf("a wrong key: %v", err)
	}
	other, err := NewObjectStore("s3://no-such-bucket?endpoint="+b.URL, testKeys)
	if err != nil {
		t.Fatal(err)
	}
	if err := Probe(t.Context(), other); err == nil || !strings.Contains(err.Error(), "there is no such bucket") {
		t.Errorf("a wrong bucket: %v", err)
	}
	if _, err := other.Get(t.Context(), "id"); err == nil || errors.Is(err, bridge.ErrNotFound) {
		t.Errorf("a file of a bucket that is not there: %v", err) // ErrNotFound would make files be given up for good
	}
	if err := other.Remove(t.Context(), "id"); err == nil {
		t.Error("removed from a bucket that is not there")
	}
	b.fail(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "http://elsewhere.example.com")
		w.WriteHeader(http.StatusMovedPermanently)
	})
	if err := Probe(t.Context(), objects(t, b.URL, testKeys)); err == nil || !strings.Contains(err.Error(), "another region") {
		t.Errorf("another region: %v", err)
	}
}

func TestObjectStoreFaults(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	b := newBucket(t)
	s := objects(t, b.URL, testKeys)
	content := bytes.Repeat([]byte("0123456789"), 200_000)
	put := func() error { _, err := s.Put(t.Context(), "id", bytes.NewReader(content), 1<<30); return err }
	for name, fault := range map[string]http.HandlerFunc{
		"fault of its own": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"slow down": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, "<Error><Code>SlowDown</Code></Error>")
		},
		"connection cut": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"cut in the middle": func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.CopyN(io.Discard, r.Body, 1_000_000)
			panic(http.ErrAbortHandler)
		},
	} {
		b.fail(fault)
		if err := put(); err == nil {
			t.Errorf("%s: put succeeded", name)
		}
		if _, err := s.Get(t.Context(), "id"); err == nil || errors.Is(err, bridge.ErrNotFound) {
			t.Errorf("%s: get: %v", name, err)
		}
		b.fault.Store(nil)
		if _, err := s.Get(t.Context(), "id"); !errors.Is(err, bridge.ErrNotFound) {
			t.Errorf("%s: a half is there: %v", name, err)
		}
	}
	if err := put(); err != nil {
		t.Fatal(err)
	}
	b.fail(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "2000000")
		_, _ = w.Write(content[:1_000_000])
		panic(http.ErrAbortHandler)
	})
	r, err := s.Get(t.Context(), "id")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(r); err == nil {
		t.Error("a half was read as a whole")
	}
	_ = r.Close()
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("temporary files are left: %v, %v", left, err)
	}
}

// A link that is cut while bytes are on their way leaves no half in the bucket.
func TestObjectStoreOverACutLink(t *testing.T) {
	b := newBucket(t)
	metrics := toxiproxy.NewMetricsContainer(nil)
	link := toxiproxy.NewProxy(toxiproxy.NewServer(metrics, zerolog.Nop()), "s3", "127.0.0.1:0", strings.TrimPrefix(b.URL, "http://"))
	if err := link.Start(); err != nil {
		t.Fatal(err)
	}
	defer link.Stop()
	s, direct := objects(t, "http://"+link.Listen, testKeys), objects(t, "http://"+link.Listen, testKeys)
	direct.place.base = objects(t, b.URL, testKeys).place.base
	if _, err := link.Toxics.AddToxicJson(strings.NewReader(`{"name":"cut","type":"limit_data","stream":"upstream","attributes":{"bytes":500000}}`)); err != nil {
		t.Fatal(err)
	}
	content := bytes.Repeat([]byte("0123456789"), 200_000)
	if _, err := s.Put(t.Context(), "id", bytes.NewReader(content), 1<<30); err == nil {
		t.Error("put succeeded over a link that was cut")
	}
	if _, err := direct.Get(t.Context(), "id"); !errors.Is(err, bridge.ErrNotFound) {
		t.Errorf("a half is there: %v", err)
	}
	if err := link.Toxics.RemoveToxic(t.Context(), "cut"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(t.Context(), "id", bytes.NewReader(content), 1<<30); err != nil {
		t.Fatalf("after the link was mended: %v", err)
	}
	if !bytes.Equal(read(t, direct, "id"), content) {
		t.Error("other bytes came back")
	}
}

func TestObjectStoreThatGoesSilent(t *testing.T) {
	b := newBucket(t)
	s := objects(t, b.URL, testKeys)
	s.patience = time.Second // within which it says that it has begun to send
	over := make(chan struct{})
	defer close(over)
	b.fail(func(http.ResponseWriter, *http.Request) { <-over })
	if _, err := s.Put(t.Context(), "id", strings.NewReader("x"), 10); !errors.Is(err, errSilent) {
		t.Errorf("put: %v", err)
	}
	b.fail(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "10")
		_, _ = w.Write([]byte("half"))
		_ = http.NewResponseController(w).Flush()
		<-over
	})
	r, err := s.Get(t.Context(), "id")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := io.ReadAll(r); err == nil {
		t.Error("a half was read as a whole")
	}
}
