package telegram

import (
	"testing"

	"github.com/skeindesk/skein/bridge"
)

func TestRefs(t *testing.T) {
	for _, p := range []place{{chat: 7}, {chat: -1001234567890, topic: 5}, {chat: 1<<52 - 1}} {
		if got, err := parseThread(p.thread()); got != p || err != nil {
			t.Errorf("%+v reads back as %+v, %v", p, got, err)
		}
	}
	for _, s := range []spot{{chat: 7, message: 1}, {chat: -100, message: 1 << 40, media: true}} {
		if got, err := parseMessage(s.ref()); got != s || err != nil {
			t.Errorf("%+v reads back as %+v, %v", s, got, err)
		}
	}
	for _, bad := range []string{"", "x", "0", "7/", "7/x", "7/0", "7/-1", "7/1/2", "CDESK/17.1", "7/1/m/m", "99999999999999999999"} {
		if p, err := parseThread(bridge.ThreadRef(bad)); err == nil {
			t.Errorf("%q is taken for the thread %+v", bad, p)
		}
	}
	for _, bad := range []string{"", "7", "7/", "/1", "7/0", "7/1/n", "7/m", "CDESK/17.1"} {
		if s, err := parseMessage(bridge.MessageRef(bad)); err == nil {
			t.Errorf("%q is taken for the message %+v", bad, s)
		}
	}
}

func FuzzRefs(f *testing.F) {
	f.Add("7/1")
	f.Add("-100/5/m")
	f.Fuzz(func(t *testing.T, ref string) {
		if p, err := parseThread(bridge.ThreadRef(ref)); err == nil {
			if again, err := parseThread(p.thread()); again != p || err != nil {
				t.Errorf("thread %q: %+v, then %+v", ref, p, again)
			}
		}
		if s, err := parseMessage(bridge.MessageRef(ref)); err == nil {
			if again, err := parseMessage(s.ref()); again != s || err != nil {
				t.Errorf("message %q: %+v, then %+v", ref, s, again)
			}
		}
	})
}
