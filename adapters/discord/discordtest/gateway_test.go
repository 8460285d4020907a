package discordtest_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/bwmarrin/discordgo"
	"github.com/gorilla/websocket"

	"github.com/skeindesk/skein/adapters/discord/discordtest"
)

const usual = discordtest.IntentGuilds | discordtest.IntentMessages | discordtest.IntentMessageContent

// wire is a raw gateway connection.
type wire struct {
	t    *testing.T
	conn *websocket.Conn
}

type frame struct {
	Op int             `json:"op"`
	T  string          `json:"t"`
	S  int             `json:"s"`
	D  json.RawMessage `json:"d"`
}

// dial opens a connection and takes the greeting.
func dial(t *testing.T, s *discordtest.Server) wire {
	t.Helper()
	var gateway struct{ URL string }
	call(t, s, "GET", "/gateway/bot", nil).into(t, &gateway)
	conn, _, err := websocket.DefaultDialer.DialContext(t.Context(), gateway.URL+"?v=10&encoding=json", nil)
	must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	w := wire{t, conn}
	if f := w.next(); f.Op != 10 {
		t.Fatalf("greeted by %+v", f)
	}
	return w
}

func (w wire) next() frame {
	w.t.Helper()
	var f frame
	must(w.t, w.conn.SetReadDeadline(time.Now().Add(10*time.Second)))
	must(w.t, w.conn.ReadJSON(&f))
	return f
}

// want skips to the next dispatch of the kind.
func (w wire) want(kind string) frame {
	w.t.Helper()
	for {
		if f := w.next(); f.T == kind {
			return f
		}
	}
}

// closed waits for the end and returns the close code.
func (w wire) closed() int {
	w.t.Helper()
	must(w.t, w.conn.SetReadDeadline(time.Now().Add(10*time.Second)))
	for {
		if _, _, err := w.conn.ReadMessage(); err != nil {
			if e, ok := errors.AsType[*websocket.CloseError](err); ok {
				return e.Code
			}
			return 0
		}
	}
}

func (w wire) send(op int, d any) {
	w.t.Helper()
	must(w.t, w.conn.WriteJSON(object{"op": op, "d": d}))
}

func (w wire) identify(token string, intents int) {
	w.send(2, object{"token": token, "intents": intents, "properties": object{"os": "linux", "browser": "t", "device": "t"}})
}

// ready identifies and returns the session's id.
func ready(t *testing.T, s *discordtest.Server, intents int) (wire, string) {
	t.Helper()
	w := dial(t, s)
	w.identify(s.Options().Token, intents)
	var r struct {
		SessionID string `json:"session_id"`
		Resume    string `json:"resume_gateway_url"`
	}
	must(t, json.Unmarshal(w.want("READY").D, &r))
	if !strings.HasPrefix(r.Resume, "ws://") {
		t.Errorf("resume at %q", r.Resume)
	}
	return w, r.SessionID
}

func TestIdentify(t *testing.T) {
	s := start(t, func(o *discordtest.Options) { o.NoMessageContent = true })
	token := s.Options().Token
	for name, c := range map[string]struct {
		do   func(wire)
		code int
	}{
		"wrong token":        {func(w wire) { w.identify("wrong", 1) }, 4004},
		"switched off":       {func(w wire) { w.identify(token, usual) }, 4014},
		"privileged members": {func(w wire) { w.identify(token, discordtest.IntentMembers) }, 4014},
		"no such intent":     {func(w wire) { w.identify(token, 1<<30) }, 4013},
		"twice":              {func(w wire) { w.identify(token, 1); w.identify(token, 1) }, 4005},
		"nonsense":           {func(w wire) { must(t, w.conn.WriteMessage(websocket.TextMessage, []byte("{"))) }, 4002},
		"unknown opcode":     {func(w wire) { w.send(99, nil) }, 4001},
		"too early":          {func(w wire) { w.send(3, object{}) }, 4003},
		"too much": {func(w wire) {
			for range 121 { // and no more: input that is left unread when the server closes resets the connection, and the code is lost
				_ = w.conn.WriteJSON(object{"op": 1, "d": nil})
			}
		}, 4008},
	} {
		t.Run(name, func(t *testing.T) {
			w := dial(t, s)
			c.do(w)
			if got := w.closed(); got != c.code {
				t.Errorf("closed with %d, want %d", got, c.code)
			}
		})
	}
}

