package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
)

const visitorAPI = "/v1/website/website/"

// asJSON are the headers of a visitor's program.
func asJSON(more ...string) map[string]string {
	h := map[string]string{"Content-Type": "application/json", "Idempotency-Key": "key-1"}
	for i := 0; i+1 < len(more); i += 2 {
		h[more[i]] = more[i+1]
	}
	return h
}

// TestOddRequests: every request that is not one is told what is wrong with it.
func TestOddRequests(t *testing.T) {
	t.Parallel()
	r := newRig(t, "sqlite")
	p := r.start("127.0.0.1:0")
	healthy := r.beside(p)
	token := tokenOf(t, p, "website", `{}`)
	deep := strings.Repeat(`{"a":`, 9_000) + "1" + strings.Repeat("}", 9_000)
	for _, test := range []struct {
		name   string
		q      request
		status int
		code   string
		says   string
	}{
		{"no JSON", request{method: "POST", path: "messages", body: canary, header: asJSON()}, 400, "json", "not valid JSON"},
		{"half of it", request{method: "POST", path: "messages", body: `{"text":"` + canary, header: asJSON()}, 400, "json", "not valid JSON"},
		{"nothing", request{method: "POST", path: "messages", header: asJSON()}, 400, "json", "not valid JSON"},
		{"two values", request{method: "POST", path: "messages", body: `{"text":"a"}{}`, header: asJSON()}, 400, "json", "after the JSON value"},
		{"a list", request{method: "POST", path: "messages", body: `["` + canary + `"]`, header: asJSON()}, 400, "json", "must be an object"},
		{"a number for a text", request{method: "POST", path: "messages", body: `{"text":7}`, header: asJSON()}, 400, "json", "text must be a string"},
		{"a text for a list", request{method: "POST", path: "messages", body: `{"files":"a"}`, header: asJSON()}, 400, "json", "files must be an array"},
		{"a number for a name", request{method: "POST", path: "profile", body: `{"name":7}`, header: asJSON()}, 400, "json", "must be a string"},
		{"a text for a number", request{method: "POST", path: "read", body: `{"seq":"7"}`, header: asJSON()}, 400, "json", "seq must be a number"},
		{"a negative number", request{method: "POST", path: "read", body: `{"seq":-7}`, header: asJSON()}, 400, "number", "0 or more"},
		{"too large a number", request{method: "POST", path: "read", body: `{"seq":1e99}`, header: asJSON()}, 400, "json", "seq must be a number"},
		{"deep nesting", request{method: "POST", path: "messages", body: strings.Repeat("[", 60_000), header: asJSON()}, 400, "json", "not valid JSON"},
		{"deep nesting in a text", request{method: "POST", path: "messages", body: `{"text":` + deep + `}`, header: asJSON()}, 400, "json", "must be a string"},
		{"no content type", request{method: "POST", path: "messages", body: `{}`, header: asJSON("Content-Type", "")}, 415, "content_type", "application/json"},
		{"a form's content type", request{method: "POST", path: "messages", body: `{}`, header: asJSON("Content-Type", "text/plain")}, 415, "content_type", "application/json"},
		{"a broken content type", request{method: "POST", path: "messages", body: `{}`, header: asJSON("Content-Type", ";=")}, 415, "content_type", "application/json"},
		{"JSON for a file", request{method: "POST", path: "files", body: `{}`, header: asJSON()}, 415, "content_type", "multipart/form-data"},
		{"a form without its boundary", request{method: "POST", path: "files", body: `{}`, header: asJSON("Content-Type", "multipart/form-data")}, 415, "content_type", "multipart/form-data"},
		{"a form that ends early", request{method: "POST", path: "files", body: "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n" + canary, header: asJSON("Content-Type", "multipart/form-data; boundary=b")}, 400, "form", "ended early"},
		{"no key", request{method: "POST", path: "messages", body: `{"text":"a"}`, header: asJSON("Idempotency-Key", "")}, 400, "idempotency_key", "1 to 64 printable"},
		{"a long key", request{method: "POST", path: "messages", body: `{"text":"a"}`, header: asJSON("Idempotency-Key", strings.Repeat("k", 65))}, 400, "idempotency_key", "1 to 64 printable"},
		{"an unprintable key", request{method: "POST", path: "messages", body: `{"text":"a"}`, header: asJSON("Idempotency-Key", "é")}, 400, "idempotency_key", "1 to 64 printable"},
		{"after is no number", request{method: "GET", path: "messages?after=" + canary}, 400, "number", "after must be a whole number"},
		{"after is negative", request{method: "GET", path: "messages?after=-1"}, 400, "number", "after must be a whole number"},
		{"after is huge", request{method: "GET", path: "messages?after=99999999999999999999"}, 400, "number", "after must be a whole number"},
		{"limit is no number", request{method: "GET", path: "messages?limit=1.5"}, 400, "number", "limit must be a whole number"},
		{"Last-Event-ID is no number", request{method: "GET", path: "stream", header: asJSON("Last-Event-ID", "x")}, 400, "number", "Last-Event-ID"},
		{"an unknown file", request{method: "GET", path: "files/" + canary}, 404, "no_such_file", "no such file"},
		{"a file's way out", request{method: "GET", path: "files/..%2f..%2fskein.db"}, 404, "no_such_file", "no such file"},
		{"an unknown call", request{method: "POST", path: canary, body: `{}`, header: asJSON()}, 404, "no_such_call", "There is no call POST"},
		{"an unknown method", request{method: "DELETE", path: "messages"}, 404, "no_such_call", "There is no call DELETE"},
		{"HEAD of a stream", request{method: "HEAD", path: "stream"}, 405, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			q := test.q
			q.path, q.token = visitorAPI+q.path, token
			a := p.ask(t, q)
			if test.code == "" {
				if a.status != test.status {
					t.Errorf("answered %d %s", a.status, a.body)
				}
				return
			}
			refusedAs(t, a, test.status, test.code, test.says)
		})
	}
	for _, path := range []string{
		"/" + canary, "/v1/", "/v1/website/other/messages", "/v1/slack/support-slack/events", "/widget/other",
		"/widget/assets/" + canary + ".js", "/widget/..%2f..%2fetc%2fpasswd", "/debug/pprof/", "/demo/state",
	} {
		if a := p.ask(t, request{method: "GET", path: path}); a.status != http.StatusNotFound {
			t.Errorf("%s: answered %d", path, a.status)
		}
	}
	healthy.turn()
	if a := p.ask(t, request{method: "GET", path: "/metrics"}); !strings.Contains(a.body, `skein_refusals_total{endpoint="website",reason="idempotency_key"} 3`) ||
		strings.Contains(a.body, canary) {
		t.Error("the refusals are not counted, or under what callers made up")
	}
	healthy.end(token)
}

