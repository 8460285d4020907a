// Package bridgetest helps to test the core: a platform in memory whose adapter fails on schedule.
package bridgetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// Message is what a person looking at the platform would see.
type Message struct {
	Ref    bridge.MessageRef
	Thread bridge.ThreadRef
	Key    bridge.DeliveryKey
	Author string
	Text   string
	Files  []bridge.File
	At     time.Time
	Edited bool
	Gone   bool

	Answers   bridge.MessageRef // the message it answers; "" for none
	Offers    []bridge.Offer    // its buttons
	Reactions []Reaction
}

// Outcome says what the platform does with one call.
type Outcome struct {
	Err      error // returned to the caller
	Accept   bool  // carry the part out although an error is returned
	Panic    bool
	Takes    time.Duration
	Thread   bridge.ThreadRef // only calls for this thread, if set
	consumed bool
}

// Platform is a chat platform in memory and its adapter. Make one with New. It is safe for concurrent use.
type Platform struct {
	name       bridge.EndpointName
	abilities  bridge.Abilities
	partLimit  int
	filesApart bool

	mu       sync.Mutex
	changed  chan struct{} // closed and replaced at every change
	messages []*Message
	script   []*Outcome
	refusal  error // of every call
	sends    int
	finds    int
	next     int
	sink     bridge.Sink
	commons  bridge.ThreadRef
	locked   map[bridge.ThreadRef]bool // threads that are gone
	posted   []string                  // every text that was ever sent here
	asked    []error                   // errors of the next finds
	history  []HistoryOutcome          // of the next readings
}

// HistoryOutcome says what becomes of one reading of a thread.
type HistoryOutcome struct {
	Thread bridge.ThreadRef // empty: whichever is read next
	Err    error
	Then   func() // called between the reading and its return
}

var (
	_ bridge.Adapter = (*Platform)(nil)
	_ bridge.Finder  = (*Platform)(nil)

	_ bridge.Historian = (*Platform)(nil)
)

// SplitAt has texts split at so many characters instead. To be called before the platform is used.
func (p *Platform) SplitAt(limit int) { p.partLimit = limit }

// FilesApart makes each file of a line a message of its own, the first with the text. An edit changes that text only.
func (p *Platform) FilesApart() { p.filesApart = true }

func apart(d bridge.Delivery, place string) (parts []bridge.Part) {
	c := content{author: d.Entry.By.Name, text: rich.Plain(d.Entry.Body)}
	if d.Entry.Kind == bridge.Edited {
		return []bridge.Part{{Op: bridge.Edit, Place: place, Message: d.Landed[0].Message, Content: c}}
	}
	for _, f := range d.Entry.Files {
		c.files = []bridge.File{f}
		parts = append(parts, bridge.Part{Op: bridge.Post, Place: place, Thread: d.Thread, Void: f.Missing == bridge.FileWithdrawn, Content: c})
		c.text = ""
	}
	return parts
}

// New returns an empty platform with the given abilities. Texts are split at 40 characters.
func New(name bridge.EndpointName, a bridge.Abilities) *Platform {
	return &Platform{
		name: name, abilities: a, partLimit: 40,
		changed: make(chan struct{}), locked: map[bridge.ThreadRef]bool{},
	}
}

// Name implements bridge.Adapter.
func (p *Platform) Name() bridge.EndpointName { return p.name }

// Abilities implements bridge.Adapter.
func (p *Platform) Abilities() bridge.Abilities { return p.abilities }

// Run implements bridge.Adapter: it keeps the sink until ctx ends.
func (p *Platform) Run(ctx context.Context, sink bridge.Sink) error {
	sink.Report(ctx, p.name, bridge.Condition{State: bridge.Running, Gap: true})
	p.mu.Lock()
	p.sink = sink
	p.touch()
	p.mu.Unlock()
	<-ctx.Done()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sink = nil
	return nil
}

// Refuse makes the platform answer every call with the error, until it is nil.
func (p *Platform) Refuse(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refusal = err
}

// Regain accepts again, and the adapter reports that it has missed something meanwhile.
func (p *Platform) Regain(ctx context.Context) {
	p.Refuse(nil)
	p.mu.Lock()
	sink := p.sink
	p.mu.Unlock()
	sink.Report(ctx, p.name, bridge.Condition{State: bridge.Running, Gap: true})
}

