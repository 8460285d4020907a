package bridge

import (
	"fmt"
	"strings"
)

// dutyCommands are the words about who is there, and how they are known.
func dutyCommands() []command {
	own := func(name, label, hint string) []Field {
		return []Field{{Name: name, Label: label, Hint: hint, Kind: FieldLine}}
	}
	return []command{
		{Word: Word{Word: "who", Usage: "!who", Help: "who is on duty", Anywhere: true}, run: commandWho},
		{Word: Word{Word: "on", Usage: "!on", Help: "you are on duty", Anywhere: true}, run: commandOn},
		{Word: Word{Word: "off", Usage: "!off", Help: "you are off duty: your open conversations go to others", Anywhere: true}, run: commandOff},
		{
			Word: Word{
				Word: "hours", Usage: "!hours mon-fri 9-17 Europe/Berlin, or none", Help: "when you can be on duty", Anywhere: true,
				Args: own("hours", "Working hours", "mon-fri 9-17 Europe/Berlin"),
			},
			fill: fillHours, run: commandHours,
		},
		{
			Word: Word{
				Word: "capacity", Usage: "!capacity number", Help: "how many open conversations you are given; 0: no limit", Anywhere: true,
				Args: own("capacity", "Open conversations at once", "0: no limit"),
			},
			run: commandCapacity,
		},
		{
			Word: Word{
				Word: "languages", Usage: "!languages en de", Help: "which languages you answer in", Anywhere: true,
				Args: own("languages", "Languages", "en de"),
			},
			run: commandLanguages,
		},
		{
			Word: Word{
				Word: "name", Usage: "!name Public Name, or none", Help: "the name that visitors read", Anywhere: true,
				Args: own("name", "Name that visitors read", "none: as you are called here"),
			},
			run: commandName,
		},
		{
			Word: Word{
				Word: "picture", Usage: "!picture https://…, or none", Help: "the picture that visitors see", Anywhere: true,
				Args: own("picture", "Address of your picture", "https://…"),
			},
			run: commandPicture,
		},
	}
}

func commandWho(_ *Desk, c *change, a asked) error {
	members, err := staff(c.tx)
	if err != nil {
		return err
	}
	at := now()
	lines := []string{"On duty:"}
	for _, m := range members {
		if m.OnDuty(at) {
			lines = append(lines, m.Name+", "+strings.TrimPrefix(m.standing(at), "on duty, "))
		}
	}
	if len(lines) == 1 {
		lines = []string{"Nobody is on duty. Write !on to be."}
	}
	a.answer.Public = strings.Join(lines, "\n")
	return nil
}

func commandOn(_ *Desk, c *change, a asked) error {
	return c.setDuty(a, true, func(agent Agent) string {
		if !agent.OnDuty(now()) {
			return "You are on duty in your hours: " + agent.Hours.String() + ". Write !hours none to be on duty now."
		}
		return "You are on duty."
	})
}

func commandOff(_ *Desk, c *change, a asked) error {
	return c.setDuty(a, false, func(Agent) string {
		return "You are off duty. Open conversations of yours go to others, or back to Unassigned."
	})
}

// setDuty notes what the agent says of their duty.
func (c *change) setDuty(a asked, duty bool, told func(Agent) string) error {
	return c.alter(a, func(agent *Agent) error {
		agent.Duty = duty
		agent.look()
		a.answer.Public = told(*agent)
		return nil
	})
}

// look brings Present up to date. Who goes has conversations to be given away, and who comes back keeps those that have
// not been.
func (a *Agent) look() {
	present := a.OnDuty(now())
	if a.Present != present {
		a.Leaving = !present
	}
	a.Present = present
}

// alter changes what is kept of the agent who asks.
func (c *change) alter(a asked, how func(*Agent) error) error {
	agent, err := c.tx.Agent(a.agent.ID)
	if err != nil {
		return err
	}
	if err := how(&agent); err != nil {
		return err
	}
	c.dutyChanged = true
	return c.tx.SaveAgent(agent)
}

func fillHours(_ *Desk, _ *change, a asked, f *Form) error {
	f.Fields[len(f.Fields)-1].Value = a.agent.Hours.String()
	return nil
}

func commandHours(_ *Desk, c *change, a asked) error {
	text := a.field("hours")
	hours, err := ParseHours(text)
	switch {
	case none(text):
		hours = Hours{}
	case err != nil:
		return err
	case hours.IsZero():
		a.answer.Public = "You have no hours: you are on duty whenever you say so."
		if !a.agent.Hours.IsZero() {
			a.answer.Public = "Your hours are " + a.agent.Hours.String() + "."
		}
		return nil
	}
	return c.alter(a, func(agent *Agent) error {
		agent.Hours = hours
		agent.look()
		a.answer.Public = "You have no hours now: you are on duty whenever you say so."
		if !hours.IsZero() {
			a.answer.Public = "Your hours are " + hours.String() + " now."
		}
		return nil
	})
}

func commandCapacity(_ *Desk, c *change, a asked) error {
	n, err := capacityOf(a.field("capacity"))
	if err != nil || a.field("capacity") == "" {
		return &Problem{Code: "bad_capacity", Public: fmt.Sprintf("Nothing was changed: write a number from 0 to %d after the word.", maxCapacity)}
	}
	return c.alter(a, func(agent *Agent) error {
		agent.Capacity = n
		a.answer.Public = fmt.Sprintf("You are given conversations while you have fewer than %d open. You can always take more.", n)
		if n == 0 {
			a.answer.Public = "You are given conversations however many you have open."
		}
		return nil
	})
}

// given is what was filled in or written; "" for "none", which is to say so.
func (a asked) given(field string) (text string, said bool) {
	if text = a.field(field); none(text) {
		return "", true
	}
	return text, text != ""
}

func commandLanguages(_ *Desk, c *change, a asked) error {
	text, said := a.given("languages")
	languages, err := languageTags(text)
	if err != nil || !said {
		return &Problem{Code: "bad_languages", Public: "Nothing was changed: write codes such as en or pt-BR after the word, or none."}
	}
	return c.alter(a, func(agent *Agent) error {
		agent.Languages = languages
		a.answer.Public = "Your languages: " + strings.Join(languages, " ") + "."
		if len(languages) == 0 {
			a.answer.Public = "No languages are noted of you now."
		}
		return nil
	})
}

func commandName(_ *Desk, c *change, a asked) error {
	text, said := a.given("name")
	name, err := publicName(text)
	if err != nil || !said || name == "" && text != "" {
		return &Problem{Code: "bad_name", Public: "Nothing was changed: write the name after the word, of 60 letters at most, or none."}
	}
	return c.alter(a, func(agent *Agent) error {
		agent.PublicName = name
		a.answer.Public = "Visitors read your name as " + name + " from now on."
		if name == "" {
			a.answer.Public = "Visitors read your name as it is here from now on."
		}
		return nil
	})
}

func commandPicture(_ *Desk, c *change, a asked) error {
	text, said := a.given("picture")
	address, err := pictureAddress(text)
	if err != nil || !said || address == "" && text != "" {
		return &Problem{Code: "bad_picture", Public: "Nothing was changed: write an address that begins with https:// after the word, or none."}
	}
	return c.alter(a, func(agent *Agent) error {
		agent.PublicAvatar = address
		a.answer.Public = "Visitors see that picture from now on."
		if address == "" {
			a.answer.Public = "Visitors see your picture as it is here from now on."
		}
		return nil
	})
}
