package discordtest_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/bwmarrin/discordgo"

	"github.com/skeindesk/skein/adapters/discord/discordtest"
)

// TestCommandsThroughTheClient runs commands of all kinds against discordgo: options, suggestions, a modal, a deferred
// answer and a press.
func TestCommandsThroughTheClient(t *testing.T) {
	s := start(t, nil)
	dg := client(t, s)
	dg.AddHandler(answerInteraction)
	listen(t, dg)
	o := s.Options()
	_, err := dg.ApplicationCommandBulkOverwrite(o.ApplicationID, o.GuildID, []*discordgo.ApplicationCommand{
		{Name: "assign", Description: "Give it", Options: []*discordgo.ApplicationCommandOption{
			{Type: discordgo.ApplicationCommandOptionUser, Name: "agent", Description: "Who", Required: true},
		}},
		{Name: "qr", Description: "Quick replies", Options: []*discordgo.ApplicationCommandOption{
			{Type: discordgo.ApplicationCommandOptionSubCommand, Name: "send", Description: "Send one", Options: []*discordgo.ApplicationCommandOption{
				{Type: discordgo.ApplicationCommandOptionString, Name: "words", Description: "Which", Autocomplete: true},
			}},
		}},
		{Name: "note", Description: "Write a note"},
		{Name: "Recall", Type: discordgo.MessageApplicationCommand},
	})
	must(t, err)
	th := thread(t, s)
	ctx := t.Context()

	assign := value[*discordtest.Interaction](t)(s.Command(ana, th, "assign", map[string]any{"agent": ben}))
	a := value[discordtest.Answer](t)(assign.Await(ctx))
	if a.Type != discordtest.AnswerMessage || !strings.Contains(string(a.Data), "to ben") {
		t.Errorf("assign %+v %s", a, a.Data)
	}
	suggest := value[*discordtest.Interaction](t)(s.Autocomplete(ana, th, "qr send", map[string]any{"words": "he"}, "words"))
	if a = value[discordtest.Answer](t)(suggest.Await(ctx)); a.Type != discordtest.AnswerSuggestions || !strings.Contains(string(a.Data), "he!") {
		t.Errorf("suggestions %+v %s", a, a.Data)
	}
	form := value[*discordtest.Interaction](t)(s.Command(ana, th, "note", nil))
	if a = value[discordtest.Answer](t)(form.Await(ctx)); a.Type != discordtest.AnswerModal {
		t.Fatalf("modal %+v", a)
	}
	sent := value[*discordtest.Interaction](t)(s.SubmitModal(ana, form, map[string]string{"text": "a note"}))
	if a = value[discordtest.Answer](t)(sent.Await(ctx)); !strings.Contains(string(a.Data), "a note") {
		t.Errorf("submitted %+v %s", a, a.Data)
	}
	line := value[string](t)(s.Say(ana, th, "oops"))
	recall := value[*discordtest.Interaction](t)(s.UseMessageCommand(ana, line, "Recall"))
	if a = value[discordtest.Answer](t)(recall.Await(ctx)); a.Type != discordtest.AnswerDeferred {
		t.Errorf("recall %+v", a)
	}
	must(t, s.Await(ctx, func(v discordtest.State) bool {
		e := v.Ephemerals()
		return len(e) > 0 && e[len(e)-1].Content == "recalled oops" && e[len(e)-1].For == ana
	}))
	card := call(t, s, "POST", "/channels/"+th+"/messages", object{"content": "card", "components": []object{{"type": 1, "components": []object{
		{"type": 2, "style": 1, "label": "Take", "custom_id": "take"},
	}}}}).id(t)
	press := value[*discordtest.Interaction](t)(s.Press(ana, card, "take"))
	if a = value[discordtest.Answer](t)(press.Await(ctx)); a.Type != discordtest.AnswerUpdate {
		t.Errorf("press %+v", a)
	}
	if got := s.Said(th); got[len(got)-1].Content != "taken" {
		t.Errorf("thread %+v", got)
	}
	if _, err := s.Press(ana, card, "nothing"); err == nil {
		t.Error("pressed what is not there")
	}
	if _, err := s.Command(ana, th, "assign", nil); err == nil {
		t.Error("ran a command without its required option")
	}
}

