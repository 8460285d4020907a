package bridge_test

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/store/sqlitetest"
)

var interleavings = flag.Int("interleavings", 100, "how many random interleavings TestRobotNeverSpeaksAfterAPerson plays")

// TestRobotNeverSpeaksAfterAPerson plays random interleavings of a visitor, agents in two chats, and a robot that thinks
// meanwhile: it begins when it is delivered a line, and answers at any later moment, at the same time as others speak, at a
// desk of another instance, and again after a crash in which nobody could note that it had answered. In the log no answer
// of the robot follows a person's line that it did not know, nor a change of hands, and none is there twice.
func TestRobotNeverSpeaksAfterAPerson(t *testing.T) {
	t.Parallel()
	s := sqlitetest.Open(t)
	var desks []*bridge.Desk
	for range 2 {
		desks = append(desks, bridge.NewDesk(bridge.DeskConfig{
			Ledger: s, Hub: bridge.NewHub(), Log: slog.New(slog.DiscardHandler), Robot: &bridge.RobotManners{Name: "Bot", UnsureAfter: 2},
			Routes: []bridge.Route{
				{Endpoint: "shop", Role: bridge.RoleVisitor, Desk: []bridge.EndpointName{"team", "deck"}},
				{Endpoint: "team", Role: bridge.RoleTeam},
				{Endpoint: "deck", Role: bridge.RoleTeam},
			},
		}))
	}
	seeds := make(chan uint64)
	var wg sync.WaitGroup
	for range 64 { // whose writes are committed together
		wg.Go(func() {
			for seed := range seeds {
				p := &robotPlay{play: play{t: t, store: s, desk: desks[0], seed: seed, rand: rand.New(rand.NewPCG(seed, 1))}, other: desks[1]}
				p.run(t.Context())
			}
		})
	}
	first := rand.Uint64()
	for i := range uint64(*interleavings) {
		seeds <- first + i
	}
	close(seeds)
	wg.Wait()
}

// robotPlay is one interleaving.
type robotPlay struct {
	play
	other    *bridge.Desk // of another instance
	thinking []bridge.Inbound
}

func (p *robotPlay) run(ctx context.Context) {
	p.receive(ctx, p.inbound("shop", fmt.Sprint("visitor ", p.seed), "hello"))
	c, err := p.store.ConversationAt(ctx, "shop", p.threadAt("shop"))
	if err != nil {
		p.t.Error(err)
		return
	}
	p.conv = c.ID
	p.open(ctx)
	p.openRobot(ctx)
	for range 4 + p.rand.IntN(16) {
		if p.rand.IntN(3) > 0 {
			p.turn(ctx)
			continue
		}
		// Two things at the same moment, one of them at another instance.
		answer, late := p.answer()
		in := p.line()
		var wg sync.WaitGroup
		if late {
			wg.Go(func() { p.think(ctx, p.other, answer) })
		}
		p.receive(ctx, in)
		wg.Wait()
	}
	p.check(ctx)
}

// openRobot gives the robot's lane its thread.
func (p *robotPlay) openRobot(ctx context.Context) {
	lanes, err := p.store.Claim(ctx, []bridge.EndpointName{bridge.Robot}, []bridge.ConversationID{p.conv}, time.Hour, 1)
	if err != nil || len(lanes) != 1 {
		p.t.Errorf("claimed %d lanes of the robot: %v", len(lanes), err)
		return
	}
	if _, err := p.store.Settle(ctx, lanes[0], bridge.Settlement{
		Thread: p.robotThread(), Receipt: &bridge.Receipt{Message: bridge.MessageRef(p.robotThread()), Status: bridge.ReceiptSent},
	}); err != nil {
		p.t.Error(err)
	}
}

func (p *robotPlay) robotThread() bridge.ThreadRef { return bridge.ThreadRef(fmt.Sprint(p.conv)) }

