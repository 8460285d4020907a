package telegram

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/skeindesk/skein/bridge"
)

var errNoAnswer = errors.New("the answer does not name the message")

// Send carries out one part; see bridge.Adapter.
func (a *Adapter) Send(ctx context.Context, p bridge.Part) (bridge.Sent, error) {
	var sent bridge.Sent
	var f *bridge.Failure
	switch p.Op {
	case bridge.Post:
		sent, f = a.post(ctx, p)
	case bridge.Edit:
		sent, f = a.edit(ctx, p)
	case bridge.Delete:
		sent, f = a.remove(ctx, p)
	default:
		f = &bridge.Failure{Verdict: bridge.GiveUp, Public: "Telegram cannot do this.", Err: fmt.Errorf("unknown op %q", p.Op)}
	}
	if f != nil {
		return bridge.Sent{}, fmt.Errorf("telegram: %s: %w", p.Op, f)
	}
	return sent, nil
}

func badPart(err error) *bridge.Failure {
	return &bridge.Failure{Verdict: bridge.GiveUp, Public: "The message could not be prepared for Telegram.", Err: err}
}

func (a *Adapter) post(ctx context.Context, p bridge.Part) (bridge.Sent, *bridge.Failure) {
	content, ok := p.Content.(post)
	if !ok {
		return bridge.Sent{}, badPart(fmt.Errorf("content is a %T", p.Content))
	}
	at, err := parseThread(p.Thread)
	if err != nil {
		return bridge.Sent{}, badPart(err)
	}
	if content.File != nil {
		return a.postFile(ctx, at, content)
	}
	return a.postText(ctx, at, content)
}

func (a *Adapter) postText(ctx context.Context, at place, content post) (bridge.Sent, *bridge.Failure) {
	params := tgbotapi.Params{"text": content.Text, "link_preview_options": `{"is_disabled":true}`}
	content.answering(params)
	if err := errors.Join(content.mark(params, "entities"), content.keyboard(params)); err != nil {
		return bridge.Sent{}, badPart(err)
	}
	return a.made(ctx, at, "sendMessage", false, func(at place, answer *message) error {
		return a.call(ctx, "sendMessage", addressed(at, params), answer)
	})
}

// mark adds the entities. No parse_mode: what people wrote is never read as markup.
func (p post) mark(params tgbotapi.Params, name string) error {
	if len(p.Entities) == 0 {
		return nil
	}
	return params.AddInterface(name, p.Entities)
}

// keyboard adds the buttons, in one row. An edit that names none takes them away (T:editmessagetext).
func (p post) keyboard(params tgbotapi.Params) error {
	if len(p.Buttons) == 0 {
		return nil
	}
	if p.Buttons[0].Word == "" { // what stands on them is said by who presses them (T:replykeyboardmarkup)
		var rows [][]map[string]string
		for _, o := range p.Buttons {
			rows = append(rows, []map[string]string{{"text": o.Label}})
		}
		return params.AddInterface("reply_markup", map[string]any{"keyboard": rows, "one_time_keyboard": true, "resize_keyboard": true})
	}
	type button struct {
		Text string `json:"text"`
		Data string `json:"callback_data"`
	}
	var row []button
	for _, o := range p.Buttons {
		row = append(row, button{o.Label, o.Word + ":" + o.Rest})
	}
	return params.AddInterface("reply_markup", map[string]any{"inline_keyboard": [][]button{row}})
}

// answering adds what a message answers. An answer to what is gone is sent as any other message.
func (p post) answering(params tgbotapi.Params) {
	if p.Answers != 0 {
		params["reply_parameters"] = `{"message_id":` + strconv.FormatInt(p.Answers, 10) + `,"allow_sending_without_reply":true}`
	}
}

// made makes a call that makes a message. Where Telegram says that the chat has another id now, or that the topic is
// gone, the message goes there at once: nothing has been done.
func (a *Adapter) made(ctx context.Context, at place, method string, media bool,
	do func(at place, answer *message) error,
) (bridge.Sent, *bridge.Failure) {
	var answer message
	var err error
	at.chat = a.moved.now(at.chat)
	for range 3 {
		if err = do(at, &answer); err == nil || !a.redirected(err, &at) || ctx.Err() != nil {
			break
		}
	}
	if err == nil && answer.ID <= 0 {
		err = errNoAnswer
	}
	if err != nil {
		return bridge.Sent{}, failure(method, err)
	}
	return bridge.Sent{Message: spot{chat: at.chat, message: int64(answer.ID), media: media}.ref()}, nil
}

// redirected changes a place to the one where Telegram says that messages go now.
func (a *Adapter) redirected(err error, at *place) bool {
	refused, ok := errors.AsType[*tgbotapi.Error](err)
	switch {
	case !ok:
		return false
	case refused.MigrateToChatID != 0 && refused.MigrateToChatID != at.chat:
		a.moved.learn(at.chat, refused.MigrateToChatID)
		at.chat = refused.MigrateToChatID
		return true
	case at.topic != 0 && says(err, "thread not found"):
		at.topic = 0
		return true
	}
	return false
}

// edit changes a message of ours. One that is gone needs no change.
func (a *Adapter) edit(ctx context.Context, p bridge.Part) (bridge.Sent, *bridge.Failure) {
	content, ok := p.Content.(post)
	if !ok {
		return bridge.Sent{}, badPart(fmt.Errorf("content is a %T", p.Content))
	}
	s, err := parseMessage(p.Message)
	if err != nil {
		return bridge.Sent{}, badPart(err)
	}
	params := tgbotapi.Params{
		"chat_id": strconv.FormatInt(a.moved.now(s.chat), 10), "message_id": strconv.FormatInt(s.message, 10),
	}
	var method string
	switch {
	case content.Same:
		return bridge.Sent{Message: p.Message}, nil
	case content.File != nil:
		method, err = "editMessageMedia", a.replaceFile(ctx, params, content)
	case s.media:
		method = "editMessageCaption"
		params["caption"] = content.Text
		if err = content.mark(params, "caption_entities"); err == nil {
			err = a.call(ctx, method, params, nil)
		}
	default:
		method = "editMessageText"
		params["text"], params["link_preview_options"] = content.Text, `{"is_disabled":true}`
		if err = content.mark(params, "entities"); err == nil {
			err = a.call(ctx, method, params, nil)
		}
	}
	if err != nil && !says(err, "message is not modified", "message to edit not found", "message_id_invalid") {
		return bridge.Sent{}, failure(method, err)
	}
	return bridge.Sent{Message: p.Message}, nil
}

// remove deletes a message of ours. What is gone already needs no deletion.
func (a *Adapter) remove(ctx context.Context, p bridge.Part) (bridge.Sent, *bridge.Failure) {
	s, err := parseMessage(p.Message)
	if err != nil {
		return bridge.Sent{}, badPart(err)
	}
	err = a.call(ctx, "deleteMessage", tgbotapi.Params{
		"chat_id": strconv.FormatInt(a.moved.now(s.chat), 10), "message_id": strconv.FormatInt(s.message, 10),
	}, nil)
	if err != nil && !says(err, "message to delete not found", "message_id_invalid") {
		return bridge.Sent{}, failure("deleteMessage", err)
	}
	return bridge.Sent{Message: p.Message}, nil
}
