package workbench

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/quickreply"
)

const quickPath = Base + "/quick-replies"

// quickReplies registers the pages about what the team keeps ready to say.
func (b *Workbench) quickReplies(mux *routes) {
	b.page(mux, "/quick-replies", bridge.RankAgent, b.quickList)
	b.page(mux, "/quick-replies/new", bridge.RankAgent, b.quickNew)
	b.page(mux, "/quick-replies/{id}", bridge.RankAgent, b.quickShow)
	b.page(mux, "/quick-replies/{id}/remove", bridge.RankAgent, b.quickAskRemove)
	b.post(mux, "/quick-replies/{id}/remove", bridge.RankAgent, b.quickRemove)
	mux.Handle("POST "+quickPath, b.visited(bridge.RankAgent, b.uploaded(b.quickKeep)))
	mux.Handle("POST "+quickPath+"/preview", b.visited(bridge.RankAgent, b.uploaded(b.quickPreview)))
	b.page(mux, "/quick-replies/import", bridge.RankAgent, b.quickAskImport)
	mux.Handle("POST "+quickPath+"/import", b.visited(bridge.RankAgent, b.quickImport))
	mux.Handle("GET "+quickPath+"/export.csv", b.visited(bridge.RankAgent, quickExport("text/csv; charset=utf-8", quickreply.WriteCSV)))
	mux.Handle("GET "+quickPath+"/export.json", b.visited(bridge.RankAgent, quickExport("application/json", quickreply.WriteJSON)))
}

const (
	quickPerPage = 50
	// quickIdle is after how long a quick reply that nobody uses is pointed out.
	quickIdle = 90 * 24 * time.Hour
)

// Groups of quick replies, as addresses name them.
const (
	groupTeam = "team"
	groupMine = "mine"
)

// quickFilter is what of the quick replies is shown, as the address says.
type quickFilter struct {
	words, group, tag string
	idle, amended     bool
	page              int
}

func quickFilterOf(v *visit) quickFilter {
	page, _ := strconv.Atoi(v.FormValue("page"))
	return quickFilter{
		words: v.FormValue("q"), group: v.FormValue("group"), tag: v.FormValue("tag"), idle: v.FormValue("idle") != "",
		amended: v.FormValue("amended") != "", page: max(page, 1),
	}
}

// address is where exactly that is shown.
func (f quickFilter) address() string {
	q := url.Values{}
	for name, value := range map[string]string{"q": f.words, "group": f.group, "tag": f.tag} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if f.idle {
		q.Set("idle", "1")
	}
	if f.amended {
		q.Set("amended", "1")
	}
	if f.page > 1 {
		q.Set("page", strconv.Itoa(f.page))
	}
	if len(q) == 0 {
		return quickPath
	}
	return quickPath + "?" + q.Encode()
}

func (f quickFilter) at(page int) quickFilter {
	f.page = page
	return f
}

func (f quickFilter) includes(r quickreply.Reply, now time.Time) bool {
	return (f.group != groupTeam || r.Owner == 0) && (f.group != groupMine || r.Owner != 0) &&
		(f.tag == "" || slices.Contains(r.Tags, f.tag)) && (!f.idle || idle(r, now)) && (!f.amended || oftenAmended(r))
}

// idle reports whether nobody has used the reply for long.
func idle(r quickreply.Reply, now time.Time) bool { return now.Sub(r.LastUsed) > quickIdle }

// oftenAmended reports whether agents rather often change or take back what the reply has said.
func oftenAmended(r quickreply.Reply) bool { return r.Amended >= 3 && 5*r.Amended >= r.Uses }

// quickListed is what the list shows.
type quickListed struct {
	quickFilter
	rows    []quickreply.Reply
	found   int
	pages   int
	any     bool // there are some, whatever the filter
	tags    []string
	idleAll int // how many nobody has used for long
	amends  int // how many say what agents often change
	now     time.Time
}

func (b *Workbench) quickList(v *visit) (content, error) {
	l := quickListed{quickFilter: quickFilterOf(v), now: v.now}
	all, err := b.cfg.Desk.QuickReplies(v.Context(), v.agent.ID, "")
	if err != nil {
		return content{}, err
	}
	l.any = len(all) > 0
	for i := range all {
		if idle(all[i], v.now) {
			l.idleAll++
		}
		if oftenAmended(all[i]) {
			l.amends++
		}
		for _, tag := range all[i].Tags {
			if !slices.Contains(l.tags, tag) {
				l.tags = append(l.tags, tag)
			}
		}
	}
	slices.SortFunc(l.tags, func(a, b string) int { return cmp.Compare(strings.ToLower(a), strings.ToLower(b)) })
	if l.words != "" {
		if all, err = b.cfg.Desk.QuickReplies(v.Context(), v.agent.ID, l.words); err != nil {
			return content{}, err
		}
	}
	found := slices.DeleteFunc(all, func(r quickreply.Reply) bool { return !l.includes(r, v.now) })
	l.found = len(found)
	l.pages = max((len(found)+quickPerPage-1)/quickPerPage, 1)
	l.page = min(l.page, l.pages)
	from := (l.page - 1) * quickPerPage
	l.rows = found[from:min(from+quickPerPage, len(found))]
	return content{title: "Quick replies", body: quickListPage(l)}, nil
}

// languages are those that a reply is written in.
func languages(r quickreply.Reply) string {
	var all []string
	if r.Language != "" {
		all = append(all, r.Language)
	}
	for tag := range r.Variants {
		all = append(all, tag)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func quickAddress(id int64) string { return quickPath + "/" + strconv.FormatInt(id, 10) }

func (b *Workbench) quickAskRemove(v *visit) (content, error) {
	r, mayChange, err := b.quickOf(v)
	switch {
	case err != nil:
		return content{}, err
	case !mayChange:
		return content{}, errNotYours
	}
	return content{title: "Remove " + r.Shortcut, body: quickRemovePage(r)}, nil
}

func (b *Workbench) quickRemove(v *visit) (string, error) {
	answer, err := v.command(bridge.Invocation{Word: "qr remove", Rest: "#" + v.PathValue("id")})
	if err != nil || answer.Refused {
		return quickPath, err
	}
	return quickPath, nil
}

var errNotYours = &bridge.Problem{
	Code: "not_for_team", Public: "The team's quick replies are kept by its admins. You can make one of your own.",
}

// quickOf finds the quick reply that the address names.
func (b *Workbench) quickOf(v *visit) (r quickreply.Reply, mayChange bool, err error) {
	id, err := strconv.ParseInt(v.PathValue("id"), 10, 64)
	if err != nil || id <= 0 {
		return r, false, bridge.ErrNotFound
	}
	return b.cfg.Desk.QuickReply(v.Context(), v.agent.ID, id)
}
