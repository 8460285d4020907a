package discordtest_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/skeindesk/skein/adapters/discord/discordtest"
)

func TestDisturbedIdentify(t *testing.T) {
	s := start(t, nil)
	s.NextReconnect()
	w := dial(t, s)
	w.identify(s.Options().Token, usual)
	if f := w.next(); f.Op != 7 {
		t.Errorf("got %+v", f)
	}
	s.NextInvalid(true)
	w = dial(t, s)
	w.identify(s.Options().Token, usual)
	if f := w.next(); f.Op != 9 || string(f.D) != "true" {
		t.Errorf("got %+v", f)
	}
	s.NextClose(4000)
	w.identify(s.Options().Token, usual)
	if code := w.closed(); code != 4000 {
		t.Errorf("closed with %d", code)
	}
	w, _ = ready(t, s, usual)
	s.Invalidate(false)
	for f := w.next(); f.Op != 9; f = w.next() {
		if f.Op != 0 {
			t.Errorf("got %+v", f)
		}
	}
	s.CloseGateway(4004)
	if code := w.closed(); code != 4004 {
		t.Errorf("closed with %d", code)
	}
}

func TestEventFaults(t *testing.T) {
	s := start(t, nil)
	w, id := ready(t, s, usual)
	w.want("GUILD_CREATE")
	text := func(f frame) string {
		var m struct{ Content string }
		must(t, json.Unmarshal(f.D, &m))
		return m.Content
	}
	post := func(texts ...string) {
		for _, x := range texts {
			_, err := s.Say(ana, desk, x)
			must(t, err)
		}
	}
	s.FailEvents(discordtest.EventFault{Kind: "MESSAGE_CREATE", Times: 1, Drop: true})
	s.FailEvents(discordtest.EventFault{Kind: "MESSAGE_CREATE", Times: 1, Swap: true})
	s.FailEvents(discordtest.EventFault{Kind: "MESSAGE_CREATE", Times: 1, Copies: 1})
	post("lost", "late", "twice")
	var got []string
	for range 3 {
		got = append(got, text(w.next()))
	}
	if !slices.Equal(got, []string{"twice", "twice", "late"}) {
		t.Errorf("got %v", got)
	}
	s.Dispatch("SOMETHING_NEW", object{"x": 1})
	w.want("SOMETHING_NEW")
	m := value[string](t)(s.Say(ana, desk, "odd"))
	w.next()
	must(t, s.AddUnknownComponent(m, 99))
	f := w.want("MESSAGE_UPDATE")
	if !strings.Contains(string(f.D), `"type":99`) {
		t.Errorf("got %s", f.D)
	}
	_, err := s.Post(ana, desk, discordtest.Draft{Text: "odd from the start", UnknownComponent: 98})
	must(t, err)
	if f = w.next(); !strings.Contains(string(f.D), `"type":98`) {
		t.Errorf("got %s", f.D)
	}
	last := f.S
	s.FailEvents(discordtest.EventFault{Kind: "MESSAGE_CREATE", Times: 1, Cut: true})
	post("cut")
	if code := w.closed(); code != 1006 && code != 0 {
		t.Errorf("closed with %d", code)
	}
	w = dial(t, s)
	w.send(6, object{"token": s.Options().Token, "session_id": id, "seq": last})
	if got := text(w.want("MESSAGE_CREATE")); got != "cut" {
		t.Errorf("replayed %q", got)
	}
	s.Silence()
	post("unheard")
	healthy, _ := ready(t, s, usual)
	post("heard")
	if got := text(healthy.want("MESSAGE_CREATE")); got != "heard" {
		t.Errorf("got %q", got)
	}
}

func TestDown(t *testing.T) {
	s := start(t, nil)
	w, _ := ready(t, s, usual)
	s.SetDown(true)
	w.closed()
	if r, err := do(t, request(t, s, "GET", "/gateway/bot", "", nil)); err == nil {
		t.Errorf("answered %d", r.status)
	}
	s.SetDown(false)
	ready(t, s, usual)
}