// TestIntents: an event goes to the sessions that asked for it, and other people's content only to those that may
// read it.
func TestIntents(t *testing.T) {
	s := start(t, nil)
	full, session := ready(t, s, usual)
	blind, _ := ready(t, s, discordtest.IntentGuilds|discordtest.IntentMessages)
	deaf, _ := ready(t, s, discordtest.IntentGuilds)
	_, err := s.Upload(ana, desk, "a.txt", []byte("a"), "secret")
	must(t, err)
	if f := full.want("MESSAGE_CREATE"); !strings.Contains(string(f.D), "secret") || !strings.Contains(string(f.D), "a.txt") {
		t.Errorf("full %s", f.D)
	}
	if f := blind.want("MESSAGE_CREATE"); strings.Contains(string(f.D), "secret") || strings.Contains(string(f.D), "a.txt") {
		t.Errorf("blind %s", f.D)
	}
	_, err = s.Say(ana, desk, "for <@"+s.Options().BotUserID+">")
	must(t, err)
	if f := blind.want("MESSAGE_CREATE"); !strings.Contains(string(f.D), "for <@") {
		t.Errorf("a mention is readable: %s", f.D)
	}
	say(t, s, desk, "own")
	if f := blind.want("MESSAGE_CREATE"); !strings.Contains(string(f.D), "own") {
		t.Errorf("one's own is readable: %s", f.D)
	}
	must(t, s.Rename(desk, "front"))
	for {
		f := deaf.next()
		if f.T == "MESSAGE_CREATE" {
			t.Error("the deaf session was told")
		}
		if f.T == "CHANNEL_UPDATE" {
			break
		}
	}
	s.SetMessageContent(false)
	if code := full.closed(); code != 4014 {
		t.Errorf("closed with %d", code)
	}
	again := dial(t, s)
	again.send(6, object{"token": s.Options().Token, "session_id": session, "seq": 1})
	if f := again.next(); f.Op != 9 {
		t.Errorf("the session went on: %+v", f)
	}
	var list []struct{ Content string }
	call(t, s, "GET", "/channels/"+desk+"/messages?limit=3", nil).into(t, &list)
	if list[2].Content != "" || list[0].Content != "own" {
		t.Errorf("REST shows %+v", list)
	}
}

func TestResume(t *testing.T) {
	s := start(t, func(o *discordtest.Options) { o.Replay = 5 })
	w, id := ready(t, s, usual)
	last := w.want("GUILD_CREATE").S
	_ = w.conn.Close() // without a close frame: the session stays
	must(t, s.Await(t.Context(), func(v discordtest.State) bool { return v.Delivery().Sessions == 0 }))
	for _, text := range []string{"one", "two"} {
		_, err := s.Say(ana, desk, text)
		must(t, err)
	}
	resume := func(session string, seq int) wire {
		w := dial(t, s)
		w.send(6, object{"token": s.Options().Token, "session_id": session, "seq": seq})
		return w
	}
	w = resume(id, last)
	for _, text := range []string{"one", "two"} {
		if f := w.next(); f.T != "MESSAGE_CREATE" || !strings.Contains(string(f.D), text) || f.S <= last {
			t.Errorf("replayed %+v", f)
		}
	}
	if f := w.next(); f.T != "RESUMED" {
		t.Errorf("then %+v", f)
	}
	if d := s.Delivery(); d.Resumes != 1 || d.Replayed != 2 || d.Readies != 1 {
		t.Errorf("delivery %+v", d)
	}
	if code := resume(id, 1000).closed(); code != 4007 {
		t.Errorf("closed with %d", code)
	}
	if f := resume("nothing", 1).next(); f.Op != 9 || string(f.D) != "false" {
		t.Errorf("unknown session: %+v", f)
	}
	for range 10 {
		_, err := s.Say(ana, desk, "more")
		must(t, err)
	}
	if f := resume(id, last).next(); f.Op != 9 || string(f.D) != "false" {
		t.Errorf("too much was missed: %+v", f)
	}

	w, id = ready(t, s, usual)
	must(t, w.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1000, ""), time.Now().Add(time.Second)))
	must(t, s.Await(t.Context(), func(v discordtest.State) bool { return v.Delivery().Sessions == 0 }))
	if f := resume(id, 1).next(); f.Op != 9 {
		t.Errorf("closing with 1000 ends the session: %+v", f)
	}
}

