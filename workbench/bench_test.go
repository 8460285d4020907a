package workbench_test

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/knowledge"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/store"
	"github.com/skeindesk/skein/store/pgtest"
	"github.com/skeindesk/skein/store/storetest/big"
	"github.com/skeindesk/skein/workbench"
)

var (
	bigConversations = flag.Int("big.conversations", 2000, "how many conversations BenchmarkPagesOverHTTP shows")
	bigEntries       = flag.Int("big.entries", 50_000, "how many entries they have together")
	bigSQLite        = flag.String("big.sqlite", "", "a file to read from instead, which is made and kept")
	targets          = flag.Bool("targets", false, "fail where a page takes longer than it may")
)

// How long a page may take, and a search, but for one in a hundred.
const (
	pageWithin   = 50 * time.Millisecond
	searchWithin = 100 * time.Millisecond
)

// articles is how many the team has.
const articles = 500

// BenchmarkPagesOverHTTP measures how long pages take that a member of the team asks for, from the question to the last byte,
// on a large database:
//
//	go test ./workbench -run '^$' -bench PagesOverHTTP -benchtime 500x -timeout 2h -big.conversations 200000 -big.entries 5000000 -targets
func BenchmarkPagesOverHTTP(b *testing.B) {
	for _, name := range []string{"SQLite", "PostgreSQL"} {
		b.Run(name, func(b *testing.B) {
			address := "sqlite:" + cmp.Or(*bigSQLite, filepath.Join(b.TempDir(), "skein.db"))
			if name == "PostgreSQL" {
				address = pgtest.Database(b, nil)
			}
			s := filled(b, address)
			server := served(b, s)
			for _, p := range benchPages() {
				b.Run(p.name, func(b *testing.B) { measure(b, server, p) })
			}
		})
	}
}

// benchPage is a page at addresses chosen at random.
type benchPage struct {
	name string
	path func(r *rand.Rand) string
}

func benchPages() (all []benchPage) {
	add := func(name, path string, values ...func(r *rand.Rand) any) {
		all = append(all, benchPage{name, func(r *rand.Rand) string {
			var chosen []any
			for _, value := range values {
				chosen = append(chosen, value(r))
			}
			return fmt.Sprintf(path, chosen...)
		}})
	}
	words := func(texts ...string) func(r *rand.Rand) any {
		return func(r *rand.Rand) any { return url.QueryEscape(texts[r.IntN(len(texts))]) }
	}
	upTo := func(n int) func(r *rand.Rand) any { return func(r *rand.Rand) any { return 1 + r.IntN(n) } }
	day := func(r *rand.Rand) any { return time.Now().AddDate(0, 0, -r.IntN(365)).Format(time.DateOnly) }
	for _, list := range []string{"all", "unassigned", "robot", "history"} {
		add("list/"+list, "/conversations?list="+list)
	}
	add("list/mine", "/conversations?list=all&owner=me")
	add("list/history of an owner", "/conversations?list=history&owner=%d", upTo(20))
	add("list/history up to a day", "/conversations?list=history&to=%s", day)
	add("list/tag", "/conversations?list=history&tag=tag%d", upTo(39))
	add("list/language and time", "/conversations?list=history&language=ja&to=%s", day)
	add("list/colleagues", "/conversations?kind=colleagues")
	add("conversation", "/conversations/%d", upTo(*bigConversations))
	add("suggestions", "/conversations/%d/suggest?text=%s", upTo(*bigConversations), words("#re", "#parcel", "#x"))
	add("search/a word of few", "/search?q=%s", words("99999", "mateo", "c-150000", "visitor777"))
	add("search/a word of many", "/search?q=%s", words("kettle", "order", "bestellung", "the"))
	add("search/several words", "/search?q=%s", words("order kettle red", "bestellung rucksack", "hello thanks refund", "返品した テント"))
	add("search/a phrase", "/search?q=%s", words(`"the red kettle"`, `"noch nicht angekommen"`, `"kettle the"`))
	add("search/nothing", "/search?q=%s", words("zzzzqq", "kettle rucksack hervidor"))
	add("quick replies", "/quick-replies")
	add("knowledge", "/knowledge")
	add("knowledge/words", "/knowledge?q=%s", words("parcel", "article 7", "zzzz"))
	add("knowledge/a question tried", "/knowledge?ask=%s", words("where is my parcel", "article seven", "how do I return it"))
	add("article", "/knowledge/edit?id=article-%d&language=en", upTo(articles))
	add("team", "/team")
	add("member", "/team/%d", upTo(20))
	add("undelivered", "/undelivered")
	add("reports", "/reports")
	add("channels", "/channels")
	add("settings", "/settings")
	return all
}

