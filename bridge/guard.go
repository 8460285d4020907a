package bridge

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"
)

// render, send, find, history and stands keep a panic of one adapter from ending the program, which would come back to it after every
// start: what cannot be rendered is given up, what panicked on its way is of unknown fate.

func render(a Adapter, d Delivery) (parts []Part, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &Failure{Verdict: GiveUp, Public: "Skein could not show it there.", Err: panicked("render", p)}
		}
	}()
	return a.Render(d)
}

func send(ctx context.Context, a Adapter, part Part) (sent Sent, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked("send", p)
		}
	}()
	return a.Send(ctx, part)
}

func history(ctx context.Context, h Historian, t ThreadRef, since time.Time) (all History, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &Failure{Verdict: GiveUp, Public: "Skein could not read it.", Err: panicked("history", p)}
		}
	}()
	return h.History(ctx, t, since)
}

func stands(ctx context.Context, w Witness, m MessageRef) (stands bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			stands, err = true, nil // nothing is concluded
		}
	}()
	return w.Stands(ctx, m)
}

func panicked(operation string, value any) error {
	return fmt.Errorf("%s: panic: %s\n%s", operation, PanicKind(value), debug.Stack())
}

// PanicKind is what may be shown of a panic's value: what the runtime says, else only its type, for it may hold what
// people wrote.
func PanicKind(value any) string {
	if err, ok := value.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("a %T", value)
}
