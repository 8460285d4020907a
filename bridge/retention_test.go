package bridge_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/store"
	"github.com/skeindesk/skein/store/sqlitetest"
)

// months is a shop in which visitors come and go for years, while what is old is erased.
type months struct {
	t     *testing.T
	store *store.Store
	desk  *bridge.Desk
	agent bridge.Agent
	days  int // of the retention
	n     int

	known map[string]*regular
}

// regular is what is known of a visitor, apart from the database.
type regular struct {
	conversations []bridge.ConversationID
	open          bool // the last one is
	used          time.Time
}

const day = 24 * time.Hour

// TestNothingOpenOrRecentIsErased plays years of random conversations. What is erased was closed for as long as it had to be,
// with all else of its visitor; and in the end all of that is.
func TestNothingOpenOrRecentIsErased(t *testing.T) {
	t.Parallel()
	for range 6 {
		seed := rand.Uint64()
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 0))
			m := newMonths(t, 1+r.IntN(60))
			defer func() {
				if t.Failed() {
					t.Logf("with the seed %d and %d days", seed, m.days)
				}
			}()
			for range 60 {
				m.step(r)
				time.Sleep(time.Duration(r.Int64N(int64(m.days)*int64(day)/2 + int64(time.Hour))))
				m.erase()
				m.check(false)
			}
			for name, v := range m.known {
				if v.open {
					m.does(name, "close")
				}
			}
			time.Sleep(time.Duration(m.days+1) * day)
			m.erase()
			m.check(true)
		})
	}
}

// What is set holds while it is erased; nothing is erased where nothing is to be.
func TestRetentionFollowsThePolicy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMonths(t, 1)
		var days atomic.Int64
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = bridge.KeepRetention(ctx, m.store, func() *bridge.Policy { return &bridge.Policy{ClosedDays: int(days.Load())} }, nil)
		}()
		for _, name := range []string{"early", "late"} {
			m.says(name)
		}
		m.does("early", "close")
		is := func(when string, early, late bool) {
			t.Helper()
			synctest.Wait()
			for name, want := range map[string]bool{"early": early, "late": late} {
				if got := m.erased(m.known[name].conversations[0]); got != want {
					t.Errorf("%s %s is erased: %v", when, name, got)
				}
			}
		}
		time.Sleep(23 * time.Hour)
		m.does("late", "close")
		time.Sleep(2 * time.Hour)
		is("without a retention", false, false)
		days.Store(1)
		time.Sleep(11 * time.Minute)
		is("with one", true, false)
		days.Store(0)
		time.Sleep(48 * time.Hour)
		is("when it was taken back", true, false)
		days.Store(1)
		time.Sleep(11 * time.Minute)
		is("with one again", true, true)
		cancel()
		<-ended
	})
}

func newMonths(t *testing.T, days int) *months {
	s, err := store.Open(t.Context(), sqlitetest.Database(t), store.Options{})
	m := &months{t: t, store: s, days: days, known: map[string]*regular{}}
	m.must(err)
	m.desk = bridge.NewDesk(bridge.DeskConfig{
		Ledger: s, Hub: bridge.NewHub(), Assignment: bridge.Assignment{Reopen: 7 * day},
		Routes: []bridge.Route{
			{Endpoint: "shop", Role: bridge.RoleVisitor, Desk: []bridge.EndpointName{"team"}, Reads: true},
			{Endpoint: "team", Role: bridge.RoleTeam},
		},
	})
	m.must(s.Change(t.Context(), func(tx bridge.Tx) (err error) {
		m.agent, err = tx.JoinAgent("team", bridge.Person{ID: "ana", Name: "Ana"})
		return err
	}))
	t.Cleanup(func() { m.must(s.Close()) })
	return m
}

// erase erases what is old, in small batches.
func (m *months) erase() {
	m.t.Helper()
	before := time.Now().AddDate(0, 0, -m.days)
	for more := true; more; {
		var err error
		_, more, err = m.store.EraseIdle(m.t.Context(), before, 2)
		m.must(err)
	}
	_, err := m.store.ForgetGreeted(m.t.Context(), before)
	m.must(err)
}

func (m *months) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

// step lets somebody do something.
func (m *months) step(r *rand.Rand) {
	m.t.Helper()
	name := fmt.Sprint("visitor ", r.IntN(5))
	v := m.known[name]
	switch what := r.IntN(8); {
	case v == nil || what < 3:
		m.says(name)
	case v.open && what < 6:
		m.does(name, "close")
	case v.open:
		m.does(name, "note", "text", "hello")
	case what == 3 && !m.erased(v.conversations[len(v.conversations)-1]):
		m.does(name, "reopen")
	}
}

func (m *months) says(name string) {
	m.t.Helper()
	m.n++
	en, err := m.desk.Accept(m.t.Context(), bridge.Inbound{
		Endpoint: "shop", Key: fmt.Sprint(m.n), Message: bridge.MessageRef(fmt.Sprint(m.n)), Kind: bridge.InSaid, Thread: bridge.ThreadRef(name),
		From: bridge.Person{ID: name, Name: name}, Body: rich.Of("secret"), At: time.Now(),
	})
	m.must(err)
	v := m.known[name]
	if v == nil {
		v = &regular{}
		m.known[name] = v
	}
	if n := len(v.conversations); n == 0 || v.conversations[n-1] != en.Conversation {
		v.conversations = append(v.conversations, en.Conversation)
	}
	v.open, v.used = true, time.Now()
}

