package bridgetest

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// Reaction is one person's emoji under a message; Person is "us" for the adapter's own.
type Reaction struct{ Person, Emoji string }

var _ bridge.Commons = (*Platform)(nil)

// Share gives the platform a shared channel of this name. It is to be called before anything runs.
func (p *Platform) Share(t bridge.ThreadRef) { p.commons = t }

// Commons implements bridge.Commons.
func (p *Platform) Commons() bridge.ThreadRef { return p.commons }

// Answer is a person answering a message in its thread.
func (p *Platform) Answer(ctx context.Context, to bridge.MessageRef, person, text string) (bridge.MessageRef, error) {
	p.mu.Lock()
	i := slices.IndexFunc(p.messages, func(m *Message) bool { return m.Ref == to })
	p.next++
	m := &Message{
		Ref: bridge.MessageRef(fmt.Sprintf("M%d", p.next)), Thread: p.messages[i].Thread, Author: person, Text: text,
		At: time.Now().UTC(), Answers: to,
	}
	in := p.Inbound(*m)
	in.TargetAt = p.messages[i].At
	p.messages = append(p.messages, m)
	sink := p.sink
	p.touch()
	p.mu.Unlock()
	return m.Ref, offer(ctx, sink, in)
}

// offer offers a happening again until it is taken, as platforms do.
func offer(ctx context.Context, sink bridge.Sink, in bridge.Inbound) error {
	if sink == nil {
		return nil
	}
	for {
		err := sink.Receive(ctx, in)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// React is a person putting an emoji under a message, or taking it away.
func (p *Platform) React(ctx context.Context, ref bridge.MessageRef, person, emoji string, on bool) error {
	p.mu.Lock()
	i := slices.IndexFunc(p.messages, func(m *Message) bool { return m.Ref == ref })
	m := p.messages[i]
	m.react(person, emoji, on)
	kind := bridge.InUnreacted
	if on {
		kind = bridge.InReacted
	}
	p.next++
	in := bridge.Inbound{
		Endpoint: p.name, Key: fmt.Sprintf("%s/%d", ref, p.next), Kind: kind, Thread: m.Thread, Target: ref, TargetAt: m.At,
		From: bridge.Person{ID: person, Name: person}, Emoji: emoji, At: time.Now().UTC(),
	}
	sink := p.sink
	p.touch()
	p.mu.Unlock()
	return offer(ctx, sink, in)
}

// react adds or takes away one reaction.
func (m *Message) react(person, emoji string, on bool) {
	r := Reaction{person, emoji}
	m.Reactions = slices.DeleteFunc(slices.Clone(m.Reactions), func(x Reaction) bool { return x == r })
	if on {
		m.Reactions = append(m.Reactions, r)
	}
}

// reaction renders what we put under a message or take away.
func reaction(d bridge.Delivery, place string) []bridge.Part {
	op := bridge.React
	if d.Entry.Kind == bridge.Unreacted {
		op = bridge.Unreact
	}
	return []bridge.Part{{
		Op: op, Place: place, Urgency: bridge.UrgencyReaction, Message: d.Landed[0].Message, Content: content{text: d.Entry.Emoji()},
	}}
}

// answered is the message that a line answers.
func answered(d bridge.Delivery) bridge.MessageRef {
	if d.Entry.Kind != bridge.Said || len(d.Landed) == 0 {
		return ""
	}
	return d.Landed[0].Message
}

// A mention is written "<@person>" on the platform.
var mention = regexp.MustCompile(`<@([a-z0-9-]+)>`)

// written reads a text with mentions.
func written(text string) rich.Doc {
	var nodes []rich.Node
	at := 0
	for _, m := range mention.FindAllStringSubmatchIndex(text, -1) {
		nodes = append(nodes, rich.Node{Kind: rich.Text, Text: text[at:m[0]]},
			rich.Node{Kind: rich.Mention, Text: text[m[2]:m[3]], Info: text[m[2]:m[3]]})
		at = m[1]
	}
	if at == 0 {
		return rich.Of(text)
	}
	nodes = append(nodes, rich.Node{Kind: rich.Text, Text: text[at:]})
	return rich.Normal(rich.Doc{{Kind: rich.Paragraph, Children: nodes}})
}

// called writes mentions of people who are known here as such, so that Plain shows them.
func called(doc rich.Doc, people map[string]bridge.Person) rich.Doc {
	if len(people) == 0 {
		return doc
	}
	out := slices.Clone(doc)
	for i := range out {
		out[i].Children = called(out[i].Children, people)
		if who, known := people[out[i].Info]; known && out[i].Kind == rich.Mention {
			out[i] = rich.Node{Kind: rich.Text, Text: "<@" + who.ID + ">"}
		}
	}
	return out
}
