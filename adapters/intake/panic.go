package intake

import (
	"log/slog"
	"runtime/debug"

	"github.com/skeindesk/skein/bridge"
)

const unhandled = "an event could not be handled"

// panicked is a panic as an error, of which it says no more than may be shown.
type panicked struct{ value any }

func (p *panicked) Error() string { return "panic: " + bridge.PanicKind(p.value) }

// Guard calls do and returns a panic in it as an error, so that no event can end the process. The log says what
// happened and where.
func Guard(log *slog.Logger, what string, do func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &panicked{value}
			log.Error(what, "error", err, "stack", string(debug.Stack()))
		}
	}()
	return do()
}

// Isolate calls do and logs a panic in it.
func Isolate(log *slog.Logger, do func()) {
	_ = Guard(log, unhandled, func() error { do(); return nil }) // there is no other error
}
