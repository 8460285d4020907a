package workbench_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/workbench"
)

// part is a field of a form with files; of a file it is the bytes.
type part struct{ name, file, value string }

// sends submits a form with files.
func (b *browser) sends(path string, parts ...part) page {
	b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, p := range parts {
		var w io.Writer
		var err error
		if p.name == "file" {
			w, err = form.CreateFormFile(p.name, p.file)
		} else {
			w, err = form.CreateFormField(p.name)
		}
		must(b.t, err)
		_, err = io.WriteString(w, p.value)
		must(b.t, err)
	}
	must(b.t, form.Close())
	req, err := http.NewRequestWithContext(context.WithoutCancel(b.t.Context()), http.MethodPost, b.rig.server.URL+path, &body)
	must(b.t, err)
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	res, err := b.client.Do(req)
	must(b.t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	must(b.t, err)
	return page{status: res.StatusCode, path: res.Request.URL.Path, body: string(text), header: res.Header}
}

func picture(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	must(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, 900, 600))))
	return b.String()
}

func TestFiles(t *testing.T) {
	r := newRig(t)
	ana, ben := r.agent("Ana"), r.agent("Ben")
	b := r.signedIn(ana)
	c := r.says("Maya", "Hello").Conversation
	const evil = `"><img src=x onerror=alert(1)>.svg`
	p := b.sends(pageOf(c)+"/say", part{name: "key", value: "k1"}, part{name: "as", value: "reply"}, part{name: "text", value: "Two files"},
		part{"file", "label.png", picture(t)}, part{"file", evil, `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`})
	p.has(t, "Two files", "label.png", "?size=thumbnail")
	p.lacks(t, "<img src=x")
	var said bridge.Entry
	for _, en := range r.log(c) {
		if len(en.Files) > 0 {
			said = en
		}
	}
	if len(said.Files) != 2 || said.Audience != bridge.Everyone || said.Files[0].Type != "image/png" || said.Files[0].Width != 900 {
		t.Fatalf("the log has %+v", said)
	}
	bens := r.signedIn(ben)
	at := func(f bridge.File) string { return workbench.Base + "/files/" + string(f.ID) }
	whole := bens.get(at(said.Files[0]))
	if whole.body != picture(t) || whole.header.Get("Content-Type") != "image/png" {
		t.Errorf("the picture is answered %d, %s", whole.status, whole.header.Get("Content-Type"))
	}
	if small := bens.get(at(said.Files[0]) + "?size=thumbnail"); small.status != http.StatusOK || small.body == whole.body {
		t.Errorf("the small picture is answered %d", small.status)
	}
	svg := bens.get(at(said.Files[1]))
	if h := svg.header; h.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") ||
		!strings.Contains(h.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("a drawing with a script comes with %v", h)
	}
	if p := r.browser().get(at(said.Files[0])); !strings.HasSuffix(p.path, "/in") {
		t.Error("somebody who is not signed in gets files")
	}
	for _, path := range []string{"/files/nothing", "/files/..%2f..%2fetc%2fpasswd", "/files/" + string(said.Files[0].ID) + "-thumbnail"} {
		if p := bens.get(workbench.Base + path); p.status != http.StatusNotFound {
			t.Errorf("%s is answered %d", path, p.status)
		}
	}
	b.gives(c, "recall", nil)
	if p := bens.get(at(said.Files[0])); p.status == http.StatusOK {
		t.Error("a file that was taken back is still there")
	}
}

// TestFilesAreKeptOnRefusal: what was uploaded need not be chosen again, and is nobody else's.
func TestFilesAreKeptOnRefusal(t *testing.T) {
	r := newRig(t)
	ana, ben := r.agent("Ana"), r.agent("Ben")
	b, bens := r.signedIn(ana), r.signedIn(ben)
	c := r.says("Maya", "Hello").Conversation
	p := b.sends(pageOf(c)+"/say", part{name: "key", value: "k1"}, part{name: "text", value: "!close"}, part{"file", "label.png", picture(t)})
	if p.status != http.StatusUnprocessableEntity {
		t.Fatalf("it was answered %d", p.status)
	}
	p.has(t, "files go with a line", ">!close</textarea>", "label.png")
	id := regexp.MustCompile(`name="kept" value="([^"]+)"`).FindStringSubmatch(p.body)[1]
	if p := bens.get(workbench.Base + "/files/" + id); p.status != http.StatusNotFound {
		t.Errorf("somebody else's upload is answered %d", p.status)
	}
	bens.sends(pageOf(c)+"/say", part{name: "key", value: "k2"}, part{name: "text", value: "// mine now"}, part{name: "kept", value: id})
	b.sends(pageOf(c)+"/say", part{name: "key", value: "k3"}, part{name: "as", value: "note"}, part{name: "kept", value: id}, part{name: "kept", value: id})
	for _, en := range r.log(c) {
		switch {
		case rich.Plain(en.Body) == "mine now" && len(en.Files) > 0:
			t.Error("Ben has sent Ana's upload")
		case len(en.Files) > 0 && (len(en.Files) != 1 || en.Audience != bridge.AgentsOnly):
			t.Errorf("the note is %+v", en)
		}
	}
	p = b.get(pageOf(c))
	p.has(t, "label.png")
	p = b.sends(pageOf(c)+"/say", part{name: "key", value: "k4"}, part{"file", "large.bin", strings.Repeat("x", maxFile+1)})
	p.has(t, "large.bin is larger than 1 MB")
	for i := range 12 {
		p = b.sends(pageOf(c)+"/say", append([]part{{name: "key", value: fmt.Sprint("many", i)}}, func() (many []part) {
			for range i {
				many = append(many, part{"file", "a.txt", "a"})
			}
			return many
		}()...)...)
		if refused := strings.Contains(p.body, "at most 10 files"); refused != (i > 10) {
			t.Errorf("%d files: refused %v", i, refused)
		}
	}
}
