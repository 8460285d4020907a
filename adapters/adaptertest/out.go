package adaptertest

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
)

func renderPurely(t *testing.T, s Stage) {
	thread := open(t, s)
	landed, _ := deliver(t, s.Adapter, said(thread, 1, "hello"))
	note := said(thread, 2, "a note")
	note.Entry.Kind, note.Entry.Audience, note.Entry.By = bridge.Noted, bridge.AgentsOnly, bridge.Speaker{Kind: bridge.BySystem}
	deliveries := map[string]bridge.Delivery{
		"opening": opening(),
		"said":    said(thread, 1, strings.Repeat("many words ", 2000)),
		"edited":  edited(thread, 2, 1, "better", landed),
		"deleted": deleted(thread, 2, 1, landed),
		"noted":   note,
	}
	if _, begun := s.Platform.(Beginner); begun {
		delete(deliveries, "opening")
	}
	for name, d := range deliveries {
		first, err1 := s.Adapter.Render(d)
		second, err2 := s.Adapter.Render(d)
		if err1 != nil || err2 != nil || !reflect.DeepEqual(first, second) {
			t.Errorf("%s: rendered twice, it is not the same: %v, %v", name, err1, err2)
		}
		for i, p := range first {
			if p.Key != "" || !p.After.IsZero() {
				t.Errorf("%s: part %d has set what the Courier sets", name, i)
			}
			if p.Place == "" || p.Op == "" {
				t.Errorf("%s: part %d has no place or no op", name, i)
			}
		}
	}
}

func renderNothing(t *testing.T, s Stage) {
	thread := open(t, s)
	if a := s.Adapter.Abilities(); !a.Reads || a.Role != bridge.RoleVisitor {
		t.Errorf("its people read the log, but its abilities are %+v", a)
	}
	for _, d := range []bridge.Delivery{opening(), said(thread, 1, "hello"), edited(thread, 2, 1, "better", nil), deleted(thread, 3, 1, nil)} {
		if parts, err := s.Adapter.Render(d); len(parts) > 0 || err != nil {
			t.Errorf("%s: %d parts, %v", d.Entry.Kind, len(parts), err)
		}
	}
}

func sendEditDelete(t *testing.T, s Stage) {
	thread := open(t, s)
	before := len(s.Platform.Thread(thread))
	landed, _ := deliver(t, s.Adapter, said(thread, 1, "hello <there> & *you*"))
	if last := lastSeen(t, s, thread); last.Text != "hello <there> & *you*" || !s.anonymous() && !strings.Contains(last.Author, "Maria Lopez") {
		t.Errorf("the message is seen as %+v", last)
	}
	deliver(t, s.Adapter, edited(thread, 2, 1, "hello again", landed))
	if last := lastSeen(t, s, thread); last.Text != "hello again" {
		t.Errorf("the edited message is seen as %+v", last)
	}
	deliver(t, s.Adapter, deleted(thread, 3, 1, landed))
	if n := len(s.Platform.Thread(thread)); n != before {
		t.Errorf("after the deletion %d messages are seen, want %d", n, before)
	}
	// A repeat after a crash must not be a failure for ever.
	deliver(t, s.Adapter, deleted(thread, 3, 1, landed))
}

// anonymous reports whether the platform does not show who of us speaks.
func (s Stage) anonymous() bool { return s.Adapter.Abilities().Role == bridge.RoleVisitor }

func lastSeen(t testing.TB, s Stage, thread bridge.ThreadRef) Seen {
	t.Helper()
	all := s.Platform.Thread(thread)
	if len(all) == 0 {
		t.Fatal("nothing is seen in the thread")
	}
	return all[len(all)-1]
}

func askForThread(t *testing.T, s Stage) {
	thread := open(t, s)
	deliver(t, s.Adapter, said(thread, 1, "before"))
	must(t, 0, s.Platform.DeleteThread(thread))
	outside := s.Platform.Outside()
	p := prepare(t, s.Adapter, said(thread, 2, "after"))[0]
	if _, err := s.Adapter.Send(t.Context(), p); verdict(err) != bridge.Reopen || !isFailure(err) {
		t.Errorf("sending to a deleted thread gives %v, want a Failure that says reopen", err)
	}
	if n := s.Platform.Outside(); n != outside {
		t.Errorf("%d messages are left outside the thread", n-outside)
	}
}

func judgeFailures(t *testing.T, s Stage) {
	thread := open(t, s)
	for i, c := range []struct {
		fault Fault
		want  bridge.Verdict
	}{
		{Limited, bridge.Wait},
		{Broken, bridge.Unsure},
		{AnswerLost, bridge.Unsure},
		{TokenTaken, bridge.Wait},
		{NotAccepted, bridge.GiveUp},
	} {
		secret := "a secret of the visitor's"
		p := prepare(t, s.Adapter, said(thread, int64(i+1), secret))[0]
		s.Platform.Disturb(c.fault)
		_, err := s.Adapter.Send(t.Context(), p)
		if verdict(err) != c.want {
			t.Errorf("%s: the verdict is %q, want %q (%v)", c.fault, verdict(err), c.want, err)
			continue
		}
		f := bridge.AsFailure(err)
		if f.Public == "" || strings.Contains(err.Error()+f.Public, secret) {
			t.Errorf("%s: the failure says nothing to people, or repeats the message: %v", c.fault, err)
		}
		if c.fault == Limited && (f.After < time.Second || f.After > 5*time.Second) {
			t.Errorf("asked to wait 2 s, the failure says %v", f.After)
		}
		if c.fault == TokenTaken && (!f.Refused || !f.Whole) {
			t.Errorf("refused credentials do not hold the endpoint back: %+v", f)
		}
	}
}

