package discord_test

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/adaptertest"
	"github.com/skeindesk/skein/adapters/discord"
	"github.com/skeindesk/skein/adapters/discord/discordtest"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// run runs the adapter until the test ends and waits until it receives.
func run(t *testing.T, a *discord.Adapter, sink *adaptertest.Sink) {
	t.Helper()
	begin(t, a, sink)
	sink.Await(t, "the endpoint running", isLast(bridge.Running))
}

func begin(t *testing.T, a *discord.Adapter, sink *adaptertest.Sink) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx, sink) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil && t.Context().Err() == nil {
			t.Errorf("Run ended with %v", err)
		}
	})
}

func isLast(s bridge.ConditionState) func(adaptertest.Heard) bool {
	return func(h adaptertest.Heard) bool {
		return len(h.Conditions) > 0 && h.Conditions[len(h.Conditions)-1].State == s
	}
}

func gaps(h adaptertest.Heard) int {
	n := 0
	for _, c := range h.Conditions {
		if c.Gap {
			n++
		}
	}
	return n
}

// opened sends a card and returns its thread.
func opened(t *testing.T, a *discord.Adapter) bridge.ThreadRef {
	t.Helper()
	sent, err := a.Send(t.Context(), part(t, a, openingOf(1), 0))
	if err != nil {
		t.Fatal(err)
	}
	return sent.Thread
}

func openingOf(c bridge.ConversationID) bridge.Delivery {
	return bridge.Delivery{
		Conversation: bridge.Conversation{ID: c, Kind: bridge.Guest, State: bridge.StateUnassigned, Endpoint: "website"},
		Visitor:      bridge.Visitor{ID: 7, Profile: bridge.Profile{Name: "Maria"}}, Opening: true,
	}
}

func saidIn(thread bridge.ThreadRef, seq int64, words string) bridge.Delivery {
	d := openingOf(1)
	d.Opening, d.Thread = false, thread
	d.Entry = bridge.Entry{
		Conversation: 1, Seq: seq, Kind: bridge.Said, Audience: bridge.Everyone,
		By: bridge.Speaker{Kind: bridge.ByVisitor, Name: "Maria"}, Body: rich.Of(words),
	}
	return d
}

// part is the i-th part of a delivery as the Courier sends it.
func part(t *testing.T, a *discord.Adapter, d bridge.Delivery, i int) bridge.Part {
	t.Helper()
	parts, err := a.Render(d)
	if err != nil || i >= len(parts) {
		t.Fatalf("render: %d parts, %v", len(parts), err)
	}
	p := parts[i]
	p.Key, p.After = bridge.NewDeliveryKey(d.Conversation.ID, d.Entry.Seq, i, a.Name()), time.Now()
	return p
}

func say(t *testing.T, server *discordtest.Server, thread bridge.ThreadRef, words string) string {
	t.Helper()
	id, err := server.Say(ana, string(thread), words)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func lines(ins []bridge.Inbound) []string {
	var out []string
	for _, in := range ins {
		out = append(out, rich.Plain(in.Body))
	}
	return out
}

func await(t *testing.T, server *discordtest.Server, what string, holds func(discordtest.State) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := server.Await(ctx, holds); err != nil {
		t.Fatalf("waited in vain for %s", what)
	}
}

// A connection that breaks is opened again by its session: nothing is missed, and no thread has to be read back.
func TestResume(t *testing.T) {
	for name, disturb := range map[string]func(*discordtest.Server){
		"cut": (*discordtest.Server).CloseSockets,
		"in mid-event": func(s *discordtest.Server) {
			s.FailEvents(discordtest.EventFault{Kind: "MESSAGE_CREATE", Times: 1, Cut: true})
		},
		"asked to": (*discordtest.Server).Reconnect,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newServer(t, discordtest.Options{})
			a, sink := newAdapter(t, server, nil), adaptertest.NewSink()
			run(t, a, sink)
			thread := opened(t, a)
			say(t, server, thread, "one")
			sink.AwaitInbounds(t, 1)
			disturb(server)
			say(t, server, thread, "two")
			say(t, server, thread, "three")
			if got := lines(sink.AwaitInbounds(t, 3)); !slices.Equal(got, []string{"one", "two", "three"}) {
				t.Errorf("heard %q", got)
			}
			h := sink.Await(t, "running again", isLast(bridge.Running))
			if d := server.Delivery(); d.Resumes == 0 || d.Readies != 1 || gaps(h) != 1 {
				t.Errorf("%+v, %d gaps", d, gaps(h))
			}
		})
	}
}

