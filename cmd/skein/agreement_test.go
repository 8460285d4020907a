package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/adapters/website/webtest"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/store"
)

// guest is one visitor of a test with what it was acknowledged to have said and what agents said to it.
type guest struct {
	name    string
	visitor *webtest.Visitor
	said    []string // acknowledged, in order
	thread  string   // ts of the root in Slack; empty until known
	replies []string // by agents in that thread, in order
}

// findThread waits for the thread that holds the guest's first line, and remembers it.
func (r *rig) findThread(ctx context.Context, g *guest) error {
	return r.slack.Await(ctx, func(s slacktest.State) bool {
		for _, root := range s.Channel(desk) {
			for _, m := range s.Thread(desk, root.TS)[1:] {
				if m.Bot && m.Text == g.said[0] {
					g.thread = root.TS
					return true
				}
			}
		}
		return false
	})
}

// lines are the texts of a thread by the bot (visitors' lines, without notices) or by people.
func lines(thread []slacktest.Message, bot bool) []string {
	var out []string
	for i, m := range thread {
		if i > 0 && m.Bot == bot && !m.Deleted && !isNotice(m) {
			out = append(out, m.Text)
		}
	}
	return out
}

// isNotice tells the product's own lines from visitors'.
func isNotice(m slacktest.Message) bool {
	return m.Bot && (cameLate(m.Text) || strings.Contains(m.Text, "Taken back."))
}

// cameLate is what agents are told of lines that were read back: after a restart, but also when a busy machine lets a lease
// run out.
func cameLate(text string) bool { return strings.Contains(text, "while the bridge was away") }

// agree waits until everything has been delivered and then compares, for each guest, what the visitor was shown, what
// the log holds and what stands in Slack. They must agree exactly.
func (r *rig) agree(guests []*guest) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.ctx, 2*time.Minute)
	defer cancel()
	s, err := store.Open(ctx, r.database, store.Options{})
	if err != nil {
		r.t.Fatal(err)
	}
	defer s.Close()
	for _, g := range guests {
		if err := r.settled(ctx, s, g); err != nil {
			r.t.Errorf("%s: %v", g.name, err)
		}
		r.compare(ctx, s, g)
	}
}

// settled waits until the visitor has heard every reply and Slack every line.
func (r *rig) settled(ctx context.Context, _ *store.Store, g *guest) error {
	err := g.visitor.Await(ctx, func(heard []webtest.Entry) bool { return len(texts(heard, "agent")) >= len(g.replies) })
	if err != nil {
		return fmt.Errorf("the visitor has not heard every reply: %w", err)
	}
	err = r.slack.Await(ctx, func(s slacktest.State) bool {
		return s.Replies(g.thread) >= len(g.said)+len(g.replies) && len(lines(s.Thread(desk, g.thread), true)) >= len(g.said)
	})
	if err != nil {
		return fmt.Errorf("slack has not got every line: %w", err)
	}
	return nil
}

func (r *rig) compare(ctx context.Context, s *store.Store, g *guest) {
	r.t.Helper()
	equal := func(what string, got, want []string) {
		r.t.Helper()
		if !slices.Equal(got, want) {
			r.t.Errorf("%s: %s: %s", g.name, what, difference(got, want))
		}
	}
	heard := g.visitor.Transcript()
	equal("said, as the visitor hears it", texts(heard, "visitor"), g.said)
	equal("replies, as the visitor hears them", texts(heard, "agent"), g.replies)
	read, err := g.visitor.History(ctx)
	if err != nil {
		r.t.Error(err)
	}
	equal("the stream and the history", all(heard), all(read))

	c, err := s.ConversationAt(ctx, "website", bridge.ThreadRef(keyOf(ctx, s, g)))
	if err != nil {
		r.t.Fatalf("%s: find the conversation: %v", g.name, err)
	}
	entries, err := s.Log(ctx, c.ID)
	if err != nil {
		r.t.Fatal(err)
	}
	var said, replies []string
	for i, en := range entries {
		if en.Seq != int64(i+1) {
			r.t.Errorf("%s: entry %d has number %d", g.name, i+1, en.Seq)
		}
		if en.Kind == bridge.Said && en.By.Kind == bridge.ByVisitor {
			said = append(said, rich.Plain(en.Body))
		}
		if en.Kind == bridge.Said && en.By.Kind == bridge.ByAgent {
			replies = append(replies, rich.Plain(en.Body))
		}
	}
	equal("said, in the log", said, g.said)
	equal("replies, in the log", replies, g.replies)
	thread := r.slack.Thread(desk, g.thread)
	equal("said, in Slack", lines(thread, true), g.said)
	equal("replies, in Slack", lines(thread, false), g.replies)
}

// keyOf finds the visitor's thread by the lane whose Slack thread is the guest's.
func keyOf(ctx context.Context, s *store.Store, g *guest) string {
	c, err := s.ConversationAt(ctx, "support-slack", bridge.ThreadRef(desk+"/"+g.thread))
	if err != nil {
		return ""
	}
	t, err := s.ThreadOf(ctx, c.ID, "website")
	if err != nil {
		return ""
	}
	return string(t)
}

func texts(entries []webtest.Entry, by string) []string {
	var out []string
	for _, e := range entries {
		if e.Kind == "said" && e.By.Kind == by {
			out = append(out, e.Text)
		}
	}
	return out
}

func all(entries []webtest.Entry) []string {
	var out []string
	for _, e := range entries {
		out = append(out, fmt.Sprintf("%d %s %s: %s", e.Seq, e.Kind, e.By.Kind, e.Text))
	}
	return out
}

// difference shows the first place where two lists part.
func difference(got, want []string) string {
	for i := range max(len(got), len(want)) {
		g, w := "nothing", "nothing"
		if i < len(got) {
			g = fmt.Sprintf("%q", got[i])
		}
		if i < len(want) {
			w = fmt.Sprintf("%q", want[i])
		}
		if g != w {
			return fmt.Sprintf("line %d is %s, want %s (%d lines, want %d)", i+1, g, w, len(got), len(want))
		}
	}
	return "equal"
}
