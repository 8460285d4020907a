package slack

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge"
)

var _ bridge.Finder = (*Adapter)(nil)

const (
	// clockSkew is how far our clock may be ahead of Slack's.
	clockSkew = 2 * time.Minute
	pageSize  = 200 // what Slack recommends (S:reference/methods/conversations.replies)
	maxPages  = 100
)

// Find looks for a part by the key in its metadata, or, if it has files, by their names. An edit or a deletion is
// never found: doing it again does no harm. As long as Slack may have files without showing them, a part that is not
// seen is not taken for lost: the Failure's verdict is then Wait.
func (a *Adapter) Find(ctx context.Context, p bridge.Part) (sent bridge.Sent, found bool, err error) {
	content, ok := p.Content.(post)
	if p.Op != bridge.Post || !ok {
		return bridge.Sent{}, false, nil
	}
	channel, root, err := a.target(p)
	if err != nil {
		return bridge.Sent{}, false, fmt.Errorf("slack: find: %w", badPart(err))
	}
	me, err := a.whoAmI(ctx)
	if err != nil {
		return bridge.Sent{}, false, fmt.Errorf("slack: find: %w", failure("auth.test", err))
	}
	oldest := ""
	if !p.After.IsZero() {
		oldest = tsOf(p.After.Add(-clockSkew))
	}
	err = a.pages(ctx, channel, root, oldest, func(m *message) bool {
		found = me.wrote(m) && isPart(m, p.Key, len(content.Files) > 0)
		if found {
			sent = opened(bridge.Sent{Message: makeMessage(channel, string(m.TS), ownFiles(m)...)}, channel, root, string(m.TS))
		}
		return !found
	})
	if root != "" && isCode(err, "thread_not_found", "message_not_found") {
		return bridge.Sent{}, false, nil // Send will find that out, too
	}
	if err != nil && !errors.Is(err, errNoNextPage) {
		return bridge.Sent{}, false, fmt.Errorf("slack: find: %w", failure("conversations.replies", err))
	}
	if rest := min(time.Until(p.After.Add(shareTime)), shareTime); !found && len(content.Files) > 0 && rest > 0 {
		return bridge.Sent{}, false, fmt.Errorf("slack: find: %w", &bridge.Failure{
			Verdict: bridge.Wait, After: rest, Public: "Slack may not show the file yet.", Err: errors.New("files may not be shown yet"),
		})
	}
	return sent, found, nil
}

// isPart knows a part by its metadata or by its files' names; one whose files Slack has refused has metadata.
func isPart(m *message, key bridge.DeliveryKey, files bool) bool {
	if meta := m.Metadata.V; meta.EventType == partEvent && string(meta.Payload.Key) == string(key) {
		return true
	} else if !files {
		return false
	}
	mark := marker(key)
	for _, f := range m.Files.V {
		if mark != "" && strings.HasPrefix(string(f.V.Name), mark) {
			return true
		}
	}
	return false
}

// ownFiles are the ids of the files of a message of ours.
func ownFiles(m *message) []string {
	var ids []string
	for _, f := range m.Files.V {
		if f.V.ID != "" {
			ids = append(ids, string(f.V.ID))
		}
	}
	return ids
}

// pages calls see for every message of a thread, or, without a root, of a channel's top level, from oldest on until
// see returns false. Slack gives threads from the oldest on, channels from the newest. The root of a thread comes
// first on each page, however old it is. More than maxPages are errMorePages; errNoNextPage says that
// there is more to which Slack does not lead.
func (a *Adapter) pages(ctx context.Context, channel, root, oldest string, see func(*message) bool) error {
	args := values("channel", channel, "include_all_metadata", "true", "inclusive", "true", "limit", strconv.Itoa(pageSize))
	method := "conversations.history"
	if root != "" {
		method = "conversations.replies"
		args.Set("ts", root)
	}
	if oldest != "" {
		args.Set("oldest", oldest)
	}
	for range maxPages {
		next, more, err := a.page(ctx, method, args, see)
		if err != nil || !more {
			return err
		}
		args.Set("cursor", next)
	}
	return errMorePages
}

var (
	errMorePages  = errors.New("there are more pages than were read")
	errNoNextPage = errors.New("the answer does not say where the next page is")
)

func (a *Adapter) page(ctx context.Context, method string, args url.Values, see func(*message) bool) (next string, more bool, err error) {
	var answer struct {
		Messages []lenient[message] `json:"messages"`
		More     lenient[bool]      `json:"has_more"`
		Page     struct {
			Next string `json:"next_cursor"`
		} `json:"response_metadata"`
	}
	if err := a.call(ctx, method, args, &answer); err != nil {
		return "", false, err
	}
	for i := range answer.Messages {
		if !see(&answer.Messages[i].V) {
			return "", false, nil
		}
	}
	if answer.Page.Next == "" && answer.More.V {
		return "", false, errNoNextPage
	}
	return answer.Page.Next, answer.Page.Next != "", nil
}
