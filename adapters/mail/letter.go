package mail

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge/rich"
)

// letter is a letter of plain text as its bytes.
func (s *Sender) letter(to, subject, text string, at time.Time) []byte {
	var b bytes.Buffer
	b.WriteString(s.head(s.name(), mail.Address{Address: to}, subject, rand.Text(), at) +
		header("Content-Type", "text/plain; charset=utf-8") +
		header("Content-Transfer-Encoding", "quoted-printable") + "\r\n")
	w := quotedprintable.NewWriter(&b) // a buffer takes everything
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b.Bytes()
}

// head is what is at the head of every mail, up to what its body is.
func (s *Sender) head(from string, to mail.Address, subject, id string, at time.Time) string {
	to.Name = oneLine(to.Name)
	return header("From", (&mail.Address{Name: oneLine(from), Address: s.from.Address}).String()) +
		header("To", to.String()) +
		header("Subject", mime.QEncoding.Encode("utf-8", oneLine(subject))) +
		header("Date", at.Format(time.RFC1123Z)) +
		header("Message-ID", "<skein."+id+"@"+s.domain()+">") +
		header("Auto-Submitted", "auto-generated") + // RFC 3834: nobody answers it by machine
		header("MIME-Version", "1.0")
}

// header is one line, whose value must not end it; see oneLine.
func header(name, value string) string { return name + ": " + value + "\r\n" }

// oneLine keeps a value from ending its header.
func oneLine(s string) string { return strings.Join(strings.Fields(rich.Clean(s)), " ") }

// name is who mails come from where nothing else is known.
func (s *Sender) name() string { return cmp.Or(s.from.Name, s.domain()) }

func (s *Sender) domain() string {
	_, domain, _ := strings.Cut(s.from.Address, "@")
	return domain
}
