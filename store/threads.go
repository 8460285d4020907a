package store

import (
	"context"
	"errors"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// openThreads reads threads of an endpoint, known ones and those that are perhaps being opened: of lanes, here, and of
// conversations, c, that these conditions hold for. The endpoint and the lanes' arguments are needed twice.
func openThreads(ofLanes, ofConversations string) string {
	return `SELECT here.conversation, here.thread, coalesce((SELECT max(e.at) FROM entries e
			WHERE e.conversation = here.conversation AND e.endpoint = here.endpoint AND e.message <> ''), c.opened_at) AS last_at, here.since
		FROM (SELECT conversation, endpoint, thread, since FROM lanes WHERE endpoint = ? AND thread <> ''` + ofLanes + `
			UNION ALL SELECT conversation, endpoint, thread, since FROM lanes WHERE endpoint = ? AND length(thread) = 0 AND intent <> ''` + ofLanes + `) here
		JOIN conversations c ON c.id = here.conversation WHERE c.erased_at = 0` + ofConversations
}

type openThreadRow struct {
	Conversation bridge.ConversationID
	Thread       bridge.ThreadRef
	LastAt       int64 `db:"last_at"`
	Since        int64
}

func (r openThreadRow) openThread() bridge.OpenThread {
	return bridge.OpenThread{Conversation: r.Conversation, Thread: r.Thread, LastAt: moment(r.LastAt), Since: moment(r.Since)}
}

// OpenThreads lists the threads that gap repair reads back; see bridge.ThreadBook.
func (s *Store) OpenThreads(ctx context.Context, e bridge.EndpointName, since time.Time) ([]bridge.OpenThread, error) {
	var rows []openThreadRow
	err := s.read(ctx).all(&rows, openThreads("", ` AND (c.state <> 'closed' OR c.updated_at >= ?)
		ORDER BY c.updated_at DESC, c.id DESC`), e, e, milli(since))
	if err != nil {
		return nil, wrap("list open threads", err)
	}
	threads := make([]bridge.OpenThread, len(rows))
	for i, r := range rows {
		threads[i] = r.openThread()
	}
	return threads, nil
}

// OpenThread returns a conversation's thread at an endpoint; see bridge.ThreadBook.
func (s *Store) OpenThread(ctx context.Context, c bridge.ConversationID, e bridge.EndpointName) (bridge.OpenThread, error) {
	var row openThreadRow
	err := s.read(ctx).get(&row, openThreads(" AND conversation = ?", ""), e, c, e, c)
	return row.openThread(), wrap("find a conversation's open thread", err)
}

// MessagesFrom lists the messages that gap repair looks for in a thread; see bridge.ThreadBook.
func (s *Store) MessagesFrom(ctx context.Context, c bridge.ConversationID, e bridge.EndpointName,
	since time.Time,
) ([]bridge.MessageRef, error) {
	var messages []bridge.MessageRef
	err := s.read(ctx).all(&messages, `SELECT e.message FROM entries e
		WHERE e.conversation = ? AND e.endpoint = ? AND e.message <> '' AND e.at >= ?
			AND NOT EXISTS (SELECT 1 FROM entries d
				WHERE d.conversation = e.conversation AND d.target = e.seq AND d.kind IN ('edited', 'deleted') AND d.kind = 'deleted')
			AND NOT EXISTS (SELECT 1 FROM receipts o -- of a card after the first: earlier messages stood in a thread that is gone
				WHERE o.conversation = e.conversation AND o.endpoint = e.endpoint AND o.seq = 0 AND o.part > 0 AND o.at > e.at)
		ORDER BY e.seq`, c, e, milli(since))
	return messages, wrap("list a thread's messages", err)
}

// ThreadOf returns a conversation's thread at an endpoint; bridge.ErrNotFound when it has no lane there.
func (s *Store) ThreadOf(ctx context.Context, c bridge.ConversationID, e bridge.EndpointName) (bridge.ThreadRef, error) {
	var t bridge.ThreadRef
	err := s.read(ctx).get(&t, `SELECT thread FROM lanes WHERE conversation = ? AND endpoint = ?`, c, e)
	return t, wrap("find a conversation's thread", err)
}

// Sending reports whether a part for a lane has perhaps been sent and not been settled; see bridge.Tx.
func (t *tx) Sending(c bridge.ConversationID, e bridge.EndpointName) (since time.Time, sending bool, err error) {
	var at int64
	err = t.get(&at, `SELECT intent_at FROM lanes WHERE conversation = ? AND endpoint = ? AND intent <> ''`, c, e)
	if errors.Is(err, bridge.ErrNotFound) {
		return time.Time{}, false, nil
	}
	return moment(at), err == nil, wrap("look for a part under way", err)
}

// Opening reports whether a thread of the endpoint has perhaps been opened that no lane has yet; see bridge.Tx.
func (t *tx) Opening(e bridge.EndpointName) (since time.Time, opening bool, err error) {
	var at int64
	err = t.get(&at, `SELECT coalesce(max(intent_at), 0) FROM lanes WHERE endpoint = ? AND length(thread) = 0 AND intent <> ''`, e)
	return moment(at), at > 0, wrap("look for an opening", err)
}
