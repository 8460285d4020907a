package slack_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/bridge"
)

// What Slack refuses is shown as a link, in the same message as the caption and the files that Slack takes.
func TestUploadThatSlackRefuses(t *testing.T) {
	server, a, ref, root := newFileStage(t, slacktest.Options{})
	linked := file1
	linked.Link = "https://desk.example.com/files/f1?expires=1&signature=x"
	server.Fail(slacktest.Fault{Method: "files.getUploadURLExternal", Error: "file_upload_size_restricted", Times: 1})
	if _, err := a.Send(t.Context(), spoken(t, a, ref, 1, "look", linked, file2)[0]); err != nil {
		t.Fatal(err)
	}
	m := server.Thread(desk, root)[1]
	if !strings.Contains(m.Text, "look\n📎 one.txt (3 bytes): ") || !strings.Contains(m.Text, "expires=1&amp;signature=x") ||
		!slices.Equal(titles(m), []string{"two.bin"}) {
		t.Errorf("one of two: %+v", m)
	}
	server.Fail(slacktest.Fault{Method: "files.getUploadURLExternal", Error: "file_uploads_disabled", Times: 1})
	part := spoken(t, a, ref, 2, "", linked)[0]
	sent, err := a.Send(t.Context(), part)
	if err != nil {
		t.Fatal(err)
	}
	if m := server.Thread(desk, root)[2]; !strings.Contains(m.Text, "one.txt (3 bytes): ") || len(m.Files) != 0 || m.Username != "Maria · visitor" {
		t.Errorf("all of one: %+v", m)
	}
	if again, found, err := a.Find(t.Context(), part); err != nil || !found || again != sent {
		t.Errorf("Find = %+v, %v, %v; sent was %+v", again, found, err, sent)
	}
}

// A workspace without room for files, which on a free plan is any that has 5 GB of them, holds nothing up.
func TestUploadWithoutRoom(t *testing.T) {
	server, a, ref, root := newFileStage(t, slacktest.Options{})
	linked := file1
	linked.Link = "https://desk.example.com/files/f1"
	server.Fail(slacktest.Fault{Method: "files.getUploadURLExternal", Error: "storage_limit_reached"})
	if _, err := a.Send(t.Context(), spoken(t, a, ref, 1, "look", linked)[0]); err != nil {
		t.Fatal(err)
	}
	if m := server.Thread(desk, root)[1]; !strings.Contains(m.Text, "look\n📎 one.txt (3 bytes): ") || len(m.Files) != 0 {
		t.Errorf("the message is %+v", m)
	}
}

// What Slack refuses only when all bytes are there is a link as well, and the caption is not lost.
func TestUploadThatSlackRefusesAtTheEnd(t *testing.T) {
	server, a, ref, root := newFileStage(t, slacktest.Options{})
	linked, other := file1, file2
	linked.Link, other.Link = "https://desk.example.com/files/f1", "https://desk.example.com/files/f2"
	server.Fail(slacktest.Fault{Method: "files.completeUploadExternal", Error: "file_type_not_allowed", Times: 2})
	if _, err := a.Send(t.Context(), spoken(t, a, ref, 1, "look", linked, other)[0]); err != nil {
		t.Fatal(err)
	}
	m := server.Thread(desk, root)[1]
	for _, want := range []string{"look\n", "one.txt", linked.Link, "two.bin", other.Link} {
		if !strings.Contains(m.Text, want) || len(m.Files) != 0 {
			t.Errorf("the message lacks %q: %+v", want, m)
		}
	}
	if _, err := a.Send(t.Context(), spoken(t, a, ref, 2, "look", file1)[0]); verdictOf(t, err).Verdict != bridge.GiveUp {
		t.Errorf("a file without a link: %v", err)
	}
}

// A file that Slack keeps does not keep its message; whoever takes it back is told that it is still there.
func TestDeletionOfAFileThatSlackKeeps(t *testing.T) {
	server, a, ref, root := newFileStage(t, slacktest.Options{})
	for i, code := range []string{"file_deleting_disabled", "delete_not_allowed", "cant_delete_file"} {
		sent, err := a.Send(t.Context(), spoken(t, a, ref, int64(i+1), "look", file1, file2)[0])
		if err != nil {
			t.Fatal(err)
		}
		var kept string
		server.Fail(slacktest.Fault{Method: "files.delete", Error: code, Times: 1, Match: func(c slacktest.Call) bool {
			kept = c.Params["file"]
			return true
		}})
		_, err = a.Send(t.Context(), bridge.Part{Op: bridge.Delete, Thread: ref, Message: sent.Message})
		if f := verdictOf(t, err); f.Verdict != bridge.GiveUp || !strings.Contains(f.Public, "Delete it there yourself") {
			t.Errorf("%s: %+v", code, f)
		}
		if n := len(server.Thread(desk, root)); n != 1 {
			t.Errorf("%s: %d messages are left", code, n-1)
		}
		for _, id := range strings.Split(strings.Split(string(sent.Message), "/")[2], ",") {
			if _, err := a.OpenSource(t.Context(), bridge.FileRef{Ref: id}); errors.Is(err, bridge.ErrNotFound) == (id == kept) {
				t.Errorf("%s: of the file %s is left: %v; kept is %s", code, id, err, kept)
			}
		}
	}
	sent, err := a.Send(t.Context(), spoken(t, a, ref, 9, "look", file1)[0])
	if err != nil {
		t.Fatal(err)
	}
	server.Fail(slacktest.Fault{Method: "files.delete", Error: "cant_delete_file", Times: 1})
	server.Fail(slacktest.Fault{Method: "chat.delete", Status: 429, RetryAfter: time.Second, Times: 1})
	if _, err := a.Send(t.Context(), bridge.Part{Op: bridge.Delete, Thread: ref, Message: sent.Message}); verdictOf(t, err).Verdict != bridge.Wait {
		t.Errorf("a message that has to be deleted later: %v", err)
	}
}