// answerInteraction is an application that answers at once.
func answerInteraction(dg *discordgo.Session, i *discordgo.InteractionCreate) {
	respond := func(kind discordgo.InteractionResponseType, data *discordgo.InteractionResponseData) {
		_ = dg.InteractionRespond(i.Interaction, &discordgo.InteractionResponse{Type: kind, Data: data})
	}
	private := discordgo.MessageFlagsEphemeral
	switch i.Type {
	case discordgo.InteractionMessageComponent:
		respond(discordgo.InteractionResponseUpdateMessage, &discordgo.InteractionResponseData{Content: "taken", Components: []discordgo.MessageComponent{}})
	case discordgo.InteractionModalSubmit:
		row := i.ModalSubmitData().Components[0].(*discordgo.ActionsRow)
		respond(discordgo.InteractionResponseChannelMessageWithSource, &discordgo.InteractionResponseData{Content: row.Components[0].(*discordgo.TextInput).Value, Flags: private})
	case discordgo.InteractionApplicationCommandAutocomplete:
		typed := i.ApplicationCommandData().Options[0].Options[0].StringValue()
		respond(discordgo.InteractionApplicationCommandAutocompleteResult, &discordgo.InteractionResponseData{
			Choices: []*discordgo.ApplicationCommandOptionChoice{{Name: typed + "!", Value: typed}},
		})
	case discordgo.InteractionApplicationCommand:
		data := i.ApplicationCommandData()
		switch data.Name {
		case "assign":
			respond(discordgo.InteractionResponseChannelMessageWithSource, &discordgo.InteractionResponseData{
				Content: "to " + data.Resolved.Users[data.Options[0].Value.(string)].Username, Flags: private,
			})
		case "note":
			respond(discordgo.InteractionResponseModal, &discordgo.InteractionResponseData{CustomID: "note", Title: "Note", Components: []discordgo.MessageComponent{
				discordgo.ActionsRow{Components: []discordgo.MessageComponent{discordgo.TextInput{CustomID: "text", Label: "Text", Style: discordgo.TextInputParagraph}}},
			}})
		case "Recall":
			respond(discordgo.InteractionResponseDeferredChannelMessageWithSource, &discordgo.InteractionResponseData{Flags: private})
			text := "recalled " + data.Resolved.Messages[data.TargetID].Content
			_, _ = dg.InteractionResponseEdit(i.Interaction, &discordgo.WebhookEdit{Content: &text})
		}
	}
}

// TestInteractionDeadlines: three seconds for the first answer, one first answer, a token that ends.
// Each interaction has a server of its own whose deadline is over at once or never, however slow the machine.
func TestInteractionDeadlines(t *testing.T) {
	given := func(t *testing.T, toAnswer, tokenLife time.Duration) (*discordtest.Server, *discordtest.Interaction, string) {
		s := start(t, func(o *discordtest.Options) { o.AnswerTimeout, o.TokenLife = toAnswer, tokenLife })
		o := s.Options()
		call(t, s, "PUT", "/applications/"+o.ApplicationID+"/guilds/"+o.GuildID+"/commands", []object{{"name": "take", "description": "x"}}).want(t, 200, 0)
		i := value[*discordtest.Interaction](t)(s.Command(ana, desk, "take", nil))
		return s, i, "/webhooks/" + o.ApplicationID + "/" + i.Token
	}
	answer := func(t *testing.T, s *discordtest.Server, i *discordtest.Interaction, kind int, data object) reply {
		return call(t, s, "POST", "/interactions/"+i.ID+"/"+i.Token+"/callback", object{"type": kind, "data": data})
	}
	t.Run("answered too late", func(t *testing.T) {
		s, i, _ := given(t, time.Nanosecond, time.Hour)
		if _, err := i.Await(t.Context()); !errors.Is(err, discordtest.ErrNoAnswer) {
			t.Errorf("got %v", err)
		}
		answer(t, s, i, 4, object{"content": "late"}).want(t, 404, 10062)
	})
	t.Run("answered once", func(t *testing.T) {
		s, i, path := given(t, time.Hour, time.Hour)
		answer(t, s, i, 7, object{"content": "no component"}).want(t, 400, 50035)
		answer(t, s, i, 5, object{"flags": 4}).want(t, 400, 50035)
		answer(t, s, i, 5, object{"flags": 64}).want(t, 204, 0)
		answer(t, s, i, 4, object{"content": "again"}).want(t, 400, 40060)
		call(t, s, "PATCH", path+"/messages/@original", object{"content": "done"}).want(t, 200, 0)
		if got := s.Ephemerals(); len(got) != 1 || got[0].Content != "done" || got[0].For != ana || len(s.Messages(desk)) != 0 {
			t.Errorf("ephemerals %+v", got)
		}
	})
	t.Run("the token is over", func(t *testing.T) {
		s, i, path := given(t, time.Hour, time.Nanosecond)
		answer(t, s, i, 5, object{"flags": 64}).want(t, 204, 0)
		call(t, s, "POST", path, object{"content": "too late"}).want(t, 401, 50027)
	})
}

