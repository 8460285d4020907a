package telegramtest_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/skeindesk/skein/adapters/telegram/telegramtest"
)

func picture(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// send uploads files under their field names.
func send(bot *tgbotapi.BotAPI, method string, p tgbotapi.Params, files map[string][]byte) (*tgbotapi.APIResponse, error) {
	var list []tgbotapi.RequestFile
	for field, data := range files {
		list = append(list, tgbotapi.RequestFile{Name: field, Data: tgbotapi.FileBytes{Name: field + ".bin", Bytes: data}})
	}
	return bot.UploadFiles(method, p, list)
}

func wantRefusal(t *testing.T, err error, text string) {
	t.Helper()
	var e *tgbotapi.Error
	if !errors.As(err, &e) || e.Message != text {
		t.Fatalf("got error %v, want %s", err, text)
	}
}

// fetch downloads a file by its id.
func fetch(t *testing.T, s *telegramtest.Server, bot *tgbotapi.BotAPI, id string) (int, []byte) {
	t.Helper()
	f := do[tgbotapi.File](t, bot, "getFile", "file_id", id)
	return download(t, s, f.FilePath)
}

func download(t *testing.T, s *telegramtest.Server, path string) (int, []byte) {
	t.Helper()
	c := &http.Client{Transport: quietTransport}
	resp, err := c.Get(s.URL() + "/file/bot" + s.Options().Token + "/" + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, data
}

func TestUploadsComeBackByteForByte(t *testing.T) {
	s, bot := start(t, nil)
	sayAll(t, s, "hi")
	for kind, data := range map[string][]byte{
		"photo": picture(t, 300, 200), "document": []byte("some words"), "voice": []byte("OggS…"), "video": []byte("film"),
		"audio": []byte("song"), "animation": []byte("loop"), "sticker": []byte("RIFFWEBP"),
	} {
		pairs := []any{"chat_id", vera}
		if kind != "sticker" {
			pairs = append(pairs, "caption", "about "+kind)
		}
		method := "send" + strings.ToUpper(kind[:1]) + kind[1:]
		if _, err := send(bot, method, params(pairs...), map[string][]byte{kind: data}); err != nil {
			t.Fatalf("%s: %v", method, err)
		}
		seen := s.Chat(vera)
		m := seen[len(seen)-1]
		if m.Kind != kind || m.File == nil || !bytes.Equal(m.File.Data, data) || kind != "sticker" && m.Text != "about "+kind {
			t.Fatalf("%s: the person sees %+v", kind, m)
		}
		if _, got := fetch(t, s, bot, m.File.ID); !bytes.Equal(got, data) {
			t.Fatalf("%s: came back as %d bytes", kind, len(got))
		}
		again := do[tgbotapi.Message](t, bot, method, "chat_id", vera, kind, m.File.ID) // the same file once more
		if again.MessageID == int(m.ID) {
			t.Fatal("not sent again")
		}
	}
}

func TestPeoplesFiles(t *testing.T) {
	s, bot := start(t, nil)
	photo := picture(t, 640, 480)
	for _, a := range []*telegramtest.Attachment{
		telegramtest.Photo(photo), telegramtest.Document("a.pdf", "application/pdf", []byte("%PDF")),
		telegramtest.Voice(3, []byte("OggS")), telegramtest.Sticker("👍"), telegramtest.Location(52.5, 13.4),
		telegramtest.Card(telegramtest.Contact{Phone: "+49", FirstName: "W", UserID: willi}),
	} {
		must(s.Post(vera, vera, telegramtest.Draft{Attach: a}))(t)
	}
	got := updates(t, bot, 0)
	if len(got) != 6 {
		t.Fatalf("got %d updates", len(got))
	}
	sizes := got[0].Message.Photo
	if len(sizes) != 2 || sizes[1].Width != 640 || sizes[0].Width != 90 {
		t.Fatalf("photo %+v", sizes)
	}
	if _, data := fetch(t, s, bot, sizes[1].FileID); !bytes.Equal(data, photo) {
		t.Fatal("the photo changed")
	}
	if d := got[1].Message.Document; d.FileName != "a.pdf" || d.MimeType != "application/pdf" || d.FileSize != 4 {
		t.Fatalf("document %+v", d)
	}
	if got[2].Message.Voice.Duration != 3 || got[3].Message.Sticker.Emoji != "👍" || got[4].Message.Location.Latitude != 52.5 || got[5].Message.Contact.UserID != willi {
		t.Fatalf("got %+v", got)
	}
}

func TestPeopleSwapFiles(t *testing.T) {
	s, bot := start(t, nil)
	id := must(s.Post(vera, vera, telegramtest.Draft{Text: "look", Attach: telegramtest.Document("a", "", []byte("x"))}))(t)
	if err := s.Swap(vera, vera, id, telegramtest.Photo(picture(t, 10, 10))); err != nil {
		t.Fatal(err)
	}
	m := updates(t, bot, 0)[1].Edited
	if m.Document != nil || len(m.Photo) != 1 || m.Caption != "look" {
		t.Fatalf("got %+v", m)
	}
}

func TestFileLimits(t *testing.T) {
	s, bot := start(t, nil)
	must(s.Post(vera, vera, telegramtest.Draft{Attach: &telegramtest.Attachment{Kind: "document", Name: "big", Size: 21 << 20, Data: []byte("x")}}))(t)
	id := updates(t, bot, 0)[0].Message.Document.FileID
	refused(t, bot, 400, "Bad Request: file is too big", "getFile", "file_id", id)
	refused(t, bot, 400, "Bad Request: wrong file_id or the file is temporarily unavailable", "getFile", "file_id", "nonsense")
	to := params("chat_id", vera)
	_, err := send(bot, "sendDocument", to, map[string][]byte{"document": nil})
	wantRefusal(t, err, "Bad Request: file must be non-empty")
	_, err = send(bot, "sendPhoto", to, map[string][]byte{"photo": []byte("no picture")})
	wantRefusal(t, err, "Bad Request: IMAGE_PROCESS_FAILED")
	_, err = send(bot, "sendPhoto", to, map[string][]byte{"photo": picture(t, 2100, 100)})
	wantRefusal(t, err, "Bad Request: PHOTO_INVALID_DIMENSIONS")
	_, err = send(bot, "sendPhoto", to, map[string][]byte{"photo": make([]byte, 10<<20+1)})
	wantRefusal(t, err, "Bad Request: file of size 10485761 bytes is too big for a photo; the maximum size is 10485760 bytes")
	_, err = send(bot, "sendDocument", to, map[string][]byte{"document": make([]byte, 50<<20+1)})
	wantRefusal(t, err, "Request Entity Too Large")
	_, err = send(bot, "sendDocument", params("chat_id", vera, "caption", strings.Repeat("x", 1025)), map[string][]byte{"document": []byte("x")})
	wantRefusal(t, err, "Bad Request: message caption is too long")
	refused(t, bot, 400, "Bad Request: wrong file identifier/HTTP URL specified", "sendDocument", "chat_id", vera, "document", "https://x.example/a")
}

func TestLinksToFilesExpire(t *testing.T) {
	s, bot := start(t, nil)
	must(s.Post(vera, vera, telegramtest.Draft{Attach: telegramtest.Document("a", "", []byte("x"))}))(t)
	f := do[tgbotapi.File](t, bot, "getFile", "file_id", updates(t, bot, 0)[0].Message.Document.FileID)
	if status, _ := download(t, s, f.FilePath); status != 200 {
		t.Fatalf("status %d", status)
	}
	s.Advance(61 * time.Minute)
	if status, _ := download(t, s, f.FilePath); status != 404 {
		t.Fatalf("status %d", status)
	}
}

// media describes items of these kinds, the first with a caption, attached as f0, f1, …
func media(kinds ...string) (list []map[string]any, files map[string][]byte) {
	files = map[string][]byte{}
	for i, kind := range kinds {
		name := fmt.Sprintf("f%d", i)
		item := map[string]any{"type": kind, "media": "attach://" + name}
		if i == 0 {
			item["caption"] = "the caption"
		}
		list, files[name] = append(list, item), []byte(name)
	}
	return list, files
}

func TestAlbums(t *testing.T) {
	s, bot := start(t, nil)
	sayAll(t, s, "hi")
	list, files := media("document", "document", "document")
	if _, err := send(bot, "sendMediaGroup", params("chat_id", vera, "media", list), files); err != nil {
		t.Fatal(err)
	}
	seen := s.Chat(vera)[1:]
	if len(seen) != 3 || seen[0].Group == "" || seen[2].Group != seen[0].Group || seen[0].Text != "the caption" || seen[1].Text != "" || string(seen[2].File.Data) != "f2" {
		t.Fatalf("the person sees %+v", seen)
	}
	list, files = media("document", "photo")
	files["f1"] = picture(t, 10, 10)
	_, err := send(bot, "sendMediaGroup", params("chat_id", vera, "media", list), files)
	wantRefusal(t, err, "Bad Request: photo can't be mixed with other media types")
	list, files = media("document")
	_, err = send(bot, "sendMediaGroup", params("chat_id", vera, "media", list), files)
	wantRefusal(t, err, "Bad Request: media group must include 2-10 items")
	if got := len(s.Chat(vera)); got != 4 {
		t.Fatalf("a refused album left %d messages", got)
	}
}

func TestPeoplesAlbumsComeApart(t *testing.T) {
	s, bot := start(t, nil)
	if _, err := s.Album(vera, vera, "two", telegramtest.Photo(picture(t, 10, 10)), telegramtest.Photo(picture(t, 20, 20))); err != nil {
		t.Fatal(err)
	}
	group := s.NewGroup()
	must(s.Post(vera, vera, telegramtest.Draft{Group: group, Text: "late", Attach: telegramtest.Photo(picture(t, 10, 10))}))(t)
	sayAll(t, s, "between")
	must(s.Post(vera, vera, telegramtest.Draft{Group: group, Attach: telegramtest.Photo(picture(t, 10, 10))}))(t)
	got := updates(t, bot, 0)
	if len(got) != 5 || got[0].Message.MediaGroupID != got[1].Message.MediaGroupID || got[0].Message.Caption != "two" || got[1].Message.Caption != "" ||
		got[2].Message.MediaGroupID != got[4].Message.MediaGroupID || got[2].Message.MediaGroupID == got[0].Message.MediaGroupID {
		t.Fatalf("got %+v", got)
	}
}

func TestCaptionsAndMediaAreEdited(t *testing.T) {
	s, bot := start(t, nil)
	sayAll(t, s, "hi")
	if _, err := send(bot, "sendDocument", params("chat_id", vera, "caption", "one"), map[string][]byte{"document": []byte("a")}); err != nil {
		t.Fatal(err)
	}
	m := s.Chat(vera)[1]
	refused(t, bot, 400, "Bad Request: there is no text in the message to edit", "editMessageText", "chat_id", vera, "message_id", m.ID, "text", "x")
	do[tgbotapi.Message](t, bot, "editMessageCaption", "chat_id", vera, "message_id", m.ID, "caption", "two")
	if got := s.Chat(vera)[1]; got.Text != "two" || string(got.File.Data) != "a" {
		t.Fatalf("got %+v", got)
	}
	list, files := media("document")
	if _, err := send(bot, "editMessageMedia", params("chat_id", vera, "message_id", m.ID, "media", list[0]), files); err != nil {
		t.Fatal(err)
	}
	if got := s.Chat(vera)[1]; got.Text != "the caption" || string(got.File.Data) != "f0" {
		t.Fatalf("got %+v", got)
	}
	text := do[tgbotapi.Message](t, bot, "sendMessage", "chat_id", vera, "text", "plain")
	refused(t, bot, 400, "Bad Request: there is no caption in the message to edit", "editMessageCaption", "chat_id", vera, "message_id", text.MessageID, "caption", "x")
}
