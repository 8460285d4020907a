package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/discord/discordtest"
	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/adapters/telegram/telegramtest"
)

// TestPace: with more work than a platform's limits allow, in one place and in many, it receives all but a twentieth of
// what they allow, and never has to refuse a call for coming too soon.
func TestPace(t *testing.T) {
	for _, kind := range pressures {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			shares, refused := kind.measure(t, effort{long: 1, least: kind.least})
			for flow, share := range shares {
				if share < kind.least {
					t.Errorf("%s: %.3f of what the limit allows", flow, share)
				}
			}
			if len(refused) > 0 {
				t.Errorf("answered 429: %q", refused)
			}
		})
	}
}

// pressure is a way of giving a platform more work than its limits allow. It returns how much of them was used by
// flow, and which calls were answered 429.
type pressure struct {
	name    string
	least   float64
	measure func(t testing.TB, e effort) (shares map[string]float64, refused []string)
}

// effort is how thoroughly a pressure is measured.
type effort struct {
	long float64 // times what is enough for a test
	// full takes limits on everything that a bot does as they are. For a test they are made lower, ours and the platform's
	// alike: it shall not depend on a fast machine.
	full bool
	// least is the share that will do whenever it was reached: a machine that pauses for half a second has lost more than a
	// twentieth of ten. 0: what comes first is measured.
	least float64
}

var pressures = []pressure{
	{"slack", 0.95, pressSlack},
	{"discord/threads", 0.95, pressDiscordThreads},
	// Discord may have counted a call whenever between its being made and its being answered. What a busy machine
	// delays some calls more than others is lost; the benchmark asks for more.
	{"discord/all", 0.75, pressDiscord},
	{"telegram/chats", 0.95, pressTelegramChats},
	{"telegram/all", 0.95, pressTelegram},
}

// pressSlack has five threads in one channel and two in another with a backlog, and edits in a third.
func pressSlack(t testing.TB, e effort) (map[string]float64, []string) {
	m := newTraffic()
	r := newRig(t, "sqlite", func(o *slacktest.Options) {
		o.OnCall = func(c slacktest.Call) { m.passed(c.Method+" "+c.Channel, c.Limited, c.Method) }
		for i := range 3 {
			o.Channels = append(o.Channels, slacktest.Channel{ID: channelID(i), Name: fmt.Sprintf("support-%d", i), Members: []string{anaID}})
		}
	})
	telegram := r.addTelegram("team-2", people(5)...)
	o := r.slack.Options()
	for i := range 3 {
		r.configure(fmt.Sprintf("team-%d", i), map[string]string{
			"TYPE": "slack", "BOT_TOKEN": o.BotToken, "SIGNING_SECRET": o.SigningSecret, "API_URL": r.slack.URL(), "CHANNEL": channelID(i),
		})
		r.configure(siteName(i), map[string]string{"TYPE": "website", "DESK": fmt.Sprintf("team-%d", i), "LIMITS__MESSAGES_PER_MINUTE": "0"})
	}
	r.configure("team-2", map[string]string{"PLACE_RATE": "100"}) // of posts: what is to be edited must be there
	p := r.start("127.0.0.1:0")
	lines := int(13*e.long) + 15
	said := write(t, telegram, 5, lines/5+1)
	must(t, within(r.slack.Await, func(s slacktest.State) bool { return s.Calls("chat.postMessage", channelID(2)) >= len(said)+5 }))
	m.forget()
	r.slack.SetLimits(slacktest.SlackLimits())
	say(t, p, siteName(0), 5, lines/5+1)
	say(t, p, siteName(1), 2, lines/2+1)
	for _, l := range said {
		must(t, telegram.Edit(l.user, l.user, l.message, "edited"))
	}
	return m.shares(t, e.least,
		flow{"chat.postMessage " + channelID(0), 1, 3, int(9 * e.long)},
		flow{"chat.postMessage " + channelID(1), 1, 3, int(9 * e.long)},
		flow{"chat.update", 50. / 60, 6, int(7 * e.long)})
}

// pressDiscordThreads has a backlog of posts in three threads and of edits in two.
func pressDiscordThreads(t testing.TB, e effort) (map[string]float64, []string) {
	m := newTraffic()
	r := newRig(t, "sqlite")
	discord := r.addDiscord(discordtest.Text, m.ofDiscord)
	telegram := r.addTelegram("support-discord", people(2)...)
	lines := 5*int(2*e.long) + 18
	r.configure("website", map[string]string{"DESK": "support-discord"})
	p := r.start("127.0.0.1:0")
	visitors := say(t, p, "website", 3, 1)
	said := write(t, telegram, 2, lines)
	must(t, within(discord.Await, func(s discordtest.State) bool { return posted(s, 5) == len(said)+3 }))
	r.restartPaced(discord, &p, m)
	again(t, p, visitors, lines)
	for _, l := range said {
		must(t, telegram.Edit(l.user, l.user, l.message, "edited"))
	}
	var flows []flow
	for _, thread := range discord.Threads(deskPlace) {
		operation := "create_message "
		if len(discord.Said(thread.ID)) == lines { // by a person on Telegram
			operation = "update_message "
		}
		flows = append(flows, flow{operation + thread.ID, 1, 5, 5 * int(2*e.long)})
	}
	return m.shares(t, e.least, flows...)
}

