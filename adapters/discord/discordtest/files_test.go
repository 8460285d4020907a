package discordtest_test

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"testing"
	"time"

	"github.com/bwmarrin/discordgo"

	"github.com/skeindesk/skein/adapters/discord/discordtest"
)

func get(t *testing.T, address string) (int, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	must(t, err)
	r, err := do(t, req)
	must(t, err)
	return r.status, r.body
}

func TestFiles(t *testing.T) {
	s := start(t, func(o *discordtest.Options) { o.MaxFile, o.MaxRequest = 1000, 2500 })
	dg := client(t, s)
	e := listen(t, dg)
	var picture bytes.Buffer
	must(t, png.Encode(&picture, image.NewGray(image.Rect(0, 0, 3, 2))))

	sent := value[*discordgo.Message](t)(dg.ChannelMessageSendComplex(desk, &discordgo.MessageSend{
		Content: "see", Files: []*discordgo.File{
			{Name: "a b.png", Reader: bytes.NewReader(picture.Bytes())}, {Name: "empty.txt", Reader: bytes.NewReader(nil)},
		},
	}))
	if len(sent.Attachments) != 2 {
		t.Fatalf("sent %+v", sent)
	}
	a := sent.Attachments[0]
	if a.Filename != "a_b.png" || a.Width != 3 || a.Height != 2 || a.ContentType != "image/png" || a.Size != picture.Len() {
		t.Errorf("attachment %+v", a)
	}
	if status, data := get(t, a.URL); status != 200 || !bytes.Equal(data, picture.Bytes()) {
		t.Errorf("download %d %q", status, data)
	}
	if status, _ := get(t, a.URL[:len(a.URL)-3]); status != 404 {
		t.Error("an address with a wrong signature was good")
	}
	s.ExpireLinks()
	if status, _ := get(t, a.URL); status != 404 {
		t.Error("an expired address was good")
	}
	again := value[*discordgo.Message](t)(dg.ChannelMessage(desk, sent.ID))
	if status, _ := get(t, again.Attachments[0].URL); status != 200 {
		t.Error("reading the message did not renew the address")
	}

	path := "/channels/" + desk + "/messages/" + sent.ID
	call(t, s, "PATCH", path, object{"attachments": []object{{"id": a.ID}}}).want(t, 200, 0)
	upload(t, s, "PATCH", path, object{}, discordtest.File{Name: "c.txt", Data: []byte("c")}).want(t, 200, 0)
	if got := s.Messages(desk)[0].Attachments; len(got) != 2 || got[0].ID != a.ID || got[1].Name != "c.txt" {
		t.Errorf("after the edits %+v", got)
	}
	upload(t, s, "POST", "/channels/"+desk+"/messages", object{"attachments": []object{{"id": "0", "description": "alt", "filename": "d.txt"}}},
		discordtest.File{Name: "x", Data: []byte("d")}).want(t, 200, 0)

	big := discordtest.File{Name: "big", Data: make([]byte, 1001)}
	upload(t, s, "POST", "/channels/"+desk+"/messages", object{}, big).want(t, 413, 40005)
	upload(t, s, "POST", "/channels/"+desk+"/messages", object{}, big, big, big).want(t, 413, 40005)

	for range 2 {
		e.want(t, "MESSAGE_CREATE")
	}
	id := value[string](t)(s.Upload(ana, desk, "cat.txt", []byte("meow"), "my cat"))
	ev := e.want(t, "MESSAGE_CREATE").Struct.(*discordgo.MessageCreate)
	if ev.ID != id || len(ev.Attachments) != 1 {
		t.Fatalf("event %+v", ev.Message)
	}
	must(t, s.RemoveFile(ana, id, ev.Attachments[0].ID))
	if status, _ := get(t, ev.Attachments[0].URL); status != 404 {
		t.Error("a removed file was still there")
	}
	if got := string(s.Data(ev.Attachments[0].ID)); got != "meow" {
		t.Errorf("data %q", got)
	}
}

func TestLinkLife(t *testing.T) {
	s := start(t, func(o *discordtest.Options) { o.LinkLife = time.Millisecond })
	_, err := s.Upload(ana, desk, "a.txt", []byte("a"), "")
	must(t, err)
	var list []struct{ Attachments []struct{ URL string } }
	call(t, s, "GET", "/channels/"+desk+"/messages", nil).into(t, &list)
	time.Sleep(2 * time.Millisecond) // there is no event to await
	if status, _ := get(t, list[0].Attachments[0].URL); status != 404 {
		t.Error("the address outlived its life")
	}
}