// Whatever happens to a session that cannot be resumed, another takes its place and says that something may be missing.
func TestNewSession(t *testing.T) {
	for name, disturb := range map[string]func(*discordtest.Server){
		"session forgotten": func(s *discordtest.Server) { s.ForgetSessions(); s.CloseSockets() },
		"invalid session":   func(s *discordtest.Server) { s.Invalidate(false) },
		"silent":            (*discordtest.Server).Silence,
		"asked to reconnect during identify": func(s *discordtest.Server) {
			s.NextReconnect()
			s.ForgetSessions()
			s.CloseSockets()
		},
		"invalid during identify": func(s *discordtest.Server) {
			s.NextInvalid(false)
			s.ForgetSessions()
			s.CloseSockets()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newServer(t, discordtest.Options{HeartbeatInterval: time.Second})
			a, sink := newAdapter(t, server, func(c *discord.Config) { // a busy machine must not look like a connection that is lost
				c.OpenTime, c.Silence = 4*time.Second, 4*time.Second
			}), adaptertest.NewSink()
			run(t, a, sink)
			thread := opened(t, a)
			disturb(server)
			sink.Await(t, "a second gap", func(h adaptertest.Heard) bool { return gaps(h) >= 2 && isLast(bridge.Running)(h) })
			say(t, server, thread, "hello")
			if got := lines(sink.AwaitInbounds(t, 1)); !slices.Equal(got, []string{"hello"}) {
				t.Errorf("heard %q", got)
			}
		})
	}
}

// A refusal for good is told, and not asked for again: each attempt counts.
func TestRefusedForGood(t *testing.T) {
	for name, c := range map[string]struct {
		opts    discordtest.Options
		disturb func(*discordtest.Server)
		says    string
	}{
		"intent not switched on": {discordtest.Options{NoMessageContent: true}, func(*discordtest.Server) {}, "Message Content Intent"},
		"token refused":          {discordtest.Options{}, func(s *discordtest.Server) { s.NextClose(4004) }, "token"},
		"token revoked":          {discordtest.Options{}, func(s *discordtest.Server) { s.RevokeToken(true) }, "token"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newServer(t, c.opts)
			c.disturb(server)
			a, sink := newAdapter(t, server, nil), adaptertest.NewSink()
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- a.Run(ctx, sink) }()
			h := sink.Await(t, "a refusal", isLast(bridge.Refused))
			if last := h.Conditions[len(h.Conditions)-1]; !strings.Contains(last.Public, c.says) {
				t.Errorf("the operator reads %q", last.Public)
			}
			cancel()
			<-ended
			if n := len(server.Calls("gateway", "")); n > 1 {
				t.Errorf("%d connections were made", n)
			}
		})
	}
}

// A desk that is deleted is the operator's to put right, and nothing is given up meanwhile.
func TestDeskDeleted(t *testing.T) {
	server := newServer(t, discordtest.Options{})
	a, sink := newAdapter(t, server, nil), adaptertest.NewSink()
	run(t, a, sink)
	thread := opened(t, a)
	if err := server.DeleteChannel(deskID); err != nil {
		t.Fatal(err)
	}
	sink.Await(t, "a refusal", isLast(bridge.Refused))
	_, err := a.Send(t.Context(), part(t, a, saidIn(thread, 2, "hello"), 0))
	if bridge.AsFailure(err).Verdict != bridge.Reopen {
		t.Errorf("a line in a thread that went with it gives %v", err)
	}
	_, err = a.Send(t.Context(), part(t, a, openingOf(2), 0))
	if f := bridge.AsFailure(err); f.Verdict != bridge.Wait || !f.Refused {
		t.Errorf("an opening gives %v", err)
	}
}