func findParts(t *testing.T, s Stage) {
	finder, ok := s.Adapter.(bridge.Finder)
	if !ok {
		t.Skip("the adapter is no Finder")
	}
	p := prepare(t, s.Adapter, opening())[0]
	s.Platform.Disturb(AnswerLost)
	if _, err := s.Adapter.Send(t.Context(), p); verdict(err) != bridge.Unsure {
		t.Fatalf("a lost answer gives %v, want unsure", err)
	}
	sent, found, err := finder.Find(t.Context(), p)
	if err != nil || !found || sent.Thread == "" {
		t.Fatalf("the opening that got through: Find = %+v, %v, %v", sent, found, err)
	}
	thread := sent.Thread
	deliver(t, s.Adapter, said(thread, 1, "hello"))
	parts := []bridge.Part{
		prepare(t, s.Adapter, said(thread, 2, "hello"))[0],
		prepare(t, s.Adapter, said(thread, 3, "hello"))[0],
	}
	if _, found, err := finder.Find(t.Context(), parts[0]); found || err != nil {
		t.Errorf("a part that was never sent: Find = %v, %v", found, err)
	}
	s.Platform.Disturb(AnswerLost)
	if _, err := s.Adapter.Send(t.Context(), parts[0]); verdict(err) != bridge.Unsure {
		t.Fatalf("a lost answer gives %v, want unsure", err)
	}
	sent, found, err = finder.Find(t.Context(), parts[0])
	if err != nil || !found {
		t.Fatalf("a part that got through: Find = %v, %v", found, err)
	}
	if _, found, _ := finder.Find(t.Context(), parts[1]); found {
		t.Error("one part is taken for another")
	}
	deliver(t, s.Adapter, deleted(thread, 4, 2, []bridge.Landed{{Message: sent.Message}}))
	if all := s.Platform.Thread(thread); len(all) != 2 {
		t.Errorf("the found message is not the one sent: %d are left, want 2", len(all))
	}
}

func readBack(t *testing.T, s Stage) {
	historian, ok := s.Adapter.(bridge.Historian)
	if !ok {
		t.Skip("the adapter is no Historian")
	}
	sink := start(t, s)
	thread := open(t, s)
	first := must1(t)(s.Platform.Say(thread, "one"))
	landed, _ := deliver(t, s.Adapter, said(thread, 1, "from the visitor"))
	gone := must1(t)(s.Platform.Say(thread, "two"))
	must1(t)(s.Platform.Say(thread, "three"))
	live := sink.AwaitInbounds(t, 3)
	since := live[0].At
	must(t, 0, s.Platform.Edit(first, "one, better"))
	live = sink.AwaitInbounds(t, 4)
	must(t, 0, s.Platform.Delete(gone))
	sink.AwaitInbounds(t, 5)

	h, err := historian.History(t.Context(), thread, since)
	if err != nil || h.Gone || h.From.After(since) {
		t.Fatalf("History = %+v, %v", h, err)
	}
	var keys, want []string
	for _, in := range h.Happen {
		keys = append(keys, in.Key)
	}
	for _, i := range []int{0, 2, 3} {
		want = append(want, live[i].Key)
	}
	if !slices.Equal(keys, want) {
		t.Errorf("read back, the keys are %q; live they were %q", keys, want)
	}
	if !h.Present[first] || h.Present[gone] || !h.Present[landed[0].Message] {
		t.Errorf("present are %v", h.Present)
	}
	must(t, 0, s.Platform.DeleteThread(thread))
	if h, err := historian.History(t.Context(), thread, since); err != nil || !h.Gone {
		t.Errorf("of a deleted thread: History = %+v, %v; want gone", h, err)
	}
}

func filesBothWays(t *testing.T, s Stage) {
	sink := start(t, s)
	thread := open(t, s)
	data := []byte(strings.Repeat("the bytes of a picture ", 1000))
	s.Files["f1"] = data
	file := bridge.File{ID: "f1", Name: "picture.png", Type: "image/png", Size: int64(len(data))}
	landed, _ := deliver(t, s.Adapter, said(thread, 1, "look at this", file))
	last := lastSeen(t, s, thread)
	if last.Text != "look at this" || !slices.Equal(last.Files, []string{"picture.png"}) {
		t.Errorf("caption and file are seen as %+v", last)
	}
	findFile(t, s, said(thread, 1, "look at this", file))
	deliver(t, s.Adapter, deleted(thread, 2, 1, landed))
	for _, seen := range s.Platform.Thread(thread) {
		if len(seen.Files) > 0 {
			t.Errorf("after the deletion this is seen: %+v", seen)
		}
	}

	must1(t)(s.Platform.Upload(thread, "answer.txt", []byte("forty-two"), "here you are"))
	in := sink.AwaitInbounds(t, 1)[0]
	if len(in.Files) != 1 || in.Files[0].Name != "answer.txt" || in.Files[0].Size != int64(len("forty-two")) {
		t.Fatalf("a person's file arrived as %+v", in)
	}
	readSource(t, s.Adapter, in.Files[0], "forty-two")
}
