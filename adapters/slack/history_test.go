package slack

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// A thread that Slack gives only in part must not be read as one in which the rest was deleted.
func TestHistoryOfAPartIsNoDeletion(t *testing.T) {
	const (
		card  = `{"type":"message","bot_id":"BBOT","ts":"1700000000.000100","thread_ts":"1700000000.000100"}`
		stone = `{"type":"message","subtype":"tombstone","ts":"1700000000.000100","thread_ts":"1700000000.000100"}`
		reply = `{"type":"message","user":"UANA","text":"hi","ts":"1700000003.000100","thread_ts":"1700000000.000100"}`
	)
	since := timeOf("1700000001.000000")
	for name, c := range map[string]struct {
		answer      string
		whole, gone bool
	}{
		"whole":             {`"messages":[` + card + `,` + reply + `]`, true, false},
		"card out of reach": {`"messages":[` + reply + `]`, false, false},
		"nothing":           {`"messages":[]`, false, false},
		"card deleted":      {`"messages":[` + stone + `,` + reply + `]`, true, true},
		"more without end":  {`"messages":[` + card + `,` + reply + `],"has_more":true,"response_metadata":{"next_cursor":"again"}`, false, false},
		"no way to more":    {`"messages":[` + card + `,` + reply + `],"has_more":true`, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			a := cannedHistory(t, c.answer)
			began := time.Now()
			h, err := a.History(t.Context(), testThread, since)
			if err != nil {
				t.Fatal(err)
			}
			if c.whole != h.From.Equal(since) || !c.whole && h.From.Before(began) || h.Gone != c.gone {
				t.Errorf("from %v, gone %v", h.From, h.Gone)
			}
			if told := strings.Contains(c.answer, reply); told != (len(h.Happen) > 0) || told && h.Happen[0].Key != "CDESK/1700000003.000100" {
				t.Errorf("it tells of %+v", h.Happen)
			}
		})
	}
}

func TestHistoryTellsWhichFilesAreGone(t *testing.T) {
	a := cannedHistory(t, `"messages":[{"type":"message","bot_id":"BBOT","ts":"1700000000.000100","thread_ts":"1700000000.000100"},
		{"type":"message","user":"UANA","text":"new","edited":{"user":"UANA","ts":"1700000004.000100"},"ts":"1700000003.000100","thread_ts":"1700000000.000100",
		"files":[{"id":"F1","mode":"tombstone"},{"id":"F2"},{"id":"F3","mode":"tombstone"}]}]`)
	h, err := a.History(t.Context(), testThread, timeOf("1700000001.000000"))
	if err != nil {
		t.Fatal(err)
	}
	const message = "CDESK/1700000003.000100"
	var got []string
	for _, in := range h.Happen {
		got = append(got, fmt.Sprint(in.Kind, " ", in.Key, " ", len(in.Files), " ", in.Withdrawn))
	}
	want := []string{
		"said " + message + " 1 []",
		"edited " + message + "/edit/1700000004.000100 1 [F1 F3]",
		"edited " + message + "/file/F1/deleted 1 [F1]",
		"edited " + message + "/file/F3/deleted 1 [F3]",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("it tells of\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// cannedHistory returns an adapter of a workspace in which every thread reads the same.
func cannedHistory(t *testing.T, answer string) *Adapter {
	t.Helper()
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"ok":true,`+answer+`}`)
	}))
	t.Cleanup(web.Close)
	a := newTestAdapter(t, func(c *Config) { c.APIURL = web.URL + "/" })
	a.me.Store(&testSelf)
	a.people.remember(bridge.Person{ID: "UANA", Name: "Ana"}, personTTL)
	return a
}
