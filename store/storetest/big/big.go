// Package big fills a database with as many conversations as a large team has in a year, for tests and measurements. It writes
// rows as the store does, but all at once and past it.
package big

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// Size says how much to make. Entries is about how many.
type Size struct {
	Conversations, Entries int
	Now                    time.Time // the newest conversation is of then, the oldest of a year before
}

// agents is how many there are.
const agents = 20

// generator makes the rows.
type generator struct {
	Size
	random *rand.Rand
	sink   sink
	before string // what a body consists of before and after its text
	after  string
}

// sink takes rows, table by table in the order of their columns.
type sink interface {
	row(table string, values ...any) error
}

// columns are those of the tables that are filled; others have their defaults.
var columns = map[string]string{
	"agents":            "id, name, avatar, rank",
	"visitors":          "id, endpoint, key, verified, profile, page, locale, seen_at, device, email",
	"conversations":     "id, kind, state, endpoint, visitor, owner, last_seq, opened_at, updated_at, joined, lanes_changed, closed_at, waiting_since, tags, rating",
	"conversation_tags": "tag, conversation",
	"lanes":             "conversation, endpoint, role, reads, thread, reopened, cursor, head, part, intent, intent_at, attempt, next_at, epoch, lease_until",
	"entries":           "conversation, seq, kind, audience, by_kind, by_id, by_name, by_avatar, endpoint, key, message, target, body, files, state, at, not_before, offers",
	"receipts":          "conversation, endpoint, seq, part, version, message, status, public, at",
}

func newGenerator(size Size, s sink) (*generator, error) {
	body, err := json.Marshal(rich.Of("TEXT"))
	if err != nil {
		return nil, err
	}
	before, after, _ := strings.Cut(string(body), `"TEXT"`)
	return &generator{Size: size, random: rand.New(rand.NewPCG(5, 2026)), sink: s, before: before, after: after}, nil
}

func (g *generator) run() error {
	for i := 1; i <= agents; i++ {
		rank := "agent"
		if i == 1 {
			rank = "owner"
		}
		if err := g.sink.row("agents", i, tongues[0].names[i-1], "", rank); err != nil {
			return err
		}
	}
	visitors := max(g.Conversations*4/5, 1)
	tongueOf := make([]*tongue, visitors+1)
	nameOf := make([]string, visitors+1)
	for i := 1; i <= visitors; i++ {
		var err error
		if tongueOf[i], nameOf[i], err = g.visitor(i); err != nil {
			return err
		}
	}
	for i := 1; i <= g.Conversations; i++ {
		v := 1 + g.random.IntN(visitors)
		if err := g.conversation(i, v, tongueOf[v], nameOf[v]); err != nil {
			return err
		}
	}
	return nil
}

func (g *generator) visitor(i int) (*tongue, string, error) {
	t := g.tongue()
	name := pick(g.random, t.names) + " " + pick(g.random, t.names)
	email := fmt.Sprintf("visitor%d@example.%s", i, []string{"com", "org", "net"}[i%3])
	profile, err := json.Marshal(bridge.Profile{Name: name, Email: email, Attributes: map[string]string{
		"plan": []string{"free", "silver", "gold"}[g.random.IntN(3)], "customer": fmt.Sprint("C-", 100000+i),
	}})
	if err != nil {
		return nil, "", err
	}
	endpoint := []string{"shop", "shop", "shop", "shop-telegram"}[g.random.IntN(4)]
	return t, name, g.sink.row("visitors", i, endpoint, fmt.Sprint("v", i), i%3 == 0, string(profile), "{}", t.locale, g.Now.UnixMilli(), "Firefox on Android", email)
}

// conversation makes one with its log. All but few are closed.
func (g *generator) conversation(i, visitor int, t *tongue, name string) error {
	r := g.random
	opened := g.Now.Add(-time.Duration(float64(365*24*time.Hour) * float64(g.Conversations-i) / float64(g.Conversations)))
	l := log{g: g, id: i, visitor: visitor, owner: 1 + r.IntN(agents), tongue: t, name: name, at: opened.UnixMilli()}
	state := "closed"
	switch n := r.IntN(1000); {
	case i < g.Conversations*9/10:
	case n < 60:
		state = "assigned"
	case n < 90:
		state, l.owner = "unassigned", 0
	case n < 110:
		state, l.owner = "robot", 0
	}
	least := max(g.Entries/g.Conversations, 4)
	lines := 2 + int(float64(least-2)*(0.4+0.6*r.ExpFloat64()))
	if err := l.write(min(lines, 40*least), state); err != nil {
		return err
	}
	rating, tags := 0, ""
	if r.IntN(5) == 0 {
		rating = 1 + r.IntN(5)
	}
	if n := r.IntN(100); n < 30 {
		tag := fmt.Sprint("tag", r.IntN(40))
		if n == 0 {
			tag = "vip"
		}
		tags = `["` + tag + `"]`
		if err := g.sink.row("conversation_tags", tag, i); err != nil {
			return err
		}
	}
	closed, waiting := int64(0), int64(0)
	if state == "closed" {
		closed = l.at
	} else if r.IntN(2) == 0 {
		waiting = l.at
	}
	err := g.sink.row("conversations", i, "guest", state, "shop", visitor, l.owner, l.seq, opened.UnixMilli(), l.at, 0, 0, closed, waiting, tags, rating)
	if err != nil {
		return err
	}
	if err := g.sink.row("lanes", i, "shop", "visitor", true, fmt.Sprint("t", i), 0, l.seq, l.seq, 0, "", 0, 0, 0, 0, 0); err != nil {
		return err
	}
	return g.sink.row("lanes", i, "slack", "team", false, fmt.Sprint("C1:", i), 0, l.seq, l.seq, 0, "", 0, 0, 0, 0, 0)
}