// pressDiscord has a backlog in more threads than Discord's limit on all calls lets through.
func pressDiscord(t testing.TB, e effort) (map[string]float64, []string) {
	threads, all := 26, 20
	if e.full {
		threads, all = 60, 50
	}
	m := newTraffic()
	r := newRig(t, "sqlite")
	discord := r.addDiscord(discordtest.Text, m.ofDiscord)
	r.configure("website", map[string]string{"DESK": "support-discord"})
	p := r.start("127.0.0.1:0")
	visitors := say(t, p, "website", threads, 1)
	must(t, within(discord.Await, func(s discordtest.State) bool { return posted(s, threads) == threads }))
	r.settings["ENDPOINTS__SUPPORT_DISCORD__TOTAL_RATE"] = fmt.Sprint(float64(all) * 49 / 50)
	r.restartPaced(discord, &p, m)
	m.shares(t, 0, flow{"list_messages", 1, 0, threads - 1}) // it has looked for what was missed
	limits := discordtest.DiscordLimits()
	limits[discordtest.Global] = discordtest.Limit{Calls: all, Per: time.Second}
	discord.SetLimits(limits)
	m.forget()
	calls := all * int(5*e.long)
	again(t, p, visitors, calls/threads+10)
	return m.shares(t, e.least, flow{"all", float64(all), 3 * all, calls})
}

// restartPaced starts the daemon again, with its own pace, beside Discord with its limits.
func (r *rig) restartPaced(discord *discordtest.Server, p **process, m *traffic) {
	r.t.Helper()
	(*p).terminate()
	r.configure("support-discord", map[string]string{"PLACE_RATE": "1"})
	discord.SetLimits(discordtest.DiscordLimits())
	m.forget() // before the start: what the daemon does with Discord at once may come before it is known to listen
	*p = r.start("127.0.0.1:0")
}

// posted is how many lines stand in the threads, once there are so many of them.
func posted(s discordtest.State, threads int) (n int) {
	list := s.Threads(deskPlace)
	if len(list) < threads {
		return -1
	}
	for _, t := range list {
		n += len(s.Said(t.ID))
	}
	return n
}

// pressTelegramChats has a backlog of lines in three chats, and of edits, which count with them.
func pressTelegramChats(t testing.TB, e effort) (map[string]float64, []string) {
	lines := int(9*e.long) + 15
	return pressChats(t, e, 3, 30, lines, 1, func(user int64) flow {
		return flow{"chat " + strconv.FormatInt(user, 10), 1, 3, int(9 * e.long)}
	})
}

// pressTelegram has a backlog in more chats than Telegram's limit in all lets through.
func pressTelegram(t testing.TB, e effort) (map[string]float64, []string) {
	chats, all := 20, 15
	if e.full {
		chats, all = 40, 30
	}
	calls := int(5 * e.long * float64(all))
	return pressChats(t, e, chats, all, calls/chats+6, 0, func(int64) flow { return flow{"all", float64(all), 3 * all, calls} })
}

// pressChats has agents answer so many people on Telegram. Of two things they do, so many are edits.
func pressChats(t testing.TB, e effort, chats, all, lines, edits int, flowOf func(user int64) flow) (map[string]float64, []string) {
	m := newTraffic()
	r := newRig(t, "sqlite")
	opts := telegramtest.Options{Users: people(chats), Limits: telegramtest.TelegramLimits()}
	opts.Limits.Total = telegramtest.Limit{Every: time.Second / time.Duration(all), Burst: all}
	opts.OnCall = func(c telegramtest.Call) {
		if c.Method == "sendMessage" || c.Method == "editMessageText" {
			m.passed(fmt.Sprint("chat ", c.Chat), c.Status == 429, "all")
		}
	}
	telegram := r.addTelegramWith("support-slack", opts)
	r.configure("shop-telegram", map[string]string{"PLACE_RATE": "1", "TOTAL_RATE": fmt.Sprint(float64(all) * 29 / 30)})
	r.start("127.0.0.1:0")
	write(t, telegram, chats, 1)
	var roots []string
	must(t, within(r.slack.Await, func(s slacktest.State) bool {
		roots = nil
		for _, m := range s.Channel(desk) {
			if len(s.Thread(desk, m.TS)) == 2 {
				roots = append(roots, m.TS)
			}
		}
		return len(roots) == chats
	}))
	first := map[string]string{}
	for _, root := range roots {
		ts, err := r.slack.Say(anaID, desk, root, "answer")
		must(t, err)
		first[root] = ts
	}
	must(t, within(telegram.Await, func(s telegramtest.State) bool {
		for i := range chats {
			if s.Posted(firstPerson+int64(i)) < 2 {
				return false
			}
		}
		return true
	}))
	for i := range lines {
		for _, root := range roots {
			if i%2 < edits {
				must(t, r.slack.Edit(anaID, desk, first[root], fmt.Sprintf("better %d", i)))
				continue
			}
			_, err := r.slack.Say(anaID, desk, root, fmt.Sprintf("answer %d", i))
			must(t, err)
		}
	}
	var flows []flow
	for i := range chats {
		if f := flowOf(firstPerson + int64(i)); len(flows) == 0 || f.name != flows[0].name {
			flows = append(flows, f)
		}
	}
	return m.shares(t, e.least, flows...)
}

