package main

import (
	"encoding/json"
	"net/http"

	"github.com/skeindesk/skein/adapters/website/webtest"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/store"
)

// history reads the conversation from the API with the browser's own token.
func (s *story) history(token string) []webtest.Entry {
	s.t.Helper()
	a := s.daemon.ask(s.t, request{method: "GET", path: visitorAPI + "messages?limit=200", token: token})
	var page struct{ Entries []webtest.Entry }
	if err := json.Unmarshal([]byte(a.body), &page); err != nil || a.status != http.StatusOK {
		s.t.Fatalf("the history is answered %d %s: %v", a.status, a.body, err)
	}
	return page.Entries
}

// logged reads the conversation from the database, as far as it is the visitor's.
func (s *story) logged() (out []webtest.Entry) {
	s.t.Helper()
	db, err := store.Open(s.ctx, s.database, store.Options{})
	must(s.t, err)
	defer db.Close()
	c, err := db.ConversationAt(s.ctx, "support-slack", bridge.ThreadRef(desk+"/"+s.thread))
	must(s.t, err)
	entries, err := db.Log(s.ctx, c.ID)
	must(s.t, err)
	for i, en := range entries {
		if en.Seq != int64(i+1) {
			s.t.Errorf("entry %d has number %d", i+1, en.Seq)
		}
		if en.Audience.Includes("website", bridge.RoleVisitor) {
			out = append(out, webtest.Entry{Seq: en.Seq, Kind: string(en.Kind), Target: en.Target, Text: rich.Plain(en.Body)})
		}
	}
	return out
}

// view is what a conversation comes to.
type view struct {
	texts []string
	seqs  []int64
}

// folded applies edits and deletions to what was said.
func folded(entries []webtest.Entry) (v view) {
	latest := map[int64]string{}
	for _, e := range entries {
		switch e.Kind {
		case "said":
			latest[e.Seq] = e.Text
		case "edited":
			latest[e.Target] = e.Text
		case "deleted":
			delete(latest, e.Target)
		}
	}
	for _, e := range entries {
		if text, ok := latest[e.Seq]; ok && e.Kind == "said" {
			v.texts, v.seqs = append(v.texts, text), append(v.seqs, e.Seq)
		}
	}
	return v
}
