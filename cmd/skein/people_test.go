package main

import (
	"context"
	"testing"

	"github.com/skeindesk/skein/adapters/website/webtest"
)

func introduction(name string) webtest.Introduction {
	return webtest.Introduction{Locale: "en", Profile: map[string]any{"name": name}}
}

// say sends a line until it is acknowledged.
func (g *guest) say(ctx context.Context, t testing.TB, text string) {
	t.Helper()
	if _, err := g.visitor.Say(ctx, text); err != nil {
		t.Fatalf("%s: %v", g.name, err)
	}
	g.said = append(g.said, text)
}

// reply is an agent writing in the guest's thread.
func (r *rig) reply(g *guest, user, text string) {
	r.t.Helper()
	if _, err := r.slack.Say(user, desk, g.thread, text); err != nil {
		r.t.Fatal(err)
	}
	g.replies = append(g.replies, text)
}
