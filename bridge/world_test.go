package bridge_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/bridgetest"
	"github.com/skeindesk/skein/store"
)

// world is the core on a real SQLite file between two scripted platforms: "shop", where visitors write, and "team".
type world struct {
	t          *testing.T
	ctx        context.Context
	store      *store.Store
	hub        *bridge.Hub
	desk       *bridge.Desk
	conditions *bridge.Conditions
	shop, team *bridgetest.Platform
	stop       func()
}

type option func(w *world, routes []bridge.Route)

func newWorld(t *testing.T, opts ...option) *world {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour) // in fake time, an hour is a moment
	w := &world{
		t: t, ctx: ctx, hub: bridge.NewHub(), conditions: bridge.NewConditions(nil),
		shop: bridgetest.New("shop", bridge.Abilities{Role: bridge.RoleVisitor, OneReceiver: true}),
		team: bridgetest.New("team", bridge.Abilities{Role: bridge.RoleTeam, OneReceiver: true}),
	}
	var err error
	w.store, err = store.Open(ctx, "sqlite:"+filepath.Join(t.TempDir(), "skein.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.store.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	routes := []bridge.Route{
		{Endpoint: "shop", Role: bridge.RoleVisitor, Desk: []bridge.EndpointName{"team"}},
		{Endpoint: "team", Role: bridge.RoleTeam},
	}
	for _, o := range opts {
		o(w, routes)
	}
	log := slog.New(slog.DiscardHandler)
	w.desk = bridge.NewDesk(bridge.DeskConfig{Ledger: w.store, Hub: w.hub, Routes: routes, Conditions: w.conditions, Log: log})
	adapters := []bridge.Adapter{w.shop, w.team}
	repair := bridge.NewRepair(w.store, w.desk, log)
	courier := bridge.NewCourier(bridge.CourierConfig{
		Book: w.store, Hub: w.hub, Adapters: adapters, Conditions: w.conditions, Log: log, Tell: w.desk.Tell, Missed: repair.Expect,
	})
	keeper := bridge.NewKeeper(bridge.KeeperConfig{
		Leases: w.store, Owner: "me", Adapters: adapters, Courier: courier, Sink: w.desk,
		Repair: repair, Conditions: w.conditions, Log: log,
	})
	runCtx, stopRunning := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { _ = courier.Run(runCtx) })
	wg.Go(func() { _ = keeper.Run(runCtx) })
	w.stop = sync.OnceFunc(func() {
		stopRunning()
		wg.Wait()
		cancel()
		if err := w.store.Close(); err != nil {
			t.Error(err)
		}
	})
	w.must(w.shop.Ready(ctx))
	w.must(w.team.Ready(ctx))
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// visitor says something in the visitor's chat of that name.
func (w *world) visitor(name, text string) bridge.MessageRef {
	w.t.Helper()
	ref, err := w.shop.Say(w.ctx, bridge.ThreadRef("chat/"+name), name, text)
	w.must(err)
	return ref
}

// agent says something in a team thread.
func (w *world) agent(thread bridge.ThreadRef, name, text string) bridge.MessageRef {
	w.t.Helper()
	ref, err := w.team.Say(w.ctx, thread, name, text)
	w.must(err)
	return ref
}

// thread waits for the visitor's thread in the team's chat and returns it.
func (w *world) thread(visitor string) bridge.ThreadRef {
	w.t.Helper()
	var found bridge.ThreadRef
	w.must(w.team.Await(w.ctx, func(all []bridgetest.Message) bool {
		for _, m := range all {
			if m.Author == visitor {
				found = m.Thread
			}
		}
		return found != ""
	}))
	return found
}

// sees waits until the lines of a thread on the platform, without the card, are exactly these, as "author: text".
func (w *world) sees(p *bridgetest.Platform, t bridge.ThreadRef, want ...string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 10*time.Minute)
	defer cancel()
	err := p.Await(ctx, func([]bridgetest.Message) bool {
		got := lines(p.Messages(t))
		return fmt.Sprint(got) == fmt.Sprint(want)
	})
	if err != nil {
		w.t.Fatalf("%s shows %q, want %q", p.Name(), lines(p.Messages(t)), want)
	}
}

func lines(ms []bridgetest.Message) []string {
	out := []string{}
	for _, m := range ms {
		if m.Author != "card" {
			out = append(out, m.Author+": "+m.Text)
		}
	}
	return out
}
