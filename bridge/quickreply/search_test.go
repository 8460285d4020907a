package quickreply

import (
	"encoding/csv"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge/rich"
)

// TestSearchRanks asks for replies as agents type: for a shop's, in four languages, and, by other rules, for a software
// company's, by which no weight of the search was chosen.
func TestSearchRanks(t *testing.T) {
	for _, table := range []string{"shop", "software"} {
		t.Run(table, func(t *testing.T) {
			x := NewIndex(readReplies(t, table))
			classes := map[string]*tally{}
			var all tally
			for _, row := range readTable(t, table+"_queries.csv") {
				class, query, want := row[0], row[1], row[2]
				if classes[class] == nil {
					classes[class] = new(tally)
				}
				hits := x.Search(query, 0, 5)
				at := slices.IndexFunc(hits, func(h Hit) bool { return h.Reply.Shortcut == want })
				if at != 0 {
					t.Logf("%s %q: %s is at place %d of %v", class, query, want, at+1, shortcuts(hits))
				}
				classes[class].add(at)
				all.add(at)
			}
			for _, class := range slices.Sorted(maps.Keys(classes)) {
				c := classes[class]
				t.Logf("%-12s %3d queries: first %5.1f %%, first five %5.1f %%", class, c.all, c.percent(c.first), c.percent(c.five))
				if c.percent(c.first) < 85 {
					t.Errorf("%s: %.1f %% first, want 85", class, c.percent(c.first))
				}
			}
			t.Logf("%-12s %3d queries: first %5.1f %%, first five %5.1f %%", "all", all.all, all.percent(all.first), all.percent(all.five))
			if all.percent(all.first) < 95 || all.percent(all.five) < 99 {
				t.Errorf("%.1f %% first and %.1f %% in the first five, want 95 and 99", all.percent(all.first), all.percent(all.five))
			}
		})
	}
}

// tally counts where the right replies are.
type tally struct{ first, five, all int }

func (c *tally) add(at int) {
	c.all++
	if at == 0 {
		c.first++
	}
	if at >= 0 {
		c.five++
	}
}

func (c *tally) percent(n int) float64 { return 100 * float64(n) / float64(c.all) }

func shortcuts(hits []Hit) (out []string) {
	for _, h := range hits {
		out = append(out, h.Reply.Shortcut)
	}
	return out
}

func readTable(t testing.TB, name string) [][]string {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

func readReplies(t testing.TB, table string) []Reply {
	t.Helper()
	f, err := os.Open("testdata/" + table + ".csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	replies, faults := ReadCSV(f, 0)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	for i := range replies {
		replies[i].ID = int64(i + 1)
	}
	return replies
}

func small(replies ...Reply) *Index {
	for i := range replies {
		replies[i].ID = int64(i + 1)
	}
	return NewIndex(replies)
}

func TestSearchFinds(t *testing.T) {
	x := small(
		Reply{Shortcut: "refund", Title: "Refund policy", Body: rich.Of("Money back within 14 days."), Variants: map[string]rich.Doc{"de": rich.Of("Geld zurück binnen 14 Tagen.")}},
		Reply{Shortcut: "oeffnung", Title: "Öffnungszeiten", Body: rich.Of("Montag bis Freitag.")},
		Reply{Shortcut: "strasse", Title: "Anschrift", Body: rich.Of("Große Straße 5")},
		Reply{Shortcut: "haisou", Title: "配送について", Body: rich.Of("三日以内に届きます。")},
		Reply{Shortcut: "dostavka", Title: "Доставка по России", Body: rich.Of("Пять дней.")},
		Reply{Shortcut: "hours", Title: "Opening hours", Body: rich.Of("From 9 to 18.")},
	)
	for query, want := range map[string]string{
		"geld zuruck":     "refund", // a variant, without its accent
		"offnungszeiten":  "oeffnung",
		"oeffnungszeiten": "oeffnung",
		"öffnungszeiten":  "oeffnung",
		"grosse strasse":  "strasse",
		"GROẞE":           "strasse",
		"配送":              "haisou",
		"届き":              "haisou",
		"достака":         "dostavka",
		"OPENING":         "hours",
		"h":               "hours",
		"  hours, ":       "hours",
		"op hrs":          "hours",
	} {
		if hits := x.Search(query, 0, 3); len(hits) == 0 || hits[0].Reply.Shortcut != want {
			t.Errorf("%q: %v, want %s first", query, shortcuts(hits), want)
		}
	}
	if hits := x.Search("zzzzzz", 0, 3); len(hits) != 0 {
		t.Errorf("nonsense finds %v", shortcuts(hits))
	}
	if hits := x.Search("days", 0, 0); len(hits) != 0 {
		t.Errorf("no room, but %v", shortcuts(hits))
	}
	if hits := NewIndex(nil).Search("refund", 0, 3); len(hits) != 0 {
		t.Errorf("nothing there, but %v", shortcuts(hits))
	}
	x.Search(strings.Repeat("refund ", 500)+strings.Repeat("x", 5000), 0, 3)
}

func TestSearchExact(t *testing.T) {
	x := small(
		Reply{Shortcut: "refund", Title: "Refund policy", Body: rich.Of("Money back.")},
		Reply{Shortcut: "refund-status", Title: "Refund", Body: rich.Of("Refund, refund.")},
		Reply{Shortcut: "résumé", Title: "Refund résumé", Body: rich.Of("Refund.")},
	)
	for query, want := range map[string]string{
		"refund": "refund", "Refund": "refund", " refund ": "refund", "refund status": "refund-status", "refund-status": "refund-status",
		"resume": "résumé",
	} {
		hits := x.Search(query, 0, 5)
		if len(hits) == 0 || hits[0].Reply.Shortcut != want || !hits[0].Exact {
			t.Errorf("%q: %v, want exactly %s", query, shortcuts(hits), want)
		}
		if slices.ContainsFunc(hits[1:], func(h Hit) bool { return h.Exact }) {
			t.Errorf("%q: more than one is exact", query)
		}
	}
	for _, query := range []string{"refun", "refunds", "status refund", "refund policy"} {
		if hits := x.Search(query, 0, 5); slices.ContainsFunc(hits, func(h Hit) bool { return h.Exact }) {
			t.Errorf("%q is exact", query)
		}
	}
}

func TestSearchKeepsPersonalRepliesPersonal(t *testing.T) {
	x := small(
		Reply{Shortcut: "refund", Title: "Refund", Body: rich.Of("Team.")},
		Reply{Shortcut: "refund-ana", Title: "Refund", Body: rich.Of("Ana's."), Owner: 1},
		Reply{Shortcut: "refund-ben", Title: "Refund", Body: rich.Of("Ben's."), Owner: 2},
	)
	for agent, want := range map[int64][]string{0: {"refund"}, 1: {"refund", "refund-ana"}, 2: {"refund", "refund-ben"}, 3: {"refund"}} {
		for _, query := range []string{"", "refund", "refund ben ana", "rfnd", "refnud"} {
			got := shortcuts(x.Search(query, agent, 10))
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("agent %d, %q: %v, want %v", agent, query, got, want)
			}
		}
	}
}

