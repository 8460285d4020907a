package telegram_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/adaptertest"
	"github.com/skeindesk/skein/adapters/telegram"
	"github.com/skeindesk/skein/adapters/telegram/telegramtest"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// line is a line of an agent's for Vera.
func line(text string, files ...bridge.File) bridge.Delivery {
	return bridge.Delivery{Thread: "7001", Entry: bridge.Entry{
		Conversation: 12, Seq: 3, Kind: bridge.Said, Audience: bridge.Everyone,
		By: bridge.Speaker{Kind: bridge.ByAgent, Name: "Ana"}, Body: rich.Of(text), Files: files,
	}}
}

func render(t *testing.T, a *telegram.Adapter, text string) []bridge.Part {
	t.Helper()
	return parts(t, a, line(text))
}

func parts(t *testing.T, a *telegram.Adapter, d bridge.Delivery) []bridge.Part {
	t.Helper()
	list, err := a.Render(d)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// deliver sends all parts and returns where they landed.
func deliver(t *testing.T, a *telegram.Adapter, d bridge.Delivery) []bridge.Landed {
	t.Helper()
	var landed []bridge.Landed
	for i, p := range parts(t, a, d) {
		sent, err := a.Send(t.Context(), p)
		if err != nil {
			t.Fatalf("part %d: %v", i, err)
		}
		landed = append(landed, bridge.Landed{Part: i, Message: sent.Message})
	}
	return landed
}

func amended(kind bridge.EntryKind, landed []bridge.Landed, text string, files ...bridge.File) bridge.Delivery {
	d := line(text, files...)
	d.Entry.Kind, d.Landed = kind, landed
	return d
}

// stage is a simulated Telegram in which Vera has written, and an adapter that has these files.
func stage(t *testing.T) (*telegramtest.Server, *telegram.Adapter, adaptertest.Files) {
	server := newServer(t, telegramtest.Options{})
	files := adaptertest.Files{}
	a := newAdapter(t, server, func(c *telegram.Config) { c.Files = files })
	post(t, server, telegramtest.Draft{Text: "hello"})
	return server, a, files
}

// shown is what Vera sees of the bot.
func shown(server *telegramtest.Server) []telegramtest.Message {
	return slices.DeleteFunc(server.Chat(vera), func(m telegramtest.Message) bool { return m.From == vera })
}

func TestLongTextArrivesWhole(t *testing.T) {
	server, a, _ := stage(t)
	text := strings.TrimSpace(strings.Repeat("👨‍👩‍👧‍👦 many words. ", 900))
	landed := deliver(t, a, line(text))
	var got []string
	for _, m := range shown(server) {
		got = append(got, m.Text)
	}
	if len(landed) < 3 || strings.Join(got, " ") != text {
		t.Errorf("%d messages show %d of %d bytes", len(landed), len(strings.Join(got, " ")), len(text))
	}
	deliver(t, a, amended(bridge.Edited, landed, "short"))
	if all := shown(server); len(all) != 1 || all[0].Text != "short" {
		t.Errorf("after the edit this is seen: %+v", all)
	}
}

func TestFormattingArrives(t *testing.T) {
	server, a, _ := stage(t)
	d := line("")
	d.Entry.Body = rich.Doc{{Kind: rich.Paragraph, Children: []rich.Node{
		{Kind: rich.Text, Text: "👍🏽 "},
		{Kind: rich.Bold, Children: []rich.Node{{Kind: rich.Text, Text: "bold"}}},
		{Kind: rich.Text, Text: " <b>*_x_*</b> "},
		{Kind: rich.Link, URL: "https://shop.example.com/", Children: []rich.Node{{Kind: rich.Text, Text: "shop"}}},
	}}}
	deliver(t, a, d)
	m := shown(server)[0]
	var got []string
	for _, e := range m.Entities {
		got = append(got, e.Type+":"+e.Of(m.Text)+e.URL)
	}
	if m.Text != "👍🏽 bold <b>*_x_*</b> shop" || !slices.Equal(got, []string{"bold:bold", "text_link:shophttps://shop.example.com/"}) {
		t.Errorf("Vera sees %q with %q", m.Text, got)
	}
}

func TestAnswers(t *testing.T) {
	server, a, _ := stage(t)
	hello := server.Chat(vera)[0].ID
	d := line("yes")
	d.Landed = []bridge.Landed{{Message: ref(vera, hello)}}
	deliver(t, a, d)
	if m := shown(server)[0]; m.ReplyTo != hello {
		t.Errorf("the answer is to %d, want %d", m.ReplyTo, hello)
	}
	if err := server.Delete(vera, vera, hello); err != nil {
		t.Fatal(err)
	}
	deliver(t, a, d)
	if n := len(shown(server)); n != 2 {
		t.Errorf("an answer to what is gone was not sent; %d are seen", n)
	}
}

func picture(t *testing.T) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 20, 10))
	img.Set(1, 1, color.White)
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestFilesByTheirForm(t *testing.T) {
	server, a, files := stage(t)
	files["pic"], files["bad"], files["doc"], files["voice"] = picture(t), []byte("no picture"), []byte("%PDF"), []byte("OggS")
	for _, c := range []struct {
		f    bridge.File
		kind string
	}{
		{bridge.File{ID: "pic", Name: "p.png", Type: "image/png", Width: 20, Height: 10}, "photo"},
		{bridge.File{ID: "pic", Name: "p.png", Type: "image/png"}, "document"},
		{bridge.File{ID: "pic", Name: "p.png", Type: "image/png", Width: 20000, Height: 10}, "document"},
		{bridge.File{ID: "bad", Name: "p.png", Type: "image/png", Width: 20, Height: 10}, "document"}, // Telegram refuses the photo
		{bridge.File{ID: "doc", Name: "a.pdf", Type: "application/pdf"}, "document"},
		{bridge.File{ID: "voice", Name: "v.ogg", Type: "audio/ogg"}, "voice"},
	} {
		c.f.Size = int64(len(files[c.f.ID]))
		landed := deliver(t, a, line("caption", c.f))
		all := shown(server)
		m := all[len(all)-1]
		if m.Kind != c.kind || m.Text != "caption" || m.File == nil || !bytes.Equal(m.File.Data, files[c.f.ID]) || !strings.HasSuffix(string(landed[0].Message), "/m") {
			t.Errorf("%+v is seen as %+v (%s)", c.f, m, landed[0].Message)
		}
		deliver(t, a, amended(bridge.Edited, landed, "better", c.f))
		deliver(t, a, amended(bridge.Edited, landed, "better", c.f)) // again: not modified
		all = shown(server)
		if m = all[len(all)-1]; m.Text != "better" {
			t.Errorf("the edited caption of %+v is %q", c.f, m.Text)
		}
	}
}

