package main

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/discord/discordtest"
	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/quickreply"
	"github.com/skeindesk/skein/store"
)

// BenchmarkInteractions measures how long agents wait for what they press, ask for and type, until they see an answer, while
// visitors write 200 messages a second that go to Slack and to Discord. There are 5,000 quick replies.
func BenchmarkInteractions(b *testing.B) {
	for _, kind := range databases {
		whole(b, kind, func(b *testing.B) {
			const visitors, perSecond = 40, 200
			r := newRig(b, kind)
			discord := r.addDiscord(discordtest.Text)
			r.configure("website", map[string]string{"DESK": "support-slack,support-discord", "LIMITS__MESSAGES_PER_MINUTE": "0"})
			p := r.start("127.0.0.1:0")
			crowd := make([]*caller, visitors)
			for i := range crowd {
				crowd[i] = greeted(b, p.address, "website", fmt.Sprintf("Visitor %d", i))
				must(b, crowd[i].say(saying))
			}
			var thread string
			must(b, within(discord.Await, func(s discordtest.State) bool {
				list := s.Threads(deskPlace)
				if len(list) == visitors {
					thread = list[0].ID
				}
				return thread != ""
			}))
			quickly := func(words string) time.Duration {
				return answered(b, func() (*discordtest.Interaction, error) {
					return discord.Autocomplete(chloeUser, thread, "qr", map[string]any{"reply": words}, "reply")
				})
			}
			r.keepQuickReplies(b, 5000)
			for range 30 { // until the daemon has them at hand
				time.Sleep(100 * time.Millisecond)
				quickly("refund")
			}
			quiet := talking(b, crowd, perSecond)
			var command, typed, quick, slash []time.Duration
			for i := range counting(200, 5) {
				command = append(command, answered(b, func() (*discordtest.Interaction, error) {
					return discord.Command(chloeUser, thread, "who", nil)
				}))
				typed = append(typed, answered(b, func() (*discordtest.Interaction, error) {
					return discord.Autocomplete(chloeUser, thread, "assign", map[string]any{"agent": "a"}, "agent")
				}))
				quick = append(quick, quickly("refnd policy shippng"[:2+i%18]))
				slash = append(slash, r.toldAfterSlash(b))
			}
			quiet()
			for name, took := range map[string][]time.Duration{"command": command, "suggestion": typed, "quick-reply": quick, "slash": slash} {
				b.ReportMetric(quantile(took, 0.5), name+"-p50-ms")
				measured(b, kind, name+"-p99-ms", quantile(took, 0.99), 0)
			}
			p.terminate()
		})
	}
}

// talking has all of a crowd write, so many messages a second together, until quiet is called.
func talking(b *testing.B, crowd []*caller, perSecond int) (quiet func()) {
	done := make(chan struct{})
	var writing sync.WaitGroup
	for _, c := range crowd {
		writing.Go(func() {
			tick := time.NewTicker(time.Second * time.Duration(len(crowd)) / time.Duration(perSecond))
			defer tick.Stop()
			for {
				select {
				case <-done:
					return
				case <-tick.C:
					if err := c.say(saying); err != nil {
						b.Error(err)
						return
					}
				}
			}
		})
	}
	return func() { close(done); writing.Wait() }
}

// keepQuickReplies writes so many quick replies of a shop into the database.
func (r *rig) keepQuickReplies(b *testing.B, n int) {
	b.Helper()
	f, err := os.Open("../../bridge/quickreply/testdata/shop.csv")
	must(b, err)
	defer f.Close()
	shop, faults := quickreply.ReadCSV(f, 0)
	if len(faults) > 0 {
		b.Fatal(faults)
	}
	replies := make([]quickreply.Reply, n)
	for i := range replies {
		replies[i] = shop[i%len(shop)]
		replies[i].Shortcut = fmt.Sprintf("%.30s-%d", replies[i].Shortcut, i)
	}
	s, err := store.Open(b.Context(), r.database, store.Options{})
	must(b, err)
	_, _, err = bridge.ImportQuickReplies(b.Context(), s, replies)
	must(b, errors.Join(err, s.Close()))
}

// answered is how long Discord waits for the first answer.
func answered(b *testing.B, give func() (*discordtest.Interaction, error)) time.Duration {
	b.Helper()
	began := time.Now()
	i, err := give()
	must(b, err)
	_, err = i.Await(b.Context())
	must(b, err)
	return time.Since(began)
}

// toldAfterSlash is how long it takes until Ana reads the answer to a slash command in Slack.
func (r *rig) toldAfterSlash(b *testing.B) time.Duration {
	b.Helper()
	var told int
	r.slack.Look(func(s slacktest.State) { told = len(s.Ephemerals()) })
	began := time.Now()
	_, err := r.slack.Command(anaID, desk, "/skein", "who")
	must(b, err)
	must(b, within(r.slack.Await, func(s slacktest.State) bool { return len(s.Ephemerals()) > told }))
	return time.Since(began)
}
