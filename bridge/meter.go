package bridge

import (
	"log/slog"
	"time"
)

// Meter counts what the Desk and the Courier do. Its methods must not block.
type Meter interface {
	// Entry counts an entry that has committed; the endpoint is empty for the system's own.
	Entry(e EndpointName, k EntryKind)
	// Delivery counts an attempt to send: "sent", "failed", "deferred", "found" or "unsure". took is the time from
	// the entry's At to the receipt, 0 when there is none.
	Delivery(e EndpointName, result string, took time.Duration)
	// PaceWait counts a part that had to wait for its turn.
	PaceWait(e EndpointName)
}

type noMeter struct{}

func (noMeter) Entry(EndpointName, EntryKind)                {}
func (noMeter) Delivery(EndpointName, string, time.Duration) {}
func (noMeter) PaceWait(EndpointName)                        {}

func meterOr(m Meter) Meter {
	if m == nil {
		return noMeter{}
	}
	return m
}

func logOr(l *slog.Logger) *slog.Logger {
	if l == nil {
		return slog.New(slog.DiscardHandler)
	}
	return l
}
