package discord

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge"
)

const (
	commandTime = 15 * time.Second
	// firstAnswer is how long Discord waits for the first answer (D:interactions/receiving-and-responding).
	firstAnswer = 3 * time.Second
	// promptly is how long the desk has before we say that the answer comes later. A form can be shown only by the
	// first answer, so it is worth a wait; people take a second for a moment.
	promptly       = 800 * time.Millisecond
	unknownFailure = "That did not work, and nothing was changed. Try again in a moment."
	unknownButton  = "This button is of another version of Skein. Nothing was done."
)

// Kinds of interactions.
const (
	commandGiven  = 2
	buttonPressed = 3
	optionTyped   = 4
	formSubmitted = 5
)

// asking is an interaction on its way: what was asked, and what has to be known to answer it.
type asking struct {
	interaction
	call    bridge.Invocation
	handle  handle   // of the button or form; for a command, what a form about the same would have
	written []string // into a form
}

// pressed takes in a press, a slash command, a form, or what somebody types into an option. It does not block.
func (r *receiver) pressed(i interaction) {
	if i.ID == "" || i.Token == "" || i.Member.V.User.V.ID == "" {
		return
	}
	if i.Type.V == optionTyped {
		r.dispatch.Beside(func() { r.suggest(i) })
		return
	}
	a, ok := r.asked(i)
	switch {
	case !ok:
		r.dispatch.Beside(func() { r.refuse(a, unknownButton) })
	case r.late.expired(string(i.ID), time.Now()):
		r.dispatch.Beside(func() { r.missed(a, "Nothing was done.") })
	default:
		r.dispatch.Beside(func() { r.command(a) })
	}
}

// asked reads what an interaction asks for; ok is false when it is none of ours.
func (r *receiver) asked(i interaction) (a asking, ok bool) {
	a = asking{interaction: i, call: bridge.Invocation{
		Endpoint: r.cfg.Name, Key: "interaction/" + string(i.ID), Thread: r.threadOf(i),
		From: person(r.cfg.Guild, i.Member.V.User.V, i.Member.V),
	}}
	switch i.Type.V {
	case commandGiven:
		r.given(&a)
		return a, a.call.Word != ""
	case buttonPressed, formSubmitted:
		a.handle, ok = readHandle(string(i.Data.CustomID))
	default:
		return a, false
	}
	a.call.Word, a.call.Rest = a.handle.word, a.handle.rest
	w, _ := r.word(a.call.Word)
	m := i.Message.V
	switch {
	case a.handle.thread != "":
		a.call.Thread = bridge.ThreadRef(a.handle.thread)
	case i.Type.V == buttonPressed && a.call.Thread == "" && !w.Anywhere && m.Flags.V&ephemeral == 0:
		a.call.Thread = bridge.ThreadRef(m.ID) // the card of a thread stands in the channel and has the thread's id
	}
	if a.handle.message != "" {
		a.call.Message = makeMessage(string(i.Channel), string(a.handle.message))
	}
	if i.Type.V == formSubmitted {
		a.call.Fields = map[string]string{}
		form := submitted{Components: i.Data.Components}
		a.written = form.fill(a.call.Fields)
	}
	r.settle(&a)
	return a, ok
}

// given reads a slash command, or one of a message's menu.
func (r *receiver) given(a *asking) {
	i := a.interaction
	w := r.wordOf(string(i.Data.Name))
	a.call.Word = w.Word
	if i.Data.Target != "" {
		a.handle.message = i.Data.Target
		a.call.Message = makeMessage(string(i.Channel), string(i.Data.Target))
		if a.call.Thread == "" { // it may be a card
			a.call.Thread = bridge.ThreadRef(i.Data.Target)
		}
	}
	for _, o := range i.Data.Options.V {
		if a.call.Fields == nil {
			a.call.Fields = map[string]string{}
		}
		a.call.Fields[fieldOf(w, string(o.V.Name))] = string(o.V.Value)
	}
	r.settle(a)
}

// fieldOf is the field that an option stands for.
func fieldOf(w bridge.Word, option string) string {
	for _, f := range w.Args {
		if optionName(f.Name) == option {
			return f.Name
		}
	}
	return option
}

// settle decides which conversation it is about: the one that was chosen, wherever it was chosen; else that of the place.
func (r *receiver) settle(a *asking) {
	if a.call.Fields[bridge.ConversationField] != "" {
		a.call.Thread = ""
	}
	a.handle.word, a.handle.rest = a.call.Word, a.call.Rest
	if a.handle.thread = ""; string(a.call.Thread) != string(a.Channel) {
		a.handle.thread = id(a.call.Thread)
	}
}

// threadOf is the thread in which something was given, if it may be a conversation's; those of the colleagues' channel
// are none.
func (r *receiver) threadOf(i interaction) bridge.ThreadRef {
	ch := i.Place.V
	ch.ID = i.Channel
	thread := isThread(ch) || !i.Place.Given && !r.places.plain(i.Channel)
	if !thread || r.places.commons(i.Channel, r.cfg.Colleagues) {
		return ""
	}
	return bridge.ThreadRef(i.Channel)
}

// command carries out a word and tells only the person who gave it. The first answer comes within moments: what is to be
// shown, or, where that takes longer, that it follows.
func (r *receiver) command(a asking) {
	ctx, cancel := context.WithTimeout(r.ctx, commandTime)
	defer cancel()
	answers := make(chan bridge.Answer, 1)
	r.dispatch.Beside(func() {
		answer := bridge.Answer{Public: unknownFailure, Refused: true}
		defer func() { answers <- answer }() // a panic is no reason for silence
		answer = r.carriedOut(ctx, a.call)
	})
	soon := time.NewTimer(promptly)
	defer soon.Stop()
	select {
	case answer := <-answers:
		r.answer(ctx, a, answer)
		return
	case <-ctx.Done():
		return
	case <-soon.C:
	}
	if !r.postpone(ctx, a) {
		return
	}
	select {
	case answer := <-answers:
		r.follow(ctx, a, answer)
	case <-ctx.Done():
	}
}

func (r *receiver) carriedOut(ctx context.Context, call bridge.Invocation) bridge.Answer {
	if at, err := parseMessage(call.Message); err == nil {
		call.MessageAt = timeOf(at.id)
	}
	err := r.health.Settle(ctx)
	var answer bridge.Answer
	if err == nil {
		answer, err = r.sink.Command(ctx, call)
		r.happened()
	}
	if err == nil {
		return answer
	}
	if problem, ok := errors.AsType[*bridge.Problem](err); ok {
		return bridge.Answer{Public: problem.Public, Refused: true}
	}
	if r.ctx.Err() == nil {
		r.log.Warn("a command could not be carried out", "error", err)
	}
	return bridge.Answer{Public: unknownFailure, Refused: true}
}

// shownAs is how people know what they gave.
func (a asking) shownAs() string {
	if a.Type.V == commandGiven && a.Data.Target == "" {
		return "/" + string(a.Data.Name)
	}
	return label(strings.TrimSpace(a.call.Word))
}
