package bridge_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/bridgetest"
	"github.com/skeindesk/skein/store"
	"github.com/skeindesk/skein/store/sqlitetest"
)

// world is the core on a real SQLite file between two scripted platforms: "shop", where visitors write, and "team".
type world struct {
	t          *testing.T
	ctx        context.Context
	store      *store.Store
	hub        *bridge.Hub
	proofs     *bridge.Hub
	typing     *typingSeen
	marks      bool // of the option marked
	desk       *bridge.Desk
	shelf      *bridge.Shelf
	conditions *bridge.Conditions
	shop, team *bridgetest.Platform
	deck       *bridgetest.Platform // a second team chat, of the option both
	bot        *bridgetest.Platform // a second place for visitors, of the option elsewhere
	settles    *settles             // of the option brokenSettles
	late       *lateLooks           // of the option settledBetween
	unasked    bool                 // the shop cannot be asked what got through
	bring      func(context.Context, []bridge.File, time.Time, bool) ([]bridge.File, error)
	fetch      func(bridge.File)
	edit       func(*bridge.Route) // called for every route
	assignment bridge.Assignment
	mailing    *bridge.Mailing      // of the option mailed; its Book is the world's store
	languages  *bridge.Languages    // of the option translating; its Book is the world's store
	robot      *bridge.RobotManners // of the option answering
	thinks     func() bridge.Adapter
	configured *bridge.SettingsConfig // of the option settable; the rest of it is the world's
	settings   *bridge.Settings
	presses    int
	opened     func() // called when the store is open, and before anything runs
	database   string
	routes     []bridge.Route
	stop       func()
}

// both opens every conversation in a second team chat as well.
func both(w *world, routes []bridge.Route) {
	w.deck = bridgetest.New("deck", bridge.Abilities{Role: bridge.RoleTeam, OneReceiver: true})
	routes[0].Desk = append(routes[0].Desk, "deck")
}

// elsewhere lets visitors write to a bot as well.
func elsewhere(w *world, _ []bridge.Route) {
	w.bot = bridgetest.New("bot", bridge.Abilities{Role: bridge.RoleVisitor, OneReceiver: true})
}

type option func(w *world, routes []bridge.Route)

func newWorld(t *testing.T, opts ...option) *world {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour) // in fake time, an hour is a moment
	t.Cleanup(cancel)
	w := &world{
		t: t, ctx: ctx, database: sqlitetest.Database(t),
		shop: bridgetest.New("shop", bridge.Abilities{Role: bridge.RoleVisitor, OneReceiver: true}),
		team: bridgetest.New("team", bridge.Abilities{Role: bridge.RoleTeam, OneReceiver: true}),
		routes: []bridge.Route{
			{Endpoint: "shop", Role: bridge.RoleVisitor, Desk: []bridge.EndpointName{"team"}},
			{Endpoint: "team", Role: bridge.RoleTeam},
		},
	}
	for _, o := range opts {
		o(w, w.routes)
	}
	if w.deck != nil {
		w.routes = append(w.routes, bridge.Route{Endpoint: "deck", Role: bridge.RoleTeam})
	}
	if w.bot != nil {
		w.routes = append(w.routes, bridge.Route{Endpoint: "bot", Role: bridge.RoleVisitor, Desk: []bridge.EndpointName{"team"}})
	}
	for i := range w.routes {
		if w.edit != nil {
			w.edit(&w.routes[i])
		}
	}
	w.start()
	return w
}

