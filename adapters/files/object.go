package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// ObjectStore keeps files as the objects of one bucket of Amazon S3 or of a server that speaks its protocol. Several
// instances may share a bucket. All methods may be called concurrently.
//
// It speaks for itself the three calls that it needs. A client library would add two megabytes to the program, most of
// them for uploads in parts. They are not needed: the bytes of a file, whose number nobody knows before they are there,
// go to a temporary file first, which also keeps a broken source from ever showing in the bucket.
type ObjectStore struct {
	place       objectPlace
	credentials Credentials
	http        *http.Client
	patience    time.Duration // how long the store may neither take nor give a byte before a call is broken off
}

var _ bridge.Blobs = (*ObjectStore)(nil)

// objectPlace is what an s3:// URL says.
type objectPlace struct {
	base   *url.URL // of all objects, ending in a slash
	region string
}

// NewObjectStore returns the store at an address of the form s3://bucket/prefix?region=…&endpoint=…. It connects to
// nothing.
func NewObjectStore(address string, c Credentials) (*ObjectStore, error) {
	place, err := parseObjectPlace(address)
	if err != nil {
		return nil, fmt.Errorf("object store: %w", err)
	}
	if c.AccessKey == "" || c.SecretKey == "" {
		return nil, errors.New("object store: there are no keys: set files_access_key and files_secret_key, " +
			"or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment")
	}
	return &ObjectStore{place: place, credentials: c, patience: 30 * time.Second, http: &http.Client{
		Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
			TLSHandshakeTimeout:   10 * time.Second,
			ExpectContinueTimeout: time.Second,
			MaxIdleConnsPerHost:   16,
			IdleConnTimeout:       time.Minute,
			DisableCompression:    true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// parseObjectPlace reads an address. With an endpoint the bucket is part of the path, as every server understands it;
// Amazon's own has it in the host name.
func parseObjectPlace(address string) (objectPlace, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return objectPlace{}, errors.New("the address cannot be read")
	case u.Scheme != "s3" || u.Host == "" || u.Port() != "" || u.Fragment != "":
		return objectPlace{}, errors.New("the address is not of the form s3://bucket?region=…")
	case u.User != nil:
		return objectPlace{}, errors.New("keys do not belong into the address: set files_access_key and files_secret_key")
	}
	query := u.Query()
	for name := range query {
		if name != "region" && name != "endpoint" {
			return objectPlace{}, errors.New("the address may say region and endpoint, nothing else")
		}
	}
	bucket, prefix := u.Host, strings.Trim(u.Path, "/")
	if strings.ContainsFunc(prefix, unusual) {
		return objectPlace{}, errors.New("the address has a character in its path that is not a letter, a digit or one of -_./")
	}
	if prefix != "" {
		prefix += "/"
	}
	region, endpoint := query.Get("region"), query.Get("endpoint")
	if endpoint == "" {
		if region == "" {
			return objectPlace{}, errors.New("the address lacks the region: s3://bucket?region=eu-central-1")
		}
		host := "s3." + region + ".amazonaws.com"
		if strings.Contains(bucket, ".") { // would not match the certificate
			return objectPlace{&url.URL{Scheme: "https", Host: host, Path: "/" + bucket + "/" + prefix}, region}, nil
		}
		return objectPlace{&url.URL{Scheme: "https", Host: bucket + "." + host, Path: "/" + prefix}, region}, nil
	}
	if !strings.Contains(endpoint, "://") {
		endpoint = "https://" + endpoint
	}
	base, err := url.Parse(endpoint)
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" || base.User != nil || base.RawQuery != "" {
		return objectPlace{}, errors.New("the endpoint is not a web address such as https://minio.example.com")
	}
	if region == "" {
		region = "us-east-1" // what servers other than Amazon's call themselves
	}
	return objectPlace{&url.URL{Scheme: base.Scheme, Host: base.Host, Path: strings.TrimSuffix(base.Path, "/") + "/" + bucket + "/" + prefix}, region}, nil
}

// unusual reports whether a rune would have to be escaped in a path, in one way for HTTP and in another for a signature.
func unusual(r rune) bool {
	return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-_./", r))
}

// Put stores all of r, whole or not at all. More than limit bytes is bridge.ErrTooLarge.
func (s *ObjectStore) Put(ctx context.Context, id bridge.FileID, r io.Reader, limit int64) (size int64, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("put object: %w", err)
		}
	}()
	if _, _, err := place(id); err != nil {
		return 0, err
	}
	draft, err := os.CreateTemp("", "skein-*")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, draft.Close(), os.Remove(draft.Name())) }()
	hash := sha256.New()
	size, err = io.Copy(io.MultiWriter(draft, hash), io.LimitReader(cancellable{ctx, r}, limit+1))
	if err != nil {
		return 0, err
	}
	if size > limit {
		return 0, bridge.ErrTooLarge
	}
	body, err := s.call(ctx, http.MethodPut, id, draft, size, hex.EncodeToString(hash.Sum(nil)))
	if err != nil {
		return 0, err
	}
	return size, body.Close()
}

