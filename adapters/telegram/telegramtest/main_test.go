package telegramtest_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain proves that Close leaves no goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
