package slacktest

import (
	"encoding/base64"
	"maps"
	"slices"
	"strings"
)

// cursors carry the ts (or id) at which the next page starts or ends.
func cursorOf(at string) string { return base64.StdEncoding.EncodeToString([]byte("next:" + at)) }

func (c *call) cursor() (string, error) {
	if c.get("cursor") == "" {
		return "", nil
	}
	raw, err := base64.StdEncoding.DecodeString(c.get("cursor"))
	at, ok := strings.CutPrefix(string(raw), "next:")
	if err != nil || !ok {
		return "", refuse("invalid_cursor")
	}
	return at, nil
}

func (c *call) limit(def, most int) (int, error) {
	n := c.number("limit", def)
	if n < 1 {
		return 0, refuse("invalid_limit")
	}
	return min(n, most), nil
}

func page(next string) map[string]string {
	if next != "" {
		next = cursorOf(next)
	}
	return map[string]string{"next_cursor": next}
}

// readableChannel finds a channel whose messages the bot may read.
func (s *Server) readableChannel(id string) (*channel, error) {
	ch, err := s.openChannel(id)
	if err == nil && !ch.members[s.opts.BotUserID] {
		err = refuse("not_in_channel")
	}
	return ch, err
}

// conversationsReplies pages forwards through a thread. The root comes first on every page and
// counts towards the limit, but no page is without a reply while there is one.
func (s *Server) conversationsReplies(c *call) (answer, error) {
	ch, err := s.readableChannel(c.get("channel"))
	if err != nil {
		return nil, err
	}
	limit, err := c.limit(1000, 1000)
	if err != nil {
		return nil, err
	}
	from, err := c.cursor()
	if err != nil {
		return nil, err
	}
	root := s.state.byTS[c.get("ts")]
	if root == nil || root.Channel != ch.ID || root.Deleted && !root.Tombstone {
		return nil, refuse("thread_not_found")
	}
	metadata := c.flag("include_all_metadata")
	list := []*wireMessage{s.wire(root, metadata)}
	next := ""
	replies := between(ch.threads[root.TS], c.get("oldest"), c.get("latest"), c.flag("inclusive"))
	for _, m := range between(replies, from, "", true) {
		if m.Deleted {
			continue
		}
		if len(list) >= max(limit, 2) {
			next = m.TS
			break
		}
		list = append(list, s.wire(m, metadata))
	}
	return answer{"messages": list, "has_more": next != "", "response_metadata": page(next)}, nil
}

// conversationsHistory pages backwards through the top level, newest first.
func (s *Server) conversationsHistory(c *call) (answer, error) {
	ch, err := s.readableChannel(c.get("channel"))
	if err != nil {
		return nil, err
	}
	limit, err := c.limit(100, 999)
	if err != nil {
		return nil, err
	}
	until, err := c.cursor()
	if err != nil {
		return nil, err
	}
	list := []*wireMessage{}
	next := ""
	window := between(ch.top, c.get("oldest"), c.get("latest"), c.flag("inclusive"))
	for _, m := range slices.Backward(between(window, "", until, true)) {
		if m.Deleted && !m.Tombstone {
			continue
		}
		if len(list) == limit {
			next = m.TS
			break
		}
		list = append(list, s.wire(m, c.flag("include_all_metadata")))
	}
	return answer{"messages": list, "has_more": next != "", "pin_count": 0, "response_metadata": page(next)}, nil
}

func (s *Server) wireChannel(ch *channel) map[string]any {
	return map[string]any{
		"id": ch.ID, "name": ch.Name, "name_normalized": ch.Name, "created": ch.created, "creator": "U0CREATOR",
		"is_channel": !ch.Private, "is_group": false, "is_im": false, "is_mpim": false, "is_private": ch.Private,
		"is_archived": ch.Archived, "is_general": false, "is_shared": false, "is_member": ch.members[s.opts.BotUserID],
		"context_team_id": s.opts.TeamID, "num_members": len(ch.members),
	}
}

func (s *Server) conversationsInfo(c *call) (answer, error) {
	ch, err := s.openChannel(c.get("channel"))
	if err != nil {
		return nil, err
	}
	return answer{"channel": s.wireChannel(ch)}, nil
}

func (s *Server) conversationsMembers(c *call) (answer, error) {
	ch, err := s.openChannel(c.get("channel"))
	if err != nil {
		return nil, err
	}
	ids, next, err := pageOf(c, slices.Sorted(maps.Keys(ch.members)), func(id string) string { return id })
	if err != nil {
		return nil, err
	}
	return answer{"members": ids, "response_metadata": page(next)}, nil
}

func (s *Server) conversationsList(c *call) (answer, error) {
	types := c.get("types")
	setDefault(&types, "public_channel")
	var visible []*channel
	for _, id := range s.state.order {
		ch := s.state.channels[id]
		kind := "public_channel"
		if ch.Private {
			kind = "private_channel"
		}
		if !strings.Contains(types, kind) || ch.Archived && c.flag("exclude_archived") ||
			ch.Private && !ch.members[s.opts.BotUserID] {
			continue
		}
		visible = append(visible, ch)
	}
	some, next, err := pageOf(c, visible, func(ch *channel) string { return ch.ID })
	if err != nil {
		return nil, err
	}
	list := []map[string]any{}
	for _, ch := range some {
		list = append(list, s.wireChannel(ch))
	}
	return answer{"channels": list, "response_metadata": page(next)}, nil
}

// pageOf cuts one page out of a list and names the first item of the next.
func pageOf[T any](c *call, list []T, id func(T) string) ([]T, string, error) {
	limit, err := c.limit(100, 1000)
	if err != nil {
		return nil, "", err
	}
	from, err := c.cursor()
	if err != nil {
		return nil, "", err
	}
	if from != "" {
		at := slices.IndexFunc(list, func(x T) bool { return id(x) == from })
		if at < 0 {
			return nil, "", refuse("invalid_cursor")
		}
		list = list[at:]
	}
	if len(list) <= limit {
		return list, "", nil
	}
	return list[:limit], id(list[limit]), nil
}
