package main

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/discord/discordtest"
	"github.com/skeindesk/skein/adapters/slack/slacktest"
)

const sharedPlace = "2009"

// discordPlace is a server's shared channel.
type discordPlace struct {
	t      testing.TB
	server *discordtest.Server
}

// check lets people run into what others have deleted meanwhile.
func (p discordPlace) check(err error) {
	p.t.Helper()
	if err != nil && !strings.Contains(err.Error(), "Unknown Message") {
		p.t.Error(err)
	}
}

func (p discordPlace) say(text string) string {
	id, err := p.server.Say(chloeUser, sharedPlace, text)
	p.check(err)
	return id
}

func (p discordPlace) answer(to, text string) {
	_, err := p.server.Post(danUser, sharedPlace, discordtest.Draft{Text: text, Reply: to})
	p.check(err)
}

func (p discordPlace) edit(id, text string) { p.check(p.server.Edit(chloeUser, id, text)) }
func (p discordPlace) remove(id string)     { p.check(p.server.Delete(chloeUser, id)) }

func (p discordPlace) react(id, emoji string) {
	p.check(p.server.React(danUser, id, map[string]string{"eyes": "👀", "tada": "🎉"}[emoji]))
}

func (p discordPlace) await(ctx context.Context, ok func() bool) error {
	if until(ctx, ok) {
		return nil
	}
	return ctx.Err()
}

func (p discordPlace) shown() (out []shownLine) {
	p.server.Look(func(v discordtest.State) {
		all := v.Said(sharedPlace)
		for _, m := range all {
			text := discordWords(m)
			if m.Bot && strings.HasPrefix(text, "⚠️") {
				continue
			}
			l := shownLine{id: m.ID, ours: m.Bot, author: speaker(m), text: text}
			root := m
			for root.Reply != "" { // a thread in Slack is whatever goes back to its first message
				root, _ = v.Message(root.Reply)
			}
			if root.ID != m.ID && !root.Deleted {
				l.answers = discordWords(root)
			}
			for _, f := range m.Attachments {
				l.files = append(l.files, f.Name)
			}
			for _, r := range m.Reactions {
				l.reaction = append(l.reaction, map[string]string{"👀": "eyes", "🎉": "tada"}[r.Emoji])
			}
			slices.Sort(l.reaction)
			out = append(out, l)
		}
	})
	return out
}

// TestColleaguesOfSlackAndDiscord lets people on both platforms write, answer, edit, delete and react at once, a thousand
// times: both channels end up showing the same.
func TestColleaguesOfSlackAndDiscord(t *testing.T) {
	t.Parallel()
	r := newRig(t, "sqlite", func(o *slacktest.Options) {
		o.Channels = append(o.Channels, slacktest.Channel{ID: shared, Name: "colleagues", Members: []string{anaID, benID}})
	})
	server := r.addDiscord(discordtest.Text)
	server.AddChannel(discordtest.Channel{ID: sharedPlace, Name: "colleagues"})
	r.settings["COLLEAGUES"] = "support-slack, support-discord"
	r.settings["ENDPOINTS__SUPPORT_SLACK__COLLEAGUES"] = shared
	r.settings["ENDPOINTS__SUPPORT_DISCORD__COLLEAGUES"] = sharedPlace
	daemon := r.start("127.0.0.1:0")
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(daemon.stderr)
		}
	})
	near, far := slackPlace{t, r.slack}, discordPlace{t, server}
	near.say("We begin")
	agree(t, time.Minute, near, far)
	far.say("So do we")
	agree(t, time.Minute, near, far)
	var writing sync.WaitGroup
	for i, p := range []place{near, far} {
		writing.Go(func() { bustle(p, i, 500, rand.New(rand.NewPCG(7, uint64(i)))) })
	}
	writing.Wait()
	agree(t, 4*time.Minute, near, far)
	t.Logf("each side shows %d lines", len(near.shown()))
}
