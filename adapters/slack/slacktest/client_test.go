package slacktest_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
)

const (
	desk   = "CDESK"
	secret = "GSECRET"
	away   = "CAWAY"
	ana    = "UANA"
	ben    = "UBEN"
)

// start runs a workspace with two people and three channels, one of them without the bot.
func start(t *testing.T, change func(*slacktest.Options)) (*slacktest.Server, *slack.Client) {
	t.Helper()
	opts := slacktest.Options{
		Users: []slacktest.User{{ID: ana, Name: "ana", RealName: "Ana Lima"}, {ID: ben, Name: "ben"}},
		Channels: []slacktest.Channel{
			{ID: desk, Name: "desk", Members: []string{ana, ben}},
			{ID: secret, Name: "secret", Private: true, Members: []string{ana}},
			{ID: away, Name: "away", Members: []string{ana}, NoBot: true},
		},
		AckTimeout: time.Minute, // on a busy machine nothing may be repeated or given up because we are slow
	}
	if change != nil {
		change(&opts)
	}
	s := slacktest.New(opts)
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s, client(s)
}

func client(s *slacktest.Server) *slack.Client {
	o := s.Options()
	return slack.New(o.BotToken, slack.OptionAPIURL(s.URL()), slack.OptionAppLevelToken(o.AppToken),
		slack.OptionHTTPClient(&http.Client{Timeout: 5 * time.Second}))
}

// await fails the test unless the condition holds in time.
func await(t *testing.T, s *slacktest.Server, condition func(slacktest.State) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := s.Await(ctx, condition); err != nil {
		t.Fatalf("await: %v; delivery %+v", err, s.Delivery())
	}
}

// post posts and returns the ts.
func post(t *testing.T, c *slack.Client, channel string, options ...slack.MsgOption) string {
	t.Helper()
	_, ts, err := c.PostMessageContext(t.Context(), channel, options...)
	if err != nil {
		t.Fatal(err)
	}
	return ts
}

func wantError(t *testing.T, err error, code string) {
	t.Helper()
	var refused slack.SlackErrorResponse
	if !errors.As(err, &refused) || refused.Err != code {
		t.Fatalf("got error %v, want %s", err, code)
	}
}

