package store_test

import (
	"path/filepath"
	"testing"

	"github.com/skeindesk/skein/store/storetest"
)

func sqliteDatabase(t testing.TB) string { return "sqlite:" + filepath.Join(t.TempDir(), "skein.db") }

func TestSQLite(t *testing.T) { storetest.Run(t, sqliteDatabase) }
