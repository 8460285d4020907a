package store

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/skeindesk/skein/bridge"
)

// Report tells how it went; see bridge.ReportQuery. What has happened in the last seconds may be missing.
func (s *Store) Report(ctx context.Context, q bridge.ReportQuery) (bridge.Report, error) {
	h := s.read(ctx)
	var r bridge.Report
	zone, err := h.reportZone()
	if err != nil {
		return r, wrap("report", err)
	}
	days := daysOf(q, cmp.Or(zone, time.UTC))
	byValue := func(dimension string) ([]bridge.ReportPart, error) {
		return h.cells(`value`, days.in(dimension, string(q.Endpoint)))
	}
	all, err := byValue("all")
	if err != nil {
		return r, wrap("report", err)
	}
	if len(all) > 0 {
		r.All = all[0].Measures
	}
	if r.Agents, err = byValue("agent"); err != nil {
		return r, wrap("report by agent", err)
	}
	if r.Languages, err = byValue("language"); err != nil {
		return r, wrap("report by language", err)
	}
	if r.Days, err = h.cells(`cast(day AS TEXT)`, days.eachDay(string(q.Endpoint))); err != nil {
		return r, wrap("report by day", err)
	}
	for i, d := range r.Days {
		r.Days[i].Of = d.Of[:4] + "-" + d.Of[4:6] + "-" + d.Of[6:]
	}
	if r.Endpoints, err = h.endpoints(days, q.Endpoint); err != nil {
		return r, wrap("report by endpoint", err)
	}
	hours, err := byValue("hour")
	for _, p := range hours {
		if n, err := strconv.Atoi(p.Of); err == nil && n >= 0 && n < 7*24 {
			r.Hours[n/24][n%24] = p.Measures
		}
	}
	return r, wrap("report by hour", err)
}

// ReportZone is the zone by which Report counts days at present.
func (s *Store) ReportZone(ctx context.Context) (*time.Location, error) {
	zone, err := s.read(ctx).reportZone()
	return cmp.Or(zone, time.UTC), wrap("report", err)
}

// endpoints is a part for each endpoint, or for the one.
func (h handle) endpoints(days reportDays, only bridge.EndpointName) ([]bridge.ReportPart, error) {
	names := []bridge.EndpointName{only}
	if only == "" {
		err := h.all(&names, `WITH RECURSIVE each(name) AS (
				SELECT (SELECT min(endpoint) FROM report_cells WHERE dimension = 'all' AND endpoint > '')
				UNION ALL
				SELECT (SELECT min(c.endpoint) FROM report_cells c WHERE c.dimension = 'all' AND c.endpoint > each.name) FROM each WHERE each.name IS NOT NULL)
			SELECT name FROM each WHERE name IS NOT NULL`)
		if err != nil {
			return nil, err
		}
	}
	var parts []bridge.ReportPart
	for _, name := range names {
		found, err := h.cells(`value`, days.in("all", string(name)))
		if err != nil {
			return nil, err
		}
		for _, p := range found {
			p.Of = string(name)
			parts = append(parts, p)
		}
	}
	return parts, nil
}

// reportDays are the whole months and the days before and after them that a report is about, from one on, before another.
type reportDays struct{ from, months, monthsEnd, to int64 }

func daysOf(q bridge.ReportQuery, zone *time.Location) reportDays {
	from, to := q.From.In(zone), q.To.In(zone)
	d := reportDays{from: dayNumber(from), to: dayNumber(to)}
	first := time.Date(from.Year(), from.Month(), 1, 0, 0, 0, 0, zone)
	if from.Day() > 1 {
		first = first.AddDate(0, 1, 0)
	}
	d.months, d.monthsEnd = dayNumber(first), dayNumber(to)/100*100+1
	if d.months >= d.monthsEnd { // no whole month
		d.months, d.monthsEnd = d.to, d.to
	}
	return d
}

// in are the cells of one dimension at one endpoint, or of all endpoints together.
func (d reportDays) in(dimension, endpoint string) (t selection) {
	const cells = `SELECT * FROM report_cells WHERE dimension = ? AND endpoint = ? AND span = ? AND day >= ? AND day < ?`
	t.query = cells + ` UNION ALL ` + cells + ` UNION ALL ` + cells
	t.args = []any{
		dimension, endpoint, "day", d.from, d.months,
		dimension, endpoint, "month", d.months, d.monthsEnd,
		dimension, endpoint, "day", d.monthsEnd, d.to,
	}
	return t
}

// eachDay are the cells of all days.
func (d reportDays) eachDay(endpoint string) selection {
	return selection{
		`SELECT * FROM report_cells WHERE dimension = 'all' AND endpoint = ? AND span = 'day' AND day >= ? AND day < ?`,
		[]any{endpoint, d.from, d.to},
	}
}

// cells adds up cells by what an expression says of each.
func (h handle) cells(of string, from selection) ([]bridge.ReportPart, error) {
	var sums []string
	for _, c := range cellColumns {
		sums = append(sums, `cast(sum(`+c+`) AS BIGINT)`)
	}
	query := `SELECT ` + of + ` AS part, ` + strings.Join(sums, `, `) + ` FROM (` + from.query + `) AS cells GROUP BY ` + of
	var parts []bridge.ReportPart
	err := h.again(func() error {
		parts = nil
		rows, err := h.db.QueryxContext(h.ctx, h.db.Rebind(query), from.args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			p, err := scanPart(rows)
			if err != nil {
				return err
			}
			parts = append(parts, p)
		}
		return rows.Err()
	})
	slices.SortFunc(parts, func(a, b bridge.ReportPart) int { return cmp.Compare(a.Of, b.Of) })
	return parts, err
}

func scanPart(rows *sqlx.Rows) (p bridge.ReportPart, err error) {
	var c cell
	dest := []any{&p.Of}
	for i := range c {
		dest = append(dest, &c[i])
	}
	if err := rows.Scan(dest...); err != nil {
		return p, err
	}
	p.Measures = bridge.Measures{
		Opened: c[opened], VisitorLines: c[visitorLines], AgentLines: c[agentLines], RobotLines: c[robotLines],
		FirstAnswer: bridge.NewSpread([steps]int64(c[answerSteps:resolveSteps]), time.Duration(c[answerMillis])*time.Millisecond),
		Resolution:  bridge.NewSpread([steps]int64(c[resolveSteps:]), time.Duration(c[resolveMillis])*time.Millisecond),
		Rated:       c[rated], RatingSum: c[ratingSum],
	}
	return p, nil
}
