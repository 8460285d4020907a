package bridge_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/bridgetest"
)

func shopKey(name string) bridge.SettingKey { return bridge.SettingKey{Endpoint: "shop", Name: name} }

func teamKey(name string) bridge.SettingKey { return bridge.SettingKey{Endpoint: "team", Name: name} }

// settable lets the team decide things; what the configuration says is fixed.
func settable(w *world, _ []bridge.Route) {
	w.configured = &bridge.SettingsConfig{
		Settings: []bridge.Setting{
			{Key: shopKey(bridge.SettingHours)},
			{Key: shopKey(bridge.SettingGreeting), Fixed: "skein.yaml, line 7"},
			{Key: shopKey(bridge.SettingRoutes), Desk: []bridge.EndpointName{"team", "deck"}, Hours: true},
			{Key: teamKey(bridge.SettingPlainText)},
			{Key: teamKey(bridge.SettingHold)},
			{Key: bridge.SettingKey{Name: bridge.SettingReportZone}},
		},
		Policy: bridge.Policy{Endpoints: map[bridge.EndpointName]bridge.EndpointPolicy{
			"shop": {Greeting: bridge.Texts{"": "Hello"}}, "team": {Hold: time.Second},
		}},
	}
}

// decider is an admin of the team.
func (w *world) decider() bridge.AgentID {
	w.t.Helper()
	var agent bridge.Agent
	w.must(w.store.Change(w.ctx, func(tx bridge.Tx) (err error) {
		agent, err = tx.JoinAgent("team", bridge.Person{ID: "ana", Name: "ana"})
		return err
	}))
	return agent.ID
}

// sets sets a key to a value over what it is.
func (w *world) sets(by bridge.AgentID, key bridge.SettingKey, v bridge.SettingValue) {
	w.t.Helper()
	w.must(w.settings.Set(w.ctx, by, bridge.SettingChange{Key: key, Value: &v, Revision: w.setting(key).Revision}))
}

func (w *world) setting(key bridge.SettingKey) bridge.Setting {
	w.t.Helper()
	all, err := w.settings.All(w.ctx)
	w.must(err)
	for _, s := range all {
		if s.Key == key {
			return s
		}
	}
	w.t.Fatalf("there is no %s", key)
	return bridge.Setting{}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, both, settable)
		defer w.stop()
		ana, hold := w.decider(), teamKey(bridge.SettingHold)
		before := w.setting(hold)
		if before.Value.Hold != time.Second || before.IsSet || before.Revision != 0 || before.By != "" {
			t.Errorf("before it is %+v", before)
		}
		w.sets(ana, hold, bridge.SettingValue{Hold: 3 * time.Second})
		set := w.setting(hold)
		if set.Value.Hold != 3*time.Second || set.Default.Hold != time.Second || !set.IsSet || set.By != "ana" || set.At.IsZero() {
			t.Errorf("then it is %+v", set)
		}

		change := func(hold time.Duration, revision int64) bridge.SettingChange {
			return bridge.SettingChange{Key: set.Key, Value: &bridge.SettingValue{Hold: hold}, Revision: revision}
		}
		if err := w.settings.Set(w.ctx, ana, change(4*time.Second, before.Revision)); !errors.Is(err, bridge.ErrChanged) {
			t.Errorf("over what somebody else has set: %v", err)
		}
		w.must(w.settings.Set(w.ctx, ana, change(3*time.Second, before.Revision))) // the same once more
		if again := w.setting(hold); again.Revision != set.Revision {
			t.Errorf("the same once more made %+v", again)
		}

		var problem *bridge.Problem
		if err := w.settings.Set(w.ctx, ana, change(11*time.Second, set.Revision)); !errors.As(err, &problem) {
			t.Errorf("eleven seconds: %v", err)
		}
		if err := w.settings.Set(w.ctx, ana, bridge.SettingChange{Key: shopKey(bridge.SettingGreeting)}); !errors.As(err, &problem) || problem.Code != "fixed" {
			t.Errorf("what the configuration says: %v", err)
		}
		if err := w.settings.Set(w.ctx, ana, bridge.SettingChange{Key: shopKey(bridge.SettingHold)}); !errors.Is(err, bridge.ErrNotFound) {
			t.Errorf("what there is not: %v", err)
		}
		w.visitor("vera", "Hello")
		w.agent(w.thread("vera"), "ben", "//hello")
		w.settled()
		var ben bridge.Agent
		w.must(w.store.Look(w.ctx, func(tx bridge.Tx) (err error) { ben, err = tx.AgentByPerson("team", "ben"); return err }))
		if err := w.settings.Set(w.ctx, ben.ID, change(0, set.Revision)); !errors.As(err, &problem) || problem.Code != "not_allowed" {
			t.Errorf("of an agent: %v", err)
		}

		w.must(w.settings.Set(w.ctx, ana, bridge.SettingChange{Key: set.Key, Revision: set.Revision}))
		if back := w.setting(hold); back.Value.Hold != time.Second || back.IsSet || back.Revision <= set.Revision {
			t.Errorf("back to the default it is %+v", back)
		}
		history, err := w.settings.History(w.ctx, 10)
		w.must(err)
		if len(history) != 2 || history[0].Before != "3s" || history[0].After != "the default" || history[1].Before != "the default" || history[1].By != "ana" {
			t.Errorf("the history is %+v", history)
		}
	})
}