func TestSeveralFilesAndTheWithdrawalOfOne(t *testing.T) {
	server, a, files := stage(t)
	var list []bridge.File
	for _, id := range []bridge.FileID{"a", "b", "c"} {
		files[id] = []byte("bytes of " + id)
		list = append(list, bridge.File{ID: id, Name: string(id) + ".txt", Type: "text/plain", Size: int64(len(files[id]))})
	}
	landed := deliver(t, a, line("three files", list...))
	see := func() (names []string) {
		for _, m := range shown(server) {
			name := m.Text
			if m.File != nil {
				name += "[" + m.File.Name + "]"
			}
			names = append(names, name)
		}
		return names
	}
	if got := see(); !slices.Equal(got, []string{"three files[a.txt]", "[b.txt]", "[c.txt]"}) {
		t.Fatalf("Vera sees %q", got)
	}
	deliver(t, a, amended(bridge.Edited, landed, "two files", list[1:]...))
	if got := see(); !slices.Equal(got, []string{"two files[b.txt]", "[c.txt]"}) {
		t.Errorf("after a.txt was withdrawn Vera sees %q", got)
	}
	deliver(t, a, amended(bridge.Deleted, landed[:2], ""))
	if got := see(); len(got) != 0 {
		t.Errorf("after the deletion Vera sees %q", got)
	}
}

func TestACaptionThatIsTooLong(t *testing.T) {
	server, a, files := stage(t)
	files["doc"] = []byte("%PDF")
	text := strings.TrimSpace(strings.Repeat("many words ", 200))
	deliver(t, a, line(text, bridge.File{ID: "doc", Name: "a.pdf", Type: "application/pdf", Size: 4}))
	all := shown(server)
	if len(all) != 2 || all[0].File == nil || all[0].Text != "" || all[1].Text != text {
		t.Errorf("Vera sees %+v", all)
	}
}

