package storetest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/store"
)

// guests is how many conversations testBrowse makes.
const guests = 60

// testBrowse compares pages of conversations, whatever is asked for, with what is so among all.
func testBrowse(f *fixture) {
	s := f.open()
	random := rand.New(rand.NewPCG(1, 2))
	for i := range guests {
		f.guest(s, random, i)
	}
	all, err := s.Conversations(f.Context(), bridge.ConversationQuery{Limit: bridge.MaxConversations})
	f.must(err)
	if len(all.Rows) != guests || all.Next != (bridge.ConversationPlace{}) {
		f.Fatalf("%d rows, next %q", len(all.Rows), all.Next)
	}
	pick := func(row bridge.ConversationRow) bridge.ConversationRow { return all.Rows[random.IntN(guests)] }
	for n := range 120 {
		q := bridge.ConversationQuery{LongestWaiting: n%2 == 0, Limit: 4 + random.IntN(20)}
		like := pick(all.Rows[0])
		for range random.IntN(4) {
			switch random.IntN(10) {
			case 0:
				q.States = []bridge.State{like.Conversation.State}
			case 1:
				q.States = []bridge.State{bridge.StateAssigned, bridge.StateUnassigned, bridge.StateRobot}
			case 2:
				q.Owner = like.Conversation.Owner
			case 3:
				q.Unowned = true
			case 4:
				q.Tag = "vip"
			case 5:
				q.Language = like.Language
			case 6:
				q.Visitor = like.Conversation.Visitor
			case 7:
				q.Endpoint = shop
			case 8:
				q.OpenedFrom, q.OpenedTo = like.Conversation.OpenedAt, like.Conversation.OpenedAt.Add(40*time.Minute)
			case 9:
				q.UpdatedTo = like.Conversation.UpdatedAt
			}
		}
		want := wanted(all.Rows, q)
		if diff := gocmp.Diff(want, f.pages(s, q)); diff != "" {
			f.Errorf("%+v (-want +got):\n%s", q, diff)
		}
	}
}

// guest opens a conversation with a visitor who has written, in some state.
func (f *fixture) guest(s *store.Store, random *rand.Rand, i int) {
	thread := bridge.ThreadRef(fmt.Sprint("guest", i))
	states := []bridge.State{bridge.StateRobot, bridge.StateUnassigned, bridge.StateAssigned, bridge.StateClosed}
	at := time.UnixMilli(1_700_000_000_000).Add(time.Duration(i) * time.Minute)
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		v, err := tx.SaveVisitor(bridge.Visitor{
			Endpoint: shop, Key: string(thread), Verified: i%3 == 0, Profile: bridge.Profile{Name: fmt.Sprint("Ida ", i)},
			Locale: []string{"", "de", "de-AT", "DE-ch", "den", "fil"}[random.IntN(6)],
		})
		f.must(err)
		c, err := tx.OpenConversation(bridge.Conversation{
			Kind: bridge.Guest, State: bridge.StateUnassigned, Endpoint: shop, Visitor: v.ID, OpenedAt: at,
		}, lanes(thread))
		f.must(err)
		if random.IntN(2) == 0 {
			en := said(c.ID, string(thread))
			en.At = at.Add(time.Duration(random.IntN(3)) * time.Hour)
			_, err = tx.Append(en)
			f.must(err)
		}
		c.State, c.Owner = states[random.IntN(4)], bridge.AgentID(random.IntN(3))
		c.Tags = [][]string{nil, {"vip"}, {"late", "vip"}, {"late"}}[random.IntN(4)]
		return tx.UpdateConversation(c)
	}))
}

// pages reads a list page by page.
func (f *fixture) pages(s *store.Store, q bridge.ConversationQuery) []bridge.ConversationID {
	f.Helper()
	ids := []bridge.ConversationID{}
	for {
		page, err := s.Conversations(f.Context(), q)
		f.must(err)
		for _, row := range page.Rows {
			ids = append(ids, row.Conversation.ID)
		}
		if page.Next == (bridge.ConversationPlace{}) {
			return ids
		}
		if q.After, err = bridge.ParseConversationPlace(page.Next.String()); err != nil || q.After != page.Next {
			f.Fatalf("the place %q is read as %+v: %v", page.Next, q.After, err)
		}
	}
}

