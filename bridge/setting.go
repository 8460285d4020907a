package bridge

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Names of settings, as the configuration calls them.
const (
	SettingHours      = "hours"
	SettingGreeting   = "greeting"
	SettingAway       = "away"
	SettingRoutes     = "routes"
	SettingHold       = "hold"
	SettingPlainText  = "plain_text"
	SettingClosedDays = "retention.closed_days"
	SettingReportZone = "reports.zone"
)

// SettingKey is a key of the configuration that can be set in the workbench, if the configuration does not say it.
type SettingKey struct {
	Endpoint EndpointName // empty: of all
	Name     string
}

// String is the key as the configuration has it: "endpoints.website.hours".
func (k SettingKey) String() string {
	if k.Endpoint == "" {
		return k.Name
	}
	return "endpoints." + string(k.Endpoint) + "." + k.Name
}

// SettingValue is what a setting is set to: the field that its name is about.
type SettingValue struct {
	Hours OfficeHours   `json:"hours,omitzero"`
	Texts Texts         `json:"texts,omitempty"` // SettingGreeting, SettingAway
	Rules []Rule        `json:"rules,omitempty"`
	Hold  time.Duration `json:"hold,omitempty"`
	Notes bool          `json:"notes,omitempty"` // SettingPlainText
	Days  int           `json:"days,omitempty"`
	Zone  string        `json:"zone,omitempty"`
}

// value is what the policy has for a key.
func (p *Policy) value(k SettingKey) (v SettingValue) {
	e := p.At(k.Endpoint)
	switch k.Name {
	case SettingHours:
		v.Hours = e.Hours
	case SettingGreeting:
		v.Texts = e.Greeting
	case SettingAway:
		v.Texts = e.Away
	case SettingRoutes:
		v.Rules = e.Rules
	case SettingHold:
		v.Hold = e.Hold
	case SettingPlainText:
		v.Notes = e.Notes
	case SettingClosedDays:
		v.Days = p.ClosedDays
	case SettingReportZone:
		v.Zone = p.ReportZone
	}
	return v
}

// set gives a policy, which nobody has seen yet, another value for a key.
func (p *Policy) set(k SettingKey, v SettingValue) {
	e := p.At(k.Endpoint)
	switch k.Name {
	case SettingHours:
		e.Hours = v.Hours
		e.Office, _ = v.Hours.Office() // it has been checked
	case SettingGreeting:
		e.Greeting = v.Texts
	case SettingAway:
		e.Away = v.Texts
	case SettingRoutes:
		e.Rules = v.Rules
	case SettingHold:
		e.Hold = v.Hold
	case SettingPlainText:
		e.Notes = v.Notes
	case SettingClosedDays:
		p.ClosedDays = v.Days
	case SettingReportZone:
		p.ReportZone = v.Zone
	}
	if k.Endpoint != "" {
		p.Endpoints[k.Endpoint] = e
	}
}

const (
	// MaxHold is the longest hold.
	MaxHold = 10 * time.Second
	// MaxClosedDays is the longest retention.
	MaxClosedDays = 3650

	maxShownText = 1000 // characters
	maxTexts     = 30   // languages
)

var languagePattern = regexp.MustCompile(`^[a-z]{2,3}(-[a-z0-9]{2,8})*$`)

func badSetting(format string, args ...any) error {
	return &Problem{Code: "bad_setting", Public: "Not saved: " + fmt.Sprintf(format, args...)}
}

// check says what is wrong with a value; a *Problem.
func (s Setting) check(v SettingValue) error {
	switch s.Key.Name {
	case SettingHours:
		return v.Hours.check()
	case SettingGreeting, SettingAway:
		return v.Texts.check()
	case SettingRoutes:
		return s.checkRules(v.Rules)
	case SettingHold:
		if v.Hold < 0 || v.Hold > MaxHold || v.Hold%time.Millisecond != 0 {
			return badSetting("a line can wait from 0 to %d seconds.", MaxHold/time.Second)
		}
	case SettingClosedDays:
		if v.Days < 0 || v.Days > MaxClosedDays {
			return badSetting("write a number of days, at most %d, or 0 for never.", MaxClosedDays)
		}
	case SettingReportZone:
		if _, err := time.LoadLocation(v.Zone); err != nil || v.Zone == "Local" {
			return badSetting("the time zone is not known. Write it like Europe/Berlin.")
		}
	}
	return nil
}

const maxHoursItems = 60

func (h OfficeHours) check() error {
	if len(h.Open) > maxHoursItems || len(h.Closed) > maxHoursItems {
		return badSetting("there are more than %d hours or days without hours.", maxHoursItems)
	}
	_, err := h.Office()
	return err
}

func (t Texts) check() error {
	if len(t) > maxTexts {
		return badSetting("there are texts in more than %d languages.", maxTexts)
	}
	for _, language := range slices.Sorted(maps.Keys(t)) {
		switch {
		case language != "" && !languagePattern.MatchString(language):
			return badSetting("%q is not a language. Write it like en or pt-BR.", language)
		case utf8.RuneCountInString(t[language]) > maxShownText:
			return badSetting("a text has at most %d characters.", maxShownText)
		}
	}
	return nil
}

// Summary is a value of this setting in a few words.
func (s Setting) Summary(v SettingValue) string {
	switch s.Key.Name {
	case SettingHours:
		return v.Hours.summary()
	case SettingGreeting, SettingAway:
		return v.Texts.summary()
	case SettingRoutes:
		if len(v.Rules) == 0 {
			return "no rules"
		}
		return spellCount(len(v.Rules), "rule")
	case SettingHold:
		return v.Hold.String()
	case SettingPlainText:
		return map[bool]string{false: "reply", true: "note"}[v.Notes]
	case SettingClosedDays:
		if v.Days == 0 {
			return "never"
		}
		return "after " + spellCount(v.Days, "day")
	case SettingReportZone:
		return zoneName(v.Zone)
	}
	return ""
}

func zoneName(zone string) string {
	if zone == "" {
		return "UTC"
	}
	return zone
}

func (h OfficeHours) summary() string {
	if h.Zone == "" {
		return "always open"
	}
	text := OfficeText(h.Open, h.Zone)
	if len(h.Closed) > 0 {
		text += ", but not on " + strings.Join(h.Closed, ", ")
	}
	return text
}

func (t Texts) summary() string {
	if len(t) == 0 {
		return "the widget's own words"
	}
	var parts []string
	for _, language := range slices.Sorted(maps.Keys(t)) {
		text := strconv.Quote(t[language])
		if language != "" {
			text = language + ": " + text
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}