// What is wrong is said, each thing in words of its own, and nothing of it is kept.
func TestSettingsAreChecked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, both, settable)
		defer w.stop()
		ana := w.decider()
		texts := func(of bridge.Texts) bridge.SettingValue { return bridge.SettingValue{Texts: of} }
		hours := func(of bridge.OfficeHours) bridge.SettingValue { return bridge.SettingValue{Hours: of} }
		for _, test := range []struct {
			name  string
			key   bridge.SettingKey
			value bridge.SettingValue
			says  string
		}{
			{"hours without a zone", shopKey(bridge.SettingHours), hours(bridge.OfficeHours{Open: []string{"mon 9-17"}}), "time zone is missing"},
			{"hours by a zone of nowhere", shopKey(bridge.SettingHours), hours(bridge.OfficeHours{Zone: "Europe/Atlantis"}), "zone is not known"},
			{"hours that end too late", shopKey(bridge.SettingHours), hours(bridge.OfficeHours{Zone: "UTC", Open: []string{"mon 9-25"}}), "times are like"},
			{"a day that there is not", shopKey(bridge.SettingHours), hours(bridge.OfficeHours{Zone: "UTC", Closed: []string{"02-30"}}), "days are like"},
			{"no zone for reports", bridge.SettingKey{Name: bridge.SettingReportZone}, bridge.SettingValue{Zone: "Local"}, "zone is not known"},
			{"a rule without a desk", shopKey(bridge.SettingRoutes), bridge.SettingValue{Rules: []bridge.Rule{{Path: "/"}}}, "rule 1"},
			{"a negative hold", teamKey(bridge.SettingHold), bridge.SettingValue{Hold: -1}, "seconds"},
			{"texts for fixed words", shopKey(bridge.SettingGreeting), texts(bridge.Texts{"": "x"}), "configuration says"},
		} {
			err := w.settings.Set(w.ctx, ana, bridge.SettingChange{Key: test.key, Value: &test.value})
			if _, ok := errors.AsType[*bridge.Problem](err); !ok || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%s: %v", test.name, err)
			}
		}
		if revision, err := w.store.SettingsRevision(w.ctx); err != nil || revision != 0 {
			t.Errorf("afterwards %d changes were made, %v", revision, err)
		}
	})
}

// What one instance sets holds within about a second on another one, without a hint too; what its own configuration says
// stays there.
func TestOtherInstancesFollow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, both, settable)
		defer w.stop()
		cfg := *w.configured
		cfg.Hub, cfg.Log = nil, slog.New(slog.DiscardHandler)
		other := bridge.NewSettings(cfg)
		cfg.Settings = append([]bridge.Setting(nil), cfg.Settings...)
		cfg.Settings[4].Fixed = "variable SKEIN_…"
		stubborn := bridge.NewSettings(cfg)
		ctx, cancel := context.WithCancel(w.ctx)
		ended := make(chan struct{}, 2)
		for _, s := range []*bridge.Settings{other, stubborn} {
			go func() { _ = s.Run(ctx); ended <- struct{}{} }()
		}
		defer func() { cancel(); <-ended; <-ended }()
		w.sets(w.decider(), teamKey(bridge.SettingHold), bridge.SettingValue{Hold: 2 * time.Second})
		time.Sleep(1100 * time.Millisecond)
		if got := other.Policy().At("team").Hold; got != 2*time.Second {
			t.Errorf("elsewhere it is %v", got)
		}
		if got := stubborn.Policy().At("team").Hold; got != time.Second {
			t.Errorf("where the configuration says it, it is %v", got)
		}
	})
}