// Get streams the bytes. The caller closes it. bridge.ErrNotFound when there are none.
func (s *ObjectStore) Get(ctx context.Context, id bridge.FileID) (io.ReadCloser, error) {
	body, err := s.known(ctx, http.MethodGet, id)
	if err != nil {
		return nil, fmt.Errorf("get object: %w", err)
	}
	return body, nil
}

// Remove deletes the bytes; removing what is not there is no error.
func (s *ObjectStore) Remove(ctx context.Context, id bridge.FileID) error {
	body, err := s.known(ctx, http.MethodDelete, id)
	if errors.Is(err, bridge.ErrNotFound) {
		return nil
	} else if err != nil {
		return fmt.Errorf("remove object: %w", err)
	}
	return body.Close()
}

func (s *ObjectStore) known(ctx context.Context, method string, id bridge.FileID) (io.ReadCloser, error) {
	if _, _, err := place(id); err != nil {
		return nil, err
	}
	return s.call(ctx, method, id, nil, 0, noBytes)
}

// call makes one call about an object and returns the answer's body, which the caller closes. The call is broken off when
// no byte has moved for a while.
func (s *ObjectStore) call(ctx context.Context, method string, id bridge.FileID, body io.ReaderAt, size int64, payload string) (io.ReadCloser, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	moving := &moving{patience: s.patience, cancel: cancel, timer: time.AfterFunc(s.patience, func() { cancel(errSilent) })}
	req, err := http.NewRequestWithContext(ctx, method, s.place.base.JoinPath(string(id)).String(), nil)
	if err != nil {
		return nil, errors.Join(errors.New("the address cannot be used"), moving.Close())
	}
	sign(req, s.credentials, s.place.region, payload, time.Now())
	if size > 0 {
		req.ContentLength = size
		req.GetBody = func() (io.ReadCloser, error) { // again when a connection had been closed meanwhile
			return io.NopCloser(io.TeeReader(io.NewSectionReader(body, 0, size), moving)), nil
		}
		req.Body, _ = req.GetBody()
	}
	resp, err := s.http.Do(req) //nolint:bodyclose // whoever closes moving does
	if err != nil {
		if cause := context.Cause(ctx); errors.Is(cause, errSilent) {
			err = cause
		}
		return nil, errors.Join(bare(err), moving.Close())
	}
	moving.timer.Stop()
	moving.body = resp.Body
	if resp.StatusCode/100 == 2 {
		return moving, nil
	}
	return nil, errors.Join(objectError(resp), moving.Close())
}

var errSilent = errors.New("the object store has gone silent")

// moving is an answer's body and what breaks its call off: each byte that moves either way puts that off.
type moving struct {
	body     io.ReadCloser
	patience time.Duration
	cancel   context.CancelCauseFunc
	timer    *time.Timer
}

func (m *moving) Write(p []byte) (int, error) {
	m.timer.Reset(m.patience)
	return len(p), nil
}

func (m *moving) Read(p []byte) (int, error) {
	m.timer.Reset(m.patience)
	defer m.timer.Stop() // the time between two reads is the reader's, not the store's
	return m.body.Read(p)
}

func (m *moving) Close() (err error) {
	m.timer.Stop()
	if m.body != nil {
		_, _ = io.CopyN(io.Discard, m.body, 64<<10) // so that the connection can be used again
		err = m.body.Close()
	}
	m.cancel(nil)
	return err
}

// bare takes the address off an error of net/http.
func bare(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}

// What an operator can do about an object store's refusals.
var objectAdvice = map[string]string{
	"NoSuchBucket":          "there is no such bucket",
	"AccessDenied":          "the keys may not do this: they need GetObject, PutObject, DeleteObject and ListBucket",
	"InvalidAccessKeyId":    "the access key is not known there",
	"SignatureDoesNotMatch": "the secret key is wrong",
	"RequestTimeTooSkewed":  "this machine's clock is wrong",
	"ExpiredToken":          "the session token has expired",

	"AuthorizationHeaderMalformed": "the bucket is in another region",
	"PermanentRedirect":            "the bucket is in another region",
}

// objectError turns an answer other than success into an error: bridge.ErrNotFound for an object that is not there.
func objectError(resp *http.Response) error {
	var answer struct{ Code string }
	_ = xml.NewDecoder(io.LimitReader(resp.Body, 16<<10)).Decode(&answer) // an answer to HEAD, or a proxy's, has none
	switch advice := objectAdvice[answer.Code]; {
	case advice != "":
		return fmt.Errorf("status %d: %s", resp.StatusCode, advice)
	case resp.StatusCode == http.StatusNotFound:
		return bridge.ErrNotFound
	case resp.StatusCode/100 == 3:
		return fmt.Errorf("status %d: the bucket is in another region or at another endpoint", resp.StatusCode)
	default:
		return fmt.Errorf("status %d", resp.StatusCode)
	}
}
