package discordtest_test

import (
	"slices"
	"testing"
	"time"

	"github.com/bwmarrin/discordgo"

	"github.com/skeindesk/skein/adapters/discord/discordtest"
)

// TestArchivedThread: writing opens it again, everything else but a deletion is refused.
func TestArchivedThread(t *testing.T) {
	s := start(t, nil)
	dg := client(t, s)
	e := listen(t, dg)
	th := thread(t, s)
	m := say(t, s, th, "mine")
	call(t, s, "PATCH", "/channels/"+th, object{"archived": true}).want(t, 200, 0)
	if ev := e.want(t, "THREAD_UPDATE").Struct.(*discordgo.ThreadUpdate); !ev.ThreadMetadata.Archived {
		t.Errorf("update %+v", ev.ThreadMetadata)
	}
	path := "/channels/" + th + "/messages/" + m
	call(t, s, "PATCH", path, object{"content": "x"}).want(t, 400, 50083)
	call(t, s, "PUT", path+"/reactions/👀/@me", nil).want(t, 400, 50083)
	call(t, s, "PATCH", "/channels/"+th, object{"name": "x"}).want(t, 400, 50083)
	if _, err := s.Command(ana, th, "take", nil); err == nil {
		t.Error("a command ran in an archived thread")
	}
	if err := s.React(ana, m, "👀"); err == nil {
		t.Error("a person reacted in an archived thread")
	}
	call(t, s, "DELETE", path, nil).want(t, 204, 0)

	say(t, s, th, "awake")
	if ev := e.want(t, "THREAD_UPDATE").Struct.(*discordgo.ThreadUpdate); ev.ThreadMetadata.Archived {
		t.Errorf("writing did not open the thread")
	}
	must(t, s.ArchiveThread(th, true))
	if _, err := s.Say(ana, th, "so do people"); err != nil {
		t.Error(err)
	}
	if c := s.Threads(desk); len(c) != 1 || c[0].Archived {
		t.Errorf("threads %+v", c)
	}
}

func TestLockedThread(t *testing.T) {
	s := start(t, nil)
	th := thread(t, s)
	must(t, s.LockThread(th, true))
	say(t, s, th, "with MANAGE_THREADS")
	if _, err := s.Say(ana, th, "without"); err == nil {
		t.Error("a person wrote in a locked thread")
	}
	must(t, s.Deny(desk, discordtest.ManageThreads))
	call(t, s, "POST", "/channels/"+th+"/messages", object{"content": "x"}).want(t, 403, 160005)
	call(t, s, "PATCH", "/channels/"+th, object{"locked": false}).want(t, 403, 50013)
	hook := s.AddWebhook(discordtest.Webhook{Name: "h", Channel: desk})
	call(t, s, "POST", "/webhooks/"+hook.ID+"/"+hook.Token+"?thread_id="+th, object{"content": "x"}).want(t, 403, 160005)
}

func TestMaxActiveThreads(t *testing.T) {
	s := start(t, func(o *discordtest.Options) { o.MaxActiveThreads = 2 })
	first, _ := thread(t, s), thread(t, s)
	root := say(t, s, desk, "third")
	start := func() reply {
		return call(t, s, "POST", "/channels/"+desk+"/messages/"+root+"/threads", object{"name": "third"})
	}
	start().want(t, 400, 160006)
	call(t, s, "PATCH", "/channels/"+first, object{"archived": true}).want(t, 200, 0)
	start().want(t, 201, 0)
	call(t, s, "POST", "/channels/"+first+"/messages", object{"content": "x"}).want(t, 400, 160006)
	call(t, s, "PATCH", "/channels/"+first, object{"archived": false}).want(t, 400, 160006)
}

func TestThreadWithoutMessage(t *testing.T) {
	s := start(t, func(o *discordtest.Options) { o.BotPermissions = discordtest.Administrator })
	var th struct{ Type int }
	call(t, s, "POST", "/channels/"+desk+"/threads", object{"name": "x"}).into(t, &th)
	if th.Type != discordtest.PrivateThread {
		t.Errorf("type %d: without one a thread is private", th.Type)
	}
	if got := s.Messages(desk); len(got) != 0 {
		t.Errorf("a private thread was announced: %+v", got)
	}
	call(t, s, "POST", "/channels/"+desk+"/threads", object{"name": "x", "type": 11}).want(t, 201, 0)
	if got := s.Messages(desk); len(got) != 1 || got[0].Type != 18 {
		t.Errorf("a public thread was not announced: %+v", got)
	}
}

