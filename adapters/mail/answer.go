package mail

import (
	"bytes"
	"cmp"
	"fmt"
	"html"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// answer is the mail as its bytes: the lines as plain text and as simple HTML (RFC 2046, 5.1.4), and a link to the page.
func (s *Sender) answer(m bridge.Mail, to string, at time.Time) []byte {
	words, site := wordsIn(m.Locale), s.cfg.Site(m.Endpoint)
	title := cmp.Or(site.Title, s.name())
	link := site.link(m.Page)

	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	head := s.head(title, mail.Address{Name: m.Name, Address: to}, fmt.Sprintf(words.subject, title), m.ID, at) +
		header("Content-Language", words.language) +
		header("Content-Type", `multipart/alternative; boundary="`+parts.Boundary()+`"`)
	write := func(kind, text string) {
		w, err := parts.CreatePart(textproto.MIMEHeader{
			"Content-Type": {kind + "; charset=utf-8"}, "Content-Transfer-Encoding": {"quoted-printable"},
		})
		if err == nil { // a buffer takes everything
			q := quotedprintable.NewWriter(w)
			_, _ = q.Write([]byte(text))
			_ = q.Close()
		}
	}
	write("text/plain", plain(m, words, title, link))
	write("text/html", page(m, words, title, link))
	_ = parts.Close()
	return append([]byte(head+"\r\n"), body.Bytes()...)
}

// link leads back to the visitor's page if it is one of the site's, else to the site; empty: nowhere is known.
func (s Site) link(page string) string {
	if u, err := url.Parse(page); err == nil && slices.Contains(s.Origins, u.Scheme+"://"+u.Host) {
		if safe, ok := rich.SafeURL(page); ok {
			return safe
		}
	}
	for _, origin := range s.Origins {
		if strings.HasPrefix(origin, "https://") || strings.HasPrefix(origin, "http://") {
			return origin
		}
	}
	return ""
}

func plain(m bridge.Mail, words words, title, link string) string {
	var b strings.Builder
	for _, en := range m.Lines {
		fmt.Fprintf(&b, "%s:\n%s\n", oneLine(en.By.Name), rich.Plain(en.Body))
		for _, f := range en.Files {
			fmt.Fprintf(&b, "[%s]\n", oneLine(f.Name))
		}
		b.WriteString("\n")
	}
	if link != "" {
		fmt.Fprintf(&b, "%s: %s\n\n", words.open, link)
	}
	fmt.Fprintf(&b, "-- \n"+words.why+"\n", title)
	return b.String()
}

func page(m bridge.Mail, words words, title, link string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<!doctype html><html lang="%s" dir="%s"><meta charset="utf-8"><body style="font:16px/1.5 system-ui,sans-serif;color:#16233a;max-width:36em;margin:24px">`,
		words.language, words.direction())
	for _, en := range m.Lines {
		fmt.Fprintf(&b, `<div dir="auto" style="margin:0 0 16px"><b>%s</b>%s`, html.EscapeString(oneLine(en.By.Name)), rich.HTML(en.Body))
		for _, f := range en.Files {
			fmt.Fprintf(&b, `<div>[%s]</div>`, html.EscapeString(oneLine(f.Name)))
		}
		b.WriteString("</div>")
	}
	if link != "" {
		fmt.Fprintf(&b, `<p><a href="%s">%s</a></p>`, html.EscapeString(link), html.EscapeString(words.open))
	}
	fmt.Fprintf(&b, `<p style="color:#54627a;font-size:13px">%s</p></body></html>`, html.EscapeString(fmt.Sprintf(words.why, title)))
	return b.String()
}