// start runs the core on the world's database, until stop; then it may be started again.
func (w *world) start() {
	w.t.Helper()
	w.hub, w.proofs, w.conditions = bridge.NewHub(), bridge.NewHub(), bridge.NewConditions(nil)
	w.typing = newTypingSeen()
	var err error
	w.store, err = store.Open(w.ctx, w.database, store.Options{})
	w.must(err)
	w.must(w.store.ReleaseLeases(w.ctx))
	if w.opened != nil {
		w.opened()
	}
	adapters := []bridge.Adapter{w.shop, w.team}
	for _, p := range []*bridgetest.Platform{w.deck, w.bot} {
		if p != nil {
			adapters = append(adapters, p)
		}
	}
	if w.thinks != nil {
		adapters = append(adapters, w.thinks())
	}
	var book bridge.LaneBook = w.store
	if w.settles != nil {
		w.settles.LaneBook, book = book, w.settles
	}
	log := slog.New(slog.DiscardHandler)
	w.shelf = bridge.NewShelf(w.store, log)
	if w.mailing != nil {
		w.mailing.Book, w.mailing.Proofs = w.store, w.proofs
	}
	if w.languages != nil {
		w.languages.Book = w.store
	}
	var policy func() *bridge.Policy
	if w.configured != nil {
		w.configured.Book, w.configured.Ledger, w.configured.Hub, w.configured.Log = w.store, w.store, bridge.NewHub(), log
		w.settings = bridge.NewSettings(*w.configured)
		policy = w.settings.Policy
	}
	var courier *bridge.Courier
	along := func(ctx context.Context, say func(bridge.Claimant) ([]bridge.Lane, error)) error {
		return courier.Along(ctx, say)
	}
	var ledger bridge.Ledger = w.store
	if w.late != nil {
		w.late.Ledger, ledger = ledger, w.late
	}
	w.desk = bridge.NewDesk(bridge.DeskConfig{Along: along, Ledger: ledger, Hub: w.hub, Routes: w.routes, Policy: policy, Shelf: w.shelf, Conditions: w.conditions, Fetch: w.fetch, Log: log, Assignment: w.assignment, Mailing: w.mailing, Languages: w.languages, Robot: w.robot, ShowTyping: w.typing.show, Typing: w.typing.hub, Link: func(e bridge.EndpointName, t bridge.ThreadRef) string {
		return "https://" + string(e) + ".example/" + string(t)
	}})
	if w.team.Commons() != "" {
		w.must(w.desk.Gather(w.ctx, []bridge.Adapter{w.team, w.deck}))
	}
	repair := bridge.NewRepair(w.store, w.desk, log)
	reached := slices.Clone(adapters)
	if w.unasked {
		reached[0] = struct{ bridge.Adapter }{w.shop}
	}
	courier = bridge.NewCourier(bridge.CourierConfig{
		Book: book, Hub: w.hub, Adapters: reached, Conditions: w.conditions, Log: log, Tell: w.desk.TellElsewhere, Missed: repair.Expect,
		Bring: w.bring, Proofs: w.proofs,
	})
	keeper := bridge.NewKeeper(bridge.KeeperConfig{
		Leases: w.store, Owner: "me", Adapters: adapters, Courier: courier, Sink: w.desk,
		Repair: repair, Conditions: w.conditions, Log: log,
	})
	ctx, stopRunning := context.WithCancel(w.ctx)
	var wg sync.WaitGroup
	if w.marks {
		wg.Go(func() { _ = bridge.NewMarker(w.store, courier, log, w.hub, w.proofs).Run(ctx) })
	}
	wg.Go(func() { _ = courier.Run(ctx) })
	wg.Go(func() { _ = keeper.Run(ctx) })
	wg.Go(func() { _ = w.desk.KeepDuty(ctx) })
	wg.Go(func() { _ = w.shelf.Run(ctx) })
	if w.settings != nil {
		wg.Go(func() { _ = w.settings.Run(ctx) })
	}
	wg.Go(func() { _ = w.desk.KeepTyping(ctx) })
	wg.Go(func() { _ = w.desk.KeepMail(ctx) })
	wg.Go(func() { _ = w.desk.KeepTranslations(ctx) })
	running := w.store
	w.stop = sync.OnceFunc(func() {
		stopRunning()
		wg.Wait()
		if err := running.Close(); err != nil {
			w.t.Error(err)
		}
	})
	for _, a := range adapters {
		if p, ok := a.(*bridgetest.Platform); ok {
			w.must(p.Ready(w.ctx))
		}
	}
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
	return w.threadAt(w.team, visitor)
}

func (w *world) threadAt(p *bridgetest.Platform, visitor string) bridge.ThreadRef {
	w.t.Helper()
	var found bridge.ThreadRef
	w.must(p.Await(w.ctx, func(all []bridgetest.Message) bool {
		for _, m := range all {
			if m.Author == visitor {
				found = m.Thread
			}
		}
		return found != ""
	}))
	return found
}

// toldSome waits until the system has said something in the thread that begins with these words.
func (w *world) toldSome(p *bridgetest.Platform, t bridge.ThreadRef, words string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 10*time.Minute)
	defer cancel()
	err := p.Await(ctx, func([]bridgetest.Message) bool {
		return strings.Contains("\n"+strings.Join(lines(p.Messages(t)), "\n"), "\nSkein: "+words)
	})
	if err != nil {
		w.t.Fatalf("%s shows %q, want it told %q", p.Name(), lines(p.Messages(t)), words)
	}
}

// told waits until the system has said this in the thread, and fails the test if it says it twice.
func (w *world) told(p *bridgetest.Platform, t bridge.ThreadRef, text string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 10*time.Minute)
	defer cancel()
	count := func() int { return strings.Count(strings.Join(lines(p.Messages(t)), "\n")+"\n", "Skein: "+text+"\n") }
	if err := p.Await(ctx, func([]bridgetest.Message) bool { return count() > 0 }); err != nil {
		w.t.Fatalf("%s shows %q, want it told %q", p.Name(), lines(p.Messages(t)), text)
	}
	w.settled()
	if n := count(); n != 1 {
		w.t.Errorf("%s was told %d times: %q", p.Name(), n, text)
	}
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
