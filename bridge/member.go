package bridge

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/skeindesk/skein/bridge/rich"
)

// MemberChange is what a form says of a member; what is nil stays as it is. Texts are as the words take them, an empty one
// like "none".
type MemberChange struct {
	Name, Picture, Hours, Languages, Capacity *string
	Duty                                      *bool
}

// ChangeMember changes what is kept of a member: everybody their own, admins everybody's. A *Problem says what is wrong with
// it, or that it may not be changed; nothing is then.
func (d *Desk) ChangeMember(ctx context.Context, by, of AgentID, change MemberChange) error {
	err := d.ledger.Change(ctx, func(tx Tx) error {
		who, err := tx.Member(by)
		if err != nil {
			return err
		}
		if by != of && !who.Rank.AtLeast(RankAdmin) {
			return &Problem{Code: "not_allowed", Public: "Nothing was changed: only admins of the team can change what is said of others."}
		}
		agent, err := tx.Agent(of)
		switch {
		case err != nil:
			return err
		case agent.Removed:
			return ErrNotFound
		}
		if err := change.apply(&agent); err != nil {
			return err
		}
		agent.look()
		return tx.SaveAgent(agent)
	})
	if err != nil {
		return fmt.Errorf("change a member: %w", err)
	}
	d.wakeDuty()
	return nil
}

func (m MemberChange) apply(a *Agent) (err error) {
	for _, text := range []struct {
		given *string
		take  func(string) error
	}{
		{m.Name, func(s string) error { a.PublicName, err = publicName(s); return err }},
		{m.Picture, func(s string) error { a.PublicAvatar, err = pictureAddress(s); return err }},
		{m.Hours, func(s string) error { a.Hours, err = ParseHours(s); return err }},
		{m.Languages, func(s string) error { a.Languages, err = languageTags(s); return err }},
		{m.Capacity, func(s string) error { a.Capacity, err = capacityOf(s); return err }},
	} {
		if text.given == nil {
			continue
		}
		given := strings.TrimSpace(*text.given)
		if none(given) {
			given = ""
		}
		if err := text.take(given); err != nil {
			return err
		}
	}
	if m.Duty != nil {
		a.Duty = *m.Duty
	}
	return nil
}

// none is what people write to take something away.
func none(text string) bool { return strings.EqualFold(text, "none") }

const maxCapacity = 1000

// capacityOf reads a capacity; an empty text is no limit.
func capacityOf(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > maxCapacity {
		return 0, &Problem{Code: "bad_capacity", Public: fmt.Sprintf("Nothing was changed: the capacity is a number from 0 to %d.", maxCapacity)}
	}
	return n, nil
}

var languageTag = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

const maxLanguages = 20

// languageTags reads languages with spaces or commas between.
func languageTags(text string) ([]string, error) {
	languages := strings.Fields(strings.ReplaceAll(text, ",", " "))
	if len(languages) > maxLanguages || slices.ContainsFunc(languages, func(l string) bool { return !languageTag.MatchString(l) }) {
		return nil, &Problem{Code: "bad_languages", Public: "Nothing was changed: languages are codes such as en or pt-BR."}
	}
	return languages, nil
}

// maxPublicName is how long a chosen name can be: every platform shows it whole.
const maxPublicName = 60

// publicName reads a chosen name; empty: none is chosen.
func publicName(text string) (string, error) {
	name := strings.Join(strings.Fields(rich.Clean(text)), " ")
	if len(name) > maxPublicName {
		return "", &Problem{Code: "bad_name", Public: "Nothing was changed: a name has 60 letters at most."}
	}
	return name, nil
}

const maxPicture = 500

// pictureAddress reads the address of a picture; empty: none is chosen.
func pictureAddress(text string) (string, error) {
	address := strings.Trim(text, "<>")
	if address != "" && (!strings.HasPrefix(address, "https://") || len(address) > maxPicture || strings.ContainsAny(address, " \t\"'<>")) {
		return "", &Problem{Code: "bad_picture", Public: "Nothing was changed: the address of a picture begins with https://"}
	}
	return address, nil
}
