package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/skeindesk/skein/bridge"
)

// testReport: what happens counts once, on its day and at its hour in the zone, however often and in what pieces it is read.
func testReport(f *fixture) {
	zone, err := time.LoadLocation("Europe/Vienna")
	f.must(err)
	s := f.open()
	begin := time.Date(2026, 3, 1, 0, 30, 0, 0, zone) // a Sunday; in UTC it is still February
	var c bridge.Conversation
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		v, err := tx.SaveVisitor(bridge.Visitor{Endpoint: shop, Key: "v", Locale: "de-AT"})
		f.must(err)
		c, err = tx.OpenConversation(bridge.Conversation{
			Kind: bridge.Guest, State: bridge.StateUnassigned, Endpoint: shop, Visitor: v.ID, OpenedAt: begin,
		}, lanes("t1"))
		return err
	}))
	entry := func(kind bridge.EntryKind, by bridge.SpeakerKind, id int64, after time.Duration, state bridge.State) {
		en := own(c.ID)
		en.Kind, en.By, en.At, en.State = kind, bridge.Speaker{Kind: by, ID: id}, begin.Add(after), state
		f.append(s, en)
	}
	entry(bridge.Said, bridge.ByVisitor, 1, 0, "")
	entry(bridge.Said, bridge.ByRobot, 0, time.Minute, "")
	f.digestBy(s, zone)
	entry(bridge.Said, bridge.ByAgent, 7, 3*time.Minute, "")
	entry(bridge.Said, bridge.ByAgent, 8, 4*time.Minute, "") // no longer the first
	entry(bridge.Edited, bridge.ByAgent, 8, 4*time.Minute, "")
	f.digestBy(s, zone)
	entry(bridge.Changed, bridge.ByAgent, 8, 2*time.Hour, bridge.StateClosed)
	f.digestBy(s, zone)
	f.digestBy(s, zone)
	rate := func(n int) {
		f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
			en := own(c.ID)
			en.Kind, en.Audience, en.At = bridge.Rated, bridge.AgentsOnly, begin
			if _, err := tx.Append(en); err != nil {
				return err
			}
			return tx.SaveRating(c.ID, n)
		}))
	}
	rate(2)
	f.digestBy(s, zone)
	rate(5)
	f.digestBy(s, zone)
	entry(bridge.Changed, bridge.BySystem, 0, 31*24*time.Hour, bridge.StateUnassigned)
	entry(bridge.Changed, bridge.ByAgent, 7, 31*24*time.Hour+time.Hour, bridge.StateClosed)
	f.digestBy(s, zone)

	report := func(q bridge.ReportQuery) bridge.Report {
		f.Helper()
		r, err := s.Report(f.Context(), q)
		f.must(err)
		return r
	}
	spread := func(all ...time.Duration) bridge.Spread { return spreadOf(f.T, all) }
	march := report(bridge.ReportQuery{From: begin, To: begin.AddDate(0, 1, 0)})
	want := bridge.Measures{
		Opened: 1, VisitorLines: 1, AgentLines: 2, RobotLines: 1, FirstAnswer: spread(3 * time.Minute), Resolution: spread(2 * time.Hour),
	}
	if diff := cmp.Diff(want, march.All); diff != "" {
		f.Errorf("March (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]bridge.ReportPart{{Of: "2026-03-01", Measures: want}}, march.Days); diff != "" {
		f.Errorf("by day (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]bridge.ReportPart{{Of: "de", Measures: want}}, march.Languages); diff != "" {
		f.Errorf("by language (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]bridge.ReportPart{{Of: "shop", Measures: want}}, march.Endpoints); diff != "" {
		f.Errorf("by endpoint (-want +got):\n%s", diff)
	}
	agents := []bridge.ReportPart{
		{Of: "7", Measures: bridge.Measures{AgentLines: 1, FirstAnswer: spread(3 * time.Minute)}},
		{Of: "8", Measures: bridge.Measures{AgentLines: 1, Resolution: spread(2 * time.Hour)}},
	}
	if diff := cmp.Diff(agents, march.Agents); diff != "" {
		f.Errorf("by agent (-want +got):\n%s", diff)
	}
	if h := march.Hours[time.Sunday][0]; h.VisitorLines != 1 || h.Opened != 1 {
		f.Errorf("Sunday, half past midnight: %+v", h)
	}
	if got := report(bridge.ReportQuery{From: begin, To: begin.AddDate(0, 1, 0), Endpoint: slack}).All; got != (bridge.Measures{}) {
		f.Errorf("elsewhere: %+v", got)
	}
	if got := report(bridge.ReportQuery{From: begin.AddDate(0, 0, 1), To: begin.AddDate(0, 1, 0)}).All; got != (bridge.Measures{}) {
		f.Errorf("after its day: %+v", got)
	}
	ever := report(bridge.ReportQuery{From: begin.AddDate(-1, 0, -5), To: time.Now().AddDate(5, 2, 9)})
	if all := ever.All; all.Opened != 1 || all.Resolution != spread(2*time.Hour, time.Hour) || all.Rated != 1 || all.Rating() != 5 {
		f.Errorf("ever: %+v", all)
	}

	if now, err := s.ReportZone(f.Context()); err != nil || now.String() != zone.String() {
		f.Errorf("days are counted by %v, %v", now, err)
	}
	f.digestBy(s, time.UTC) // it is all counted again
	r, err := s.Report(f.Context(), bridge.ReportQuery{From: begin.AddDate(-1, 0, 0), To: begin.AddDate(0, 0, 1)})
	f.must(err)
	if len(r.Days) != 1 || r.Days[0].Of != "2026-02-28" || r.Days[0].Opened != 1 || r.Hours[time.Saturday][23].Opened != 1 {
		f.Errorf("in UTC: %+v", r.Days)
	}
}

func spreadOf(t *testing.T, all []time.Duration) bridge.Spread {
	t.Helper()
	var steps [len(bridge.SpreadBounds) + 1]int64
	var sum time.Duration
	for _, d := range all {
		i := 0
		for i < len(bridge.SpreadBounds) && d > bridge.SpreadBounds[i] {
			i++
		}
		steps[i]++
		sum += d
	}
	return bridge.NewSpread(steps, sum)
}
