package workbench

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// handleConversation registers the page of a conversation and what its forms do.
func (b *Workbench) handleConversation(mux *routes) {
	const path = "/conversations/{id}"
	b.page(mux, path, bridge.RankAgent, b.conversation)
	mux.Handle("GET "+Base+path+"/suggest", b.visited(bridge.RankAgent, b.suggest))
	for action, serve := range map[string]func(v *visit) error{
		"/do": b.formed(b.do), "/say": b.uploaded(b.say), "/lines/{seq}": b.formed(b.amend), "/customer": b.formed(b.editCustomer),
	} {
		mux.Handle("POST "+Base+path+action, b.visited(bridge.RankAgent, serve))
		mux.Handle("GET "+Base+path+action, b.visited(bridge.RankAgent, b.toConversation))
	}
}

// do carries out a word of the table in the conversation.
func (b *Workbench) do(v *visit) error {
	c, err := v.theConversation()
	if err != nil {
		return err
	}
	call, form := v.invocation(bridge.WorkbenchThread(c.ID))
	return b.inConversation(v, c, call, form)
}

func (b *Workbench) inConversation(v *visit, c bridge.Conversation, call bridge.Invocation, form *bridge.Form) error {
	path := conversationAt(c.ID)
	ask, err := v.carryOut(call, form, asked{action: path + "/do", back: path})
	switch {
	case err != nil:
		return err
	case ask == nil:
		http.Redirect(v.w, v.Request, v.backOr(path), http.StatusSeeOther)
		return nil
	case ask.answer.Refused:
		return b.again(v, http.StatusUnprocessableEntity, func(c *conversation) { c.asked = ask })
	}
	return b.again(v, http.StatusOK, func(c *conversation) { c.asked = ask })
}

// say takes in what an agent has written below a transcript: a line for the visitor, a note, or a word of the table.
func (b *Workbench) say(v *visit, files []bridge.File) error {
	c, err := v.theConversation()
	if err != nil {
		return err
	}
	if chosen := v.PostFormValue("pick"); chosen != "" {
		return b.inConversation(v, c, bridge.Invocation{
			Thread: bridge.WorkbenchThread(c.ID), Word: "qr", Fields: map[string]string{quickReplyField: chosen},
		}, nil)
	}
	text := v.text()
	refuse := func(why string) error {
		return b.again(v, http.StatusUnprocessableEntity, func(c *conversation) { c.draft = draft{text: text, files: files, why: why} })
	}
	body := rich.Of(text)
	word, rest, command := bridge.Command(body)
	if v.PostFormValue("as") == "note" {
		body, command = rich.Of("//"+text), false
	}
	switch {
	case text == "" && len(files) == 0:
		return refuse("Nothing was sent: there is nothing in it yet.")
	case command && len(files) > 0:
		return refuse("Nothing was done: files go with a line, not with a command.")
	case command:
		return b.inConversation(v, c, bridge.Invocation{Thread: bridge.WorkbenchThread(c.ID), Word: word, Rest: rest}, nil)
	}
	en, err := b.receive(v, c.ID, bridge.Inbound{Kind: bridge.InSaid, Body: body, Stored: files})
	problem, isProblem := errors.AsType[*bridge.Problem](err)
	switch {
	case isProblem:
		return refuse(problem.Public)
	case errors.Is(err, bridge.ErrSeen) && (!rich.Equal(en.Body, rich.Of(text)) || len(en.Files) != len(files)):
		return refuse("Not sent: something else was sent with this form before. Send it again.")
	case err != nil && !errors.Is(err, bridge.ErrSeen):
		return err
	case en.Seq == 0:
		return bridge.ErrNotFound
	}
	http.Redirect(v.w, v.Request, conversationAt(c.ID)+"#reply", http.StatusSeeOther)
	return nil
}

// The field in which a quick reply is looked for, and how many are shown below the box.
const (
	quickReplyField = "reply"
	maxSuggested    = 8
)

// suggest lists the quick replies that fit what an agent has begun to write.
func (b *Workbench) suggest(v *visit) error {
	found, err := b.cfg.Desk.Suggest(v.Context(), bridge.Query{
		Endpoint: bridge.Workbench, Thread: bridge.ThreadRef(v.PathValue("id")), From: bridge.WorkbenchPerson(v.agent),
		Word: "qr", Field: quickReplyField, Text: v.FormValue("text"), Limit: maxSuggested,
	})
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = suggestions(found).Render(v.Context(), v.w) // the browser may have gone
	return nil
}

// text is what stands in the field of that name, as it was written.
func (v *visit) text() string {
	return strings.TrimSpace(strings.ReplaceAll(v.PostFormValue("text"), "\r\n", "\n"))
}

// receive hands the Desk what the agent did in a conversation.
func (b *Workbench) receive(v *visit, c bridge.ConversationID, in bridge.Inbound) (bridge.Entry, error) {
	if in.Key = v.PostFormValue("key"); in.Key == "" {
		return bridge.Entry{}, errNoKey
	}
	in.Endpoint, in.Thread, in.From, in.At = bridge.Workbench, bridge.WorkbenchThread(c), bridge.WorkbenchPerson(v.agent), v.now
	return b.cfg.Desk.Accept(v.Context(), in)
}

// amend changes or deletes a line that the agent said here.
func (b *Workbench) amend(v *visit) error {
	c, err := v.theConversation()
	if err != nil {
		return err
	}
	seq, err := strconv.ParseInt(v.PathValue("seq"), 10, 64)
	if err != nil {
		return bridge.ErrNotFound
	}
	in := bridge.Inbound{Kind: bridge.InEdited, Target: bridge.WorkbenchMessage(c.ID, seq)}
	if v.PostFormValue("delete") != "" {
		in.Kind = bridge.InDeleted
	} else if in.Body = rich.Of(v.text()); rich.IsEmpty(in.Body) {
		return &bridge.Problem{Code: "no_text", Public: "Nothing was changed: the line would be empty. Delete it instead."}
	}
	en, err := b.receive(v, c.ID, in)
	switch {
	case errors.Is(err, bridge.ErrSeen) && !rich.Equal(en.Body, in.Body):
		return &bridge.Problem{Code: "seen", Public: "Not changed: something else was sent with this form before. Open the line again."}
	case err != nil && !errors.Is(err, bridge.ErrSeen):
		return err
	}
	http.Redirect(v.w, v.Request, v.backOr(conversationAt(c.ID)), http.StatusSeeOther)
	return nil
}
