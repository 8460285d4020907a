package discordtest

import (
	"context"
	"encoding/json"
	"net/http"
)

// Interaction is a press, command or submission under way.
type Interaction struct {
	ID, Token string

	server *Server
	done   chan struct{}
	answer Answer
	err    error
}

// Answer is the application's first answer: its type (AnswerMessage, …) and data.
type Answer struct {
	Type int
	Data json.RawMessage
}

// Await returns the application's first answer, or ErrNoAnswer when there was none in time.
func (i *Interaction) Await(ctx context.Context) (Answer, error) {
	select {
	case <-i.done:
		return i.answer, i.err
	case <-ctx.Done():
		return Answer{}, context.Cause(ctx)
	case <-i.server.ctx.Done():
		return Answer{}, http.ErrServerClosed
	}
}

func (i *Interaction) finish(a Answer, err error) {
	i.answer, i.err = a, err
	close(i.done)
}
