package main

import (
	"context"
	"flag"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/discord/discordtest"
	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/bridge"
)

var claims = flag.Int("claims", 40, "how often a conversation is taken in Slack and in Discord at the same instant")

// claimed are how many conversations are claimed beside each other: before each claim both cards must say that it is free.
const claimed = 20

// TestTwoPressAtOnce presses Take in Slack and in Discord at the same instant: exactly one has the conversation each time,
// the other is told who, and both cards say so.
func TestTwoPressAtOnce(t *testing.T) {
	s := newStage(t)
	scenes := make([]*scene, min(claimed, *claims))
	for i := range scenes {
		scenes[i] = s.open()
	}
	var mu sync.Mutex
	won := map[string]int{}
	var all sync.WaitGroup
	for i, sc := range scenes {
		all.Go(func() {
			for round := i; round < *claims; round += len(scenes) {
				owner, err := sc.claim(round)
				if err != nil {
					t.Errorf("claim %d: %v", round, err)
					return
				}
				mu.Lock()
				won[owner]++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	t.Logf("taken by %v", won)
}

// claim has Ana take the conversation in Slack and Ben in Discord, and puts it back. It returns who had it.
func (sc *scene) claim(round int) (owner string, err error) {
	ctx, cancel := context.WithTimeout(sc.ctx, 2*time.Minute)
	defer cancel()
	slack, discord := sc.stage.rig.slack, sc.stage.discord
	if err := sc.cards(ctx, "Unassigned"); err != nil {
		return "", fmt.Errorf("before it: %w", err)
	}
	before, told := len(sc.log()), sc.beaten()
	var both sync.WaitGroup
	var errs [2]error
	start := make(chan struct{})
	both.Go(func() {
		<-start
		var press *slacktest.Interaction
		if press, errs[0] = slack.Press(anaID, sc.slack, "skein:take", ""); errs[0] == nil {
			_, errs[0] = press.Await(ctx)
		}
	})
	both.Go(func() {
		<-start
		time.Sleep(time.Duration(round%8) * time.Millisecond) // what Slack takes longer, sometimes: each is to be first now and then
		var press *discordtest.Interaction
		if press, errs[1] = discord.Press(danUser, sc.discord, "skein:take:free"); errs[1] == nil {
			_, errs[1] = press.Await(ctx)
		}
	})
	close(start)
	both.Wait()
	for _, err := range errs {
		if err != nil {
			return "", fmt.Errorf("press: %w", err)
		}
	}
	if owner, err = sc.decided(ctx, before, told); err != nil {
		return "", err
	}
	if err := sc.cards(ctx, owner); err != nil {
		return "", fmt.Errorf("after it: %w", err)
	}
	_, err = slack.Say(anaID, desk, sc.slack, "!unassign")
	return owner, err
}

// decided waits until both presses are in the log and returns who owns the conversation, once the other has been told.
func (sc *scene) decided(ctx context.Context, before int, told beaten) (owner string, err error) {
	for given, pressed := 0, 0; pressed < 2; {
		given, pressed, owner = 0, 0, ""
		for _, en := range sc.log()[before:] {
			switch {
			case en.Kind == bridge.Changed && en.State == bridge.StateAssigned:
				given++
				owner = en.By.Name
			case en.Kind == bridge.Noted && en.By.Kind == bridge.ByAgent:
				pressed++
			}
		}
		if given > 1 {
			return "", fmt.Errorf("it was given to somebody %d times", given)
		}
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		time.Sleep(5 * time.Millisecond)
	}
	if owner == "Ana" {
		return owner, sc.stage.discord.Await(ctx, func(v discordtest.State) bool { return sc.toldToBen(v) > told.discord })
	}
	return owner, sc.stage.rig.slack.Await(ctx, func(v slacktest.State) bool { return sc.toldToAna(v) > told.slack })
}

// beaten is how often Ana was told in Slack, and Ben in Discord, that the other one was first.
type beaten struct{ slack, discord int }

func (sc *scene) beaten() (b beaten) {
	sc.stage.rig.slack.Look(func(v slacktest.State) { b.slack = sc.toldToAna(v) })
	sc.stage.discord.Look(func(v discordtest.State) { b.discord = sc.toldToBen(v) })
	return b
}

func (sc *scene) toldToAna(v slacktest.State) (n int) {
	for _, e := range v.Ephemerals() {
		if e.ThreadTS == sc.slack && e.User == anaID && strings.Contains(e.Text, "Ben took this conversation just before you") {
			n++
		}
	}
	return n
}

func (sc *scene) toldToBen(v discordtest.State) (n int) {
	for _, m := range v.Ephemerals() {
		about := strings.Contains(string(m.Components), sc.discord) // the card, and so the answer, is in the channel
		if about && m.For == danUser && strings.Contains(m.Content, "Ana took this conversation just before you") {
			n++
		}
	}
	return n
}

// cards waits until the cards in both chats say these words.
func (sc *scene) cards(ctx context.Context, words string) error {
	err := sc.stage.rig.slack.Await(ctx, func(v slacktest.State) bool {
		return strings.Contains(string(v.Thread(desk, sc.slack)[0].Blocks), words)
	})
	if err != nil {
		return fmt.Errorf("wait for the card in Slack to say %s: %w", words, err)
	}
	err = sc.stage.discord.Await(ctx, func(v discordtest.State) bool {
		card, _ := v.Message(sc.discord)
		return strings.Contains(card.Content, words)
	})
	if err != nil {
		return fmt.Errorf("wait for the card in Discord to say %s: %w", words, err)
	}
	return nil
}