// TestDeepProfile: what is odd in a profile is left out, and the visitor let in.
func TestDeepProfile(t *testing.T) {
	t.Parallel()
	r := newRig(t, "sqlite")
	p := r.start("127.0.0.1:0")
	healthy := r.beside(p)
	deep := strings.Repeat(`{"a":`, 5_000) + `"` + canary + `"` + strings.Repeat("}", 5_000)
	many := make([]string, 1_000)
	for i := range many {
		many[i] = fmt.Sprintf(`"%s%d":"%s"`, canary, i, canary)
	}
	tokenOf(t, p, "website", `{"profile":{"deep":`+deep+`},"page":{"url":"x"},"locale":"`+canary+`!"}`)
	tokenOf(t, p, "website", `{"profile":{`+strings.Join(many, ",")+`},"unknown":[[[]]]}`)
	healthy.end()
}

const tenMB = 10 << 20

// TestHugeBodies: a body of 10 MB is refused on every call, with or without its length, and costs next to nothing.
func TestHugeBodies(t *testing.T) {
	t.Parallel()
	r := newRig(t, "sqlite")
	r.settings["ENDPOINTS__WEBSITE__MAX_FILE_SIZE"] = "1MB"
	address := r.signed()
	p := r.start(address)
	healthy := r.beside(p)
	token := tokenOf(t, p, "website", `{}`)
	text := `{"text":"` + strings.Repeat("x", tenMB) + `"}`
	calls := []request{
		{method: "POST", path: visitorAPI + "sessions", body: `{"locale":"` + text[9:]},
		{method: "POST", path: visitorAPI + "messages", body: text},
		{method: "POST", path: visitorAPI + "profile", body: `{"name":"` + text[9:]},
		{method: "POST", path: visitorAPI + "read", body: `{"seq":1,"x":"` + text[9:]},
		{method: "POST", path: visitorAPI + "files", body: upload(text), header: asJSON("Content-Type", "multipart/form-data; boundary=b")},
		{method: "POST", path: "/v1/slack/support-slack/events", body: text},
		{method: "POST", path: "/v1/slack/support-slack/interactive", body: text},
		{method: "POST", path: "/v1/slack/support-slack/commands", body: text},
	}
	before := p.peak(t)
	for _, q := range calls {
		if q.header == nil {
			q.header = asJSON()
		}
		for _, q.chunked = range []bool{false, true} {
			q.token = token
			var group sync.WaitGroup
			for range 2 {
				group.Go(func() {
					if a, err := p.try(r.ctx, q); err != nil || a.status != http.StatusRequestEntityTooLarge {
						t.Errorf("%s, chunked %v: %d %q, %v", q.path, q.chunked, a.status, a.body, err)
					}
				})
			}
			healthy.turn()
			group.Wait()
		}
		const most = 30 << 20
		if rise := p.peak(t) - before; rise > most {
			t.Errorf("%s: memory rose by %d MiB", q.path, rise>>20)
		}
	}
	// What takes no body does not read one either.
	for _, q := range []request{
		{method: "POST", path: visitorAPI + "typing"},
		{method: "GET", path: visitorAPI + "messages"},
		{method: "POST", path: "/healthz"},
		{method: "POST", path: "/" + canary},
		{method: "GET", path: "/widget.js"},
	} {
		q.body, q.token, q.header = text, token, asJSON()
		if a, err := p.try(r.ctx, q); err != nil || a.status >= 500 {
			t.Errorf("%s: %d, %v", q.path, a.status, err)
		}
	}
	healthy.end(token)
}