// wanted are those of all rows that q asks for, in its order.
func wanted(all []bridge.ConversationRow, q bridge.ConversationQuery) []bridge.ConversationID {
	base := func(language string) string {
		first, _, _ := strings.Cut(strings.ToLower(language), "-")
		return first
	}
	ids := []bridge.ConversationID{}
	rows := slices.Clone(all)
	slices.SortFunc(rows, func(a, b bridge.ConversationRow) int {
		x, y := a.Conversation, b.Conversation
		waits := func(c bridge.Conversation) int { return map[bool]int{false: 0, true: 1}[c.WaitingSince.IsZero()] }
		if q.LongestWaiting && (!x.WaitingSince.IsZero() || !y.WaitingSince.IsZero()) {
			return cmp.Or(waits(x)-waits(y), x.WaitingSince.Compare(y.WaitingSince), cmp.Compare(x.ID, y.ID))
		}
		return cmp.Or(y.UpdatedAt.Compare(x.UpdatedAt), cmp.Compare(y.ID, x.ID))
	})
	for _, row := range rows {
		c := row.Conversation
		if (len(q.States) == 0 || slices.Contains(q.States, c.State)) && (q.Owner == 0 || c.Owner == q.Owner) &&
			(!q.Unowned || c.Owner == 0) && (q.Tag == "" || slices.Contains(c.Tags, q.Tag)) &&
			(q.Language == "" || base(row.Language) == base(q.Language)) && (q.Visitor == 0 || c.Visitor == q.Visitor) &&
			(q.Endpoint == "" || c.Endpoint == q.Endpoint) && !c.OpenedAt.Before(q.OpenedFrom) &&
			(q.OpenedTo.IsZero() || c.OpenedAt.Before(q.OpenedTo)) && (q.UpdatedTo.IsZero() || c.UpdatedAt.Before(q.UpdatedTo)) {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// testBrowseRow: what a list shows of a conversation.
func testBrowseRow(f *fixture) {
	s := f.open()
	var c bridge.Conversation
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		v, err := tx.SaveVisitor(bridge.Visitor{
			Endpoint: shop, Key: "v", Verified: true, Profile: bridge.Profile{Name: "Ida"}, Locale: "de-AT",
		})
		f.must(err)
		c, err = tx.OpenConversation(bridge.Conversation{Kind: bridge.Guest, State: bridge.StateUnassigned, Endpoint: shop, Visitor: v.ID},
			[]bridge.Lane{{Endpoint: shop, Role: bridge.RoleVisitor, Reads: true, Thread: "v"}, {Endpoint: slack, Role: bridge.RoleTeam, Thread: "T1"}})
		return err
	}))
	row := func() bridge.ConversationRow {
		f.Helper()
		page, err := s.Conversations(f.Context(), bridge.ConversationQuery{Limit: 5})
		f.must(err)
		if len(page.Rows) != 1 {
			f.Fatalf("%d rows", len(page.Rows))
		}
		return page.Rows[0]
	}
	got := row()
	if got.Visitor != "Ida" || !got.Verified || got.Language != "de-AT" || got.Threads[slack] != "T1" || got.Last.Seq != 0 {
		f.Errorf("an empty conversation: %+v", got)
	}
	first := f.append(s, said(c.ID, "k1"))
	second := said(c.ID, "k2")
	second.Body, second.Files = rich.Of(strings.Repeat("many  words\n", 40)), []bridge.File{{ID: "f", Name: "a.png"}}
	second = f.append(s, second)
	f.append(s, own(c.ID)) // the system's lines do not count
	got = row()
	if got.Last.Seq != second.Seq || got.Last.Files != 1 || got.Last.Private || got.Last.By.Name != "Ida" ||
		!strings.HasPrefix(got.Last.Excerpt, "many words many") || len([]rune(got.Last.Excerpt)) > bridge.MaxExcerpt {
		f.Errorf("last line %+v", got.Last)
	}
	change := func(kind bridge.EntryKind, target int64, text string) {
		en := own(c.ID)
		en.Kind, en.Target, en.Body = kind, target, rich.Of(text)
		f.append(s, en)
	}
	change(bridge.Deleted, second.Seq, "")
	change(bridge.Edited, first.Seq, "Hello again")
	if got = row(); got.Last.Seq != first.Seq || got.Last.Excerpt != "Hello again" {
		f.Errorf("last line, edited: %+v", got.Last)
	}
	note := said(c.ID, "k3")
	note.Kind, note.Audience, note.By.Kind = bridge.Noted, bridge.AgentsOnly, bridge.ByAgent
	f.append(s, note)
	if got = row(); !got.Last.Private || got.Last.By.Kind != bridge.ByAgent {
		f.Errorf("a note: %+v", got.Last)
	}
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		return tx.Gather([]bridge.Lane{{Endpoint: slack, Role: bridge.RoleTeam, Thread: "C"}, {Endpoint: discord, Role: bridge.RoleTeam, Thread: "D"}})
	}))
	page, err := s.Conversations(f.Context(), bridge.ConversationQuery{Kind: bridge.Colleagues, Limit: 5})
	f.must(err)
	if len(page.Rows) != 1 || page.Rows[0].Conversation.Kind != bridge.Colleagues || page.Rows[0].Threads[discord] != "D" {
		f.Errorf("colleagues: %+v", page)
	}
}
