package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/skeindesk/skein/adapters/discord/discordtest"
	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/store"
)

// TestParity gives every word of the vocabulary, rightly and wrongly, in each form that there is: written and native, in
// Slack and in Discord. What becomes of the conversation, what the visitor reads and what the agent is answered is the same.
func TestParity(t *testing.T) {
	s := newStage(t)
	told := map[string]bool{}
	for _, row := range paritySteps() {
		told[row.word] = true
		t.Run(row.name(), func(t *testing.T) {
			var first *effect
			for _, form := range manners {
				if !form.native && row.only == "native" || form.native && row.only == "text" {
					continue
				}
				got := s.at(t).play(row, form)
				if row.loose && strings.Contains(got.Answer, plainly(row.want)) {
					got.Answer = plainly(row.want)
				}
				if first == nil {
					first = &got
				}
				if diff := cmp.Diff(*first, got); diff != "" {
					t.Errorf("%s differs:\n%s", form.name, diff)
				}
				if !strings.Contains(got.Answer, plainly(row.want)) || row.want == "" && got.Answer != "" {
					t.Errorf("%s is answered %q, want %q", form.name, got.Answer, row.want)
				}
				if row.state != "" && got.State != row.state {
					t.Errorf("%s leaves it %s, want %s", form.name, got.State, row.state)
				}
				if !slices.Equal(got.Visitor, row.visitor) {
					t.Errorf("%s: the visitor reads %q, want %q", form.name, got.Visitor, row.visitor)
				}
			}
		})
	}
	for _, w := range bridge.Vocabulary() {
		if !told[w.Word] {
			t.Errorf("the script has nothing about %q", w.Word)
		}
	}
}

// step is one row of the script.
type step struct {
	word   string
	rest   string            // what follows it as text
	fields map[string]string // and natively
	form   map[string]string // and in the form that is shown then
	on     string            // the message that it is about: "own" or ""
	by     string            // who gives it; empty: Ana
	before []string          // written before it, as "who: text"
	only   string            // "text" or "native": the other form does not exist
	loose  bool              // the answers differ in what want does not say

	want    string       // in the answer; "": there is none
	state   bridge.State // after it; "": whatever it is
	visitor []string     // what the visitor reads after it, besides their own line
	note    string       // names the row among those of a word
}

func (s step) name() string { return strings.TrimSpace(s.word + " " + s.note) }

// effect is what came of a step.
type effect struct {
	Answer  string // letters and digits only: the rest is markup
	State   bridge.State
	Owner   string
	Visitor []string
	Notes   []string // what agents read besides, in the order of the log
	Quick   []string // quick replies, if the word is about them
}

// manner is a way of giving a word.
type manner struct {
	name    string
	discord bool
	native  bool
}

var manners = []manner{{"text in Slack", false, false}, {"native in Slack", false, true}, {"text in Discord", true, false}, {"native in Discord", true, true}}

// stage is a daemon with both chats, whose team are Ana, who owns it, and Ben; Zoe is in both chats and not in the team.
type stage struct {
	*rig
	t       *testing.T
	discord *discordtest.Server
	daemon  *process
	db      *store.Store
	n       int
}

const zoeID, zoeUser = "U00000ZOE", "900000000000000777"

var stagePeople = map[string][2]string{"ana": {anaID, chloeUser}, "ben": {benID, danUser}, "zoe": {zoeID, zoeUser}}

