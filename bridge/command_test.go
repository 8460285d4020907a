package bridge_test

import (
	"testing"
	"testing/synctest"

	"github.com/skeindesk/skein/bridge"
)

// given is a word in a native form, by Ana.
func given(key, word string, thread bridge.ThreadRef, fields map[string]string) bridge.Invocation {
	return bridge.Invocation{
		Endpoint: "team", Key: key, Thread: thread, From: bridge.Person{ID: "ana", Name: "ana"}, Word: word, Fields: fields,
	}
}

func (w *world) command(call bridge.Invocation) bridge.Answer {
	w.t.Helper()
	answer, err := w.desk.Command(w.ctx, call)
	w.must(err)
	return answer
}

// What a native form says to the visitor or to colleagues stands in the thread for everybody: no line of the agent's does.
func TestNativeWordsStandInTheThread(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.visitor("ida", "hello")
		thread := w.thread("ida")
		asked := w.command(given("press-1", "reply", thread, nil))
		if asked.Form == nil || asked.Form.Word != "reply" || len(asked.Form.Fields) != 1 {
			t.Fatalf("without words it asks for %+v", asked.Form)
		}
		for range 2 {
			w.command(given("press-2", "reply", thread, map[string]string{"words": "good day"}))
		}
		w.command(given("press-3", "note", thread, map[string]string{"words": "secret"}))
		w.sees(w.team, thread, "ida: hello", "ana: good day", "ana: secret")
		w.sees(w.shop, "chat/ida", "ida: hello", "ana: good day")
	})
}

// Outside of threads a word asks for the conversation, the agent's own first.
func TestWordsOutsideOfThreads(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.visitor("ida", "hello")
		w.visitor("eve", "hello")
		w.thread("ida")
		w.agent(w.thread("eve"), "ana", "good day")
		w.visitor("ida", "anybody?")
		asked := w.command(given("press-1", "close", "", nil))
		if asked.Form == nil || len(asked.Form.Fields) != 2 || len(asked.Form.Fields[0].Choices) != 2 {
			t.Fatalf("it asks for %+v", asked.Form)
		}
		field := asked.Form.Fields[0]
		w.command(given("press-2", "close", "", map[string]string{field.Name: field.Value, "words": "bye"}))
		w.sees(w.shop, "chat/eve", "eve: hello", "ana: good day", "ana: bye")
		if answer := w.command(given("press-3", "close", "", map[string]string{field.Name: "99"})); answer.Public == "" || !answer.Refused {
			t.Error("a conversation that is not there is closed without a word")
		}
	})
}

// A word that was given outside of threads with what follows it is asked only for the conversation: what followed stays.
func TestWhatFollowsAWordOutsideOfThreadsIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.visitor("ida", "hello")
		w.thread("ida")
		call := given("press-1", "reply", "", nil)
		call.Rest = "good day"
		asked := w.command(call)
		if asked.Form == nil || len(asked.Form.Fields) != 2 || asked.Form.Fields[1].Value != "good day" {
			t.Fatalf("it asks for %+v", asked.Form)
		}
		call.Key, call.Word, call.Rest = "press-2", "close", "bye"
		call.Fields = map[string]string{asked.Form.Fields[0].Name: asked.Form.Fields[0].Value}
		w.command(call)
		w.sees(w.shop, "chat/ida", "ida: hello", "ana: bye")
	})
}
