package workbench

import (
	"slices"
	"strings"

	"github.com/skeindesk/skein/bridge"
)

// navigated is a page that all pages lead to.
type navigated struct {
	path, label string
	least       bridge.Rank
}

func (b *Workbench) pages() []navigated {
	all := []navigated{
		{"/", "Conversations", bridge.RankAgent},
		{"/quick-replies", "Quick replies", bridge.RankAgent},
		{"/knowledge", "Knowledge", bridge.RankAgent},
		{"/team", "Team", bridge.RankAgent},
		{"/undelivered", "Undelivered", bridge.RankAgent},
		{"/reports", "Reports", bridge.RankAgent},
		{"/channels", "Channels", bridge.RankAdmin},
		{"/settings", "Settings", bridge.RankAdmin},
	}
	if b.cfg.Knowledge == nil {
		all = slices.DeleteFunc(all, func(n navigated) bool { return Base+n.path == knowledgePath })
	}
	return all
}

// holds reports whether the page at an address is this one or below it.
func (n navigated) holds(path string) bool {
	at := strings.TrimPrefix(path, Base)
	if n.path == "/" {
		return at == "/" || strings.HasPrefix(at, "/conversations")
	}
	return strings.HasPrefix(at, n.path)
}
