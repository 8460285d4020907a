package store

import (
	"fmt"
	"strings"
	"testing"

	"github.com/skeindesk/skein/bridge"
)

// RawGroupCommit returns the barest durable insert: one row, through the same group commit.
func RawGroupCommit(b *testing.B, address string) func(v, n int) error {
	s, err := Open(b.Context(), address, Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	write := func(query string, args ...any) error {
		return s.writer.write(b.Context(), whole, func(h handle) error {
			_, err := h.exec(query, args...)
			return err
		})
	}
	if err := write(`CREATE TABLE IF NOT EXISTS raw (id INTEGER PRIMARY KEY, visitor BIGINT, text TEXT)`); err != nil {
		b.Fatal(err)
	}
	return func(v, n int) error {
		return write(`INSERT INTO raw (visitor, text) VALUES (?, ?)`, v, "Hello, where is my order? I bought it two weeks ago.")
	}
}

// Hint is hint.
type Hint = hint

// NewHint returns a hint of a conversation, about one thing or another.
func NewHint(c bridge.ConversationID, n int) Hint {
	return Hint{c, []topic{ofChange, ofTyping, ofSettings}[n%3]}
}

// Payloads is payloads.
func Payloads(instance string, hints []Hint) []string { return payloads(instance, hints) }

// HintsOf reads a payload as this instance.
func HintsOf(instance, payload string) []Hint {
	return (&Notifier{instance: instance}).hintsOf(payload)
}

// RawRow returns the barest durable insert on PostgreSQL: one prepared row, one commit.
func RawRow(b *testing.B, address string) func(v, n int) error {
	s, err := Open(b.Context(), address, Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	write := func(query string, args ...any) error {
		return s.writer.write(b.Context(), single, func(h handle) error {
			_, err := h.exec(query, args...)
			return err
		})
	}
	if err := write(`CREATE TABLE IF NOT EXISTS raw (id BIGSERIAL PRIMARY KEY, visitor BIGINT, text TEXT)`); err != nil {
		b.Fatal(err)
	}
	return func(v, n int) error {
		return write(`INSERT INTO raw (visitor, text) VALUES (?, ?)`, v, "Hello, where is my order? I bought it two weeks ago.")
	}
}

// Dump is every row of every table, a line each, but for those in which FTS5 keeps its index of words.
func Dump(t *testing.T, s *Store) string {
	t.Helper()
	h := s.read(t.Context())
	var tables []string
	query := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'document\_words%' ESCAPE '\'`
	if s.dialect == onPostgres {
		query = `SELECT tablename FROM pg_tables WHERE schemaname = current_schema()`
	}
	if err := h.all(&tables, query); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, table := range tables {
		rows, err := s.readers.QueryxContext(t.Context(), `SELECT * FROM `+table)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			values, err := rows.SliceScan()
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "%s:", table)
			for _, v := range values {
				if text, ok := v.([]byte); ok {
					v = string(text)
				}
				fmt.Fprintf(&b, " %v", v)
			}
			b.WriteByte('\n')
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		rows.Close()
	}
	return b.String()
}

// TablesWith are the tables that have one of the columns, by name, on SQLite.
func TablesWith(t *testing.T, s *Store, columns ...string) (tables []string) {
	t.Helper()
	marks, args := list(columns)
	err := s.read(t.Context()).all(&tables, `SELECT DISTINCT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND c.name IN (`+marks+`) ORDER BY m.name`, args...)
	if err != nil {
		t.Fatal(err)
	}
	return tables
}
