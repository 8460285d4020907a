package discordtest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Command types and option types (https://docs.discord.com/developers/interactions/application-commands).
const (
	SlashCommand   = 1
	UserCommand    = 2
	MessageCommand = 3

	optionSub      = 1
	optionGroup    = 2
	optionString   = 3
	optionUser     = 6
	maxCommandSize = 8000
	maxOptionText  = 6000
)

// command is an application's command in the guild.
type command struct {
	ID      string          `json:"id"`
	Name    string          `json:"name"`
	Type    int             `json:"type"`
	About   string          `json:"description"`
	Options []commandOption `json:"options"`
	fields  object          // as it was sent, without nulls
}

type commandOption struct {
	Type     int             `json:"type"`
	Name     string          `json:"name"`
	About    string          `json:"description"`
	Required bool            `json:"required"`
	Complete bool            `json:"autocomplete"`
	Choices  []commandChoice `json:"choices"`
	Options  []commandOption `json:"options"`
}

type commandChoice struct {
	Name  string `json:"name"`
	Value any    `json:"value"`
}

// wrong reports whether a choice's name or text is longer than it may be.
func (c commandChoice) wrong() bool {
	n := utf8.RuneCountInString(c.Name)
	text, _ := c.Value.(string)
	return n < 1 || n > 100 || utf8.RuneCountInString(text) > 100
}

var slashName = regexp.MustCompile(`^[-_'\p{L}\p{N}\p{Devanagari}\p{Thai}]{1,32}$`)

func (s *Server) theApplication(c *call) error {
	if c.ids["application_id"] != s.opts.ApplicationID {
		return errUnknownApplication
	}
	return s.theGuild(c)
}

func (s *Server) listCommands(c *call) (any, error) {
	if err := s.theApplication(c); err != nil {
		return nil, err
	}
	out := []object{}
	for _, cmd := range s.state.commands {
		out = append(out, s.wireCommand(cmd))
	}
	return out, nil
}

// setCommands replaces all commands of the guild. One of the same type and name keeps its id.
func (s *Server) setCommands(c *call) (any, error) {
	if err := s.theApplication(c); err != nil {
		return nil, err
	}
	var raw []json.RawMessage
	if json.Unmarshal(c.body, &raw) != nil {
		return nil, invalid("", "MODEL_TYPE_CONVERT", "Expected a list.")
	}
	var fresh []*command
	names, counts := map[string]bool{}, map[int]int{}
	for i, one := range raw {
		cmd, err := readCommand(fmt.Sprint(i), one)
		if err != nil {
			return nil, err
		}
		key := fmt.Sprint(cmd.Type, cmd.Name)
		if names[key] {
			return nil, invalid(fmt.Sprint(i), "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
		}
		names[key] = true
		counts[cmd.Type]++
		fresh = append(fresh, cmd)
	}
	if counts[SlashCommand] > 100 || counts[UserCommand] > 15 || counts[MessageCommand] > 15 {
		return nil, &apiError{status: 400, code: 30032, message: "Maximum number of application commands reached"}
	}
	for _, cmd := range fresh {
		cmd.ID = s.state.newID()
		if old := s.command(cmd.Type, cmd.Name); old != nil {
			cmd.ID = old.ID
		}
	}
	s.state.commands = fresh
	return s.listCommands(c)
}

func readCommand(at string, raw json.RawMessage) (*command, error) {
	cmd := &command{}
	if json.Unmarshal(raw, cmd) != nil || json.Unmarshal(raw, &cmd.fields) != nil {
		return nil, invalid(at, "MODEL_TYPE_CONVERT", "Could not interpret the command.")
	}
	setDefault(&cmd.Type, SlashCommand)
	cmd.fields, _ = withoutNulls(cmd.fields).(object)
	n := utf8.RuneCountInString(cmd.Name)
	switch {
	case n < 1 || n > 32:
		return nil, badLength(at+".name", 1, 32)
	case cmd.Type != SlashCommand && (cmd.About != "" || len(cmd.Options) > 0):
		return nil, invalid(at+".description", "APPLICATION_COMMAND_INVALID", "Context menu commands have neither description nor options")
	case cmd.Type != SlashCommand:
		return cmd, nil
	}
	size := 0
	err := checkOption(at, commandOption{Type: optionGroup, Name: cmd.Name, About: cmd.About, Options: cmd.Options}, 0, &size)
	if err == nil && size > maxCommandSize {
		err = invalid(at, "APPLICATION_COMMAND_TOO_LARGE", "Command exceeds maximum size (8000)")
	}
	return cmd, err
}

// checkOption checks a command or an option with all beneath it; the command itself is like a group.
func checkOption(at string, o commandOption, depth int, size *int) error {
	about := utf8.RuneCountInString(o.About)
	*size += utf8.RuneCountInString(o.Name) + about
	for _, c := range o.Choices {
		*size += utf8.RuneCountInString(c.Name) + utf8.RuneCountInString(fmt.Sprint(c.Value))
	}
	switch {
	case !slashName.MatchString(o.Name) || o.Name != strings.ToLower(o.Name):
		return invalid(at+".name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
	case about < 1 || about > 100:
		return badLength(at+".description", 1, 100)
	case len(o.Options) > 25:
		return tooLong(at+".options", 25)
	case len(o.Choices) > 25:
		return tooLong(at+".choices", 25)
	case slices.ContainsFunc(o.Choices, commandChoice.wrong):
		return badLength(at+".choices", 1, 100)
	case o.Complete && len(o.Choices) > 0:
		return invalid(at+".choices", "APPLICATION_COMMAND_OPTIONS_CHOICES_AUTOCOMPLETE", "Autocomplete options cannot have choices")
	case depth > 0 && o.Type <= optionGroup && depth > 2:
		return invalid(at+".type", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-commands cannot be nested deeper")
	}
	optional := false
	names := map[string]bool{}
	for i, child := range o.Options {
		place := fmt.Sprintf("%s.options.%d", at, i)
		switch {
		case names[child.Name]:
			return invalid(place, "APPLICATION_COMMAND_OPTIONS_NAME_INVALID", "Option name already exists")
		case child.Required && optional:
			return invalid(place, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", "Required options must be placed before non-required options")
		}
		names[child.Name] = true
		optional = optional || !child.Required
		if err := checkOption(place, child, depth+1, size); err != nil {
			return err
		}
	}
	return nil
}

// withoutNulls copies a JSON value and leaves out members that are null.
func withoutNulls(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := object{}
		for k, member := range v {
			if member != nil {
				out[k] = withoutNulls(member)
			}
		}
		return out
	case []any:
		out := []any{}
		for _, item := range v {
			out = append(out, withoutNulls(item))
		}
		return out
	}
	return value
}

func (s *Server) wireCommand(cmd *command) object {
	o := object{
		"id": cmd.ID, "application_id": s.opts.ApplicationID, "version": cmd.ID, "guild_id": s.opts.GuildID, "type": cmd.Type,
		"name": cmd.Name, "description": cmd.About, "default_member_permissions": nil, "nsfw": false,
	}
	if options, ok := cmd.fields["options"]; ok {
		o["options"] = options
	}
	if p, ok := cmd.fields["default_member_permissions"]; ok {
		o["default_member_permissions"] = fmt.Sprint(p)
		if number, isNumber := p.(float64); isNumber {
			o["default_member_permissions"] = fmt.Sprintf("%.0f", number)
		}
	}
	return o
}

// command finds a command; nil: there is none.
func (s *Server) command(kind int, name string) *command {
	for _, cmd := range s.state.commands {
		if cmd.Type == kind && cmd.Name == name {
			return cmd
		}
	}
	return nil
}

// Commands lists the names of the commands that people see in the guild, by type.
func (s *Server) Commands(kind int) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for _, cmd := range s.state.commands {
		if cmd.Type == kind {
			names = append(names, cmd.Name)
		}
	}
	return names
}

// OptionsOf lists the names of the options that a command has; nil when there is no such command, or none of them.
func (s *Server) OptionsOf(name string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	cmd := s.command(SlashCommand, name)
	if cmd == nil {
		return nil
	}
	var names []string
	for _, o := range cmd.Options {
		names = append(names, o.Name)
	}
	return names
}
