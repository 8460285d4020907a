package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
	"github.com/skeindesk/skein/adapters/translate/apertiumtest"
)

// interpreter stands between the daemon and a real Apertium, and can go wrong.
type interpreter struct {
	engine *apertiumtest.Server
	proxy  atomic.Pointer[httputil.ReverseProxy]
	wrong  atomic.Pointer[http.HandlerFunc] // answers instead; nil: nothing is wrong
	server *httptest.Server
}

// addInterpreter starts one, and has the daemons use it.
func (r *rig) addInterpreter() *interpreter {
	r.t.Helper()
	in := &interpreter{}
	in.begin(r.t)
	in.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if wrong := in.wrong.Load(); wrong != nil {
			(*wrong)(w, r)
			return
		}
		in.proxy.Load().ServeHTTP(w, r)
	}))
	r.t.Cleanup(func() {
		in.server.CloseClientConnections()
		in.server.Close()
	})
	r.settings["TRANSLATOR__ENGINE"], r.settings["TRANSLATOR__URL"] = "apertium", in.server.URL
	return in
}

// begin starts the engine, also after it was killed.
func (in *interpreter) begin(t testing.TB) {
	t.Helper()
	in.engine = apertiumtest.StartServer(t)
	to, err := url.Parse(in.engine.URL)
	must(t, err)
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.ErrorLog = log.New(io.Discard, "", 0)
	in.proxy.Store(proxy)
}

// goWrong has it answer so until told otherwise; nil: as it should.
func (in *interpreter) goWrong(how http.HandlerFunc) {
	if how == nil {
		in.wrong.Store(nil)
		return
	}
	in.wrong.Store(&how)
}

// listener is one side of a conversation across languages: what somebody has in front of them.
type listener struct {
	t    *testing.T
	look func() []line
}

// hears waits until the last line says all of this, and returns it.
func (l listener) hears(all ...string) line {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.t.Context(), 2*time.Minute)
	defer cancel()
	var shown []line
	found := until(ctx, func() bool {
		shown = l.look()
		if len(shown) == 0 {
			return false
		}
		for _, part := range all {
			if !strings.Contains(shown[len(shown)-1].text, part) {
				return false
			}
		}
		return true
	})
	if !found {
		l.t.Fatalf("nobody has heard %q; there stands\n%+v", all, shown)
	}
	return shown[len(shown)-1]
}

// TestTwoLanguages has a visitor who writes Spanish to a Telegram bot and an agent who writes English in Slack talk to each
// other through a real translator. Both read their own language, and what is no language as it was written.
func TestTwoLanguages(t *testing.T) {
	for _, kind := range databases {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			f, visitor, agent := spanishAndEnglish(t, kind)
			visitor.hears("¿Dónde está mi pedido?")
			agent.hears("Where it is my request?", "¿Dónde está mi pedido?")

			v := f.talker
			v.say("El enlace es https://shop.example/pedidos/17?x=casa y el código es <code>casa-roja --rojo</code>.")
			got := agent.hears("and the code is", "Translated from Spanish", "y el código es")
			if n := strings.Count(got.text, "<code>casa-roja --rojo</code>"); n != 2 { // in the translation and in the original
				t.Errorf("the code stands there %d times: %q", n, got.text)
			}
			f.slack.Look(func(v slacktest.State) {
				thread := v.Thread(desk, f.thread)
				if blocks := string(thread[len(thread)-1].Blocks); strings.Count(blocks, `"url":"https://shop.example/pedidos/17?x=casa"`) != 2 {
					t.Errorf("the link is not there twice: %s", blocks)
				}
			})
			said := f.rooms[0].say(0, f.thread, "The house is <b>red</b> and the code is <code>the house</code>.")
			visitor.hears("La casa es <b>", "roj", "<code>the house</code>")
			f.rooms[0].edit(0, said, "The house is white.")
			visitor.hears("La casa es blanca")
			f.rooms[0].remove(0, said)
			visitor.hears("El enlace es")
		})
	}
}

