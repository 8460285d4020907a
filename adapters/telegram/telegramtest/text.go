package telegramtest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Entity marks a stretch of a text. Offset and Length count UTF-16 code units.
type Entity struct {
	Type   string
	Offset int
	Length int

	URL           string // of text_link
	User          int64  // of text_mention
	Language      string // of pre
	CustomEmojiID string
}

// Of returns the stretch of text that the entity marks; empty when it reaches beyond the text.
func (e Entity) Of(text string) string {
	units := utf16.Encode([]rune(text))
	if e.Offset < 0 || e.Length < 0 || e.Offset+e.Length > len(units) {
		return ""
	}
	return string(utf16.Decode(units[e.Offset : e.Offset+e.Length]))
}

// entityTypes are those that a sender may name; the server finds the others itself and accepts
// them from a sender too (https://core.telegram.org/bots/api#messageentity).
var entityTypes = []string{
	"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bold", "italic", "underline",
	"strikethrough", "spoiler", "blockquote", "expandable_blockquote", "code", "pre", "text_link", "text_mention",
	"custom_emoji", "date_time",
}

const (
	maxText    = 4096
	maxCaption = 1024
)

// sentText reads a text argument with its entities and does to it what the server does: controls
// become spaces, outer white space goes, entities are checked, clipped and sorted, and links,
// commands, mentions and addresses are found.
func (s *Server) sentText(c *call, field, entitiesField string, limit int) (string, []Entity, error) {
	var wire []wireEntity
	if err := c.decode(entitiesField, &wire); err != nil {
		return "", nil, err
	}
	text := c.get(field)
	if !utf8.ValidString(text) {
		return "", nil, refuse("strings must be encoded in UTF-8")
	}
	if mode := c.get("parse_mode"); mode != "" {
		if err := refuseMarkup(mode, text); err != nil {
			return "", nil, err
		}
		wire = nil
	}
	entities, err := s.readEntities(wire, len(utf16.Encode([]rune(text))))
	if err != nil {
		return "", nil, err
	}
	text, entities, err = clean(text, entities)
	if err != nil {
		return "", nil, err
	}
	if len(utf16.Encode([]rune(text))) > limit {
		if limit == maxCaption {
			return "", nil, refuse("message caption is too long")
		}
		return "", nil, refuse("message is too long")
	}
	return text, detect(text, entities), nil
}

type wireEntity struct {
	Type          string             `json:"type"`
	Offset        int                `json:"offset"`
	Length        int                `json:"length"`
	URL           string             `json:"url"`
	User          struct{ ID int64 } `json:"user"`
	Language      string             `json:"language"`
	CustomEmojiID string             `json:"custom_emoji_id"`
	UnixTime      json.Number        `json:"unix_time"`
}

func (s *Server) readEntities(wire []wireEntity, units int) ([]Entity, error) {
	var list []Entity
	for _, w := range wire {
		switch {
		case !slices.Contains(entityTypes, w.Type):
			return nil, refuse("can't parse entities: unsupported entity type")
		case w.Offset < 0 || w.Length < 0:
			return nil, refuse("can't parse entities: wrong entity offset or length")
		case w.Offset > units || w.Length > units-w.Offset: // the sum may overflow
			return nil, refuse(fmt.Sprintf("entity beginning at UTF-16 offset %d ends after the end of the text at UTF-16 offset %d", w.Offset, w.Offset+w.Length))
		case w.Type == "text_link" && !validURL(w.URL):
			continue // an invalid link loses its mark, not its text
		case w.Type == "text_mention" && s.state.users[w.User.ID] == nil:
			continue
		}
		list = append(list, Entity{
			Type: w.Type, Offset: w.Offset, Length: w.Length, URL: w.URL, User: w.User.ID, Language: w.Language,
			CustomEmojiID: w.CustomEmojiID,
		})
	}
	return list, nil
}

func validURL(url string) bool {
	scheme, rest, ok := strings.Cut(url, ":")
	if !ok {
		scheme, rest = "http", "//"+url
	}
	rest = strings.TrimPrefix(rest, "//")
	return slices.Contains([]string{"http", "https", "tg", "mailto", "tel"}, strings.ToLower(scheme)) && rest != "" &&
		!strings.ContainsAny(rest, " \n\t<>\"")
}

