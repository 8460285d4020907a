package website

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/skeindesk/skein/bridge"
)

const (
	maxPage     = 200 // entries
	defaultPage = 100
)

// page is a stretch of a visitor's conversation, in order.
type page struct {
	Entries []entry `json:"entries"`
	LastSeq int64   `json:"last_seq"`         // ask after this next; everything up to it has been told
	Before  *int64  `json:"before,omitempty"` // of a page that was asked for backwards: ask before this next; 0: there is no more
}

// stretch is what a request asks for: the first entries after a number, or the last ones before one.
type stretch struct {
	after, before int64
	limit         int
}

func asked(query url.Values) (s stretch, err error) {
	if s.after, err = number("after", query.Get("after"), 0); err != nil {
		return s, err
	}
	if s.before, err = number("before", query.Get("before"), 0); err != nil {
		return s, err
	}
	if query.Has("after") && query.Has("before") {
		return s, refuse(http.StatusBadRequest, "number", "Give after or before, not both.")
	}
	limit, err := number("limit", query.Get("limit"), defaultPage)
	s.limit = int(min(max(limit, 1), maxPage))
	return s, err
}

func (a *Adapter) getMessages(w http.ResponseWriter, r *http.Request, v visitor) error {
	s, err := asked(r.URL.Query())
	if err != nil {
		return err
	}
	c, err := a.cfg.Log.ConversationAt(r.Context(), a.cfg.Name, v.thread())
	if err != nil && !errors.Is(err, bridge.ErrNotFound) {
		return fmt.Errorf("find conversation: %w", err)
	}
	read := a.readOn
	if r.URL.Query().Has("before") {
		read = a.readBack
	}
	out, entries, err := read(r.Context(), c, s)
	if err != nil {
		return fmt.Errorf("read entries: %w", err)
	}
	out.Entries = []entry{}
	for _, en := range entries {
		if e, ok := shown(a.cfg.Name, en); ok {
			out.Entries = append(out.Entries, e)
		}
	}
	answer(w, http.StatusOK, out)
	if seq := newestReply(entries); seq > 0 {
		if err := a.cfg.Log.Fetched(r.Context(), c.ID, a.cfg.Name, seq); err != nil {
			a.cfg.Logger.Warn("what was fetched not noted", "conversation", c.ID, "error", err)
		}
	}
	return nil
}

// readOn reads what comes after a number. c without an ID is a visitor's who has no conversation.
func (a *Adapter) readOn(ctx context.Context, c bridge.Conversation, s stretch) (page, []bridge.Entry, error) {
	out := page{LastSeq: s.after}
	if c.ID == 0 {
		return out, nil, nil
	}
	read, held, err := a.cfg.Log.Visible(ctx, c.ID, a.cfg.Name, bridge.RoleVisitor, s.after, s.limit)
	if len(read) > 0 {
		out.LastSeq = read[len(read)-1].Seq
	}
	if len(read) < s.limit && held == 0 {
		out.LastSeq = max(out.LastSeq, c.LastSeq)
	}
	return out, read, err
}

// readBack reads what comes before a number.
func (a *Adapter) readBack(ctx context.Context, c bridge.Conversation, s stretch) (page, []bridge.Entry, error) {
	out := page{Before: new(int64)}
	if c.ID == 0 {
		return out, nil, nil
	}
	read, err := a.cfg.Log.VisibleBefore(ctx, c.ID, a.cfg.Name, bridge.RoleVisitor, s.before, s.limit)
	if len(read) > 0 {
		out.LastSeq = read[len(read)-1].Seq
	}
	if len(read) == s.limit {
		*out.Before = read[0].Seq
	}
	return out, read, err
}