// A connection that comes back is no channel that comes back, neither resumed, where the deletion is told before it is
// said that all has been told, nor begun anew.
func TestDeskDeletedWhileAway(t *testing.T) {
	for name, again := range map[string]func(*discordtest.Server){
		"resumed": func(*discordtest.Server) {}, "begun anew": (*discordtest.Server).ForgetSessions,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newServer(t, discordtest.Options{})
			a, sink := newAdapter(t, server, nil), adaptertest.NewSink()
			run(t, a, sink)
			back := func() {
				t.Helper()
				before := server.Delivery()
				server.CloseSockets()
				again(server)
				for now := before; now.Resumes+now.Readies == before.Resumes+before.Readies; now = server.Delivery() {
					time.Sleep(time.Millisecond)
				}
			}
			server.CloseSockets()
			again(server)
			if err := server.DeleteChannel(deskID); err != nil {
				t.Fatal(err)
			}
			sink.Await(t, "a refusal", isLast(bridge.Refused))
			for round := range 2 {
				back()
				thread, err := server.StartThread(ana, say(t, server, otherID, "elsewhere"), "strange")
				if err != nil {
					t.Fatal(err)
				}
				say(t, server, bridge.ThreadRef(thread), "still there") // what the sink hears comes after what it was told before
				sink.Await(t, "a refusal that stands", func(h adaptertest.Heard) bool {
					return len(h.Inbounds) > round && isLast(bridge.Refused)(h)
				})
			}
			server.CreateChannel(discordtest.Channel{ID: deskID, Name: "desk"})
			sink.Await(t, "the channel's return", isLast(bridge.Running))
		})
	}
}

func TestHearsOnlyPeopleInThreads(t *testing.T) {
	server := newServer(t, discordtest.Options{Users: []discordtest.User{{ID: "1009", Username: "helper", Bot: true}}})
	a, sink := newAdapter(t, server, nil), adaptertest.NewSink()
	run(t, a, sink)
	thread := opened(t, a)
	if _, err := server.Say("1009", string(thread), "from a bot"); err != nil {
		t.Fatal(err)
	}
	say(t, server, deskID, "in the channel itself")
	say(t, server, otherID, "in another channel")
	id := say(t, server, otherID, "with a thread")
	strange, err := server.StartThread(ana, id, "strange")
	if err != nil {
		t.Fatal(err)
	}
	say(t, server, bridge.ThreadRef(strange), "in a thread of another channel") // perhaps of the one configured before
	first := say(t, server, thread, "odd <@"+ben+">")
	if err := server.AddUnknownComponent(first, 99); err != nil {
		t.Fatal(err)
	}
	if err := server.Unfurl(first, "a preview"); err != nil {
		t.Fatal(err)
	}
	if _, err := server.Post(ben, string(thread), discordtest.Draft{Text: "an answer", Reply: first}); err != nil {
		t.Fatal(err)
	}
	ins := sink.AwaitInbounds(t, 4)
	slices.SortStableFunc(ins, func(a, b bridge.Inbound) int { return cmp.Compare(a.Thread, b.Thread) }) // threads wait for themselves only
	if got := lines(ins); !slices.Equal(got, []string{"from a bot", "odd @ben", "an answer", "in a thread of another channel"}) || !ins[0].From.Bot {
		t.Fatalf("heard %q", got)
	}
	ins = ins[1:3]
	if from := ins[0].From; from.ID != ana || from.Name != "Ana" || !strings.Contains(from.Avatar, "/avatars/1001/a1") {
		t.Errorf("from %+v", from)
	}
	if ins[1].From.Name != "Benjamin" || ins[1].Target != ins[0].Message {
		t.Errorf("the answer arrived as %+v", ins[1])
	}
}

// Of what an earlier run of the program posted, the deletion by us is not taken for a person's.
func TestOwnDeletionIsNotHeard(t *testing.T) {
	server := newServer(t, discordtest.Options{})
	earlier := newAdapter(t, server, nil)
	thread := opened(t, earlier)
	line := send(t, earlier, part(t, earlier, saidIn(thread, 2, "from a visitor"), 0))
	a, sink := newAdapter(t, server, nil), adaptertest.NewSink()
	run(t, a, sink)
	d := saidIn(thread, 3, "")
	d.Entry.Kind, d.Entry.Target, d.Landed = bridge.Deleted, 2, []bridge.Landed{{Message: line.Message}}
	send(t, a, part(t, a, d, 0))
	say(t, server, thread, "hello")
	if ins := sink.AwaitInbounds(t, 1); ins[0].Kind != bridge.InSaid {
		t.Errorf("heard %+v", ins[0])
	}
}

