package slacktest_test

import (
	"encoding/json"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
)

func connected(n int) func(slacktest.State) bool {
	return func(v slacktest.State) bool { return v.Delivery().Sockets == n }
}

func TestSocketModeDeliversAndTakesAcks(t *testing.T) {
	s, c := start(t, nil)
	events := make(chan socketmode.Event, 64)
	connect(t, s, func(e socketmode.Event) bool { events <- e; return true })
	await(t, s, connected(1))

	root := post(t, c, desk, slack.MsgOptionText("card", false), slack.MsgOptionUsername("Visitor"))
	said, err := s.Say(ana, desk, root, "is 1 < 2 & *true*?")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Edit(ana, desk, said, "changed"); err != nil {
		t.Fatal(err)
	}
	if err := s.Unfurl(desk, said, "preview"); err != nil {
		t.Fatal(err)
	}
	if err := s.Delete(ana, desk, said); err != nil {
		t.Fatal(err)
	}
	await(t, s, func(v slacktest.State) bool { return v.Delivery().Acked == 5 && v.Delivery().Unacked == 0 })

	var got []*slackevents.MessageEvent
	for len(got) < 5 {
		if m := messageOf(<-events); m != nil {
			got = append(got, m)
		}
	}
	own, human, edit, unfurl, gone := got[0], got[1], got[2], got[3], got[4]
	if own.SubType != "bot_message" || own.Message.BotID != s.Options().BotID || own.User != "" {
		t.Errorf("own post %+v", own)
	}
	if human.User != ana || human.ThreadTimeStamp != root || human.Message.Text != "is 1 &lt; 2 &amp; *true*?" ||
		human.Message.ClientMsgID == "" || len(human.Message.Blocks.BlockSet) != 1 {
		t.Errorf("human's message %+v %+v", human, human.Message)
	}
	if edit.SubType != "message_changed" || edit.Message.Text != "changed" || edit.Message.Edited == nil ||
		edit.PreviousMessage.Text != human.Message.Text {
		t.Errorf("edit %+v", edit)
	}
	if unfurl.SubType != "message_changed" || unfurl.Message.Edited.Timestamp != edit.Message.Edited.Timestamp ||
		len(unfurl.Message.Attachments) != 1 {
		t.Errorf("unfurl %+v", unfurl.Message)
	}
	if gone.SubType != "message_deleted" || gone.DeletedTimeStamp != said {
		t.Errorf("deletion %+v", gone)
	}
}

func TestUnackedEventIsRepeatedThenAbandoned(t *testing.T) {
	s, _ := start(t, func(o *slacktest.Options) { o.AckTimeout = 30 * time.Millisecond })
	offers := make(chan socketmode.Event, 16)
	connect(t, s, func(e socketmode.Event) bool {
		if m := messageOf(e); m != nil {
			offers <- e
		}
		return false
	})
	await(t, s, connected(1))
	if _, err := s.Say(ana, desk, "", "hello"); err != nil {
		t.Fatal(err)
	}
	await(t, s, func(v slacktest.State) bool { return v.Delivery().Abandoned == 1 })
	var attempts []int
	ids := map[string]bool{}
	for range s.Delivery().Sent { // the last one may still be on its way
		e := <-offers
		attempts = append(attempts, e.Request.RetryAttempt)
		ids[e.Data.(slackevents.EventsAPIEvent).Data.(*slackevents.EventsAPICallbackEvent).EventID] = true
	}
	if !slices.Equal(attempts, []int{0, 1, 2, 3}) || len(ids) != 1 {
		t.Fatalf("attempts %v of events %v", attempts, ids)
	}
}

func TestDeadSocketsEnvelopesGoToAnother(t *testing.T) {
	s, _ := start(t, func(o *slacktest.Options) { o.AckTimeout = time.Minute })
	first := dial(t, s)
	first.frame(t) // hello
	await(t, s, connected(1))
	if _, err := s.Say(ana, desk, "", "hello"); err != nil {
		t.Fatal(err)
	}
	if f := first.frame(t); f["type"] != "events_api" || f["retry_attempt"] != 0.0 {
		t.Fatalf("frame %v", f)
	}
	second := dial(t, s)
	if f := second.frame(t); f["type"] != "hello" || f["num_connections"] != 2.0 {
		t.Fatalf("hello %v", f)
	}
	_ = first.Close()
	f := second.frame(t)
	if f["type"] != "events_api" || f["retry_attempt"] != 1.0 || f["retry_reason"] != "connection_failed" {
		t.Fatalf("frame %v", f)
	}
	if err := second.WriteJSON(map[string]any{"envelope_id": f["envelope_id"]}); err != nil {
		t.Fatal(err)
	}
	await(t, s, func(v slacktest.State) bool { return v.Delivery().Acked == 1 && v.Delivery().Unacked == 0 })
}

