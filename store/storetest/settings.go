package storetest

import (
	"fmt"
	"slices"
	"sync"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/store"
)

// set writes a setting.
func (f *fixture) set(s *store.Store, by bridge.AgentID, key, value string) (saved bridge.StoredSetting) {
	f.Helper()
	f.must(s.Change(f.Context(), func(tx bridge.Tx) (err error) {
		saved, err = tx.SaveSetting(bridge.StoredSetting{Key: key, Value: value, By: by})
		return err
	}))
	return saved
}

func testSettings(f *fixture) {
	s := f.open()
	ana, ben := f.join(s, slack, "Ana").ID, f.join(s, slack, "Ben").ID
	none, revision, err := s.StoredSettings(f.Context())
	f.must(err)
	if len(none) != 0 || revision != 0 {
		f.Errorf("before anything was set there is %+v at %d", none, revision)
	}
	first := f.set(s, ana, "a.hold", `{"hold":"\u0000one"}`+"\x00")
	f.set(s, ana, "a.away", `two`)
	last := f.set(s, ben, "a.hold", "")
	if first.Revision >= last.Revision || last.At.IsZero() {
		f.Errorf("the first change is %+v, the last %+v", first, last)
	}
	if got, err := s.SettingsRevision(f.Context()); err != nil || got != last.Revision {
		f.Errorf("the revision is %d, %v, want %d", got, err, last.Revision)
	}
	got, revision, err := s.StoredSettings(f.Context())
	f.must(err)
	want := []bridge.StoredSetting{
		{Key: "a.away", Value: "two", Revision: 2, By: ana, ByName: "Ana"},
		{Key: "a.hold", Value: "", Revision: 3, By: ben, ByName: "Ben"},
	}
	ignored := cmpopts.IgnoreFields(bridge.StoredSetting{}, "At")
	if diff := cmp.Diff(want, got, ignored); diff != "" || revision != 3 {
		f.Errorf("at %d the difference is\n%s", revision, diff)
	}
	history, err := s.SettingHistory(f.Context(), 2)
	f.must(err)
	want = []bridge.StoredSetting{
		{Key: "a.hold", Before: `{"hold":"\u0000one"}`, Revision: 3, By: ben, ByName: "Ben"},
		{Key: "a.away", Value: "two", Revision: 2, By: ana, ByName: "Ana"},
	}
	if diff := cmp.Diff(want, history, ignored); diff != "" {
		f.Errorf("of the history the difference is\n%s", diff)
	}
	f.change(s, func(tx bridge.Tx) {
		stands, err := tx.Setting("a.away")
		f.must(err)
		never, err := tx.Setting("a.greeting")
		f.must(err)
		if stands.Value != "two" || stands.Revision != 2 || never.Revision != 0 {
			f.Errorf("found %+v and %+v", stands, never)
		}
	})
	f.want(s.Change(f.Context(), func(tx bridge.Tx) error {
		if _, err := tx.SaveSetting(bridge.StoredSetting{Key: "a.hold", Value: "lost", By: ana}); err != nil {
			return err
		}
		return bridge.ErrChanged
	}), bridge.ErrChanged)
	if got, err := s.SettingsRevision(f.Context()); err != nil || got != last.Revision {
		f.Errorf("after a change that was undone the revision is %d, %v", got, err)
	}
}

// Of many that change what they have read, at once and through two stores, none writes over what it has not read.
func testSettingsAtOnce(f *fixture) {
	a, b := f.open(), f.open()
	const changes = 20
	var all sync.WaitGroup
	for i := range changes {
		s := []*store.Store{a, b}[i%2]
		all.Go(func() {
			f.must(s.Change(f.Context(), func(tx bridge.Tx) error {
				stands, err := tx.Setting("count")
				if err != nil {
					return err
				}
				stands.Value += "x"
				_, err = tx.SaveSetting(stands)
				return err
			}))
		})
	}
	all.Wait()
	got, revision, err := b.StoredSettings(f.Context())
	f.must(err)
	if len(got) != 1 || len(got[0].Value) != changes || revision != changes {
		f.Errorf("after %d changes it is %+v at %d", changes, got, revision)
	}
	history, err := a.SettingHistory(f.Context(), 2*changes)
	f.must(err)
	for i, h := range slices.Backward(history) {
		if n := changes - i; h.Revision != int64(n) || len(h.Value) != n || len(h.Before) != n-1 {
			f.Errorf("change %d is %s", n, fmt.Sprintf("%+v", h))
		}
	}
}