// TestRefusedFile: who uploads what is not accepted is told so, however much of it is still to come.
func TestRefusedFile(t *testing.T) {
	t.Parallel()
	r := newRig(t, "sqlite")
	p := r.start("127.0.0.1:0")
	healthy := r.beside(p)
	token := tokenOf(t, p, "website", `{}`)
	program := strings.Replace(upload(strings.Repeat("x", tenMB)), ".txt", ".exe", 1)
	for range 10 {
		a, err := p.try(r.ctx, request{
			method: "POST", path: visitorAPI + "files", body: program, token: token,
			header: asJSON("Content-Type", "multipart/form-data; boundary=b"),
		})
		if err != nil {
			t.Fatalf("the client sees a broken connection and not why: %v", err)
		}
		refusedAs(t, a, http.StatusUnsupportedMediaType, "file_type", "not accepted")
	}
	healthy.end(token)
}

func upload(content string) string {
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	_ = form.SetBoundary("b")
	part, _ := form.CreateFormFile("file", canary+".txt")
	_, _ = io.WriteString(part, content)
	_ = form.Close()
	return b.String()
}

// signed makes the rig's Slack speak signed HTTP to a daemon that is then started at the address it returns.
func (r *rig) signed() (address string) {
	r.t.Helper()
	address = freeAddress(r.t)
	r.settings["ENDPOINTS__SUPPORT_SLACK__APP_TOKEN"] = ""
	r.settings["ENDPOINTS__SUPPORT_SLACK__SIGNING_SECRET"] = r.slack.Options().SigningSecret
	base := "http://" + address + "/v1/slack/support-slack/"
	r.slack.SetRequestURL(base + "events")
	r.slack.SetInteractivityURLs(base+"interactive", base+"commands")
	return address
}

