package store

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge"
)

const (
	// maxNarrow is how many conversations are looked at and sorted, when an index says that there are no more to choose from.
	maxNarrow = 2000
	// A walk goes along the order of the list, a few steps first, more and more, and at most so far at once: few of those
	// passed may be of the list.
	firstSteps = 256
	maxSteps   = 4096
	// walkTime is after which a page of a walk ends as it is.
	walkTime = 30 * time.Millisecond
)

// Conversations returns a page of the conversations that q asks for, guests' or colleagues'. It takes no longer on a large
// database than on a small one; see bridge.ConversationPage.
func (s *Store) Conversations(ctx context.Context, q bridge.ConversationQuery) (bridge.ConversationPage, error) {
	q.Limit = min(max(q.Limit, 1), bridge.MaxConversations)
	clean(&q)
	page, err := s.read(ctx).browse(q)
	return page, wrap("list conversations", err)
}

// Tallies counts guest conversations by state, of closed ones no more than most; see bridge.Tx.
func (s *Store) Tallies(ctx context.Context, most int) ([]bridge.Tally, error) {
	return s.read(ctx).tallies(most)
}

// terms are conditions that all have to hold, with their arguments.
type terms struct {
	sql  strings.Builder
	args []any
}

func (t *terms) and(sql string, args ...any) {
	if t.sql.Len() > 0 {
		t.sql.WriteString(" AND ")
	}
	t.sql.WriteString(sql)
	t.args = append(t.args, args...)
}

// ranking is an order of lists.
type ranking struct {
	of    string // what a conversation c has to be to be listed so at all
	place string // beyond a place: its moment twice, and its number
	order string
	first bridge.ConversationPlace // before all others
	at    func(c bridge.Conversation) time.Time
}

var (
	latestUsed = ranking{
		of: `c.id > 0`, place: `c.updated_at <= ? AND (c.updated_at, c.id) < (?, ?)`, order: `c.updated_at DESC, c.id DESC`,
		first: bridge.ConversationPlace{At: math.MaxInt64, ID: math.MaxInt64},
		at:    func(c bridge.Conversation) time.Time { return c.UpdatedAt },
	}
	longestWaiting = ranking{
		of: `c.state <> 'closed' AND c.waiting_since > 0`, place: `c.waiting_since >= ? AND (c.waiting_since, c.id) > (?, ?)`,
		order: `c.waiting_since, c.id`,
		first: bridge.ConversationPlace{Waiting: true, ID: math.MaxInt64},
		at:    func(c bridge.Conversation) time.Time { return c.WaitingSince },
	}
	latestUsedNotWaiting = ranking{
		of: `c.waiting_since = 0`, place: latestUsed.place, order: latestUsed.order, first: latestUsed.first, at: latestUsed.at,
	}
)

func (h handle) browse(q bridge.ConversationQuery) (page bridge.ConversationPage, err error) {
	orders := []ranking{latestUsed}
	if q.LongestWaiting {
		orders = []ranking{longestWaiting, latestUsedNotWaiting}
		if q.After != (bridge.ConversationPlace{}) && !q.After.Waiting {
			orders = orders[1:]
		}
	}
	for _, r := range orders {
		place := r.first
		if q.After.Waiting == r.first.Waiting && q.After.ID != 0 {
			place = q.After
		}
		rows, next, err := h.stretch(q, r, place, q.Limit-len(page.Rows))
		if err != nil {
			return bridge.ConversationPage{}, err
		}
		page.Rows = append(page.Rows, rows...)
		if page.Next = next; next.ID != 0 {
			break
		}
		if len(page.Rows) == q.Limit && r.first.Waiting {
			page.Next = latestUsed.first
			break
		}
	}
	return page, h.complete(page.Rows)
}

type browsedRow struct {
	conversationRow
	Profile  string
	Verified bool
	Locale   string
}

// stretch reads at most limit rows after a place in one order. next is zero when there are no more of this order.
func (h handle) stretch(q bridge.ConversationQuery, r ranking, place bridge.ConversationPlace, limit int) (
	rows []bridge.ConversationRow, next bridge.ConversationPlace, err error,
) {
	var asked terms
	ask(&asked, q)
	asked.and(r.of)
	if narrow, args, ok, err := h.narrow(q); err != nil || ok {
		if err != nil {
			return nil, next, err
		}
		asked.and(r.place, place.At, place.At, place.ID)
		rows, err := h.rows(`SELECT n.id FROM (`+narrow+`) AS n`, args, &asked, r, limit+1)
		if err == nil && len(rows) > limit {
			rows = rows[:limit]
			next = placeOf(rows[limit-1], r)
		}
		return rows, next, err
	}
	for begin, steps := time.Now(), firstSteps; ; steps = min(4*steps, maxSteps) {
		walk, args := along(q, r, place, steps)
		some, err := h.rows(`SELECT w.id FROM (`+walk+`) AS w`, args, &asked, r, limit+1-len(rows))
		if err != nil {
			return nil, next, err
		}
		if rows = append(rows, some...); len(rows) > limit {
			return rows[:limit], placeOf(rows[limit-1], r), nil
		}
		last, walked, err := h.end(walk, args, r)
		if err != nil || walked < steps {
			return rows, next, err
		}
		if place = last; time.Since(begin) > walkTime {
			return rows, place, nil
		}
	}
}

