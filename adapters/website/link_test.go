package website

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/skeindesk/skein/bridge"
)

func TestLink(t *testing.T) {
	m := newMemory()
	var who string
	c := newCaller(t, m, func(c *Config) {
		c.Telegram = "shop-telegram"
		c.DeepLink = func(_ context.Context, token string) (string, error) {
			if who == "" {
				return "", errors.New("nobody knows")
			}
			return "https://t.me/" + who + "?start=" + token, nil
		}
	})
	s := c.session(`{}`)
	if !s.Settings.Telegram {
		t.Error("the widget is not told of the link")
	}
	var p problem
	if c.want(503, &p, "POST", "links", ""); p.Code != "not_connected" || p.RetryAfter == 0 {
		t.Errorf("while the bot is not known: %+v", p)
	}
	who = "shop_bot"
	var link linkAnswer
	before := time.Now()
	c.want(200, &link, "POST", "links", "")
	expires, err := time.Parse(time.RFC3339, link.ExpiresAt)
	if err != nil || link.URL != "https://t.me/shop_bot?start=TOKEN2" || expires.Sub(before).Round(time.Minute) != bridge.LinkLife {
		t.Errorf("link %+v, %v", link, err)
	}
	want := bridge.Link{Endpoint: "website", Thread: bridge.ThreadRef(s.Visitor.ID), Person: s.Visitor.ID, To: "shop-telegram"}
	if diff := cmp.Diff(want, m.invited[1]); diff != "" {
		t.Errorf("the link is for another: %s", diff)
	}
	c.token = ""
	c.want(401, nil, "POST", "links", "")
}

func TestNoLink(t *testing.T) {
	c := newCaller(t, newMemory())
	if s := c.session(`{}`); s.Settings.Telegram {
		t.Error("the widget is told of a link that there is not")
	}
	var p problem
	if c.want(404, &p, "POST", "links", ""); p.Code != "no_links" {
		t.Errorf("without Telegram: %+v", p)
	}
}
