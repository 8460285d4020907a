package mail

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// server is a real mail server on loopback with a script.
type server struct {
	*smtp.Server
	listener net.Listener
	address  string

	mu         sync.Mutex
	mails      []received
	users      []string // who has shown a password
	answer     error    // to what is sent; nil: it is taken
	address550 string
	sender550  bool
	hangUp     bool // the connection breaks before the answer to a mail
}

type received struct {
	from, to string
	message  *mail.Message
	text     string
	html     string
}

type session struct {
	s        *server
	conn     *smtp.Conn
	from, to string
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.s.mu.Lock()
	defer s.s.mu.Unlock()
	if s.from = from; s.s.sender550 {
		return &smtp.SMTPError{Code: 550, Message: "no such sender"}
	}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.s.mu.Lock()
	defer s.s.mu.Unlock()
	if to == s.s.address550 {
		return &smtp.SMTPError{Code: 550, Message: "no such user"}
	}
	s.to = to
	return nil
}

func (s *session) Data(r io.Reader) error {
	message, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	got := received{from: s.from, to: s.to, message: message}
	if strings.HasPrefix(message.Header.Get("Content-Type"), "text/plain") {
		var text []byte
		text, err = io.ReadAll(quotedprintable.NewReader(message.Body))
		got.text = strings.ReplaceAll(string(text), "\r\n", "\n")
	} else {
		got.text, got.html, err = alternatives(message)
	}
	if err != nil {
		return err
	}
	s.s.mu.Lock()
	defer s.s.mu.Unlock()
	s.s.mails = append(s.s.mails, got)
	if s.s.hangUp {
		_ = s.conn.Conn().Close()
	}
	return s.s.answer
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

// AuthMechanisms offers a password only where nobody else can read it.
func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if password != "p@ss" {
			return errors.New("wrong password")
		}
		s.s.mu.Lock()
		defer s.s.mu.Unlock()
		s.s.users = append(s.s.users, user)
		return nil
	}), nil
}

func alternatives(m *mail.Message) (text, html string, err error) {
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		return "", "", err
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return text, html, nil
		}
		if err != nil {
			return "", "", err
		}
		b, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			return "", "", err
		}
		if strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") {
			html = string(b)
		} else {
			text = strings.ReplaceAll(string(b), "\r\n", "\n")
		}
	}
}

// serve starts a mail server, with TLS when there is a certificate.
func serve(t *testing.T, certificate *tls.Certificate) *server {
	t.Helper()
	s := &server{}
	s.Server = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{s: s, conn: c}, nil }))
	s.Domain, s.ReadTimeout, s.WriteTimeout = "mail.example.com", 20*time.Second, 20*time.Second
	if certificate != nil {
		s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*certificate}}
	}
	s.ErrorLog = quiet{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.address = l.Addr().String()
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(l) }()
	s.listener = l
	t.Cleanup(func() {
		_ = s.Close()
		_ = l.Close() // a server that is closed before it serves does not know of it
		<-done
	})
	return s
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

