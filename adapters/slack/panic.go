package slack

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
)

// panicked is a panic as an error. It does not show the value, which may hold what people wrote, unless the runtime
// made it.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string {
	if err, ok := p.value.(runtime.Error); ok {
		return "panic: " + err.Error()
	}
	return fmt.Sprintf("panic: a %T", p.value)
}

// guarded calls do and returns a panic in it as an error, so that no event can end the process.
func guarded(do func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &panicked{value: value, stack: debug.Stack()}
		}
	}()
	return do()
}

// isolated calls do and logs a panic in it.
func isolated(log *slog.Logger, do func()) {
	err := guarded(func() error { do(); return nil })
	if p, ok := errors.AsType[*panicked](err); ok {
		p.report(log, "an event could not be handled")
	}
}

// report logs where it happened.
func (p *panicked) report(log *slog.Logger, what string) {
	log.Error(what, "error", p, "stack", string(p.stack))
}
