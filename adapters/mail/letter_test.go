package mail

import (
	"mime"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"github.com/skeindesk/skein/bridge"
)

func TestLetterArrives(t *testing.T) {
	server := serve(t, nil)
	s := sender(t, Config{Server: "smtp://" + server.address})
	const text = "Ana lädt dich ein.\n.\nhttps://skein.example/workbench/join?code=ABC=DEF\n" +
		"A line that is longer than the 76 characters which quoted-printable leaves to a line, and is not broken for the reader.\n"
	if err := s.Letter(t.Context(), "Dora <dora@example.com>", "Grüße vom Team", text); err != nil {
		t.Fatal(err)
	}
	got := server.mails[0]
	if got.from != "help@fern.example" || got.to != "dora@example.com" || got.text != text {
		t.Errorf("from %s to %s: %q", got.from, got.to, got.text)
	}
	for name, want := range map[string]string{
		"From": `"Fern & Moss" <help@fern.example>`, "To": "<dora@example.com>", "Auto-Submitted": "auto-generated",
		"Content-Type": "text/plain; charset=utf-8",
	} {
		if value := got.message.Header.Get(name); value != want {
			t.Errorf("%s: %s, want %s", name, value, want)
		}
	}
	if subject, err := new(mime.WordDecoder).DecodeHeader(got.message.Header.Get("Subject")); err != nil || subject != "Grüße vom Team" {
		t.Errorf("subject %q, %v", subject, err)
	}
	if err := s.Letter(t.Context(), "dora@example.com", "Again", text); err != nil {
		t.Fatal(err)
	}
	if a, b := got.message.Header.Get("Message-Id"), server.mails[1].message.Header.Get("Message-Id"); a == b || !strings.HasSuffix(a, "@fern.example>") {
		t.Errorf("two letters are named %s and %s", a, b)
	}
}

// TestLettersSmuggleNothing gives letters what would end a header or the address.
func TestLettersSmuggleNothing(t *testing.T) {
	server := serve(t, nil)
	s := sender(t, Config{Server: "smtp://" + server.address})
	const evil = "Hello\r\nBcc: all@example.com\r\n\r\nbody"
	if err := s.Letter(t.Context(), `"Dora\r\nBcc: all@example.com" <dora@example.com>`, evil, evil); err != nil {
		t.Fatal(err)
	}
	got := server.mails[0]
	if got.message.Header.Get("Bcc") != "" || got.to != "dora@example.com" || !strings.HasPrefix(got.text, "Hello\nBcc:") {
		t.Errorf("%v\n%s", got.message.Header, got.text)
	}
	for _, to := range []string{
		"", "dora", "dora@example.com\r\nRCPT TO:<all@example.com>", "a@b.example, c@d.example", "dora@example.com>\r\nDATA",
		"\"Dora\r\nBcc: all@example.com\" <dora@example.com>",
	} {
		if f := bridge.AsFailure(s.Letter(t.Context(), to, "Hello", "Hello")); f.Verdict != bridge.GiveUp || f.Public == "" {
			t.Errorf("to %q: %+v", to, f)
		}
	}
	if len(server.mails) != 1 {
		t.Errorf("%d letters have arrived", len(server.mails))
	}
	server.answer = &smtp.SMTPError{Code: 451, Message: "later"}
	if f := bridge.AsFailure(s.Letter(t.Context(), "dora@example.com", "Hello", "Hello")); f.Verdict != bridge.Retry || f.Public == "" {
		t.Errorf("later: %+v", f)
	}
}
