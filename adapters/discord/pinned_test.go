package discord_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/adaptertest"
	"github.com/skeindesk/skein/adapters/discord"
	"github.com/skeindesk/skein/adapters/discord/discordtest"
	"github.com/skeindesk/skein/bridge"
)

// waitingRoom is how the lists stand with so many conversations.
func waitingRoom(visitors ...string) bridge.List {
	l := bridge.List{All: []bridge.Tally{{State: bridge.StateUnassigned, Conversations: len(visitors)}}}
	for i, name := range visitors {
		l.Rows = append(l.Rows, bridge.Listed{
			Conversation: bridge.Conversation{ID: bridge.ConversationID(i + 1), State: bridge.StateUnassigned, Endpoint: "website"}, Visitor: name,
		})
	}
	return l
}

// board runs an adapter with a pinned list until the returned function is called.
func board(t *testing.T, server *discordtest.Server, channel string, l bridge.List) (a *discord.Adapter, stop func()) {
	t.Helper()
	a = newAdapter(t, server, func(c *discord.Config) { c.Channel, c.ListPause = channel, 20*time.Millisecond })
	sink := adaptertest.NewSink()
	sink.OnLists = l
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx, sink) }()
	sink.Await(t, "the endpoint running", isLast(bridge.Running))
	return a, sync.OnceFunc(func() {
		cancel()
		<-ended
	})
}

// lists are the messages that are pinned, as the channel, or the posts above the others, shows them.
func lists(s discordtest.State, channel string) (found []discordtest.Message) {
	for _, m := range s.Messages(channel) {
		if m.Pinned {
			found = append(found, m)
		}
	}
	for _, post := range s.Threads(channel) {
		if post.Pinned {
			found = append(found, s.Messages(post.ID)...)
		}
	}
	return found
}

// The list is pinned once, and after a restart the same message goes on.
func TestPinnedList(t *testing.T) {
	for name, channel := range map[string]string{"text": deskID, "forum": forumID} {
		t.Run(name, func(t *testing.T) {
			server := newServer(t, discordtest.Options{})
			var ids []string
			for _, visitor := range []string{"Maria", "Ida", "Eve"} {
				_, stop := board(t, server, channel, waitingRoom(visitor))
				await(t, server, "the list", func(s discordtest.State) bool {
					found := lists(s, channel)
					return len(found) == 1 && strings.Contains(found[0].Content, visitor)
				})
				server.Look(func(s discordtest.State) {
					m := lists(s, channel)[0]
					ids = append(ids, m.ID)
					if !strings.Contains(string(m.Components), "skein:list:history") {
						t.Errorf("the list has no tabs: %s", m.Components)
					}
				})
				stop()
				if channel == forumID && visitor == "Maria" { // as time does
					if err := server.ArchiveThread(ids[0], true); err != nil {
						t.Fatal(err)
					}
				}
			}
			if ids = slices.Compact(ids); len(ids) != 1 {
				t.Errorf("there were several lists: %v", ids)
			}
		})
	}
}

// One that somebody deletes comes again; where nothing has changed nothing is written.
func TestPinnedListDeleted(t *testing.T) {
	server := newServer(t, discordtest.Options{})
	a, stop := board(t, server, deskID, waitingRoom("Maria"))
	defer stop()
	there := func(s discordtest.State) bool { return len(lists(s, deskID)) == 1 }
	await(t, server, "the list", there)
	for range 3 {
		opened(t, a)
	}
	if n := len(server.Calls("update_message", deskID)); n != 0 {
		t.Errorf("the same list was written %d times more", n)
	}
	var id string
	server.Look(func(s discordtest.State) { id = lists(s, deskID)[0].ID })
	if err := server.DeleteMessage(id); err != nil {
		t.Fatal(err)
	}
	stop()
	_, stop = board(t, server, deskID, waitingRoom("Ida"))
	defer stop()
	await(t, server, "the list again", there)
}

// A bot that may not pin leaves nothing behind, until it may.
func TestPinnedListRefused(t *testing.T) {
	server := newServer(t, discordtest.Options{})
	if err := server.Deny(deskID, discordtest.PinMessages); err != nil {
		t.Fatal(err)
	}
	_, stop := board(t, server, deskID, waitingRoom("Maria"))
	defer stop()
	await(t, server, "the list taken back", func(s discordtest.State) bool {
		return s.Calls("delete_message", deskID) == 1 && len(s.Said(deskID)) == 0
	})
	if err := server.Deny(deskID, 0); err != nil {
		t.Fatal(err)
	}
	await(t, server, "the list", func(s discordtest.State) bool { return len(lists(s, deskID)) == 1 })
}

// One that was posted, and of whose pinning nothing is known, is found and pinned.
func TestPinnedListHalfMade(t *testing.T) {
	for name, channel := range map[string]string{"text": deskID, "forum": forumID} {
		t.Run(name, func(t *testing.T) {
			server := newServer(t, discordtest.Options{})
			server.Fail(discordtest.Fault{Times: 1, Status: http.StatusInternalServerError, Match: func(c discordtest.Call) bool {
				return c.Method == "create_pin" || c.Method == "update_channel" && strings.Contains(string(c.Body), "flags")
			}})
			_, stop := board(t, server, channel, waitingRoom("Maria"))
			defer stop()
			made := func(s discordtest.State) int { return len(s.Said(deskID)) + len(s.Threads(forumID)) }
			await(t, server, "the attempt", func(s discordtest.State) bool { return made(s) == 1 })
			stop()
			a, stop := board(t, server, channel, waitingRoom("Maria"))
			defer stop()
			await(t, server, "the list", func(s discordtest.State) bool { return len(lists(s, channel)) == 1 })
			opened(t, a)
			if n := look(server, made); n != 2 {
				t.Errorf("beside the card there are %d lists", n-1)
			}
		})
	}
}

func look[T any](server *discordtest.Server, see func(discordtest.State) T) (v T) {
	server.Look(func(s discordtest.State) { v = see(s) })
	return v
}

// A list that one person sees turns its pages in place; one that all see does not.
func TestTurningPages(t *testing.T) {
	server := newServer(t, discordtest.Options{})
	a, sink := newAdapter(t, server, func(c *discord.Config) { c.ListPause = 20 * time.Millisecond }), adaptertest.NewSink()
	sink.OnLists = waitingRoom("Maria")
	sink.OnCommand = func(call bridge.Invocation) (bridge.Answer, error) {
		l := waitingRoom(call.Rest)
		return bridge.Answer{Public: "words", List: &l}, nil
	}
	run(t, a, sink)
	await(t, server, "the list", func(s discordtest.State) bool { return len(lists(s, deskID)) == 1 })
	o := office{t, server, sink, ""}
	var pinned discordtest.Message
	server.Look(func(s discordtest.State) { pinned = lists(s, deskID)[0] })
	o.answered(server.Press(ana, pinned.ID, "skein:list:robot"))
	m := o.told(1)
	if call := o.last(); call.Word != "list" || call.Thread != "" || !strings.Contains(m.Content, "robot") {
		t.Errorf("%+v was answered by %q", call, m.Content)
	}
	_, answer := o.answered(server.Press(ana, m.ID, "skein:list:history"))
	if all := server.Ephemerals(); answer.Type != discordtest.AnswerUpdate || len(all) != 1 || !strings.Contains(all[0].Content, "history") {
		t.Errorf("an answer of type %d, and there are %+v", answer.Type, all)
	}
}
