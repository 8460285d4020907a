package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// What a cell of a report counts, by the place of its column. After these come the steps of first answers and resolutions.
const (
	opened = iota
	visitorLines
	agentLines
	robotLines
	answerMillis
	resolveMillis
	rated
	ratingSum
	answerSteps
	resolveSteps = answerSteps + steps
	measures     = resolveSteps + steps
)

const steps = len(bridge.SpreadBounds) + 1

// cell is what is counted at one place of a report.
type cell [measures]int64

// cellKey is a place of a report.
type cellKey struct {
	dimension, endpoint, span string
	day                       int64
	value                     string
}

// A fold counts what happens in a conversation, entry by entry. It is kept with how far the conversation has been read, so
// that each entry counts once.
type fold struct {
	AskedAt    int64 `db:"asked_at"` // the first line; 0: none yet
	Answered   bool
	Since      int64 // when it began, or was opened again
	Closed     bool
	Rating     int64 // counted; 0: none
	RatedAt    int64 `db:"rated_at"`
	RatedAgent int64 `db:"rated_agent"`

	zone     *time.Location
	endpoint bridge.EndpointName
	language string
	cells    map[cellKey]*cell
}

// unreadEntry is what digesting needs of an entry.
type unreadEntry struct {
	Seq, Target int64
	Kind        bridge.EntryKind
	Audience    bridge.Audience
	ByKind      bridge.SpeakerKind `db:"by_kind"`
	ByID        int64              `db:"by_id"`
	State       bridge.State
	At          int64
}

// take counts an entry.
func (f *fold) take(en unreadEntry) {
	agent := int64(0)
	if en.ByKind == bridge.ByAgent {
		agent = en.ByID
	}
	switch {
	case en.Kind == bridge.Said && en.Audience == bridge.Everyone:
		f.line(en, agent)
	case en.Kind == bridge.Changed && en.State == bridge.StateClosed && !f.Closed:
		f.Closed = true
		f.count(en.At, agent, resolveMillis, en.At-f.Since)
		f.count(en.At, agent, resolveSteps+stepOf(en.At-f.Since), 1)
	case en.Kind == bridge.Changed && en.State != bridge.StateClosed && f.Closed:
		f.Closed, f.Since = false, en.At
	}
}

func (f *fold) line(en unreadEntry, agent int64) {
	switch en.ByKind {
	case bridge.ByVisitor:
		f.count(en.At, 0, visitorLines, 1)
		if f.AskedAt == 0 {
			f.AskedAt = en.At
		}
	case bridge.ByAgent:
		f.count(en.At, agent, agentLines, 1)
		if f.AskedAt != 0 && !f.Answered {
			f.count(en.At, agent, answerMillis, en.At-f.AskedAt)
			f.count(en.At, agent, answerSteps+stepOf(en.At-f.AskedAt), 1)
		}
		f.Answered = true
	case bridge.ByRobot:
		f.count(en.At, 0, robotLines, 1)
	case bridge.BySystem: // nobody has said anything
	}
}

// rate counts what the visitor has given last instead of what they gave before.
func (f *fold) rate(rating, at, agent int64) {
	if rating <= 0 || rating == f.Rating {
		return
	}
	if f.Rating != 0 {
		f.count(f.RatedAt, f.RatedAgent, rated, -1)
		f.count(f.RatedAt, f.RatedAgent, ratingSum, -f.Rating)
	}
	f.Rating, f.RatedAt, f.RatedAgent = rating, at, agent
	f.count(at, agent, rated, 1)
	f.count(at, agent, ratingSum, rating)
}

// stepOf is the step to which a duration in milliseconds belongs.
func stepOf(ms int64) int {
	for i, bound := range bridge.SpreadBounds {
		if ms <= bound.Milliseconds() {
			return i
		}
	}
	return len(bridge.SpreadBounds)
}

// count adds to a measure wherever it is shown; agent 0: not with an agent.
func (f *fold) count(at, agent int64, measure int, n int64) {
	when := time.UnixMilli(at).In(f.zone)
	day := dayNumber(when)
	places := [...]struct{ dimension, value string }{
		{"all", ""},
		{"hour", strconv.Itoa(24*int(when.Weekday()) + when.Hour())},
		{"language", f.language},
		{"agent", strconv.FormatInt(agent, 10)},
	}
	shown := places[:]
	if agent == 0 {
		shown = places[:3]
	}
	for _, p := range shown {
		for _, e := range [...]string{"", string(f.endpoint)} {
			f.add(cellKey{p.dimension, e, "day", day, p.value}, measure, n)
			f.add(cellKey{p.dimension, e, "month", day/100*100 + 1, p.value}, measure, n)
		}
	}
}

func (f *fold) add(k cellKey, measure int, n int64) {
	c := f.cells[k]
	if c == nil {
		c = &cell{}
		f.cells[k] = c
	}
	c[measure] += n
}

// dayNumber is a day as 20261126.
func dayNumber(t time.Time) int64 {
	y, m, d := t.Date()
	return int64(y)*10000 + int64(m)*100 + int64(d)
}

