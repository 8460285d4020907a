package main

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/robot/robottest"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/knowledge"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/store"
)

const (
	robotKnows  = "A parcel takes two days."
	robotAsks   = "I am not sure that I understood. Could you say it in other words?"
	robotLeaves = "I am passing you on to somebody from the team. They will answer here."
)

// teach has the robot of daemons that are started later know one thing.
func (r *rig) teach() {
	r.t.Helper()
	s, err := store.Open(r.t.Context(), r.database, store.Options{})
	must(r.t, err)
	must(r.t, s.Migrate(r.t.Context()))
	must(r.t, s.Change(r.t.Context(), func(tx bridge.Tx) error {
		return tx.SaveArticle(bridge.Article{Article: knowledge.Article{
			ID: "shipping", Language: "en", Title: "How long does shipping take?", Questions: []string{"When does my parcel arrive?"},
			Body: rich.Of(robotKnows),
		}})
	}))
	must(r.t, s.Close())
	r.settings["ROBOT__ENGINE"] = "knowledge"
}

// robotLines are what the visitor was answered, in order.
func robotLines(v visitor) (texts []string) {
	for _, l := range v.shown() {
		if l.by == "team" {
			texts = append(texts, l.text)
		}
	}
	return texts
}

// everythingSettled waits until no lane has anything left to do.
func (r *rig) everythingSettled() {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.ctx, time.Minute)
	defer cancel()
	s, err := store.Open(ctx, r.database, store.Options{})
	if err != nil {
		r.t.Fatal(err)
	}
	defer s.Close()
	if !until(ctx, func() bool { stats, err := s.LaneStats(ctx); return err == nil && len(stats) == 0 }) {
		r.t.Fatal("something is never settled")
	}
}

// TestRobotsStory: the robot answers what it knows, once, whichever instance has it and although they are killed; gives the
// conversation to the team when it does not know, and is silent once a person has spoken.
func TestRobotsStory(t *testing.T) {
	for _, kind := range databases {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			f := newFloor(t, kind, pairing{"telegram", []string{"slack"}})
			f.teach()
			daemons := []*process{f.start(f.address)}
			if kind == "postgres" {
				daemons = append(daemons, f.start(freeAddress(t)))
			}
			v := f.front.newcomer("Vera")
			expect := func(what string, want ...string) {
				t.Helper()
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
				defer cancel()
				until(ctx, func() bool { return len(robotLines(v)) >= len(want) })
				if got := robotLines(v); !slices.Equal(got, want) {
					t.Fatalf("%s: the visitor was answered %q, want %q\n%s", what, got, want, daemons[0].stderr)
				}
			}
			v.say("how long does shiping take?")
			expect("asked", robotKnows)
			f.everythingSettled()    // Telegram cannot be asked: what is in flight when a daemon is killed may come twice
			for i := range daemons { // both, one after the other: the other instance has the robot now
				daemons[i].kill()
				daemons[i] = f.start(freeAddress(t))
			}
			v.say("and what about the weather?")
			expect("asked something else", robotKnows, robotAsks)
			v.say("I want to talk to a person")
			expect("asked for a person", robotKnows, robotAsks, robotLeaves)

			thread := f.rooms[0].find("how long does shiping take?")
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			var notices []string
			told := until(ctx, func() bool {
				_, notices = f.rooms[0].look(thread)
				return strings.Contains(strings.Join(notices, "\n"), "Handed over: the visitor has asked for a person.")
			})
			if !told {
				t.Errorf("the team is told only %q", notices)
			}
			f.rooms[0].say(0, thread, "I am here.")
			expect("answered by a person", robotKnows, robotAsks, robotLeaves, "I am here.")
			v.say("how long does shipping take, please?")
			f.rooms[0].say(0, thread, "Two days, as the robot said.")
			expect("asked again", robotKnows, robotAsks, robotLeaves, "I am here.", "Two days, as the robot said.")
		})
	}
}

// TestRobotsEngines: a model and one's own bot are asked with what the team knows, and one that fails is nobody's loss.
func TestRobotsEngines(t *testing.T) {
	const key = "robot-key-of-the-tests"
	for engine, c := range map[string]struct {
		url  func(t *testing.T) string
		want []string
	}{
		"openai": {func(t *testing.T) string {
			server := robottest.NewCompletions(key, "tiny")
			t.Cleanup(server.Close)
			server.Then(robottest.Grounded)
			return server.URL()
		}, []string{robotKnows}},
		"webhook": {func(t *testing.T) string {
			bot := robottest.NewBot(key, func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write([]byte(`{"text": "Ask **me**.", "sources": ["shipping"]}`))
			})
			t.Cleanup(bot.Close)
			return bot.URL()
		}, []string{"Ask **me**."}},
		"webhook that fails": {func(t *testing.T) string {
			bot := robottest.NewBot(key, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusForbidden) })
			t.Cleanup(bot.Close)
			return bot.URL()
		}, []string{robotLeaves}},
	} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			f := newFloor(t, "sqlite", pairing{"telegram", []string{"slack"}})
			f.teach()
			name, _, _ := strings.Cut(engine, " ")
			f.settings["ROBOT__ENGINE"], f.settings["ROBOT__URL"], f.settings["ROBOT__KEY"], f.settings["ROBOT__MODEL"] = name, c.url(t), key, "tiny"
			daemon := f.start(f.address)
			v := f.front.newcomer("Vera")
			v.say("how long does shipping take?")
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			until(ctx, func() bool { return len(robotLines(v)) > 0 })
			if got := robotLines(v); !slices.Equal(got, c.want) {
				t.Errorf("the visitor was answered %q, want %q\n%s", got, c.want, daemon.stderr)
			}
		})
	}
}
