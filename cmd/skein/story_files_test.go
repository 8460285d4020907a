package main

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/adapters/website/webtest"
)

// TestStoryOfFiles carries files both ways, caption and file as one message, with the bytes in a directory and in a
// bucket; takes one back; and follows the link that stands where Slack refuses one.
func TestStoryOfFiles(t *testing.T) {
	for i, kind := range databases {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, kind)
			if i == 0 {
				r.settings["FILES"] = newBucket(t)
				r.settings["FILES_ACCESS_KEY"], r.settings["FILES_SECRET_KEY"] = "AKIDTEST", "secret"
			} else {
				r.settings["FILES"] = filepath.Join(r.dir, "files")
			}
			p := r.start(freeAddress(t)) // links need to know it beforehand
			s := &fileStory{t: t, r: r, p: p}
			ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
			defer cancel()
			s.run(ctx)
			p.terminate()
			if t.Failed() {
				t.Log(p.stderr)
			}
		})
	}
}

// newBucket starts an object store and returns its address for `files`.
func newBucket(t *testing.T) string {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("skein"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	return "s3://skein/files?endpoint=" + server.URL
}

type fileStory struct {
	t       *testing.T
	r       *rig
	p       *process
	visitor *webtest.Visitor
	root    string
}

func (s *fileStory) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("%v\n%s", err, s.p.stderr)
	}
}

func (s *fileStory) run(ctx context.Context) {
	s.visitor = s.r.site(s.p.address).Visitor()
	_, err := s.visitor.Open(ctx, introduction("Vera"))
	s.must(err)
	streaming := make(chan error, 1)
	ctx, stop := context.WithCancel(ctx)
	go func() { streaming <- s.visitor.Stream(ctx) }()
	defer func() { stop(); <-streaming }()

	var picture bytes.Buffer
	s.must(png.Encode(&picture, image.NewGray(image.Rect(0, 0, 1200, 600))))
	up, err := s.visitor.Upload(ctx, "dent.png", picture.Bytes())
	s.must(err)
	_, err = s.visitor.Say(ctx, "It came like this.", up.ID)
	s.must(err)
	m := s.slackShows(ctx, "It came like this.")
	if len(m.Files) != 1 || m.Files[0].Title != "dent.png" || up.Width != 1200 || up.Height != 600 {
		s.t.Errorf("the picture arrived as %+v, uploaded as %+v", m.Files, up)
	}
	small, answer := s.get(ctx, "http://"+s.p.address+"/v1/website/website/files/"+up.ID+"?size=thumbnail&token="+s.visitor.Token(), "")
	if c, err := jpeg.DecodeConfig(bytes.NewReader(small)); err != nil || c.Width != 480 || c.Height != 240 {
		s.t.Errorf("the small picture: %d %+v, %v", answer.StatusCode, c, err)
	}
	s.agentSendsAndRecalls(ctx)
	s.refused(ctx)
}

// agentSendsAndRecalls: what an agent takes back is out of the visitor's reach at once.
func (s *fileStory) agentSendsAndRecalls(ctx context.Context) {
	content := []byte("%PDF-1.7 invoice")
	ts, err := s.r.slack.Upload(anaID, desk, s.root, "invoice.pdf", content, "Here it is.")
	s.must(err)
	var got webtest.Entry
	s.must(s.visitor.Await(ctx, func(all []webtest.Entry) bool {
		for _, e := range all {
			if e.Text == "Here it is." {
				got = e
			}
		}
		return got.Seq > 0
	}))
	if len(got.Files) != 1 || got.Files[0].Name != "invoice.pdf" {
		s.t.Fatalf("caption and file are not one entry: %+v", got)
	}
	data, _, err := s.visitor.Download(ctx, got.Files[0].ID)
	s.must(err)
	if !bytes.Equal(data, content) {
		s.t.Errorf("downloaded %q", data)
	}
	s.must(s.r.slack.Delete(anaID, desk, ts))
	s.must(s.visitor.Await(ctx, func(all []webtest.Entry) bool { return all[len(all)-1].Kind == "deleted" }))
	_, _, err = s.visitor.Download(ctx, got.Files[0].ID)
	if problem, ok := errors.AsType[*webtest.Problem](err); !ok || problem.Status != http.StatusGone && problem.Status != http.StatusNotFound {
		s.t.Errorf("after the recall: %v", err)
	}
}

var linkPattern = regexp.MustCompile(`http://[^\s|>]+/files/[^\s|>]+`)

// refused: where Slack takes no files, a link stands in the same message.
func (s *fileStory) refused(ctx context.Context) {
	s.r.slack.Fail(slacktest.Fault{Method: "files.getUploadURLExternal", Error: "file_uploads_disabled", Times: 1})
	up, err := s.visitor.Upload(ctx, "notes.txt", []byte("0123456789"))
	s.must(err)
	_, err = s.visitor.Say(ctx, "Read this.", up.ID)
	s.must(err)
	m := s.slackShows(ctx, "Read this.")
	link := strings.ReplaceAll(linkPattern.FindString(m.Text), "&amp;", "&")
	if len(m.Files) != 0 || link == "" || !strings.Contains(m.Text, "notes.txt (10 bytes)") {
		s.t.Fatalf("the message is %+v", m)
	}
	got, answer := s.get(ctx, link, "")
	if string(got) != "0123456789" || !strings.HasPrefix(answer.Header.Get("Content-Disposition"), "attachment") {
		s.t.Errorf("behind the link: %d %q %v", answer.StatusCode, got, answer.Header)
	}
	inBucket := strings.HasPrefix(s.r.settings["FILES"], "s3:") // whose streams are served whole
	if got, answer := s.get(ctx, link, "bytes=3-5"); string(got) != "345" && !inBucket {
		s.t.Errorf("a range: %d %q", answer.StatusCode, got)
	}
	if got, answer := s.get(ctx, strings.Replace(link, "expires=", "expires=9", 1), ""); answer.StatusCode != http.StatusNotFound {
		s.t.Errorf("with a later expiry: %d %q", answer.StatusCode, got)
	}
}

func (s *fileStory) get(ctx context.Context, address, span string) ([]byte, *http.Response) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	s.must(err)
	if span != "" {
		request.Header.Set("Range", span)
	}
	answer, err := http.DefaultClient.Do(request)
	s.must(err)
	data, err := io.ReadAll(answer.Body)
	s.must(errors.Join(err, answer.Body.Close()))
	return data, answer
}

// slackShows waits for a message in the conversation's thread.
func (s *fileStory) slackShows(ctx context.Context, text string) (found slacktest.Message) {
	s.t.Helper()
	s.must(s.r.slack.Await(ctx, func(v slacktest.State) bool {
		for _, root := range v.Channel(desk) {
			for _, m := range v.Thread(desk, root.TS) {
				if strings.HasPrefix(m.Text, text) {
					s.root, found = root.TS, m
					return true
				}
			}
		}
		return false
	}))
	return found
}
