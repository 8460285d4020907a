package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/store"
)

// testTranscript: a log as it happened, with what became of each line.
func testTranscript(f *fixture) {
	s := f.open()
	c := f.conversation(s, lanes("t1"))
	first := said(c.ID, "k1")
	first.Files = []bridge.File{{ID: "old", Name: "old.png"}}
	first = f.append(s, first)
	reply := own(c.ID)
	reply.By, reply.Origin = bridge.Speaker{Kind: bridge.ByAgent, Name: "Ana"}, bridge.Origin{Endpoint: slack, Key: "a1", Message: "m-a1"}
	reply = f.append(s, reply)
	note := own(c.ID)
	note.Kind, note.Audience = bridge.Noted, bridge.AgentsOnly
	note = f.append(s, note)
	change := func(kind bridge.EntryKind, target int64, body rich.Doc, files ...bridge.File) bridge.Entry {
		en := own(c.ID)
		en.Kind, en.Target, en.Body, en.Files = kind, target, body, files
		return f.append(s, en)
	}
	change(bridge.Edited, first.Seq, rich.Of("second thoughts"))
	change(bridge.Edited, first.Seq, rich.Of("third thoughts"), bridge.File{ID: "new", Name: "new.png"})
	gone := change(bridge.Deleted, note.Seq, nil)
	again := own(c.ID)
	again.Kind, again.Target, again.Origin.Key, again.Audience = bridge.Edited, reply.Seq, "again", bridge.Only(shop)
	f.append(s, again)
	f.must(s.Fetched(f.Context(), c.ID, shop, reply.Seq))
	l := f.claim(s, time.Minute)
	_, err := s.Settle(f.Context(), l, bridge.Settlement{Cursor: first.Seq, Receipt: &bridge.Receipt{Seq: first.Seq, Part: 1, Status: bridge.ReceiptFailed, Public: "no"}})
	f.must(err)

	asked, answered, err := s.FirstAnswer(f.Context(), c.ID)
	if f.must(err); !asked.Equal(first.At.Truncate(time.Millisecond)) || !answered.Equal(reply.At.Truncate(time.Millisecond)) {
		f.Errorf("asked %v, answered %v, want %v and %v", asked, answered, first.At, reply.At)
	}
	if _, answered, err = s.FirstAnswer(f.Context(), c.ID+1); err != nil || !answered.IsZero() {
		f.Errorf("a conversation without an answer: %v, %v", answered, err)
	}
	v, err := s.VisitorByID(f.Context(), c.Visitor)
	if f.must(err); v.ID != c.Visitor {
		f.Errorf("visitor %+v", v)
	}

	t, err := s.Transcript(f.Context(), bridge.TranscriptQuery{Conversation: c.ID, Limit: 50})
	f.must(err)
	if got := seqsOf(t.Lines); !slices.Equal(got, []int64{first.Seq, reply.Seq, note.Seq}) || t.Earlier || t.Later {
		f.Fatalf("lines %v, earlier %v, later %v", got, t.Earlier, t.Later)
	}
	line := t.Lines[0]
	if n := line.Newest(); rich.Plain(n.Body) != "third thoughts" || rich.Plain(line.Entry.Body) != "Hello k1" || len(line.Versions) != 2 ||
		line.Gone != nil || len(line.Files) != 1 || line.Files[0].ID != "new" || line.Files[0].Here {
		f.Errorf("an edited line: %+v", line)
	}
	if n := t.Lines[1]; len(n.Versions) != 0 || n.Gone != nil || n.Newest().Body == nil {
		f.Errorf("what was only tried again: %+v", n)
	}
	if n := t.Lines[2]; n.Gone == nil || n.Gone.Seq != gone.Seq || n.Entry.Audience != bridge.AgentsOnly {
		f.Errorf("a line taken back: %+v", n)
	}
	for seq, want := range map[int64]map[bridge.EndpointName]bridge.Proven{
		first.Seq: {shop: bridge.Nowhere, slack: bridge.Failed},
		reply.Seq: {shop: bridge.Delivered, slack: bridge.Nowhere},
		note.Seq:  {shop: bridge.Nowhere, slack: bridge.Queued},
	} {
		got := map[bridge.EndpointName]bridge.Proven{}
		at := t.Lines[slices.IndexFunc(t.Lines, func(l bridge.TranscriptLine) bool { return l.Entry.Seq == seq })]
		for _, p := range at.Proofs {
			got[p.Lane.Endpoint] = p.Of(at.Entry)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			f.Errorf("entry %d (-want +got):\n%s", seq, diff)
		}
		f.sameProofs(s, c.ID, seq, at.Proofs)
	}
}

// sameProofs compares proofs with what is told of the entry alone.
func (f *fixture) sameProofs(s *store.Store, c bridge.ConversationID, seq int64, got []bridge.Proof) {
	f.Helper()
	f.must(s.Look(f.Context(), func(tx bridge.Tx) error {
		want, err := tx.Proofs(c, seq)
		if diff := cmp.Diff(want, got); diff != "" {
			f.Errorf("proofs of %d (-alone +together):\n%s", seq, diff)
		}
		return err
	}))
}

