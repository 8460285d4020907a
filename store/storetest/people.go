package storetest

import (
	"fmt"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

func testAgents(f *fixture) {
	s := f.open()
	join := func(e bridge.EndpointName, p bridge.Person) (a bridge.Agent) {
		f.must(s.Change(f.Context(), func(tx bridge.Tx) (err error) {
			a, err = tx.JoinAgent(e, p)
			return err
		}))
		return a
	}
	ana := join(slack, bridge.Person{ID: "U1", Name: "Ana", Avatar: "https://example.com/1"})
	ben := join(slack, bridge.Person{ID: "U2", Name: "Ben"})
	if ana.ID == ben.ID || ana.ID == 0 {
		f.Errorf("agents %d and %d", ana.ID, ben.ID)
	}
	renamed := join(slack, bridge.Person{ID: "U1", Name: "Ana B."})
	want := bridge.Agent{ID: ana.ID, Name: "Ana B.", Avatar: ana.Avatar, Rank: bridge.RankOwner, Duty: true, Present: true}
	if diff := cmp.Diff(want, renamed, alike); diff != "" {
		f.Errorf("renamed (-want +got):\n%s", diff)
	}
	if ben.Rank != bridge.RankAgent {
		f.Errorf("the second member is %s", ben.Rank)
	}
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		got, err := tx.AgentByPerson(slack, "U1")
		if err != nil || !cmp.Equal(got, renamed, alike) {
			f.Errorf("found %v, %v", got, err)
		}
		_, err = tx.AgentByPerson(discord, "U1")
		f.want(err, bridge.ErrNotFound)
		return nil
	}))
	var wg sync.WaitGroup
	ids := make([]bridge.AgentID, 8)
	for i := range ids {
		wg.Go(func() { ids[i] = join(discord, bridge.Person{ID: "D1", Name: "Chloe"}).ID })
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] {
			f.Errorf("one person became the agents %v", ids)
		}
	}
}

func testVisitors(f *fixture) {
	s := f.open()
	save := func(v bridge.Visitor) (got bridge.Visitor) {
		f.must(s.Change(f.Context(), func(tx bridge.Tx) (err error) {
			got, err = tx.SaveVisitor(v)
			return err
		}))
		return got
	}
	first := bridge.Visitor{
		Endpoint: shop, Key: "v1", Verified: true, Locale: "de-AT", SeenAt: time.UnixMilli(1_700_000_000_000).UTC(),
		Profile: bridge.Profile{Name: "Ida", Email: "ida@example.com", Attributes: map[string]string{"plan": "gold", "since": "2020"}},
		Page:    bridge.Page{URL: "https://shop.example.com/a", Title: "A"},
	}
	got := save(first)
	first.ID = got.ID
	if diff := cmp.Diff(first, got); diff != "" || got.ID == 0 {
		f.Errorf("saved (-want +got):\n%s", diff)
	}
	save(bridge.Visitor{Endpoint: shop, Key: "v1"}) // nothing known is lost
	read := func(key string) bridge.Visitor {
		v, err := s.Visitor(f.Context(), shop, key)
		f.must(err)
		return v
	}
	if diff := cmp.Diff(first, read("v1")); diff != "" {
		f.Errorf("after an empty save (-want +got):\n%s", diff)
	}
	later := first.SeenAt.Add(time.Hour)
	save(bridge.Visitor{
		Endpoint: shop, Key: "v1", SeenAt: later, Page: bridge.Page{URL: "https://shop.example.com/b"},
		Profile: bridge.Profile{Phone: "1", Attributes: map[string]string{"plan": "none", "size": "M"}},
	})
	want := first
	want.SeenAt, want.Page = later, bridge.Page{URL: "https://shop.example.com/b"}
	want.Profile.Phone = "1"
	want.Profile.Attributes = map[string]string{"plan": "none", "since": "2020", "size": "M"}
	if diff := cmp.Diff(want, read("v1")); diff != "" {
		f.Errorf("after an update (-want +got):\n%s", diff)
	}
	_, err := s.Visitor(f.Context(), shop, "v2")
	f.want(err, bridge.ErrNotFound)
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
		if v, err := tx.VisitorByKey(shop, "v1"); err != nil || v.ID != first.ID {
			f.Errorf("by key: %d, %v", v.ID, err)
		}
		_, err := tx.VisitorByKey(slack, "v1")
		f.want(err, bridge.ErrNotFound)
		return nil
	}))
}

// testTexts hands in what no decoder should let through; one bad name must not cost a message.
func testTexts(f *fixture) {
	s := f.open()
	ctx := f.Context()
	const bad, good = "I\x00d\xffa 🪿", "Id\uFFFDa 🪿"
	c := f.conversation(s, lanes("t1"))
	en := said(c.ID, "k")
	en.By.Name, en.Body = bad, rich.Of(bad)
	en.Files = []bridge.File{{ID: "f", Name: bad, Type: bad}}
	f.append(s, en)
	f.must(s.Change(ctx, func(tx bridge.Tx) error {
		if _, err := tx.JoinAgent(slack, bridge.Person{ID: "U1", Name: bad}); err != nil {
			return err
		}
		_, err := tx.SaveVisitor(bridge.Visitor{
			Endpoint: shop, Key: "v", Locale: bad,
			Profile: bridge.Profile{Name: bad}, Page: bridge.Page{Title: bad},
		})
		return err
	}))
	l := f.claim(s, time.Minute)
	_, err := s.Settle(ctx, l, bridge.Settlement{Cursor: 1, Receipt: &bridge.Receipt{Seq: 1, Status: bridge.ReceiptFailed, Public: bad}})
	f.must(err)
	log, err := s.Log(ctx, c.ID)
	f.must(err)
	v, err := s.Visitor(ctx, shop, "v")
	f.must(err)
	file, err := s.FileByID(ctx, "f")
	f.must(err)
	receipts, err := s.Receipts(ctx, c.ID)
	f.must(err)
	for what, got := range map[string]string{
		"speaker": log[0].By.Name, "locale": v.Locale, "file": file.Name, "receipt": receipts[0].Public,
	} {
		if got != good {
			f.Errorf("%s: %q, want %q", what, got, good)
		}
	}
}

func testVisitorAtOnce(f *fixture) {
	a, b := f.open(), f.open()
	var wg sync.WaitGroup
	for i := range 8 {
		s := a
		if i%2 == 0 {
			s = b
		}
		wg.Go(func() {
			err := s.Change(f.Context(), func(tx bridge.Tx) error {
				_, err := tx.SaveVisitor(bridge.Visitor{Endpoint: shop, Key: "v", Profile: bridge.Profile{
					Attributes: map[string]string{fmt.Sprint(i): "x"},
				}})
				return err
			})
			if err != nil {
				f.Error(err)
			}
		})
	}
	wg.Wait()
	v, err := a.Visitor(f.Context(), shop, "v")
	f.must(err)
	if len(v.Profile.Attributes) != 8 {
		f.Errorf("of 8 attributes saved at once, %d are left", len(v.Profile.Attributes))
	}
}
