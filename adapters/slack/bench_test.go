package slack_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/adaptertest"
	"github.com/skeindesk/skein/adapters/slack"
	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/bridge"
)

// BenchmarkReceive measures the way of an agent's line from Slack's socket to the sink, the default time to settle
// included, one line after the other.
func BenchmarkReceive(b *testing.B) {
	server := slacktest.New(slacktest.Options{
		Users:    []slacktest.User{{ID: ana, Name: "ana"}},
		Channels: []slacktest.Channel{{ID: desk, Name: "desk", Members: []string{ana}}},
	})
	if err := server.Start(); err != nil {
		b.Fatal(err)
	}
	defer server.Close()
	a, err := slack.New(slack.Config{
		Name: "s", BotToken: server.Options().BotToken, AppToken: server.Options().AppToken,
		APIURL: server.URL(), Channel: desk,
	})
	if err != nil {
		b.Fatal(err)
	}
	arrived := make(chan struct{}, 1)
	sink := adaptertest.NewSink()
	sink.OnReceive = func(context.Context, bridge.Inbound) error { arrived <- struct{}{}; return nil }
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx, sink) }()
	defer func() { cancel(); <-ended }()
	if err := server.Await(b.Context(), func(v slacktest.State) bool { return v.Delivery().Sockets == 2 }); err != nil {
		b.Fatal(err)
	}
	root, err := server.Say(ana, desk, "", "root")
	if err != nil {
		b.Fatal(err)
	}
	var took []time.Duration
	for b.Loop() {
		began := time.Now()
		if _, err := server.Say(ana, desk, root, "a line"); err != nil {
			b.Fatal(err)
		}
		<-arrived
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}
