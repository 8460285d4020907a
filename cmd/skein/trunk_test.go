package main

import (
	"context"
	"testing"
	"time"
)

// TestTrunk is the main job: a visitor's line becomes a thread, the agent's answer comes back.
func TestTrunk(t *testing.T) {
	for _, kind := range databases {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, kind)
			p := r.start("127.0.0.1:0")
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			g := &guest{name: "vera", visitor: r.site(p.address).Visitor()}
			if _, err := g.visitor.Open(ctx, introduction("Vera")); err != nil {
				t.Fatal(err)
			}
			streaming := make(chan error, 1)
			streamCtx, stopStream := context.WithCancel(ctx)
			go func() { streaming <- g.visitor.Stream(streamCtx) }()
			g.say(ctx, t, "Hello, do you ship to Norway?")
			if err := r.findThread(ctx, g); err != nil {
				t.Fatalf("%v\n%s", err, p.stderr)
			}
			g.say(ctx, t, "It is for a kayak.")
			r.reply(g, anaID, "We do. It takes four days.")
			r.agree([]*guest{g})
			stopStream()
			<-streaming
			p.terminate()
			if t.Failed() {
				t.Log(p.stderr)
			}
		})
	}
}
