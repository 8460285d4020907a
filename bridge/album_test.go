package bridge_test

import (
	"slices"
	"testing"
	"testing/synctest"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// An album that was logged when some of it had come, and is offered again whole, gets the rest and nothing twice.
func TestAnAlbumCutInHalf(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		item := func(key, file, caption string) bridge.Inbound {
			return bridge.Inbound{
				Endpoint: "shop", Key: key, Kind: bridge.InSaid, Thread: "chat/vera", Message: bridge.MessageRef(key),
				From: bridge.Person{ID: "vera", Name: "vera"}, Body: rich.Of(caption), Files: []bridge.FileRef{{Ref: file, Name: file}},
			}
		}
		whole := func(items ...bridge.Inbound) bridge.Inbound {
			in := items[0]
			in.Files, in.Body = nil, nil
			for _, it := range items {
				in.Files = append(in.Files, it.Files...)
				in.Body = append(in.Body, it.Body...)
			}
			in.Album = items
			return in
		}
		one, two, three, four := item("1", "a", "album"), item("2", "b", ""), item("3", "c", "third"), item("4", "d", "")
		w.must(w.desk.Receive(w.ctx, whole(one, two)))
		w.must(w.desk.Receive(w.ctx, four)) // a late item that was logged by itself
		for range 2 {
			w.must(w.desk.Receive(w.ctx, whole(one, two, three, four)))
		}
		entry, err := w.store.EntryByKey(w.ctx, "shop", "1")
		w.must(err)
		log, err := w.store.Log(w.ctx, entry.Conversation)
		w.must(err)
		var got []string
		for _, en := range log {
			line := rich.Plain(en.Body)
			for _, f := range en.Files {
				line += "[" + f.Name + "]"
			}
			got = append(got, line)
		}
		if want := []string{"album[a][b]", "[d]", "third[c]"}; !slices.Equal(got, want) {
			t.Errorf("the log holds %q, want %q", got, want)
		}
	})
}

// What a platform tells of a visitor goes to the agents, once; it opens no conversation.
func TestWhatAPlatformTellsOfAVisitor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		told := bridge.Inbound{
			Endpoint: "shop", Key: "blocked", Kind: bridge.InNoticed, Thread: "chat/vera",
			From: bridge.Person{ID: "vera", Name: "vera"}, Body: rich.Of("The visitor has blocked the bot."),
		}
		w.must(w.desk.Receive(w.ctx, told))
		if all := w.team.Ever("blocked"); len(all) > 0 {
			t.Errorf("without a conversation agents see %q", all)
		}
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		for range 2 {
			w.must(w.desk.Receive(w.ctx, told))
		}
		w.sees(w.team, thread, "vera: Hello", "Skein: The visitor has blocked the bot.")
		if all := w.shop.Ever("blocked"); len(all) > 0 {
			t.Errorf("the visitor could read %q", all)
		}
	})
}

func TestAVisitorsHandleAndLanguage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.must(w.desk.Receive(w.ctx, bridge.Inbound{
			Endpoint: "shop", Key: "1", Kind: bridge.InSaid, Thread: "chat/vera", Message: "1", Body: rich.Of("Hello"),
			From: bridge.Person{ID: "vera", Name: "Vera", Locale: "fr", Handle: "@vera_m"},
		}))
		v, err := w.store.Visitor(w.ctx, "shop", "vera")
		w.must(err)
		if v.Locale != "fr" || v.Profile.Attributes["username"] != "@vera_m" || v.Profile.Name != "Vera" {
			t.Errorf("the visitor is %+v", v)
		}
	})
}
