package bridge

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Office is when visitors can expect somebody: hours, but for the days on which there are none. The zero Office is open
// always.
type Office struct {
	hours  Hours
	closed []closedDay
}

// closedDay is one day, or with year 0 that of every year.
type closedDay struct {
	year  int
	month time.Month
	day   int
}

// ParseOffice reads hours as ParseHours takes them, and days such as "2026-12-24", or "12-25" for every year, on which
// no hours begin. The error is a *Problem.
func ParseOffice(hours string, closed []string) (Office, error) {
	h, err := ParseHours(hours)
	if err != nil {
		return Office{}, err
	}
	o := Office{hours: h}
	for _, text := range closed {
		every := len(text) == len("01-02")
		if every {
			text = "2024-" + text // a leap year
		}
		t, err := time.Parse(time.DateOnly, text)
		if err != nil || h.IsZero() {
			return Office{}, badHours("days are like 2026-12-24, or 12-25 for every year, and need hours to be left out of")
		}
		day := closedDay{month: t.Month(), day: t.Day()}
		if !every {
			day.year = t.Year()
		}
		o.closed = append(o.closed, day)
	}
	return o, nil
}

// Open reports whether the office is open at t.
func (o Office) Open(t time.Time) bool {
	return o.hours.IsZero() || o.hours.includes(t, o.leavesOut)
}

func (o Office) leavesOut(day time.Time) bool {
	return slices.ContainsFunc(o.closed, func(c closedDay) bool {
		return c.month == day.Month() && c.day == day.Day() && (c.year == 0 || c.year == day.Year())
	})
}

// farthest is how many days ahead an opening is looked for.
const farthest = 366

// Opens returns when hours begin next after t; ok is false when they never do, or do not end.
func (o Office) Opens(t time.Time) (next time.Time, ok bool) {
	if o.hours.IsZero() {
		return time.Time{}, false
	}
	year, month, day := t.In(o.hours.zone).Date()
	for ahead := range farthest {
		date := time.Date(year, month, day+ahead, 12, 0, 0, 0, o.hours.zone)
		if o.leavesOut(date) {
			continue
		}
		for _, s := range o.hours.spans {
			begins := time.Date(year, month, day+ahead, 0, s.from, 0, 0, o.hours.zone)
			if s.days[date.Weekday()] && begins.After(t) && (!ok || begins.Before(next)) {
				next, ok = begins, true
			}
		}
		if ok {
			return next, true
		}
	}
	return time.Time{}, false
}

// Attended reports whether anybody is on duty. A team that nobody has joined yet counts as being there.
func (d *Desk) Attended(ctx context.Context) (attended bool, err error) {
	err = d.ledger.Change(ctx, func(tx Tx) error {
		members, err := staff(tx)
		at := now()
		attended = len(members) == 0 || slices.ContainsFunc(members, func(m Member) bool { return m.OnDuty(at) })
		return err
	})
	if err != nil {
		return false, fmt.Errorf("who is on duty: %w", err)
	}
	return attended, nil
}

// OfficeText is what ParseOffice reads of hours that are given day by day: "mon-fri 9-17" and the like, by the clock of
// a zone. Without any, the days that are left out are left out of all hours.
func OfficeText(open []string, zone string) string {
	if zone == "" {
		return ""
	}
	if len(open) == 0 {
		open = []string{"mon-sun 0-24"}
	}
	return strings.Join(open, ", ") + " " + zone
}

// Week is what the hours say of each day from Monday on, as ParseTimes reads it; empty: there are none on that day.
func (h OfficeHours) Week() (days [7]string) {
	open := h.Open
	if len(open) == 0 && h.Zone != "" {
		open = []string{"mon-sun 0-24"}
	}
	for _, item := range open {
		on, times, _ := strings.Cut(item, " ")
		s, err := parseSpan(on, strings.TrimSpace(times))
		if err != nil {
			continue
		}
		for i := range days {
			if !s.days[(i+1)%7] {
				continue
			}
			if days[i] != "" {
				days[i] += ", "
			}
			days[i] += clock(s.from) + "-" + clock(s.to)
		}
	}
	return days
}

// ParseTimes reads the hours of one day, "9-12, 13-17:30", each as OfficeHours have them after the days. The error is a
// *Problem.
func ParseTimes(text string) (times []string, err error) {
	for _, item := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }) {
		s, err := parseSpan("mon", item)
		if err != nil {
			return nil, &Problem{Code: "bad_hours", Public: "Write times like 9-17 or 8:30-12:15, with commas between."}
		}
		times = append(times, clock(s.from)+"-"+clock(s.to))
	}
	return times, nil
}

// OpenOfWeek are the Open hours of a week whose days, from Monday on, have these times. Days in a row that are alike are
// written as one.
func OpenOfWeek(days [7][]string) (open []string) {
	for from := 0; from < len(days); {
		to := from
		for to+1 < len(days) && slices.Equal(days[to+1], days[from]) {
			to++
		}
		on := weekdays[(from+1)%7]
		if to > from {
			on += "-" + weekdays[(to+1)%7]
		}
		for _, times := range days[from] {
			open = append(open, on+" "+times)
		}
		from = to + 1
	}
	return open
}
