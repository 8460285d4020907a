package store

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/skeindesk/skein/bridge"
)

// TestNoPageScansATable asks SQLite how it carries out each statement that only the workbench's pages need.
func TestNoPageScansATable(t *testing.T) {
	s, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "skein.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	doEverything(t, s)
	before := statementsOf(t, s)
	readEverything(t, s)
	looked := 0
	for text := range statementsOf(t, s) {
		if before[text] {
			continue
		}
		looked++
		for _, step := range plan(t, s.readers, text) {
			anew := text == `DELETE FROM report_folds` || strings.HasPrefix(text, `UPDATE digests SET seq = 0`) // once in years
			if strings.HasPrefix(step, "SCAN") && !isBounded(step) && !anew {
				t.Errorf("%s\n\tin %s", step, text)
			}
		}
	}
	if looked < 12 {
		t.Errorf("only %d statements were looked at", looked)
	}
}

// isBounded reports whether what a step goes through has a limit of its own, is the one conversation of colleagues, or is what
// is closed, which is gone through only when there is little of it.
func isBounded(step string) bool {
	of := strings.Fields(step)[1]
	switch of {
	case "counted", "of_state", "waiting", "matching", "cells", "each", "CONSTANT": // subqueries with a limit, or by an index
		return true
	case "digested", "report_zone", "u": // one row; what has changed of visitors and has not been read yet
		return true
	case "document_words": // only by its own index, as all virtual tables
		return !strings.HasSuffix(step, "INDEX 0:")
	}
	return strings.HasPrefix(of, "(subquery") || strings.Contains(step, "INDEX conversations_colleagues") ||
		strings.Contains(step, "INDEX conversations_closed")
}

// readEverything reads all that the workbench shows, in every way that takes a statement of its own.
func readEverything(t *testing.T, s *Store) {
	t.Helper()
	for _, q := range []bridge.ConversationQuery{
		{},
		{LongestWaiting: true},
		{LongestWaiting: true, States: []bridge.State{bridge.StateUnassigned}},
		{States: []bridge.State{bridge.StateClosed}},
		{States: []bridge.State{bridge.StateAssigned}, Owner: 1},
		{Kind: bridge.Colleagues},
		{Visitor: 1},
		{Tag: "x"},
		{Language: "de"},
		{Endpoint: "shop", Owner: 1, OpenedFrom: time.Now()},
	} {
		q.Limit = 50
		if _, err := s.Conversations(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	for _, q := range []bridge.TranscriptQuery{{}, {Before: 2}, {After: 1}} {
		q.Conversation, q.Limit = 1, 50
		if _, err := s.Transcript(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Digest(t.Context(), time.UTC); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Search(t.Context(), bridge.SearchQuery{Text: "x", Limit: 5}); err != nil {
		t.Fatal(err)
	}
	for _, endpoint := range []bridge.EndpointName{"", "shop"} {
		q := bridge.ReportQuery{From: time.Now().AddDate(-1, 0, 0), To: time.Now().AddDate(0, 0, 1), Endpoint: endpoint}
		if _, err := s.Report(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := s.Undelivered(t.Context(), "", bridge.UndeliveredPlace{}, 50); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Visits(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
}

// statementsOf are the texts of all statements that the store's connections have prepared.
func statementsOf(t *testing.T, s *Store) map[string]bool {
	t.Helper()
	texts := map[string]bool{}
	for _, db := range []*sqlx.DB{s.readers, s.writer.(*groupWriter).db} {
		for _, text := range statements(t, db) {
			texts[text] = true
		}
	}
	return texts
}