// clean replaces and removes what the server does, moving the entities along.
func clean(text string, entities []Entity) (string, []Entity, error) {
	units := utf16.Encode([]rune(text))
	for _, e := range entities {
		if middle(units, e.Offset) || middle(units, e.Offset+e.Length) {
			return "", nil, refuse(fmt.Sprintf("entity begins in a middle of a UTF-16 symbol at UTF-16 offset %d", e.Offset))
		}
	}
	first, last := 0, len(units)
	for first < last && isSpace(units[first]) {
		first++
	}
	for last > first && isSpace(units[last-1]) {
		last--
	}
	moved := make([]int, len(units)+1) // old offset to new
	var kept []uint16
	for i, u := range units {
		moved[i] = len(kept)
		switch {
		case i < first || i >= last || u == '\r':
		case u < ' ' && u != '\n':
			kept = append(kept, ' ')
		default:
			kept = append(kept, u)
		}
	}
	moved[len(units)] = len(kept)
	var list []Entity
	for _, e := range entities {
		from, to := moved[e.Offset], moved[e.Offset+e.Length]
		for to > from && isSpace(kept[to-1]) {
			to--
		}
		if to > from {
			e.Offset, e.Length = from, to-from
			list = append(list, e)
		}
	}
	slices.SortStableFunc(list, func(a, b Entity) int {
		if a.Offset != b.Offset {
			return a.Offset - b.Offset
		}
		return b.Length - a.Length
	})
	return string(utf16.Decode(kept)), list, nil
}

// middle says whether an offset falls between the halves of a surrogate pair.
func middle(units []uint16, at int) bool {
	return at > 0 && at < len(units) && units[at]&0xfc00 == 0xdc00 && units[at-1]&0xfc00 == 0xd800
}

func isSpace(u uint16) bool { return u < ' ' || unicode.IsSpace(rune(u)) && u != 0xa0 }

var found = []struct {
	kind    string
	pattern *regexp.Regexp
}{
	{"url", regexp.MustCompile(`https?://[^\s<>"]+[^\s<>"'.,!?;:)]`)},
	{"email", regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}`)},
	{"bot_command", regexp.MustCompile(`/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?`)},
	{"mention", regexp.MustCompile(`@[A-Za-z0-9_]{5,32}`)},
}

// detect adds the entities that the server finds by itself, outside of code and links.
func detect(text string, entities []Entity) []Entity {
	var list []Entity
	for _, f := range found {
		for _, at := range f.pattern.FindAllStringIndex(text, -1) {
			before, _ := utf8.DecodeLastRuneInString(text[:at[0]])
			after, _ := utf8.DecodeRuneInString(text[at[1]:])
			if at[0] > 0 && (unicode.IsLetter(before) || unicode.IsDigit(before) || strings.ContainsRune("/@._<", before)) ||
				f.kind == "bot_command" && (unicode.IsLetter(after) || after == '/') {
				continue
			}
			e := Entity{Type: f.kind, Offset: units(text[:at[0]]), Length: units(text[at[0]:at[1]])}
			if !slices.ContainsFunc(list, e.overlaps) && !slices.ContainsFunc(entities, e.crosses) {
				list = append(list, e)
			}
		}
	}
	list = append(list, entities...)
	slices.SortStableFunc(list, func(a, b Entity) int { return a.Offset - b.Offset })
	return list
}

func units(text string) int { return len(utf16.Encode([]rune(text))) }

func (e Entity) overlaps(o Entity) bool {
	return e.Offset < o.Offset+o.Length && o.Offset < e.Offset+e.Length
}

// crosses says whether o forbids to mark e as well.
func (e Entity) crosses(o Entity) bool {
	if !e.overlaps(o) {
		return false
	}
	if slices.Contains([]string{"code", "pre", "text_link", "text_mention", "url", "email", "mention", "bot_command"}, o.Type) {
		return true
	}
	outer := o.Offset <= e.Offset && e.Offset+e.Length <= o.Offset+o.Length
	inner := e.Offset <= o.Offset && o.Offset+o.Length <= e.Offset+e.Length
	return !outer && !inner
}

// refuseMarkup refuses text with a parse_mode as the server refuses bad markup. The simulator
// parses none: text that would need parsing is refused too.
func refuseMarkup(mode, text string) error {
	special := map[string]string{"HTML": "<>&", "Markdown": "*_`[", "MarkdownV2": "_*[]()~`>#+-=|{}.!\\"}
	chars, known := special[mode]
	if !known {
		return refuse("unsupported parse_mode")
	}
	if at := strings.IndexAny(text, chars); at >= 0 {
		return refuse(fmt.Sprintf("can't parse entities: can't find end of the entity starting at byte offset %d", at))
	}
	return nil
}