// A setting that this version cannot read leaves the default, and all others as they are.
func TestASettingThatCannotBeRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, both, settable)
		defer w.stop()
		ana := w.decider()
		w.sets(ana, shopKey(bridge.SettingHours), bridge.SettingValue{Hours: bridge.OfficeHours{Zone: "UTC", Open: []string{"sat 1-2"}}})
		w.must(w.store.Change(w.ctx, func(tx bridge.Tx) error {
			_, err := tx.SaveSetting(bridge.StoredSetting{Key: teamKey(bridge.SettingHold).String(), Value: `{"hold":"long"}`, By: ana})
			return err
		}))
		if s := w.setting(teamKey(bridge.SettingHold)); s.Value.Hold != time.Second {
			t.Errorf("it is %+v", s)
		}
		if office := w.settings.Policy().At("shop").Office; office.Open(time.Date(2000, 1, 1, 3, 0, 0, 0, time.UTC)) {
			t.Error("the hours do not hold")
		}
		w.sets(ana, teamKey(bridge.SettingHold), bridge.SettingValue{Hold: 2 * time.Second})
	})
}

// Hold and the meaning of plain lines are asked for line by line.
func TestHoldAndNotesFollowTheSettings(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, both, settable)
		defer w.stop()
		ana := w.decider()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		w.sets(ana, teamKey(bridge.SettingHold), bridge.SettingValue{Hold: 8 * time.Second})
		w.agent(thread, "ana", "one")
		time.Sleep(7 * time.Second)
		if got := w.shop.Ever("one"); len(got) > 0 {
			t.Errorf("sent before its time: %q", got)
		}
		w.sets(ana, teamKey(bridge.SettingHold), bridge.SettingValue{})
		wait(time.Second)
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: one")
		w.agent(thread, "ana", "two")
		wait(0)
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: one", "ana: two")
		w.sets(ana, teamKey(bridge.SettingPlainText), bridge.SettingValue{Notes: true})
		w.agent(thread, "ana", "secret")
		w.agent(thread, "ana", "!reply three")
		w.settled()
		w.sees(w.shop, "chat/vera", "vera: Hello", "ana: one", "ana: two", "ana: three")
		if got := w.shop.Ever("secret"); len(got) > 0 {
			t.Errorf("a note came to the visitor: %q", got)
		}
	})
}

// A conversation opens where the first rule says that holds; where none does, at all desks. It stays where it is when rules
// change.
func TestConversationsOpenByTheRules(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, both, settable, func(w *world, _ []bridge.Route) { w.assignment.Reopen = 20 * time.Minute })
		defer w.stop()
		ana := w.decider()
		only := func(e bridge.EndpointName) []bridge.EndpointName { return []bridge.EndpointName{e} }
		opensAt := func(visitor string, want ...*bridgetest.Platform) {
			t.Helper()
			w.visitor(visitor, "Hello")
			w.settled()
			for _, p := range []*bridgetest.Platform{w.team, w.deck} {
				there := false
				w.must(p.Await(w.ctx, func(all []bridgetest.Message) bool {
					there = slices.ContainsFunc(all, func(m bridgetest.Message) bool { return m.Author == visitor })
					return true
				}))
				if there != slices.Contains(want, p) {
					t.Errorf("%s at %s: %v", visitor, p.Name(), there)
				}
			}
		}
		greet := func(v bridge.Visitor) {
			t.Helper()
			v.Endpoint, v.SeenAt = "shop", time.Now()
			_, err := w.desk.Greet(w.ctx, v)
			w.must(err)
		}
		opensAt("before", w.team, w.deck)
		w.sets(ana, shopKey(bridge.SettingHours), bridge.SettingValue{Hours: bridge.OfficeHours{Zone: "UTC", Open: []string{"mon-sun 0-0:10"}}})
		w.sets(ana, shopKey(bridge.SettingRoutes), bridge.SettingValue{Rules: []bridge.Rule{
			{Tags: []string{"vip"}, Desk: only("deck")},
			{Path: "/wholesale", Desk: only("deck")},
			{Languages: []string{"de"}, Desk: only("team")},
			{Hours: bridge.Outside, Desk: only("deck")},
		}})
		opensAt("nobody special", w.team, w.deck)
		greet(bridge.Visitor{Key: "a dealer", Page: bridge.Page{URL: "https://shop.example/wholesale/tents"}, Locale: "de"})
		opensAt("a dealer", w.deck)
		greet(bridge.Visitor{Key: "a German", Locale: "de-DE"})
		opensAt("a German", w.team)
		time.Sleep(10 * time.Minute)
		opensAt("at night", w.deck)

		w.visitor("before", "Hello again")
		w.settled()
		w.sees(w.team, w.threadAt(w.team, "before"), "before: Hello", "before: Hello again")
		thread := w.threadAt(w.team, "a German")
		w.agent(thread, "ana", "!tag vip")
		w.agent(thread, "ana", "!close")
		w.settled()
		time.Sleep(21 * time.Minute)
		opensAt("a German", w.team, w.deck) // the earlier conversation at one, the next at the other
		if got := lines(w.team.Messages(thread)); strings.Contains(strings.Join(got, "\n"), "Hello again") {
			t.Errorf("the earlier one shows %q", got)
		}
	})
}
