package slack_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/skeindesk/skein/adapters/adaptertest"
	"github.com/skeindesk/skein/adapters/slack"
	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

var files = adaptertest.Files{"f1": []byte("one"), "f2": bytes.Repeat([]byte("2"), 100_000)}

var (
	file1 = bridge.File{ID: "f1", Name: "one.txt", Size: 3}
	file2 = bridge.File{ID: "f2", Name: "two.bin", Size: 100_000}
)

// bounded has what files has, and files that are too large.
type bounded struct{}

func (bounded) OpenFile(ctx context.Context, f bridge.File) (io.ReadCloser, error) {
	if f.ID == "huge" {
		return nil, fmt.Errorf("fetch file: %w", bridge.ErrTooLarge)
	}
	if f.ID == "short" {
		return io.NopCloser(strings.NewReader("ab")), nil
	}
	if f.ID == "endless" {
		return io.NopCloser(iotest.ErrReader(bridge.ErrTooLarge)), nil
	}
	return files.OpenFile(ctx, f)
}

func newFileStage(t *testing.T, opts slacktest.Options) (*slacktest.Server, *slack.Adapter, bridge.ThreadRef, string) {
	t.Helper()
	server := newServer(t, opts)
	a := newAdapter(t, server, func(c *slack.Config) { c.Files = bounded{} })
	ref, root := openThread(t, a)
	return server, a, ref, root
}

func titles(m slacktest.Message) []string {
	var list []string
	for _, f := range m.Files {
		if !f.Deleted {
			list = append(list, f.Title)
		}
	}
	return list
}

func TestUploadIsOneMessage(t *testing.T) {
	server, a, ref, root := newFileStage(t, slacktest.Options{ShareDelay: 120 * time.Millisecond})
	sent, err := a.Send(t.Context(), spoken(t, a, ref, 1, "both <!channel>", file1, file2)[0])
	if err != nil {
		t.Fatal(err)
	}
	thread := server.Thread(desk, root)
	if len(thread) != 2 {
		t.Fatalf("%d messages are in the thread; Send must not return before the files can be seen", len(thread))
	}
	m := thread[1]
	if m.Text != "both &lt;!channel&gt;" || m.Username != "Maria · visitor" || !slices.Equal(titles(m), []string{"one.txt", "two.bin"}) {
		t.Errorf("the message is %+v", m)
	}
	if want := desk + "/" + m.TS + "/" + m.Files[0].ID + "," + m.Files[1].ID; string(sent.Message) != want {
		t.Errorf("it is called %q, want %q", sent.Message, want)
	}
	for op, wanted := range map[bridge.Op]string{bridge.Edit: "a better caption"} {
		p := spoken(t, a, ref, 2, wanted)[0]
		p.Op, p.Message = op, sent.Message
		if edited, err := a.Send(t.Context(), p); err != nil || edited.Message != sent.Message {
			t.Errorf("edit: %+v, %v", edited, err)
		}
		if m := server.Thread(desk, root)[1]; m.Text != wanted || len(titles(m)) != 2 {
			t.Errorf("after the edit the message is %+v", m)
		}
	}
	for range 2 { // the second is a repeat after a crash
		if _, err := a.Send(t.Context(), bridge.Part{Op: bridge.Delete, Thread: ref, Message: sent.Message}); err != nil {
			t.Fatal(err)
		}
	}
	if thread := server.Thread(desk, root); len(thread) != 1 {
		t.Errorf("after the deletion %d messages are left", len(thread)-1)
	}
	for _, f := range m.Files {
		if _, err := a.OpenSource(t.Context(), bridge.FileRef{Ref: f.ID}); !errors.Is(err, bridge.ErrNotFound) {
			t.Errorf("the file is still there: %v", err)
		}
	}
}

