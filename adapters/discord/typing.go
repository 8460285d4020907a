package discord

import (
	"context"
	"net/http"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// typingTime is how often it is shown in a thread that somebody is writing: Discord shows it for ten seconds
// (D:resources/channel#trigger-typing-indicator).
const typingTime = 8 * time.Second

// typing is TYPING_START (D:events/gateway-events#typing-start).
type typing struct {
	Guild   id `json:"guild_id"`
	Channel id `json:"channel_id"`
	User    id `json:"user_id"`
}

// typed passes on that a person is writing in a thread. What we show ourselves comes back as an event, too.
func (r *receiver) typed(e typing) {
	if string(e.User) != r.me.user {
		r.sink.Typing(r.ctx, r.cfg.Name, bridge.ThreadRef(e.Channel), bridge.Person{ID: string(e.User)})
	}
}

var _ bridge.Typist = (*Adapter)(nil)

// ShowTyping implements bridge.Typist. It is the first thing that is left undone when there is much to say.
func (a *Adapter) ShowTyping(ctx context.Context, t bridge.ThreadRef) {
	channel, err := parseThread(t)
	if err != nil || !a.gates.idle() || !a.typing.Allow(channel, typingTime) {
		return
	}
	_ = a.call(ctx, http.MethodPost, "/channels/"+channel+"/typing", nil, nil) // may fail silently
}
