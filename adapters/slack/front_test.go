package slack_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/skeindesk/skein/adapters/adaptertest"
	"github.com/skeindesk/skein/adapters/slack"
	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/bridge"
)

// front is an adapter that runs, with a thread, as Ana's client sees it.
type front struct {
	*testing.T
	server *slacktest.Server
	a      *slack.Adapter
	sink   *adaptertest.Sink
	thread bridge.ThreadRef
	root   string
}

// inBothModes runs a test in Socket Mode and in HTTP mode. answer is what the sink answers commands with.
func inBothModes(t *testing.T, answer func(bridge.Invocation) (bridge.Answer, error), test func(f front)) {
	t.Helper()
	t.Run("socket", func(t *testing.T) {
		t.Parallel()
		f := front{T: t, server: newServer(t, slacktest.Options{AckTimeout: patience}), sink: adaptertest.NewSink()}
		f.a = newAdapter(t, f.server, nil)
		f.sink.OnCommand = answer
		run(t, f.server, f.a, f.sink)
		f.thread, f.root = openThread(t, f.a)
		test(f)
	})
	t.Run("http", func(t *testing.T) {
		t.Parallel()
		s := newHTTPStage(t)
		s.sink.OnCommand = answer
		s.run(t)
		f := front{T: t, server: s.slack, a: s.adapter, sink: s.sink}
		f.thread, f.root = openThread(t, f.a)
		test(f)
	})
}

func (f front) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// acked waits until the app has answered.
func (f front) acked(i *slacktest.Interaction, err error) string {
	f.Helper()
	f.must(err)
	ctx, cancel := context.WithTimeout(f.Context(), patience)
	defer cancel()
	answer, err := i.Await(ctx)
	f.must(err)
	return string(answer)
}

// modal waits for a form of Ana's that fits.
func (f front) modal(what string, fits func(slacktest.View) bool) (open slacktest.View) {
	f.Helper()
	awaitServer(f.T, f.server, what, func(v slacktest.State) bool {
		found, ok := v.Modal(ana)
		open = found
		return ok && fits(found)
	})
	return open
}

func (f front) noModal() {
	f.Helper()
	awaitServer(f.T, f.server, "the form to close", func(v slacktest.State) bool { _, open := v.Modal(ana); return !open })
}

// told waits until Ana has been told something that only she sees, and returns the last of it.
func (f front) told(words string) (last slacktest.Ephemeral) {
	f.Helper()
	awaitServer(f.T, f.server, "words for Ana: "+words, func(v slacktest.State) bool {
		all := v.Ephemerals()
		if len(all) > 0 {
			last = all[len(all)-1]
		}
		return strings.Contains(last.Text, words) && last.User == ana
	})
	return last
}

func (f front) commands(n int) []bridge.Invocation {
	f.Helper()
	return f.sink.Await(f.T, "commands", func(h adaptertest.Heard) bool { return len(h.Commands) >= n }).Commands
}

func anyForm(slacktest.View) bool { return true }

// noteForm is what a word asks for that needs words.
func noteForm() *bridge.Form {
	return &bridge.Form{Word: "note", Rest: "kept", Title: "Note", Submit: "Note it", Fields: []bridge.Field{
		{Name: "words", Label: "Words", Kind: bridge.FieldText, Hint: "For colleagues only"},
		{Name: "how", Label: "How", Kind: bridge.FieldChoice, Value: "quiet", Optional: true, Choices: []bridge.Choice{
			{Value: "loud", Label: "Loudly"}, {Value: "quiet", Label: "Quietly", Detail: "calls nobody"},
		}},
	}}
}

