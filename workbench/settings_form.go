package workbench

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// settingForm is a setting with the form in which it is changed.
type settingForm struct {
	bridge.Setting
	fields url.Values // as they stand in the form
	began  int64      // the Revision that whoever fills it in had before them
	wrong  wrongField // why it was not saved
	focus  string     // the field to go on with
}

// wrongField says what is wrong, and in which field; without one in all of them.
type wrongField struct{ field, text string }

// formOf is the form of a setting as it stands.
func formOf(s bridge.Setting) settingForm {
	return settingForm{Setting: s, fields: fieldsOf(s), began: s.Revision}
}

// id is the form's in the page.
func (f settingForm) id() string {
	return "set-" + strings.NewReplacer(".", "-", "_", "-").Replace(f.Key.String())
}

// about is what people read of a setting.
type about struct{ title, help string }

func (f settingForm) about() about {
	switch f.Key.Name {
	case bridge.SettingHours:
		return about{"Office hours", "When visitors can expect somebody. Outside these hours the widget says when they begin next and shows the away text."}
	case bridge.SettingGreeting:
		return about{"Greeting", "What visitors read before they write. Without a text it is the widget's own, in their language."}
	case bridge.SettingAway:
		return about{"Away text", "What visitors read instead of the greeting while nobody is there. Without a text it is the widget's own."}
	case bridge.SettingRoutes:
		return about{"Where conversations open", "The first rule whose conditions all hold decides; where none does, a conversation opens at every desk. Conversations that are open stay where they are."}
	case bridge.SettingHold:
		return about{"Time to think", "How long an agent's line waits before visitors get it: time to change it or take it back unseen. Colleagues do not wait."}
	case bridge.SettingPlainText:
		return about{"What a plain line means", "What happens to a line that an agent writes in a thread without saying for whom it is."}
	case bridge.SettingClosedDays:
		return about{"Erase what is closed", "When everything of a customer has been closed and untouched for so long, what was said, its files and what is known of them are erased for good. Reports keep their numbers."}
	case bridge.SettingReportZone:
		return about{"Time zone of reports", "By which reports count days and hours. After a change all is counted anew, which takes a while where there is much."}
	}
	return about{title: f.Key.Name}
}

// Names of fields.
const (
	fieldAlways   = "always" // "yes": always open
	fieldZone     = "zone"
	fieldDay      = "day" // seven of them, from Monday on
	fieldClosed   = "closed"
	fieldLanguage = "language"
	fieldText     = "text"
	fieldNumber   = "number"
	fieldPlain    = "plain"
	fieldSure     = "sure"
	fieldMove     = "move" // what a button does to rules: "add", "remove 2", "up 2", "down 2"

	rulePath      = "rule-path"
	ruleLanguages = "rule-languages"
	ruleTags      = "rule-tags"
	ruleHours     = "rule-hours"
	ruleDesk      = "rule-desk-" // and the rule's place
)

var dayNames = [7]string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

// fieldsOf is the form of a setting's value.
func fieldsOf(s bridge.Setting) url.Values {
	fields, v := url.Values{}, s.Value
	switch s.Key.Name {
	case bridge.SettingHours:
		fields.Set(fieldAlways, map[bool]string{true: "yes", false: "no"}[v.Hours.Zone == ""])
		week := v.Hours.Week()
		fields.Set(fieldZone, v.Hours.Zone)
		fields[fieldDay] = week[:]
		fields.Set(fieldClosed, strings.Join(v.Hours.Closed, ", "))
	case bridge.SettingGreeting, bridge.SettingAway:
		for _, language := range slices.Sorted(maps.Keys(v.Texts)) {
			fields.Add(fieldLanguage, language)
			fields.Add(fieldText, v.Texts[language])
		}
	case bridge.SettingRoutes:
		for i, r := range v.Rules {
			fields.Add(rulePath, r.Path)
			fields.Add(ruleLanguages, strings.Join(r.Languages, ", "))
			fields.Add(ruleTags, strings.Join(r.Tags, ", "))
			fields.Add(ruleHours, string(r.Hours))
			for _, e := range r.Desk {
				fields.Add(ruleDesk+strconv.Itoa(i), string(e))
			}
		}
	case bridge.SettingHold:
		fields.Set(fieldNumber, strconv.FormatFloat(v.Hold.Seconds(), 'f', -1, 64))
	case bridge.SettingPlainText:
		fields.Set(fieldPlain, map[bool]string{false: "reply", true: "note"}[v.Notes])
	case bridge.SettingClosedDays:
		fields.Set(fieldNumber, strconv.Itoa(v.Days))
	case bridge.SettingReportZone:
		fields.Set(fieldZone, v.Zone)
	}
	return fields
}

// read is the value that the form says.
func (f settingForm) read() (v bridge.SettingValue, wrong *wrongField) {
	text := func(field string) string { return strings.TrimSpace(f.fields.Get(field)) }
	switch f.Key.Name {
	case bridge.SettingHours:
		return f.readHours()
	case bridge.SettingGreeting, bridge.SettingAway:
		return f.readTexts()
	case bridge.SettingRoutes:
		v.Rules = f.readRules()
	case bridge.SettingHold:
		seconds, err := strconv.ParseFloat(strings.ReplaceAll(text(fieldNumber), ",", "."), 64)
		if inRange := seconds >= 0 && seconds <= bridge.MaxHold.Seconds(); err != nil || !inRange { // NaN is not
			return v, &wrongField{fieldNumber, "Not saved: write a number of seconds from 0 to 10."}
		}
		v.Hold = time.Duration(seconds * float64(time.Second)).Round(time.Millisecond)
	case bridge.SettingPlainText:
		v.Notes = text(fieldPlain) == "note"
	case bridge.SettingClosedDays:
		return f.readDays()
	case bridge.SettingReportZone:
		if v.Zone = text(fieldZone); v.Zone == "" {
			v.Zone = "UTC"
		}
	}
	return v, nil
}