func TestFilesThatCannotBeSent(t *testing.T) {
	server, a, files := stage(t)
	files["f"] = []byte("bytes")
	for want, f := range map[string]bridge.File{
		"is empty":   {ID: "f", Name: "a.txt"},
		"50 MB":      {ID: "f", Name: "a.txt", Size: 60 << 20},
		"no longer":  {ID: "gone", Name: "a.txt", Size: 5},
		"this file.": {ID: "f", Name: "refused.txt", Size: 5},
	} {
		if f.Name == "refused.txt" {
			server.Fail(telegramtest.Fault{Method: "sendDocument", Times: 1, Status: http.StatusBadRequest, Error: "Bad Request: wrong file type"})
		}
		_, err := a.Send(t.Context(), parts(t, a, line("x", f))[0])
		if failed := bridge.AsFailure(err); failed.Verdict != bridge.GiveUp || !strings.Contains(failed.Public, want) {
			t.Errorf("%+v: %v with %q, want %q", f, failed.Verdict, failed.Public, want)
		}
	}
	server.Fail(telegramtest.Fault{Method: "sendDocument", Times: 1, Status: http.StatusBadRequest, Error: "Bad Request: wrong file type"})
	deliver(t, a, line("x", bridge.File{ID: "f", Name: "a.txt", Size: 5, Link: "https://shop.example.com/f"}))
	if all := shown(server); len(all) != 1 || !strings.HasPrefix(all[0].Text, "x\n") || !strings.Contains(all[0].Text, "a.txt") {
		t.Errorf("a refused file with a link is seen as %+v", all)
	}
}

func TestDeletingAndEditingWhatIsOldOrGone(t *testing.T) {
	server, a, _ := stage(t)
	landed := deliver(t, a, line("old"))
	server.Advance(49 * time.Hour)
	_, err := a.Send(t.Context(), parts(t, a, amended(bridge.Deleted, landed, ""))[0])
	if f := bridge.AsFailure(err); f.Verdict != bridge.GiveUp || !strings.Contains(f.Public, "older than 48 hours") {
		t.Errorf("deleting what is old gives %v", err)
	}
	deliver(t, a, amended(bridge.Edited, landed, "old, and edited"))
	if all := shown(server); all[0].Text != "old, and edited" {
		t.Errorf("Vera sees %+v", all)
	}
	_, id := spot(landed[0].Message)
	if err := server.Delete(vera, vera, id); err != nil {
		t.Fatal(err)
	}
	deliver(t, a, amended(bridge.Edited, landed, "edited when it was gone"))
	deliver(t, a, amended(bridge.Deleted, landed, ""))
}

func TestPeopleWhoCannotBeReached(t *testing.T) {
	server, a, _ := stage(t)
	stranger := line("x")
	stranger.Thread = "99"
	_, err := a.Send(t.Context(), parts(t, a, stranger)[0])
	if f := bridge.AsFailure(err); f.Verdict != bridge.GiveUp || !strings.Contains(f.Public, "cannot be reached") {
		t.Errorf("an unknown chat gives %v", err)
	}
	if err := server.Deactivate(vera); err != nil {
		t.Fatal(err)
	}
	_, err = a.Send(t.Context(), render(t, a, "x")[0])
	if f := bridge.AsFailure(err); f.Verdict != bridge.GiveUp || !strings.Contains(f.Public, "no longer exists") {
		t.Errorf("a deleted account gives %v", err)
	}
}

func TestAChatThatHasMoved(t *testing.T) {
	const group, super = -500, -1000500
	server := newServer(t, telegramtest.Options{Chats: []telegramtest.Chat{{ID: group, Type: "group", Members: []int64{vera}}}})
	a := newAdapter(t, server, nil)
	if err := server.Upgrade(group, super); err != nil {
		t.Fatal(err)
	}
	d := line("still here")
	d.Thread = "-500"
	for range 2 {
		landed := deliver(t, a, d)
		if chat, _ := spot(landed[0].Message); chat != super {
			t.Errorf("the message landed in %d", chat)
		}
	}
	if n := len(server.Calls("sendMessage", group)); n != 1 {
		t.Errorf("the old chat was tried %d times", n)
	}
}
