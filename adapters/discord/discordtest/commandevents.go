package discordtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Command runs a slash command as a person in a channel or an active thread. Names of sub-commands follow the command's,
// with spaces ("qr add"). Options are given by name: text, numbers, truth values, or ids of users, roles and channels.
func (s *Server) Command(user, channelID, name string, options map[string]any) (*Interaction, error) {
	return s.runCommand(interactionCommand, user, channelID, name, options, "")
}

// Autocomplete asks for suggestions for the option that a person is typing.
func (s *Server) Autocomplete(user, channelID, name string, options map[string]any, typing string) (*Interaction, error) {
	return s.runCommand(interactionComplete, user, channelID, name, options, typing)
}

func (s *Server) runCommand(kind int, user, channelID, name string, options map[string]any, typing string) (*Interaction, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch, err := s.commandPlace(user, channelID)
	if err != nil {
		return nil, err
	}
	words := strings.Fields(name)
	if len(words) == 0 {
		return nil, errUnknownCommand
	}
	cmd := s.command(SlashCommand, words[0])
	if cmd == nil {
		return nil, errUnknownCommand
	}
	resolved := object{}
	given, err := s.fillOptions(cmd.Options, words[1:], options, typing, kind == interactionComplete, resolved)
	if err != nil {
		return nil, err
	}
	data := object{"id": cmd.ID, "name": cmd.Name, "type": SlashCommand, "guild_id": s.opts.GuildID, "options": given}
	if len(resolved) > 0 {
		data["resolved"] = resolved
	}
	return s.interact(kind, user, ch, data, nil), nil
}

// commandPlace finds a channel where a person may use commands: not an archived thread.
func (s *Server) commandPlace(user, channelID string) (*channel, error) {
	ch, err := s.seen(user, channelID)
	if err != nil {
		return nil, err
	}
	if ch.Archived {
		return nil, errArchived
	}
	return ch, s.mayUser(user, ch, UseCommands)
}

// fillOptions descends to the sub-command and renders the options that were given for it.
func (s *Server) fillOptions(known []commandOption, words []string, given map[string]any, typing string, partial bool, resolved object) ([]object, error) {
	if len(words) > 0 {
		i := slices.IndexFunc(known, func(o commandOption) bool { return o.Name == words[0] && o.Type <= optionGroup })
		if i < 0 {
			return nil, errUnknownCommand
		}
		inner, err := s.fillOptions(known[i].Options, words[1:], given, typing, partial, resolved)
		return []object{{"name": known[i].Name, "type": known[i].Type, "options": inner}}, err
	}
	out := []object{}
	for _, o := range known {
		value, ok := given[o.Name]
		switch {
		case o.Type <= optionGroup:
			return nil, errUnknownCommand
		case !ok && o.Required && !partial:
			return nil, fmt.Errorf("discordtest: command: the option %s is required", o.Name)
		case !ok:
			continue
		}
		if err := o.takes(value, o.Name == typing); err != nil {
			return nil, err
		}
		one := object{"name": o.Name, "type": o.Type, "value": value}
		if o.Name == typing {
			one["focused"] = true
		}
		if o.Type == optionUser {
			s.resolveUser(resolved, fmt.Sprint(value))
		}
		out = append(out, one)
	}
	for name := range given {
		if !slices.ContainsFunc(known, func(o commandOption) bool { return o.Name == name }) {
			return nil, fmt.Errorf("discordtest: command: there is no option %s", name)
		}
	}
	return out, nil
}

// takes refuses what Discord's client does not let a person give: what is none of the choices, or, while it is being typed,
// an option that has no suggestions.
func (o commandOption) takes(value any, typing bool) error {
	if typing && !o.Complete {
		return fmt.Errorf("discordtest: command: the option %s has no suggestions", o.Name)
	}
	text, _ := value.(string)
	if o.Type == optionString && utf8.RuneCountInString(text) > maxOptionText {
		return fmt.Errorf("discordtest: command: the option %s is too long", o.Name)
	}
	if len(o.Choices) > 0 && !slices.ContainsFunc(o.Choices, func(c commandChoice) bool { return c.Value == value }) {
		return fmt.Errorf("discordtest: command: the option %s has no choice %v", o.Name, value)
	}
	return nil
}

func (s *Server) resolveUser(resolved object, id string) {
	u := s.state.users[id]
	if u == nil {
		return
	}
	for kind, value := range map[string]object{"users": s.wireUser(u), "members": s.wireMember(u)} {
		if resolved[kind] == nil {
			resolved[kind] = object{}
		}
		if kind == "members" {
			value["permissions"] = s.permissions(id, nil).String()
		}
		resolved[kind].(object)[id] = value
	}
}