// measure asks for a page as often as told, on one connection.
func measure(b *testing.B, server *httptest.Server, p benchPage) {
	random := rand.New(rand.NewPCG(1, 1))
	var took []time.Duration
	var size int64
	for range b.N {
		path := p.path(random)
		begin := time.Now()
		res, err := server.Client().Get(server.URL + workbench.Base + path)
		must(b, err)
		n, err := io.Copy(io.Discard, res.Body)
		must(b, err)
		took = append(took, time.Since(begin))
		size += n
		res.Body.Close()
		if res.StatusCode != http.StatusOK || res.Request.URL.Path == workbench.Base+"/in" {
			b.Fatalf("%s is answered %d", path, res.StatusCode)
		}
	}
	b.StopTimer()
	slices.Sort(took)
	p99 := took[min(len(took)-1, len(took)*99/100)]
	b.ReportMetric(float64(took[len(took)/2])/1e6, "p50-ms")
	b.ReportMetric(float64(p99)/1e6, "p99-ms")
	b.ReportMetric(float64(size)/float64(len(took))/1024, "KiB/page")
	b.ReportMetric(0, "ns/op") // says the same, less well
	within := pageWithin
	if strings.HasPrefix(p.name, "search/") {
		within = searchWithin
	}
	if *targets && len(took) >= 100 && p99 > within {
		b.Errorf("%s takes %s at p99, more than %s", p.name, p99, within)
	}
}

// filled opens a large database, which is made if it is not there yet.
func filled(b *testing.B, address string) *store.Store {
	b.Helper()
	s, err := store.Open(b.Context(), address, store.Options{})
	must(b, err)
	must(b, s.Migrate(b.Context()))
	found, err := s.Conversations(b.Context(), bridge.ConversationQuery{Limit: 1})
	must(b, err)
	if len(found.Rows) == 0 {
		must(b, s.Close())
		must(b, big.Fill(b.Context(), address, big.Size{Conversations: *bigConversations, Entries: *bigEntries, Now: time.Now()}))
		s, err = store.Open(b.Context(), address, store.Options{})
		must(b, err)
	}
	b.Cleanup(func() { must(b, s.Close()) })
	must(b, s.Change(b.Context(), func(tx bridge.Tx) error {
		for i := 1; i <= articles; i++ {
			if err := tx.SaveArticle(bridge.Article{ChangedBy: 1, Article: knowledge.Article{
				ID: fmt.Sprint("article-", i), Language: "en", Title: fmt.Sprint("Where is parcel ", i),
				Body: rich.Of(strings.Repeat("It is on its way to you and comes within two days. ", 20)),
			}}); err != nil {
				return err
			}
		}
		return nil
	}))
	for more := true; more; {
		more, err = s.Digest(b.Context(), time.UTC)
		must(b, err)
	}
	return s
}

// served is the workbench over a database, whose client is signed in as the owner of the team.
func served(b *testing.B, s *store.Store) *httptest.Server {
	b.Helper()
	hub, knowledge := bridge.NewHub(), bridge.NewKnowledge(s, nil)
	bench := workbench.New(workbench.Config{
		Knowledge: knowledge,
		PublicURL: "http://127.0.0.1", Hub: hub, Channels: channels, Settings: settings(), Visitors: []bridge.EndpointName{"shop"},
		Desk: bridge.NewDesk(bridge.DeskConfig{
			Ledger: s, Hub: hub, Shelf: bridge.NewShelf(s, nil), Knowledge: knowledge,
			Routes: []bridge.Route{{Endpoint: "shop", Role: bridge.RoleVisitor, Reads: true, Desk: []bridge.EndpointName{"slack"}}, {Endpoint: "slack", Role: bridge.RoleTeam}},
		}),
		Undelivered: s, Sessions: s, Lists: s, Finder: s, Reports: s, Conversations: s, Lags: s, Files: workbench.Files{Book: s},
	})
	server := httptest.NewServer(bench.Handler())
	b.Cleanup(server.Close)
	token := fmt.Sprintf("the-owner-is-here-%x", rand.Uint64())
	must(b, s.StartSession(context.WithoutCancel(b.Context()), bridge.HashOf(token), 1, time.Hour))
	server.Client().Transport = signed{server.Client().Transport, &http.Cookie{Name: "skein-session", Value: token}}
	return server
}

// signed sends a cookie along.
type signed struct {
	http.RoundTripper
	cookie *http.Cookie
}

func (s signed) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.AddCookie(s.cookie)
	return s.RoundTripper.RoundTrip(r)
}
