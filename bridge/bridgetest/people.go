package bridgetest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// SayUnheard is Say while the adapter hears nothing.
func (p *Platform) SayUnheard(t bridge.ThreadRef, person, text string) bridge.MessageRef {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next++
	m := &Message{Ref: bridge.MessageRef(fmt.Sprintf("M%d", p.next)), Thread: t, Author: person, Text: text, At: time.Now().UTC()}
	p.messages = append(p.messages, m)
	p.touch()
	return m.Ref
}

// Say is a person writing into a thread, or a visitor writing to the bot.
func (p *Platform) Say(ctx context.Context, t bridge.ThreadRef, person, text string) (bridge.MessageRef, error) {
	p.mu.Lock()
	p.next++
	m := &Message{Ref: bridge.MessageRef(fmt.Sprintf("M%d", p.next)), Thread: t, Author: person, Text: text, At: time.Now().UTC()}
	p.messages = append(p.messages, m)
	sink := p.sink
	p.touch()
	p.mu.Unlock()
	if sink == nil {
		return m.Ref, nil
	}
	return m.Ref, sink.Receive(ctx, p.Inbound(*m))
}

// Inbound is what the adapter reports of a message.
func (p *Platform) Inbound(m Message) bridge.Inbound {
	return bridge.Inbound{
		Endpoint: p.name, Key: string(m.Ref), Kind: bridge.InSaid, Thread: m.Thread, Message: m.Ref,
		Target: m.Answers, From: bridge.Person{ID: m.Author, Name: m.Author}, Body: written(m.Text), At: m.At,
	}
}

// Amend is a person editing a message (text not empty) or deleting it.
func (p *Platform) Amend(ctx context.Context, ref bridge.MessageRef, text string) error {
	p.mu.Lock()
	i := slices.IndexFunc(p.messages, func(m *Message) bool { return m.Ref == ref })
	m := p.messages[i]
	kind := bridge.InEdited
	if text == "" {
		kind, m.Gone = bridge.InDeleted, true
	} else {
		m.Text, m.Edited = text, true
	}
	p.next++
	in := bridge.Inbound{
		Endpoint: p.name, Key: fmt.Sprintf("%s/%d", ref, p.next), Kind: kind, Thread: m.Thread, Target: ref,
		From: bridge.Person{ID: m.Author, Name: m.Author}, Body: rich.Of(text), At: time.Now().UTC(),
	}
	sink := p.sink
	p.touch()
	p.mu.Unlock()
	if sink == nil {
		return nil
	}
	return sink.Receive(ctx, in)
}