func newStage(t *testing.T) *stage {
	r := newBareRig(t, "sqlite")
	r.addSlack(func(o *slacktest.Options) {
		o.Users = append(o.Users, slacktest.User{ID: zoeID, Name: "zoe", RealName: "Zoe", DisplayName: "Zoe"})
		o.Channels[0].Members = append(o.Channels[0].Members, zoeID)
		patient(o)
	})
	s := &stage{rig: r, t: t, discord: r.addDiscord(discordtest.Text, func(o *discordtest.Options) {
		o.Users = append(o.Users, discordtest.User{ID: zoeUser, Username: "zoe", GlobalName: "Zoe"})
		o.HeartbeatInterval = 10 * time.Second // whoever loses the connection over a late one loses presses
	})}
	r.addWebsite("support-slack,support-discord")
	for _, e := range []string{"SUPPORT_SLACK", "SUPPORT_DISCORD"} {
		r.settings["ENDPOINTS__"+e+"__GUARD"], r.settings["ENDPOINTS__"+e+"__MEMBERS"] = "ask", "invited"
	}
	var err error
	s.db, err = store.Open(r.ctx, r.database, store.Options{})
	must(t, err)
	t.Cleanup(func() { _ = s.db.Close() })
	s.daemon = r.start("127.0.0.1:0")
	for _, name := range []string{"Ana", "Ben"} {
		ids := stagePeople[strings.ToLower(name)]
		var a bridge.Agent
		must(t, s.db.Change(r.ctx, func(tx bridge.Tx) (err error) {
			a, err = tx.JoinAgent("support-slack", bridge.Person{ID: ids[0], Name: name})
			return err
		}))
		must(t, s.db.Link(r.ctx, a.ID, "support-discord", ids[1]))
	}
	return s
}

func (s *stage) at(t *testing.T) *stage {
	s.t, s.rig.t = t, t
	return s
}

// scene is a visitor's conversation with its two threads.
type scene struct {
	*stage
	conv    bridge.Conversation
	slack   string
	discord string
}

func (s *stage) open() *scene {
	s.n++
	first := fmt.Sprintf("question %d", s.n)
	c := greeted(s.t, s.daemon.address, "website", fmt.Sprintf("Visitor %d", s.n))
	must(s.t, c.say(first))
	sc := &scene{stage: s}
	s.until("both threads", func() bool {
		for _, m := range s.rig.slack.Channel(desk) {
			if list := s.rig.slack.Thread(desk, m.TS); len(list) > 1 && list[1].Text == first {
				sc.slack = m.TS
			}
		}
		for _, t := range s.discord.Threads(deskPlace) {
			for _, m := range s.discord.Said(t.ID) {
				if strings.HasSuffix(m.Content, first) {
					sc.discord = t.ID
				}
			}
		}
		return sc.slack != "" && sc.discord != ""
	})
	var err error
	sc.conv, err = s.db.ConversationAt(s.ctx, "support-slack", bridge.ThreadRef(desk+"/"+sc.slack))
	must(s.t, err)
	return sc
}