func (m *months) does(name, word string, field ...string) {
	m.t.Helper()
	m.n++
	v := m.known[name]
	c := v.conversations[len(v.conversations)-1]
	fields := map[string]string{}
	for i := 0; i < len(field); i += 2 {
		fields[field[i]] = field[i+1]
	}
	answer, err := m.desk.Command(m.t.Context(), bridge.Invocation{
		Endpoint: bridge.Workbench, Key: fmt.Sprint(m.n), Thread: bridge.WorkbenchThread(c), From: bridge.WorkbenchPerson(m.agent), Word: word, Fields: fields,
	})
	m.must(err)
	if answer.Refused {
		m.t.Fatalf("%s was refused: %s", word, answer.Public)
	}
	v.used = time.Now()
	v.open = word == "reopen" || v.open && word != "close"
}

func (m *months) conversation(id bridge.ConversationID) (c bridge.Conversation) {
	m.t.Helper()
	m.must(m.store.Look(m.t.Context(), func(tx bridge.Tx) (err error) { c, err = tx.Conversation(id); return err }))
	return c
}

func (m *months) erased(id bridge.ConversationID) bool { return !m.conversation(id).ErasedAt.IsZero() }

// check compares what was erased since the last step with what may be; all: with what has to be.
func (m *months) check(all bool) {
	m.t.Helper()
	for name, v := range m.known {
		for i, id := range v.conversations {
			at := m.conversation(id).ErasedAt
			if at.IsZero() {
				if all {
					m.t.Errorf("conversation %d of %s is still there", id, name)
				}
				continue
			}
			if i == len(v.conversations)-1 && (v.open || at.Sub(v.used) < time.Duration(m.days)*day) {
				m.t.Errorf("of %s, open %v, conversation %d was erased after %v", name, v.open, id, at.Sub(v.used))
			}
			if said := m.said(id); strings.Contains(said, "secret") || strings.Contains(said, "visitor") {
				m.t.Errorf("of conversation %d there is still %s", id, said)
			}
		}
		m.oneOrAll(name, v)
	}
}

// oneOrAll: an earlier conversation is never erased while the visitor is here with a later one. A visitor who comes after
// they were erased is somebody new.
func (m *months) oneOrAll(name string, v *regular) {
	m.t.Helper()
	last := v.conversations[len(v.conversations)-1]
	for _, id := range v.conversations {
		if m.conversation(id).Visitor == m.conversation(last).Visitor && m.erased(id) != m.erased(last) {
			m.t.Errorf("of %s conversation %d is erased %v, and the last one, %d, %v", name, id, m.erased(id), last, m.erased(last))
		}
	}
}

func (m *months) said(id bridge.ConversationID) (said string) {
	m.t.Helper()
	m.must(m.store.Look(m.t.Context(), func(tx bridge.Tx) error {
		c, err := tx.Conversation(id)
		for seq := int64(1); err == nil && seq <= c.LastSeq; seq++ {
			var en bridge.Entry
			if en, _, err = tx.EntryAt(id, seq); errors.Is(err, bridge.ErrNotFound) { // the log of one begins after that of the one before
				err = nil
				continue
			}
			said += fmt.Sprintf(" %s %s", en.By.Name, rich.Plain(en.Body))
		}
		return err
	}))
	return said
}

// Who writes where everything was erased is told, in a thread and in the workbench, and what they write is not kept.
func TestWritingWhereEverythingWasErased(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		line := w.agent(thread, "ana", "Good morning")
		w.agent(thread, "ana", "!close")
		w.settled()
		c, _, err := w.conversationAt("team", thread)
		w.must(err)
		w.must(w.store.EraseVisitor(w.ctx, c.Visitor))
		w.team.Reconnect(w.ctx) // what the thread still holds has not been missed
		w.settled()
		late := w.agent(thread, "ana", "are you there?")
		w.told(w.team, thread, "Not sent, and not kept: this conversation was erased, as the team's retention asks. If the visitor writes again, that is a new one.")
		w.agent(thread, "ana", "!reopen")
		w.must(w.team.Amend(w.ctx, line, "Good evening"))
		w.must(w.team.Amend(w.ctx, late, "is anybody there?"))
		w.settled()
		if c, _, err = w.conversationAt("team", thread); err != nil || c.State != bridge.StateClosed {
			t.Errorf("it is %+v, %v", c, err)
		}
		if got := w.shop.Ever("there"); len(got) > 0 {
			t.Errorf("sent was %q", got)
		}
		for _, word := range []string{"are you there", "anybody", "evening"} {
			entries, _, err := w.store.Visible(w.ctx, c.ID, "team", bridge.RoleTeam, 0, 100)
			w.must(err)
			if strings.Contains(fmt.Sprintf("%+v", entries), word) {
				t.Errorf("%q was kept", word)
			}
		}
		w.visitor("vera", "Me again")
		w.settled()
		if again, _, err := w.conversationAt("shop", "chat/vera"); err != nil || again.ID == c.ID || again.Visitor == c.Visitor {
			t.Errorf("the visitor's next conversation is %+v, %v", again, err)
		}
	})
}

// conversationAt is the conversation of a thread.
func (w *world) conversationAt(e bridge.EndpointName, thread bridge.ThreadRef) (c bridge.Conversation, role bridge.Role, err error) {
	err = w.store.Look(w.ctx, func(tx bridge.Tx) (err error) {
		c, role, err = tx.ConversationByThread(e, thread)
		return err
	})
	return c, role, err
}
