package daemon

import (
	"net/http/httptest"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/store/sqlitetest"
)

// TestMetrics reads the metrics as Prometheus does.
func TestMetrics(t *testing.T) {
	s := sqlitetest.Open(t)
	conditions := bridge.NewConditions(nil)
	conditions.Set("shop", bridge.Condition{State: bridge.Running})
	conditions.Set("chat", bridge.Condition{State: bridge.Refused})
	m := newMetrics(s, conditions)
	m.Entry("shop", bridge.Said)
	m.Delivery("chat", "sent", 30*time.Millisecond)
	m.Delivery("chat", "failed", 0)
	m.PaceWait("chat")
	m.connected("shop", 2)
	m.refused("shop", "too_long")
	for _, month := range []string{time.Now().UTC().Format("2006-01"), "2001-01"} {
		if _, err := s.Spend(t.Context(), month, 1200); err != nil {
			t.Fatal(err)
		}
	}

	answer := httptest.NewRecorder()
	m.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]struct {
		kind   dto.MetricType
		series int
	}{
		"skein_entries_total":         {dto.MetricType_COUNTER, 1},
		"skein_deliveries_total":      {dto.MetricType_COUNTER, 2},
		"skein_delivery_seconds":      {dto.MetricType_HISTOGRAM, 1},
		"skein_lane_lag_entries":      {dto.MetricType_GAUGE, 2},
		"skein_lane_oldest_seconds":   {dto.MetricType_GAUGE, 2},
		"skein_endpoint_condition":    {dto.MetricType_GAUGE, 12},
		"skein_ratelimit_waits_total": {dto.MetricType_COUNTER, 1},
		"skein_visitors_connected":    {dto.MetricType_GAUGE, 1},
		"skein_refusals_total":        {dto.MetricType_COUNTER, 1},
		"skein_translated_characters": {dto.MetricType_GAUGE, 1},
		"go_goroutines":               {dto.MetricType_GAUGE, 1},
	} {
		f := families[name]
		if f == nil || f.GetType() != want.kind || len(f.GetMetric()) != want.series {
			t.Errorf("%s: %v, want %d series of %v", name, f, want.series, want.kind)
		}
	}
	if t.Failed() {
		return
	}
	h := families["skein_delivery_seconds"].GetMetric()[0].GetHistogram()
	if h.GetSampleCount() != 1 || h.GetSampleSum() != 0.03 {
		t.Errorf("deliveries took %v", h)
	}
	if got := families["skein_translated_characters"].GetMetric()[0].GetGauge().GetValue(); got != 1200 {
		t.Errorf("%v characters were translated", got)
	}
	if got := families["skein_visitors_connected"].GetMetric()[0].GetGauge().GetValue(); got != 2 {
		t.Errorf("%v visitors", got)
	}
}
