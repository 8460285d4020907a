package slack

import (
	"testing"

	"github.com/skeindesk/skein/bridge"
)

func TestWhatASlashCommandAsks(t *testing.T) {
	words := vocabulary{
		{Word: "help"},
		{Word: "qr"},
		{Word: "reply", Args: []bridge.Field{{Kind: bridge.FieldText}}},
		{Word: "assign", Args: []bridge.Field{{Kind: bridge.FieldSearch}}},
	}
	for _, c := range []struct{ command, text, word, rest string }{
		{"/skein", "", "help", ""},
		{"/skein", " Reply  hi <@U1|ben> &amp; <#C1|desk> &lt;b&gt; ", "reply", "hi @ben & #desk <b>"},
		{"/skein", "!reply <https://example.com/?a=1&amp;b|example.com> <!here|here> <mailto:a@b.c|a@b.c>", "reply", "https://example.com/?a=1&b @here a@b.c"},
		{"/skein", "assign <@U0BEN|ben>", "assign", "U0BEN"},
		{"/assign", "<@W0BEN>", "assign", "W0BEN"},
		{"/assign", "", "assign", ""},
		{"/QR", "refund now", "qr", "refund now"},
		{"/support", "qr refund", "qr", "refund"},
	} {
		word, rest := slashCommand{Command: text(c.command), Text: text(c.text)}.asks(words)
		if word != c.word || rest != c.rest {
			t.Errorf("%s %s asks %q %q, want %q %q", c.command, c.text, word, rest, c.word, c.rest)
		}
	}
}
