package telegram_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/adaptertest"
	"github.com/skeindesk/skein/adapters/telegram"
	"github.com/skeindesk/skein/adapters/telegram/telegramtest"
	"github.com/skeindesk/skein/bridge"
)

func TestVisitorsFiles(t *testing.T) {
	server := newServer(t, telegramtest.Options{})
	sink := adaptertest.NewSink()
	a := newAdapter(t, server, nil)
	run(t, a, sink)
	data := picture(t)
	post(t, server, telegramtest.Draft{Attach: telegramtest.Photo(data)})
	post(t, server, telegramtest.Draft{Attach: telegramtest.Voice(3, []byte("OggS voice"))})
	post(t, server, telegramtest.Draft{Attach: telegramtest.Sticker("😀")})
	ins := sink.AwaitInbounds(t, 3)
	for i, want := range [][]byte{data, []byte("OggS voice")} {
		r, err := a.OpenSource(t.Context(), ins[i].Files[0])
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("file %d reads as %d bytes, %v", i, len(got), err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	server.Fail(telegramtest.Fault{Method: "getFile", Times: 1, Status: http.StatusBadRequest, Error: "Bad Request: file is too big"})
	if _, err := a.OpenSource(t.Context(), ins[0].Files[0]); !errors.Is(err, bridge.ErrTooLarge) {
		t.Errorf("a file that is too big: %v", err)
	}
	server.Fail(telegramtest.Fault{Method: "file", Times: 1, Status: http.StatusNotFound})
	if _, err := a.OpenSource(t.Context(), ins[0].Files[0]); !errors.Is(err, bridge.ErrNotFound) {
		t.Errorf("a file that is gone: %v", err)
	}
}

// safeBuffer is a log that several goroutines write.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// Whatever goes wrong, the token is in no error, no sentence and no line of the log; nor is what people wrote.
func TestTheTokenIsNowhere(t *testing.T) {
	server := newServer(t, telegramtest.Options{})
	var log safeBuffer
	files := adaptertest.Files{"f": []byte("bytes")}
	a := newAdapter(t, server, func(c *telegram.Config) {
		c.Files, c.Timeout = files, 300*time.Millisecond
		c.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	_, tokenSecret, _ := strings.Cut(server.Options().Token, ":")
	text := "words of a person"
	check := func(what string, err error) {
		t.Helper()
		if err == nil {
			t.Errorf("%s: no error", what)
			return
		}
		shown := err.Error() + bridge.AsFailure(err).Public + log.String()
		if strings.Contains(shown, tokenSecret) || strings.Contains(shown, text) || strings.Contains(shown, "/bot") {
			t.Errorf("%s: %s", what, shown)
		}
	}
	post(t, server, telegramtest.Draft{Text: "hello"})
	faults := map[string]telegramtest.Fault{
		"hang": {Hang: true}, "drop": {Drop: true}, "cut": {Cut: true}, "malformed": {Malformed: true}, "HTML": {Status: 502},
	}
	for name, fault := range faults {
		for _, method := range []string{"sendMessage", "sendDocument", "getFile", "getMe"} {
			fault.Method, fault.Times = method, 2
			standing := server.Fail(fault)
			var err error
			switch method {
			case "sendMessage":
				_, err = a.Send(t.Context(), render(t, a, text)[0])
			case "sendDocument":
				if name == "hang" {
					standing.Clear() // an upload may take minutes
					continue
				}
				_, err = a.Send(t.Context(), parts(t, a, line(text, bridge.File{ID: "f", Name: "a.txt", Size: 5}))[0])
			case "getFile":
				_, err = a.OpenSource(t.Context(), bridge.FileRef{Ref: "x"})
			case "getMe":
				err = a.Run(t.Context(), adaptertest.NewSink())
			}
			standing.Clear()
			check(name+" "+method, err)
		}
	}
	server.SetDown(true)
	_, err := a.Send(t.Context(), render(t, a, text)[0])
	check("down", err)
	server.Close()
	_, err = a.Send(t.Context(), render(t, a, text)[0])
	check("closed", err)
	_, err = a.Send(t.Context(), parts(t, a, line(text, bridge.File{ID: "f", Name: "a.txt", Size: 5}))[0])
	check("closed, with a file", err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = a.Send(ctx, render(t, a, text)[0])
	check("cancelled", err)
}

// A visitor who puts another file in the place of one that agents have seen is not looked at with the old one: the new
// one follows as a line, once, however often the message is edited otherwise.
func TestSwappedFileFollows(t *testing.T) {
	server := newServer(t, telegramtest.Options{})
	sink := adaptertest.NewSink()
	a := newAdapter(t, server, nil)
	run(t, a, sink)
	id := post(t, server, telegramtest.Draft{Text: "my receipt", Attach: telegramtest.Document("a.txt", "text/plain", []byte("old"))})
	original := sink.AwaitInbounds(t, 1)[0]
	if err := server.Edit(vera, vera, id, "the receipt"); err != nil {
		t.Fatal(err)
	}
	if err := server.Swap(vera, vera, id, telegramtest.Document("b.txt", "text/plain", []byte("new"))); err != nil {
		t.Fatal(err)
	}
	if err := server.Edit(vera, vera, id, "the right receipt"); err != nil {
		t.Fatal(err)
	}
	post(t, server, telegramtest.Draft{Text: "after"})
	ins := sink.AwaitInbounds(t, 6)
	var kinds []string
	for _, in := range ins {
		kinds = append(kinds, string(in.Kind))
	}
	if got := strings.Join(kinds, " "); got != "said edited edited said edited said" || len(ins) != 6 {
		t.Fatalf("heard %s", got)
	}
	in := ins[3]
	if len(in.Files) != 1 || in.Files[0].Name != "b.txt" || in.Target != original.Message || in.Message != "" || in.Key == ins[2].Key {
		t.Fatalf("the new file arrived as %+v", in)
	}
	if len(ins[2].Files) != 0 || len(ins[4].Files) != 0 {
		t.Errorf("the edits are %+v and %+v", ins[2], ins[4])
	}
}
