package bridge

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/skeindesk/skein/bridge/rich"
)

// doubt says, as the middle of a sentence, why an agent should be asked before a line goes to the visitor; "" when nothing
// speaks against it.
func (d *Desk) doubt(c *change, conv Conversation, agent Agent, body rich.Doc) (string, error) {
	if !c.route.Asks {
		return "", nil
	}
	if conv.State == StateAssigned && conv.Owner != agent.ID {
		spoken, err := c.tx.HasSpoken(conv.ID, agent.ID)
		if err != nil || !spoken {
			return conv.OwnerName + " is answering this visitor", err
		}
	}
	text := rich.Plain(body)
	switch {
	case len(rich.Mentioned(body)) > 0 || callsEverybody(text):
		return "it calls a colleague", nil
	case looksLikeCommand(text):
		return "it looks like a mistyped command", nil
	case looksSecret(text):
		return "it seems to hold a password, a key or a card number", nil
	}
	address, err := c.strangersAddress(conv, text)
	if address != "" {
		return "it holds the e-mail address of another customer, " + address, err
	}
	return "", err
}

// callsEverybody finds the words by which platforms call a whole channel.
func callsEverybody(text string) bool {
	return slices.ContainsFunc(strings.Fields(text), func(word string) bool {
		return slices.Contains([]string{"@here", "@channel", "@everyone"}, strings.ToLower(strings.TrimRight(word, ",.:;!?")))
	})
}

// mistyped is a word with something before it that is on the same key as the sigil, or that other programs use; or with a
// gap after the sigil.
var mistyped = regexp.MustCompile(`^(?:[!/\\.,;:1+¡?-]{1,2}|!\s+)(\pL+)(?:$|[\s:])`)

// looksLikeCommand reports whether a line is nearly a word of the table: ".note …", "! close", a bare "unassign".
func looksLikeCommand(text string) bool {
	text = strings.ToLower(strings.TrimFunc(text, invisible))
	known := func(word string) bool {
		return slices.ContainsFunc(commands(), func(cmd command) bool {
			first, _, _ := strings.Cut(cmd.Word.Word, " ")
			return first == word
		})
	}
	if known(text) || strings.HasPrefix(text, "note:") || strings.HasPrefix(text, "internal:") {
		return true
	}
	found := mistyped.FindStringSubmatch(text)
	return found != nil && known(found[1])
}

// secrets are the forms of what opens something: published prefixes of access tokens, private keys, and a password that is
// said to be one.
var secrets = regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----` +
	`|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b` + // Amazon
	`|\bgh[pousr]_[A-Za-z0-9]{36}|\bgithub_pat_[A-Za-z0-9_]{22}` +
	`|\bglpat-[A-Za-z0-9_-]{20}` +
	`|\bxox[abeprs]-[A-Za-z0-9-]{10}|\bxapp-\d-[A-Za-z0-9-]{10}` + // Slack
	`|\b(?:sk|rk)_live_[A-Za-z0-9]{16}` + // Stripe
	`|\bsk-[A-Za-z0-9_-]{20}` +
	`|\bAIza[A-Za-z0-9_-]{35}` + // Google
	`|\b\d{8,10}:[A-Za-z0-9_-]{35}\b` + // Telegram
	`|\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}` + // a JSON web token
	`|(?i)\b(?:password|passwort|kennwort|contraseña|mot de passe|passphrase|api[ _-]?key|secret key)\s*(?::|=|is\s+:?)\s*["'` + "`" + `]?[^\s"'` + "`" + `]{4,}`)

// digits are runs of them that may be a card's number, with the gaps that people leave.
var digits = regexp.MustCompile(`\d(?:[ -]?\d){12,18}`)

func looksSecret(text string) bool {
	return secrets.MatchString(text) || slices.ContainsFunc(digits.FindAllString(text, -1), isCard)
}

// isCard checks the sum that the numbers of payment cards have (ISO/IEC 7812), and the digits with which they begin.
func isCard(s string) bool {
	sum, n := 0, 0
	for i := len(s) - 1; i >= 0; i-- {
		if !unicode.IsDigit(rune(s[i])) {
			continue
		}
		digit := int(s[i] - '0')
		if n%2 == 1 {
			digit = digit*2%10 + digit/5
		}
		sum += digit
		n++
	}
	return n >= 13 && sum%10 == 0 && strings.ContainsRune("3456", rune(s[0]))
}

var addresses = regexp.MustCompile(`[\pL\pN._%+-]+@[\pL\pN-]+(?:\.[\pL\pN-]+)+`)

// strangersAddress finds an e-mail address in the text that belongs to a visitor, but not to this one.
func (c *change) strangersAddress(conv Conversation, text string) (string, error) {
	found := addresses.FindAllString(text, maxAddresses)
	for _, address := range found {
		switch owner, err := c.tx.VisitorByEmail(address, conv.Visitor); {
		case errors.Is(err, ErrNotFound), err == nil && owner == conv.Visitor:
		case err != nil:
			return "", fmt.Errorf("look for an address: %w", err)
		default:
			return address, nil
		}
	}
	return "", nil
}

// maxAddresses is how many addresses of one line are looked up.
const maxAddresses = 20
