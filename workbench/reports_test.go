package workbench_test

import (
	"encoding/csv"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/workbench"
)

func TestReports(t *testing.T) {
	r := newRig(t)
	ana := r.agent("=Ana")
	en := r.says("Vera", "Hello")
	r.says("Wim", "Hello")
	r.does(ana, en.Conversation, "reply", "Good day")
	r.does(ana, en.Conversation, "close", "")
	b := r.signedIn(ana)
	r.digested()
	today := r.now()
	query := "?from=" + today + "&to=" + today
	p := b.get(workbench.Base + "/reports" + query)
	for _, want := range []string{"<dt>Conversations</dt><dd>2</dd>", today + ": 2", "<bdi>website</bdi>", "<bdi>=Ana</bdi>"} {
		if !strings.Contains(p.body, want) {
			t.Errorf("the page lacks %s:\n%s", want, p.body)
		}
	}
	p = b.get(workbench.Base + "/reports.csv" + query)
	lines, err := csv.NewReader(strings.NewReader(p.body)).ReadAll()
	must(t, err)
	found := map[string][]string{}
	for _, l := range lines[1:] {
		found[l[0]+" "+l[1]] = l
	}
	if got := found["all "]; len(got) < 5 || got[2] != "2" || got[4] != "1" {
		t.Errorf("in all: %q", got)
	}
	if found["agent '=Ana"] == nil || found["day "+today] == nil || found["endpoint website"] == nil {
		t.Errorf("the file has %v", lines)
	}
	if kind := p.header.Get("Content-Disposition"); !strings.HasPrefix(kind, "attachment") {
		t.Errorf("the file is %q", kind)
	}
	for _, query := range []string{"?from=x", "?from=2026-02-01&to=2026-01-01", "?from=1990-01-01&to=2026-01-01"} {
		if p := b.get(workbench.Base + "/reports" + query); p.status != http.StatusUnprocessableEntity {
			t.Errorf("%s is answered %d", query, p.status)
		}
	}
}

var longAgo, farAhead = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)

// now is today as reports name it.
func (r *rig) now() string {
	report, err := r.store.Report(r.t.Context(), bridge.ReportQuery{From: longAgo, To: farAhead})
	must(r.t, err)
	if len(report.Days) == 0 {
		r.t.Fatal("nothing is reported of any day")
	}
	return report.Days[len(report.Days)-1].Of
}
