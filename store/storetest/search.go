package storetest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/store"
)

// digest reads all that has changed.
func (f *fixture) digest(s *store.Store) {
	f.Helper()
	f.digestBy(s, time.UTC)
}

// digestBy also counts days by a zone.
func (f *fixture) digestBy(s *store.Store, zone *time.Location) {
	f.Helper()
	for {
		more, err := s.Digest(f.Context(), zone)
		f.must(err)
		if !more {
			return
		}
	}
}

// found are the conversations found by a text, with where and what is marked: "7 line 3: Größe".
func (f *fixture) found(s *store.Store, text string) []string {
	f.Helper()
	all := []string{}
	for _, found := range f.search(s, bridge.SearchQuery{Text: text, Limit: 20}) {
		var hits []string
		for _, part := range found.Snippet {
			if part.Hit {
				hits = append(hits, part.Text)
			}
		}
		all = append(all, fmt.Sprintf("%d %s %d: %s", found.Conversation.ID, found.Where, found.Line, strings.Join(hits, "|")))
	}
	return all
}

// search reads all pages; on a busy machine a page may end before it is full.
func (f *fixture) search(s *store.Store, q bridge.SearchQuery) (all []bridge.Found) {
	f.Helper()
	for {
		page, err := s.Search(f.Context(), q)
		f.must(err)
		if page.Cut {
			f.Logf("%q took too long", q.Text)
			continue
		}
		all = append(all, page.Found...)
		if q.After = page.Next; page.Next == 0 {
			return all
		}
	}
}

func (f *fixture) checkFound(s *store.Store, texts map[string][]string) {
	f.Helper()
	for text, want := range texts {
		if diff := cmp.Diff(want, f.found(s, text)); diff != "" {
			f.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

// testSearch: what is known and what stands is found, and nothing else.
func testSearch(f *fixture) {
	s := f.open()
	a, b := f.conversation(s, lanes("t1")), f.conversation(s, lanes("t2"))
	say := func(c bridge.ConversationID, key, text string, change func(*bridge.Entry)) bridge.Entry {
		en := said(c, key)
		en.Body = rich.Of(text)
		if change != nil {
			change(&en)
		}
		return f.append(s, en)
	}
	first := say(a.ID, "1", "Die Größe der roten Schuhe passt nicht", nil)
	say(a.ID, "2", "kann ich sie zurückgeben?", func(en *bridge.Entry) { en.Files = []bridge.File{{ID: "f", Name: "rechnung-2024.pdf"}} })
	say(b.ID, "3", "返品したいです", nil)
	note := say(b.ID, "4", "refund promised", func(en *bridge.Entry) {
		en.Kind, en.Audience, en.By.Kind = bridge.Noted, bridge.AgentsOnly, bridge.ByAgent
	})
	say(b.ID, "5", "The system says refundable", func(en *bridge.Entry) { en.By.Kind = bridge.BySystem })
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		_, err := tx.SaveVisitor(bridge.Visitor{Endpoint: shop, Key: "t2", Profile: bridge.Profile{
			Name: "Zoë Łuczak", Email: "zoe@example.org", Attributes: map[string]string{"plan": "Gold"},
		}})
		f.must(err)
		c, err := tx.Conversation(a.ID)
		f.must(err)
		c.Tags = []string{"vip", "size"}
		return tx.UpdateConversation(c)
	}))
	f.checkFound(s, map[string][]string{"groesse": {}, "größe": {}}) // not read yet
	f.digest(s)
	id := func(c bridge.Conversation) string { return fmt.Sprint(c.ID) }
	f.checkFound(s, map[string][]string{
		"grosse":              {id(a) + " line 1: Größe"},
		"SCHUHE gros":         {id(a) + " line 1: Größe|Schuhe"},
		`"roten Schuhe"`:      {id(a) + " line 1: roten Schuhe"},
		`"Schuhe roten"`:      {},
		`"nicht kann"`:        {}, // not across lines
		"schu":                {id(a) + " line 1: Schuhe"},
		"schu ":               {},
		"schuhe zuruckgeben":  {id(a) + " line 2: zurückgeben"},
		"rechnung-2024":       {id(a) + " file 2: rechnung-2024"},
		"品した":                 {id(b) + " line 1: 品した"},
		"返":                   {id(b) + " line 1: 返"},
		"refund":              {id(b) + " line 2: refund"},
		"zoe":                 {id(b) + " name 0: Zoë"},
		"luczak gold":         {id(b) + " name 0: Łuczak"},
		"zoe@example.org":     {id(b) + " email 0: zoe@example.org"},
		"vip":                 {id(a) + " tags 0: vip"},
		"refund schuhe":       {},
		"":                    {},
		`"`:                   {},
		`* OR NOT (NEAR "`:    {},
		"'; DROP TABLE x; --": {},
		"\x00\xff\\":          {},
	})

	// What has changed since is found as it stands now.
	edit := own(a.ID)
	edit.Kind, edit.Target, edit.Body = bridge.Edited, first.Seq, rich.Of("Die Farbe passt nicht")
	f.append(s, edit)
	gone := own(b.ID)
	gone.Kind, gone.Target, gone.Audience, gone.Body = bridge.Deleted, note.Seq, bridge.AgentsOnly, nil
	f.append(s, gone)
	f.checkFound(s, map[string][]string{"grosse": {}, "refund": {}}) // at once
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		v, err := tx.VisitorByKey(shop, "t2")
		f.must(err)
		_, err = tx.EditVisitor(v.ID, func(v *bridge.Visitor) { v.Profile.Name = "Zora" })
		return err
	}))
	f.digest(s)
	f.checkFound(s, map[string][]string{
		"farbe": {id(a) + " line 1: Farbe"}, "grosse": {}, "refund": {}, "zora": {id(b) + " name 0: Zora"}, "luczak": {},
	})
}

