package discord_test

import (
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/adaptertest"
	"github.com/skeindesk/skein/adapters/discord/discordtest"
	"github.com/skeindesk/skein/bridge"
)

// office is an adapter that runs against a server, a thread of a conversation, and who acts there.
type office struct {
	*testing.T
	server *discordtest.Server
	sink   *adaptertest.Sink
	thread string
}

// newOffice has commands answered by the function.
func newOffice(t *testing.T, opts discordtest.Options, answer func(bridge.Invocation) (bridge.Answer, error)) office {
	t.Helper()
	server := newServer(t, opts)
	a, sink := newAdapter(t, server, nil), adaptertest.NewSink()
	sink.OnCommand = answer
	run(t, a, sink)
	o := office{t, server, sink, string(opened(t, a))}
	await(t, server, "the commands declared", func(s discordtest.State) bool {
		return s.Calls("bulk_set_guild_application_commands", "") == 1
	})
	return o
}

// answered waits for the first answer to what was done.
func (o office) answered(i *discordtest.Interaction, err error) (*discordtest.Interaction, discordtest.Answer) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
	answer, err := i.Await(o.Context())
	if err != nil {
		o.Fatalf("it was not answered: %v", err)
	}
	return i, answer
}

// form waits for a form.
func (o office) form(i *discordtest.Interaction, err error) (*discordtest.Interaction, discordtest.Form) {
	o.Helper()
	i, answer := o.answered(i, err)
	f, ok := i.Form()
	if !ok {
		o.Fatalf("the answer is no form: %d %s", answer.Type, answer.Data)
	}
	return i, f
}

// told waits for the n-th thing said to one person only.
func (o office) told(n int) discordtest.Message {
	o.Helper()
	await(o.T, o.server, "an answer in words", func(s discordtest.State) bool {
		all := s.Ephemerals()
		return len(all) >= n && all[n-1].Flags&discordtest.FlagLoading == 0
	})
	return o.server.Ephemerals()[n-1]
}

func (o office) last() bridge.Invocation {
	o.Helper()
	h := o.sink.Heard()
	if len(h.Commands) == 0 {
		o.Fatal("nothing was asked for")
	}
	return h.Commands[len(h.Commands)-1]
}

// asksFor answers with a form until it is filled in, then with words.
func asksFor(fields ...bridge.Field) func(bridge.Invocation) (bridge.Answer, error) {
	return func(call bridge.Invocation) (bridge.Answer, error) {
		if call.Fields[fields[0].Name] == "" {
			return bridge.Answer{Form: &bridge.Form{Word: call.Word, Rest: call.Rest, Title: "Close", Fields: fields}}, nil
		}
		if strings.Contains(call.Fields[fields[0].Name], "bad") {
			return bridge.Answer{Public: "That is not possible.", Refused: true}, nil
		}
		return bridge.Answer{Public: "It is closed."}, nil
	}
}

var lastWords = bridge.Field{Name: "words", Label: "Last words", Kind: bridge.FieldText}

func TestForms(t *testing.T) {
	o := newOffice(t, discordtest.Options{}, asksFor(lastWords))
	shown, f := o.form(o.server.Command(ana, o.thread, "close", nil))
	if f.Title != "Close" || len(f.Inputs) != 1 || !f.Inputs[0].Long || !f.Inputs[0].Required || f.Inputs[0].Label != "Last words" {
		t.Errorf("the form is %+v", f)
	}
	o.answered(o.server.SubmitModal(ana, shown, map[string]string{"words": "good *bye*"}))
	if call := o.last(); call.Word != "close" || call.Fields["words"] != "good *bye*" || string(call.Thread) != o.thread || call.From.ID != ana {
		t.Errorf("the form came back as %+v", call)
	}
	if m := o.told(1); m.Content != "It is closed." || m.For != ana {
		t.Errorf("the answer is %+v", m)
	}
	// What somebody wrote is given back to them when nothing came of it.
	o.answered(o.server.SubmitModal(ana, shown, map[string]string{"words": "bad *words*"}))
	if m := o.told(2); !strings.Contains(m.Content, "not possible") || !strings.Contains(m.Content, `> bad \*words\*`) {
		t.Errorf("the refusal is %q", m.Content)
	}
}

// The card of a text channel stands beside its thread: a form that it opened is about the thread.
func TestFormOfTheCard(t *testing.T) {
	o := newOffice(t, discordtest.Options{}, asksFor(
		bridge.Field{Name: "agent", Label: "Colleague", Kind: bridge.FieldSearch, Choices: []bridge.Choice{{Value: "1", Label: "Ana"}, {Value: "2", Label: "Ben"}}}))
	shown, f := o.form(o.server.Press(ben, o.thread, "skein:close"))
	if len(f.Inputs) != 1 || len(f.Inputs[0].Choices) != 2 {
		t.Errorf("the form is %+v", f)
	}
	o.answered(o.server.SubmitModal(ben, shown, map[string]string{"agent": "2"}))
	if call := o.last(); call.Word != "close" || call.Fields["agent"] != "2" || string(call.Thread) != o.thread || call.From.ID != ben {
		t.Errorf("the form came back as %+v", call)
	}
}

// Outside of threads it is about no conversation before one is chosen, and one that is chosen in a thread goes before it.
func TestCommandsElsewhere(t *testing.T) {
	o := newOffice(t, discordtest.Options{}, nil)
	for _, place := range []string{deskID, otherID} {
		o.answered(o.server.Command(ana, place, "close", map[string]any{"words": "bye"}))
		if call := o.last(); call.Thread != "" || call.Fields["words"] != "bye" {
			t.Errorf("in %s it arrived as %+v", place, call)
		}
	}
	o.answered(o.server.Command(ana, o.thread, "close", map[string]any{"conversation": "12"}))
	if call := o.last(); call.Thread != "" || call.Fields[bridge.ConversationField] != "12" {
		t.Errorf("with a conversation it arrived as %+v", call)
	}
}

