package bridge_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/bridgetest"
)

// TestRandomHistories plays random lines, notes, commands, edits, deletions and failures, and compares what both
// platforms show in the end with what should stand there. A private line is marked and must never be seen by the
// visitor, not even for a moment.
func TestRandomHistories(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		moves := rapid.SliceOfN(rapid.Custom(drawMove), 1, 25).Draw(rt, "moves")
		var problems []string
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			defer w.stop()
			h := &history{w: w}
			w.visitor("vera", "Hello")
			h.visitorLines = append(h.visitorLines, "vera: Hello")
			h.thread = w.thread("vera")
			for i, m := range moves {
				h.play(i, m)
			}
			w.settled()
			// A line of one's own stands in one's chat at once, whatever is still on its way there: order is
			// promised among the copies.
			problems = append(problems, compare("the visitor", w.shop.Messages("chat/vera"), "ana", h.replies())...)
			problems = append(problems, compare("the team", w.team.Messages(h.thread), "vera", h.visitorLines)...)
			if secret := w.shop.Ever("secret"); len(secret) > 0 {
				problems = append(problems, fmt.Sprintf("the visitor could read %q", secret))
			}
		})
		if len(problems) > 0 {
			rt.Fatal(problems)
		}
	})
}

type history struct {
	w            *world
	thread       bridge.ThreadRef
	all          []*spoken // by agents, in order
	visitorLines []string
}

type spoken struct {
	ref     bridge.MessageRef
	line    string // "author: text"; empty: not for the visitor
	private bool
}

// replies are the agent's lines that the visitor should have now.
func (h *history) replies() []string {
	var out []string
	for _, s := range h.all {
		if s.line != "" {
			out = append(out, s.line)
		}
	}
	return out
}

func compare(who string, shown []bridgetest.Message, author string, want []string) []string {
	var got []string
	for _, m := range shown {
		if m.Author == author {
			got = append(got, author+": "+m.Text)
		}
	}
	if !slices.Equal(got, want) {
		return []string{fmt.Sprintf("%s sees %q, want %q", who, got, want)}
	}
	return nil
}

// move is one thing that happens, drawn before the history begins.
type move struct {
	Do       string
	Text     string // of a note or command
	Which    int    // of the agent's lines that stand, counted round
	Fail     bridge.Verdict
	Accepted bool // Unsure: the platform did it all the same
	AtTeam   bool // where the failure happens
}

func drawMove(rt *rapid.T) move {
	m := move{
		Do:    rapid.SampledFrom([]string{"visitor", "reply", "note", "command", "edit", "delete", "fail", "pause"}).Draw(rt, "do"),
		Which: rapid.IntRange(0, 9).Draw(rt, "which"),
	}
	switch m.Do {
	case "note":
		m.Text = rapid.SampledFrom([]string{"// secret", "!note secret", "\u200b//secret", "!NOTE secret"}).Draw(rt, "note")
	case "command":
		m.Text = rapid.SampledFrom([]string{"!take", "!nonsense secret", "#secret", "!unassign", "!reopen"}).Draw(rt, "command")
	case "fail":
		m.Fail = rapid.SampledFrom([]bridge.Verdict{bridge.Retry, bridge.Wait, bridge.Unsure}).Draw(rt, "verdict")
		m.Accepted = m.Fail == bridge.Unsure && rapid.Bool().Draw(rt, "accepted")
		m.AtTeam = rapid.Bool().Draw(rt, "at team")
	}
	return m
}

func (h *history) play(i int, m move) {
	w := h.w
	switch m.Do {
	case "visitor":
		text := fmt.Sprintf("question %d", i)
		w.visitor("vera", text)
		h.visitorLines = append(h.visitorLines, "vera: "+text)
	case "reply":
		text := fmt.Sprintf("answer %d", i)
		h.all = append(h.all, &spoken{ref: w.agent(h.thread, "ana", text), line: "ana: " + text})
	case "note":
		h.all = append(h.all, &spoken{ref: w.agent(h.thread, "ana", m.Text), private: true})
	case "command":
		h.all = append(h.all, &spoken{ref: w.agent(h.thread, "ben", m.Text), private: true})
	case "edit":
		if s := h.pick(m.Which); s != nil && s.private {
			w.must(w.team.Amend(w.ctx, s.ref, "secret after all"))
		} else if s != nil {
			s.line = fmt.Sprintf("ana: better %d", i)
			w.must(w.team.Amend(w.ctx, s.ref, fmt.Sprintf("better %d", i)))
		}
	case "delete":
		if s := h.pick(m.Which); s != nil {
			w.must(w.team.Amend(w.ctx, s.ref, ""))
			s.ref, s.line = "", ""
		}
	case "fail":
		p := w.shop
		if m.AtTeam {
			p = w.team
		}
		p.Script(bridgetest.Outcome{Err: &bridge.Failure{Verdict: m.Fail, After: 3 * time.Second}, Accept: m.Accepted})
	case "pause":
		w.must(w.idle())
	}
}

// pick chooses an agent's line that still stands; nil when there is none.
func (h *history) pick(which int) *spoken {
	var standing []*spoken
	for _, s := range h.all {
		if s.ref != "" {
			standing = append(standing, s)
		}
	}
	if len(standing) == 0 {
		return nil
	}
	return standing[which%len(standing)]
}