const firstPerson = veraID

// people are so many users of Telegram.
func people(n int) (list []telegramtest.User) {
	for i := range n {
		list = append(list, telegramtest.User{ID: firstPerson + int64(i), FirstName: fmt.Sprintf("Vera %d", i)})
	}
	return list
}

// written is what somebody has written on Telegram.
type written struct{ user, message int64 }

// write has each of the people write so many lines.
func write(t testing.TB, telegram *telegramtest.Server, people, lines int) (said []written) {
	t.Helper()
	for n := range lines {
		for i := range int64(people) {
			id, err := telegram.Say(firstPerson+i, firstPerson+i, fmt.Sprintf("line %d", n))
			must(t, err)
			said = append(said, written{firstPerson + i, id})
		}
	}
	return said
}

// say has so many visitors of a website say as many lines.
func say(t testing.TB, p *process, site string, visitors, lines int) (tokens []string) {
	t.Helper()
	for i := range visitors {
		c := greeted(t, p.address, site, fmt.Sprintf("Visitor %d", i))
		tokens = append(tokens, c.token)
		for range lines {
			must(t, c.say(saying))
		}
	}
	return tokens
}

// again has the same visitors of the website say more.
func again(t testing.TB, p *process, tokens []string, lines int) {
	t.Helper()
	for _, token := range tokens {
		c, err := call(p.address, "website")
		must(t, err)
		t.Cleanup(func() { _ = c.conn.Close() })
		c.token, c.sent = token, 1
		for range lines {
			must(t, c.say(saying))
		}
	}
}

func within[S any](await func(context.Context, func(S) bool) error, condition func(S) bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return await(ctx, condition)
}

// traffic is what a platform has let pass.
type traffic struct {
	mu      sync.Mutex
	at      map[string][]time.Time
	refused []string
	changed chan struct{}
}

func newTraffic() *traffic {
	return &traffic{at: map[string][]time.Time{}, changed: make(chan struct{}, 1)}
}

// passed notes a call under each of the names.
func (m *traffic) passed(name string, limited bool, more ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if limited {
		m.refused = append(m.refused, name)
		return
	}
	for _, n := range append(more, name) {
		m.at[n] = append(m.at[n], time.Now())
	}
	select {
	case m.changed <- struct{}{}:
	default:
	}
}

func (m *traffic) ofDiscord(o *discordtest.Options) {
	o.OnCall = func(c discordtest.Call) { m.passed(c.Method+" "+c.Channel, c.Limited, c.Method, "all") }
}

func (m *traffic) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at, m.refused = map[string][]time.Time{}, nil
}

// flow is what one limit applies to.
type flow struct {
	name    string
	allowed float64 // a second
	skip    int     // calls before it is steady: what a burst lets pass, or a first window
	calls   int     // to be measured; a multiple of a window's
}

// shares waits until every flow has had the least share of what is allowed, in some row of as many calls as are to be
// measured, and returns the best share that each has had. When that takes too long, it returns what there is.
func (m *traffic) shares(t testing.TB, least float64, flows ...flow) (shares map[string]float64, refused []string) {
	t.Helper()
	deadline := time.After(40 * time.Second)
	for {
		m.mu.Lock()
		shares, refused = map[string]float64{}, slices.Clone(m.refused)
		enough := 0
		for _, f := range flows {
			if share := f.share(m.at[f.name]); share > 0 {
				shares[f.name] = share
				if share >= least {
					enough++
				}
			}
		}
		m.mu.Unlock()
		if enough == len(flows) {
			return shares, refused
		}
		select {
		case <-m.changed:
		case <-deadline:
			if len(shares) < len(flows) {
				t.Fatalf("measured %v only", shares)
			}
			return shares, refused
		}
	}
}

// share is the best of a flow's rows of calls, once it is steady; 0: there is no whole one yet.
func (f flow) share(at []time.Time) (best float64) {
	for first := f.skip; first+f.calls < len(at); first++ {
		took := at[first+f.calls].Sub(at[first])
		best = max(best, float64(f.calls)/took.Seconds()/f.allowed)
	}
	return best
}