// TestDiscordgoResumes: the client library asks for what it missed after a cut.
func TestDiscordgoResumes(t *testing.T) {
	s := start(t, nil)
	dg := client(t, s)
	e := listen(t, dg)
	dg.ShouldReconnectOnError = true
	s.Reconnect()
	must(t, s.Await(t.Context(), func(v discordtest.State) bool { return v.Delivery().Sessions == 0 }))
	id := value[string](t)(s.Say(ana, desk, "meanwhile"))
	if ev := e.want(t, "MESSAGE_CREATE").Struct.(*discordgo.MessageCreate); ev.ID != id {
		t.Errorf("event %+v", ev.Message)
	}
	if d := s.Delivery(); d.Resumes != 1 {
		t.Errorf("delivery %+v", d)
	}
	dg.ShouldReconnectOnError = false
}

func TestHeartbeats(t *testing.T) {
	s := start(t, func(o *discordtest.Options) { o.HeartbeatInterval = time.Second })
	w := dial(t, s)
	w.send(1, nil)
	if f := w.next(); f.Op != 11 {
		t.Errorf("got %+v", f)
	}
	if code := w.closed(); code != 4009 {
		t.Errorf("without heartbeats closed with %d", code)
	}
	s.Mute(true)
	w = dial(t, s)
	w.send(1, nil)
	w.identify(s.Options().Token, usual)
	if code := w.closed(); code != 4009 {
		t.Errorf("muted: closed with %d", code)
	}
}

// TestMaxIdentifies: a client that identifies too often loses its token.
func TestMaxIdentifies(t *testing.T) {
	s := start(t, func(o *discordtest.Options) { o.MaxIdentifies = 2 })
	for range 2 {
		ready(t, s, usual)
	}
	var gateway struct {
		Limit struct{ Remaining int } `json:"session_start_limit"`
	}
	call(t, s, "GET", "/gateway/bot", nil).into(t, &gateway)
	if gateway.Limit.Remaining != 0 {
		t.Errorf("%d remaining", gateway.Limit.Remaining)
	}
	w := dial(t, s)
	w.identify(s.Options().Token, usual)
	if code := w.closed(); code != 4004 {
		t.Errorf("closed with %d", code)
	}
	call(t, s, "GET", "/users/@me", nil).want(t, 401, 0)
}

// TestResumeWindow: a session that nobody comes back for ends.
func TestResumeWindow(t *testing.T) {
	s := start(t, func(o *discordtest.Options) { o.ResumeWindow = time.Nanosecond })
	w, id := ready(t, s, usual)
	_ = w.conn.Close()
	must(t, s.Await(t.Context(), func(v discordtest.State) bool { return v.Delivery().Sessions == 0 }))
	w = dial(t, s)
	w.send(6, object{"token": s.Options().Token, "session_id": id, "seq": 1})
	if f := w.next(); f.Op != 9 || string(f.D) != "false" {
		t.Errorf("got %+v", f)
	}
}
