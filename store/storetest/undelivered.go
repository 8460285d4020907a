package storetest

import (
	"fmt"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// testUndelivered has lines refused, tried again and dropped, and looks which of them somebody has still to decide about.
func testUndelivered(f *fixture) {
	s := f.open()
	refuse := func(c bridge.ConversationID, line, seq int64, why string) bridge.Entry {
		rest := fmt.Sprintf("%d %s", line, shop)
		at := time.Now().UTC()
		question := bridge.Entry{
			Conversation: c, Kind: bridge.Noted, Audience: bridge.AgentsOnly, By: bridge.Speaker{Kind: bridge.BySystem}, Target: line,
			Body: rich.Of("Try again?"), At: at, Offers: []bridge.Offer{{Word: "retry", Rest: rest, Label: "Retry"}},
		}
		f.must(s.Change(f.Context(), func(tx bridge.Tx) (err error) {
			if question, err = tx.Append(question); err != nil {
				return err
			}
			return tx.SaveReceipt(c, shop, bridge.Receipt{Seq: seq, Version: seq, Status: bridge.ReceiptFailed, Public: why, At: at})
		}))
		return question
	}
	settle := func(question bridge.Entry) {
		question.Kind, question.Target, question.Offers, question.Origin = bridge.Edited, question.Seq, nil, bridge.Origin{}
		f.append(s, question)
	}
	want := func(e bridge.EndpointName, limit int, texts ...string) {
		f.Helper()
		var got []string
		var after bridge.UndeliveredPlace
		for {
			lines, next, err := s.Undelivered(f.Context(), e, after, limit)
			f.must(err)
			for _, line := range lines {
				got = append(got, line.Text+": "+line.Why)
			}
			if after = next; next == (bridge.UndeliveredPlace{}) {
				break
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(texts) {
			f.Errorf("undelivered at %q, by %d: %q, want %q", e, limit, got, texts)
		}
	}
	want("", 10)
	var lines, questions []bridge.Entry
	for i := range 4 {
		c := f.conversation(s, lanes(bridge.ThreadRef(fmt.Sprint("t", i))))
		f.append(s, said(c.ID, fmt.Sprint("question ", i)))
		en := reply(c.ID, fmt.Sprint("answer ", i))
		en.Body = rich.Of(fmt.Sprint(i))
		en = f.append(s, en)
		lines, questions = append(lines, en), append(questions, refuse(c.ID, en.Seq, en.Seq, "no"))
		time.Sleep(2 * time.Millisecond) // times are of the millisecond
	}
	want("", 10, "3: no", "2: no", "1: no", "0: no")
	want(shop, 2, "3: no", "2: no", "1: no", "0: no")
	want("", 1, "3: no", "2: no", "1: no", "0: no")
	want(discord, 10)

	settle(questions[3]) // dropped
	settle(questions[2]) // tried again, and refused again
	again := lines[2]
	again.Kind, again.Target, again.Body, again.Origin, again.Audience = bridge.Edited, lines[2].Seq, rich.Of("2 as edited"), bridge.Origin{Key: "again"}, bridge.Only(shop)
	again = f.append(s, again)
	refuse(again.Conversation, lines[2].Seq, again.Seq, "still no")
	f.must(s.Change(f.Context(), func(tx bridge.Tx) error { // arrived after all
		return tx.SaveReceipt(lines[1].Conversation, shop, bridge.Receipt{
			Seq: lines[1].Seq, Version: lines[1].Seq, Status: bridge.ReceiptSent, Message: "m", At: time.Now().UTC(),
		})
	}))
	got, _, err := s.Undelivered(f.Context(), "", bridge.UndeliveredPlace{}, 10)
	f.must(err)
	if len(got) == 0 || got[0].Text != "2 as edited" || got[0].Why != "still no" || got[0].Rest != fmt.Sprintf("%d %s", lines[2].Seq, shop) ||
		got[0].Endpoint != shop || got[0].Conversation != lines[2].Conversation || got[0].By != "Ana" {
		f.Errorf("undelivered are %+v", got)
	}
	want("", 10, "2 as edited: still no", "0: no")
}
