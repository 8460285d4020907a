// Package robot is the robot as an endpoint: it is delivered what visitors say, has an engine think of an answer, and hands
// that to the Desk as something that happened. Whether it is said is for the Desk to decide.
package robot

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// Config is what an Adapter is made of. All of it is required.
type Config struct {
	Engine bridge.RobotEngine
	// Look reads the log: Ledger.Look.
	Look func(ctx context.Context, fn func(tx bridge.Tx) error) error
	// Find returns what of the team's knowledge may answer a question, best first.
	Find func(question, language string) []bridge.Passage
	// Drafts: the robot also thinks of answers in conversations that people have.
	Drafts bool
	// Patience is how long after a visitor's line a failing engine is asked again. Then a person takes over.
	Patience time.Duration
}

// Adapter implements bridge.Adapter. Run must be running for Send to succeed.
type Adapter struct {
	cfg  Config
	sink atomic.Pointer[bridge.Sink]
}

var _ bridge.Adapter = (*Adapter)(nil)

// New returns an Adapter.
func New(cfg Config) *Adapter { return &Adapter{cfg: cfg} }

// Name implements bridge.Adapter.
func (a *Adapter) Name() bridge.EndpointName { return bridge.Robot }

// Abilities implements bridge.Adapter.
func (a *Adapter) Abilities() bridge.Abilities {
	return bridge.Abilities{Role: bridge.RoleRobot, OneReceiver: true}
}

// Run implements bridge.Adapter. Nothing happens by itself: answers are handed to the sink as they are thought of.
func (a *Adapter) Run(ctx context.Context, sink bridge.Sink) error {
	a.sink.Store(&sink)
	defer a.sink.Store(nil)
	sink.Report(ctx, bridge.Robot, bridge.Condition{State: bridge.Running, Public: "Ready to answer."})
	<-ctx.Done()
	return nil
}

// thread is a conversation as the robot's thread.
func thread(c bridge.ConversationID) bridge.ThreadRef {
	return bridge.ThreadRef(strconv.FormatInt(int64(c), 10))
}

// task is what one part asks for.
type task struct {
	conversation bridge.ConversationID
	seq          int64 // of what is to be answered; 0: the conversation only begins
	at           time.Time
}

// Render implements bridge.Adapter.
func (a *Adapter) Render(d bridge.Delivery) ([]bridge.Part, error) {
	t := task{conversation: d.Conversation.ID}
	if !d.Opening {
		if d.Conversation.State != bridge.StateRobot && !a.cfg.Drafts {
			return nil, nil
		}
		t.seq, t.at = d.Entry.Seq, d.Entry.At
	}
	return []bridge.Part{{Op: bridge.Post, Place: string(thread(t.conversation)), Thread: thread(t.conversation), Content: t}}, nil
}

// turns is how much of a conversation an engine is told.
const turns = 30

// Send implements bridge.Adapter: it has the engine think, and hands on what came of it.
func (a *Adapter) Send(ctx context.Context, p bridge.Part) (bridge.Sent, error) {
	t, ok := p.Content.(task)
	if !ok {
		return bridge.Sent{}, &bridge.Failure{Verdict: bridge.GiveUp, Public: "That is nothing for the robot.", Err: errors.New("a part that Render did not make")}
	}
	done := bridge.Sent{Thread: thread(t.conversation), Message: bridge.MessageRef(fmt.Sprintf("%d/%d", t.conversation, t.seq))}
	if t.seq == 0 {
		return done, nil
	}
	q, wanted, err := a.question(ctx, t)
	if err != nil {
		return bridge.Sent{}, &bridge.Failure{Verdict: bridge.Retry, Public: "The log could not be read.", Err: err}
	}
	if !wanted {
		return done, nil
	}
	thought := bridge.Thought{Seq: t.seq}
	thought.Answer, err = a.cfg.Engine.Answer(ctx, q)
	if err != nil {
		f := bridge.AsFailure(err)
		if ctx.Err() != nil || f.Verdict != bridge.GiveUp && time.Since(t.at) < a.cfg.Patience {
			return bridge.Sent{}, f
		}
		thought = bridge.Thought{Seq: t.seq, Failed: f.Public}
	}
	sink := a.sink.Load()
	if sink == nil {
		return bridge.Sent{}, &bridge.Failure{Verdict: bridge.Retry, Public: "The robot is not running.", Err: errors.New("send without a sink")}
	}
	err = (*sink).Receive(ctx, bridge.Inbound{
		Endpoint: bridge.Robot, Key: fmt.Sprintf("%d.%d", t.conversation, t.seq), Kind: bridge.InThought,
		Thread: thread(t.conversation), From: bridge.Person{ID: string(bridge.Robot)}, Thought: &thought, At: time.Now(),
	})
	if err != nil {
		return bridge.Sent{}, &bridge.Failure{Verdict: bridge.Retry, Public: "The answer could not be logged.", Err: err}
	}
	return done, nil
}

// question is what the engine is asked. wanted is false when there is nothing to answer any more.
func (a *Adapter) question(ctx context.Context, t task) (q bridge.RobotQuestion, wanted bool, err error) {
	var said []bridge.Entry
	err = a.cfg.Look(ctx, func(tx bridge.Tx) error {
		late, err := tx.Overtaken(t.conversation, t.seq)
		if err != nil || late {
			return err
		}
		conv, err := tx.Conversation(t.conversation)
		if err != nil {
			return err
		}
		q.Language = conv.Language
		said, err = tx.Recent(t.conversation, turns)
		return err
	})
	if err != nil || len(said) == 0 {
		return q, false, err
	}
	if last := said[len(said)-1]; last.By.Kind != bridge.ByVisitor || rich.IsEmpty(last.Body) { // of a file alone nothing is asked
		return q, false, nil
	}
	q.Key = fmt.Sprintf("%d.%d", t.conversation, t.seq)
	for _, en := range said {
		if text := rich.Plain(en.Body); text != "" {
			q.Turns = append(q.Turns, bridge.Turn{By: en.By.Kind, Text: text})
		}
	}
	q.Passages = a.cfg.Find(q.Asked(), q.Language)
	return q, true, nil
}