// A press that needs something filled in opens a form; one that is refused stays with what was typed; done, it closes.
func TestAForm(t *testing.T) {
	refuse := atomic.Int32{}
	inBothModes(t, func(call bridge.Invocation) (bridge.Answer, error) {
		switch {
		case call.Fields == nil:
			return bridge.Answer{Form: noteForm()}, nil
		case call.Fields["words"] == "wrong":
			refuse.Add(1)
			return bridge.Answer{Public: "Nothing was noted: <that> is wrong.", Refused: true}, nil
		}
		return bridge.Answer{Public: "Noted."}, nil
	}, func(f front) {
		f.acked(f.server.Press(ana, f.root, "skein:take", ""))
		open := f.modal("the form", anyForm)
		if open.Values["how"]["how"]["selected_option"] == nil {
			f.Errorf("nothing is chosen to begin with: %v", open.Values)
		}
		if _, err := f.server.Submit(ana, open.ID); err == nil {
			f.Error("a required field can be left empty")
		}
		f.must(f.server.Type(ana, open.ID, "words", "wrong"))
		f.must(f.server.Choose(ana, open.ID, "how", "loud"))
		f.acked(f.server.Submit(ana, open.ID))
		open = f.modal("the refusal", func(v slacktest.View) bool { return strings.Contains(string(v.Raw), "is wrong") })
		if open.Values["words"]["words"]["value"] != "wrong" || !strings.Contains(string(open.Raw), `"initial_value":"wrong"`) {
			f.Errorf("what was typed is lost: %s", open.Raw)
		}
		f.acked(f.server.Submit(ana, open.ID))
		open = f.modal("another refusal", anyForm)
		if strings.Count(string(open.Raw), "is wrong") != 1 {
			f.Errorf("refusals pile up: %s", open.Raw)
		}
		f.must(f.server.Type(ana, open.ID, "words", "right"))
		f.acked(f.server.Submit(ana, open.ID))
		f.noModal()
		if e := f.told("Noted."); e.Channel != desk {
			f.Errorf("told %+v", e)
		}
		keys := map[string]bool{}
		for _, call := range f.commands(4)[1:] {
			if keys[call.Key] = true; call.Word != "note" || call.Rest != "kept" || call.Thread != f.thread || call.Fields["how"] != "loud" || call.From.ID != ana {
				f.Errorf("submitted %+v", call)
			}
		}
		if len(keys) != 1 {
			f.Errorf("keys %v: what was refused is submitted again as the same", keys)
		}
	})
}

// A form opens for three seconds after the press. Later, and when Slack fails, the person is told to press again.
func TestAFormThatComesTooLate(t *testing.T) {
	var late atomic.Pointer[slacktest.Server]
	inBothModes(t, func(call bridge.Invocation) (bridge.Answer, error) {
		if call.Word == "close" {
			late.Load().ExpireTriggers()
		}
		return bridge.Answer{Form: noteForm()}, nil
	}, func(f front) {
		late.Store(f.server)
		f.server.Fail(slacktest.Fault{Method: "views.open", Error: "exchanged_trigger_id", Times: 1})
		f.acked(f.server.Press(ana, f.root, "skein:take", ""))
		f.told("Press again.")
		f.server.Fail(slacktest.Fault{Method: "views.open", Status: 500, Times: 1})
		f.acked(f.server.Press(ana, f.root, "skein:take", ""))
		f.told("did not open the form")
	})
	t.Run("expired", func(t *testing.T) {
		f := front{T: t, server: newServer(t, slacktest.Options{}), sink: adaptertest.NewSink()}
		f.a = newAdapter(t, f.server, nil)
		f.sink.OnCommand = func(bridge.Invocation) (bridge.Answer, error) {
			f.server.ExpireTriggers()
			return bridge.Answer{Form: noteForm()}, nil
		}
		run(t, f.server, f.a, f.sink)
		_, f.root = openThread(t, f.a)
		f.acked(f.server.Press(ana, f.root, "skein:close", ""))
		f.told("Press again.")
	})
}

