package workbench

import (
	"cmp"
	"context"
	"strconv"
	"strings"

	"github.com/skeindesk/skein/bridge"
)

// Finder finds conversations by what was said in them.
type Finder interface {
	// Search returns a page of what was found; see bridge.SearchQuery.
	Search(ctx context.Context, q bridge.SearchQuery) (bridge.SearchPage, error)
}

func (b *Workbench) handleSearch(mux *routes) {
	b.page(mux, "/search", bridge.RankAgent, b.search)
}

// found is what the page of a search shows.
type found struct {
	words  string
	filter filter
	after  string
	page   bridge.SearchPage
	listed listed // for the form that narrows down
}

func (b *Workbench) search(v *visit) (content, error) {
	q := v.URL.Query()
	f := found{words: strings.TrimSpace(q.Get("q")), after: q.Get("after")}
	q.Del("after") // is no place in a list
	var err error
	if f.filter, err = readFilter(q); err != nil {
		return content{}, err
	}
	if q.Get("list") == "" {
		f.filter.State = ""
	}
	after, err := strconv.ParseInt(cmp.Or(f.after, "0"), 10, 64)
	if err != nil {
		return content{}, errAddress
	}
	f.listed = listed{filter: f.filter, now: v.now, websites: b.cfg.Visitors}
	if f.listed.members, err = b.cfg.Desk.Team(v.Context()); err != nil {
		return content{}, err
	}
	f.page, err = b.cfg.Finder.Search(v.Context(), bridge.SearchQuery{
		Text: f.words, Among: f.filter.query(v.agent.ID), After: after, Limit: bridge.MaxFound,
	})
	if err != nil {
		return content{}, err
	}
	return content{title: "Search", body: searchPage(v, f)}, nil
}

// next is the address of what was found further back.
func (f found) next() string {
	q := f.filter.values()
	q.Set("q", f.words)
	q.Set("after", strconv.FormatInt(f.page.Next, 10))
	return Base + "/search?" + q.Encode()
}

// foundIn says where something was found, other than in a line.
func foundIn(f bridge.Found) string {
	switch f.Where {
	case bridge.InName:
		return "in the name"
	case bridge.InEmail:
		return "in the e-mail address"
	case bridge.InPhone:
		return "in the phone number"
	case bridge.InAttribute:
		return "in the data"
	case bridge.InTags:
		return "in the tags"
	case bridge.InNumber:
		return "is its number"
	case bridge.InFile:
		return "in a file's name"
	default:
		return ""
	}
}