// connect runs a socketmode client of slack-go; handle decides whether to acknowledge.
func connect(t *testing.T, s *slacktest.Server, handle func(socketmode.Event) bool) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	sm := socketmode.New(client(s), socketmode.OptionLog(log.New(io.Discard, "", 0)))
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		_ = sm.RunContext(ctx)
	}()
	go func() {
		for {
			select {
			case e := <-sm.Events:
				if handle(e) && e.Request != nil && e.Request.EnvelopeID != "" {
					_ = sm.AckCtx(ctx, e.Request.EnvelopeID, nil)
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	t.Cleanup(func() { cancel(); <-stopped })
}

func messageOf(e socketmode.Event) *slackevents.MessageEvent {
	outer, ok := e.Data.(slackevents.EventsAPIEvent)
	if !ok {
		return nil
	}
	m, _ := outer.InnerEvent.Data.(*slackevents.MessageEvent)
	return m
}

func TestPostThreadUpdateDelete(t *testing.T) {
	s, c := start(t, nil)
	root := post(t, c, desk, slack.MsgOptionText("card", false))
	_, reply, resp, err := c.PostMessageWithResponseContext(t.Context(), desk, slack.MsgOptionText("a < b", true), slack.MsgOptionTS(root),
		slack.MsgOptionUsername("Visitor"), slack.MsgOptionIconURL("https://example.com/v.png"),
		slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "part", EventPayload: map[string]any{"key": "k1"}}))
	if err != nil {
		t.Fatal(err)
	}
	if resp.ThreadTimestamp != root || resp.SubType != "bot_message" || resp.Username != "Visitor" {
		t.Fatalf("answer %+v", resp.Msg)
	}
	if _, _, _, err := c.UpdateMessageContext(t.Context(), desk, reply, slack.MsgOptionText("edited", false)); err != nil {
		t.Fatal(err)
	}
	thread := s.Thread(desk, root)
	if len(thread) != 2 || thread[1].Text != "edited" || thread[1].Edited == "" ||
		thread[1].Username != "Visitor" || thread[1].Icon != "https://example.com/v.png" || thread[1].Metadata == nil {
		t.Fatalf("thread %+v", thread)
	}
	if _, _, err := c.DeleteMessageContext(t.Context(), desk, reply); err != nil {
		t.Fatal(err)
	}
	if thread := s.Thread(desk, root); len(thread) != 1 {
		t.Fatalf("after delete: %+v", thread)
	}
	_, _, err = c.DeleteMessageContext(t.Context(), desk, reply)
	wantError(t, err, "message_not_found")
}

func TestDeletedParentUnthreadsReply(t *testing.T) {
	s, c := start(t, nil)
	for _, replies := range []int{0, 1} {
		root := post(t, c, desk, slack.MsgOptionText("root", false))
		for range replies {
			post(t, c, desk, slack.MsgOptionText("reply", false), slack.MsgOptionTS(root))
		}
		if err := s.DeleteMessage(desk, root); err != nil {
			t.Fatal(err)
		}
		_, _, resp, err := c.PostMessageWithResponseContext(t.Context(), desk, slack.MsgOptionText("late", false), slack.MsgOptionTS(root))
		if err != nil {
			t.Fatal(err)
		}
		if resp.ThreadTimestamp != "" {
			t.Fatalf("%d replies: threaded to %s", replies, resp.ThreadTimestamp)
		}
		if got := len(s.Thread(desk, root)); got != 1+replies {
			t.Fatalf("%d replies: thread has %d messages", replies, got)
		}
	}
}

func TestRefusals(t *testing.T) {
	s, c := start(t, nil)
	ctx := t.Context()
	theirs, err := s.Say(ana, desk, "", "mine")
	if err != nil {
		t.Fatal(err)
	}
	root := post(t, c, desk, slack.MsgOptionText("root", false))
	reply := post(t, c, desk, slack.MsgOptionText("reply", false), slack.MsgOptionTS(root))
	text := func(s string) slack.MsgOption { return slack.MsgOptionText(s, false) }
	send := func(channel string, o ...slack.MsgOption) error {
		_, _, err := c.PostMessageContext(ctx, channel, o...)
		return err
	}
	update := func(ts, s string) error {
		_, _, _, err := c.UpdateMessageContext(ctx, desk, ts, text(s))
		return err
	}
	many := make([]slack.Block, 51)
	for i := range many {
		many[i] = slack.NewDividerBlock()
	}
	long := map[string]any{"type": "section", "text": map[string]any{"type": "mrkdwn", "text": strings.Repeat("x", 3001)}}

	wantError(t, send("CNONE", text("x")), "channel_not_found")
	wantError(t, send(away, text("x")), "not_in_channel")
	wantError(t, send(desk, text("")), "no_text")
	wantError(t, send(desk, text("x"), slack.MsgOptionTS(reply)), "cannot_reply_to_message")
	wantError(t, send(desk, text("x"), slack.MsgOptionBlocks(many...)), "invalid_blocks")
	wantError(t, rawCall(t, s, "chat.postMessage", map[string]any{"channel": desk, "blocks": []any{long}}), "invalid_blocks")
	wantError(t, rawCall(t, s, "chat.postMessage", map[string]any{"channel": desk, "blocks": "oops"}), "invalid_blocks_format")
	wantError(t, rawCall(t, s, "chat.postMessage", map[string]any{"channel": desk, "text": "x", "metadata": "{}"}), "invalid_metadata_format")
	wantError(t, rawCall(t, s, "chat.rename", nil), "unknown_method")
	wantError(t, update(theirs, "x"), "cant_update_message")
	wantError(t, update("1.000000", "x"), "message_not_found")
	wantError(t, update(root, strings.Repeat("x", 4001)), "msg_too_long")
	_, _, err = c.DeleteMessageContext(ctx, desk, theirs)
	wantError(t, err, "cant_delete_message")
	_, _, _, err = c.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{ChannelID: desk, Timestamp: "1.000000"})
	wantError(t, err, "thread_not_found")

	if err := s.LockThread(desk, root, true); err != nil {
		t.Fatal(err)
	}
	wantError(t, send(desk, text("x"), slack.MsgOptionTS(root)), "restricted_action_thread_locked")
	if err := s.Archive(ana, desk, true); err != nil {
		t.Fatal(err)
	}
	wantError(t, send(desk, text("x")), "is_archived")

	stranger := slack.New("xoxb-wrong", slack.OptionAPIURL(s.URL()))
	_, err = stranger.AuthTestContext(ctx)
	wantError(t, err, "invalid_auth")
}