// fold counts what is new in a conversation.
func (h handle) fold(d *digest, zone *time.Location, entries []unreadEntry) error {
	var found []fold
	err := h.all(&found, `SELECT asked_at, answered, since, closed, rating, rated_at, rated_agent FROM report_folds WHERE conversation = ?`, d.ID)
	if err != nil {
		return err
	}
	language, _, _ := strings.Cut(strings.ToLower(d.Locale), "-")
	f := fold{Since: d.OpenedAt}
	if len(found) > 0 {
		f = found[0]
	}
	f.zone, f.endpoint, f.language, f.cells = zone, d.Endpoint, language, map[cellKey]*cell{}
	if len(found) == 0 {
		f.count(d.OpenedAt, 0, opened, 1)
	}
	for _, en := range entries {
		f.take(en)
	}
	f.rate(d.Rating, d.UpdatedAt, d.Owner)
	d.fold = &f
	return nil
}

// saveFolds writes what was counted of conversations.
func (h handle) saveFolds(digests []digest) error {
	sum := map[cellKey]*cell{}
	for i := range digests {
		f := digests[i].fold
		if f == nil {
			continue
		}
		_, err := h.exec(`INSERT INTO report_folds (conversation, asked_at, answered, since, closed, rating, rated_at, rated_agent)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (conversation) DO UPDATE SET asked_at = excluded.asked_at,
			answered = excluded.answered, since = excluded.since, closed = excluded.closed, rating = excluded.rating,
			rated_at = excluded.rated_at, rated_agent = excluded.rated_agent`,
			digests[i].ID, f.AskedAt, f.Answered, f.Since, f.Closed, f.Rating, f.RatedAt, f.RatedAgent)
		if err != nil {
			return fmt.Errorf("save what was counted: %w", err)
		}
		for k, c := range f.cells {
			if sum[k] == nil {
				sum[k] = &cell{}
			}
			for m, n := range c {
				sum[k][m] += n
			}
		}
	}
	return h.saveCells(sum)
}

// cellsAtOnce is how many cells are written by one statement, if there are so many.
const cellsAtOnce = 16

func (h handle) saveCells(cells map[cellKey]*cell) error {
	keys := make([]cellKey, 0, len(cells))
	for k := range cells {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b cellKey) int {
		return cmp.Or(cmp.Compare(a.dimension, b.dimension), cmp.Compare(a.endpoint, b.endpoint), cmp.Compare(a.span, b.span),
			cmp.Compare(a.day, b.day), cmp.Compare(a.value, b.value))
	})
	for len(keys) > 0 {
		n := 1
		if len(keys) >= cellsAtOnce {
			n = cellsAtOnce
		}
		var args []any
		for _, k := range keys[:n] {
			args = append(args, k.dimension, k.endpoint, k.span, k.day, k.value)
			for _, m := range cells[k] {
				args = append(args, m)
			}
		}
		if _, err := h.exec(addCells(n), args...); err != nil {
			return fmt.Errorf("save what was counted: %w", err)
		}
		keys = keys[n:]
	}
	return nil
}

// cellColumns are the columns of a cell, in the order of its measures.
var cellColumns = func() []string {
	names := []string{"opened", "visitor_lines", "agent_lines", "robot_lines", "answer_ms", "resolve_ms", "rated", "rating_sum"}
	for _, letter := range []string{"a", "r"} {
		for i := range steps {
			names = append(names, letter+strconv.Itoa(i))
		}
	}
	return names
}()

// addCells adds so many cells to those that there are.
func addCells(n int) string {
	one := `(?` + strings.Repeat(`, ?`, 4+measures) + `)`
	var sums []string
	for _, c := range cellColumns {
		sums = append(sums, c+` = report_cells.`+c+` + excluded.`+c)
	}
	return `INSERT INTO report_cells (dimension, endpoint, span, day, value, ` + strings.Join(cellColumns, `, `) + `)
		VALUES ` + one + strings.Repeat(`, `+one, n-1) + ` ON CONFLICT (dimension, endpoint, span, day, value) DO UPDATE SET ` + strings.Join(sums, `, `)
}

// reportZone is the zone by which days have been counted so far; nil: nothing has been counted.
func (h handle) reportZone() (*time.Location, error) {
	var name string
	if err := h.get(&name, `SELECT name FROM report_zone`); err != nil || name == "" {
		return nil, err
	}
	return time.LoadLocation(name)
}

// countAnew forgets what was counted, because days are counted by another zone now: it is all counted again.
func (s *Store) countAnew(ctx context.Context, zone *time.Location) error {
	return s.writer.write(ctx, whole, func(h handle) error {
		for _, text := range []string{
			`DELETE FROM report_cells`, `DELETE FROM report_folds`, `UPDATE digests SET seq = 0, updated_at = -1`, `UPDATE digested SET until = 0`,
		} {
			if _, err := h.exec(text); err != nil {
				return wrap("count anew", err)
			}
		}
		_, err := h.exec(`UPDATE report_zone SET name = ?`, zone.String())
		return wrap("count anew", err)
	})
}
