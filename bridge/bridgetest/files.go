package bridgetest

import (
	"context"
	"fmt"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// Attach is Say with files.
func (p *Platform) Attach(ctx context.Context, t bridge.ThreadRef, person, text string, files ...bridge.FileRef) (bridge.MessageRef, error) {
	p.mu.Lock()
	p.next++
	m := &Message{Ref: bridge.MessageRef(fmt.Sprintf("M%d", p.next)), Thread: t, Author: person, Text: text, At: time.Now().UTC()}
	p.messages = append(p.messages, m)
	sink := p.sink
	p.touch()
	p.mu.Unlock()
	in := p.Inbound(*m)
	in.Files = files
	return m.Ref, sink.Receive(ctx, in)
}
