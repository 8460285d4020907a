// Package mail hands mails to a mail server: what agents wrote to visitors of a website who have left since, and letters to
// people who are invited to the team.
//
//	mail      the way to the server
//	answer    what agents wrote, as its bytes
//	letter    a letter of plain text, as its bytes
//	words     what is written around the lines, by language
package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/smtp"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// Config is what a Sender is made of.
type Config struct {
	// Server is smtp://[user:password@]host[:port] (587; TLS as soon as the server offers it) or smtps://… (465; TLS from
	// the start).
	Server string
	From   string // an address, perhaps with a name: "Fern & Moss <help@fern.example>"
	// Site tells of an endpoint where its visitors are; called concurrently.
	Site func(e bridge.EndpointName) Site
	TLS  *tls.Config // nil: the system's
}

// Site is one website as its visitors know it.
type Site struct {
	Title   string
	Origins []string // of its pages; a link leads only there
}

// Sender sends mails, each over a connection of its own. It may be used concurrently.
type Sender struct {
	cfg     Config
	host    string
	address string
	secure  bool // TLS from the start
	auth    smtp.Auth
	from    *mail.Address
}

// New returns a Sender. It connects nowhere.
func New(c Config) (*Sender, error) {
	u, err := url.Parse(c.Server)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return nil, errors.New("mail: the server is no smtp:// or smtps:// address") // which may hold a password
	}
	from, err := mail.ParseAddress(c.From)
	if err != nil {
		return nil, fmt.Errorf("mail: sender: %w", err)
	}
	s := &Sender{cfg: c, host: u.Hostname(), secure: u.Scheme == "smtps", from: from}
	port := u.Port()
	if port == "" {
		port = map[bool]string{false: "587", true: "465"}[s.secure]
	}
	s.address = net.JoinHostPort(s.host, port)
	if password, ok := u.User.Password(); ok {
		s.auth = smtp.PlainAuth("", u.User.Username(), password, s.host) // gives nothing away without TLS, but to this machine
	}
	return s, nil
}

// Send hands a mail to the server. nil means that the server has taken it; otherwise the error is a *bridge.Failure.
func (s *Sender) Send(ctx context.Context, m bridge.Mail) error {
	return s.hand(ctx, m.To, func(to string) []byte { return s.answer(m, to, time.Now()) })
}

// Letter hands a letter of plain text to the server; lines of the text end with "\n". It returns as Send does.
func (s *Sender) Letter(ctx context.Context, to, subject, text string) error {
	return s.hand(ctx, to, func(to string) []byte { return s.letter(to, subject, text, time.Now()) })
}

// hand hands the server what write makes for the one address.
func (s *Sender) hand(ctx context.Context, address string, write func(to string) []byte) error {
	to, err := mail.ParseAddress(address)
	if err != nil || strings.ContainsAny(to.Address, "\r\n") {
		return &bridge.Failure{Verdict: bridge.GiveUp, Public: "The address they gave is no e-mail address.", Err: errors.New("not an address")}
	}
	client, err := s.connect(ctx)
	if err != nil {
		return unreachable(err)
	}
	defer func() { _ = client.Close() }()
	if err := client.Mail(s.from.Address); err != nil { // whoever gets the mail has nothing to do with it
		return &bridge.Failure{Verdict: bridge.Retry, Public: "The mail server does not let Skein send from its address. Check mail.from.", Err: err}
	}
	if err := client.Rcpt(to.Address); err != nil {
		return refused(err)
	}
	w, err := client.Data()
	if err != nil {
		return refused(err)
	}
	if _, err := w.Write(write(to.Address)); err != nil {
		return unreachable(err) // without its end the server takes no mail
	}
	if err := w.Close(); err != nil {
		if _, answered := errors.AsType[*textproto.Error](err); answered {
			return refused(err)
		}
		return &bridge.Failure{Verdict: bridge.Unsure, Public: "The mail server did not say whether it has the mail.", Err: err}
	}
	_ = client.Quit() // it has the mail
	return nil
}

// connect reaches the server, with TLS where it can be had, and proves who we are.
func (s *Sender) connect(ctx context.Context) (*smtp.Client, error) {
	conn, err := (&net.Dialer{Timeout: 30 * time.Second}).DialContext(ctx, "tcp", s.address)
	if err != nil {
		return nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline) // a fresh connection takes one
	}
	settings := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.cfg.TLS != nil {
		settings = s.cfg.TLS.Clone()
	}
	settings.ServerName = s.host
	if s.secure {
		conn = tls.Client(conn, settings)
	}
	client, err := smtp.NewClient(conn, s.host)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	if err := s.introduce(client, settings); err != nil {
		_ = client.Close()
		return nil, err
	}
	return client, nil
}

func (s *Sender) introduce(client *smtp.Client, settings *tls.Config) error {
	if err := client.Hello(s.domain()); err != nil {
		return err
	}
	if offered, _ := client.Extension("STARTTLS"); offered && !s.secure {
		if err := client.StartTLS(settings); err != nil {
			return err
		}
	}
	if s.auth == nil {
		return nil
	}
	return client.Auth(s.auth)
}

func unreachable(err error) error {
	return &bridge.Failure{Verdict: bridge.Retry, Public: "The mail server cannot be reached, or does not let Skein in.", Err: err}
}

// refused is the failure of a command: for good if the server says so (RFC 5321, 4.2.1: 5yz), else for now.
func refused(err error) error {
	if answer, ok := errors.AsType[*textproto.Error](err); ok && answer.Code >= 500 && !slices.Contains([]int{530, 535}, answer.Code) {
		return &bridge.Failure{Verdict: bridge.GiveUp, Public: "The mail server does not take mail for their address.", Err: err}
	}
	return unreachable(err)
}
