package workbench_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/workbench"
)

const undeliveredPath = workbench.Base + "/undelivered"

// refused lets an agent's newest line in the conversation be refused at the endpoint for good, as its Courier would.
func (r *rig) refused(c bridge.ConversationID, e bridge.EndpointName, why string) {
	r.t.Helper()
	line := r.line(c)
	lanes, err := r.store.Claim(r.t.Context(), []bridge.EndpointName{e}, []bridge.ConversationID{c}, time.Minute, 1)
	must(r.t, err)
	if len(lanes) == 0 {
		r.t.Fatalf("%s has nothing to be told", e)
	}
	l := lanes[0]
	rest := fmt.Sprintf("%d %s", line, e)
	_, err = r.store.Settle(r.t.Context(), l, bridge.Settlement{
		Receipt: &bridge.Receipt{Seq: line, Version: line, Status: bridge.ReceiptFailed, Public: why, At: time.Now().UTC()},
		Thread:  "opened-" + bridge.ThreadRef(fmt.Sprint(c)), Cursor: line,
		Notice: &bridge.Entry{
			Conversation: c, Kind: bridge.Noted, Audience: bridge.AgentsOnly, By: bridge.Speaker{Kind: bridge.BySystem, Name: "Skein"},
			Target: line, Body: rich.Of("It did not reach " + string(e) + ". Try again (!retry) or drop it (!drop)?"), At: time.Now().UTC(),
			Offers: []bridge.Offer{{Word: "retry", Rest: rest, Label: "Retry"}, {Word: "drop", Rest: rest, Label: "Drop"}},
		},
	})
	must(r.t, err)
}

// answers lets an agent say something to the visitor.
func (r *rig) answers(agent bridge.Agent, c bridge.ConversationID, text string) {
	r.t.Helper()
	r.n++
	answer, err := r.desk.Command(r.t.Context(), bridge.Invocation{
		Endpoint: bridge.Workbench, Key: fmt.Sprint("answer-", r.n), Thread: bridge.WorkbenchThread(c),
		From: bridge.WorkbenchPerson(agent), Word: "reply", Fields: map[string]string{"words": text},
	})
	must(r.t, err)
	if answer.Refused {
		r.t.Fatal(answer.Public)
	}
}

func TestUndelivered(t *testing.T) {
	r := newRig(t)
	ana, ben := r.agent("Ana"), r.agent("Ben")
	b := r.signedIn(ben)
	b.get(undeliveredPath).has(t, "Everything has arrived")
	var all []bridge.ConversationID
	for i := range 4 {
		c := r.says(fmt.Sprintf(`Visitor %d <script>alert(1)</script>`, i), "Hello").Conversation
		r.answers(ana, c, fmt.Sprintf("Answer %d <script>alert(2)</script>", i))
		r.refused(c, desk, fmt.Sprintf("Reason %d.", i))
		all = append(all, c)
	}
	p := b.get(undeliveredPath)
	p.has(t, "Visitor 0", "Answer 3", "Reason 2.", "Not delivered to support-slack", fmt.Sprintf("/conversations/%d", all[1]))
	p.lacks(t, "<script>alert")
	b.get(undeliveredPath+"?endpoint=elsewhere").has(t, "Everything has arrived")
	b.get(undeliveredPath+"?after=nonsense").has(t, "Answer 3")

	one := func(word string, c bridge.ConversationID) page {
		line := r.line(c)
		return b.post(undeliveredPath, b.keyed("word", word, "conversation", fmt.Sprint(c), "rest", fmt.Sprintf("%d %s", line, desk), "back", undeliveredPath))
	}
	one("drop", all[0]).has(t, "Dropped")
	one("retry", all[1]).has(t, "sent again")
	p = b.get(undeliveredPath)
	p.lacks(t, "Answer 0", "Answer 1")
	p.has(t, "Answer 2", "Answer 3")
	if last := r.log(all[1]); last[len(last)-1].Kind != bridge.Edited {
		t.Error("what was tried again is not in the log")
	}
	one("retry", all[0]).has(t, "dropped already")

	p = b.get(undeliveredPath + "/all?word=retry&endpoint=" + string(desk))
	p.has(t, "Send all again to support-slack?", "2 lines")
	b.post(undeliveredPath+"/all", p.form("word", "retry")).has(t, "Sent again to support-slack: 2 lines", "Everything has arrived")
	if p := b.get(undeliveredPath + "/all?word=close&endpoint=" + string(desk)); p.status != 404 {
		t.Errorf("another word for all is answered %d", p.status)
	}
}

func TestUndeliveredByPage(t *testing.T) {
	r := newRig(t)
	ana := r.agent("Ana")
	for i := range 53 {
		c := r.says(fmt.Sprint("Visitor ", i), "Hello").Conversation
		r.answers(ana, c, fmt.Sprintf("Answer %02d.", i))
		r.refused(c, desk, "Reason.")
	}
	b := r.signedIn(ana)
	path, seen := undeliveredPath, 0
	for range 3 {
		p := b.get(path)
		seen += strings.Count(p.body, "Answer ")
		_, after, more := strings.Cut(p.body, `?after=`)
		if !more {
			break
		}
		after, _, _ = strings.Cut(after, `"`)
		path = undeliveredPath + "?after=" + after
	}
	if seen != 53 {
		t.Errorf("the pages have %d of 53", seen)
	}
	b.post(undeliveredPath+"/all", b.keyed("word", "drop", "endpoint", string(desk))).has(t, "Dropped that did not reach support-slack: 53 lines")
}

// line is the number of the agent's newest line in a conversation.
func (r *rig) line(c bridge.ConversationID) int64 {
	r.t.Helper()
	log := r.log(c)
	for i := len(log) - 1; i >= 0; i-- {
		if log[i].Kind == bridge.Said && log[i].By.Kind == bridge.ByAgent {
			return log[i].Seq
		}
	}
	r.t.Fatal("no agent has said anything")
	return 0
}