// content is what Render makes of a part.
type content struct {
	author, text string
	files        []bridge.File
	answers      bridge.MessageRef
	offers       []bridge.Offer
}

// Render implements bridge.Adapter.
func (p *Platform) Render(d bridge.Delivery) ([]bridge.Part, error) {
	place := strings.SplitN(string(d.Thread), "/", 2)[0]
	if d.Opening {
		return []bridge.Part{{Op: bridge.Post, Content: content{author: "card", text: d.Visitor.Profile.Name + d.Recap}}}, nil
	}
	if d.Card != nil {
		return []bridge.Part{{
			Op: bridge.Edit, Place: place, Urgency: bridge.UrgencyCard, Message: d.Landed[0].Message,
			Content: content{author: "card", text: string(d.Conversation.State) + " " + d.Conversation.OwnerName},
		}}, nil
	}
	en := d.Entry
	switch en.Kind {
	case bridge.Deleted:
		var parts []bridge.Part
		for _, l := range d.Landed {
			parts = append(parts, bridge.Part{Op: bridge.Delete, Place: place, Message: l.Message})
		}
		return parts, nil
	case bridge.Changed:
		return nil, nil
	case bridge.Reacted, bridge.Unreacted:
		return reaction(d, place), nil
	default:
	}
	if p.filesApart && len(en.Files) > 0 {
		return apart(d, place), nil
	}
	var parts []bridge.Part
	limit := p.partLimit
	if en.By.Kind == bridge.BySystem { // what tests look for is easier to find in one piece
		limit = 4 * 1024
	}
	docs := rich.Split(called(en.Body, d.People), limit, func(d rich.Doc) int { return len(rich.Plain(d)) })
	if len(docs) == 0 && len(en.Files) > 0 && en.Kind != bridge.Edited {
		docs = []rich.Doc{nil}
	}
	for i, doc := range docs {
		c := content{author: en.By.Name, text: strings.TrimSpace(rich.Plain(doc)), answers: answered(d)}
		if i == len(docs)-1 {
			c.files, c.offers = en.Files, en.Offers
		}
		part := bridge.Part{Op: bridge.Post, Place: place, Thread: d.Thread, Content: c}
		if en.Kind == bridge.Edited && i < len(d.Landed) {
			part.Op, part.Message, part.Urgency = bridge.Edit, d.Landed[i].Message, bridge.UrgencyEdit
		}
		parts = append(parts, part)
	}
	if en.Kind == bridge.Edited {
		for _, l := range d.Landed[min(len(parts), len(d.Landed)):] {
			parts = append(parts, bridge.Part{Op: bridge.Delete, Place: place, Message: l.Message})
		}
	}
	return parts, nil
}

// Send implements bridge.Adapter.
func (p *Platform) Send(ctx context.Context, part bridge.Part) (bridge.Sent, error) {
	o := p.outcome(part.Thread)
	if o.Takes > 0 {
		select {
		case <-ctx.Done():
			return bridge.Sent{}, ctx.Err()
		case <-time.After(o.Takes):
		}
	}
	if o.Panic {
		panic("as scripted")
	}
	if o.Err != nil && !o.Accept {
		return bridge.Sent{}, o.Err
	}
	sent, err := p.apply(part)
	if o.Err != nil {
		return bridge.Sent{}, o.Err
	}
	return sent, err
}

// outcome takes the next line of the script that fits.
func (p *Platform) outcome(t bridge.ThreadRef) Outcome {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sends++
	if p.refusal != nil {
		return Outcome{Err: p.refusal}
	}
	for _, o := range p.script {
		if !o.consumed && (o.Thread == "" || o.Thread == t) {
			o.consumed = true
			return *o
		}
	}
	return Outcome{}
}

