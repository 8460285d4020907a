package bridge_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/quickreply"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/store"
	"github.com/skeindesk/skein/store/sqlitetest"
)

var histories = flag.Int("histories", 100, "how many random histories TestNothingPrivateReachesAVisitor plays")

// TestNothingPrivateReachesAVisitor plays random histories of three agents, one of them outside the team, who write lines,
// notes and commands of every word there is, well and badly, as text and in native forms, edit and delete them, and answer
// what they are asked. Every private text bears a mark. No entry that the visitor's endpoint may read or is sent bears one.
func TestNothingPrivateReachesAVisitor(t *testing.T) {
	t.Parallel()
	s := sqlitetest.Open(t)
	desk := bridge.NewDesk(bridge.DeskConfig{Ledger: s, Hub: bridge.NewHub(), Shelf: stocked(t, s), Log: slog.New(slog.DiscardHandler), Routes: []bridge.Route{
		{Endpoint: "shop", Role: bridge.RoleVisitor, Desk: []bridge.EndpointName{"team", "deck"}},
		{Endpoint: "team", Role: bridge.RoleTeam, Asks: true},
		{Endpoint: "deck", Role: bridge.RoleTeam, Asks: true, Notes: true, Invited: true},
	}})
	seeds := make(chan uint64)
	var wg sync.WaitGroup
	for range 64 { // whose writes are committed together
		wg.Go(func() {
			for seed := range seeds {
				p := &play{t: t, store: s, desk: desk, seed: seed, rand: rand.New(rand.NewPCG(seed, 0))}
				p.run(t.Context())
			}
		})
	}
	first := rand.Uint64()
	for i := range uint64(*histories) {
		seeds <- first + i
	}
	close(seeds)
	wg.Wait()
}

// stocked is a shelf on which a search for what is private finds something to send. None of it has the visitor's name: what
// an agent calls a visitor reaches them where a quick reply says so.
func stocked(t *testing.T, s *store.Store) *bridge.Shelf {
	_, _, err := bridge.ImportQuickReplies(t.Context(), s, []quickreply.Reply{
		{Shortcut: "words", Title: "Some words", Body: rich.Of("of course, {agent.name}")},
		{Shortcut: "plan", Title: "Words on the plan", Body: rich.Of("You have {visitor.plan}.")},
	})
	if err != nil {
		t.Fatal(err)
	}
	shelf := bridge.NewShelf(s, nil)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = shelf.Run(ctx) }()
	t.Cleanup(func() { stop(); <-ended })
	return shelf
}

// play is one history.
type play struct {
	t     *testing.T
	store *store.Store
	desk  *bridge.Desk
	seed  uint64
	rand  *rand.Rand
	n     int
	conv  bridge.ConversationID
	said  []bridge.Inbound // by agents
	did   []string         // for whoever looks into a failure
}

const privateMark = "sesame"

func (p *play) run(ctx context.Context) {
	p.receive(ctx, p.inbound("shop", fmt.Sprint("visitor ", p.seed), "hello"))
	c, err := p.store.ConversationAt(ctx, "shop", p.threadAt("shop"))
	if err != nil {
		p.t.Error(err)
		return
	}
	p.conv = c.ID
	p.open(ctx)
	for range 4 + p.rand.IntN(12) {
		p.move(ctx)
	}
	p.check(ctx)
}

// open gives the agents' lanes their threads.
func (p *play) open(ctx context.Context) {
	lanes, err := p.store.Claim(ctx, []bridge.EndpointName{"team", "deck"}, []bridge.ConversationID{p.conv}, time.Hour, 2)
	if err != nil || len(lanes) != 2 {
		p.t.Errorf("claimed %d lanes: %v", len(lanes), err)
	}
	for _, l := range lanes {
		if _, err := p.store.Settle(ctx, l, bridge.Settlement{
			Thread: p.threadAt(l.Endpoint), Receipt: &bridge.Receipt{Message: bridge.MessageRef("card/" + p.threadAt(l.Endpoint)), Status: bridge.ReceiptSent},
		}); err != nil {
			p.t.Error(err)
		}
	}
}

// check looks at everything that the visitor's endpoint may read, or would be sent.
func (p *play) check(ctx context.Context) {
	visible, _, err := p.store.Visible(ctx, p.conv, "shop", bridge.RoleVisitor, 0, 10_000)
	log, err2 := p.store.Log(ctx, p.conv)
	if err := errors.Join(err, err2); err != nil {
		p.t.Error(err)
		return
	}
	for _, en := range log {
		if (bridge.Lane{Endpoint: "shop", Role: bridge.RoleVisitor}).Minds(en) {
			visible = append(visible, en)
		}
	}
	for _, en := range visible {
		if text := fmt.Sprint(rich.Plain(en.Body), en.Offers, en.By.Name); en.Kind == bridge.Noted || strings.Contains(text, privateMark) {
			p.t.Errorf("history %d: the visitor is shown %s %q after\n%s", p.seed, en.Kind, text, strings.Join(p.did, "\n"))
		}
	}
}

func (p *play) threadAt(e bridge.EndpointName) bridge.ThreadRef {
	return bridge.ThreadRef(fmt.Sprintf("%s/%d", e, p.seed))
}