func placeOf(row bridge.ConversationRow, r ranking) bridge.ConversationPlace {
	return bridge.ConversationPlace{Waiting: r.first.Waiting, At: milli(r.at(row.Conversation)), ID: row.Conversation.ID}
}

// rows reads those of the conversations among ids, in their order, that are asked for.
func (h handle) rows(ids string, args []any, asked *terms, r ranking, limit int) ([]bridge.ConversationRow, error) {
	args = append(append(args[:len(args):len(args)], asked.args...), limit)
	var found []browsedRow
	err := h.all(&found, `SELECT `+conversationColumns+`, coalesce(v.profile, '') AS profile, coalesce(v.verified, false) AS verified,
			coalesce(v.locale, '') AS locale
		FROM conversations c LEFT JOIN visitors v ON v.id = c.visitor
		WHERE c.id IN (SELECT c.id FROM conversations c WHERE c.id IN (`+ids+`) AND `+asked.sql.String()+`
			ORDER BY `+r.order+` LIMIT ?) ORDER BY `+r.order, args...)
	if err != nil {
		return nil, err
	}
	rows := make([]bridge.ConversationRow, len(found))
	for i, f := range found {
		var profile bridge.Profile
		if err := decode(f.Profile, &profile); err != nil {
			return nil, fmt.Errorf("profile of visitor %d: %w", f.Visitor, err)
		}
		rows[i] = bridge.ConversationRow{
			Listed:   bridge.Listed{Conversation: f.conversation(), Visitor: profile.Name, Threads: map[bridge.EndpointName]bridge.ThreadRef{}},
			Verified: f.Verified, Language: f.Locale,
		}
	}
	return rows, nil
}

// end is the last place of a walk and how many steps it had.
func (h handle) end(walk string, args []any, r ranking) (last bridge.ConversationPlace, walked int, err error) {
	turned := `at, id`
	if r.first.Waiting {
		turned = `at DESC, id DESC`
	}
	var rows []struct {
		ID     bridge.ConversationID
		At     int64
		Walked int
	}
	err = h.all(&rows, `SELECT id, at, count(*) OVER () AS walked FROM (`+walk+`) AS w ORDER BY `+turned+` LIMIT 1`, args...)
	if err != nil || len(rows) == 0 {
		return last, 0, err
	}
	return bridge.ConversationPlace{Waiting: r.first.Waiting, At: rows[0].At, ID: rows[0].ID}, rows[0].Walked, nil
}

// clean takes from a query what no database has.
func clean(q *bridge.ConversationQuery) {
	q.Tag, q.Language, q.Endpoint = printable(q.Tag), printable(q.Language), bridge.EndpointName(printable(string(q.Endpoint)))
}

// ask writes down what is asked of a conversation c.
func ask(t *terms, q bridge.ConversationQuery) {
	kind := q.Kind
	if kind == "" {
		kind = bridge.Guest
	}
	t.and(`c.kind = ?`, kind)
	if len(q.States) > 0 {
		marks, args := list(q.States)
		t.and(`c.state IN (`+marks+`)`, args...)
	}
	if q.Endpoint != "" {
		t.and(`c.endpoint = ?`, q.Endpoint)
	}
	if q.Owner != 0 {
		t.and(`c.owner = ?`, q.Owner)
	}
	if q.Unowned {
		t.and(`c.owner = 0`)
	}
	if q.Tag != "" {
		t.and(`EXISTS (SELECT 1 FROM conversation_tags t WHERE t.tag = ? AND t.conversation = c.id)`, q.Tag)
	}
	if q.Language != "" {
		t.and(`EXISTS (SELECT 1 FROM visitors s WHERE s.id = c.visitor AND s.locale <> '' AND `+spoken+` = ?)`, spokenKey(q.Language))
	}
	if q.Visitor != 0 {
		t.and(`c.visitor = ?`, q.Visitor)
	}
	for _, limit := range []struct {
		sql string
		at  time.Time
	}{
		{`c.opened_at >= ?`, q.OpenedFrom},
		{`c.opened_at < ?`, q.OpenedTo},
		{`c.updated_at >= ?`, q.UpdatedFrom},
		{`c.updated_at < ?`, q.UpdatedTo},
	} {
		if !limit.at.IsZero() {
			t.and(limit.sql, milli(limit.at))
		}
	}
}

// spoken is the first part of a visitor s's language, three characters long, as an index has it.
const spoken = `substr(replace(lower(s.locale) || '-', '-', '   '), 1, 3)`

func spokenKey(language string) string {
	base, _, _ := strings.Cut(strings.ToLower(language), "-")
	return string([]rune(base + "   ")[:3])
}
