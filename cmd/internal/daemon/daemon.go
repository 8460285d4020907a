// Package daemon is the running Skein: it builds store, desk, adapters, courier and HTTP server in that order and stops
// them in the order receiving, claiming, HTTP, store. cmd/skein runs it as it is, cmd/skein-demo beside simulated
// platforms, tests from within.
package daemon

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
	_ "time/tzdata" // agents' hours are in time zones, which not every machine knows

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/config"
	"github.com/skeindesk/skein/store"
	"github.com/skeindesk/skein/workbench"
)

// Options are what a program adds to the configuration.
type Options struct {
	Log     *slog.Logger
	Version string
	// Ready is called once, when the daemon serves, with the address it listens on.
	Ready func(address string)
	// Routes adds pages of the program to the HTTP server.
	Routes func(mux *http.ServeMux)
	// Listener is where to serve, if the program listens already; otherwise the configured address.
	Listener net.Listener
	// Prepare is called with the store before anything runs; the demonstration seeds its team with it.
	Prepare func(ctx context.Context, s *store.Store) error
	// Translator translates in the stead of the configured engine; nil: that does.
	Translator bridge.Translator
	// Desks says where the next conversation of a visitor's endpoint opens its threads, in the stead of the configuration.
	Desks func(visitors bridge.EndpointName) []bridge.EndpointName
}

// daemon is what Run builds.
type daemon struct {
	cfg        config.Config
	opts       Options
	log        *slog.Logger
	store      *store.Store
	hub        *bridge.Hub
	proofs     *bridge.Hub // of what has come to visitors
	typing     *bridge.Hub // of where agents are writing
	set        *bridge.Hub // of settings
	conditions *bridge.Conditions
	metrics    *metrics
	platforms  *platforms
	shelf      *bridge.Shelf
	knowledge  *bridge.Knowledge
	settings   *bridge.Settings
	desk       *bridge.Desk
	blobs      bridge.Blobs
	porter     *bridge.Porter
	letters    workbench.Mail // nil: there is no mail server
	courier    *bridge.Courier
	marker     *bridge.Marker
	keeper     *bridge.Keeper
	started    time.Time
}

// Run serves until ctx ends and returns when everything accepted has been settled. The schema is migrated first.
func Run(ctx context.Context, cfg config.Config, opts Options) (err error) {
	d := &daemon{
		cfg: cfg, opts: opts, log: opts.Log, hub: bridge.NewHub(), proofs: bridge.NewHub(), typing: bridge.NewHub(), set: bridge.NewHub(),
		started: time.Now(),
	}
	for _, key := range Unused(cfg) {
		d.log.Warn("this version does nothing with a setting", "key", key)
	}
	listener := opts.Listener
	if listener == nil {
		if listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", cfg.Listen); err != nil {
			return fmt.Errorf("listen: %w", err)
		}
	}
	defer func() { err = errors.Join(err, ignoreClosed(listener.Close())) }()

	d.store, err = store.Open(ctx, string(cfg.Database), store.Options{Log: d.log})
	if err != nil {
		return err
	}
	release, err := d.store.Own()
	if err != nil {
		return errors.Join(err, d.store.Close())
	}
	defer func() { err = errors.Join(err, d.store.Close(), release()) }()
	if err := d.store.Migrate(ctx); err != nil {
		return err
	}
	if err := d.store.ReleaseLeases(ctx); err != nil {
		return err
	}
	if opts.Prepare != nil {
		if err := opts.Prepare(ctx, d.store); err != nil {
			return err
		}
	}
	if err := d.build(ctx); err != nil {
		return err
	}
	return d.serve(ctx, listener)
}