func seqsOf(lines []bridge.TranscriptLine) (seqs []int64) {
	for _, l := range lines {
		seqs = append(seqs, l.Entry.Seq)
	}
	return seqs
}

// testTranscriptPages reads a log backwards and forwards.
func testTranscriptPages(f *fixture) {
	s := f.open()
	c := f.conversation(s, lanes("t1"))
	for i := range 10 {
		f.append(s, said(c.ID, fmt.Sprint("k", i)))
	}
	for name, want := range map[string]struct {
		q              bridge.TranscriptQuery
		seqs           []int64
		earlier, later bool
	}{
		"newest":   {bridge.TranscriptQuery{Limit: 3}, []int64{8, 9, 10}, true, false},
		"before":   {bridge.TranscriptQuery{Limit: 3, Before: 8}, []int64{5, 6, 7}, true, true},
		"oldest":   {bridge.TranscriptQuery{Limit: 4, Before: 5}, []int64{1, 2, 3, 4}, false, true},
		"after":    {bridge.TranscriptQuery{Limit: 3, After: 5}, []int64{6, 7, 8}, true, true},
		"the rest": {bridge.TranscriptQuery{Limit: 3, After: 7}, []int64{8, 9, 10}, true, false},
		"nothing":  {bridge.TranscriptQuery{Limit: 3, After: 10}, nil, true, false},
		"no limit": {bridge.TranscriptQuery{}, []int64{10}, true, false},
	} {
		want.q.Conversation = c.ID
		got, err := s.Transcript(f.Context(), want.q)
		f.must(err)
		if !slices.Equal(seqsOf(got.Lines), want.seqs) || got.Earlier != want.earlier || got.Later != want.later {
			f.Errorf("%s: %v, earlier %v, later %v", name, seqsOf(got.Lines), got.Earlier, got.Later)
		}
	}
	if got, err := s.Transcript(f.Context(), bridge.TranscriptQuery{Conversation: 999, Limit: 5}); err != nil || len(got.Lines) != 0 {
		f.Errorf("no conversation: %+v, %v", got, err)
	}
}

// testVisits: a page counts when it is another one, or after a while; only the last ones are kept.
func testVisits(f *fixture) {
	s := f.open()
	at := time.UnixMilli(1_700_000_000_000).UTC()
	var id bridge.VisitorID
	save := func(url string, after time.Duration) {
		at = at.Add(after)
		page := bridge.Page{URL: url, Title: "T " + url}
		if url == "" {
			page = bridge.Page{}
		}
		f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
			v, err := tx.SaveVisitor(bridge.Visitor{
				Endpoint: shop, Key: "v", Page: page, SeenAt: at, Network: "203.0.113.0/24",
			})
			id = v.ID
			return err
		}))
	}
	visits := func() (urls []string) {
		all, err := s.Visits(f.Context(), id)
		f.must(err)
		for _, v := range all {
			urls = append(urls, v.Page.URL)
		}
		return urls
	}
	save("/a", 0)
	save("/a", time.Minute)
	save("/b", time.Minute)
	save("", time.Minute) // not told
	save("/b", time.Minute)
	save("/b", bridge.VisitAgain)
	if diff := cmp.Diff([]string{"/b", "/b", "/a"}, visits()); diff != "" {
		f.Errorf("visits (-want +got):\n%s", diff)
	}
	for i := range bridge.MaxVisits + 5 {
		save(fmt.Sprint("/", i), time.Minute)
	}
	if got := visits(); len(got) != bridge.MaxVisits || got[0] != "/54" || got[49] != "/5" {
		f.Errorf("%d visits: %v", len(got), got)
	}
	v, err := s.Visitor(f.Context(), shop, "v")
	f.must(err)
	if v.Network != "203.0.113.0/24" {
		f.Errorf("network %q", v.Network)
	}
}

// testPlaces: a place is the network's, and stays while the network does.
func testPlaces(f *fixture) {
	s := f.open()
	for _, step := range []struct{ network, place, want string }{
		{"203.0.113.0/24", "Gdynia, Poland", "Gdynia, Poland"},
		{"203.0.113.0/24", "", "Gdynia, Poland"},
		{"", "", "Gdynia, Poland"},
		{"203.0.113.0/24", "Sopot, Poland", "Sopot, Poland"},
		{"198.51.100.0/24", "", ""},
		{"198.51.100.0/24", "Bergen, Norway", "Bergen, Norway"},
	} {
		f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
			_, err := tx.SaveVisitor(bridge.Visitor{Endpoint: shop, Key: "v", Network: step.network, Place: step.place})
			return err
		}))
		v, err := s.Visitor(f.Context(), shop, "v")
		f.must(err)
		if v.Place != step.want {
			f.Errorf("after %q in %s the place is %q, want %q", step.place, step.network, v.Place, step.want)
		}
	}
}
