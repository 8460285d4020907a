package bridge

import (
	"slices"
	"testing"
	"time"
)

func office(t *testing.T, hours string, closed ...string) Office {
	t.Helper()
	o, err := ParseOffice(hours, closed)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestOffice(t *testing.T) {
	at := func(text string) time.Time {
		t.Helper()
		when, err := time.Parse("2006-01-02 15:04Z07:00", text)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for _, test := range []struct {
		name   string
		office Office
		at     string
		open   bool
		opens  string // empty: never
	}{
		{"always", Office{}, "2026-12-25 03:00Z", true, ""},
		{"within", office(t, "mon-fri 9-17 Europe/Berlin"), "2026-11-26 08:00Z", true, "2026-11-27 09:00+01:00"},
		{"before", office(t, "mon-fri 9-17 Europe/Berlin"), "2026-11-26 07:59Z", false, "2026-11-26 09:00+01:00"},
		{"over the weekend", office(t, "mon-fri 9-17 Europe/Berlin"), "2026-11-27 16:00Z", false, "2026-11-30 09:00+01:00"},
		{"at noon", office(t, "mon-sun 9-12, mon-sun 13-17 UTC"), "2026-11-27 12:30Z", false, "2026-11-27 13:00Z"},
		{"on a holiday", office(t, "mon-fri 9-17 UTC", "2026-12-24", "12-25"), "2026-12-24 10:00Z", false, "2026-12-28 09:00Z"},
		{"on one of every year", office(t, "mon-fri 9-17 UTC", "2026-12-24", "12-25"), "2028-12-25 10:00Z", false, "2028-12-26 09:00Z"},
		{"that of another year", office(t, "mon-fri 9-17 UTC", "2026-12-24"), "2027-12-24 10:00Z", true, "2027-12-27 09:00Z"},
		{"after midnight into a holiday", office(t, "mon-sun 22-2 UTC", "2026-12-25"), "2026-12-25 01:00Z", true, "2026-12-26 22:00Z"},
		{"after midnight out of one", office(t, "mon-sun 22-2 UTC", "2026-12-25"), "2026-12-26 01:00Z", false, "2026-12-26 22:00Z"},
		{"when clocks change", office(t, "sun 1-5 Europe/Berlin"), "2026-03-28 12:00Z", false, "2026-03-29 01:00+01:00"},
		{"never", office(t, "mon 9-17 UTC", "11-30", "12-07"), "2026-11-28 12:00Z", false, "2026-12-14 09:00Z"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.office.Open(at(test.at)); got != test.open {
				t.Errorf("open: %v", got)
			}
			next, ok := test.office.Opens(at(test.at))
			if ok != (test.opens != "") || ok && !next.Equal(at(test.opens)) {
				t.Errorf("opens %v, %v, want %q", next, ok, test.opens)
			}
		})
	}
	for _, bad := range [][2]string{{"mon-fri 9-17", "12-25"}, {"mon-fri 9-17 UTC", "2026-02-29"}, {"mon-fri 9-17 UTC", "christmas"}, {"", "12-25"}} {
		if _, err := ParseOffice(bad[0], []string{bad[1]}); err == nil {
			t.Errorf("%q without %q was taken", bad[0], bad[1])
		}
	}
}

// What a configuration says day by day is read as it was meant.
func TestOfficeText(t *testing.T) {
	saturday := time.Date(2026, 11, 28, 11, 0, 0, 0, time.UTC)
	if o := office(t, OfficeText([]string{"mon-fri 9-17:30", "sat 10-14"}, "UTC")); !o.Open(saturday) || o.Open(saturday.Add(3*time.Hour)) {
		t.Error("Saturday is from 10 to 14")
	}
	if o := office(t, OfficeText(nil, "UTC"), "11-28"); o.Open(saturday) || !o.Open(saturday.AddDate(0, 0, 1)) {
		t.Error("only Saturday is closed")
	}
	if o := office(t, OfficeText(nil, "")); !o.Open(saturday) {
		t.Error("without hours it is always open")
	}
}

// A week is written and read back as it was.
func TestWeek(t *testing.T) {
	hours := OfficeHours{Zone: "UTC", Open: []string{"mon-thu 9-12", "mon-thu 13-17:30", "fri 9-13", "sun 22-2"}}
	week := hours.Week()
	want := [7]string{"9-12, 13-17:30", "9-12, 13-17:30", "9-12, 13-17:30", "9-12, 13-17:30", "9-13", "", "22-2"}
	if week != want {
		t.Errorf("the week is %q", week)
	}
	var days [7][]string
	for i, text := range week {
		var err error
		if days[i], err = ParseTimes(text); err != nil {
			t.Error(err)
		}
	}
	if open := OpenOfWeek(days); !slices.Equal(open, hours.Open) {
		t.Errorf("read back: %q", open)
	}
	if week := (OfficeHours{Zone: "UTC"}).Week(); week[6] != "0-24" {
		t.Errorf("all days are open: %q", week)
	}
	if week := (OfficeHours{}).Week(); week != [7]string{} {
		t.Errorf("without hours: %q", week)
	}
	for _, bad := range []string{"9", "9-", "closed", "9-25", "9:60-10", "24-3", "9-12;13-17"} {
		if got, err := ParseTimes(bad); err == nil {
			t.Errorf("%q is read as %q", bad, got)
		}
	}
}
