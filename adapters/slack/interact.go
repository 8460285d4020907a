package slack

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge"
)

const (
	commandTime = 15 * time.Second
	// A form can be opened for 3 s after the press that asks for it (S:surfaces/modals); a name is not worth more of them.
	nameTime = time.Second
)

const (
	failedWords = "That did not work, and nothing was changed. Try again in a moment."
	doneWords   = "Done."
)

// interactive takes in what a person did with a button, a shortcut or a form. It does not block. ack is called once, with
// what Slack is answered: at once, but for a form and for a list that is typed into, whose answer is the point.
func (r *receiver) interactive(raw json.RawMessage, ack func(payload any)) {
	var p interaction
	if json.Unmarshal(raw, &p) != nil || p.User.V.ID == "" {
		ack(nil)
		return
	}
	switch p.Type {
	case "block_actions":
		ack(nil)
		r.pressed(&p)
	case "message_action":
		ack(nil)
		r.shortcut(&p)
	case "view_submission":
		r.dispatch.Beside(func() { r.submitted(&p, ack) })
	case "block_suggestion":
		r.dispatch.Beside(func() { ack(r.suggested(&p)) })
	default:
		ack(nil)
	}
}

// pressed carries out the buttons of one interaction.
func (r *receiver) pressed(p *interaction) {
	for _, action := range p.Actions.V {
		word, ours := wordOf(string(action.V.ID))
		if r.turned(p, string(action.V.ID)) || !ours {
			continue
		}
		e, ok := r.standsAt(p, string(action.V.Block))
		if !ok {
			continue
		}
		e.Word = word
		call := e.call(string(p.User.V.ID))
		call.Rest = string(action.V.Value)
		call.Key = strings.Join([]string{p.source(), "press", word, string(p.User.V.ID), string(action.V.TS)}, "/")
		r.dispatch.Beside(func() {
			ctx, cancel := context.WithTimeout(r.ctx, commandTime)
			defer cancel()
			r.answer(ctx, p, e, r.carryOut(ctx, call))
		})
	}
}

// source names what was pressed.
func (p *interaction) source() string {
	if p.Container.V.Channel != "" {
		return string(p.Container.V.Channel) + "/" + string(p.Container.V.MessageTS)
	}
	return "view/" + string(p.View.V.ID)
}

// standsAt says what a press is about and where the person is told what became of it. ok is false for what cannot have
// come from a message or view of ours.
func (r *receiver) standsAt(p *interaction, block string) (e errand, ok bool) {
	about, told := subjectOf(block)
	if at := p.Container.V; at.Channel != "" {
		channel, message, root := string(at.Channel), string(at.MessageTS), string(at.ThreadTS)
		if !validTS(message) || root != "" && !validTS(root) {
			return errand{}, false
		}
		e = errand{subject: about, Channel: channel, Shown: root}
		if root == "" && !at.Ephemeral.V {
			root = message // the card is the first message of its thread
		}
		if !told && root != "" {
			e.Thread = r.threadAt(channel, root)
		}
		if !told && !at.Ephemeral.V {
			e.Message = makeMessage(channel, message) // the question may be answered in its place
		}
		return e, true
	}
	if p.View.V.Type == "home" {
		return errand{subject: about}, told
	}
	e, ok = errandOf(string(p.View.V.Metadata))
	if told {
		e.subject = about
	}
	return e, ok
}

// threadAt names a thread, which among colleagues is the channel.
func (r *receiver) threadAt(channel, root string) bridge.ThreadRef {
	if channel == r.cfg.Colleagues {
		return r.Commons()
	}
	return makeThread(channel, root)
}

// shortcut carries out what was chosen in the menu of a message.
func (r *receiver) shortcut(p *interaction) {
	word, ours := wordOf(string(p.Callback))
	channel, ts, root := string(p.Channel.V.ID), string(p.MessageTS), string(p.Message.V.ThreadTS)
	if !ours || channel == "" || !validTS(ts) {
		return
	}
	shown := root
	if !validTS(root) {
		root, shown = ts, ""
	}
	e := errand{
		subject: subject{Thread: r.threadAt(channel, root), Message: makeMessage(channel, ts)}, Word: word, Channel: channel, Shown: shown,
	}
	call := e.call(string(p.User.V.ID))
	call.Key = strings.Join([]string{channel, ts, "shortcut", word, string(p.User.V.ID), string(p.ActionTS)}, "/")
	r.dispatch.Beside(func() {
		ctx, cancel := context.WithTimeout(r.ctx, commandTime)
		defer cancel()
		r.answer(ctx, p, e, r.carryOut(ctx, call))
	})
}

// call is the invocation that an errand is for.
func (e errand) call(user string) bridge.Invocation {
	call := bridge.Invocation{
		Thread: e.Thread, From: bridge.Person{ID: user}, Word: e.Word, Rest: e.Rest, Message: e.Message,
	}
	if e.Conversation != "" {
		call.Fields = map[string]string{bridge.ConversationField: e.Conversation}
	}
	return call
}

