package discord_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/discord"
	"github.com/skeindesk/skein/adapters/discord/discordtest"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// bodies are the requests that write messages, as they were made.
type bodies struct {
	mu   sync.Mutex
	list []discordtest.Call
}

func (b *bodies) hear(c discordtest.Call) {
	if slices.Contains([]string{"create_message", "update_message", "create_thread"}, c.Method) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.list = append(b.list, c)
	}
}

func send(t *testing.T, a *discord.Adapter, p bridge.Part) bridge.Sent {
	t.Helper()
	sent, err := a.Send(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return sent
}

// Whatever a person writes, nobody is called by it: neither when it is posted nor when it is edited.
func TestCallsNobody(t *testing.T) {
	var heard bodies
	server := newServer(t, discordtest.Options{OnCall: heard.hear})
	a := newAdapter(t, server, nil)
	thread := opened(t, a)
	const words = "@everyone <@1001> <@&900000000000000002> [x](https://example.com)"
	sent := send(t, a, part(t, a, saidIn(thread, 2, words), 0))
	d := saidIn(thread, 3, words+" again")
	d.Entry.Kind, d.Entry.Target, d.Landed = bridge.Edited, 2, []bridge.Landed{{Message: sent.Message}}
	send(t, a, part(t, a, d, 0))
	if len(heard.list) != 3 {
		t.Fatalf("%d requests", len(heard.list))
	}
	for _, c := range heard.list {
		var body struct {
			Mentions struct {
				Parse []string `json:"parse"`
			} `json:"allowed_mentions"`
			Nonce   string `json:"nonce"`
			Enforce bool   `json:"enforce_nonce"`
		}
		if err := json.Unmarshal(c.Body, &body); err != nil || body.Mentions.Parse == nil || len(body.Mentions.Parse) > 0 {
			t.Errorf("%s may call people: %s", c.Method, c.Body)
		}
		if c.Method == "create_message" && (body.Nonce == "" || !body.Enforce) {
			t.Errorf("%s may post twice: %s", c.Method, c.Body)
		}
	}
}

// A part that is sent again within minutes is there once, by the nonce; later it is found by its mark.
func TestOnceOnly(t *testing.T) {
	for name, window := range map[string]time.Duration{"within minutes": time.Minute, "later": time.Nanosecond} {
		t.Run(name, func(t *testing.T) {
			server := newServer(t, discordtest.Options{NonceWindow: window})
			a := newAdapter(t, server, nil)
			thread := opened(t, a)
			p := part(t, a, saidIn(thread, 2, "hello"), 0)
			first := send(t, a, p)
			again, found, err := a.Find(t.Context(), p)
			if err != nil || !found || again.Message != first.Message {
				t.Fatalf("Find = %+v, %v, %v", again, found, err)
			}
			if window == time.Minute {
				if again := send(t, a, p); again.Message != first.Message || len(server.Said(string(thread))) != 1 {
					t.Errorf("sent again, it is %s beside %s", again.Message, first.Message)
				}
			}
		})
	}
}

// An opening of which only the card got through is found and completed.
func TestCardWithoutThread(t *testing.T) {
	server := newServer(t, discordtest.Options{})
	a := newAdapter(t, server, nil)
	server.Fail(discordtest.Fault{Method: "create_thread_from_message", Status: http.StatusInternalServerError, Times: 1})
	p := part(t, a, openingOf(1), 0)
	if _, err := a.Send(t.Context(), p); bridge.AsFailure(err).Verdict != bridge.Unsure {
		t.Fatalf("without its thread, the opening gives %v", err)
	}
	sent, found, err := a.Find(t.Context(), p)
	if err != nil || !found || len(server.Threads(deskID)) != 1 || string(sent.Thread) != server.Threads(deskID)[0].ID {
		t.Fatalf("Find = %+v, %v, %v", sent, found, err)
	}
	if again := send(t, a, p); again != sent { // the nonce, and 160004
		t.Errorf("sent again, it is %+v beside %+v", again, sent)
	}
}

// A card whose thread is refused does not stay behind.
func TestCardIsTakenBack(t *testing.T) {
	server := newServer(t, discordtest.Options{})
	a := newAdapter(t, server, nil)
	server.Fail(discordtest.Fault{Method: "create_thread_from_message", Code: 50013, Times: 1})
	if _, err := a.Send(t.Context(), part(t, a, openingOf(1), 0)); !bridge.AsFailure(err).Refused {
		t.Fatalf("a refused thread gives %v", err)
	}
	if n := len(server.Said(deskID)); n != 0 {
		t.Errorf("%d cards are left", n)
	}
}

// A card that somebody deleted before its thread was made, or that Discord still names for its nonce, is posted again
// later: the conversation is not given up for it.
func TestCardIsGoneBeforeItsThread(t *testing.T) {
	server := newServer(t, discordtest.Options{})
	a := newAdapter(t, server, nil)
	server.Fail(discordtest.Fault{Method: "create_thread_from_message", Status: http.StatusNotFound, Code: 10008, Times: 1})
	p := part(t, a, openingOf(1), 0)
	if _, err := a.Send(t.Context(), p); bridge.AsFailure(err).Verdict != bridge.Wait {
		t.Fatalf("a card that is gone gives %v", err)
	}
	if sent := send(t, a, p); sent.Thread == "" {
		t.Errorf("sent again, it is %+v", sent)
	}
}

// What the bot may not do among colleagues holds up nothing of the visitors'.
func TestColleaguesRefusedAlone(t *testing.T) {
	server := newServer(t, discordtest.Options{})
	a := newAdapter(t, server, withColleagues)
	thread := opened(t, a)
	for _, c := range []struct {
		delivery bridge.Delivery
		whole    bool
	}{{colleagueSays(2, rich.Of("hello")), false}, {saidIn(thread, 2, "hello"), true}} {
		for _, code := range []int{50001, 50013, 50024} {
			server.Fail(discordtest.Fault{Method: "create_message", Status: http.StatusForbidden, Code: code, Times: 1})
			_, err := a.Send(t.Context(), part(t, a, c.delivery, 0))
			if f := bridge.AsFailure(err); !f.Refused || f.Whole != c.whole {
				t.Errorf("%d in %s: %+v", code, c.delivery.Thread, f)
			}
		}
	}
}

// In a full server the quietest thread makes room.
func TestMakesRoom(t *testing.T) {
	server := newServer(t, discordtest.Options{MaxActiveThreads: 2})
	a := newAdapter(t, server, nil)
	for c := bridge.ConversationID(1); c <= 3; c++ {
		send(t, a, part(t, a, openingOf(c), 0))
	}
	var active []string
	for _, ch := range server.Threads(deskID) {
		if !ch.Archived {
			active = append(active, ch.ID)
		}
		if ch.AutoArchive != 10080 {
			t.Errorf("a thread is archived after %d minutes", ch.AutoArchive)
		}
	}
	if len(active) == 0 || !slices.Contains(active, server.Threads(deskID)[2].ID) {
		t.Errorf("active are %q", active)
	}
}

// cardOf is the delivery that brings the card up to date.
func cardOf(thread bridge.ThreadRef, s bridge.State, card bridge.MessageRef) bridge.Delivery {
	d := saidIn(thread, 0, "")
	d.Conversation.State, d.Entry, d.Card = s, bridge.Entry{}, &bridge.Card{}
	d.Landed = []bridge.Landed{{Message: card}}
	return d
}

// changedTo is the delivery of a change of state, in its order with the lines.
func changedTo(thread bridge.ThreadRef, seq int64, s bridge.State, card bridge.MessageRef) bridge.Delivery {
	d := saidIn(thread, seq, "")
	d.Conversation.State, d.Entry.Kind, d.Entry.State = s, bridge.Changed, s
	d.Landed = []bridge.Landed{{Message: card}}
	return d
}

// Closed conversations are archived, never locked; what has to be changed there is changed and archived again; a
// visitor's new line wakes the thread.
func TestArchives(t *testing.T) {
	for name, channel := range map[string]string{"text": deskID, "forum": forumID} {
		t.Run(name, func(t *testing.T) {
			server := newServer(t, discordtest.Options{BotPermissions: discordtest.Administrator})
			a := newAdapter(t, server, func(c *discord.Config) { c.Channel = channel })
			card := send(t, a, part(t, a, openingOf(1), 0))
			thread := card.Thread
			line := send(t, a, part(t, a, saidIn(thread, 2, "hello"), 0))
			is := func(what string, archived bool, tag string) {
				t.Helper()
				ch := server.Threads(channel)[0]
				if ch.Archived != archived || ch.Locked {
					t.Errorf("%s: archived %v, locked %v", what, ch.Archived, ch.Locked)
				}
				if channel != forumID {
					return
				}
				names := map[string]string{}
				server.Look(func(s discordtest.State) {
					forum, _ := s.Channel(forumID)
					for _, t := range forum.Tags {
						names[t.ID] = t.Name
					}
				})
				if len(ch.AppliedTags) != 1 || names[ch.AppliedTags[0]] != tag {
					t.Errorf("%s: the tags are %q of %q", what, ch.AppliedTags, names)
				}
			}
			is("open", false, "Unassigned")
			send(t, a, part(t, a, changedTo(thread, 3, bridge.StateClosed, card.Message), 0))
			is("closed", true, "Unassigned")
			send(t, a, part(t, a, cardOf(thread, bridge.StateClosed, card.Message), 0))
			is("closed, with its card", true, "Closed")

			d := saidIn(thread, 4, "hello again")
			d.Conversation.State = bridge.StateClosed
			d.Entry.Kind, d.Entry.Target, d.Landed = bridge.Edited, 2, []bridge.Landed{{Message: line.Message}}
			send(t, a, part(t, a, d, 0))
			is("edited", true, "Closed")
			said := server.Said(string(thread))
			if _, words := split(said[len(said)-1]); words != "hello again" {
				t.Errorf("the edit is seen as %+v", said)
			}
			d.Entry.Kind, d.Entry.Seq = bridge.Deleted, 5
			send(t, a, part(t, a, d, 0))
			is("deleted", true, "Closed")

			send(t, a, part(t, a, saidIn(thread, 6, "one more thing"), 0))
			is("a new line", false, "Closed")
			send(t, a, part(t, a, changedTo(thread, 7, bridge.StateClosed, card.Message), 0))
			is("closed again", true, "Closed")
			send(t, a, part(t, a, changedTo(thread, 8, bridge.StateAssigned, card.Message), 0))
			is("reopened", false, "Closed")
			send(t, a, part(t, a, cardOf(thread, bridge.StateAssigned, card.Message), 0))
			is("assigned", false, "Assigned")
		})
	}
}

// A bot that may not manage the forum leaves the tags alone and works without.
func TestForumWithoutTags(t *testing.T) {
	server := newServer(t, discordtest.Options{})
	server.Fail(discordtest.Fault{Method: "update_channel", Channel: forumID, Code: 50013})
	a := newAdapter(t, server, func(c *discord.Config) { c.Channel = forumID })
	card := send(t, a, part(t, a, openingOf(1), 0))
	send(t, a, part(t, a, cardOf(card.Thread, bridge.StateAssigned, card.Message), 0))
}

// A line that answers another points at it, and survives that it is gone.
func TestAnswers(t *testing.T) {
	server := newServer(t, discordtest.Options{})
	a := newAdapter(t, server, nil)
	thread := opened(t, a)
	first := say(t, server, thread, "a question")
	d := saidIn(thread, 2, "an answer")
	d.Entry.Target, d.Landed = 1, []bridge.Landed{{Message: bridge.MessageRef(string(thread) + "/" + first)}}
	send(t, a, part(t, a, d, 0))
	if said := server.Said(string(thread)); said[len(said)-1].Reply != first {
		t.Errorf("it answers %q", said[len(said)-1].Reply)
	}
	if err := server.Delete(ana, first); err != nil {
		t.Fatal(err)
	}
	d.Entry.Seq = 3
	send(t, a, part(t, a, d, 0))
}

// Text that is too long for one message keeps its code in fences.
func TestSplits(t *testing.T) {
	server := newServer(t, discordtest.Options{})
	a := newAdapter(t, server, nil)
	thread := opened(t, a)
	d := saidIn(thread, 2, strings.Repeat("many words ", 500))
	parts, err := a.Render(d)
	if err != nil || len(parts) != 4 {
		t.Fatalf("%d parts, %v", len(parts), err)
	}
	for i := range parts {
		send(t, a, part(t, a, d, i))
	}
	if n := len(server.Said(string(thread))); n != 4 {
		t.Errorf("%d messages are seen", n)
	}
}
