package slack

import (
	"slices"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
)

func TestThreadRefs(t *testing.T) {
	ref := makeThread("C1", "1700000000.000100")
	if ref != "C1/1700000000.000100" {
		t.Errorf("makeThread = %q; the form is stored and must not change", ref)
	}
	channel, ts, err := parseThread(ref)
	if channel != "C1" || ts != "1700000000.000100" || err != nil {
		t.Errorf("parseThread(%q) = %q, %q, %v", ref, channel, ts, err)
	}
	for _, bad := range []bridge.ThreadRef{"", "C1", "C1/", "/1700000000.000100", "C1/1700000000", "C1/x.000100", "C1/1700000000.0001"} {
		if _, _, err := parseThread(bad); err == nil {
			t.Errorf("parseThread(%q) accepts it", bad)
		}
	}
}

func TestMessageRefs(t *testing.T) {
	for _, c := range []struct {
		ref   bridge.MessageRef
		place messagePlace
	}{
		{"C1/1700000000.000100", messagePlace{channel: "C1", ts: "1700000000.000100"}},
		{"C1/1700000000.000100/F1", messagePlace{"C1", "1700000000.000100", []string{"F1"}}},
		{"C1/1700000000.000100/F1,F2", messagePlace{"C1", "1700000000.000100", []string{"F1", "F2"}}},
		{"C1//F1", messagePlace{"C1", "", []string{"F1"}}},
	} {
		if got := makeMessage(c.place.channel, c.place.ts, c.place.files...); got != c.ref {
			t.Errorf("makeMessage(%+v) = %q, want %q; the form is stored and must not change", c.place, got, c.ref)
		}
		got, err := parseMessage(c.ref)
		if err != nil || got.channel != c.place.channel || got.ts != c.place.ts || !slices.Equal(got.files, c.place.files) {
			t.Errorf("parseMessage(%q) = %+v, %v", c.ref, got, err)
		}
	}
	for _, bad := range []bridge.MessageRef{"", "C1", "C1/", "C1//", "/1700000000.000100", "C1/1700000000.000100/", "C1/1/F1", "C1/1700000000.000100/F/x"} {
		if _, err := parseMessage(bad); err == nil {
			t.Errorf("parseMessage(%q) accepts it", bad)
		}
	}
}

func TestTimestamps(t *testing.T) {
	moment := time.Date(2026, 11, 25, 10, 0, 0, 123456000, time.UTC)
	if got := tsOf(moment); !timeOf(got).Equal(moment) {
		t.Errorf("timeOf(tsOf(%v)) = %v", moment, timeOf(got))
	}
	if later := moment.Add(time.Nanosecond); timeOf(tsOf(later)).Before(later) {
		t.Errorf("tsOf(%v) lies before it", later)
	}
	sorted := []string{"9.999999", "1700000000.000002", "1700000000.000010", "1700000001.000000", "10000000000.000000"}
	for i := range len(sorted) - 1 {
		if compareTS(sorted[i], sorted[i+1]) >= 0 {
			t.Errorf("compareTS(%q, %q) does not put the first first", sorted[i], sorted[i+1])
		}
	}
	if compareTS("01.000000", "1.000000") != 0 {
		t.Error("leading zeros make a difference")
	}
}

func TestThreadLink(t *testing.T) {
	a := &Adapter{}
	if link := a.ThreadLink("C1/1712345678.000100"); link != "" {
		t.Errorf("before Slack has said where the workspace is, the link is %q", link)
	}
	a.me.Store(&self{site: "https://geese.slack.com/"})
	want := "https://geese.slack.com/archives/C1/p1712345678000100?thread_ts=1712345678.000100&cid=C1"
	if link := a.ThreadLink("C1/1712345678.000100"); link != want {
		t.Errorf("the link is %q, want %q", link, want)
	}
	if link := a.ThreadLink("elsewhere"); link != "" {
		t.Errorf("of a thread that is none, the link is %q", link)
	}
}
