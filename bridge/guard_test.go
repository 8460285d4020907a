package bridge_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/bridgetest"
)

// panicking is an adapter that panics as soon as it runs, with what somebody wrote.
type panicking struct{ *bridgetest.Platform }

const written = "what somebody wrote"

func (panicking) Run(context.Context, bridge.Sink) error { panic(written) }

// An adapter that panics keeps running into its fault, and the log says where, without what the panic's value says.
func TestAPanicIsLoggedWithoutContent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		var out bytes.Buffer
		log := slog.New(slog.NewTextHandler(&out, nil))
		shop := panicking{bridgetest.New("broken", bridge.Abilities{Role: bridge.RoleTeam})}
		courier := bridge.NewCourier(bridge.CourierConfig{Book: w.store, Hub: w.hub, Adapters: []bridge.Adapter{shop}, Log: log})
		keeper := bridge.NewKeeper(bridge.KeeperConfig{
			Leases: w.store, Owner: "me", Adapters: []bridge.Adapter{shop}, Courier: courier, Sink: w.desk,
			Repair: bridge.NewRepair(w.store, w.desk, log), Conditions: bridge.NewConditions(nil), Log: log,
		})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		var running sync.WaitGroup
		running.Go(func() { _ = keeper.Run(ctx) })
		running.Wait()
		if s := out.String(); strings.Contains(s, written) || !strings.Contains(s, "run: panic: a string") || !strings.Contains(s, "guard_test.go") {
			t.Errorf("the log says:\n%s", s)
		}
	})
}

func TestPanicKind(t *testing.T) {
	kind := func(do func()) (k string) {
		defer func() { k = bridge.PanicKind(recover()) }()
		do()
		return ""
	}
	var none []int
	for want, do := range map[string]func(){
		"a string":              func() { panic(written) },
		"a *errors.errorString": func() { panic(errors.New(written)) },
		"runtime error: index out of range [0] with length 0": func() { _ = none[len(none)] },
	} {
		if got := kind(do); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