func TestSuggestions(t *testing.T) {
	o := newOffice(t, discordtest.Options{}, nil)
	o.sink.OnSuggest = func(q bridge.Query) ([]bridge.Choice, error) {
		if q.Text == "zz" {
			return nil, nil
		}
		return []bridge.Choice{{Value: "12", Label: "Maria on website", Detail: strings.Repeat("Ana ", 50)}}, nil
	}
	typed, _ := o.answered(o.server.Autocomplete(ana, o.thread, "close", map[string]any{"conversation": "mar"}, "conversation"))
	if got := typed.Suggestions(); len(got) != 1 || got[0].Value != "12" || !strings.HasPrefix(got[0].Label, "Maria on website · Ana") {
		t.Errorf("suggested %+v", got)
	}
	q := o.sink.Heard().Queries[0]
	if q.Word != "close" || q.Field != bridge.ConversationField || q.Text != "mar" || string(q.Thread) != o.thread || q.From.ID != ana || q.Limit != 25 {
		t.Errorf("the question is %+v", q)
	}
	typed, _ = o.answered(o.server.Autocomplete(ana, deskID, "close", map[string]any{"conversation": "zz"}, "conversation"))
	if got := typed.Suggestions(); len(got) != 1 || got[0].Label != "Nothing found" || got[0].Value != "zz" {
		t.Errorf("of nothing it suggested %+v", got)
	}
}

// What takes longer than a moment is answered later, a form by a button that opens it.
func TestLateAnswers(t *testing.T) {
	slow := make(chan bridge.Answer)
	o := newOffice(t, discordtest.Options{}, func(call bridge.Invocation) (bridge.Answer, error) {
		if call.Rest == "quick" {
			return bridge.Answer{Form: &bridge.Form{Word: "close", Title: "Close", Fields: []bridge.Field{lastWords}}}, nil
		}
		return <-slow, nil
	})
	_, first := o.answered(o.server.Command(ana, o.thread, "take", nil))
	if first.Type != discordtest.AnswerDeferred {
		t.Fatalf("the first answer is of type %d", first.Type)
	}
	slow <- bridge.Answer{Public: "It is yours."}
	if m := o.told(1); m.Content != "It is yours." {
		t.Errorf("the answer is %q", m.Content)
	}
	_, first = o.answered(o.server.Press(ana, o.thread, "skein:take:free"))
	if first.Type != discordtest.AnswerNothing {
		t.Fatalf("the first answer to a press is of type %d", first.Type)
	}
	slow <- bridge.Answer{Form: &bridge.Form{Word: "close", Rest: "quick", Title: "Close", Fields: []bridge.Field{lastWords}}}
	m := o.told(2)
	if !strings.Contains(m.Content, "filled in first") {
		t.Errorf("a late form is announced by %q", m.Content)
	}
	custom := "skein/" + o.thread + "/:close:quick"
	o.form(o.server.Press(ana, m.ID, custom))
	if call := o.last(); string(call.Thread) != o.thread || call.Rest != "quick" {
		t.Errorf("the button came back as %+v", call)
	}
}

// An answer that offers something does so by buttons, about the same conversation.
func TestOffersOfAnswers(t *testing.T) {
	o := newOffice(t, discordtest.Options{}, func(call bridge.Invocation) (bridge.Answer, error) {
		if call.Word == "reopen" {
			return bridge.Answer{Public: "Open."}, nil
		}
		return bridge.Answer{Public: strings.Repeat("A long answer. ", 300), Offers: []bridge.Offer{{Word: "reopen", Rest: "now", Label: "Open it again"}}}, nil
	})
	o.answered(o.server.Press(ana, o.thread, "skein:take:free"))
	beside := o.told(3)
	o.answered(o.server.Press(ana, beside.ID, "skein/"+o.thread+"/:reopen:now"))
	if call := o.last(); call.Word != "reopen" || call.Rest != "now" || string(call.Thread) != o.thread {
		t.Errorf("the offer came back as %+v", call)
	}
	o.answered(o.server.Command(ana, o.thread, "take", nil))
	within := o.told(7)
	o.answered(o.server.Press(ana, within.ID, "skein:reopen:now"))
	if call := o.last(); call.Word != "reopen" || call.Rest != "now" || string(call.Thread) != o.thread {
		t.Errorf("in the thread the offer came back as %+v", call)
	}
}

// Who is not answered in time is told, where they asked, what became of it.
func TestNotAnsweredInTime(t *testing.T) {
	const patience = 50 * time.Millisecond
	slow := make(chan struct{})
	o := newOffice(t, discordtest.Options{AnswerTimeout: patience}, func(bridge.Invocation) (bridge.Answer, error) {
		<-slow
		return bridge.Answer{Public: "a secret"}, nil
	})
	i, err := o.server.Command(ana, o.thread, "take", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := i.Await(t.Context()); err == nil {
		t.Fatal("it was answered before it was done")
	}
	close(slow)
	said := func(s discordtest.State) []discordtest.Message { return s.Said(o.thread) }
	await(t, o.server, "a word about it", func(s discordtest.State) bool { return len(said(s)) == 1 })
	o.server.Look(func(s discordtest.State) {
		if m := said(s)[0]; !strings.Contains(m.Content, "<@"+ana+">") || !strings.Contains(m.Content, "was done") || strings.Contains(m.Content, "secret") {
			t.Errorf("it says %q", m.Content)
		}
	})
	if len(o.server.Ephemerals()) != 0 {
		t.Error("an answer was shown all the same")
	}
}