func TestSearchByUse(t *testing.T) {
	later := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	replies := []Reply{
		{Shortcut: "ship-at", Title: "Shipping to Austria", Body: rich.Of("Two days.")},
		{Shortcut: "ship-au", Title: "Shipping to Australia", Body: rich.Of("Two weeks."), Uses: 3},
		{Shortcut: "refund", Title: "Refund policy", Body: rich.Of("Shipping is paid back too."), Uses: 1_000_000},
		{Shortcut: "ship-no", Title: "Shipping to Norway", Body: rich.Of("Two days."), Uses: 3, LastUsed: later},
	}
	x := small(replies...)
	if got := shortcuts(x.Search("", 0, 3)); !slices.Equal(got, []string{"refund", "ship-no", "ship-au"}) {
		t.Errorf("most used: %v", got)
	}
	if got := shortcuts(x.Search("ship", 0, 1)); !slices.Equal(got, []string{"ship-au"}) {
		t.Errorf("of two that are equally good: %v", got)
	}
	for query, want := range map[string]string{"shipping austria": "ship-at", "austria": "ship-at", "austrai": "ship-at", "shipping": "ship-au"} {
		if got := shortcuts(x.Search(query, 0, 1)); !slices.Equal(got, []string{want}) {
			t.Errorf("%q: %v, want %s", query, got, want)
		}
	}
}

// TestSearchIsFast asks how long each search takes at its best, since the machine has more to do.
func TestSearchIsFast(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector takes the time")
	}
	const most = 2 * time.Millisecond
	x := NewIndex(many(t, 5000))
	for _, query := range queries(t) {
		best := time.Hour
		for try := 0; best > most && try < 100; try++ {
			start := time.Now()
			x.Search(query, 0, 25)
			best = min(best, time.Since(start))
		}
		if best > most {
			t.Errorf("%q takes %v among 5,000", query, best)
		}
	}
	if n := testing.AllocsPerRun(20, func() { x.Search("retuen labl", 0, 25) }); n > 1000 {
		t.Errorf("a search allocates %v times", n)
	}
}

func FuzzSearch(f *testing.F) {
	x := NewIndex(readReplies(f, "software"))
	for _, query := range []string{"", "a", "reset pasowrd", "ſ", "é́́", "\xff", "İstanbul", "ﬃ", "三日", strings.Repeat("ä", 40)} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		hits := x.Search(query, 0, 5)
		if len(hits) > 5 {
			t.Fatalf("%d hits", len(hits))
		}
		if !slices.IsSortedFunc(hits, func(a, b Hit) int { return int(max(-1, min(1, 1000*(b.Score-a.Score)))) }) {
			t.Fatalf("not in order: %v", hits)
		}
	})
}