// A word that takes longer than Slack waits for: the form says so, and then what became of it.
func TestAFormThatTakesLong(t *testing.T) {
	var gates sync.Map
	gate := func(thread bridge.ThreadRef) chan struct{} {
		c, _ := gates.LoadOrStore(thread, make(chan struct{}))
		return c.(chan struct{})
	}
	inBothModes(t, func(call bridge.Invocation) (bridge.Answer, error) {
		if call.Fields == nil {
			return bridge.Answer{Form: noteForm()}, nil
		}
		if <-gate(call.Thread); call.Fields["words"] == "wrong" {
			return bridge.Answer{Public: "That is wrong.", Refused: true}, nil
		}
		return bridge.Answer{}, nil
	}, func(f front) {
		f.acked(f.server.Press(ana, f.root, "skein:take", ""))
		open := f.modal("the form", anyForm)
		f.must(f.server.Type(ana, open.ID, "words", "wrong"))
		if answer := f.acked(f.server.Submit(ana, open.ID)); !strings.Contains(answer, "a little longer") {
			f.Errorf("answered %s", answer)
		}
		gate(f.thread) <- struct{}{}
		open = f.modal("the refusal", func(v slacktest.View) bool { return strings.Contains(string(v.Raw), "That is wrong") })
		if open.Values["words"]["words"]["value"] != "wrong" {
			f.Errorf("what was typed is lost: %v", open.Values)
		}
		f.must(f.server.Type(ana, open.ID, "words", "right"))
		f.acked(f.server.Submit(ana, open.ID))
		gate(f.thread) <- struct{}{}
		f.modal("the end of it", func(v slacktest.View) bool { return strings.Contains(string(v.Raw), "Done.") })
	})
}

func TestTypingIntoAList(t *testing.T) {
	form := func(call bridge.Invocation) (bridge.Answer, error) {
		return bridge.Answer{Form: &bridge.Form{Word: "assign", Title: "Assign", Fields: []bridge.Field{
			{Name: "agent", Label: "To", Kind: bridge.FieldSearch, Value: "3", Choices: []bridge.Choice{{Value: "3", Label: "Ana"}}},
		}}}, nil
	}
	inBothModes(t, form, func(f front) {
		f.sink.OnSuggest = func(q bridge.Query) ([]bridge.Choice, error) {
			switch q.Text {
			case "":
				return nil, nil
			case "broken":
				return nil, errors.New("the database is away")
			case "much":
				var many []bridge.Choice
				for range q.Limit {
					many = append(many, bridge.Choice{Value: strings.Repeat("v", 75), Label: strings.Repeat("語", 200), Detail: strings.Repeat("😀", 200)})
				}
				return many, nil
			}
			return []bridge.Choice{{Value: "7", Label: "Ben\nBay", Detail: "on duty"}, {Label: "without a value"}}, nil
		}
		f.acked(f.server.Press(ana, f.root, "skein:take", ""))
		open := f.modal("the form", anyForm)
		for typed, want := range map[string]string{"": `{"options":[]}`, "broken": `{"options":[]}`, "be": `"text":"Ben Bay"`, "much": strings.Repeat("語", 74)} {
			if got := f.acked(f.server.Suggest(ana, open.ID, "agent", typed), nil); !strings.Contains(got, want) || len(got) >= 20_000 {
				f.Errorf("%q is answered %.200s (%d bytes)", typed, got, len(got))
			}
		}
		f.acked(f.server.Suggest(ana, open.ID, "agent", "be"), nil)
		f.must(f.server.Choose(ana, open.ID, "agent", "7"))
		f.acked(f.server.Submit(ana, open.ID))
		if call := f.commands(2)[1]; call.Fields["agent"] != "7" {
			f.Errorf("submitted %+v", call)
		}
		for _, q := range f.sink.Heard().Queries {
			if q.Field != "agent" || q.Word != "assign" || q.From.ID != ana || q.Thread != f.thread || q.Endpoint != f.a.Name() || q.Limit < 1 {
				f.Errorf("asked %+v", q)
			}
		}
	})
}

// The menu of a message has words about it: of the agent's own messages, and of our copies of others'.
func TestShortcuts(t *testing.T) {
	answer := func(bridge.Invocation) (bridge.Answer, error) { return bridge.Answer{Public: "Taken back."}, nil }
	inBothModes(t, answer, func(f front) {
		own := say(f.T, f.server, f.root, "hello")
		f.acked(f.server.Shortcut(ana, own, "skein:recall"))
		if e := f.told("Taken back."); e.ThreadTS != f.root {
			f.Errorf("told %+v", e)
		}
		f.acked(f.server.Shortcut(ana, f.root, "skein:recall"))
		calls := f.commands(2)
		for i, ts := range []string{own, f.root} {
			if c := calls[i]; c.Word != "recall" || c.Thread != f.thread || c.Message != bridge.MessageRef(desk+"/"+ts) || c.From.ID != ana {
				f.Errorf("the shortcut is %+v", c)
			}
		}
		if calls[0].Key == calls[1].Key {
			f.Error("two shortcuts are one")
		}
	})
}