// What a visitor writes beside a file is shown as it is: Slack looks for names and addresses in an initial_comment.
func TestUploadShowsTheExactText(t *testing.T) {
	params := make(chan map[string]string, 1)
	server, a, ref, root := newFileStage(t, slacktest.Options{OnCall: func(c slacktest.Call) {
		if c.Method == "files.completeUploadExternal" {
			params <- c.Params
		}
	}})
	const words = "*not bold* @here #desk https://example.com <!channel> & more"
	if _, err := a.Send(t.Context(), spoken(t, a, ref, 1, words, file1)[0]); err != nil {
		t.Fatal(err)
	}
	got := <-params
	var blocks []struct {
		Type     string
		Elements []struct {
			Elements []struct{ Type, Text, URL string }
		}
	}
	err := json.Unmarshal([]byte(got["blocks"]), &blocks)
	if _, said := got["initial_comment"]; said || err != nil || len(blocks) != 1 || blocks[0].Type != "rich_text" {
		t.Fatalf("sent %v", got)
	}
	var shown strings.Builder
	for _, e := range blocks[0].Elements[0].Elements {
		if e.Type != "text" && e.Type != "link" {
			t.Errorf("the visitor calls %+v", e)
		}
		shown.WriteString(cmp.Or(e.Text, e.URL))
	}
	if shown.String() != words {
		t.Errorf("shown is %q", shown.String())
	}
	if m := server.Thread(desk, root)[1]; !strings.Contains(string(m.Blocks), "rich_text") || !strings.Contains(m.Text, "@here") {
		t.Errorf("the message is %+v", m)
	}
	if _, err := a.Send(t.Context(), spoken(t, a, ref, 2, "", file1)[0]); err != nil {
		t.Fatal(err)
	}
	if blocks, has := (<-params)["blocks"]; has {
		t.Errorf("without words the blocks are %s", blocks)
	}
}

func TestUploadIsFound(t *testing.T) {
	server, a, ref, root := newFileStage(t, slacktest.Options{})
	for seq, file := range []bridge.File{file1, file2} {
		if _, err := a.Send(t.Context(), spoken(t, a, ref, int64(seq+1), "", file)[0]); err != nil {
			t.Fatal(err)
		}
	}
	looked := spoken(t, a, ref, 2, "", file2)[0]
	sent, found, err := a.Find(t.Context(), looked)
	thread := server.Thread(desk, root)
	if err != nil || !found || !strings.HasPrefix(string(sent.Message), desk+"/"+thread[2].TS+"/") {
		t.Errorf("Find = %+v, %v, %v", sent, found, err)
	}
	unsent := spoken(t, a, ref, 3, "", file1)[0]
	unsent.After = time.Now().Add(-time.Minute)
	if _, found, err := a.Find(t.Context(), unsent); found || err != nil {
		t.Errorf("one upload is taken for another: %v, %v", found, err)
	}
}

// Slack shows files late. Whoever asks too early must not take them for lost, and send them again.
func TestUploadWhoseAnswerIsLostIsNotDoubled(t *testing.T) {
	completed := make(chan struct{}, 1)
	server, a, ref, root := newFileStage(t, slacktest.Options{OnCall: func(c slacktest.Call) {
		if c.Method == "files.completeUploadExternal" {
			completed <- struct{}{}
		}
	}})
	server.HoldShares(true)
	part := spoken(t, a, ref, 1, "look", file1)[0]
	server.Fail(slacktest.Fault{Method: "files.completeUploadExternal", Times: 1, Act: true, Status: 502})
	type outcome struct {
		sent bridge.Sent
		err  error
	}
	sending := make(chan outcome, 1)
	go func() {
		sent, err := a.Send(t.Context(), part)
		sending <- outcome{sent, err}
	}()
	<-completed
	_, found, err := a.Find(t.Context(), part)
	if f := verdictOf(t, err); found || f.Verdict != bridge.Wait || f.After <= 0 || f.After > 5*time.Second || f.Whole || f.Public == "" {
		t.Errorf("asked before the files can be seen: %v, %+v", found, f)
	}
	server.HoldShares(false)
	out := <-sending
	if out.err != nil {
		t.Errorf("Send leaves open what it could find out: %v", out.err)
	}
	sent, found, err := a.Find(t.Context(), part)
	if err != nil || !found || sent != out.sent {
		t.Errorf("Find = %+v, %v, %v; sent was %+v", sent, found, err, out.sent)
	}
	if n := len(server.Thread(desk, root)); n != 2 {
		t.Errorf("%d messages are in the thread", n-1)
	}
}

