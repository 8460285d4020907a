package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
)

// shared is the channel of colleagues on either side.
const shared = "C0SHARED"

// A place is one side of a conversation of colleagues, whichever platform it is on, as people there use it.
type place interface {
	say(text string) (id string)
	answer(to, text string)
	edit(id, text string)
	remove(id string)
	react(id, emoji string)
	// shown lists what stands in the channel and its threads, in the order in which it was said, without notices.
	shown() []shownLine
	// await waits until ok holds; it looks whenever something has changed.
	await(ctx context.Context, ok func() bool) error
}

// shownLine is a line as a person sees it.
type shownLine struct {
	id       string
	ours     bool // a copy made by Skein
	author   string
	text     string
	files    []string
	answers  string   // the text of the line in whose thread it stands; "" when that was deleted
	reaction []string // the emoji under it, each once, sorted
}

func (l shownLine) String() string {
	return fmt.Sprintf("%s (answers %q, files %q, emoji %q)", l.text, l.answers, l.files, l.reaction)
}

// slackPlace is a workspace's shared channel.
type slackPlace struct {
	t      testing.TB
	server *slacktest.Server
}

// check lets people run into what others have deleted meanwhile.
func (p slackPlace) check(err error) {
	p.t.Helper()
	if err != nil && !strings.Contains(err.Error(), "not_found") && !strings.Contains(err.Error(), "already_reacted") {
		p.t.Error(err)
	}
}

func (p slackPlace) say(text string) string {
	ts, err := p.server.Say(anaID, shared, "", text)
	p.check(err)
	return ts
}

func (p slackPlace) answer(to, text string) {
	p.server.Look(func(v slacktest.State) {
		if m, ok := v.Message(to); ok && m.ThreadTS != "" {
			to = m.ThreadTS
		}
	})
	_, err := p.server.Say(benID, shared, to, text)
	p.check(err)
}

func (p slackPlace) edit(id, text string) {
	p.check(p.server.Edit(p.author(id), shared, id, text))
}

func (p slackPlace) remove(id string) {
	p.check(p.server.Delete(p.author(id), shared, id))
}

func (p slackPlace) react(id, emoji string) { p.check(p.server.React(benID, shared, id, emoji)) }

func (p slackPlace) author(id string) (user string) {
	p.server.Look(func(v slacktest.State) {
		m, _ := v.Message(id)
		user = m.User
	})
	return user
}