// A command of the channel has no thread. It is answered where it was given, also where the app may not write.
func TestSlashCommands(t *testing.T) {
	answer := func(call bridge.Invocation) (bridge.Answer, error) {
		switch {
		case call.Word == "help":
			return bridge.Answer{Public: "A plain line goes <to> the visitor."}, nil
		case call.Word == "close" && call.Fields == nil:
			return bridge.Answer{Form: &bridge.Form{Word: "close", Title: "Close", Fields: []bridge.Field{
				{Name: "conversation", Label: "Conversation", Kind: bridge.FieldSearch, Value: "12", Choices: []bridge.Choice{{Value: "12", Label: "Mira"}}},
				{Name: "words", Label: "Words", Kind: bridge.FieldText, Value: call.Rest, Optional: true},
			}}}, nil
		}
		return bridge.Answer{}, nil
	}
	inBothModes(t, answer, func(f front) {
		away := f.server.AddChannel(slacktest.Channel{Name: "away", NoBot: true, Members: []string{ana}}).ID
		for _, typed := range []string{"", "help", "HELP me", "!help"} {
			f.acked(f.server.Command(ana, away, "/skein", typed))
		}
		f.commands(4)
		awaitServer(f.T, f.server, "four answers", func(v slacktest.State) bool { return len(v.Ephemerals()) == 4 })
		if e := f.told("A plain line goes &lt;to&gt; the visitor."); e.Channel != away {
			f.Errorf("told %+v", e)
		}
		f.acked(f.server.Command(ana, away, "/skein", "close Bye <@UBEN> & all"))
		open := f.modal("the form", anyForm)
		if got := open.Values["words"]["words"]["value"]; got != "Bye @ben & all" {
			f.Errorf("the form begins with %v", got)
		}
		f.acked(f.server.Submit(ana, open.ID))
		f.told("Done.")
		calls := f.commands(6)
		if call := calls[5]; call.Word != "close" || call.Thread != "" || call.Fields["conversation"] != "12" {
			f.Errorf("submitted %+v", call)
		}
		f.acked(f.server.Command(ana, away, "/take", "it"))
		if call := f.commands(7)[6]; call.Word != "take" || call.Rest != "it" || call.Thread != "" || call.Fields != nil {
			f.Errorf("the command is %+v", call)
		}
	})
}

// What an answer offers stands under it, and knows what it is about also where that is not the thread it stands in.
func TestOffersOfAnAnswer(t *testing.T) {
	answer := func(call bridge.Invocation) (bridge.Answer, error) {
		switch call.Rest {
		case bridge.TakeFree, "more":
			return bridge.Answer{Public: "Which one?", Offers: []bridge.Offer{
				{Word: "note", Rest: "1", Label: "One", Style: bridge.OfferPrimary}, {Word: "note", Rest: "2", Label: "Two", Style: bridge.OfferDanger},
			}}, nil
		case "2":
			return bridge.Answer{Public: "No.", Refused: true}, nil
		}
		return bridge.Answer{}, nil
	}
	inBothModes(t, answer, func(f front) {
		f.acked(f.server.Press(ana, f.root, "skein:take", ""))
		question := f.told("Which one?")
		f.acked(f.server.Press(ana, question.TS, "skein:note#2", ""))
		f.told("No.")
		f.acked(f.server.Press(ana, question.TS, "skein:note", ""))
		awaitServer(f.T, f.server, "the question to go", func(v slacktest.State) bool {
			for _, e := range v.Ephemerals() {
				if e.TS == question.TS {
					return false
				}
			}
			return true
		})
		calls := f.commands(3)
		for i, rest := range []string{bridge.TakeFree, "2", "1"} {
			if c := calls[i]; c.Rest != rest || c.Thread != f.thread {
				f.Errorf("press %d is %+v", i, c)
			}
		}
		f.acked(f.server.Command(ana, desk, "/note", "more"))
		f.acked(f.server.Press(ana, f.told("Which one?").TS, "skein:note", ""))
		if c := f.commands(5)[4]; c.Thread != "" || c.Word != "note" {
			f.Errorf("the press in the channel is %+v", c)
		}
	})
}