func TestFindInADeletedThread(t *testing.T) {
	server, a, ref, root := newFileStage(t, slacktest.Options{})
	if err := server.DeleteMessage(desk, root); err != nil {
		t.Fatal(err)
	}
	for _, p := range []bridge.Part{spoken(t, a, ref, 1, "words")[0], spoken(t, a, ref, 2, "", file1)[0]} {
		if _, found, err := a.Find(t.Context(), p); found || err != nil {
			t.Errorf("Find = %v, %v", found, err)
		}
	}
	server.Fail(slacktest.Fault{Method: "conversations.replies", Error: "message_not_found", Times: 1})
	if _, found, err := a.Find(t.Context(), spoken(t, a, ref, 1, "words")[0]); found || err != nil {
		t.Errorf("without the first message: %v, %v", found, err)
	}
}

func TestUploadThatNeverBecameVisibleIsRetried(t *testing.T) {
	server, a, ref, root := newFileStage(t, slacktest.Options{})
	for name, c := range map[string]struct {
		fault slacktest.Fault
		want  bridge.Verdict
	}{
		"no ticket":       {slacktest.Fault{Method: "files.getUploadURLExternal", Status: 502}, bridge.Retry},
		"bytes lost":      {slacktest.Fault{Method: "upload", Drop: true}, bridge.Retry},
		"bytes refused":   {slacktest.Fault{Method: "upload", Status: 500, Act: true}, bridge.Retry},
		"limited":         {slacktest.Fault{Method: "files.getUploadURLExternal", Status: 429, RetryAfter: time.Second}, bridge.Wait},
		"too large":       {slacktest.Fault{Method: "files.getUploadURLExternal", Error: "file_upload_size_restricted"}, bridge.GiveUp},
		"end is not told": {slacktest.Fault{Method: "files.completeUploadExternal", Status: 502}, bridge.Unsure},
	} {
		c.fault.Times = 1
		server.Fail(c.fault)
		_, err := a.Send(t.Context(), spoken(t, a, ref, 1, "", file1)[0])
		if f := verdictOf(t, err); f.Verdict != c.want {
			t.Errorf("%s: %+v, want %s", name, f, c.want)
		}
		if strings.Contains(err.Error(), "upload-") {
			t.Errorf("%s: the error shows the upload address: %v", name, err)
		}
	}
	for name, f := range map[string]bridge.File{
		"gone":                  {ID: "f9", Name: "x", Size: 1},
		"empty":                 {ID: "f1", Name: "x"},
		"too large":             {ID: "huge", Name: "x", Size: 1},
		"larger than announced": {ID: "endless", Name: "x", Size: 1},
		"shorter than it says":  {ID: "short", Name: "x", Size: 100_000},
		"longer than it says":   {ID: "f2", Name: "x", Size: 1},
	} {
		_, err := a.Send(t.Context(), spoken(t, a, ref, 1, "", f)[0])
		if f := verdictOf(t, err); f.Verdict != bridge.GiveUp || f.Public == "" {
			t.Errorf("a file that is %s: %+v", name, f)
		}
	}
	if n := len(server.Thread(desk, root)); n != 1 {
		t.Errorf("%d messages are seen though nothing was sent", n-1)
	}
}

func TestUploadIntoADeletedThread(t *testing.T) {
	server, a, ref, root := newFileStage(t, slacktest.Options{})
	if err := server.DeleteMessage(desk, root); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Send(t.Context(), spoken(t, a, ref, 1, "look", file1)[0]); verdictOf(t, err).Verdict != bridge.Reopen {
		t.Errorf("the verdict is %v", err)
	}
	if list := server.Channel(desk); len(list) != 0 {
		t.Errorf("%d messages are left in the channel", len(list))
	}
}