func TestForum(t *testing.T) {
	s := start(t, nil)
	dg := client(t, s)
	e := listen(t, dg)
	post := value[*discordgo.Channel](t)(dg.ForumThreadStartComplex(forum,
		&discordgo.ThreadStart{Name: "Vera", AutoArchiveDuration: 10080, AppliedTags: []string{tagA}},
		&discordgo.MessageSend{Content: "first", Flags: discordgo.MessageFlagsSuppressEmbeds}))
	e.want(t, "THREAD_CREATE")
	if ev := e.want(t, "MESSAGE_CREATE").Struct.(*discordgo.MessageCreate); ev.ID != post.ID || ev.ChannelID != post.ID {
		t.Errorf("the first message and the thread have one id: %+v", ev.Message)
	}
	path := "/channels/" + post.ID
	call(t, s, "PATCH", path, object{"applied_tags": []string{tagB}}).want(t, 200, 0)
	call(t, s, "PATCH", path, object{"applied_tags": []string{"17"}}).want(t, 400, 10087)
	call(t, s, "POST", "/channels/"+forum+"/messages", object{"content": "x"}).want(t, 400, 50008)
	if c := s.Threads(forum); len(c) != 1 || !slices.Equal(c[0].AppliedTags, []string{tagB}) {
		t.Errorf("posts %+v", c)
	}

	strict := s.AddChannel(discordtest.Channel{Name: "strict", Type: discordtest.Forum, RequireTag: true, Tags: []discordtest.Tag{{Name: "open"}}})
	body := object{"name": "x", "message": object{"content": "x"}}
	call(t, s, "POST", "/channels/"+strict.ID+"/threads", body).want(t, 400, 40067)
	body["applied_tags"] = []string{strict.Tags[0].ID}
	call(t, s, "POST", "/channels/"+strict.ID+"/threads", body).want(t, 201, 0)
	if _, err := s.PostInForum(ana, forum, "theirs", "hello", tagA); err != nil {
		t.Error(err)
	}
}

func TestListingThreads(t *testing.T) {
	s := start(t, nil)
	var threads []string
	for range 5 {
		threads = append(threads, thread(t, s))
	}
	for _, id := range threads[:4] {
		must(t, s.ArchiveThread(id, true))
	}
	dg := client(t, s)
	active := value[*discordgo.ThreadsList](t)(dg.GuildThreadsActive(s.Options().GuildID))
	if len(active.Threads) != 1 || active.Threads[0].ID != threads[4] {
		t.Errorf("active %+v", active.Threads)
	}
	archived := value[*discordgo.ThreadsList](t)(dg.ThreadsArchived(desk, nil, 3))
	if len(archived.Threads) != 3 || archived.Threads[0].ID != threads[3] || !archived.HasMore {
		t.Fatalf("archived %+v", archived)
	}
	// discordgo cuts the time to seconds.
	before := archived.Threads[2].ThreadMetadata.ArchiveTimestamp.UTC().Format(time.RFC3339Nano)
	call(t, s, "GET", "/channels/"+desk+"/threads/archived/public?limit=3&before="+before, nil).into(t, archived)
	if len(archived.Threads) != 1 || archived.Threads[0].ID != threads[0] || archived.HasMore {
		t.Errorf("next page %+v", archived)
	}
}

// TestPermissions: not seeing a channel and not being allowed are two refusals.
func TestPermissions(t *testing.T) {
	s := start(t, nil)
	dg := client(t, s)
	e := listen(t, dg)
	th := thread(t, s)
	path := "/channels/" + th + "/messages"
	must(t, s.Deny(desk, discordtest.SendInThreads))
	e.want(t, "CHANNEL_UPDATE")
	call(t, s, "POST", path, object{"content": "x"}).want(t, 403, 50013)
	must(t, s.Deny(desk, discordtest.ReadMessageHistory))
	call(t, s, "GET", path, nil).want(t, 403, 50013)
	call(t, s, "POST", path, object{"content": "x"}).want(t, 200, 0)
	must(t, s.Deny(desk, discordtest.AttachFiles|discordtest.EmbedLinks))
	upload(t, s, "POST", path, object{}, discordtest.File{Name: "a.txt", Data: []byte("a")}).want(t, 403, 50013)
	call(t, s, "POST", path, object{"embeds": []object{{"title": "dropped"}}}).want(t, 400, 50006)
	must(t, s.Deny(desk, discordtest.ViewChannel))
	for _, p := range []string{"/channels/" + desk, "/channels/" + th, path} {
		call(t, s, "GET", p, nil).want(t, 403, 50001)
	}
	id := value[string](t)(s.Say(ana, desk, "unseen"))
	must(t, s.Deny(desk, 0))
	seen := value[string](t)(s.Say(ana, desk, "seen"))
	for {
		ev := e.want(t, "MESSAGE_CREATE").Struct.(*discordgo.MessageCreate)
		if ev.ID == id {
			t.Error("the bot was told of a message in a channel that it does not see")
		}
		if ev.ID == seen {
			break
		}
	}
	call(t, s, "DELETE", "/channels/"+desk, nil).want(t, 403, 50013)
	must(t, s.DeleteChannel(th))
	e.want(t, "THREAD_DELETE")
	call(t, s, "POST", path, object{"content": "x"}).want(t, 404, 10003)
	must(t, s.DeleteChannel(desk))
	e.want(t, "CHANNEL_DELETE")
	call(t, s, "POST", "/channels/"+desk+"/messages", object{"content": "x"}).want(t, 404, 10003)
}
