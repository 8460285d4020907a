package store

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// TestNoStatementScansATable asks SQLite how it carries out each statement that the connections have prepared, after
// everything that happens often has happened once.
func TestNoStatementScansATable(t *testing.T) {
	s, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "skein.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	doEverything(t, s)
	texts := statementsOf(t, s)
	if len(texts) < 25 {
		t.Errorf("only %d statements were looked at", len(texts))
	}
	for text := range texts {
		for _, step := range plan(t, s.readers, text) {
			// A partial index holds only what is due, the one conversation of colleagues, or what is read no further than asked
			// for.
			scans := strings.HasPrefix(step, "SCAN") && !strings.Contains(step, "INDEX lanes_due") &&
				!strings.Contains(step, "INDEX conversations_colleagues") && !strings.Contains(step, "INDEX conversations_closed") &&
				step != "SCAN said" && step != "SCAN closed" && step != "SCAN due" && step != "SCAN here" && step != "SCAN c" && step != "SCAN chain" && step != "SCAN CONSTANT ROW"
			if scans {
				t.Errorf("%s\n\tin %s", step, text)
			}
		}
	}
}

func doEverything(t *testing.T, s *Store) {
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var c bridge.Conversation
	must(s.Change(ctx, func(tx bridge.Tx) (err error) {
		v, err := tx.SaveVisitor(bridge.Visitor{Endpoint: "shop", Key: "v"})
		must(err)
		_, err = tx.SaveVisitor(v)
		must(err)
		_, err = tx.VisitorByKey("shop", "v")
		must(err)
		for range 2 {
			_, err = tx.JoinAgent("slack", bridge.Person{ID: "U1"})
			must(err)
		}
		c, err = tx.OpenConversation(bridge.Conversation{Kind: bridge.Guest, Endpoint: "shop", Visitor: v.ID}, []bridge.Lane{
			{Endpoint: "shop", Role: bridge.RoleVisitor, Reads: true, Thread: "t"}, {Endpoint: "slack", Role: bridge.RoleTeam},
		})
		return err
	}))
	en := bridge.Entry{
		Conversation: c.ID, Kind: bridge.Said, Audience: bridge.Everyone, By: bridge.Speaker{Kind: bridge.ByVisitor},
		Origin: bridge.Origin{Endpoint: "shop", Key: "k", Message: "m"}, Files: []bridge.File{{ID: "f"}}, At: time.Now(),
	}
	must(s.Change(ctx, func(tx bridge.Tx) error {
		_, _, err := tx.ConversationByThread("shop", "t")
		must(err)
		_, _, err = tx.ConversationByThreadFor("shop", "t", "U1")
		must(err)
		_, err = tx.Append(en)
		must(err)
		_, err = tx.EntryByMessage("shop", "m")
		must(err)
		en.Origin.Key = "k2"
		_, err = tx.Append(en)
		must(err)
		return tx.UpdateConversation(c)
	}))
	must(s.Change(ctx, func(tx bridge.Tx) error {
		for _, state := range []bridge.State{bridge.StateAssigned, bridge.StateClosed} {
			_, err := tx.List(bridge.ListQuery{States: []bridge.State{state}, LongestWaiting: true, Limit: 3})
			must(err)
		}
		_, err := tx.Tallies(10)
		return err
	}))
	colleagues(t, s)
	lanes, err := s.Claim(ctx, []bridge.EndpointName{"slack", "discord"}, nil, time.Minute, 5)
	must(err)
	l := lanes[0]
	_, _, err = s.Next(ctx, l)
	must(err)
	must(s.Intend(ctx, l, "key", time.Minute))
	must(s.Extend(ctx, l, time.Minute))
	l, err = s.Settle(ctx, l, bridge.Settlement{
		Cursor: 1, Receipt: &bridge.Receipt{Seq: 1, Status: bridge.ReceiptSent},
		Forget: []bridge.Landed{{Part: 7, Message: "x"}},
	})
	must(err)
	must(s.Defer(ctx, l, 0, true))
	_, err = s.Claim(ctx, []bridge.EndpointName{"slack", "discord"}, []bridge.ConversationID{c.ID}, time.Minute, 5)
	must(err)
	must(s.Pause(ctx, "slack", 0))
	_, err = s.Hold(ctx, "slack", "me", 0)
	must(err)
	must(s.Yield(ctx, "slack", "me"))
	_, err = s.OpenThreads(ctx, "shop", time.Time{})
	must(err)
	_, err = s.OpenThread(ctx, c.ID, "shop")
	must(err)
	_, err = s.MessagesFrom(ctx, c.ID, "shop", time.Time{})
	must(err)
	must(s.SaveFile(ctx, bridge.StoredFile{File: bridge.File{ID: "g"}}))
	_, err = s.FileByID(ctx, "g")
	must(err)
	_, err = s.FilesElsewhere(ctx, time.Time{}, 5)
	must(err)
	_, err = s.DisposeFiles(ctx, 0, 5)
	must(err)
	must(s.FileDisposed(ctx, "g"))
	_, err = s.ConversationAt(ctx, "shop", "t")
	must(err)
	_, err = s.EntryByKey(ctx, "shop", "k")
	must(err)
	_, _, err = s.Visible(ctx, c.ID, "shop", bridge.RoleVisitor, 0, 50)
	must(err)
	_, err = s.VisibleBefore(ctx, c.ID, "shop", bridge.RoleVisitor, 50, 50)
	must(err)
	must(s.Seen(ctx, c.ID, "shop", 1))
	_, err = s.SeenUpTo(ctx, c.ID, "shop")
	must(err)
	_, err = s.Visitor(ctx, "shop", "v")
	must(err)
	_, err = s.Secret(ctx, "x")
	must(err)
	_, err = s.Unanswered(ctx, time.Hour, 10)
	must(err)
	_, err = s.ThoughtsOf(ctx, c.ID)
	must(err)
	_, err = s.LaneStats(ctx)
	must(err)
}