func (p *play) inbound(e bridge.EndpointName, who, text string) bridge.Inbound {
	p.n++
	ref := fmt.Sprintf("%d/%d", p.seed, p.n)
	return bridge.Inbound{
		Endpoint: e, Key: ref, Message: bridge.MessageRef(ref), Kind: bridge.InSaid, Thread: p.threadAt(e),
		From: bridge.Person{ID: who, Name: who}, Body: rich.Of(text), At: time.Now().UTC(),
	}
}

func (p *play) receive(ctx context.Context, in bridge.Inbound) {
	p.did = append(p.did, fmt.Sprintf("%s %s %s: %s", in.Endpoint, in.From.ID, in.Kind, rich.Plain(in.Body)))
	if err := p.desk.Receive(ctx, in); err != nil {
		p.t.Errorf("history %d: %v", p.seed, err)
	}
}

// one draws one of several.
func one[T any](p *play, of ...T) T { return of[p.rand.IntN(len(of))] }

func (p *play) move(ctx context.Context) {
	e := one[bridge.EndpointName](p, "team", "deck")
	who := one(p, "ana", "ben", "mallory")
	switch p.rand.IntN(10) {
	case 0:
		p.receive(ctx, p.inbound("shop", fmt.Sprint("visitor ", p.seed), "and more"))
	case 1, 2:
		p.say(ctx, p.inbound(e, who, p.private(e)))
	case 3:
		p.say(ctx, p.inbound(e, who, p.publicly(e)))
	case 4, 5:
		p.say(ctx, p.inbound(e, who, "!"+p.word()+" "+p.rest()))
	case 6, 7:
		p.press(ctx, e, who)
	default:
		p.amend(ctx)
	}
}

func (p *play) say(ctx context.Context, in bridge.Inbound) {
	p.said = append(p.said, in)
	p.receive(ctx, in)
}

// private is a note or what is certainly no line for the visitor.
func (p *play) private(e bridge.EndpointName) string {
	forms := []string{"// %s", "//%s", "!note %s", "\u200b//%s", "!NOTE\n%s", "#%s", "!qr %s", "!unknown %s", " !tkae %s", "!%s"}
	if e == "deck" {
		forms = append(forms, "%s")
	}
	return fmt.Sprintf(one(p, forms...), privateMark+" words")
}

func (p *play) publicly(e bridge.EndpointName) string {
	text := one(p, "of course", "@here look", "! note", "password: hunter22", "a line", "take", "#words", "!qr send words plan")
	if e == "deck" {
		return "!reply " + text
	}
	return text
}

// speaking are the words that say something to the visitor, or keep it for that, or what an agent is called there: their
// texts are not private.
var speaking = []string{"reply", "close", "send", "draft", "preview", "qr add", "qr edit", "name"}

func (p *play) word() string {
	var words []string
	for _, w := range bridge.Vocabulary() {
		if !slices.Contains(speaking, w.Word) {
			words = append(words, w.Word)
		}
	}
	return one(p, words...)
}

func (p *play) rest() string {
	return one(p, privateMark, privateMark+" @ana "+privateMark, "", "name="+privateMark, "@"+privateMark, "5 "+privateMark, "\n"+privateMark)
}

// press gives a word in its native form, or answers a question.
func (p *play) press(ctx context.Context, e bridge.EndpointName, who string) {
	p.n++
	call := bridge.Invocation{
		Endpoint: e, Key: fmt.Sprintf("press/%d/%d", p.seed, p.n), Thread: p.threadAt(e), From: bridge.Person{ID: who, Name: who},
		Word: one(p, p.word(), p.word(), "send", "keep", "close", "reply", "qr", "qr"), Rest: one(p, "", "", "1", "3", "5", "7", "9", ":send 1", ":send 2,1", ":show - 1 2", ":with 1", ":drop 2"),
	}
	if !slices.Contains(speaking, call.Word) && p.rand.IntN(2) == 0 && !strings.HasPrefix(call.Rest, ":") {
		call.Rest = p.rest()
	}
	if p.rand.IntN(2) == 0 {
		call.Fields = map[string]string{}
		for _, w := range bridge.Vocabulary() {
			for _, f := range w.Args {
				call.Fields[f.Name] = p.rest()
			}
		}
		if slices.Contains(speaking, call.Word) {
			call.Fields = map[string]string{"words": "words"}
		}
	}
	if len(p.said) > 0 && p.rand.IntN(3) == 0 {
		call.Message = one(p, p.said...).Message
	}
	p.did = append(p.did, fmt.Sprintf("%s %s presses %s %q %v", e, who, call.Word, call.Rest, call.Fields))
	if _, err := p.desk.Command(ctx, call); err != nil {
		p.t.Errorf("history %d: %v", p.seed, err)
	}
}

// amend edits a line, into what is as private as before or more so, or deletes it.
func (p *play) amend(ctx context.Context) {
	if len(p.said) == 0 {
		return
	}
	before := one(p, p.said...)
	in := p.inbound(before.Endpoint, before.From.ID, p.private(before.Endpoint))
	in.Kind, in.Target, in.Message = bridge.InEdited, before.Message, ""
	if p.rand.IntN(3) == 0 {
		in.Kind, in.Body = bridge.InDeleted, nil
	}
	p.receive(ctx, in)
}
