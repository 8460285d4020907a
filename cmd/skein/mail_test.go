package main

import (
	"context"
	"crypto/rand"
	"io"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/adapters/website/webtest"
)

// postOffice is a mail server that keeps what it is given.
type postOffice struct {
	mu    sync.Mutex
	mails []string
	came  chan struct{}
}

func (p *postOffice) Mail(string, *smtp.MailOptions) error { return nil }
func (p *postOffice) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (p *postOffice) Reset()                               {}
func (p *postOffice) Logout() error                        { return nil }

func (p *postOffice) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mails = append(p.mails, string(b))
	p.came <- struct{}{}
	return err
}

func (p *postOffice) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.mails)
}

// addMail starts a mail server and has the daemons use it.
func (r *rig) addMail() *postOffice {
	r.t.Helper()
	office := &postOffice{came: make(chan struct{}, 10)}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return office, nil }))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(r.t, err)
	go func() { _ = server.Serve(l) }()
	r.t.Cleanup(func() { _ = server.Close() })
	r.settings["MAIL__SMTP"], r.settings["MAIL__FROM"], r.settings["MAIL__AFTER"] = "smtp://"+l.Addr().String(), "help@fern.example", "2s"
	return office
}

// TestMailToWhoHasLeft: of two instances one mails the answer to a visitor who is gone; after a restart none does again.
func TestMailToWhoHasLeft(t *testing.T) {
	r := newRig(t, "postgres")
	office := r.addMail()
	addresses := []string{freeAddress(t), freeAddress(t)}
	first, second := r.start(addresses[0]), r.start(addresses[1])

	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	v := r.site(addresses[0]).Visitor()
	_, err := v.Open(ctx, webtest.Introduction{Profile: map[string]any{"name": "Mira", "email": "mira@example.com"}})
	must(t, err)
	_, err = v.Say(ctx, "Is the fern in stock?")
	must(t, err)
	var root string
	must(t, r.slack.Await(ctx, func(s slacktest.State) bool {
		for _, m := range s.Channel(desk) {
			if strings.Contains(strings.Join(slackTexts(s.Thread(desk, m.TS)), "\n"), "Is the fern in stock?") {
				root = m.TS
			}
		}
		return root != ""
	}))
	_, err = r.slack.Say(anaID, desk, root, "Yes, two are left.")
	must(t, err)
	select {
	case <-office.came:
	case <-ctx.Done():
		t.Fatal("no mail has come")
	}
	first.terminate()
	second.terminate()
	r.start(addresses[0])
	_, err = r.slack.Say(anaID, desk, root, "Only one now.")
	must(t, err)
	select {
	case <-office.came:
	case <-ctx.Done():
		t.Fatal("no second mail has come")
	}
	if n := office.count(); n != 2 || strings.Contains(office.mails[1], "two are left") || !strings.Contains(office.mails[1], "Only one now.") {
		t.Errorf("%d mails: %q", n, office.mails)
	}
}

// TestInvitationByMail has the owner mail an invitation from the workbench, and a new member come in by its link.
func TestInvitationByMail(t *testing.T) {
	r := newRig(t, "sqlite")
	office := r.addMail()
	address := freeAddress(t)
	r.start(address)

	owner := newBrowser(t, address)
	owner.signIn(r)
	invite := url.Values{"key": {rand.Text() + rand.Text()}, "role": {"agent"}, "email": {"dora@example.com"}}
	if page := owner.post("/workbench/team/invitations", invite); !strings.Contains(page, "on its way to dora@example.com") {
		t.Fatalf("inviting is answered with:\n%s", page)
	}
	letter, err := mail.ReadMessage(strings.NewReader(office.mails[0]))
	must(t, err)
	text, err := io.ReadAll(quotedprintable.NewReader(letter.Body))
	must(t, err)
	link := regexp.MustCompile(`http://\S+`).FindString(string(text))
	path, ok := strings.CutPrefix(link, "http://"+address)
	if !ok {
		t.Fatalf("the letter has no link to the workbench:\n%s", text)
	}
	in, err := url.Parse(path)
	must(t, err)
	dora := newBrowser(t, address)
	if page := dora.get(path); !strings.Contains(page, "You have been invited") {
		t.Fatalf("the link leads to:\n%s", page)
	}
	joined := dora.post("/workbench/join", url.Values{"code": {in.Query().Get("code")}, "name": {"Dora Lind"}})
	if !strings.Contains(joined, "Dora Lind") || !strings.Contains(joined, "Sign out") {
		t.Errorf("joining is answered with:\n%s", joined)
	}
}
