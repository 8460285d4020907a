package daemon

import (
	"context"
	"fmt"
	"net/http"
	"time"

	vm "github.com/VictoriaMetrics/metrics"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/store"
)

// metrics implements bridge.Meter; lanes and conditions are read when they are asked for.
type metrics struct {
	counted    *vm.Set
	store      *store.Store
	conditions *bridge.Conditions
}

var _ bridge.Meter = (*metrics)(nil)

func newMetrics(s *store.Store, conditions *bridge.Conditions) *metrics {
	vm.ExposeMetadata(true) // the type of each, which the library keeps to itself otherwise
	return &metrics{counted: vm.NewSet(), store: s, conditions: conditions}
}

// deliverySeconds are the upper bounds of skein_delivery_seconds.
var deliverySeconds = []float64{.0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300}

// name is a series' name with its labels: names beside values.
func name(family string, labels ...string) string {
	out, comma := family+"{", ""
	for i := 0; i+1 < len(labels); i += 2 {
		out += fmt.Sprintf("%s%s=%q", comma, labels[i], labels[i+1])
		comma = ","
	}
	return out + "}"
}

// ServeHTTP answers in Prometheus' text form.
func (m *metrics) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
	defer cancel()
	stats, err := m.store.LaneStats(ctx)
	characters, translated := m.store.Spent(ctx, time.Now().UTC().Format("2006-01"))
	if err != nil || translated != nil {
		http.Error(w, "The database does not answer.", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	m.counted.WritePrometheus(w)
	now := vm.NewSet()
	set := func(value float64, family string, labels ...string) {
		now.NewGauge(name(family, labels...), func() float64 { return value })
	}
	m.lanes(stats, set)
	m.endpoints(set)
	now.NewGauge("skein_translated_characters", func() float64 { return float64(characters) })
	now.WritePrometheus(w)
	vm.WriteProcessMetrics(w)
}

// lanes tells how far behind the lanes of each endpoint are.
func (m *metrics) lanes(stats []bridge.LaneStat, set func(value float64, family string, labels ...string)) {
	behind := map[bridge.EndpointName]bridge.LaneStat{}
	for e := range m.conditions.All() {
		behind[e] = bridge.LaneStat{Endpoint: e}
	}
	for _, s := range stats {
		behind[s.Endpoint] = s
	}
	for e, s := range behind {
		set(float64(s.Lag), "skein_lane_lag_entries", "endpoint", string(e))
		set(s.Oldest.Seconds(), "skein_lane_oldest_seconds", "endpoint", string(e))
	}
}

// endpoints tells the condition of each endpoint: 1 for the one it is in.
func (m *metrics) endpoints(set func(value float64, family string, labels ...string)) {
	states := []bridge.ConditionState{
		bridge.Starting, bridge.Running, bridge.Impaired, bridge.Refused, bridge.Elsewhere, bridge.Stopped,
	}
	for e, condition := range m.conditions.All() {
		for _, s := range states {
			value := 0.0
			if condition.State == s {
				value = 1
			}
			set(value, "skein_endpoint_condition", "endpoint", string(e), "condition", string(s))
		}
	}
}

// Entry implements bridge.Meter: an entry was committed to the log.
func (m *metrics) Entry(e bridge.EndpointName, k bridge.EntryKind) {
	m.counted.GetOrCreateCounter(name("skein_entries_total", "endpoint", string(e), "kind", string(k))).Inc()
}

// Delivery implements bridge.Meter: of an attempt to deliver came result; took is from commit to the platform's receipt.
func (m *metrics) Delivery(e bridge.EndpointName, result string, took time.Duration) {
	m.counted.GetOrCreateCounter(name("skein_deliveries_total", "endpoint", string(e), "result", result)).Inc()
	if result == "sent" {
		m.counted.GetOrCreatePrometheusHistogramExt(name("skein_delivery_seconds", "endpoint", string(e)), deliverySeconds).Update(took.Seconds())
	}
}

// PaceWait implements bridge.Meter: a part had to wait for its turn.
func (m *metrics) PaceWait(e bridge.EndpointName) {
	m.counted.GetOrCreateCounter(name("skein_ratelimit_waits_total", "endpoint", string(e))).Inc()
}

// connected counts visitors' streams that are open on this instance.
func (m *metrics) connected(e bridge.EndpointName, change int) {
	m.counted.GetOrCreateGauge(name("skein_visitors_connected", "endpoint", string(e)), nil).Add(float64(change))
}

// refused counts a request that was answered with the problem of this code. There are only so many codes.
func (m *metrics) refused(e bridge.EndpointName, reason string) {
	m.counted.GetOrCreateCounter(name("skein_refusals_total", "endpoint", string(e), "reason", reason)).Inc()
}
