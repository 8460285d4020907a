// Package schema holds the migrations: one folder per dialect, the same numbers in both.
package schema

import "embed"

// Files holds sqlite/*.sql and postgres/*.sql in goose's form. A released file never changes: what comes later is a
// new file with the next number in each folder.
//
//go:embed sqlite/*.sql postgres/*.sql
var Files embed.FS