// spanishAndEnglish opens the conversation with a line of the visitor's.
func spanishAndEnglish(t *testing.T, kind string) (f *twoTongues, visitor, agent listener) {
	t.Helper()
	f = &twoTongues{floor: newFloor(t, kind, pairing{"telegram", []string{"slack"}})}
	f.interpreter = f.addInterpreter()
	f.settings["ENDPOINTS__SHOP_TELEGRAM__TRANSLATE"] = "true"
	f.daemon = f.start(f.address)
	f.talker = f.front.newcomer("Vera")
	first := "Hola, buenos días. ¿Dónde está mi pedido? Lo necesito para mañana."
	f.talker.say(first)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	opened := until(ctx, func() bool {
		f.slack.Look(func(v slacktest.State) {
			for _, root := range v.Channel(desk) {
				f.thread = root.TS
			}
		})
		return f.thread != ""
	})
	if !opened {
		t.Fatalf("no thread was opened\n%s", f.daemon.stderr)
	}
	agent = listener{t, func() []line { lines, _ := f.rooms[0].look(f.thread); return lines }}
	return f, listener{t, f.talker.shown}, agent
}

// twoTongues is a floor with an interpreter.
type twoTongues struct {
	*floor
	interpreter *interpreter
	daemon      *process
	talker      visitor
	thread      string
}

// untranslated counts how often agents were told that there is no translation.
func (f *twoTongues) untranslated() int {
	_, notices := f.rooms[0].look(f.thread)
	return strings.Count(strings.Join(notices, "\n"), "without translation")
}

// TestInterpreterGoesWrong lets the translator stall, talk rubbish and be killed in the middle of a conversation: what is said
// goes out all the same, within the limit, once and in order; agents are told once; and afterwards it is translated again.
func TestInterpreterGoesWrong(t *testing.T) {
	for name, how := range map[string]http.HandlerFunc{
		"killed": nil,
		"stalls": func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // or else nobody notices that the caller has gone
			<-r.Context().Done()
		},
		"rubbish": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>\x00\xff{{{")) },
		"500": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "out of cheese", http.StatusInternalServerError)
		},
		"cuts off": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, visitor, agent := spanishAndEnglish(t, "sqlite")
			agent.hears("Where it is my request?")
			before := f.untranslated() // on a busy machine the engine's first answer may be late
			f.interpreter.goWrong(how)
			if how == nil {
				f.interpreter.engine.Stop()
			}
			var said []string
			for i := range 4 {
				began := time.Now()
				text := fmt.Sprintf("Línea %d del cliente, con bastante texto.", i)
				f.talker.say(text)
				agent.hears(text)
				reply := fmt.Sprintf("Line %d of the agent, long enough.", i)
				f.rooms[0].say(0, f.thread, reply)
				visitor.hears(reply)
				if took := time.Since(began); took > 2*translationLimit+10*time.Second && !raceEnabled {
					t.Errorf("line %d and its answer took %v", i, took)
				}
				said = append(said, text, reply)
			}
			var texts []string
			for _, l := range visitor.look() {
				texts = append(texts, l.text)
			}
			at := 0
			for _, text := range texts {
				if at < len(said) && strings.Contains(text, said[at]) {
					at++
				}
			}
			if at != len(said) {
				t.Errorf("of what was said the visitor sees only %d lines in order: %q", at, texts)
			}
			if n := f.untranslated() - before; n != 1 {
				_, notices := f.rooms[0].look(f.thread)
				t.Errorf("agents were told %d times: %q", n, notices)
			}
			f.interpreter.goWrong(nil)
			if how == nil {
				f.interpreter.begin(t)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			again := until(ctx, func() bool { // it is tried again only now and then
				f.talker.say("La casa es blanca y la puerta es roja.")
				soon, cancel := context.WithTimeout(ctx, translationLimit)
				defer cancel()
				return until(soon, func() bool {
					return slices.ContainsFunc(agent.look(), func(l line) bool { return strings.Contains(l.text, "The house is white") })
				})
			})
			if !again {
				t.Errorf("nothing is translated any more: %+v", agent.look())
			}
		})
	}
}

// translationLimit is how long a line waits for its translation by default.
const translationLimit = 3 * time.Second
