package discordtest

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"
)

// Message flags (https://docs.discord.com/developers/resources/message#message-object-message-flags).
const (
	FlagSuppressEmbeds = 1 << 2
	FlagHasThread      = 1 << 5
	FlagEphemeral      = 1 << 6
	FlagLoading        = 1 << 7
	FlagSuppressAlerts = 1 << 12
	FlagComponentsV2   = 1 << 15
)

const maxContent = 2000

// draft is what a request asks a message to be. A part that the request leaves out is not in has.
type draft struct {
	has        map[string]bool
	text       string
	embeds     []embed
	components []any
	flags      int
	mentions   allowedMentions
	files      []*attachment // new ones
	keep       []string      // ids of the attachments that an edit keeps
}

// author is for whom content is read: it decides about defaults and permissions.
type author struct {
	usersOnly bool     // webhook or interaction
	ephemeral bool     // may be shown to one person
	channel   *channel // where permissions are asked; nil: none asked
}

// readDraft reads the content of a message from a request's fields. was is the message that an edit changes.
func (s *Server) readDraft(fields map[string]json.RawMessage, files []upload, by author, was *message) (*draft, error) {
	d := &draft{has: map[string]bool{}, mentions: defaultMentions(by.usersOnly)}
	for name, raw := range fields {
		// Null is an empty value in an edit, and nothing in a new message.
		if string(raw) != "null" || was != nil && slices.Contains([]string{"content", "embeds", "components", "attachments"}, name) {
			d.has[name] = true
		}
	}
	if was != nil {
		d.flags = was.Flags
	}
	steps := []struct {
		field string
		read  func(json.RawMessage) error
	}{
		{"flags", func(raw json.RawMessage) error { return d.readFlags(raw, by, was) }},
		{"content", d.readText},
		{"embeds", func(raw json.RawMessage) (err error) { d.embeds, err = readEmbeds(raw); return err }},
		{"components", func(raw json.RawMessage) (err error) {
			d.components, err = readComponents(raw, d.flags&FlagComponentsV2 != 0)
			return err
		}},
		{"allowed_mentions", func(raw json.RawMessage) (err error) { d.mentions, err = readMentions(raw); return err }},
	}
	for _, step := range steps {
		if d.has[step.field] {
			if err := step.read(fields[step.field]); err != nil {
				return nil, err
			}
		}
	}
	if err := s.readFiles(d, fields["attachments"], files, was); err != nil {
		return nil, err
	}
	return d, s.rules(d, by, was)
}

func (d *draft) readFlags(raw json.RawMessage, by author, was *message) error {
	var flags int
	if json.Unmarshal(raw, &flags) != nil {
		return invalid("flags", "NUMBER_TYPE_COERCE", "Value is not an integer.")
	}
	allowed := FlagSuppressEmbeds | FlagSuppressAlerts | FlagComponentsV2
	if by.ephemeral {
		allowed |= FlagEphemeral
	}
	if was != nil {
		kept := was.Flags &^ FlagSuppressEmbeds
		if kept&FlagComponentsV2 != 0 && flags&FlagComponentsV2 == 0 {
			return invalid("flags", "MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG", "The flag cannot be removed")
		}
		d.flags = kept | flags&(FlagSuppressEmbeds|FlagComponentsV2)
		return nil
	}
	d.flags = flags & allowed
	return nil
}

func (d *draft) readText(raw json.RawMessage) error {
	var text *string
	if json.Unmarshal(raw, &text) != nil {
		return invalid("content", "BASE_TYPE_INVALID", "Could not interpret the value as string.")
	}
	if text == nil {
		return nil
	}
	if utf8.RuneCountInString(*text) > maxContent {
		return tooLong("content", maxContent)
	}
	d.text = strings.TrimSpace(*text) // Discord trims what it is sent
	return nil
}

// rules are those that hold for the parts together.
func (s *Server) rules(d *draft, by author, was *message) error {
	if d.flags&FlagComponentsV2 != 0 && (d.text != "" || len(d.embeds) > 0) {
		return invalid("content", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", "The 'content' field cannot be used when using MessageFlags.IS_COMPONENTS_V2")
	}
	if by.channel != nil {
		if len(d.files) > 0 {
			if err := s.may(by.channel, AttachFiles); err != nil {
				return err
			}
		}
		if s.may(by.channel, EmbedLinks) != nil {
			d.embeds = nil // Discord drops them without a word
		}
	}
	text, embeds, components, files := d.text, len(d.embeds), len(d.components), len(d.files)
	if was != nil {
		if !d.has["content"] {
			text = was.Content
		}
		if !d.has["embeds"] {
			embeds = len(was.embeds)
		}
		if !d.has["components"] {
			components = len(was.components)
		}
		files = len(d.keep) + len(d.files)
	}
	if text == "" && embeds == 0 && components == 0 && files == 0 {
		return errEmptyMessage
	}
	return nil
}

// fill makes a new message of the draft.
func (d *draft) fill(m *message) {
	m.Content, m.embeds, m.components, m.Flags = d.text, d.embeds, d.components, d.flags
	m.files = d.files
}

// apply changes a message as the draft says.
func (d *draft) apply(m *message) {
	if d.has["content"] {
		m.Content = d.text
	}
	if d.has["embeds"] {
		m.embeds = d.embeds
	}
	if d.has["components"] {
		m.components = d.components
	}
	m.Flags = d.flags
	m.files = slices.DeleteFunc(m.files, func(f *attachment) bool { return !slices.Contains(d.keep, f.ID) })
	m.files = append(m.files, d.files...)
}