func TestMissingCustomizeScope(t *testing.T) {
	_, c := start(t, func(o *slacktest.Options) { o.Scopes = []string{"chat:write"} })
	post(t, c, desk, slack.MsgOptionText("plain", false))
	_, _, err := c.PostMessageContext(t.Context(), desk, slack.MsgOptionText("x", false), slack.MsgOptionUsername("Visitor"))
	wantError(t, err, "missing_scope")
}

func TestAuthTestAndPeople(t *testing.T) {
	s, c := start(t, nil)
	auth, err := c.AuthTestContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	o := s.Options()
	if auth.UserID != o.BotUserID || auth.BotID != o.BotID || !strings.Contains(auth.Header.Get("X-OAuth-Scopes"), "chat:write") {
		t.Fatalf("auth %+v", auth)
	}
	u, err := c.GetUserInfoContext(t.Context(), ana)
	if err != nil || u.Profile.DisplayName != "Ana Lima" {
		t.Fatalf("user %+v, %v", u, err)
	}
	channels, _, err := c.GetConversationsContext(t.Context(), &slack.GetConversationsParameters{Types: []string{"public_channel", "private_channel"}})
	if err != nil || len(channels) != 3 {
		t.Fatalf("channels %d, %v", len(channels), err)
	}
	members, _, err := c.GetUsersInConversationContext(t.Context(), &slack.GetUsersInConversationParameters{ChannelID: desk})
	if err != nil || len(members) != 3 {
		t.Fatalf("members %v, %v", members, err)
	}
	bot, err := c.GetBotInfoContext(t.Context(), slack.GetBotInfoParameters{Bot: o.BotID})
	if err != nil || bot.UserID != o.BotUserID {
		t.Fatalf("bot %+v, %v", bot, err)
	}
}

func TestRepliesPageThroughThreadWithMetadata(t *testing.T) {
	_, c := start(t, nil)
	root := post(t, c, desk, slack.MsgOptionText("root", false))
	var sent []string
	for range 5 {
		sent = append(sent, post(t, c, desk, slack.MsgOptionText("r", false), slack.MsgOptionTS(root),
			slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "part", EventPayload: map[string]any{"key": "k"}})))
	}
	read := func(p slack.GetConversationRepliesParameters) (got []string) {
		p.ChannelID, p.Timestamp, p.IncludeAllMetadata = desk, root, true
		for {
			page, more, cursor, err := c.GetConversationRepliesContext(t.Context(), &p)
			if err != nil {
				t.Fatal(err)
			}
			if page[0].Timestamp != root {
				t.Fatalf("first of page is %s", page[0].Timestamp)
			}
			for _, m := range page[1:] {
				if m.Metadata.EventPayload["key"] != "k" {
					t.Fatalf("no metadata in %+v", m.Msg)
				}
				got = append(got, m.Timestamp)
			}
			if more != (cursor != "") {
				t.Fatalf("has_more %v with cursor %q", more, cursor)
			}
			if p.Cursor = cursor; cursor == "" {
				return got
			}
		}
	}
	for _, limit := range []int{1, 2, 3, 6, 0} {
		if got := read(slack.GetConversationRepliesParameters{Limit: limit}); strings.Join(got, " ") != strings.Join(sent, " ") {
			t.Errorf("limit %d: %v", limit, got)
		}
	}
	if got := read(slack.GetConversationRepliesParameters{Oldest: sent[2]}); len(got) != 2 {
		t.Errorf("oldest: %v", got)
	}
	if got := read(slack.GetConversationRepliesParameters{Oldest: sent[2], Inclusive: true, Latest: sent[3]}); len(got) != 2 {
		t.Errorf("inclusive: %v", got)
	}
	history, err := c.GetConversationHistoryContext(t.Context(), &slack.GetConversationHistoryParameters{ChannelID: desk})
	if err != nil || len(history.Messages) != 1 || history.Messages[0].ReplyCount != 5 {
		t.Errorf("history %+v, %v", history, err)
	}
}