// carryOut gives a command to the sink. It always has an answer; its error is one that has been told.
func (r *receiver) carryOut(ctx context.Context, call bridge.Invocation) bridge.Answer {
	call.Endpoint = r.cfg.Name
	if at, err := parseMessage(call.Message); err == nil {
		call.MessageAt = timeOf(at.ts)
	}
	asking, cancel := context.WithTimeout(ctx, nameTime)
	call.From = r.people.get(asking, call.From.ID)
	cancel()
	var answer bridge.Answer
	err := r.health.Settle(ctx)
	if err == nil {
		answer, err = r.sink.Command(ctx, call)
	}
	if err == nil {
		return answer
	}
	if problem, ok := errors.AsType[*bridge.Problem](err); ok {
		return bridge.Answer{Public: problem.Public, Refused: true}
	}
	if r.ctx.Err() == nil {
		r.log.Warn("a command could not be carried out", "word", call.Word, "error", err)
	}
	return bridge.Answer{Public: failedWords, Refused: true}
}

// answer shows the person, and only them, what a press or a shortcut came to.
func (r *receiver) answer(ctx context.Context, p *interaction, e errand, answer bridge.Answer) {
	switch {
	case p.Container.V.Channel != "" || p.Type == "message_action":
		if p.Container.V.Ephemeral.V && answer.Form == nil && !answer.Refused {
			r.dismiss(ctx, string(p.ResponseURL)) // what it offered is done
		}
		r.reply(ctx, p, e, answer)
	case p.View.V.Type == "home":
		r.answerAtHome(ctx, p, e, answer)
	default:
		r.answerInView(ctx, string(p.View.V.ID), e, answer)
	}
}

// reply asks for what is missing, or says what there is to say, where there is a channel to say it in.
func (r *receiver) reply(ctx context.Context, p *interaction, e errand, answer bridge.Answer) {
	user := string(p.User.V.ID)
	if answer.Form == nil {
		r.tell(ctx, e, user, answer)
		return
	}
	if trouble := r.ask(ctx, string(p.Trigger), answer.Form, e); trouble != "" {
		r.tell(ctx, e, user, bridge.Answer{Public: trouble})
	}
}

// answerInView shows the answer in the place of the view that was pressed.
func (r *receiver) answerInView(ctx context.Context, id string, e errand, answer bridge.Answer) {
	if answer.Public == "" {
		answer.Public = doneWords
	}
	next := textView(answer, e)
	if answer.Form != nil {
		next = formOr(answer.Form, e)
	}
	r.updateView(ctx, id, next)
}

// submitTime is how long a form waits for its word to be carried out; Slack gives up after 3 s.
const submitTime = 2 * time.Second

// submitted carries out what a form was filled in for. A form that is refused stays, with all that was typed.
func (r *receiver) submitted(p *interaction, ack func(payload any)) {
	v := p.View.V
	e, ok := errandOf(string(v.Metadata))
	if !ok {
		ack(nil)
		return
	}
	call := e.call(string(p.User.V.ID))
	fields := v.fields()
	if e.Conversation != "" && fields[bridge.ConversationField] == "" {
		fields[bridge.ConversationField] = e.Conversation
	}
	e.Conversation, call.Fields = fields[bridge.ConversationField], fields
	call.Key = "view/" + string(v.ID) + "/" + strconv.Itoa(e.Form)

	ctx, cancel := context.WithTimeout(r.ctx, commandTime)
	defer cancel()
	acked := make(chan struct{})
	late := time.AfterFunc(submitTime, func() {
		ack(replaced(v.waiting(e)))
		close(acked)
	})
	answer := r.carryOut(ctx, call)
	next, rest := outcome(&v, e, answer)
	if !late.Stop() {
		<-acked
		r.updateView(ctx, string(v.ID), orView(next, textView(bridge.Answer{Public: doneWords}, e)))
	} else if next == nil {
		ack(nil)
	} else {
		ack(replaced(*next))
	}
	r.afterForm(ctx, p, e, rest)
}

// outcome is the view that takes a submitted form's place, nil for none, and what of the answer it does not show.
func outcome(v *viewState, e errand, answer bridge.Answer) (next *view, rest bridge.Answer) {
	switch {
	case answer.Form != nil:
		e.Form++
		form := formOr(answer.Form, e)
		return &form, bridge.Answer{}
	case answer.Refused:
		same := v.again(answer.Public, e)
		return &same, bridge.Answer{}
	case answer.Public == "":
		if e.Thread == "" || e.atHome() {
			answer.Public = doneWords // they do not see it
		}
		if e.atHome() {
			return nil, bridge.Answer{}
		}
		return nil, answer
	case e.atHome():
		text := textView(answer, e)
		return &text, bridge.Answer{}
	}
	return nil, answer
}

// formOr is a form, or why it cannot be shown.
func formOr(f *bridge.Form, e errand) view {
	if form, ok := formView(f, e); ok {
		return form
	}
	return textView(bridge.Answer{Public: formTooLong}, e)
}

func orView(v *view, otherwise view) view {
	if v != nil {
		return *v
	}
	return otherwise
}

// afterForm tells what a form that has gone came to.
func (r *receiver) afterForm(ctx context.Context, p *interaction, e errand, rest bridge.Answer) {
	user := string(p.User.V.ID)
	if e.atHome() {
		r.showHome(user, r.homes.tab(user)) //nolint:contextcheck // it has its own time
		return
	}
	r.tell(ctx, e, user, rest)
}

// atHome reports whether the person is in the app's home, where nothing can be said beside it.
func (e errand) atHome() bool { return e.Channel == "" && e.Respond == "" }
