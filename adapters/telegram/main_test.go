package telegram

import (
	"testing"

	"go.uber.org/goleak"
)

// Nothing that the adapter starts outlives it, the library's uploads included.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
