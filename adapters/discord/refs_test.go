package discord

import (
	"testing"

	"github.com/skeindesk/skein/bridge"
)

func TestThreadLink(t *testing.T) {
	a := &Adapter{cfg: Config{Guild: "42"}}
	for thread, want := range map[string]string{"7": "https://discord.com/channels/42/7", "": "", "x/y": ""} {
		if link := a.ThreadLink(bridge.ThreadRef(thread)); link != want {
			t.Errorf("of thread %q the link is %q, want %q", thread, link, want)
		}
	}
}