func TestFileThatAPersonRemoves(t *testing.T) {
	server := newServer(t, slacktest.Options{})
	a := newAdapter(t, server, nil)
	sink := adaptertest.NewSink()
	run(t, server, a, sink)
	ref, root := openThread(t, a)
	ts, err := server.Upload(ana, desk, root, "secret.txt", []byte("secret"), "look")
	if err != nil {
		t.Fatal(err)
	}
	file := sink.AwaitInbounds(t, 1)[0].Files[0].Ref
	if err := server.DeleteFile(ana, file); err != nil {
		t.Fatal(err)
	}
	in := sink.AwaitInbounds(t, 2)[1]
	if in.Kind != bridge.InEdited || in.Key != desk+"/"+ts+"/file/"+file+"/deleted" || !slices.Equal(in.Withdrawn, []string{file}) ||
		len(in.Files) != 0 || rich.Plain(in.Body) != "look" {
		t.Errorf("received %+v", in)
	}
	h, err := a.History(t.Context(), ref, time.Now().Add(-time.Hour))
	if err != nil || len(h.Happen) != 2 || h.Happen[1].Key != in.Key || !slices.Equal(h.Happen[1].Withdrawn, in.Withdrawn) {
		t.Errorf("History = %+v, %v", h.Happen, err)
	}
}

func TestDownloads(t *testing.T) {
	server := newServer(t, slacktest.Options{})
	a := newAdapter(t, server, nil)
	_, root := openThread(t, a)
	ts, err := server.Upload(ana, desk, root, "a.bin", bytes.Repeat([]byte{0xff}, 5000), "")
	if err != nil {
		t.Fatal(err)
	}
	var ref bridge.FileRef
	server.Look(func(v slacktest.State) {
		m, _ := v.Message(ts)
		ref.Ref = m.Files[0].ID
	})
	stream, err := a.OpenSource(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	if data, err := io.ReadAll(stream); err != nil || len(data) != 5000 {
		t.Errorf("read %d bytes, %v", len(data), err)
	}
	_ = stream.Close()

	small := newAdapter(t, server, func(c *slack.Config) { c.FileLimit = 100 })
	if _, err := small.OpenSource(t.Context(), ref); !errors.Is(err, bridge.ErrTooLarge) {
		t.Errorf("over the limit: %v", err)
	}
	server.Fail(slacktest.Fault{Method: "download", Status: 503, Times: 1})
	if _, err := a.OpenSource(t.Context(), ref); verdictOf(t, err).Verdict != bridge.Unsure {
		t.Errorf("a broken download: %v", err)
	}
	if _, err := a.OpenSource(t.Context(), bridge.FileRef{Ref: "F-unknown"}); !errors.Is(err, bridge.ErrNotFound) {
		t.Errorf("an unknown file: %v", err)
	}
}

// What people write in Slack itself has no bytes to be passed on. It is gone at once, and whoever attached it is told: what
// can be downloaded is a page, as it is where the app may not read files, which would keep the line waiting.
func TestCanvasesAreNotFiles(t *testing.T) {
	server := newServer(t, slacktest.Options{})
	a := newAdapter(t, server, nil)
	sink := adaptertest.NewSink()
	run(t, server, a, sink)
	_, root := openThread(t, a)
	if _, err := server.Post(ana, desk, slacktest.Draft{Text: "our plan", ThreadTS: root, Files: []slacktest.Upload{
		{Name: "Plan", Data: []byte("<h1>Plan</h1>"), Canvas: true}, {Name: "a.txt", Data: []byte("words")},
	}}); err != nil {
		t.Fatal(err)
	}
	in := sink.AwaitInbounds(t, 1)[0]
	if len(in.Files) != 2 || in.Files[0].Name != "Plan" {
		t.Fatalf("the files are %+v", in.Files)
	}
	if _, err := a.OpenSource(t.Context(), in.Files[0]); !errors.Is(err, bridge.ErrNotFound) {
		t.Errorf("the canvas gives %v", err)
	}
	if n := len(server.Calls("download", "")); n != 0 {
		t.Errorf("the page was downloaded %d times", n)
	}
	stream, err := a.OpenSource(t.Context(), in.Files[1])
	if err != nil {
		t.Fatal(err)
	}
	_ = stream.Close()
}