func sender(t *testing.T, c Config) *Sender {
	t.Helper()
	if c.From == "" {
		c.From = "Fern & Moss <help@fern.example>"
	}
	c.Site = func(bridge.EndpointName) Site {
		return Site{Title: "Fern & Moss", Origins: []string{"https://fern.example"}}
	}
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func line(name, text string) bridge.Entry {
	return bridge.Entry{By: bridge.Speaker{Kind: bridge.ByAgent, Name: name}, Body: rich.Of(text)}
}

func answer() bridge.Mail {
	return bridge.Mail{
		ID: "7.12", Endpoint: "website", To: "mira@example.com", Name: "Mira Sand", Locale: "en-GB", Page: "https://fern.example/ferns?x=1&y=2",
		Lines: []bridge.Entry{line("Ana", "Yes, two <are> left.\n.\nSee https://fern.example/fern"), line("Ben", "Grüße")},
	}
}

func TestMailArrives(t *testing.T) {
	server := serve(t, nil)
	s := sender(t, Config{Server: "smtp://" + server.address})
	m := answer()
	m.Lines[1].Files = []bridge.File{{Name: "fern.png"}}
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if len(server.mails) != 1 {
		t.Fatalf("%d mails have arrived", len(server.mails))
	}
	got := server.mails[0]
	if got.from != "help@fern.example" || got.to != "mira@example.com" {
		t.Errorf("from %s to %s", got.from, got.to)
	}
	for name, want := range map[string]string{
		"From": `"Fern & Moss" <help@fern.example>`, "To": `"Mira Sand" <mira@example.com>`, "Message-Id": "<skein.7.12@fern.example>",
		"Auto-Submitted": "auto-generated", "Content-Language": "en",
	} {
		if value := got.message.Header.Get(name); value != want {
			t.Errorf("%s: %s, want %s", name, value, want)
		}
	}
	if subject, err := new(mime.WordDecoder).DecodeHeader(got.message.Header.Get("Subject")); err != nil || subject != "Fern & Moss has answered you" {
		t.Errorf("subject %q, %v", subject, err)
	}
	want := "Ana:\nYes, two <are> left.\n.\nSee https://fern.example/fern\n\nBen:\nGrüße\n[fern.png]\n\n" +
		"Read and answer here: https://fern.example/ferns?x=1&y=2\n\n-- \nYou get this mail because you wrote to Fern & Moss and left before we answered. " +
		"Replies to this mail are not read.\n"
	if got.text != want {
		t.Errorf("text %q, want %q", got.text, want)
	}
	for _, part := range []string{"two &lt;are&gt; left", `<b>Ben</b>`, `href="https://fern.example/ferns?x=1&amp;y=2"`, "Fern &amp; Moss"} {
		if !strings.Contains(got.html, part) {
			t.Errorf("the html lacks %s: %s", part, got.html)
		}
	}
}

// A page or a name is what a visitor's program says: it leads nowhere but to the site, and adds no header.
func TestNothingIsSmuggledIn(t *testing.T) {
	server := serve(t, nil)
	s := sender(t, Config{Server: "smtp://" + server.address})
	for _, page := range []string{"https://evil.example/fern.example", "javascript:alert(1)", "", "https://fern.example@evil.example/"} {
		m := answer()
		m.Page, m.Name = page, "Mira\r\nBcc: all@example.com"
		m.Lines[0].By.Name = "Ana<script>\r\n"
		if err := s.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		got := server.mails[len(server.mails)-1]
		if got.message.Header.Get("Bcc") != "" || strings.Contains(got.html, "<script>") || strings.Contains(got.text+got.html, "evil") ||
			!strings.Contains(got.text, "here: https://fern.example\n") {
			t.Errorf("for the page %q: %v\n%s\n%s", page, got.message.Header, got.text, got.html)
		}
	}
	for _, to := range []string{"", "mira", "mira@example.com\r\nRCPT TO:<all@example.com>", "<>", "a@b, c@d"} {
		m := answer()
		m.To = to
		if f := bridge.AsFailure(s.Send(t.Context(), m)); f.Verdict != bridge.GiveUp || f.Public == "" {
			t.Errorf("to %q: %+v", to, f)
		}
	}
}

func TestEveryLanguageOfMail(t *testing.T) {
	for _, w := range languages() {
		if strings.Count(w.subject, "%s") != 1 || strings.Count(w.why, "%s") != 1 || w.open == "" {
			t.Errorf("%s: %+v", w.language, w)
		}
		s := sender(t, Config{Server: "smtp://127.0.0.1"})
		m := answer()
		m.Locale = w.language + "-XX"
		message, err := mail.ReadMessage(bytes.NewReader(s.answer(m, m.To, time.Now())))
		if err != nil || message.Header.Get("Content-Language") != w.language {
			t.Errorf("%s: %v", w.language, err)
		}
	}
}

func TestVerdicts(t *testing.T) {
	for name, c := range map[string]struct {
		script func(s *server)
		want   bridge.Verdict
	}{
		"no such address": {func(s *server) { s.address550 = "mira@example.com" }, bridge.GiveUp},
		"no such sender":  {func(s *server) { s.sender550 = true }, bridge.Retry}, // a person can put it right
		"not now":         {func(s *server) { s.answer = &smtp.SMTPError{Code: 451, Message: "later"} }, bridge.Retry},
		"never":           {func(s *server) { s.answer = &smtp.SMTPError{Code: 554, Message: "spam"} }, bridge.GiveUp},
		"no answer":       {func(s *server) { s.hangUp = true }, bridge.Unsure},
		"nobody there":    {func(s *server) { _ = s.listener.Close() }, bridge.Retry},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, nil)
			c.script(server)
			f := bridge.AsFailure(sender(t, Config{Server: "smtp://" + server.address}).Send(t.Context(), answer()))
			if f.Verdict != c.want || f.Public == "" {
				t.Errorf("%+v, want %s", f, c.want)
			}
		})
	}
	t.Run("too slow", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		f := bridge.AsFailure(sender(t, Config{Server: "smtp://" + l.Addr().String()}).Send(ctx, answer()))
		if f.Verdict != bridge.Retry {
			t.Errorf("%+v", f)
		}
	})
}

func certificate(t *testing.T) (*tls.Certificate, *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail"}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
}

func TestPasswordIsShownOverTLS(t *testing.T) {
	cert, trust := certificate(t)
	server := serve(t, cert)
	if err := sender(t, Config{Server: "smtp://shop:p%40ss@" + server.address, TLS: trust}).Send(t.Context(), answer()); err != nil {
		t.Fatal(err)
	}
	if len(server.users) != 1 || server.users[0] != "shop" || len(server.mails) != 1 {
		t.Errorf("users %q, %d mails", server.users, len(server.mails))
	}
	for name, c := range map[string]Config{
		"a wrong password":      {Server: "smtp://shop:wrong@" + server.address, TLS: trust},
		"a foreign certificate": {Server: "smtp://shop:p%40ss@" + server.address},
	} {
		if f := bridge.AsFailure(sender(t, c).Send(t.Context(), answer())); f.Verdict != bridge.Retry {
			t.Errorf("%s: %+v", name, f)
		}
	}
	if len(server.mails) != 1 {
		t.Errorf("%d mails", len(server.mails))
	}
}

func TestTLSFromTheStart(t *testing.T) {
	cert, trust := certificate(t)
	server := serve(t, nil)
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{*cert}, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(l) }()
	if err := sender(t, Config{Server: "smtps://" + l.Addr().String(), TLS: trust}).Send(t.Context(), answer()); err != nil {
		t.Fatal(err)
	}
	if len(server.mails) != 1 {
		t.Errorf("%d mails", len(server.mails))
	}
}

func TestBadConfigurations(t *testing.T) {
	for _, c := range []Config{
		{Server: "https://mail.example.com", From: "a@b.example"},
		{Server: "smtp://", From: "a@b.example"},
		{Server: "smtp://user:secret%zz@mail.example.com", From: "a@b.example"},
		{Server: "smtp://mail.example.com", From: "nobody"},
	} {
		if _, err := New(c); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s, %s: %v", c.Server, c.From, err)
		}
	}
}