// UseMessageCommand runs a command of a message's context menu.
func (s *Server) UseMessageCommand(user, messageID, name string) (*Interaction, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, m, err := s.shown(user, messageID)
	if err != nil {
		return nil, err
	}
	ch, err := s.commandPlace(user, m.Channel)
	if err != nil {
		return nil, err
	}
	cmd := s.command(MessageCommand, name)
	if cmd == nil {
		return nil, errUnknownCommand
	}
	target := s.wireMessage(m, false)
	return s.interact(interactionCommand, user, ch, object{
		"id": cmd.ID, "name": cmd.Name, "type": MessageCommand, "guild_id": s.opts.GuildID, "target_id": m.ID,
		"resolved": object{"messages": object{m.ID: target}},
	}, nil), nil
}

// Press uses a button or select of a message, found by its custom id. Values are those chosen in a select.
func (s *Server) Press(user, messageID, customID string, values ...string) (*Interaction, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.state.messages[messageID]
	for _, e := range s.state.ephemerals {
		if e.ID == messageID && e.For == user {
			m = e
		}
	}
	if m == nil || m.Deleted {
		return nil, errUnknownMessage
	}
	ch, err := s.commandPlace(user, m.Channel)
	if err != nil {
		return nil, err
	}
	c := findComponent(m.components, customID)
	if c == nil {
		return nil, fmt.Errorf("discordtest: press: no component has the custom id %q", customID)
	}
	if c["disabled"] == true {
		return nil, fmt.Errorf("discordtest: press: %q is disabled", customID)
	}
	kind, _ := c["type"].(float64)
	data := object{"custom_id": customID, "component_type": kind, "id": c["id"]}
	if kind != componentButton {
		data["values"] = list(values)
		if err := offered(c, values); err != nil {
			return nil, err
		}
		if kind == componentUserSelect {
			resolved := object{}
			for _, id := range values {
				s.resolveUser(resolved, id)
			}
			data["resolved"] = resolved
		}
	}
	return s.interact(interactionComponent, user, ch, data, m), nil
}

// offered refuses values that a select does not offer.
func offered(c map[string]any, values []string) error {
	options, ok := c["options"].([]any)
	if !ok {
		return nil
	}
	for _, v := range values {
		if !slices.ContainsFunc(options, func(o any) bool { option, _ := o.(object); return option["value"] == v }) {
			return fmt.Errorf("discordtest: press: no option has the value %q", v)
		}
	}
	return nil
}

// interact sends an interaction on its way and gives the application its time to answer. The caller holds the lock.
func (s *Server) interact(kind int, user string, ch *channel, data object, source *message) *Interaction {
	id := s.state.newID()
	i := &interaction{
		id: id, token: "interaction-token-" + id, kind: kind, user: user, place: ch, at: time.Now(), source: source,
		metadata: object{
			"id": id, "type": kind, "user": s.wireUser(s.state.users[user]),
			"authorizing_integration_owners": object{"0": s.opts.GuildID},
		},
	}
	if source != nil {
		i.metadata["interacted_message_id"] = source.ID
	}
	maps.DeleteFunc(s.state.interactions, func(_ string, old *interaction) bool { return i.at.Sub(old.at) > s.opts.TokenLife })
	i.result = &Interaction{ID: i.id, Token: i.token, server: s, done: make(chan struct{})}
	s.state.interactions[i.token] = i
	s.emit(event{kind: "INTERACTION_CREATE", intent: alwaysSent, data: s.wireInteraction(i, data)})
	i.timer = time.AfterFunc(s.opts.AnswerTimeout, func() {
		s.locked(func() {
			if !i.answered {
				i.failed = true
				i.result.finish(Answer{}, ErrNoAnswer)
			}
		})
	})
	s.change()
	return i.result
}

func (s *Server) wireInteraction(i *interaction, data object) object {
	member := s.wireMember(s.state.users[i.user])
	member["user"] = s.wireUser(s.state.users[i.user])
	member["permissions"] = s.permissions(i.user, i.place).String()
	o := object{
		"id": i.id, "application_id": s.opts.ApplicationID, "type": i.kind, "token": i.token, "version": 1,
		"guild_id": s.opts.GuildID, "channel_id": i.place.ID, "channel": s.wireChannel(i.place), "member": member,
		"app_permissions": s.permissions(s.opts.BotUserID, i.place).String(), "locale": "en-US", "guild_locale": "en-US",
		"guild": object{"id": s.opts.GuildID, "locale": "en-US", "features": []string{}}, "data": data,
		"entitlements": []any{}, "authorizing_integration_owners": object{"0": s.opts.GuildID}, "context": 0,
		"attachment_size_limit": s.opts.MaxFile,
	}
	if i.source != nil {
		o["message"] = s.wireMessage(i.source, true)
	}
	return o
}