// build makes the parts and connects them. It starts nothing.
func (d *daemon) build(ctx context.Context) error {
	d.conditions = bridge.NewConditions(func(e bridge.EndpointName, c bridge.Condition) {
		d.log.Info("endpoint", "endpoint", e, "condition", c.State, "detail", c.Public)
	})
	d.metrics = newMetrics(d.store, d.conditions)
	blobs, err := openFiles(d.cfg)
	if err != nil {
		return err
	}
	d.tryFiles(ctx, blobs)
	porter, links, err := newPorter(ctx, d, blobs)
	if err != nil {
		return err
	}
	d.porter, d.blobs = porter, blobs
	d.shelf, d.knowledge = bridge.NewShelf(d.store, d.log), bridge.NewKnowledge(d.store, d.log)
	if d.cfg.Robot.Engine != config.NoEngine { // it may be asked at once
		if _, err := d.knowledge.All(ctx); err != nil {
			return err
		}
	}
	d.settings = newSettings(d)
	if err := d.settings.Follow(ctx); err != nil {
		return err
	}
	mailing, letters, err := newMailing(d)
	if err != nil {
		return err
	}
	d.letters = letters
	languages, err := newLanguages(d)
	if err != nil {
		return err
	}
	d.desk = bridge.NewDesk(bridge.DeskConfig{
		Ledger: d.store, Hub: d.hub, Routes: routes(d.cfg), Policy: d.settings.Policy, Desks: d.opts.Desks, Shelf: d.shelf, Knowledge: d.knowledge, Robot: manners(d.cfg.Robot), Conditions: d.conditions, Fetch: d.porter.Fetch,
		Link: d.threadLink, ShowTyping: d.showTyping, Typing: d.typing, Meter: d.metrics, Log: d.log, Assignment: assignment(d.cfg.Assignment),
		Workbench: WorkbenchURL(d.cfg), Mailing: mailing, Languages: languages,
		Along: func(ctx context.Context, say func(bridge.Claimant) ([]bridge.Lane, error)) error {
			return d.courier.Along(ctx, say) // made after the desk, which it needs
		},
	})
	secret, err := d.store.Secret(ctx, "visitor tokens")
	if err != nil {
		return err
	}
	d.platforms, err = newPlatforms(d, blobs, links, secret)
	if err != nil {
		return err
	}
	if err := d.desk.Gather(ctx, d.platforms.sharing(d.cfg)); err != nil {
		return err
	}
	repair := bridge.NewRepair(d.store, d.desk, d.log)
	d.courier = bridge.NewCourier(bridge.CourierConfig{
		Book: d.store, Hub: d.hub, Adapters: d.platforms.adapters, Conditions: d.conditions, Meter: d.metrics, Log: d.log,
		Proofs: d.proofs, Tell: d.desk.TellElsewhere, Missed: repair.Expect, Bring: d.porter.Bring,
	})
	d.marker = bridge.NewMarker(d.store, d.courier, d.log, d.hub, d.proofs)
	d.keeper = bridge.NewKeeper(bridge.KeeperConfig{
		Leases: d.store, Owner: rand.Text(), Adapters: d.platforms.adapters, Courier: d.courier, Sink: d.desk,
		Repair: repair, Conditions: d.conditions, Log: d.log,
	})
	return nil
}

// fileLimit is the largest file that is copied from a platform.
const fileLimit = 100 << 20

// serve runs the parts until ctx ends or one of them fails, then stops them in order.
func (d *daemon) serve(ctx context.Context, listener net.Listener) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	claiming, stopClaiming := context.WithCancel(context.WithoutCancel(ctx))
	defer stopClaiming()
	background, stopBackground := context.WithCancel(context.WithoutCancel(ctx))
	defer stopBackground()

	var receivers, couriers, others sync.WaitGroup
	run := func(wg *sync.WaitGroup, ctx context.Context, name string, part func(context.Context) error) {
		wg.Go(func() {
			if err := part(ctx); err != nil {
				fail(fmt.Errorf("%s: %w", name, err))
			}
		})
	}
	run(&others, background, "hints", func(ctx context.Context) error {
		return store.NewNotifier(d.store).Run(ctx, store.Hubs{Changed: d.hub, Typing: d.typing, Settings: d.set})
	})
	run(&others, background, "settings", d.settings.Run)
	run(&others, background, "digests", func(ctx context.Context) error {
		return d.store.KeepDigests(ctx, func() *time.Location { return d.settings.Policy().Zone() })
	})
	run(&others, background, "retention", func(ctx context.Context) error {
		return bridge.KeepRetention(ctx, d.store, d.settings.Policy, d.log)
	})
	run(&others, background, "files", d.porter.Run)
	run(&others, background, "places", d.platforms.followPlaces)
	run(&others, background, "quick replies", d.shelf.Run)
	run(&others, background, "knowledge", d.knowledge.Run)
	run(&couriers, claiming, "courier", d.courier.Run)
	run(&others, background, "duty", d.desk.KeepDuty)
	run(&couriers, claiming, "mail", d.desk.KeepMail)
	run(&couriers, claiming, "translations", d.desk.KeepTranslations)
	run(&others, background, "typing", d.desk.KeepTyping)
	run(&couriers, claiming, "marks", d.marker.Run)
	run(&receivers, ctx, "keeper", d.keeper.Run)
	server := d.server() //nolint:contextcheck // pages get theirs when they are rendered
	run(&others, background, "http", func(context.Context) error { return serveHTTP(server, listener) })
	stopMetrics, err := d.serveMetrics(ctx)
	if err != nil {
		fail(err)
	}
	if d.opts.Ready != nil && err == nil {
		d.opts.Ready(listener.Addr().String())
	}

	<-ctx.Done()
	receivers.Wait()
	stopClaiming()
	couriers.Wait()
	d.stopHTTP(server) //nolint:contextcheck // the context that asked to stop has ended
	stopMetrics()
	stopBackground()
	others.Wait()
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
