package storetest

import (
	"slices"
	"time"

	"github.com/skeindesk/skein/bridge"
)

func testMarks(f *fixture) {
	s := f.open()
	ctx := f.Context()
	c := f.conversation(s, []bridge.Lane{
		{Endpoint: slack, Role: bridge.RoleVisitor, Thread: "chat"}, {Endpoint: discord, Role: bridge.RoleTeam, Thread: "thread"},
	})
	refused := f.append(s, reply(c.ID, "1"))
	f.append(s, reply(c.ID, "2")) // arrives, and is no longer the newest
	newest := f.append(s, reply(c.ID, "3"))
	deleted := f.append(s, reply(c.ID, "4"))
	f.append(s, said(c.ID, "and the visitor"))
	gone := own(c.ID)
	gone.Kind, gone.Target = bridge.Deleted, deleted.Seq
	f.append(s, gone)
	l := f.claim(s, time.Minute)
	_, err := s.Settle(ctx, l, bridge.Settlement{
		Receipt: &bridge.Receipt{Seq: refused.Seq, Version: refused.Seq, Status: bridge.ReceiptFailed, Public: "No.", At: time.Now()},
		Cursor:  refused.Seq,
	})
	f.must(err)
	m, err := s.Marking(ctx, c.ID)
	f.must(err)
	if len(m.Lines) != 2 || m.Lines[0].Line.Seq != refused.Seq || m.Lines[1].Line.Seq != newest.Seq || m.Lines[0].Newest || !m.Lines[1].Newest {
		f.Errorf("lines %+v", m.Lines)
	}
	if m.Conversation.ID != c.ID || len(m.Marks) != 0 || len(m.Lines[0].Proofs) != 2 {
		f.Errorf("marking %+v", m)
	}

	mark := bridge.Mark{Conversation: c.ID, Endpoint: discord, Message: "m-3", Sign: bridge.Queued}
	f.must(s.SaveMark(ctx, mark))
	marks := func() []bridge.Mark {
		f.Helper()
		m, err := s.Marking(ctx, c.ID)
		f.must(err)
		return m.Marks
	}
	if got := marks(); !slices.Equal(got, []bridge.Mark{mark}) {
		f.Errorf("marks %+v", got)
	}
	mark.Put = true
	f.must(s.SaveMark(ctx, mark))
	if got := marks(); !slices.Equal(got, []bridge.Mark{mark}) {
		f.Errorf("marks %+v", got)
	}
	for e, want := range map[bridge.EndpointName]int{discord: 1, slack: 1, shop: 0} {
		ids, err := s.Unmarked(ctx, e)
		f.must(err)
		if len(ids) != want {
			f.Errorf("unmarked at %s: %v", e, ids)
		}
	}
	f.must(s.DropMark(ctx, mark))
	f.must(s.DropMark(ctx, mark))
	if got := marks(); len(got) != 0 {
		f.Errorf("marks %+v", got)
	}
}
