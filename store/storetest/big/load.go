package big

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strings"

	_ "github.com/lib/pq"  // the driver
	_ "modernc.org/sqlite" // the driver
)

// atOnce is how many rows are written by one statement.
const atOnce = 50

func fillSQLite(ctx context.Context, path string, size Size) error {
	db, err := sql.Open("sqlite", "file:"+path+"?"+url.Values{"_pragma": {
		"journal_mode(OFF)", "synchronous(OFF)", "foreign_keys(OFF)", "cache_size(-200000)",
	}}.Encode())
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	err = without(ctx, db,
		`SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ('entries', 'conversations', 'lanes', 'visitors', 'receipts')`,
		`SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ('entries', 'conversations', 'lanes', 'visitors', 'receipts')`,
		func() error {
			if _, err := db.ExecContext(ctx, "BEGIN"); err != nil {
				return err
			}
			s := &statements{ctx: ctx, db: db, pending: map[string][]any{}, prepared: map[string]*sql.Stmt{}}
			g, err := newGenerator(size, s)
			if err != nil {
				return err
			}
			if err := g.run(); err != nil {
				return err
			}
			for table := range s.pending {
				if err := s.flush(table); err != nil {
					return err
				}
			}
			_, err = db.ExecContext(ctx, "COMMIT")
			return err
		})
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "PRAGMA journal_mode = WAL")
	return err
}

// statements write many rows by one prepared statement.
type statements struct {
	ctx      context.Context
	db       *sql.DB
	pending  map[string][]any
	prepared map[string]*sql.Stmt
}

func (s *statements) row(table string, values ...any) error {
	s.pending[table] = append(s.pending[table], values...)
	if len(s.pending[table]) == atOnce*len(values) {
		return s.flush(table)
	}
	return nil
}

func (s *statements) flush(table string) error {
	values := s.pending[table]
	if len(values) == 0 {
		return nil
	}
	width := strings.Count(columns[table], ",") + 1
	one := "(?" + strings.Repeat(", ?", width-1) + ")"
	text := fmt.Sprintf("INSERT INTO %s (%s) VALUES %s%s", table, columns[table], one, strings.Repeat(", "+one, len(values)/width-1))
	stmt := s.prepared[text]
	if stmt == nil {
		var err error
		if stmt, err = s.db.PrepareContext(s.ctx, text); err != nil {
			return err
		}
		s.prepared[text] = stmt
	}
	_, err := stmt.ExecContext(s.ctx, values...)
	s.pending[table] = values[:0]
	return err
}

func fillPostgres(ctx context.Context, database string, size Size) error {
	db, err := sql.Open("postgres", database)
	if err != nil {
		return err
	}
	defer db.Close()
	const indexes = `FROM pg_indexes WHERE schemaname = current_schema() AND tablename IN ('entries', 'conversations', 'lanes', 'visitors', 'receipts')
		AND indexname NOT IN (SELECT conname FROM pg_constraint)`
	err = without(ctx, db, `SELECT indexname `+indexes, `SELECT indexdef `+indexes, func() error { return copyAll(ctx, db, size) })
	if err != nil {
		return err
	}
	for _, table := range []string{"agents", "visitors", "conversations"} {
		_, err := db.ExecContext(ctx, fmt.Sprintf(`SELECT setval(pg_get_serial_sequence('%s', 'id'), (SELECT max(id) FROM %s))`, table, table))
		if err != nil {
			return err
		}
	}
	_, err = db.ExecContext(ctx, "VACUUM ANALYZE")
	return err
}

// copyAll copies entries as they are made, and the rest, which is little, after them.
func copyAll(ctx context.Context, db *sql.DB, size Size) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()                                                           // after a commit it does nothing
	if _, err := tx.ExecContext(ctx, `SET LOCAL session_replication_role = replica`); err != nil { // no look-up of what each row refers to
		return err
	}
	c := &copying{rest: map[string][][]any{}}
	err = c.copy(ctx, tx, "entries", func() error {
		g, err := newGenerator(size, c)
		if err != nil {
			return err
		}
		return g.run()
	})
	if err != nil {
		return err
	}
	for table, rows := range c.rest {
		err := c.copy(ctx, tx, table, func() error {
			for _, values := range rows {
				if err := c.row(table, values...); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return tx.Commit()
}

// copying copies the rows of one table, and keeps those of others.
type copying struct {
	table string
	take  func(values []any) error
	rest  map[string][][]any
}

func (c *copying) copy(ctx context.Context, tx *sql.Tx, table string, rows func() error) error {
	stmt, err := tx.PrepareContext(ctx, fmt.Sprintf("COPY %s (%s) FROM STDIN", table, columns[table]))
	if err != nil {
		return err
	}
	c.table = table
	c.take = func(values []any) error {
		_, err := stmt.ExecContext(ctx, values...)
		return err
	}
	if err := rows(); err != nil {
		return fmt.Errorf("%s: %w", table, err)
	}
	if _, err := stmt.ExecContext(ctx); err != nil { // the end of it
		return fmt.Errorf("%s: %w", table, err)
	}
	return stmt.Close()
}

func (c *copying) row(table string, values ...any) error {
	if table == c.table {
		return c.take(values)
	}
	c.rest[table] = append(c.rest[table], values)
	return nil
}
