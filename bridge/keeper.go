package bridge

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// Keeper decides which instance receives and sends for which endpoint. Where a platform allows one receiver, the
// instances share a lease per endpoint; whoever holds it runs the adapter, and the Courier sends for it, so that the
// platform's pace is kept in one place.
type Keeper struct {
	leases     Leases
	owner      string
	adapters   []Adapter
	courier    *Courier
	sink       Sink
	repair     *Repair
	conditions *Conditions
	log        *slog.Logger
	lease      time.Duration
}

// KeeperConfig is what a Keeper is made of. All but Lease and Log are required.
type KeeperConfig struct {
	Leases     Leases
	Owner      string // this instance; differs from every other that may be alive
	Adapters   []Adapter
	Courier    *Courier
	Sink       Sink
	Repair     *Repair
	Conditions *Conditions
	Log        *slog.Logger
	Lease      time.Duration // default 5 s; another instance takes over after at most this and a second
}

// NewKeeper returns a Keeper.
func NewKeeper(cfg KeeperConfig) *Keeper {
	return &Keeper{
		leases: cfg.Leases, owner: cfg.Owner, adapters: cfg.Adapters, courier: cfg.Courier, sink: cfg.Sink,
		repair: cfg.Repair, conditions: cfg.Conditions, log: logOr(cfg.Log), lease: cmp.Or(cfg.Lease, 5*time.Second),
	}
}

// Run keeps what it can of the endpoints until ctx ends; then it returns when every adapter has stopped.
func (k *Keeper) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	for _, a := range k.adapters {
		k.conditions.Set(a.Name(), Condition{State: Starting})
		wg.Go(func() {
			if a.Abilities().OneReceiver {
				k.contend(ctx, a)
			} else {
				k.serve(ctx, a)
			}
			k.conditions.Set(a.Name(), Condition{State: Stopped})
		})
	}
	wg.Wait()
	return nil
}

// contend serves the endpoint whenever this instance has its lease.
func (k *Keeper) contend(ctx context.Context, a Adapter) {
	for ctx.Err() == nil {
		asked := time.Now()
		held, err := k.hold(ctx, a)
		switch {
		case err != nil && ctx.Err() == nil:
			k.log.Warn("hold endpoint", "endpoint", a.Name(), "error", err)
		case held:
			k.term(ctx, a, asked)
			continue
		case err == nil:
			k.conditions.Set(a.Name(), Condition{State: Elsewhere})
		}
		pause(ctx, min(time.Second, k.lease/3))
	}
}

func (k *Keeper) hold(ctx context.Context, a Adapter) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, k.lease-leaseMargin)
	defer cancel()
	return k.leases.Hold(ctx, a.Name(), k.owner, k.lease)
}

// term serves the endpoint while the lease, asked for at the given time, is renewed. It ends before the lease could
// be another's, and yields the lease when the program is stopping.
func (k *Keeper) term(ctx context.Context, a Adapter, asked time.Time) {
	termCtx, end := context.WithCancel(ctx)
	defer end()
	trusted := k.lease - leaseMargin
	expiry := time.AfterFunc(trusted-time.Since(asked), end)
	defer expiry.Stop()

	var renewals sync.WaitGroup
	renewals.Go(func() {
		for pause(termCtx, k.lease/3) {
			asked := time.Now()
			switch held, err := k.hold(termCtx, a); {
			case err == nil && held:
				expiry.Reset(trusted - time.Since(asked))
			case err == nil:
				end()
			}
		}
	})
	k.serve(termCtx, a)
	end()
	renewals.Wait()
	if ctx.Err() == nil {
		k.log.Warn("endpoint lease lost", "endpoint", a.Name())
		return
	}
	yieldCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), k.lease)
	defer cancel()
	if err := k.leases.Yield(yieldCtx, a.Name(), k.owner); err != nil {
		k.log.Warn("yield endpoint", "endpoint", a.Name(), "error", err)
	}
}

// serve runs the adapter, again and again, until ctx ends. One failing platform never touches another.
func (k *Keeper) serve(ctx context.Context, a Adapter) {
	k.courier.Keep(a.Name())
	defer k.courier.Drop(a.Name())
	sink, finish := k.repair.watch(ctx, a, resuming{k.sink, k.courier})
	defer finish()
	for attempts := 1; ctx.Err() == nil; attempts++ {
		began := time.Now()
		err := k.runOnce(ctx, a, sink)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > time.Minute {
			attempts = 1
		}
		k.log.Warn("adapter ended", "endpoint", a.Name(), "error", err)
		k.conditions.Set(a.Name(), conditionAfter(err))
		pause(ctx, retryAfter(attempts, 0))
	}
}

// resuming is a sink that has the Courier try again what a person had to make possible first, when an adapter reports that
// it receives again.
type resuming struct {
	Sink
	courier *Courier
}

func (r resuming) Report(ctx context.Context, e EndpointName, c Condition) {
	r.Sink.Report(ctx, e, c)
	if c.Gap {
		r.courier.Resume(ctx, e)
	}
}

// conditionAfter is how an endpoint does whose adapter has ended.
func conditionAfter(err error) Condition {
	if f, told := errors.AsType[*Failure](err); told {
		return f.Condition()
	}
	return Condition{State: Impaired, Public: "The connection failed. Skein keeps trying."}
}

// runOnce turns a panic of one adapter into its error.
func (k *Keeper) runOnce(ctx context.Context, a Adapter, sink Sink) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked("run", p)
		}
	}()
	return a.Run(ctx, sink)
}

// pause waits for d and reports whether ctx is still alive.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
