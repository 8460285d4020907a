package storetest

import (
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/knowledge"
	"github.com/skeindesk/skein/bridge/rich"
)

// testArticles: an article is kept once in each language, and everybody sees that something has changed.
func testArticles(f *fixture) {
	s := f.open()
	english := bridge.Article{Article: knowledge.Article{
		ID: "returns", Language: "en", Title: "Sending it back", Questions: []string{"How do I return it?", "Refunds?"}, Body: rich.Of("Within 60 days."),
		URL: "https://shop.example/help",
	}, ChangedBy: 7}
	german := bridge.Article{Article: knowledge.Article{ID: "returns", Language: "de", Title: "Rückgabe", Body: rich.Of("Binnen 60 Tagen.")}}
	before, err := s.ArticlesVersion(f.Context())
	f.must(err)
	f.change(s, func(tx bridge.Tx) {
		f.must(tx.SaveArticle(english))
		f.must(tx.SaveArticle(german))
		_, err := tx.Article("returns", "fr")
		f.want(err, bridge.ErrNotFound)
	})
	all, version, err := s.Articles(f.Context())
	if f.must(err); len(all) != 2 || version <= before {
		f.Fatalf("at %d, after %d, there are %+v", version, before, all)
	}
	got := all[1]
	if got.Revision == all[0].Revision || got.Revision == 0 || time.Since(got.ChangedAt).Abs() > time.Minute {
		f.Errorf("they were kept as %+v", all)
	}
	got.Revision, got.ChangedAt = 0, time.Time{}
	if diff := cmp.Diff(english, got); diff != "" {
		f.Errorf("read back, the difference is\n%s", diff)
	}
	english.Title, english.Questions = "Returning", nil
	f.change(s, func(tx bridge.Tx) {
		f.must(tx.SaveArticle(english))
		got, err := tx.Article("returns", "en")
		if f.must(err); got.Title != "Returning" || len(got.Questions) != 0 || got.Revision <= all[1].Revision {
			f.Errorf("written again it is %+v", got)
		}
		f.must(tx.RemoveArticle("returns", "de"))
		f.want(tx.RemoveArticle("returns", "fr"), bridge.ErrNotFound)
	})
	all, after, err := s.Articles(f.Context())
	if f.must(err); len(all) != 1 || after <= version {
		f.Errorf("at %d, after %d, there are %+v", after, version, all)
	}
}

// testThoughts: what the robot has thought of is kept once, and what it had no answer to is found.
func testThoughts(f *fixture) {
	s := f.open()
	c := f.conversation(s, lanes("t1")).ID
	sources := []bridge.Source{{ID: "returns", Title: "Sending it back", Language: "en"}}
	kept := []bridge.KeptThought{
		{Conversation: c, Seq: 1, Kind: bridge.ThoughtSaid, Question: "Refund?", Sources: sources, Confidence: 0.9, Why: "It answers this.", Tokens: 12},
		{Conversation: c, Seq: 3, Kind: bridge.ThoughtUnsure, Question: "What?", Why: "Nothing."},
		{Conversation: c, Seq: 5, Kind: bridge.ThoughtOffered, Question: "And who?"},
		{Conversation: c, Seq: 7, Kind: bridge.ThoughtFailed, Question: "Hm?"},
		{Conversation: c, Seq: 9, Kind: bridge.ThoughtUnsure},
	}
	f.change(s, func(tx bridge.Tx) {
		for _, k := range kept {
			f.must(tx.KeepThought(k))
		}
		again := kept[0]
		again.Question = "Another?"
		f.must(tx.KeepThought(again))
	})
	got, err := s.ThoughtsOf(f.Context(), c)
	f.must(err)
	for i := range got {
		got[i].At = time.Time{}
	}
	if diff := cmp.Diff(kept, got); diff != "" {
		f.Errorf("read back, the difference is\n%s", diff)
	}
	unanswered, err := s.Unanswered(f.Context(), time.Hour, 10)
	f.must(err)
	var questions []string
	for _, k := range unanswered {
		questions = append(questions, k.Question)
	}
	if slices.Sort(questions); !slices.Equal(questions, []string{"And who?", "Hm?", "What?"}) {
		f.Errorf("not answered are %q", questions)
	}
	if few, err := s.Unanswered(f.Context(), time.Hour, 1); err != nil || len(few) != 1 {
		f.Errorf("of one there are %d, %v", len(few), err)
	}
}

// testOvertaken: what makes an answer come too late is what the robot is asked about again, or what ends its turn.
func testOvertaken(f *fixture) {
	s := f.open()
	for what, c := range map[string]struct {
		late  bool
		about int // which of the two lines before
		en    bridge.Entry
	}{
		"the visitor's next line":        {true, 0, bridge.Entry{Kind: bridge.Said, By: bridge.Speaker{Kind: bridge.ByVisitor}}},
		"an edit of the question":        {true, 2, bridge.Entry{Kind: bridge.Edited, By: bridge.Speaker{Kind: bridge.ByVisitor}}},
		"the question taken back":        {true, 2, bridge.Entry{Kind: bridge.Deleted, By: bridge.Speaker{Kind: bridge.ByVisitor}}},
		"an agent's answer":              {true, 0, bridge.Entry{Kind: bridge.Said, By: bridge.Speaker{Kind: bridge.ByAgent}}},
		"another state":                  {true, 0, bridge.Entry{Kind: bridge.Changed, State: bridge.StateUnassigned, By: bridge.Speaker{Kind: bridge.BySystem}}},
		"an agent's edit of an old line": {false, 1, bridge.Entry{Kind: bridge.Edited, By: bridge.Speaker{Kind: bridge.ByAgent}}},
		"an old line taken back":         {false, 1, bridge.Entry{Kind: bridge.Deleted, By: bridge.Speaker{Kind: bridge.ByAgent}}},
		"the system's words":             {false, 0, bridge.Entry{Kind: bridge.Said, By: bridge.Speaker{Kind: bridge.BySystem}}},
	} {
		conv := f.conversation(s, lanes(bridge.ThreadRef(what))).ID
		old := f.append(s, said(conv, what+" 1"))
		asked := f.append(s, said(conv, what+" 2"))
		c.en.Conversation, c.en.Audience, c.en.At = conv, bridge.Everyone, time.Now()
		c.en.Target = []int64{0, old.Seq, asked.Seq}[c.about]
		f.append(s, c.en)
		f.change(s, func(tx bridge.Tx) {
			if late, err := tx.Overtaken(conv, asked.Seq); err != nil || late != c.late {
				f.Errorf("%s: overtaken is %v, %v", what, late, err)
			}
		})
	}
}
