package telegram

import (
	"strconv"
	"strings"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/skeindesk/skein/bridge"
)

// rated reads the press of a button: the stars under the question how the visitor was served.
func (a *Adapter) rated(p *pressed) (happening, bool) {
	m := p.Message.V
	if m == nil || m.Chat.V.ID == 0 || m.Chat.V.Type != "private" || m.ID <= 0 || p.From.V == nil || p.From.V.IsBot || p.ID == "" {
		return happening{}, false
	}
	where := place{chat: int64(m.Chat.V.ID)}
	if m.InTopic && m.Topic > 0 {
		where.topic = int64(m.Topic)
	}
	h := happening{queue: queueOf(where), place: where, press: string(p.ID)}
	word, rest, _ := strings.Cut(string(p.Data), ":")
	score, err := strconv.Atoi(rest)
	if word != bridge.RateWord || err != nil || score < bridge.MinScore || score > bridge.MaxScore {
		return h, true
	}
	h.in = bridge.Inbound{
		Endpoint: a.cfg.Name, Kind: bridge.InRated, Thread: where.thread(), From: person(p.From.V), Score: score, At: time.Now().UTC(),
		Key:    strings.Join([]string{queueOf(where), "press", string(p.ID)}, "/"),
		Target: spot{chat: where.chat, message: int64(m.ID)}.ref(), TargetAt: timeOf(int64(m.Date)),
	}
	return h, true
}

// release ends the wait of whoever has pressed a button: their program shows it until then (T:answercallbackquery).
func (r *receiver) release(press string) {
	if press == "" {
		return
	}
	r.dispatch.Beside(func() {
		if err := r.call(r.ctx, "answerCallbackQuery", tgbotapi.Params{"callback_query_id": press}, nil); err != nil && r.ctx.Err() == nil {
			r.log.Info("a press was not answered", "error", failure("answerCallbackQuery", err))
		}
	})
}