// TestSlowCallers: whoever sends a request byte by byte is cut off or answered in good time, on every call.
func TestSlowCallers(t *testing.T) {
	t.Parallel()
	r := newRig(t, "sqlite")
	p := r.start(r.signed())
	healthy := r.beside(p)
	token := tokenOf(t, p, "website", `{}`)
	signature := slacktest.Sign("guess", time.Now(), nil)
	heads := []string{"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "}
	for _, call := range []string{
		visitorAPI + "sessions", visitorAPI + "messages", visitorAPI + "typing", "/" + canary, "/healthz",
		"/v1/slack/support-slack/events", "/v1/slack/support-slack/commands",
	} {
		for _, length := range []string{"Content-Length: 60000", "Transfer-Encoding: chunked"} {
			heads = append(heads, "POST "+call+" HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nIdempotency-Key: k\r\n"+
				"Authorization: Bearer "+token+"\r\nX-Slack-Signature: "+signature.Get("X-Slack-Signature")+"\r\n"+length+"\r\n\r\n")
		}
	}
	const each = 10
	var group sync.WaitGroup
	began := time.Now()
	for _, head := range heads {
		for range each {
			group.Go(func() {
				if err := drip(p.address, head, 45*time.Second); err != nil {
					call, _, _ := strings.Cut(head, " HTTP")
					t.Errorf("%s: %v", call, err)
				}
			})
		}
	}
	for time.Since(began) < 10*time.Second {
		healthy.turn()
		time.Sleep(time.Second) // between two lines of a conversation that goes on meanwhile
	}
	group.Wait()
	healthy.end(token)
}

// drip sends a request's head and then a byte each second, until the server ends the connection; an error says that it
// has not.
func drip(address, head string, patience time.Duration) error {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, head); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(io.Discard, bufio.NewReader(conn))
	}()
	next, end := time.NewTicker(time.Second), time.After(patience)
	defer next.Stop()
	for {
		select {
		case <-ended:
			return nil
		case <-end:
			return fmt.Errorf("still connected after %v", patience)
		case <-next.C:
			if _, err := io.WriteString(conn, "1"); err != nil {
				return nil //nolint:nilerr // the connection has ended, which is what is wanted
			}
		}
	}
}

// TestBrokenOff: callers who go away in the middle leave nothing behind, in the log neither.
func TestBrokenOff(t *testing.T) {
	t.Parallel()
	r := newRig(t, "sqlite")
	p := r.start(r.signed())
	healthy := r.beside(p)
	token := tokenOf(t, p, "website", `{}`)
	for _, call := range []string{visitorAPI + "sessions", visitorAPI + "messages", visitorAPI + "files", "/v1/slack/support-slack/events"} {
		for _, begun := range []string{"", `{"text":"` + canary, upload(strings.Repeat(canary, 3_000))[:20_000]} {
			kind := "application/json"
			if strings.HasSuffix(call, "files") {
				kind = "multipart/form-data; boundary=b"
			}
			head := "POST " + call + " HTTP/1.1\r\nHost: x\r\nContent-Type: " + kind + "\r\nIdempotency-Key: k\r\nAuthorization: Bearer " +
				token + "\r\nContent-Length: 60000\r\n\r\n"
			conn, err := net.Dial("tcp", p.address)
			must(t, err)
			_, err = io.WriteString(conn, head+begun)
			must(t, err)
			healthy.turn()
			must(t, conn.(*net.TCPConn).SetLinger(0)) // the end is a reset
			must(t, conn.Close())
		}
	}
	for _, nonsense := range []string{
		"\x16\x03\x01\x02\x00\x01\x00", "GET / HTTP/9.9\r\n\r\n", "\r\n\r\n", "GET /healthz HTTP/1.1\r\nA: " + strings.Repeat("a", 100_000),
		"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "GET http://[::1/ HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		conn, err := net.Dial("tcp", p.address)
		must(t, err)
		_, _ = io.WriteString(conn, nonsense)
		_ = conn.(*net.TCPConn).CloseWrite() // if the daemon has not ended the connection already
		answer, _ := io.ReadAll(conn)
		if len(answer) > 0 && !bytes.HasPrefix(answer, []byte("HTTP/1.")) {
			t.Errorf("%q is answered %q", nonsense[:min(30, len(nonsense))], answer)
		}
		conn.Close()
	}
	healthy.end(token)
}
