package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/skeindesk/skein/store/pgtest"
	"github.com/skeindesk/skein/store/storetest/big"
)

// TestNoPageScansATableOnPostgres asks PostgreSQL how it would carry out each statement that the workbench's pages need, with
// tables that are not empty: forbidden to read a whole table, it does so only where no index would help.
func TestNoPageScansATableOnPostgres(t *testing.T) {
	address := pgtest.Database(t, func(address string) error {
		s, err := Open(context.Background(), address, Options{})
		if err != nil {
			return err
		}
		return errors.Join(s.Migrate(context.Background()), s.Close())
	})
	if err := big.Fill(t.Context(), address, big.Size{Conversations: 400, Entries: 6000}); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), address, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	readEverything(t, s)
	texts := statements(t, s.readers)
	conn, err := s.readers.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, setting := range []string{"SET enable_seqscan = off", "SET plan_cache_mode = force_generic_plan"} {
		if _, err := conn.ExecContext(t.Context(), setting); err != nil {
			t.Fatal(err)
		}
	}
	looked := 0
	for _, text := range texts {
		if !strings.HasPrefix(text, "SELECT") && !strings.HasPrefix(text, "WITH") {
			continue
		}
		looked++
		name := fmt.Sprint("looked_at_", looked)
		if _, err := conn.ExecContext(t.Context(), "PREPARE "+name+" AS "+text); err != nil {
			t.Fatalf("%v\n\tin %s", err, text)
		}
		execute := "EXPLAIN EXECUTE " + name
		if n := strings.Count(text, "$"); n > 0 {
			execute += "(NULL" + strings.Repeat(", NULL", n-1) + ")"
		}
		rows, err := conn.QueryContext(t.Context(), execute)
		if err != nil {
			t.Fatalf("%v\n\tin %s", err, text)
		}
		for rows.Next() {
			var step string
			if err := rows.Scan(&step); err != nil {
				t.Fatal(err)
			}
			// What has one row, and what has changed and has not been read yet.
			small := strings.Contains(step, "on digested") || strings.Contains(step, "on report_zone") || strings.Contains(step, "on undigested")
			if strings.Contains(step, "Seq Scan") && !small {
				t.Errorf("%s\n\tin %s", strings.TrimSpace(step), text)
			}
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Fatal(err)
		}
	}
	if looked < 12 {
		t.Errorf("only %d statements were looked at", looked)
	}
}