func (f settingForm) readHours() (v bridge.SettingValue, wrong *wrongField) {
	if f.fields.Get(fieldAlways) == "yes" {
		return v, nil
	}
	var week [7][]string
	for i, text := range f.fields[fieldDay] {
		if i == len(week) {
			break
		}
		var err error
		if week[i], err = bridge.ParseTimes(text); err != nil {
			return v, &wrongField{fieldDay + strconv.Itoa(i), "Not saved. " + dayNames[i] + ": " + lowerFirst(err.Error())}
		}
	}
	v.Hours = bridge.OfficeHours{
		Zone: strings.TrimSpace(f.fields.Get(fieldZone)), Open: bridge.OpenOfWeek(week), Closed: words(f.fields.Get(fieldClosed)),
	}
	switch {
	case v.Hours.Zone == "":
		return v, &wrongField{fieldZone, "Not saved: write the time zone of these hours, such as Europe/Berlin."}
	case len(v.Hours.Open) == 0:
		return v, &wrongField{fieldDay + "0", "Not saved: there is no day with hours. Write times like 9-17, or choose “always”."}
	}
	return v, nil
}

func (f settingForm) readTexts() (v bridge.SettingValue, wrong *wrongField) {
	v.Texts = bridge.Texts{}
	for i, text := range f.fields[fieldText] {
		if i == len(f.fields[fieldLanguage]) || strings.TrimSpace(text) == "" {
			continue
		}
		language := strings.ToLower(strings.TrimSpace(f.fields[fieldLanguage][i]))
		if _, twice := v.Texts[language]; twice {
			return v, &wrongField{fieldLanguage + strconv.Itoa(i), "Not saved: each text needs a language of its own."}
		}
		v.Texts[language] = lines(text)
	}
	return v, nil
}

func (f settingForm) readDays() (v bridge.SettingValue, wrong *wrongField) {
	days, err := strconv.Atoi(strings.TrimSpace(f.fields.Get(fieldNumber)))
	if err != nil || days < 0 || days > bridge.MaxClosedDays {
		return v, &wrongField{fieldNumber, fmt.Sprintf("Not saved: write a number of days, at most %d, or 0 for never.", bridge.MaxClosedDays)}
	}
	sooner := days > 0 && (f.Value.Days == 0 || days < f.Value.Days)
	if sooner && f.fields.Get(fieldSure) == "" {
		return v, &wrongField{fieldSure, "Not saved: say below that you mean it. What is older is erased within minutes, and nothing brings it back."}
	}
	v.Days = days
	return v, nil
}

// readRules reads rules in their order; one about which nothing is written is none.
func (f settingForm) readRules() (rules []bridge.Rule) {
	for i, path := range f.fields[rulePath] {
		r := bridge.Rule{
			Path: path, Languages: words(at(f.fields[ruleLanguages], i)), Tags: words(at(f.fields[ruleTags], i)), Hours: bridge.When(at(f.fields[ruleHours], i)),
		}
		for _, e := range f.fields[ruleDesk+strconv.Itoa(i)] {
			r.Desk = append(r.Desk, bridge.EndpointName(e))
		}
		rules = append(rules, r)
	}
	return rules
}

// words are those of a list with commas between.
func words(text string) (list []string) {
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == '\n' || r == '\r' }) {
		if word = strings.TrimSpace(word); word != "" {
			list = append(list, word)
		}
	}
	return list
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// rearranged does what a button of a rule asks for. Nothing is saved by it.
func (f *settingForm) rearranged() bool {
	move := f.fields.Get(fieldMove)
	if f.Key.Name != bridge.SettingRoutes || move == "" {
		return false
	}
	what, which, _ := strings.Cut(move, " ")
	rules := f.readRules()
	i, _ := strconv.Atoi(which)
	there := i >= 0 && i < len(rules)
	switch {
	case what == "add":
		rules = append(rules, bridge.Rule{})
		i = len(rules) - 1
	case what == "remove" && there:
		rules = slices.Delete(rules, i, i+1)
		i = min(i, len(rules)-1)
	case what == "up" && there && i > 0:
		rules[i-1], rules[i] = rules[i], rules[i-1]
		i--
	case what == "down" && there && i+1 < len(rules):
		rules[i+1], rules[i] = rules[i], rules[i+1]
		i++
	}
	f.fields = fieldsOf(bridge.Setting{Key: f.Key, Value: bridge.SettingValue{Rules: rules}})
	f.focus = rulePath + strconv.Itoa(max(i, 0))
	return true
}

// hasDesk reports whether the form's rule i names the desk.
func (f settingForm) hasDesk(i int, e bridge.EndpointName) bool {
	return slices.Contains(f.fields[ruleDesk+strconv.Itoa(i)], string(e))
}

func (f settingForm) desks() (names []string) {
	for _, e := range f.Desk {
		names = append(names, string(e))
	}
	return names
}

// at is the item of a list at a place, if it is as long.
func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}