// testSearchPages: what was used last comes first, page by page, among what is asked for.
func testSearchPages(f *fixture) {
	s := f.open()
	var want []bridge.ConversationID
	for i := range 12 {
		c := f.conversation(s, lanes(bridge.ThreadRef(fmt.Sprint("t", i))))
		f.append(s, said(c.ID, fmt.Sprint("k", i)))
		want = append(want, c.ID)
		if i%4 == 3 { // also when it takes several rounds
			f.digest(s)
		}
	}
	f.append(s, said(want[2], "again"))
	want = append(want, want[2])
	want = slices.Delete(want, 2, 3)
	slices.Reverse(want)
	f.digest(s)
	read := func(q bridge.SearchQuery) (ids []bridge.ConversationID) {
		f.Helper()
		for _, found := range f.search(s, q) {
			ids = append(ids, found.Conversation.ID)
		}
		return ids
	}
	if diff := cmp.Diff(want, read(bridge.SearchQuery{Text: "hello", Limit: 5})); diff != "" {
		f.Errorf("the latest first (-want +got):\n%s", diff)
	}
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		c, err := tx.Conversation(want[5])
		f.must(err)
		c.State, c.Owner = bridge.StateAssigned, 7
		return tx.UpdateConversation(c)
	}))
	got := read(bridge.SearchQuery{Text: "hello", Limit: 5, Among: bridge.ConversationQuery{Owner: 7}})
	if diff := cmp.Diff(want[5:6], got); diff != "" {
		f.Errorf("of one owner (-want +got):\n%s", diff)
	}
}

// testSearchLong: a long conversation is read in parts, and what is old in it is found as well.
func testSearchLong(f *fixture) {
	s := f.open()
	c := f.conversation(s, lanes("t1"))
	var old bridge.Entry
	f.must(s.Change(f.Context(), func(tx bridge.Tx) (err error) {
		for i := range 450 {
			en := said(c.ID, fmt.Sprint("k", i))
			en.Body = rich.Of(fmt.Sprintf("number%d of many", i))
			if en, err = tx.Append(en); err != nil {
				return err
			}
			if i == 120 {
				old = en
			}
		}
		return nil
	}))
	f.digest(s)
	f.checkFound(s, map[string][]string{
		"number120": {fmt.Sprintf("%d line 121: number120", c.ID)},
		"number449": {fmt.Sprintf("%d line 450: number449", c.ID)},
	})
	edit := own(c.ID)
	edit.Kind, edit.Target, edit.Body = bridge.Edited, old.Seq, rich.Of("something else")
	f.append(s, edit)
	f.digest(s)
	f.checkFound(s, map[string][]string{"number120": {}, "something": {fmt.Sprintf("%d line 121: something", c.ID)}})
}

// testDigestsAtOnce: several read at the same time, while things change.
func testDigestsAtOnce(f *fixture) {
	a, b := f.open(), f.open()
	if f.aloneOnDatabase() {
		b = a
	}
	c := f.conversation(a, lanes("t1"))
	done := make(chan error, 2)
	for _, s := range []*store.Store{a, b} {
		go func() {
			for range 10 {
				if _, err := s.Digest(f.Context(), time.UTC); err != nil {
					done <- err
					return
				}
				time.Sleep(time.Millisecond)
			}
			done <- nil
		}()
	}
	for i := range 30 {
		en := said(c.ID, fmt.Sprint("k", i))
		en.Body = rich.Of(fmt.Sprint("word", i))
		f.append(a, en)
	}
	f.must(<-done)
	f.must(<-done)
	f.digest(a)
	for i := range 30 {
		f.checkFound(a, map[string][]string{fmt.Sprintf("word%d ", i): {fmt.Sprintf("%d line %d: word%d", c.ID, i+1, i)}})
	}
}
