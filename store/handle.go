package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/skeindesk/skein/bridge"
)

// handle is where statements run: the pool, each by itself, or one transaction.
type handle struct {
	ctx     context.Context
	db      sqlx.ExtContext
	dialect dialect
	reading bool // a statement that finds its connection broken is run again
}

// exec runs a statement and returns how many rows it changed.
func (h handle) exec(query string, args ...any) (int64, error) {
	res, err := h.db.ExecContext(h.ctx, h.db.Rebind(query), args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// get reads the first row into dest; bridge.ErrNotFound when there is none.
func (h handle) get(dest any, query string, args ...any) error {
	err := h.again(func() error { return sqlx.GetContext(h.ctx, h.db, dest, h.db.Rebind(query), args...) })
	if errors.Is(err, sql.ErrNoRows) {
		return bridge.ErrNotFound
	}
	return err
}

// all reads every row into the slice that dest points to.
func (h handle) all(dest any, query string, args ...any) error {
	return h.again(func() error {
		reflect.ValueOf(dest).Elem().SetZero() // of a run that broke off
		return sqlx.SelectContext(h.ctx, h.db, dest, h.db.Rebind(query), args...)
	})
}

// again runs a read until it has found a connection that the server has not closed, as it closes all of them when it
// restarts.
func (h handle) again(read func() error) error {
	err := read()
	for run := 1; h.reading && run < maxRuns && isBroken(err); run++ {
		err = read()
	}
	return err
}

// list returns placeholders and arguments for IN (…). The list is padded with its last value to a power of two, so
// that lists of all lengths need few prepared statements. Values must not be empty.
func list[T any](values []T) (marks string, args []any) {
	size := 1
	for size < len(values) {
		size *= 2
	}
	args = make([]any, size)
	for i := range args {
		args[i] = values[min(i, len(values)-1)]
	}
	return strings.Repeat("?, ", size-1) + "?", args
}

// milli is t as it is stored; the zero Time is 0.
func milli(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// moment is the stored time ms.
func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// printable is what a person wrote as both databases can keep it: PostgreSQL refuses a text with a NUL or with broken
// UTF-8. Identities made elsewhere do not pass here; those it refuses are refused.
func printable(text string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "\uFFFD")
}

// wrap names the operation that failed. The errors that are part of a contract stay recognisable by errors.Is.
func wrap(operation string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", operation, err)
}