func TestCommandRules(t *testing.T) {
	s := start(t, nil)
	o := s.Options()
	path := "/applications/" + o.ApplicationID + "/guilds/" + o.GuildID + "/commands"
	for name, set := range map[string][]object{
		"upper case":     {{"name": "Take", "description": "x"}},
		"twice":          {{"name": "take", "description": "x"}, {"name": "take", "description": "y"}},
		"no description": {{"name": "take"}},
		"menu described": {{"name": "Take", "type": 3, "description": "x"}},
		"required last": {{"name": "take", "description": "x", "options": []object{
			{"type": 3, "name": "a", "description": "x"}, {"type": 3, "name": "b", "description": "x", "required": true},
		}}},
	} {
		t.Run(name, func(t *testing.T) { call(t, s, "PUT", path, set).want(t, 400, 50035) })
	}
	call(t, s, "PUT", path, []object{{"name": "take", "description": "x"}}).want(t, 200, 0)
	var first, second []struct{ ID string }
	call(t, s, "GET", path, nil).into(t, &first)
	call(t, s, "PUT", path, []object{{"name": "take", "description": "y"}}).into(t, &second)
	if first[0].ID != second[0].ID {
		t.Error("a command that stays has a new id")
	}
}

func TestWebhooks(t *testing.T) {
	s := provoke(t, nil)
	dg := client(t, s)
	e := listen(t, dg)
	hook := value[*discordgo.Webhook](t)(dg.WebhookCreate(desk, "bridge", ""))
	e.want(t, "WEBHOOKS_UPDATE")
	th := thread(t, s)
	sent := value[*discordgo.Message](t)(dg.WebhookThreadExecute(hook.ID, hook.Token, true, th, &discordgo.WebhookParams{
		Content: "hello", Username: "Vera", AvatarURL: "https://example.com/v.png",
	}))
	for {
		ev := e.want(t, "MESSAGE_CREATE").Struct.(*discordgo.MessageCreate)
		if ev.ID != sent.ID {
			continue
		}
		if ev.WebhookID != hook.ID || ev.Author.ID != hook.ID || ev.Author.Username != "Vera" || ev.Member != nil {
			t.Errorf("event %+v", ev.Message)
		}
		break
	}
	path := "/webhooks/" + hook.ID + "/" + hook.Token
	call(t, s, "PATCH", path+"/messages/"+sent.ID, object{"content": "x"}).want(t, 404, 10008)
	call(t, s, "PATCH", path+"/messages/"+sent.ID+"?thread_id="+th, object{"content": "x"}).want(t, 200, 0)
	call(t, s, "DELETE", path+"/messages/"+sent.ID, nil).want(t, 404, 10008)
	call(t, s, "DELETE", path+"/messages/"+sent.ID+"?thread_id="+th, nil).want(t, 204, 0)
	for _, name := range []string{"Clyde B", "my discord", strings.Repeat("x", 81)} {
		call(t, s, "POST", path, object{"content": "x", "username": name}).want(t, 400, 50035)
	}
	call(t, s, "POST", path+"?thread_id="+forum, object{"content": "x"}).want(t, 404, 10003)
	call(t, s, "POST", "/webhooks/"+hook.ID+"/wrong", object{"content": "x"}).want(t, 401, 50027)
	f := s.AddWebhook(discordtest.Webhook{Name: "f", Channel: forum})
	call(t, s, "POST", "/webhooks/"+f.ID+"/"+f.Token, object{"content": "x"}).want(t, 400, 220001)
	call(t, s, "POST", "/webhooks/"+f.ID+"/"+f.Token+"?wait=true", object{"content": "x", "thread_name": "Vera"}).want(t, 200, 0)
	foreign := s.AddWebhook(discordtest.Webhook{Name: "elsewhere", Channel: desk, Foreign: true})
	id := value[string](t)(s.PostByWebhook(foreign.ID, th, "somebody", "from elsewhere"))
	for {
		ev := e.want(t, "MESSAGE_CREATE").Struct.(*discordgo.MessageCreate)
		if ev.ID == id && (ev.WebhookID != foreign.ID) {
			t.Errorf("event %+v", ev.Message)
		}
		if ev.ID == id {
			break
		}
	}
	must(t, s.DeleteWebhook(hook.ID))
	call(t, s, "POST", path, object{"content": "x"}).want(t, 404, 10015)
	for range 13 {
		s.AddWebhook(discordtest.Webhook{Name: "more", Channel: desk})
	}
	call(t, s, "POST", "/channels/"+desk+"/webhooks", object{"name": "fifteenth"}).want(t, 200, 0)
	call(t, s, "POST", "/channels/"+desk+"/webhooks", object{"name": "sixteenth"}).want(t, 400, 30007)
}