// log is one conversation's.
type log struct {
	g       *generator
	id      int
	visitor int
	owner   int
	tongue  *tongue
	name    string
	seq     int
	at      int64
}

// write makes a log of about so many lines: questions and answers, with a note or an edit now and then.
func (l *log) write(lines int, state string) error {
	r := l.g.random
	if err := l.entry("said", "everyone", "visitor", 0, l.g.say(l.tongue, l.tongue.visitors), ""); err != nil {
		return err
	}
	l.at += int64(20_000 * r.ExpFloat64() * 10)
	if l.owner != 0 {
		if err := l.entry("state", "agents", "agent", 0, "", "assigned"); err != nil {
			return err
		}
	}
	for l.seq < lines {
		var err error
		switch n := r.IntN(100); {
		case n < 5:
			err = l.entry("noted", "agents", "agent", 0, "asked the warehouse: "+l.g.say(&tongues[0], tongues[0].agents), "")
		case n < 7:
			err = l.entry("edited", "everyone", "visitor", 1, l.g.say(l.tongue, l.tongue.visitors), "")
		case n < 52 && l.owner != 0:
			err = l.entry("said", "everyone", "agent", 0, l.g.say(l.tongue, l.tongue.agents), "")
		default:
			err = l.entry("said", "everyone", "visitor", 0, l.g.say(l.tongue, l.tongue.visitors), "")
		}
		if err != nil {
			return err
		}
		l.at += int64(60_000 * r.ExpFloat64())
	}
	if state == "closed" {
		return l.entry("state", "everyone", "agent", 0, "", "closed")
	}
	return nil
}

func (l *log) entry(kind, audience, by string, target int, text, state string) error {
	l.seq++
	body := ""
	if text != "" {
		quoted, err := json.Marshal(text)
		if err != nil {
			return err
		}
		body = l.g.before + string(quoted) + l.g.after
	}
	id, name, endpoint, key, message := l.visitor, l.name, "shop", fmt.Sprintf("%d.%d", l.id, l.seq), ""
	if by == "agent" {
		id, name, endpoint = l.owner, tongues[0].names[max(l.owner-1, 0)], "slack"
		message = key
	}
	if l.id > l.g.Conversations*19/20 && by == "visitor" && kind == "said" {
		if err := l.g.sink.row("receipts", l.id, "slack", l.seq, 0, 0, "m"+key, "sent", "", l.at+300); err != nil {
			return err
		}
	}
	return l.g.sink.row("entries", l.id, l.seq, kind, audience, by, id, name, "", endpoint, key, message, target, body, "", state, l.at, 0, "")
}

// Fill fills a database that has been migrated and is empty: "sqlite:PATH" or "postgres://…".
func Fill(ctx context.Context, database string, size Size) error {
	if size.Now.IsZero() {
		size.Now = time.Now()
	}
	driver, address, _ := strings.Cut(database, ":")
	open := fillSQLite
	if driver != "sqlite" {
		open, address = fillPostgres, database
	}
	if err := open(ctx, address, size); err != nil {
		return fmt.Errorf("fill a database: %w", err)
	}
	return nil
}

// without runs fill while there are no indexes but those of keys, and makes them again.
func without(ctx context.Context, db *sql.DB, names, definitions string, fill func() error) error {
	read := func(query string) (all []string, err error) {
		rows, err := db.QueryContext(ctx, query)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				return nil, err
			}
			all = append(all, s)
		}
		return all, rows.Err()
	}
	drop, err := read(names)
	if err != nil {
		return err
	}
	create, err := read(definitions)
	if err != nil {
		return err
	}
	for _, name := range drop {
		if _, err := db.ExecContext(ctx, "DROP INDEX "+name); err != nil {
			return err
		}
	}
	if err := fill(); err != nil {
		return err
	}
	for _, text := range create {
		if _, err := db.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	return nil
}
