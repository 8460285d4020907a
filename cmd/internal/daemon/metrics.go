package daemon

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/store"
)

// metrics implements bridge.Meter; lanes and conditions are read when they are asked for.
type metrics struct {
	registry   *prometheus.Registry
	entries    *prometheus.CounterVec
	deliveries *prometheus.CounterVec
	seconds    *prometheus.HistogramVec
	waits      *prometheus.CounterVec
	visitors   *prometheus.GaugeVec
	refusals   *prometheus.CounterVec
}

var _ bridge.Meter = (*metrics)(nil)

func newMetrics(s *store.Store, conditions *bridge.Conditions) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		entries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "skein_entries_total", Help: "Entries committed to the log.",
		}, []string{"endpoint", "kind"}),
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "skein_deliveries_total", Help: "Attempts to deliver, by what came of them.",
		}, []string{"endpoint", "result"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "skein_delivery_seconds", Help: "From an entry's commit to the platform's receipt.",
			Buckets: []float64{.0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300},
		}, []string{"endpoint"}),
		waits: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "skein_ratelimit_waits_total", Help: "Parts that had to wait for their turn.",
		}, []string{"endpoint"}),
		visitors: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "skein_visitors_connected", Help: "Visitors' streams that are open on this instance.",
		}, []string{"endpoint"}),
		refusals: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "skein_refusals_total", Help: "Visitors' requests that were refused, by the problem they were told.",
		}, []string{"endpoint", "reason"}),
	}
	m.registry.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		m.entries, m.deliveries, m.seconds, m.waits, m.visitors, m.refusals,
		lanes{store: s, conditions: conditions}, endpointConditions{conditions},
	)
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Entry implements bridge.Meter.
func (m *metrics) Entry(e bridge.EndpointName, k bridge.EntryKind) {
	m.entries.WithLabelValues(string(e), string(k)).Inc()
}

// Delivery implements bridge.Meter.
func (m *metrics) Delivery(e bridge.EndpointName, result string, took time.Duration) {
	m.deliveries.WithLabelValues(string(e), result).Inc()
	if result == "sent" {
		m.seconds.WithLabelValues(string(e)).Observe(took.Seconds())
	}
}

// PaceWait implements bridge.Meter.
func (m *metrics) PaceWait(e bridge.EndpointName) { m.waits.WithLabelValues(string(e)).Inc() }

func (m *metrics) connected(e bridge.EndpointName, change int) {
	m.visitors.WithLabelValues(string(e)).Add(float64(change))
}

// refused counts a request that was answered with the problem of this code. There are only so many codes.
func (m *metrics) refused(e bridge.EndpointName, reason string) {
	m.refusals.WithLabelValues(string(e), reason).Inc()
}

// lanes collects how far behind the lanes are.
type lanes struct {
	store      *store.Store
	conditions *bridge.Conditions
}

var (
	laneLag = prometheus.NewDesc("skein_lane_lag_entries",
		"Entries in the log that lanes have not got to yet.", []string{"endpoint"}, nil)
	laneOldest = prometheus.NewDesc("skein_lane_oldest_seconds",
		"Age of the oldest entry that a lane has not got to yet.", []string{"endpoint"}, nil)
)

func (lanes) Describe(ch chan<- *prometheus.Desc) {
	ch <- laneLag
	ch <- laneOldest
}

func (l lanes) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	stats, err := l.store.LaneStats(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(laneLag, err)
		return
	}
	behind := map[bridge.EndpointName]store.LaneStat{}
	for name := range l.conditions.All() {
		behind[name] = store.LaneStat{Endpoint: name}
	}
	for _, s := range stats {
		behind[s.Endpoint] = s
	}
	for _, s := range behind {
		ch <- prometheus.MustNewConstMetric(laneLag, prometheus.GaugeValue, float64(s.Lag), string(s.Endpoint))
		ch <- prometheus.MustNewConstMetric(laneOldest, prometheus.GaugeValue, s.Oldest.Seconds(), string(s.Endpoint))
	}
}

// endpointConditions collects the condition of each endpoint: 1 for the one it is in.
type endpointConditions struct{ conditions *bridge.Conditions }

var conditionDesc = prometheus.NewDesc("skein_endpoint_condition",
	"1 for the condition the endpoint is in on this instance.", []string{"endpoint", "condition"}, nil)

func (endpointConditions) Describe(ch chan<- *prometheus.Desc) { ch <- conditionDesc }

func (c endpointConditions) Collect(ch chan<- prometheus.Metric) {
	states := []bridge.ConditionState{
		bridge.Starting, bridge.Running, bridge.Impaired, bridge.Refused, bridge.Elsewhere, bridge.Stopped,
	}
	for name, condition := range c.conditions.All() {
		for _, s := range states {
			value := 0.0
			if condition.State == s {
				value = 1
			}
			ch <- prometheus.MustNewConstMetric(conditionDesc, prometheus.GaugeValue, value, string(name), string(s))
		}
	}
}