func TestSocketURLIsGoodOnce(t *testing.T) {
	s, c := start(t, nil)
	_, url, err := c.StartSocketModeContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	conn, _, err := websocket.DefaultDialer.DialContext(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, _, err := websocket.DefaultDialer.DialContext(t.Context(), url, nil); err == nil {
		t.Fatal("a used link opened a second socket")
	}
	await(t, s, connected(1)) // the first one, which has come so far by now or not
}

func TestDisconnectFrameMakesClientReconnect(t *testing.T) {
	s, _ := start(t, nil)
	hellos := make(chan struct{}, 8)
	connect(t, s, func(e socketmode.Event) bool {
		if e.Type == socketmode.EventTypeHello {
			hellos <- struct{}{}
		}
		return true
	})
	<-hellos
	s.Disconnect("refresh_requested", 10*time.Second)
	<-hellos
	await(t, s, connected(1))
}

func TestEventsWithoutSocket(t *testing.T) {
	for _, hold := range []bool{false, true} {
		s, _ := start(t, func(o *slacktest.Options) { o.HoldEvents = hold })
		if _, err := s.Say(ana, desk, "", "anyone?"); err != nil {
			t.Fatal(err)
		}
		connect(t, s, func(socketmode.Event) bool { return true })
		await(t, s, connected(1))
		if hold {
			await(t, s, func(v slacktest.State) bool { return v.Delivery().Acked == 1 })
		} else if d := s.Delivery(); d.Dropped != 1 || d.Sent != 0 {
			t.Fatalf("delivery %+v", d)
		}
	}
}

func TestSilentSocketIsReplaced(t *testing.T) {
	s, _ := start(t, func(o *slacktest.Options) {
		o.PingInterval, o.AckTimeout = 20*time.Millisecond, 200*time.Millisecond
	})
	silent := dial(t, s)
	silent.frame(t)
	s.Silence()
	well := dial(t, s)
	well.frame(t)
	for range 2 { // one of them lands on the silent socket first
		if _, err := s.Say(ana, desk, "", "hello"); err != nil {
			t.Fatal(err)
		}
	}
	arrived := map[any]bool{} // what we are slow to acknowledge may come again
	for len(arrived) < 2 {
		f := well.frame(t)
		arrived[f["payload"].(map[string]any)["event_id"]] = true
		if err := well.WriteJSON(map[string]any{"envelope_id": f["envelope_id"]}); err != nil {
			t.Fatal(err)
		}
	}
	await(t, s, func(v slacktest.State) bool { return v.Delivery().Acked == 2 && v.Delivery().Repeated >= 1 })
}

func TestEventFaults(t *testing.T) {
	s, _ := start(t, nil)
	sock := dial(t, s)
	sock.frame(t)
	say := func(text string) {
		t.Helper()
		if _, err := s.Say(ana, desk, "", text); err != nil {
			t.Fatal(err)
		}
	}
	want := func(texts ...string) {
		t.Helper()
		for _, text := range texts {
			f := sock.frame(t)
			if got := f["payload"].(map[string]any)["event"].(map[string]any)["text"]; got != text {
				t.Fatalf("got %v, want %v", got, text)
			}
			if err := sock.WriteJSON(map[string]any{"envelope_id": f["envelope_id"]}); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.FailEvents(slacktest.EventFault{Swap: true, Times: 1})
	say("one")
	say("two")
	want("two", "one")
	s.FailEvents(slacktest.EventFault{Drop: true, Times: 1})
	say("lost")
	s.FailEvents(slacktest.EventFault{Copies: 1, Times: 1})
	say("twice")
	want("twice", "twice")
	s.FailEvents(slacktest.EventFault{Delay: time.Second, Times: 1})
	say("late")
	say("early")
	want("early", "late")
	s.SendEvent(map[string]any{"type": "from_the_future", "text": "odd"})
	want("odd")
	s.SendFrame([]byte("{not json"))
	if _, data, err := sock.ReadMessage(); err != nil || string(data) != "{not json" {
		t.Fatalf("raw frame %q, %v", data, err)
	}
}

func TestInteractionsOverSocket(t *testing.T) {
	s, c := start(t, nil)
	button := slack.NewButtonBlockElement("take", "conversation-1", slack.NewTextBlockObject("plain_text", "Take", false, false))
	root := post(t, c, desk, slack.MsgOptionBlocks(slack.NewActionBlock("card", button)), slack.MsgOptionText("card", false))
	events := make(chan socketmode.Event, 8)
	connect(t, s, func(e socketmode.Event) bool {
		if e.Type == socketmode.EventTypeInteractive || e.Type == socketmode.EventTypeSlashCommand {
			events <- e
		}
		return true
	})
	await(t, s, connected(1))
	press, err := s.Press(ana, root, "take", "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := press.Await(t.Context()); err != nil {
		t.Fatal(err)
	}
	call := (<-events).Data.(slack.InteractionCallback)
	if a := call.ActionCallback.BlockActions; call.User.ID != ana || len(a) != 1 || a[0].ActionID != "take" ||
		a[0].Value != "conversation-1" || a[0].BlockID != "card" || call.Container.MessageTs != root {
		t.Fatalf("callback %+v", call)
	}
	view := slack.ModalViewRequest{
		Type: "modal", CallbackID: "assign",
		Title:  slack.NewTextBlockObject("plain_text", "Assign", false, false),
		Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewDividerBlock()}},
	}
	opened, err := c.OpenViewContext(t.Context(), call.TriggerID, view)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.OpenViewContext(t.Context(), call.TriggerID, view)
	wantError(t, err, "exchanged_trigger_id")
	if _, err := s.SubmitView(ana, opened.ID, nil); err != nil {
		t.Fatal(err)
	}
	if submitted := (<-events).Data.(slack.InteractionCallback); submitted.View.CallbackID != "assign" || submitted.Type != "view_submission" {
		t.Fatalf("submission %+v", submitted)
	}
	if _, err := s.Command(ana, desk, "/skein", "who"); err != nil {
		t.Fatal(err)
	}
	if cmd := (<-events).Data.(slack.SlashCommand); cmd.Command != "/skein" || cmd.Text != "who" || cmd.ChannelID != desk {
		t.Fatalf("command %+v", cmd)
	}
	if _, err := s.Shortcut(ana, root, "recall"); err != nil {
		t.Fatal(err)
	}
	if short := (<-events).Data.(slack.InteractionCallback); short.CallbackID != "recall" || short.Message.Timestamp != root {
		t.Fatalf("shortcut %+v", short)
	}
}

// rawSocket is a Socket Mode connection read frame by frame.
type rawSocket struct{ *websocket.Conn }

func dial(t *testing.T, s *slacktest.Server) rawSocket {
	t.Helper()
	_, url, err := client(s).StartSocketModeContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	conn, _, err := websocket.DefaultDialer.DialContext(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	return rawSocket{conn}
}

func (k rawSocket) frame(t *testing.T) map[string]any {
	t.Helper()
	_, data, err := k.ReadMessage()
	if err != nil {
		t.Fatal(err)
	}
	var f map[string]any
	if err := json.Unmarshal(data, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// Sockets that die lose nothing as long as events are held: every message arrives, some twice.
func TestDyingSocketsLoseNothing(t *testing.T) {
	s, _ := start(t, func(o *slacktest.Options) {
		o.HoldEvents = true
		o.AckTimeout = 10 * time.Second // on a busy machine events must not be given up because clients are slow
	})
	var mu sync.Mutex
	seen := map[string]int{}
	for range 2 {
		connect(t, s, func(e socketmode.Event) bool {
			if m := messageOf(e); m != nil {
				mu.Lock()
				seen[m.TimeStamp]++
				mu.Unlock()
			}
			return true
		})
	}
	await(t, s, connected(2))
	var said []string
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				ts, err := s.Say(ana, desk, "", "hello")
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				said = append(said, ts)
				mu.Unlock()
			}
		})
	}
	await(t, s, func(v slacktest.State) bool { return v.Posted(desk) > 50 })
	s.CloseSockets()
	wg.Wait()
	await(t, s, func(v slacktest.State) bool {
		d := v.Delivery()
		return d.Acked+d.Abandoned == 200 && d.Unacked == 0
	})
	mu.Lock()
	defer mu.Unlock()
	for _, ts := range said {
		if seen[ts] == 0 {
			t.Errorf("%s never arrived", ts)
		}
	}
}
