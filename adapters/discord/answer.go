package discord

import (
	"context"
	"net/http"

	"github.com/skeindesk/skein/adapters/discord/markdown"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// Kinds of first answers to an interaction, and what makes one seen by one person only.
const (
	answerWords   = 4
	answerLater   = 5 // to a command or form: a message that is still empty
	answerUnshown = 6 // to a button: nothing yet
	answerChoices = 8
	answerInPlace = 7 // to a button: the message under which it stands changes
	answerForm    = 9

	ephemeral = 64
	maxPages  = 5 // of an answer in words
)

// What Discord says of an interaction (D:topics/opcodes-and-status-codes#json).
const (
	unknownInteraction = 10062 // it waits no longer, or never did
	alreadyAnswered    = 40060
)

// privately is a message that only the person who asked is shown.
type privately struct {
	Content    string          `json:"content"`
	Components []component     `json:"components"`
	Mentions   allowedMentions `json:"allowed_mentions"`
	Flags      int             `json:"flags,omitempty"`
}

// answer gives the first answer: a form, words, or, where a button's doing can be seen, nothing.
func (r *receiver) answer(ctx context.Context, a asking, answer bridge.Answer) {
	if answer.Form != nil && a.Type.V != formSubmitted { // a form cannot be answered by a form
		if m, ok := r.modalOf(answer.Form, a.handle); ok {
			err := r.first(ctx, a, answerForm, m)
			if err == nil || isCode(err, alreadyAnswered, unknownInteraction) {
				r.told(ctx, a, answer, err)
				return
			}
			r.log.Warn("a form could not be shown", "word", answer.Form.Word, "error", failure("create interaction response", err))
		}
	}
	pages := r.pages(a, answer)
	if len(pages) == 0 && a.onMessage() {
		r.told(ctx, a, answer, r.first(ctx, a, answerUnshown, nil))
		return
	}
	if len(pages) == 0 {
		pages = r.pages(a, bridge.Answer{Public: "Done."})
	}
	kind := answerWords
	if a.turns(answer) {
		kind, pages[0].Flags = answerInPlace, 0
	}
	err := r.first(ctx, a, kind, pages[0])
	r.told(ctx, a, answer, err)
	if err == nil {
		r.more(ctx, a, pages[1:])
	}
}

// onMessage reports whether it was given by a button, or by a form that a button opened: then nothing need be said.
func (a asking) onMessage() bool {
	return a.Type.V == buttonPressed || a.Type.V == formSubmitted && a.Message.Given
}

// turns reports whether it is a list that was asked for under a list which only that person sees: they turn the page.
func (a asking) turns(answer bridge.Answer) bool {
	return answer.List != nil && a.Type.V == buttonPressed && a.Message.V.Flags.V&ephemeral != 0
}

// postpone says that the answer follows; false when nobody waits for one.
func (r *receiver) postpone(ctx context.Context, a asking) bool {
	var err error
	if a.onMessage() {
		err = r.first(ctx, a, answerUnshown, nil)
	} else {
		err = r.first(ctx, a, answerLater, map[string]any{"flags": ephemeral})
	}
	if isCode(err, unknownInteraction) {
		r.missed(a, "What you asked for is being done.") //nolint:contextcheck // the wait for the answer is over
	}
	return err == nil
}

// follow gives an answer that was postponed.
func (r *receiver) follow(ctx context.Context, a asking, answer bridge.Answer) {
	pages := r.pages(a, answer)
	if a.onMessage() && !a.turns(answer) {
		r.more(ctx, a, pages)
		return
	}
	if len(pages) == 0 {
		pages = r.pages(a, bridge.Answer{Public: "Done."})
	}
	first := pages[0]
	first.Flags = 0 // who sees it is settled
	if err := r.call(ctx, http.MethodPatch, a.webhook()+"/messages/@original", first, nil); err != nil {
		r.unshown(err)
		return
	}
	r.more(ctx, a, pages[1:])
}

func (a asking) webhook() string { return "/webhooks/" + string(a.Application) + "/" + string(a.Token) }

// more shows what comes after the first answer.
func (r *receiver) more(ctx context.Context, a asking, pages []privately) {
	for _, page := range pages {
		if err := r.call(ctx, http.MethodPost, a.webhook(), page, nil); err != nil {
			r.unshown(err)
			return
		}
	}
}

func (r *receiver) unshown(err error) {
	if r.ctx.Err() == nil {
		r.log.Warn("an answer could not be shown", "error", failure("create followup message", err))
	}
}

// first makes the first answer. It is made again when its fate is unknown: Discord takes one only.
func (r *receiver) first(ctx context.Context, a asking, kind int, data any) error {
	ctx, cancel := context.WithTimeout(ctx, firstAnswer)
	defer cancel()
	body := map[string]any{"type": kind}
	if data != nil {
		body["data"] = data
	}
	path := "/interactions/" + string(a.ID) + "/" + string(a.Token) + "/callback"
	err := r.call(ctx, http.MethodPost, path, body, nil)
	if err == nil || failure("create interaction response", err).Verdict != bridge.Unsure {
		return err
	}
	if err = r.call(ctx, http.MethodPost, path, body, nil); isCode(err, alreadyAnswered) {
		return nil
	}
	return err
}

// told sees to it that a person whom Discord did not show the answer learns what became of it.
func (r *receiver) told(ctx context.Context, a asking, answer bridge.Answer, err error) {
	switch {
	case err == nil, isCode(err, alreadyAnswered): // the same, offered again, has been answered before
	case isCode(err, unknownInteraction) && (answer.Refused || answer.Form != nil):
		r.missed(a, "Nothing was done.") //nolint:contextcheck // the wait for the answer is over
	case isCode(err, unknownInteraction):
		r.missed(a, "It was done, but what there is to say of it could not be shown.") //nolint:contextcheck // as above
	default:
		if ctx.Err() == nil {
			r.log.Warn("an interaction could not be answered", "error", failure("create interaction response", err))
		}
	}
}

// missed tells somebody where they asked, for all to see, that Discord has stopped waiting. Nothing of the answer is said:
// it was meant for them alone.
func (r *receiver) missed(a asking, what string) {
	ctx, cancel := context.WithTimeout(r.ctx, commandTime)
	defer cancel()
	m := outgoing{
		Content:  "<@" + a.call.From.ID + "> " + literal("Discord did not wait for the answer to “"+a.shownAs()+"”. "+what),
		Mentions: allowedMentions{Parse: []string{}, Users: []string{a.call.From.ID}}, Embeds: []embed{}, Components: []component{},
	}
	if _, f := r.create(ctx, string(a.Channel), m, nil); f != nil && r.ctx.Err() == nil {
		r.log.Warn("nobody was told of an interaction that came too late", "error", f)
	}
}

// refuse answers what none of our words stand behind.
func (r *receiver) refuse(a asking, public string) {
	ctx, cancel := context.WithTimeout(r.ctx, commandTime)
	defer cancel()
	r.answer(ctx, a, bridge.Answer{Public: public, Refused: true})
}

// pages are an answer in words, in as many messages as it needs, with its buttons under the last. What somebody has
// written into a form that came to nothing is given back to them.
func (r *receiver) pages(a asking, answer bridge.Answer) []privately {
	if answer.List != nil {
		return []privately{{
			Content: listText(*answer.List, r.cfg.Name), Components: r.tabs(*answer.List), Mentions: noMentions(), Flags: ephemeral,
		}}
	}
	if answer.Form != nil {
		answer.Public, answer.Refused = orText(answer.Public, "Something has to be filled in first."), true
		if how, ok := r.inOneGo(answer.Form); ok {
			answer.Public += " In one go: " + how
		}
	}
	doc := answer.Rich
	if doc == nil {
		doc = rich.Of(answer.Public)
	}
	if answer.Refused && len(a.written) > 0 {
		doc = append(doc, rich.Of("You had written:")...)
		for _, words := range a.written {
			doc = append(doc, rich.Node{Kind: rich.Quote, Children: rich.Of(words)})
		}
	}
	if rich.IsEmpty(doc) {
		return nil
	}
	var list []privately
	for _, part := range markdown.Split(rich.Normal(doc)) {
		list = append(list, privately{
			Content: markdown.Write(part), Components: []component{}, Mentions: noMentions(), Flags: ephemeral,
		})
	}
	list = list[:min(len(list), maxPages)]
	list[len(list)-1].Components = r.underneath(a, answer)
	return list
}

// underneath are the buttons of an answer in words.
func (r *receiver) underneath(a asking, answer bridge.Answer) []component {
	h := handle{thread: a.handle.thread}
	offers := answer.Offers
	if f := answer.Form; f != nil {
		h.message = a.handle.message
		offers = []bridge.Offer{{Word: f.Word, Rest: f.Rest, Label: f.Title + "…", Style: bridge.OfferPrimary}}
	}
	return offered(offers, h)
}