func (s *stage) until(what string, ok func() bool) {
	s.t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for !ok() {
		if time.Now().After(deadline) {
			s.t.Fatalf("waited in vain for %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// play gives a word in a conversation of its own.
func (s *stage) play(row step, f manner) effect {
	s.t.Helper()
	sc := s.open()
	for _, line := range row.before {
		who, text, _ := strings.Cut(line, ": ")
		sc.write(who, f.discord, text)
	}
	before := sc.log()
	by := row.by
	if by == "" {
		by = "ana"
	}
	var answer string
	if f.native {
		sc.read()
		answer = sc.give(row, f, by, len(before))
	} else {
		sc.write(by, f.discord, strings.TrimSpace("!"+row.word+" "+row.rest))
	}
	e := sc.effect(before)
	if strings.HasPrefix(row.word, "qr") {
		e.Quick = s.quickReplies()
	}
	if f.native {
		e.Answer = plainly(answer)
	}
	return e
}

// read waits until the card in Slack says whose the conversation is, or that it is closed: what one of its buttons does
// depends on what was to be read there.
func (sc *scene) read() {
	c, err := sc.db.Conversation(sc.ctx, sc.conv.ID)
	must(sc.t, err)
	if c.State == bridge.StateClosed {
		sc.until("the button that opens it again", func() bool { return sc.hasButton("reopen") })
	}
	if c.State != bridge.StateAssigned {
		return
	}
	sc.until("the owner on the card", func() bool {
		return strings.Contains(string(sc.stage.rig.slack.Thread(desk, sc.slack)[0].Blocks), "Assigned* · "+c.OwnerName)
	})
}

// quickReplies are all there are, as "shortcut: text".
func (s *stage) quickReplies() (all []string) {
	replies, _, err := s.db.QuickReplies(s.ctx)
	must(s.t, err)
	for _, r := range replies {
		all = append(all, r.Shortcut+": "+rich.Plain(r.Body))
	}
	return all
}

// write is a person writing in the thread, until the log has the line.
func (sc *scene) write(who string, discord bool, text string) (id string) {
	sc.t.Helper()
	n := len(sc.log())
	var err error
	if discord {
		id, err = sc.stage.discord.Say(stagePeople[who][1], sc.discord, text)
	} else {
		id, err = sc.stage.rig.slack.Say(stagePeople[who][0], desk, sc.slack, text)
	}
	must(sc.t, err)
	sc.until("the line "+text, func() bool { return len(sc.log()) > n })
	return id
}

func (sc *scene) log() []bridge.Entry {
	log, err := sc.db.Log(sc.ctx, sc.conv.ID)
	must(sc.t, err)
	return log
}

// effect reads what the log has besides what it had before, and how the conversation stands.
func (sc *scene) effect(before []bridge.Entry) (e effect) {
	c, err := sc.db.ConversationAt(sc.ctx, "support-slack", bridge.ThreadRef(desk+"/"+sc.slack))
	must(sc.t, err)
	e.State, e.Owner = c.State, c.OwnerName
	log := sc.log()
	for i, en := range log {
		text := rich.Plain(en.Body)
		switch {
		case en.Audience == bridge.Everyone && en.Kind == bridge.Said && en.By.Kind != bridge.ByVisitor:
			e.Visitor = append(e.Visitor, text)
		case strings.HasPrefix(text, "Taken back."): // whenever it is known
		case i < len(before) || strings.HasPrefix(text, "!") || strings.HasPrefix(text, "#"):
		case en.IsNotice() && en.Audience != bridge.AgentsOnly && e.Answer == "":
			e.Answer = plainly(text)
		case en.Kind == bridge.Deleted: // its words name the chat
			e.Notes = append(e.Notes, "deleted")
		case en.Kind == bridge.Noted, en.Kind == bridge.Edited:
			e.Notes = append(e.Notes, string(en.Kind)+" "+plainly(text))
		}
	}
	return e
}

// plainly leaves the letters and digits of a text.
func plainly(text string) string {
	text = strings.NewReplacer("&amp;", "", "&lt;", "", "&gt;", "").Replace(text)
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}

// give gives the word natively: on a message by its menu, by the card's button where it has one, else as a slash command
// whose form is filled in. It returns what only the person is told.
func (sc *scene) give(row step, f manner, by string, n int) string {
	sc.t.Helper()
	if f.discord {
		return sc.giveInDiscord(row, stagePeople[by][1], n)
	}
	return sc.giveInSlack(row, stagePeople[by][0], n)
}

func (sc *scene) giveInDiscord(row step, user string, n int) string {
	s, t := sc.stage.discord, sc.t
	told := len(s.Ephemerals())
	var i *discordtest.Interaction
	var err error
	if row.on == "own" {
		said := s.Said(sc.discord)
		own := slices.IndexFunc(said, func(m discordtest.Message) bool { return m.Author == user })
		i, err = s.UseMessageCommand(user, said[own].ID, strings.ToUpper(row.word[:1])+row.word[1:])
	} else if row.word == "reopen" { // its thread is archived, and takes no commands
		sc.until("the button in Discord", func() bool {
			i, err = s.Press(user, sc.discord, "skein:reopen")
			return err == nil
		})
	} else {
		options := map[string]any{}
		for name, value := range row.fields {
			options[name] = value
		}
		i, err = s.Command(user, sc.discord, strings.ReplaceAll(row.word, " ", "-"), options)
	}
	must(t, err)
	ctx, cancel := context.WithTimeout(sc.ctx, 2*time.Minute)
	defer cancel()
	_, err = i.Await(ctx)
	must(t, err)
	if row.form != nil {
		i, err = s.SubmitModal(user, i, row.form)
		must(t, err)
		_, err = i.Await(ctx)
		must(t, err)
	}
	var answer string
	done := time.Time{} // a button whose word needs no answer gets none
	sc.until("what comes of it in Discord", func() bool {
		all := s.Ephemerals()
		if len(all) > told && all[told].Content != "" {
			answer = all[told].Content
		}
		if done.IsZero() && row.word == "reopen" && len(sc.log()) > n {
			done = time.Now()
		}
		return answer != "" || !done.IsZero() && time.Since(done) > 300*time.Millisecond
	})
	if answer == "Done." {
		return ""
	}
	return answer
}