// A file that a person took away while nobody listened is missing in what is read back, however long we have run.
func TestHistoryTellsWhichFilesAreLeft(t *testing.T) {
	server := newServer(t, discordtest.Options{})
	thread := opened(t, newAdapter(t, server, nil))
	id, err := server.Post(ana, string(thread), discordtest.Draft{
		Text: "two", Files: []discordtest.File{{Name: "a.txt", Data: []byte("a")}, {Name: "b.txt", Data: []byte("b")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	a := newAdapter(t, server, nil)
	files := func() (said, kept []string) {
		t.Helper()
		h, err := a.History(t.Context(), thread, time.Now().Add(-time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range h.Happen {
			for _, f := range in.Files {
				said = append(said, f.Ref)
			}
			kept = append(kept, in.Kept...)
		}
		return said, kept
	}
	said, _ := files()
	if len(said) != 2 {
		t.Fatalf("read back, the files are %q", said)
	}
	if err := server.RemoveFile(ana, id, said[0][strings.LastIndexByte(said[0], '/')+1:]); err != nil {
		t.Fatal(err)
	}
	if _, kept := files(); !slices.Equal(kept, said[1:]) {
		t.Errorf("read back, there are left %q of %q", kept, said)
	}
}

// A session that broke before it was ready is not opened again: it would ask to resume what is gone, and begin another
// without asking how many may still be begun today.
func TestSessionThatWasNeverReadyIsReplaced(t *testing.T) {
	server := newServer(t, discordtest.Options{})
	a, sink := newAdapter(t, server, nil), adaptertest.NewSink()
	run(t, a, sink)
	before := len(server.Calls("get_bot_gateway", ""))
	server.NextInvalid(false)
	server.NextClose(4000)
	server.ForgetSessions()
	server.CloseSockets()
	sink.Await(t, "a second gap", func(h adaptertest.Heard) bool { return gaps(h) == 2 && isLast(bridge.Running)(h) })
	if n := len(server.Calls("get_bot_gateway", "")); n == before {
		t.Error("the session was opened again")
	}
}

// A permission that comes back is taken for a gap, whether the channel, a role or the bot's own roles have changed.
func TestAPermissionGivenBackIsAGap(t *testing.T) {
	server := newServer(t, discordtest.Options{})
	a := newAdapter(t, server, nil)
	sink := adaptertest.NewSink()
	run(t, a, sink)
	thread := opened(t, a)
	guild, me := server.Options().GuildID, server.Options().BotUserID
	seq := int64(0)
	for name, givenBack := range map[string]func(){
		"channel": func() {},
		"role": func() {
			server.Dispatch("GUILD_ROLE_UPDATE", map[string]any{"guild_id": guild, "role": map[string]any{}})
		},
		"member": func() {
			server.Dispatch("GUILD_MEMBER_UPDATE", map[string]any{"guild_id": guild, "user": map[string]any{"id": "1"}})
			server.Dispatch("GUILD_MEMBER_UPDATE", map[string]any{"guild_id": guild, "user": map[string]any{"id": me}})
		},
	} {
		before := gaps(sink.Heard())
		if err := server.Deny(deskID, discordtest.SendInThreads); err != nil {
			t.Fatal(err)
		}
		seq++
		_, err := a.Send(t.Context(), part(t, a, saidIn(thread, seq, "Hello"), 0))
		if f := bridge.AsFailure(err); !f.Refused {
			t.Errorf("%s: not refused: %v", name, err)
		}
		if name == "channel" {
			if err := server.Deny(deskID, 0); err != nil {
				t.Fatal(err)
			}
		}
		givenBack()
		h := sink.Await(t, "a gap for a "+name, func(h adaptertest.Heard) bool { return gaps(h) > before })
		if n := gaps(h); n != before+1 {
			t.Errorf("%s: %d gaps", name, n-before)
		}
	}
}
