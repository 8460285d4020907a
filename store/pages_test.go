package store_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/store"
	"github.com/skeindesk/skein/store/storetest/big"
)

var (
	bigConversations = flag.Int("big.conversations", 2000, "how many conversations BenchmarkPages reads from")
	bigEntries       = flag.Int("big.entries", 50_000, "how many entries they have together")
	bigSQLite        = flag.String("big.sqlite", "", "a file to read from instead, which is made and kept")
)

// BenchmarkPages measures what the workbench's pages read, on a large database:
//
//	go test ./store -run '^$' -bench Pages -benchtime 200x -timeout 2h -big.conversations 200000 -big.entries 5000000
func BenchmarkPages(b *testing.B) {
	for _, d := range databases {
		b.Run(d.name, func(b *testing.B) {
			s := filled(b, d.name, d.database)
			for _, p := range pages(s) {
				b.Run(p.name, func(b *testing.B) {
					random := rand.New(rand.NewPCG(1, 1))
					var took []time.Duration
					for range b.N {
						begin := time.Now()
						if err := p.read(b.Context(), random); err != nil {
							b.Fatal(err)
						}
						took = append(took, time.Since(begin))
					}
					b.StopTimer()
					report(b, took)
				})
			}
		})
	}
}

// filled opens a large database, which is made if it is not there yet.
func filled(b *testing.B, name string, database func(testing.TB) string) *store.Store {
	b.Helper()
	address := ""
	if name == "SQLite" && *bigSQLite != "" {
		address = "sqlite:" + *bigSQLite
	} else {
		address = database(b)
	}
	begin := time.Now()
	if isEmpty(b, address) {
		if err := big.Fill(b.Context(), address, big.Size{Conversations: *bigConversations, Entries: *bigEntries}); err != nil {
			b.Fatal(err)
		}
		b.Logf("filled in %s", time.Since(begin))
	}
	s := open(b, address)
	begin = time.Now()
	for more := true; more; {
		var err error
		if more, err = s.Digest(b.Context(), time.UTC); err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("read in %s", time.Since(begin))
	return s
}

// isEmpty migrates a database and reports whether nothing is in it.
func isEmpty(b *testing.B, address string) bool {
	b.Helper()
	s, err := store.Open(b.Context(), address, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	err = s.Migrate(b.Context())
	page, errRead := s.Conversations(b.Context(), bridge.ConversationQuery{Limit: 1})
	if err := errors.Join(err, errRead, s.Close()); err != nil {
		b.Fatal(err)
	}
	return len(page.Rows) == 0
}

// page is something that the workbench reads.
type page struct {
	name string
	read func(ctx context.Context, random *rand.Rand) error
}

func pages(s *store.Store) (all []page) {
	add := func(name string, read func(ctx context.Context, random *rand.Rand) error) {
		all = append(all, page{name, read})
	}
	list := func(name string, of func(r *rand.Rand) bridge.ConversationQuery) {
		add("list/"+name, func(ctx context.Context, r *rand.Rand) error {
			q := of(r)
			q.Limit = 50
			_, err := s.Conversations(ctx, q)
			return err
		})
	}
	yearAgo := time.Now().Add(-365 * 24 * time.Hour)
	anywhere := func(r *rand.Rand) time.Time { return yearAgo.Add(time.Duration(r.Int64N(int64(365 * 24 * time.Hour)))) }
	list("latest", func(*rand.Rand) bridge.ConversationQuery { return bridge.ConversationQuery{} })
	list("waiting", func(*rand.Rand) bridge.ConversationQuery {
		return bridge.ConversationQuery{LongestWaiting: true, States: []bridge.State{bridge.StateUnassigned}}
	})
	list("history", func(r *rand.Rand) bridge.ConversationQuery {
		return bridge.ConversationQuery{
			States: []bridge.State{bridge.StateClosed}, After: bridge.ConversationPlace{At: anywhere(r).UnixMilli(), ID: 1},
		}
	})
	list("history of an owner", func(r *rand.Rand) bridge.ConversationQuery {
		return bridge.ConversationQuery{States: []bridge.State{bridge.StateClosed}, Owner: bridge.AgentID(1 + r.IntN(20))}
	})
	list("of nobody there", func(*rand.Rand) bridge.ConversationQuery { return bridge.ConversationQuery{Owner: 999} })
	list("tag", func(r *rand.Rand) bridge.ConversationQuery {
		return bridge.ConversationQuery{Tag: fmt.Sprint("tag", r.IntN(40))}
	})
	list("language and time", func(r *rand.Rand) bridge.ConversationQuery {
		return bridge.ConversationQuery{Language: "ja", UpdatedTo: anywhere(r)}
	})
	list("visitor", func(r *rand.Rand) bridge.ConversationQuery {
		return bridge.ConversationQuery{Visitor: bridge.VisitorID(1 + r.IntN(*bigConversations*4/5))}
	})
	add("tallies", func(ctx context.Context, _ *rand.Rand) error { _, err := s.Tallies(ctx, bridge.MaxTally); return err })
	add("transcript", func(ctx context.Context, r *rand.Rand) error {
		_, err := s.Transcript(ctx, bridge.TranscriptQuery{Conversation: bridge.ConversationID(1 + r.IntN(*bigConversations)), Limit: 50})
		return err
	})
	add("report of a year", func(ctx context.Context, _ *rand.Rand) error {
		_, err := s.Report(ctx, bridge.ReportQuery{From: yearAgo.AddDate(0, 0, 3), To: time.Now().AddDate(0, 0, -3)})
		return err
	})
	for name, texts := range map[string][]string{
		"a word of few":   {"99999", "mateo", "c-150000", "visitor777"},
		"a word of many":  {"kettle", "order", "bestellung", "the"},
		"a beginning":     {"ke", "or", "best", "返"},
		"several words":   {"order kettle red", "bestellung rucksack", "hello thanks refund", "返品した テント"},
		"a phrase":        {`"the red kettle"`, `"noch nicht angekommen"`, `"is the"`, `"kettle the"`},
		"nothing":         {"zzzzqq", `"order the the order"`, "kettle rucksack hervidor", "kettle テント"},
		"of one language": {"photo"},
	} {
		add("search/"+name, func(ctx context.Context, r *rand.Rand) error {
			_, err := s.Search(ctx, bridge.SearchQuery{Text: texts[r.IntN(len(texts))], Limit: 20})
			return err
		})
	}
	slices.SortFunc(all, func(a, b page) int { return map[bool]int{true: -1, false: 1}[a.name < b.name] })
	return all
}

// TestPages reads every page from a database that is large enough for lists to be walked along, and compares what it finds
// with what is so among all.
func TestPages(t *testing.T) {
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			address := d.database(t)
			s, err := store.Open(t.Context(), address, store.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(s.Migrate(t.Context()), s.Close()); err != nil {
				t.Fatal(err)
			}
			if err := big.Fill(t.Context(), address, big.Size{Conversations: 2600, Entries: 30_000}); err != nil {
				t.Fatal(err)
			}
			if s, err = store.Open(t.Context(), address, store.Options{}); err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			all := walk(t, s, bridge.ConversationQuery{})
			if len(all) != 2600 {
				t.Fatalf("%d conversations", len(all))
			}
			for name, c := range map[string]struct {
				q  bridge.ConversationQuery
				of func(c bridge.ConversationRow) bool
			}{
				"closed": {
					bridge.ConversationQuery{States: []bridge.State{bridge.StateClosed}},
					func(c bridge.ConversationRow) bool { return c.Conversation.State == bridge.StateClosed },
				},
				"an owner's": {
					bridge.ConversationQuery{Owner: 3, UpdatedFrom: all[2000].Conversation.UpdatedAt, UpdatedTo: all[100].Conversation.UpdatedAt},
					func(c bridge.ConversationRow) bool {
						return c.Conversation.Owner == 3 && !c.Conversation.UpdatedAt.Before(all[2000].Conversation.UpdatedAt) &&
							c.Conversation.UpdatedAt.Before(all[100].Conversation.UpdatedAt)
					},
				},
				"nobody's": {bridge.ConversationQuery{Owner: 99}, func(bridge.ConversationRow) bool { return false }},
			} {
				var want []bridge.ConversationID
				for _, row := range all {
					if c.of(row) {
						want = append(want, row.Conversation.ID)
					}
				}
				var got []bridge.ConversationID
				for _, row := range walk(t, s, c.q) {
					got = append(got, row.Conversation.ID)
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s: %d conversations, want %d, or in another order", name, len(got), len(want))
				}
			}
			random := rand.New(rand.NewPCG(1, 1))
			for _, p := range pages(s) {
				if err := p.read(t.Context(), random); err != nil {
					t.Errorf("%s: %v", p.name, err)
				}
			}
		})
	}
}

func walk(t *testing.T, s *store.Store, q bridge.ConversationQuery) (all []bridge.ConversationRow) {
	t.Helper()
	for q.Limit = bridge.MaxConversations; ; {
		page, err := s.Conversations(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page.Rows...)
		if q.After = page.Next; page.Next == (bridge.ConversationPlace{}) {
			return all
		}
	}
}
