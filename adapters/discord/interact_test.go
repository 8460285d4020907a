package discord_test

import (
	"context"
	"strings"
	"testing"

	"github.com/skeindesk/skein/adapters/adaptertest"
	"github.com/skeindesk/skein/adapters/discord/discordtest"
	"github.com/skeindesk/skein/bridge"
)

func TestButtonsAndCommands(t *testing.T) {
	server := newServer(t, discordtest.Options{})
	a, sink := newAdapter(t, server, nil), adaptertest.NewSink()
	sink.OnCommand = func(call bridge.Invocation) (bridge.Answer, error) {
		if call.Word == "take" {
			return bridge.Answer{Public: "It *is* yours."}, nil
		}
		return bridge.Answer{}, nil
	}
	run(t, a, sink)
	thread := opened(t, a)
	press, err := server.Press(ana, string(thread), "skein:take:free")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := press.Await(t.Context()); err != nil {
		t.Fatalf("the press was not answered: %v", err)
	}
	call := sink.Await(t, "a command", func(h adaptertest.Heard) bool { return len(h.Commands) == 1 }).Commands[0]
	if call.Word != "take" || call.Thread != thread || call.From.ID != ana || call.From.Name != "Ana" || !strings.Contains(call.Key, press.ID) {
		t.Errorf("the press arrived as %+v", call)
	}
	await(t, server, "the answer", func(s discordtest.State) bool { return len(s.Ephemerals()) == 1 })
	if m := server.Ephemerals()[0]; m.Content != `It \*is\* yours.` || m.For != ana {
		t.Errorf("the answer is %+v", m)
	}

	await(t, server, "the commands declared", func(s discordtest.State) bool {
		return s.Calls("bulk_set_guild_application_commands", "") == 1
	})
	given, err := server.Command(ben, string(thread), "close", map[string]any{"words": "Good bye"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := given.Await(t.Context()); err != nil {
		t.Fatalf("the command was not answered: %v", err)
	}
	call = sink.Await(t, "a command", func(h adaptertest.Heard) bool { return len(h.Commands) == 2 }).Commands[1]
	if call.Word != "close" || call.Fields["words"] != "Good bye" || call.Thread != thread || call.From.Name != "Benjamin" {
		t.Errorf("the command arrived as %+v", call)
	}
	await(t, server, "its answer", func(s discordtest.State) bool { return len(s.Ephemerals()) == 2 })

	line := say(t, server, thread, "oh no")
	if given, err = server.UseMessageCommand(ana, line, "Recall"); err != nil {
		t.Fatal(err)
	}
	call = sink.Await(t, "a command", func(h adaptertest.Heard) bool { return len(h.Commands) == 3 }).Commands[2]
	if call.Word != "recall" || call.Message != bridge.MessageRef(string(thread)+"/"+line) || call.Thread != thread || !strings.Contains(call.Key, given.ID) {
		t.Errorf("the command on a message arrived as %+v", call)
	}
}

// Commands are declared once, not at every start: there is a limit on a day's.
func TestCommandsAreDeclaredOnce(t *testing.T) {
	server := newServer(t, discordtest.Options{})
	for range 2 {
		ctx, cancel := context.WithCancel(t.Context())
		a, sink := newAdapter(t, server, nil), adaptertest.NewSink()
		ended := make(chan error, 1)
		go func() { ended <- a.Run(ctx, sink) }()
		sink.Await(t, "the endpoint running", isLast(bridge.Running))
		thread := opened(t, a)
		say(t, server, thread, "hello")
		sink.AwaitInbounds(t, 1)
		await(t, server, "the declaration", func(s discordtest.State) bool {
			return s.Calls("bulk_set_guild_application_commands", "") > 0
		})
		cancel()
		<-ended // what was begun has ended
	}
	if n := len(server.Calls("bulk_set_guild_application_commands", "")); n != 1 {
		t.Errorf("the commands were declared %d times", n)
	}
}
