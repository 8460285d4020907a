package slack

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/skeindesk/skein/adapters/intake"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

const (
	// homeFresh is how long a home that was opened is kept up to date; Slack does not tell when it is closed.
	homeFresh = 10 * time.Minute
	// homeShare is how much of views.publish's pace (100 a minute and more, S:apis/web-api/rate-limits) all homes
	// together take: one a second.
	homeShare = time.Second
	maxHomes  = 1000
)

// homes knows whose home is open, and on which tab. Safe for concurrent use.
type homes struct {
	stirred chan struct{} // something has changed that lists show

	mu   sync.Mutex
	open map[string]openHome
}

type openHome struct {
	tab   int
	until time.Time
}

func newHomes() *homes {
	return &homes{stirred: make(chan struct{}, 1), open: map[string]openHome{}}
}

func (h *homes) opened(user string, tab int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	for u, o := range h.open {
		if now.After(o.until) {
			delete(h.open, u)
		}
	}
	if len(h.open) < maxHomes {
		h.open[user] = openHome{tab, now.Add(homeFresh)}
	}
}

// now lists whose homes are open, and on which tab.
func (h *homes) now() map[string]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := map[string]int{}
	for u, o := range h.open {
		if time.Now().Before(o.until) {
			list[u] = o.tab
		}
	}
	return list
}

func (h *homes) tab(user string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.open[user].tab
}

// stir says that lists have changed. It does not block.
func (h *homes) stir() {
	select {
	case h.stirred <- struct{}{}:
	default:
	}
}

// keepHomes brings open homes up to date when something has changed, each no more often than every HomePause.
func (r *receiver) keepHomes(ctx context.Context) {
	for {
		select {
		case <-r.homes.stirred:
		case <-ctx.Done():
			return
		}
		open := r.homes.now()
		intake.Pause(ctx, max(r.cfg.HomePause, time.Duration(len(open))*homeShare))
		for user, tab := range open {
			if ctx.Err() == nil {
				r.showHome(user, tab) //nolint:contextcheck // each has its own time
			}
		}
	}
}

// homeOpened takes in app_home_opened (S:reference/events/app_home_opened).
func (r *receiver) homeOpened(raw json.RawMessage) {
	var e struct {
		User text               `json:"user"`
		Tab  text               `json:"tab"`
		View lenient[viewState] `json:"view"`
	}
	if json.Unmarshal(raw, &e) != nil || e.User == "" || e.Tab != "home" {
		return
	}
	r.dispatch.Beside(func() { r.openHome(string(e.User), tabOf(string(e.View.V.Metadata))) })
}

func (r *receiver) openHome(user string, tab int) {
	r.homes.opened(user, tab)
	r.showHome(user, tab)
}

// showHome publishes what the person may see of a list.
func (r *receiver) showHome(user string, tab int) {
	ctx, cancel := context.WithTimeout(r.ctx, commandTime)
	defer cancel()
	answer := r.carryOut(ctx, bridge.Invocation{
		Word: "list", Rest: tabs[tab].name, From: bridge.Person{ID: user}, Key: "home/" + user + "/" + time.Now().String(),
	})
	if answer.List != nil {
		r.publish(ctx, user, r.homeView(*answer.List, tab))
		return
	}
	r.publish(ctx, user, homeOf(tab, shownWords(answer)))
}

func (r *receiver) publish(ctx context.Context, user string, v view) {
	if err := r.viewCall(ctx, "views.publish", v, "user_id", user); err != nil && r.ctx.Err() == nil {
		r.log.Warn("a home could not be shown", "error", failure("views.publish", err))
	}
}

// turned opens the tab that was pressed, or the same one anew.
func (r *receiver) turned(p *interaction, id string) (ok bool) {
	name, ours := strings.CutPrefix(id, tabPrefix)
	if ours {
		user, tab := string(p.User.V.ID), tabOf(name)
		r.dispatch.Beside(func() { r.openHome(user, tab) })
	}
	return ours
}

// answerAtHome shows in a modal what a button of the home came to, there is no channel to say it in, and brings the
// home up to date.
func (r *receiver) answerAtHome(ctx context.Context, p *interaction, e errand, answer bridge.Answer) {
	trouble := ""
	switch {
	case answer.Form != nil:
		trouble = r.ask(ctx, string(p.Trigger), answer.Form, e)
	case answer.Public != "":
		trouble = r.openView(ctx, string(p.Trigger), textView(answer, e))
	}
	user := string(p.User.V.ID)
	if trouble == "" {
		r.showHome(user, r.homes.tab(user)) //nolint:contextcheck // it has its own time
		return
	}
	r.publish(ctx, user, homeOf(r.homes.tab(user), words(rich.Of(trouble))))
}
