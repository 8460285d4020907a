package store

import (
	"errors"

	"github.com/lib/pq"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// dialect is which database it is. Statements are written once for both; here is every place where that is not
// possible. Both know RETURNING, ON CONFLICT, WITH … AS MATERIALIZED, UPDATE … FROM, partial indexes, and our own
// function now_ms(), the clock that all instances share.
type dialect string

const (
	onSQLite   dialect = "sqlite"
	onPostgres dialect = "postgres"
)

// lockRow locks the rows of the table with this alias until the transaction ends. On SQLite a transaction that
// writes is alone anyway. NO KEY: rows that refer to the locked one may be written meanwhile, or a receipt and an
// entry would wait for each other in a ring.
func (d dialect) lockRow(alias string) string {
	if d == onPostgres {
		return " FOR NO KEY UPDATE OF " + alias
	}
	return ""
}

// skipLocked locks the rows found and leaves out those that somebody else has locked.
func (d dialect) skipLocked() string {
	if d == onPostgres {
		return " FOR NO KEY UPDATE SKIP LOCKED"
	}
	return ""
}

// hasTable asks whether there is a table of the name that is the statement's argument.
func (d dialect) hasTable() string {
	if d == onPostgres {
		return `SELECT to_regclass(?) IS NOT NULL`
	}
	return `SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?)`
}

// isTaken reports whether err says that a row with the same unique value exists.
func (d dialect) isTaken(err error) bool {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	e, ok := errors.AsType[*pq.Error](err)
	return ok && e.Code == "23505" // unique_violation
}

// isPassing reports whether the same transaction may well succeed when it is run again: it was chosen to lose
// against another one, or the plan of a prepared statement has been overtaken by a migration.
func (d dialect) isPassing(err error) bool {
	e, ok := errors.AsType[*pq.Error](err)
	if !ok {
		return false
	}
	switch e.Code {
	case "40001", "40P01": // serialization_failure, deadlock_detected
		return true
	case "0A000", "26000": // cached plan must not change result type; prepared statement does not exist
		return true
	}
	return false
}