// line is what somebody says or does.
func (p *robotPlay) line() bridge.Inbound {
	e := one[bridge.EndpointName](&p.play, "team", "deck")
	who := one(&p.play, "ana", "ben")
	switch p.rand.IntN(6) {
	case 0, 1, 2:
		return p.inbound("shop", fmt.Sprint("visitor ", p.seed), one(&p.play, "a question", "and another", "I want to talk to a person"))
	case 3:
		return p.inbound(e, who, one(&p.play, "I am here", "// a note"))
	default:
		return p.inbound(e, who, one(&p.play, "!take", "!robot off", "!robot on", "!robot on", "!close", "!unassign", "!reopen"))
	}
}

func (p *robotPlay) turn(ctx context.Context) {
	switch p.rand.IntN(4) {
	case 0:
		p.receive(ctx, p.line())
	case 1:
		p.begin(ctx)
	case 2:
		if answer, ok := p.answer(); ok {
			p.think(ctx, one(&p.play, p.desk, p.other), answer)
		}
	default:
		if answer, ok := p.answer(); ok { // nobody could note it, and it is asked again
			p.think(ctx, p.desk, answer)
			p.think(ctx, p.other, answer)
		}
	}
}

// begin has the robot think about what the visitor said last.
func (p *robotPlay) begin(ctx context.Context) {
	log, err := p.store.Log(ctx, p.conv)
	if err != nil {
		p.t.Error(err)
		return
	}
	lane := bridge.Lane{Endpoint: bridge.Robot, Role: bridge.RoleRobot}
	for i := len(log) - 1; i >= 0; i-- {
		if !lane.Minds(log[i]) {
			continue
		}
		seq := log[i].Seq
		thought := &bridge.Thought{Seq: seq, Answer: one(&p.play,
			bridge.RobotAnswer{Text: rich.Of("an answer")}, bridge.RobotAnswer{Text: rich.Of("an answer")}, bridge.RobotAnswer{Unsure: true},
			bridge.RobotAnswer{Offers: []bridge.Source{{Title: "this"}}}, bridge.RobotAnswer{Person: true})}
		p.thinking = append(p.thinking, bridge.Inbound{
			Endpoint: bridge.Robot, Key: fmt.Sprintf("%d.%d", p.conv, seq), Kind: bridge.InThought, Thread: p.robotThread(),
			From: bridge.Person{ID: string(bridge.Robot)}, Thought: thought, At: time.Now(),
		})
		return
	}
}

// answer draws something the robot has been thinking of, perhaps for long.
func (p *robotPlay) answer() (bridge.Inbound, bool) {
	if len(p.thinking) == 0 {
		return bridge.Inbound{}, false
	}
	return one(&p.play, p.thinking...), true
}

func (p *robotPlay) think(ctx context.Context, d *bridge.Desk, in bridge.Inbound) {
	if err := d.Receive(ctx, in); err != nil {
		p.t.Errorf("interleaving %d: %v", p.seed, err)
	}
}

func (p *robotPlay) check(ctx context.Context) {
	log, err := p.store.Log(ctx, p.conv)
	if err != nil {
		p.t.Error(err)
		return
	}
	answered := map[int64]bool{}
	for i, en := range log {
		if en.Kind != bridge.Said || en.By.Kind != bridge.ByRobot || en.IsHandoff() {
			continue
		}
		var conv bridge.ConversationID
		var to int64
		if _, err := fmt.Sscanf(strings.ReplaceAll(en.Origin.Key, ".", " "), "%d %d", &conv, &to); err != nil || answered[to] {
			p.t.Errorf("interleaving %d: %d answers %q, again: %v", p.seed, en.Seq, en.Origin.Key, answered[to])
		}
		answered[to] = true
		for _, before := range log[:i] {
			human := before.Audience == bridge.Everyone && before.Kind == bridge.Said && before.By.Kind != bridge.ByRobot
			if before.Seq > to && (human || before.Kind == bridge.Changed) {
				p.t.Errorf("interleaving %d: the robot answers %d with %d after %s %d by %s", p.seed, to, en.Seq, before.Kind, before.Seq, before.By.Kind)
			}
		}
	}
}
