package intake

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

func TestGuard(t *testing.T) {
	var nothing []int
	away := errors.New("away")
	for _, test := range []struct {
		name string
		do   func() error
		want string // the error
		logs bool
	}{
		{"well", func() error { return nil }, "", false},
		{"an error", func() error { return away }, "away", false},
		{"the code is wrong", func() error { return errors.New("never" + string(rune(nothing[len(nothing)]))) }, "panic: runtime error: index out of range [0] with length 0", true},
		{"a value that may be anybody's words", func() error { panic("what somebody wrote") }, "panic: a string", true},
		{"an error that may hold anybody's words", func() error { panic(errors.New("what somebody wrote")) }, "panic: a *errors.errorString", true},
	} {
		var out bytes.Buffer
		got := ""
		if err := Guard(slog.New(slog.NewTextHandler(&out, nil)), "it broke", test.do); err != nil {
			got = err.Error()
		}
		log := out.String()
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
		if logs := strings.Contains(log, `msg="it broke"`) && strings.Contains(log, "panic_test.go"); logs != test.logs || strings.Contains(log, "somebody") {
			t.Errorf("%s: the log says\n%s", test.name, log)
		}
	}
}
