package workbench

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// Reports reads how it went.
type Reports interface {
	// Report counts what happened; see bridge.ReportQuery.
	Report(ctx context.Context, q bridge.ReportQuery) (bridge.Report, error)
	// ReportZone is the zone by which Report counts days.
	ReportZone(ctx context.Context) (*time.Location, error)
}

func (b *Workbench) handleReports(mux *routes) {
	b.page(mux, "/reports", bridge.RankAgent, b.reports)
	mux.Handle("GET "+Base+"/reports.csv", b.visited(bridge.RankAgent, b.reportsFile))
}

// period is what a report is about, as its address says it. Both days are part of it.
type period struct {
	from, to time.Time
	endpoint bridge.EndpointName
}

// maxDays is the longest period, in days.
const maxDays = 731

// readPeriod reads an address, whose days are those of now's zone; without days it is the last thirty.
func readPeriod(q url.Values, now time.Time) (period, error) {
	year, month, day := now.Date()
	today := time.Date(year, month, day, 0, 0, 0, 0, now.Location())
	p := period{from: today.AddDate(0, 0, -29), to: today, endpoint: bridge.EndpointName(q.Get("endpoint"))}
	for name, day := range map[string]*time.Time{"from": &p.from, "to": &p.to} {
		if said := q.Get(name); said != "" {
			at, err := time.ParseInLocation(time.DateOnly, said, now.Location())
			if err != nil {
				return p, &bridge.Problem{Code: "day", Public: "A day is written like 2026-11-26."}
			}
			*day = at
		}
	}
	if p.to.Before(p.from) || p.to.After(p.from.AddDate(0, 0, maxDays)) {
		return p, &bridge.Problem{Code: "period", Public: "The last day must not be before the first, and not more than two years after it."}
	}
	return p, nil
}

func (p period) query() bridge.ReportQuery {
	return bridge.ReportQuery{From: p.from, To: p.to.AddDate(0, 0, 1), Endpoint: p.endpoint}
}

func (p period) address(page string) string {
	q := url.Values{"from": {p.from.Format(time.DateOnly)}, "to": {p.to.Format(time.DateOnly)}}
	if p.endpoint != "" {
		q.Set("endpoint", string(p.endpoint))
	}
	return Base + page + "?" + q.Encode()
}

// reported is what the page of reports shows.
type reported struct {
	period   period
	report   bridge.Report
	days     []bridge.ReportPart // all of the period, those on which nothing happened too
	agents   map[string]string   // names by what the report calls them
	websites []bridge.EndpointName
}

func (b *Workbench) report(v *visit) (reported, error) {
	zone, err := b.cfg.Reports.ReportZone(v.Context())
	if err != nil {
		return reported{}, err
	}
	p, err := readPeriod(v.URL.Query(), v.now.In(zone))
	if err != nil {
		return reported{}, err
	}
	r := reported{period: p, agents: map[string]string{}, websites: b.cfg.Visitors}
	if r.report, err = b.cfg.Reports.Report(v.Context(), p.query()); err != nil {
		return reported{}, err
	}
	members, err := b.cfg.Desk.Team(v.Context())
	if err != nil {
		return reported{}, err
	}
	for _, m := range members {
		r.agents[strconv.FormatInt(int64(m.ID), 10)] = m.Name
	}
	r.days = everyDay(p, r.report.Days)
	return r, nil
}

func (b *Workbench) reports(v *visit) (content, error) {
	r, err := b.report(v)
	if err != nil {
		return content{}, err
	}
	return content{title: "Reports", body: reportsPage(r)}, nil
}

// everyDay fills in the days on which nothing happened.
func everyDay(p period, days []bridge.ReportPart) []bridge.ReportPart {
	known := map[string]bridge.ReportPart{}
	for _, d := range days {
		known[d.Of] = d
	}
	var all []bridge.ReportPart
	for day := p.from; !day.After(p.to); day = day.AddDate(0, 0, 1) {
		name := day.Format(time.DateOnly)
		part := known[name]
		part.Of = name
		all = append(all, part)
	}
	return all
}

// called is what a part of a report by agents is called.
func (r reported) called(agent string) string {
	if name, known := r.agents[agent]; known {
		return name
	}
	return "Formerly number " + agent
}

// reportsFile is the report as a table for other programs, one line for each part of it.
func (b *Workbench) reportsFile(v *visit) error {
	r, err := b.report(v)
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	v.w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="skein-%s-%s.csv"`,
		r.period.from.Format(time.DateOnly), r.period.to.Format(time.DateOnly)))
	out := csv.NewWriter(v.w)
	line := func(by, of string, m bridge.Measures) {
		_ = out.Write([]string{ // an error is kept until Flush, and then there is nobody to tell
			by, harmless(of), number(m.Opened), number(m.VisitorLines), number(m.AgentLines), number(m.RobotLines),
			seconds(m.FirstAnswer.Median), seconds(m.FirstAnswer.P90), seconds(m.Resolution.Median), seconds(m.Resolution.P90),
			number(m.Rated), strconv.FormatFloat(m.Rating(), 'f', 2, 64),
		})
	}
	_ = out.Write([]string{
		"by", "of", "opened", "visitor lines", "agent lines", "robot lines", "first answer median s", "first answer p90 s",
		"resolution median s", "resolution p90 s", "rated", "rating",
	})
	line("all", "", r.report.All)
	for _, d := range r.days {
		line("day", d.Of, d.Measures)
	}
	for _, e := range r.report.Endpoints {
		line("endpoint", e.Of, e.Measures)
	}
	for _, a := range r.report.Agents {
		line("agent", r.called(a.Of), a.Measures)
	}
	for _, l := range r.report.Languages {
		line("language", l.Of, l.Measures)
	}
	out.Flush()
	return nil
}

// harmless keeps a spreadsheet from reading a name as a formula.
func harmless(s string) string {
	if s != "" && (s[0] == '=' || s[0] == '+' || s[0] == '-' || s[0] == '@') {
		return "'" + s
	}
	return s
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

func seconds(d time.Duration) string { return strconv.FormatInt(int64(d.Seconds()), 10) }

// lasting says how long something took; "–" for never.
func lasting(s bridge.Spread, of time.Duration) string {
	switch {
	case s.Count == 0:
		return "–"
	case of < time.Minute:
		return fmt.Sprintf("%d s", int(of.Seconds()))
	default:
		return span(of)
	}
}

func rating(m bridge.Measures) string {
	if m.Rated == 0 {
		return "–"
	}
	return strconv.FormatFloat(m.Rating(), 'f', 1, 64)
}