func (p *Platform) apply(part bridge.Part) (bridge.Sent, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.touch()
	c, _ := part.Content.(content)
	p.posted = append(p.posted, c.text)
	switch part.Op {
	case bridge.Edit, bridge.Delete, bridge.React, bridge.Unreact:
		i := slices.IndexFunc(p.messages, func(m *Message) bool { return m.Ref == part.Message })
		if i < 0 {
			return bridge.Sent{}, &bridge.Failure{Verdict: bridge.GiveUp, Public: "The message is gone."}
		}
		if p.locked[p.messages[i].Thread] {
			return bridge.Sent{}, &bridge.Failure{Verdict: bridge.Reopen, Public: "The thread is gone."}
		}
		if m := p.messages[i]; part.Op == bridge.React || part.Op == bridge.Unreact {
			m.react("us", c.text, part.Op == bridge.React)
		} else if part.Op == bridge.Delete {
			m.Gone = true
		} else {
			m.Text, m.Offers, m.Edited = c.text, c.offers, true
		}
		return bridge.Sent{Message: part.Message}, nil
	default:
	}
	if p.locked[part.Thread] {
		return bridge.Sent{}, &bridge.Failure{Verdict: bridge.Reopen, Public: "The thread is gone."}
	}
	p.next++
	m := &Message{
		Ref: bridge.MessageRef(fmt.Sprintf("M%d", p.next)), Thread: part.Thread, Key: part.Key, Author: c.author, Text: c.text, Files: c.files,
		At: time.Now().UTC(), Answers: c.answers, Offers: c.offers,
	}
	sent := bridge.Sent{Message: m.Ref}
	if part.Thread == "" {
		m.Thread = bridge.ThreadRef(fmt.Sprintf("%s/%d", p.name, p.next))
		sent.Thread = m.Thread
	}
	p.messages = append(p.messages, m)
	return sent, nil
}

// Find implements bridge.Finder.
func (p *Platform) Find(_ context.Context, part bridge.Part) (bridge.Sent, bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.finds++
	if len(p.asked) > 0 {
		err := p.asked[0]
		p.asked = p.asked[1:]
		return bridge.Sent{}, false, err
	}
	for _, m := range p.messages {
		if m.Key == part.Key {
			sent := bridge.Sent{Message: m.Ref}
			if part.Thread == "" {
				sent.Thread = m.Thread
			}
			return sent, true, nil
		}
	}
	return bridge.Sent{}, false, nil
}

// History implements bridge.Historian. A message's author "card" or a key mark it as ours.
func (p *Platform) History(_ context.Context, t bridge.ThreadRef, since time.Time) (bridge.History, error) {
	p.mu.Lock()
	var o HistoryOutcome
	if i := slices.IndexFunc(p.history, func(o HistoryOutcome) bool { return o.Thread == "" || o.Thread == t }); i >= 0 {
		o = p.history[i]
		p.history = slices.Delete(p.history, i, i+1)
	}
	h := bridge.History{From: since, Present: map[bridge.MessageRef]bool{}}
	for _, m := range p.list(t) {
		h.Present[m.Ref] = true
		if m.Key == "" {
			h.Happen = append(h.Happen, p.Inbound(m))
		}
	}
	p.mu.Unlock()
	if o.Then != nil {
		o.Then()
	}
	return h, o.Err
}

// ScriptHistory appends what becomes of the next readings of threads.
func (p *Platform) ScriptHistory(outcomes ...HistoryOutcome) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.history = append(p.history, outcomes...)
}

// RefuseFinds makes the next finds fail.
func (p *Platform) RefuseFinds(errs ...error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, errs...)
}

// Command is a person using a native form of the team's table.
func (p *Platform) Command(ctx context.Context, call bridge.Invocation) (bridge.Answer, error) {
	p.mu.Lock()
	sink := p.sink
	p.mu.Unlock()
	call.Endpoint = p.name
	return sink.Command(ctx, call)
}

// Reconnect reports a gap, as an adapter does after its connection was lost.
func (p *Platform) Reconnect(ctx context.Context) {
	p.mu.Lock()
	sink := p.sink
	p.mu.Unlock()
	sink.Report(ctx, p.name, bridge.Condition{State: bridge.Running, Gap: true})
}

// Script appends outcomes: each is used by one call.
func (p *Platform) Script(outcomes ...Outcome) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, o := range outcomes {
		p.script = append(p.script, &o)
	}
}

// Lose makes a thread be gone.
func (p *Platform) Lose(t bridge.ThreadRef) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.locked[t] = true
}

// touch wakes whoever awaits something. It must be called with mu held.
func (p *Platform) touch() {
	close(p.changed)
	p.changed = make(chan struct{})
}
