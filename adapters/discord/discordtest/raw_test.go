package discordtest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"testing"

	"github.com/skeindesk/skein/adapters/discord/discordtest"
)

// object is a JSON object.
type object = map[string]any

// reply is an answer of the REST API.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func (r reply) code() int {
	var e struct{ Code int }
	_ = json.Unmarshal(r.body, &e)
	return e.Code
}

// into decodes the answer.
func (r reply) into(t *testing.T, v any) {
	t.Helper()
	if r.status/100 != 2 {
		t.Fatalf("status %d: %s", r.status, r.body)
	}
	must(t, json.Unmarshal(r.body, v))
}

func (r reply) id(t *testing.T) string {
	t.Helper()
	var o struct{ ID string }
	r.into(t, &o)
	return o.ID
}

// want checks status and error code.
func (r reply) want(t *testing.T, status, code int) {
	t.Helper()
	if r.status != status || r.code() != code {
		t.Fatalf("got %d %s, want %d with the code %d", r.status, r.body, status, code)
	}
}

func request(t *testing.T, s *discordtest.Server, method, path, contentType string, body io.Reader) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL()+path, body)
	must(t, err)
	if body != nil {
		req.Header.Set("Content-Type", contentType)
	}
	req.Header.Set("Authorization", "Bot "+s.Options().Token)
	return req
}

func do(t *testing.T, req *http.Request) (reply, error) {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return reply{}, err
	}
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header, data}, err
}

// call makes a JSON request.
func call(t *testing.T, s *discordtest.Server, method, path string, body any) reply {
	t.Helper()
	var reader io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		must(t, err)
		reader = bytes.NewReader(data)
	}
	r, err := do(t, request(t, s, method, path, "application/json", reader))
	must(t, err)
	return r
}

// upload makes a multipart request with the files, numbered in order.
func upload(t *testing.T, s *discordtest.Server, method, path string, body any, files ...discordtest.File) reply {
	t.Helper()
	var buffer bytes.Buffer
	form := multipart.NewWriter(&buffer)
	data, err := json.Marshal(body)
	must(t, err)
	must(t, form.WriteField("payload_json", string(data)))
	for i, f := range files {
		part, err := form.CreateFormFile(fmt.Sprintf("files[%d]", i), f.Name)
		must(t, err)
		_, err = part.Write(f.Data)
		must(t, err)
	}
	must(t, form.Close())
	r, err := do(t, request(t, s, method, path, form.FormDataContentType(), &buffer))
	must(t, err)
	return r
}

// say posts as the bot.
func say(t *testing.T, s *discordtest.Server, channel, text string) string {
	t.Helper()
	return call(t, s, "POST", "/channels/"+channel+"/messages", object{"content": text}).id(t)
}

// thread starts one from a new message of the bot.
func thread(t *testing.T, s *discordtest.Server) string {
	t.Helper()
	root := say(t, s, desk, "root")
	return call(t, s, "POST", "/channels/"+desk+"/messages/"+root+"/threads", object{"name": "Vera"}).id(t)
}
