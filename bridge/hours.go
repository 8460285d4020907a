package bridge

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Hours are an agent's working hours by the clock of a time zone. The zero Hours are none: there is no time at which the
// agent could not be on duty.
type Hours struct {
	spans []span
	zone  *time.Location
}

// span is the same hours of several days. One that ends no later than it begins ends on the next day.
type span struct {
	days     [7]bool // by time.Weekday
	from, to int     // minutes since midnight
}

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// ParseHours reads hours as people write them: "mon-fri 9-17 Europe/Berlin", "mon-thu 9-17:30, fri 9-13 UTC". The empty
// text is no hours. The error is a *Problem.
func ParseHours(text string) (Hours, error) {
	words := strings.Fields(strings.ReplaceAll(text, ",", " "))
	if len(words) == 0 {
		return Hours{}, nil
	}
	if len(words)%2 == 0 {
		return Hours{}, badHours("the time zone is missing")
	}
	zone, err := time.LoadLocation(words[len(words)-1])
	if err != nil || words[len(words)-1] == "Local" {
		return Hours{}, badHours("the time zone is not known")
	}
	h := Hours{zone: zone}
	for pair := range slices.Chunk(words[:len(words)-1], 2) {
		s, err := parseSpan(pair[0], pair[1])
		if err != nil {
			return Hours{}, err
		}
		h.spans = append(h.spans, s)
	}
	return h, nil
}

func badHours(what string) error {
	return &Problem{Code: "bad_hours", Public: "Nothing was changed: " + what + ". Write the hours like this: mon-fri 9-17 Europe/Berlin"}
}

func parseSpan(days, times string) (s span, err error) {
	first, last, several := strings.Cut(strings.ToLower(days), "-")
	if !several {
		last = first
	}
	from, to := slices.Index(weekdays, first), slices.Index(weekdays, last)
	if from < 0 || to < 0 {
		return s, badHours("days are mon, tue, wed, thu, fri, sat and sun")
	}
	for day := from; ; day = (day + 1) % len(weekdays) {
		s.days[day] = true
		if day == to {
			break
		}
	}
	begin, end, _ := strings.Cut(times, "-")
	var ok1, ok2 bool
	s.from, ok1 = parseTime(begin)
	s.to, ok2 = parseTime(end)
	if !ok1 || !ok2 || s.from == 24*60 {
		return s, badHours("times are like 9-17 or 8:30-12:15")
	}
	return s, nil
}

// parseTime reads "9", "17:30" or "24" as minutes.
func parseTime(text string) (minutes int, ok bool) {
	hour, minute, _ := strings.Cut(text, ":")
	h, err := strconv.ParseUint(hour, 10, 8)
	if err != nil {
		return 0, false
	}
	var m uint64
	if minute != "" {
		if m, err = strconv.ParseUint(minute, 10, 8); err != nil {
			return 0, false
		}
	}
	minutes = int(h)*60 + int(m)
	return minutes, m < 60 && minutes <= 24*60
}

// IsZero reports whether there are none.
func (h Hours) IsZero() bool { return len(h.spans) == 0 }

// Include reports whether t is within the hours. No hours include every time.
func (h Hours) Include(t time.Time) bool {
	if h.IsZero() {
		return true
	}
	return h.includes(t, func(time.Time) bool { return false })
}

// includes reports whether t is within hours that began on a day which is not left out.
func (h Hours) includes(t time.Time, leftOut func(day time.Time) bool) bool {
	t = t.In(h.zone)
	minute, yesterday := t.Hour()*60+t.Minute(), t.AddDate(0, 0, -1)
	begun := func(s span, day time.Time) bool { return s.days[day.Weekday()] && !leftOut(day) }
	return slices.ContainsFunc(h.spans, func(s span) bool {
		if s.from < s.to {
			return s.from <= minute && minute < s.to && begun(s, t)
		}
		return minute >= s.from && begun(s, t) || minute < s.to && begun(s, yesterday)
	})
}

// String is what ParseHours reads.
func (h Hours) String() string {
	if h.IsZero() {
		return ""
	}
	var parts []string
	for _, s := range h.spans {
		parts = append(parts, daysText(s.days)+" "+clock(s.from)+"-"+clock(s.to))
	}
	return strings.Join(parts, ", ") + " " + h.zone.String()
}

// daysText writes the run of days that a span has.
func daysText(days [7]bool) string {
	first := 0
	for days[first] && days[(first+6)%7] && first < 6 { // the run may begin on any day
		first++
	}
	for !days[first] {
		first++
	}
	last := first
	for n := 1; n < 7 && days[(last+1)%7]; n++ {
		last = (last + 1) % 7
	}
	if first == last {
		return weekdays[first]
	}
	return weekdays[first] + "-" + weekdays[last]
}

func clock(minutes int) string {
	if minutes%60 == 0 {
		return strconv.Itoa(minutes / 60)
	}
	return fmt.Sprintf("%d:%02d", minutes/60, minutes%60)
}
