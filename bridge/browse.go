package bridge

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// ConversationQuery says which conversations to show, and where to go on. Zero fields leave it open.
type ConversationQuery struct {
	Kind     ConversationKind // "": Guest
	States   []State
	Endpoint EndpointName // where the visitor writes
	Owner    AgentID
	Unowned  bool // those that nobody owns
	Tag      string
	Language string // of the visitor, as BCP 47 names it; what follows the first "-" does not count
	Visitor  VisitorID

	OpenedFrom, OpenedTo   time.Time // from the one on, before the other
	UpdatedFrom, UpdatedTo time.Time

	LongestWaiting bool // those first, then the latest used; else the latest used first
	After          ConversationPlace
	Limit          int // rows of a page; MaxConversations at most
}

// MaxConversations is how many rows a page of conversations has at most.
const MaxConversations = 100

// ConversationPage is a part of a list, in its order. Next, unless it is zero, is where it goes on. What is far down is
// looked for no longer than a page may take: Rows can be fewer than the limit, or none, though there is a Next.
type ConversationPage struct {
	Rows []ConversationRow
	Next ConversationPlace
}

// ConversationRow is what a list shows of a conversation. Mine and Links are left empty.
type ConversationRow struct {
	Listed
	Verified bool   // the visitor's name is vouched for
	Language string // the visitor's, BCP 47; may be empty
	Last     LastLine
}

// LastLine is the newest line of a conversation that has not been taken back, notes included, commands not. Of old and hidden ones none
// is looked for for long: it may be zero.
type LastLine struct {
	Seq     int64
	By      Speaker
	Private bool   // no visitor sees it
	Excerpt string // plain text on one line
	Files   int
	At      time.Time
}

// ConversationPlace is a place in a list of conversations. The zero place is its beginning. A list that has changed since
// goes on at the same place: what has moved up meanwhile is not shown again.
type ConversationPlace struct {
	Waiting bool  // At is since when the visitor has been waiting; else when the conversation was used last
	At      int64 // Unix milliseconds
	ID      ConversationID
}

// String is the place as ParseConversationPlace reads it; "" for the beginning.
func (p ConversationPlace) String() string {
	if p == (ConversationPlace{}) {
		return ""
	}
	kind := "u"
	if p.Waiting {
		kind = "w"
	}
	return kind + strconv.FormatInt(p.At, 36) + "." + strconv.FormatInt(int64(p.ID), 36)
}

// ParseConversationPlace reads what String wrote.
func ParseConversationPlace(s string) (ConversationPlace, error) {
	if s == "" {
		return ConversationPlace{}, nil
	}
	at, id, found := strings.Cut(s[1:], ".")
	p := ConversationPlace{Waiting: s[0] == 'w'}
	var errAt, errID error
	p.At, errAt = strconv.ParseInt(at, 36, 64)
	number, errID := strconv.ParseInt(id, 36, 64)
	p.ID = ConversationID(number)
	if !found || s[0] != 'w' && s[0] != 'u' || errAt != nil || errID != nil || p.At < 0 || p.ID <= 0 {
		return ConversationPlace{}, errors.New("not a place in a list of conversations")
	}
	return p, nil
}

// MaxExcerpt is how many characters of a line lists show.
const MaxExcerpt = 160

// Excerpt is a text on one line, shortened to MaxExcerpt.
func Excerpt(text string) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > MaxExcerpt {
		return strings.TrimRight(string(runes[:MaxExcerpt-1]), " ") + "…"
	}
	return string(runes)
}
