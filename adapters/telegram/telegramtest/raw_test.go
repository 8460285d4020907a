package telegramtest_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestRawRequests sends what the client library cannot.
func TestRawRequests(t *testing.T) {
	s, _ := start(t, nil)
	sayAll(t, s, "hi")
	for name, test := range map[string]struct{ path, contentType, body, want string }{
		"query":      {"/sendMessage?chat_id=7&text=query", "", "", `"text":"query"`},
		"JSON":       {"/sendMessage", "application/json", `{"chat_id":7,"text":"json","reply_markup":{"inline_keyboard":[[{"text":"a","url":"https://x.example"}]]}}`, `"text":"json"`},
		"form":       {"/sendMessage", "application/x-www-form-urlencoded", "chat_id=7&text=form", `"text":"form"`},
		"half JSON":  {"/sendMessage", "application/json", `{"chat_id":`, `{"description":"Bad Request: can't parse request body as JSON","error_code":400,"ok":false}`},
		"plain":      {"/sendMessage", "text/plain", "x", "unsupported content type"},
		"half parts": {"/sendMessage", "multipart/form-data; boundary=x", "--x\r\nConten", "can't parse multipart request body"},
		"too much":   {"/sendMessage", "application/json", strings.Repeat(" ", 2<<20), `"error_code":413`},
	} {
		t.Run(name, func(t *testing.T) {
			c := &http.Client{Transport: quietTransport}
			resp, err := c.Post(s.URL()+"/bot"+s.Options().Token+test.path, test.contentType, strings.NewReader(test.body))
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, _ := io.ReadAll(resp.Body)
			if !strings.Contains(string(body), test.want) {
				t.Fatalf("got %s, want %s in it", body, test.want)
			}
		})
	}
}
