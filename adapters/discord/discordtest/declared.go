package discordtest

import "fmt"

// Declared is a command as people see it who type a slash or open the menu of a message.
type Declared struct {
	Name, About string
	Options     []DeclaredOption
}

// DeclaredOption is an option of a command.
type DeclaredOption struct {
	Name, About string
	Required    bool
	Suggests    bool     // what can be given is asked for while somebody types
	Choices     []Choice // what can be given, where that is fixed
}

// Declared lists the commands that people see in the guild, by type. Sub-commands are left out.
func (s *Server) Declared(kind int) (list []Declared) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, cmd := range s.state.commands {
		if cmd.Type != kind {
			continue
		}
		d := Declared{Name: cmd.Name, About: cmd.About}
		for _, o := range cmd.Options {
			if o.Type <= optionGroup {
				continue
			}
			one := DeclaredOption{Name: o.Name, About: o.About, Required: o.Required, Suggests: o.Complete}
			for _, c := range o.Choices {
				one.Choices = append(one.Choices, Choice{Label: c.Name, Value: fmt.Sprint(c.Value)})
			}
			d.Options = append(d.Options, one)
		}
		list = append(list, d)
	}
	return list
}
