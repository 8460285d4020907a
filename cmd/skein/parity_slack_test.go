package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
)

func (sc *scene) giveInSlack(row step, user string, n int) string {
	if answer := sc.askInSlack(row, user, n); answer != "Done." {
		return answer
	}
	return ""
}

func (sc *scene) askInSlack(row step, user string, n int) string {
	s, t := sc.stage.rig.slack, sc.t
	var told int
	var stale []string
	s.Look(func(v slacktest.State) {
		told = len(v.Ephemerals())
		for id, open := range v.Views() {
			if open.User == user && open.Type == "modal" {
				stale = append(stale, id)
			}
		}
	})
	for _, id := range stale {
		_, err := s.CloseView(user, id)
		must(t, err)
	}
	ctx, cancel := context.WithTimeout(sc.ctx, 2*time.Minute)
	defer cancel()
	if row.on == "own" {
		list := s.Thread(desk, sc.slack)
		own := slices.IndexFunc(list, func(m slacktest.Message) bool { return m.User == user })
		i, err := s.Shortcut(user, list[own].TS, "skein:"+row.word)
		must(t, err)
		_, err = i.Await(ctx)
		must(t, err)
		return sc.toldInSlack(user, told, n, row.want != "")
	}
	if len(row.fields) == 0 && sc.hasButton(row.word) {
		i, err := s.Press(user, sc.slack, "skein:"+row.word, "")
		must(t, err)
		_, err = i.Await(ctx)
		must(t, err)
		return sc.toldInSlack(user, told, n, row.want != "")
	}
	open := map[string]bool{}
	s.Look(func(v slacktest.State) {
		for id := range v.Views() {
			open[id] = true
		}
	})
	i, err := s.Command(user, desk, "/skein", row.word)
	must(t, err)
	_, err = i.Await(ctx)
	must(t, err)
	sc.formInSlack(row, user, told, open)
	return sc.toldInSlack(user, told, n, true) // a slash command is always answered
}

// hasButton reports whether the card in Slack has a button of the word.
func (sc *scene) hasButton(word string) bool {
	raw, err := json.Marshal(sc.stage.rig.slack.Thread(desk, sc.slack)[0].Blocks)
	must(sc.t, err)
	return strings.Contains(string(raw), `"skein:`+word+`"`)
}

// formInSlack waits for a modal of the person's, fills it in and submits it, unless an answer comes instead.
func (sc *scene) formInSlack(row step, user string, told int, before map[string]bool) {
	s := sc.stage.rig.slack
	var found slacktest.View
	sc.until("a form in Slack", func() (ok bool) {
		s.Look(func(v slacktest.State) {
			for _, open := range v.Views() {
				if !before[open.ID] && open.User == user && open.Type == "modal" && open.CallbackID == "skein:form" && strings.Contains(string(open.Raw), `"input"`) {
					found, ok = open, true
				}
			}
			ok = ok || len(v.Ephemerals()) > told
		})
		return ok
	})
	if found.ID == "" {
		return
	}
	values := map[string]string{"conversation": fmt.Sprint(sc.conv.ID)}
	maps.Copy(values, row.fields)
	sc.submitInSlack(user, found, values)
	if row.form == nil {
		return
	}
	sc.until("a second form in Slack", func() (ok bool) {
		s.Look(func(v slacktest.State) { found, ok = v.Modal(user) })
		for name := range row.form {
			ok = ok && found.Values[name] != nil
		}
		return ok
	})
	sc.submitInSlack(user, found, row.form)
}

// submitInSlack fills a modal in and submits it.
func (sc *scene) submitInSlack(user string, found slacktest.View, values map[string]string) {
	s, t := sc.stage.rig.slack, sc.t
	for block := range found.Values {
		value := values[block]
		if value == "" {
			continue
		}
		if strings.Contains(fmt.Sprint(found.Values[block]), "selected_option") {
			ctx, cancel := context.WithTimeout(sc.ctx, 2*time.Minute)
			offered, err := s.Suggest(user, found.ID, block, value).Await(ctx)
			cancel()
			must(t, err)
			must(t, s.Choose(user, found.ID, block, firstOf(offered, value)))
			continue
		}
		must(t, s.Type(user, found.ID, block, value))
	}
	i, err := s.Submit(user, found.ID)
	must(t, err)
	ctx, cancel := context.WithTimeout(sc.ctx, 2*time.Minute)
	defer cancel()
	_, err = i.Await(ctx)
	must(t, err)
}

// refusalIn is why a form was refused that is still open.
func refusalIn(v slacktest.View) string {
	var w struct {
		Blocks []struct {
			ID   string `json:"block_id"`
			Text struct{ Text string }
		}
	}
	_ = json.Unmarshal(v.Raw, &w)
	for _, b := range w.Blocks {
		if b.ID == "skein-refusal" {
			return strings.TrimPrefix(b.Text.Text, ":warning: ")
		}
	}
	return ""
}

// firstOf is the value of the first of the options suggested; without any, what was typed.
func firstOf(suggested json.RawMessage, typed string) string {
	var answer struct{ Options []struct{ Value string } }
	if json.Unmarshal(suggested, &answer) != nil || len(answer.Options) == 0 {
		return typed
	}
	return answer.Options[0].Value
}

// toldInSlack waits until the word has been carried out: the person is told something, or, where that need not be, the log
// has it.
func (sc *scene) toldInSlack(user string, told, n int, always bool) (answer string) {
	done := time.Time{}
	sc.until("what comes of it in Slack", func() bool {
		sc.stage.rig.slack.Look(func(v slacktest.State) {
			for _, e := range v.Ephemerals()[told:] {
				if e.User == user {
					answer = e.Text
				}
			}
			for _, open := range v.Views() {
				if open.User == user {
					answer += refusalIn(open)
				}
			}
		})
		if done.IsZero() && !always && len(sc.log()) > n {
			done = time.Now()
		}
		return answer != "" || !done.IsZero() && time.Since(done) > 300*time.Millisecond
	})
	return answer
}
