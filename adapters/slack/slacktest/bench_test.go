package slacktest_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
)

// BenchmarkPost measures replies posted over HTTP into many threads of one channel, client
// included. Their events are made and lost: nothing is connected.
func BenchmarkPost(b *testing.B) {
	s := slacktest.New(slacktest.Options{
		Users:    []slacktest.User{{ID: ana, Name: "ana"}},
		Channels: []slacktest.Channel{{ID: desk, Name: "desk", Members: []string{ana}}},
	})
	if err := s.Start(); err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	var roots []string
	for range 100 {
		ts, err := s.Say(ana, desk, "", "root")
		if err != nil {
			b.Fatal(err)
		}
		roots = append(roots, ts)
	}
	httpClient := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	defer httpClient.CloseIdleConnections()
	var n atomic.Int64
	b.ReportAllocs()
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			form := url.Values{
				"token": {s.Options().BotToken}, "channel": {desk}, "text": {"hello"},
				"thread_ts": {roots[n.Add(1)%100]}, "username": {"Visitor"},
			}
			resp, err := httpClient.Post(s.URL()+"chat.postMessage", "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, resp.Body) // lets the connection be used again
			_ = resp.Body.Close()
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "posts/s")
}