func TestReactions(t *testing.T) {
	s, c := start(t, nil)
	ts, _ := s.Say(ana, desk, "", "hello")
	ref := slack.NewRefToMessage(desk, ts)
	if err := c.AddReactionContext(t.Context(), "eyes", ref); err != nil {
		t.Fatal(err)
	}
	wantError(t, c.AddReactionContext(t.Context(), "eyes", ref), "already_reacted")
	if err := c.RemoveReactionContext(t.Context(), "eyes", ref); err != nil {
		t.Fatal(err)
	}
	wantError(t, c.RemoveReactionContext(t.Context(), "eyes", ref), "no_reaction")
}

func TestPostEphemeralAndPermalink(t *testing.T) {
	s, c := start(t, nil)
	root := post(t, c, desk, slack.MsgOptionText("root", false))
	if _, err := c.PostEphemeralContext(t.Context(), desk, ana, slack.MsgOptionText("psst", false), slack.MsgOptionTS(root)); err != nil {
		t.Fatal(err)
	}
	var got []slacktest.Ephemeral
	s.Look(func(v slacktest.State) { got = v.Ephemerals() })
	if len(got) != 1 || got[0].User != ana || got[0].ThreadTS != root {
		t.Fatalf("ephemerals %+v", got)
	}
	link, err := c.GetPermalinkContext(t.Context(), &slack.PermalinkParameters{Channel: desk, Ts: root})
	if err != nil || !strings.HasSuffix(link, "/archives/"+desk+"/p"+strings.Replace(root, ".", "", 1)) {
		t.Fatalf("permalink %q, %v", link, err)
	}
}

func TestUpdateKeepsWhatIsLeftOut(t *testing.T) {
	s, c := start(t, nil)
	md := slack.SlackMetadata{EventType: "card", EventPayload: map[string]any{"key": "k"}}
	ts := post(t, c, desk, slack.MsgOptionText("card", false), slack.MsgOptionBlocks(slack.NewDividerBlock()), slack.MsgOptionMetadata(md))
	if err := rawCall(t, s, "chat.update", map[string]any{"channel": desk, "ts": ts, "text": "new"}); err != nil {
		t.Fatal(err)
	}
	if m := s.Channel(desk)[0]; m.Text != "new" || m.Blocks == nil || m.Metadata == nil {
		t.Fatalf("message %+v", m)
	}
	if err := rawCall(t, s, "chat.update", map[string]any{"channel": desk, "ts": ts, "text": "new", "blocks": []any{}}); err != nil {
		t.Fatal(err)
	}
	if m := s.Channel(desk)[0]; m.Blocks != nil {
		t.Fatalf("blocks stayed: %s", m.Blocks)
	}
}

func TestLongText(t *testing.T) {
	s, c := start(t, nil)
	post(t, c, desk, slack.MsgOptionText(strings.Repeat("é", 40_001), false))
	if n := len([]rune(s.Channel(desk)[0].Text)); n != 40_000 {
		t.Fatalf("kept %d characters", n)
	}
	_, strict := start(t, func(o *slacktest.Options) { o.MaxText = 4000 })
	post(t, strict, desk, slack.MsgOptionText(strings.Repeat("é", 4000), false))
	_, _, err := strict.PostMessageContext(t.Context(), desk, slack.MsgOptionText(strings.Repeat("é", 4001), false))
	wantError(t, err, "msg_too_long")
}

func TestFormOnlyMethodsIgnoreJSON(t *testing.T) {
	s, _ := start(t, nil)
	wantError(t, rawCall(t, s, "conversations.info", map[string]any{"channel": desk}), "channel_not_found")
}