// colleagues does everything that only colleague conversations need.
func colleagues(t *testing.T, s *Store) {
	t.Helper()
	var c bridge.Conversation
	err := s.Change(t.Context(), func(tx bridge.Tx) (err error) {
		if err = tx.Gather([]bridge.Lane{{Endpoint: "near", Role: bridge.RoleTeam, Thread: "C"}, {Endpoint: "far", Role: bridge.RoleTeam, Thread: "C"}}); err != nil {
			return err
		}
		if c, _, err = tx.ConversationByThread("near", "C"); err != nil {
			return err
		}
		if _, _, err = tx.Sending(c.ID, "near"); err != nil {
			return err
		}
		for _, has := range []bool{true, false} {
			en := bridge.Entry{
				Conversation: c.ID, Kind: bridge.Said, Audience: bridge.AgentsOnly, By: bridge.Speaker{Kind: bridge.ByAgent}, Target: 1,
				Origin: bridge.Origin{Endpoint: "far", Key: fmt.Sprint(has)},
				Body:   rich.Doc{{Kind: rich.Paragraph, Children: []rich.Node{{Kind: rich.Mention, Text: "x", Info: "x"}}}},
			}
			if en, err = tx.Append(en); err != nil {
				return err
			}
			if _, err = tx.React(bridge.Reaction{Conversation: c.ID, Target: en.Seq, Emoji: "x", Endpoint: "far", Person: "x"}, has); err != nil {
				return err
			}
			en.Kind, en.Origin.Key = bridge.Reacted, en.Origin.Key+"r"
			if _, err = tx.Append(en); err != nil {
				return err
			}
		}
		return tx.Gather([]bridge.Lane{{Endpoint: "near", Role: bridge.RoleTeam, Thread: "C"}})
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, cursor := range []int64{0, 1} {
		if _, _, err := s.Next(t.Context(), bridge.Lane{Conversation: c.ID, Endpoint: "near", Role: bridge.RoleTeam, Cursor: cursor, Head: 4}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Link(t.Context(), 1, "near", "x"); err != nil {
		t.Fatal(err)
	}
}

// statements are the texts that one connection of the pool has prepared; readers use them evenly enough.
func statements(t *testing.T, db *sqlx.DB) (texts []string) {
	t.Helper()
	for range db.Stats().OpenConnections {
		conn, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close() // held until all have been looked at
		if err := conn.Raw(func(c any) error {
			for text := range c.(*preparedConn).known {
				texts = append(texts, text)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	return texts
}

func plan(t *testing.T, db *sqlx.DB, text string) (steps []string) {
	t.Helper()
	args := make([]any, strings.Count(text, "?"))
	rows, err := db.QueryContext(context.Background(), "EXPLAIN QUERY PLAN "+text, args...)
	if err != nil {
		t.Fatalf("%v\n\tin %s", err, text)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused sql.NullInt64
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}