func (p slackPlace) await(ctx context.Context, ok func() bool) error {
	for {
		if ok() {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (p slackPlace) shown() []shownLine {
	all := p.server.Snapshot().Messages[shared]
	text := map[string]string{}
	for _, m := range all {
		if !m.Deleted {
			text[m.TS] = m.Text
		}
	}
	var out []shownLine
	for _, m := range all {
		if m.Deleted || strings.HasPrefix(m.Text, ":warning:") {
			continue
		}
		l := shownLine{id: m.TS, ours: m.Bot, author: m.Username, text: m.Text, answers: text[m.ThreadTS]}
		for _, f := range m.Files {
			l.files = append(l.files, f.Title)
		}
		for _, r := range m.Reactions {
			l.reaction = append(l.reaction, r.Name)
		}
		slices.Sort(l.reaction)
		out = append(out, l)
	}
	return out
}

// differences says how what the two sides show differs: what was said on one has to stand on the other, in its order.
func differences(a, b place) string {
	inA, inB := a.shown(), b.shown()
	return oneWay(inA, inB) + oneWay(inB, inA)
}

func oneWay(from, to []shownLine) string {
	pick := func(all []shownLine, ours bool) (out []string) {
		for _, l := range all {
			if l.ours == ours {
				out = append(out, l.String())
			}
		}
		return out
	}
	said, copies := pick(from, false), pick(to, true)
	if slices.Equal(said, copies) {
		return ""
	}
	for i := range min(len(said), len(copies)) {
		if said[i] != copies[i] {
			return fmt.Sprintf("%d lines have %d copies; said\n\t%s\nshown\n\t%s\n", len(said), len(copies), said[i], copies[i])
		}
	}
	return fmt.Sprintf("%d lines have %d copies\n", len(said), len(copies))
}

// newColleagues is a rig with two workspaces whose shared channels are one conversation.
func newColleagues(t *testing.T, kind string) (r *rig, near, far slackPlace) {
	t.Helper()
	sharing := func(o *slacktest.Options) {
		o.Channels = append(o.Channels, slacktest.Channel{ID: shared, Name: "colleagues", Members: []string{anaID, benID}})
	}
	r = newRig(t, kind, sharing)
	opts := slacktest.Options{
		Users: []slacktest.User{
			{ID: anaID, Name: "chloe", RealName: "Chloe Martin", DisplayName: "Chloe"}, {ID: benID, Name: "dan", RealName: "Dan", DisplayName: "Dan"},
		},
		Channels: []slacktest.Channel{{ID: desk, Name: "support", Members: []string{anaID, benID}}},
		TeamID:   "T0FAR", AppID: "A0FAR", BotID: "B0FAR", BotUserID: "U0FAR", BotToken: "xoxb-far", AppToken: "xapp-far",
	}
	sharing(&opts)
	other := slacktest.New(opts)
	must(t, other.Start())
	t.Cleanup(other.Close)
	for k, v := range map[string]string{
		"COLLEAGUES":                           "support-slack, far-slack",
		"ENDPOINTS__SUPPORT_SLACK__COLLEAGUES": shared,
		"ENDPOINTS__FAR_SLACK__TYPE":           "slack",
		"ENDPOINTS__FAR_SLACK__BOT_TOKEN":      "xoxb-far",
		"ENDPOINTS__FAR_SLACK__APP_TOKEN":      "xapp-far",
		"ENDPOINTS__FAR_SLACK__API_URL":        other.URL(),
		"ENDPOINTS__FAR_SLACK__CHANNEL":        desk,
		"ENDPOINTS__FAR_SLACK__COLLEAGUES":     shared,
		"ENDPOINTS__FAR_SLACK__PLACE_RATE":     "0",
	} {
		r.settings[k] = v
	}
	return r, slackPlace{t, r.slack}, slackPlace{t, other}
}

// agree waits until both sides show the same.
func agree(t *testing.T, within time.Duration, a, b place) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	if err := a.await(ctx, func() bool { return differences(a, b) == "" }); err != nil {
		t.Fatal(differences(a, b))
	}
}

func TestColleaguesOfTwoWorkspaces(t *testing.T) {
	t.Parallel()
	for _, kind := range databases {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			r, near, far := newColleagues(t, kind)
			daemon := r.start("127.0.0.1:0")
			lunch := near.say("Lunch at noon? !close")
			agree(t, time.Minute, near, far)
			there := far.shown()[0]
			if there.author != "Ana · support-slack" {
				t.Errorf("the copy is by %q", there.author)
			}
			far.answer(there.id, "// I am in")
			far.react(there.id, "tada")
			near.edit(lunch, "Lunch at one?")
			_, err := near.server.Upload(anaID, shared, "", "menu.txt", []byte("soup"), "The menu")
			must(t, err)
			agree(t, time.Minute, near, far)
			menu := near.shown()
			near.remove(menu[slices.IndexFunc(menu, func(l shownLine) bool { return len(l.files) > 0 })].id)
			agree(t, time.Minute, near, far)
			if all := near.shown(); len(all) != 2 || all[0].answers != "" || all[1].answers != "Lunch at one?" || !slices.Equal(all[0].reaction, []string{"tada"}) {
				t.Errorf("at home there is %v", all)
			}

			daemon.terminate()
			missed := near.say("While you were away")
			near.answer(lunch, "And in the thread")
			r.start("127.0.0.1:0")
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			must(t, far.await(ctx, func() bool { return differences(near, far) == "" }))
			near.remove(missed)
			agree(t, time.Minute, near, far)
		})
	}
}

// TestColleaguesBothAtOnce lets people on both sides write, edit, delete and react at once, a thousand times.
func TestColleaguesBothAtOnce(t *testing.T) {
	t.Parallel()
	r, near, far := newColleagues(t, "sqlite")
	r.start("127.0.0.1:0")
	near.say("We begin")
	agree(t, time.Minute, near, far)
	var writing sync.WaitGroup
	for i, p := range []place{near, far} {
		writing.Go(func() { bustle(p, i, 500, rand.New(rand.NewPCG(7, uint64(i)))) })
	}
	writing.Wait()
	agree(t, 4*time.Minute, near, far)
	t.Logf("each side shows %d lines", len(near.shown()))
}

// bustle is one side's people at work.
func bustle(p place, side, n int, r *rand.Rand) {
	var own, brief []string
	for i := range n {
		time.Sleep(5 * time.Millisecond) // nobody writes quicker
		text := fmt.Sprintf("line %d of side %d", i, side)
		switch what := r.IntN(20); {
		case what < 7 || len(own) == 0:
			own = append(own, p.say(text))
		case what < 11 || len(brief) == 0 && what >= 17:
			brief = append(brief, p.say(text+", "+briefly))
		case what < 14:
			if all := answerable(p.shown()); len(all) > 0 {
				p.answer(all[r.IntN(len(all))].id, text)
			}
		case what < 17:
			p.edit(own[r.IntN(len(own))], text+", edited")
		case what < 19:
			k := r.IntN(len(brief))
			p.remove(brief[k])
			brief = slices.Delete(brief, k, k+1)
		default:
			if all := p.shown(); len(all) > 0 {
				p.react(all[r.IntN(len(all))].id, "eyes")
			}
		}
	}
}

// briefly marks lines that will be taken away. They are not answered: where an answer stands to a line that is gone
// already in one place and not yet in the other, no two platforms agree.
const briefly = "for a moment"

func answerable(all []shownLine) []shownLine {
	return slices.DeleteFunc(slices.Clone(all), func(l shownLine) bool { return strings.Contains(l.text, briefly) })
}
