package slacktest_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
)

func TestUploadFlow(t *testing.T) {
	s, c := start(t, func(o *slacktest.Options) { o.ShareDelay = 10 * time.Millisecond })
	shared := make(chan string, 8)
	connect(t, s, func(e socketmode.Event) bool {
		if m := messageOf(e); m != nil && m.SubType == "file_share" {
			shared <- m.Message.Files[0].ID
		}
		return true
	})
	await(t, s, connected(1))
	root := post(t, c, desk, slack.MsgOptionText("root", false))
	data := "the bytes"
	sum, err := c.UploadFileContext(t.Context(), slack.UploadFileParameters{
		Filename: "note.txt", Title: "Note",
		Reader: strings.NewReader(data), FileSize: len(data), Channel: desk, ThreadTimestamp: root, InitialComment: "see",
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := <-shared; got != sum.ID {
		t.Fatalf("shared %s, uploaded %s", got, sum.ID)
	}
	thread := s.Thread(desk, root)
	if len(thread) != 2 || thread[1].Text != "see" || len(thread[1].Files) != 1 || thread[1].Files[0].Title != "Note" {
		t.Fatalf("thread %+v", thread)
	}
	info, _, _, err := c.GetFileInfoContext(t.Context(), sum.ID, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if place := info.Shares.Public[desk]; len(place) != 1 || place[0].Ts != thread[1].TS || place[0].ThreadTs != root {
		t.Fatalf("shares %+v", info.Shares)
	}
	var got bytes.Buffer
	if err := c.GetFileContext(t.Context(), info.URLPrivateDownload, &got); err != nil || got.String() != data {
		t.Fatalf("download %q, %v", got.String(), err)
	}
	if page := fetch(t, info.URLPrivate); !strings.Contains(page, "Sign in") {
		t.Fatalf("without a token: %q", page)
	}
	if err := c.DeleteFileContext(t.Context(), sum.ID); err != nil {
		t.Fatal(err)
	}
	if m := s.Thread(desk, root)[1]; !m.Files[0].Deleted || m.Deleted {
		t.Fatalf("after deletion %+v", m)
	}
}

func TestPersonDeletesAFile(t *testing.T) {
	s, _ := start(t, nil)
	w := watch(t, s)
	root, err := s.Say(ana, desk, "", "hello")
	must(t, err)
	w.want("message", "")
	ts, err := s.Upload(ana, desk, root, "a.txt", []byte("a"), "see")
	must(t, err)
	file := s.Thread(desk, root)[1].Files[0].ID
	if s.DeleteFile(ben, file) == nil || s.DeleteFile(ana, "F-unknown") == nil {
		t.Error("somebody else's file, or none, was deleted")
	}
	must(t, s.DeleteFile(ana, file))
	if s.DeleteFile(ana, file) == nil {
		t.Error("a file was deleted twice")
	}
	for {
		e := w.next()
		if e["subtype"] != "message_changed" {
			continue
		}
		now, before := e["message"].(map[string]any), e["previous_message"].(map[string]any)
		mode := func(m map[string]any) any { return m["files"].([]any)[0].(map[string]any)["mode"] }
		if now["ts"] != ts || now["edited"] != nil || now["text"] != "see" || mode(now) != "tombstone" || mode(before) != "hosted" {
			t.Errorf("the event is %v", e)
		}
		return
	}
}

// fetch gets a page without credentials; it must answer 200.
func fetch(t *testing.T, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("status %d, %v", resp.StatusCode, err)
	}
	return string(body)
}

func TestUploadRefusals(t *testing.T) {
	s, c := start(t, nil)
	up, err := c.GetUploadURLExternalContext(t.Context(), slack.GetUploadURLExternalParameters{FileName: "a.txt", FileSize: 3})
	if err != nil {
		t.Fatal(err)
	}
	complete := func() error {
		_, err := c.CompleteUploadExternalContext(t.Context(), slack.CompleteUploadExternalParameters{
			Files: []slack.FileSummary{{ID: up.FileID}}, Channel: desk,
		})
		return err
	}
	wantError(t, complete(), "file_not_found")
	if err := c.UploadToURL(t.Context(), slack.UploadToURLParameters{UploadURL: up.UploadURL, Filename: "a.txt", Content: "too long"}); err == nil {
		t.Fatal("more bytes than announced were taken")
	}
	if err := c.UploadToURL(t.Context(), slack.UploadToURLParameters{UploadURL: up.UploadURL, Filename: "a.txt", Content: "abc"}); err != nil {
		t.Fatal(err)
	}
	if err := complete(); err != nil {
		t.Fatal(err)
	}
	wantError(t, complete(), "file_not_found")
	if posted := s.Channel(desk); len(posted) != 1 {
		t.Fatalf("channel %+v", posted)
	}
}

func TestUploadUnderVisitorsName(t *testing.T) {
	s, c := start(t, nil)
	up, err := c.GetUploadURLExternalContext(t.Context(), slack.GetUploadURLExternalParameters{FileName: "a.png", FileSize: 3})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.UploadToURL(t.Context(), slack.UploadToURLParameters{UploadURL: up.UploadURL, Filename: "a.png", Content: "abc"}); err != nil {
		t.Fatal(err)
	}
	err = rawCall(t, s, "files.completeUploadExternal", map[string]any{
		"files":      []map[string]string{{"id": up.FileID}},
		"channel_id": desk, "username": "Visitor", "icon_url": "https://example.com/v.png",
	})
	if err != nil {
		t.Fatal(err)
	}
	if m := s.Channel(desk)[0]; m.Username != "Visitor" || m.Subtype != "file_share" || m.Files[0].Mimetype != "image/png" {
		t.Fatalf("message %+v", m)
	}
}

func TestPersonsUpload(t *testing.T) {
	s, c := start(t, nil)
	ts, err := s.Upload(ana, desk, "", "menu.pdf", []byte("%PDF-1.4"), "our menu")
	if err != nil {
		t.Fatal(err)
	}
	page, err := c.GetConversationHistoryContext(t.Context(), &slack.GetConversationHistoryParameters{ChannelID: desk})
	if err != nil {
		t.Fatal(err)
	}
	m := page.Messages[0]
	if m.Timestamp != ts || m.SubType != "file_share" || len(m.Files) != 1 || m.Files[0].Mimetype != "application/pdf" {
		t.Fatalf("message %+v", m.Msg)
	}
	wantError(t, c.DeleteFileContext(t.Context(), m.Files[0].ID), "cant_delete_file")
}

// A canvas is a file whose bytes are a page.
func TestCanvas(t *testing.T) {
	s, c := start(t, nil)
	ts, err := s.Post(ana, desk, slacktest.Draft{Files: []slacktest.Upload{{Name: "Plan", Data: []byte("<h1>Plan</h1>"), Canvas: true}}})
	must(t, err)
	var id string
	s.Look(func(v slacktest.State) {
		m, _ := v.Message(ts)
		id = m.Files[0].ID
	})
	info, _, _, err := c.GetFileInfoContext(t.Context(), id, 0, 0)
	must(t, err)
	if info.Mode != "quip" || info.Mimetype != "application/vnd.slack-docs" {
		t.Errorf("the canvas is %+v", info)
	}
	var got bytes.Buffer
	if err := c.GetFileContext(t.Context(), info.URLPrivateDownload, &got); err != nil || got.String() != "<h1>Plan</h1>" {
		t.Errorf("download %q, %v", got.String(), err)
	}
}

// Blocks say what files are about as well as a comment does, and beside one they would count for nothing.
func TestUploadWithBlocks(t *testing.T) {
	s, c := start(t, nil)
	blocks := slack.Blocks{BlockSet: []slack.Block{slack.NewRichTextBlock("", slack.NewRichTextSection(slack.NewRichTextSectionTextElement("see <this>", nil)))}}
	_, err := c.UploadFileContext(t.Context(), slack.UploadFileParameters{
		Filename: "a.txt", Reader: strings.NewReader("a"), FileSize: 1, Channel: desk, Blocks: blocks,
	})
	must(t, err)
	if m := s.Channel(desk)[0]; m.Text != "see &lt;this&gt;" || !strings.Contains(string(m.Blocks), "see <this>") && !strings.Contains(string(m.Blocks), "see \\u003c") {
		t.Errorf("the message is %+v", m)
	}
}
