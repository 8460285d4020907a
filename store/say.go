package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/skeindesk/skein/bridge"
)

// Say appends what a visitor says in a thread whose conversation is open; see bridge.Ledger. On PostgreSQL it is one
// statement instead of a transaction of four: nearly everything that a busy desk is told comes this way.
func (s *Store) Say(ctx context.Context, thread bridge.ThreadRef, en bridge.Entry, by bridge.Claimant) (bridge.Entry, []bridge.Lane, error) {
	if en.Audience != bridge.Everyone || en.Origin.Endpoint == "" || en.Target != 0 || len(en.Files) > 0 {
		return bridge.Entry{}, nil, errors.New("say: not a visitor's plain line")
	}
	how, say := whole, handle.sayInSteps
	if s.dialect == onPostgres {
		how, say = single, handle.say
	}
	var lanes []bridge.Lane
	err := s.writer.write(ctx, how, func(h handle) (err error) { lanes, err = say(h, thread, &en, by); return err })
	if errors.Is(err, bridge.ErrNotFound) || errors.Is(err, bridge.ErrSeen) {
		return bridge.Entry{}, nil, err
	}
	return en, lanes, wrap("say", err)
}

func (h handle) sayInSteps(thread bridge.ThreadRef, en *bridge.Entry, by bridge.Claimant) ([]bridge.Lane, error) {
	t := &tx{handle: h}
	conv, _, err := t.ConversationByThread(en.Origin.Endpoint, thread)
	if err != nil {
		return nil, err
	}
	if conv.State == bridge.StateClosed || conv.State == bridge.StateRobot || conv.Listening || conv.Blocked {
		return nil, bridge.ErrNotFound
	}
	en.Conversation, en.By.ID = conv.ID, int64(conv.Visitor)
	if *en, err = t.Append(*en); err != nil || len(by.Endpoints) == 0 {
		return nil, err
	}
	due, args := dueAt(by.Endpoints, []bridge.ConversationID{conv.ID})
	return h.claim(due, args, by.Lease, len(by.Endpoints))
}

// say takes the key for new unless it sees it in the log: a repeat at the same moment fails as a whole. It finds nothing
// where the lanes became others while it waited for the conversation, for it would not see the new ones. What the line
// matters to is what bridge.Lane.Minds says of a visitor's line; the card changes when the waiting begins.
//
// Claimed are lanes that have a thread and had nothing to do: what they are to be told next is this line.
func (h handle) say(thread bridge.ThreadRef, en *bridge.Entry, by bridge.Claimant) ([]bridge.Lane, error) {
	body, err := encodeList(en.Body)
	if err != nil {
		return nil, fmt.Errorf("body: %w", err)
	}
	var rows []struct {
		In   bridge.ConversationID
		By   int64
		Seq  int64
		Lane laneRow
	}
	args := []any{
		milli(en.At), en.Origin.Endpoint, thread, en.Origin.Endpoint, en.Origin.Key,
		en.Kind, en.Audience, en.By.Kind, printable(en.By.Name), printable(en.By.Avatar),
		en.Origin.Endpoint, en.Origin.Key, en.Origin.Message, body, milli(en.At), milli(en.At), by.Lease.Milliseconds(),
	}
	endpoints := "''"
	if len(by.Endpoints) > 0 {
		marks, more := list(by.Endpoints)
		endpoints, args = marks, append(args, more...)
	}
	args = append(args, en.Origin.Endpoint)
	err = h.all(&rows, `WITH numbered AS (
			UPDATE conversations c SET last_seq = c.last_seq + 1, updated_at = now_ms(),
				waiting_since = coalesce(nullif(c.waiting_since, 0), nullif(cast(? AS BIGINT), 0), now_ms()) FROM lanes l
			WHERE l.endpoint = ? AND l.thread = ? AND l.thread <> '' AND c.id = l.conversation AND c.state NOT IN ('closed', 'robot') AND NOT c.listening
				AND NOT EXISTS (SELECT 1 FROM visitors b WHERE b.id = c.visitor AND b.blocked)
				AND c.lanes_changed = `+lanesSeen+`
				AND NOT EXISTS (SELECT 1 FROM entries WHERE endpoint = ? AND key = ? AND endpoint <> '')
			RETURNING c.id AS said_in, coalesce(c.visitor, 0) AS said_by, c.last_seq AS said_seq, c.waiting_since AS waits_since),
		written AS (`+intoEntries+` SELECT said_in, said_seq, cast(? AS TEXT), cast(? AS TEXT), cast(? AS TEXT), said_by,
			cast(? AS TEXT), cast(? AS TEXT), cast(? AS TEXT), cast(? AS TEXT), cast(? AS TEXT), 0, cast(? AS TEXT), '', '',
			cast(? AS BIGINT), '', 0 FROM numbered),
		raised AS (UPDATE lanes SET head = said_seq, next_at = CASE WHEN cursor < head THEN next_at ELSE now_ms() END,
			card_due = CASE WHEN role = 'team' AND waits_since = cast(? AS BIGINT) THEN `+movedMark+` ELSE card_due END,
			(epoch, lease_until, intent_at, intent) = (
				SELECT epoch + mine, CASE mine WHEN 1 THEN now_ms() + ? ELSE lease_until END, CASE mine WHEN 1 THEN now_ms() ELSE intent_at END,
					CASE mine WHEN 1 THEN `+sayIntends+` || part || '@' || endpoint ELSE intent END
				FROM (SELECT CASE WHEN cursor = head AND length(thread) > 0 AND intent = '' AND lease_until <= now_ms()
					AND endpoint IN (`+endpoints+`)
					AND NOT EXISTS (SELECT 1 FROM endpoints p WHERE p.name = endpoint AND p.paused_until > now_ms())
					THEN 1 ELSE 0 END AS mine) m)
			FROM numbered WHERE conversation = said_in AND NOT reads AND endpoint <> ?
			RETURNING `+laneColumns+`)
		SELECT said_in AS "in", said_by AS by, said_seq AS seq, `+claimedColumns+`
		FROM numbered LEFT JOIN raised ON starts_with(intent, `+sayIntends+`)`, args...)
	if err != nil {
		if h.dialect.isTaken(err) {
			return nil, bridge.ErrSeen
		}
		return nil, err
	}
	if len(rows) == 0 {
		return nil, bridge.ErrNotFound
	}
	en.Conversation, en.Seq, en.By.ID = rows[0].In, rows[0].Seq, rows[0].By
	var lanes []bridge.Lane
	for _, r := range rows {
		if r.Lane.ID != 0 {
			lanes = append(lanes, r.Lane.lane())
		}
	}
	return lanes, nil
}

// sayIntends is how the intent of a lane begins that say has claimed. No other lane has one of the new line.
const sayIntends = `'` + byClaim + `' || said_in || '.' || said_seq || '.'`

// claimedColumns reads a lane, or nothing.
const claimedColumns = `coalesce(id, 0) AS "lane.id", coalesce(conversation, 0) AS "lane.conversation", coalesce(endpoint, '') AS "lane.endpoint",
	coalesce(role, '') AS "lane.role", coalesce(thread, '') AS "lane.thread", coalesce(reopened, 0) AS "lane.reopened",
	coalesce(cursor, 0) AS "lane.cursor", coalesce(head, 0) AS "lane.head", coalesce(part, 0) AS "lane.part",
	coalesce(intent, '') AS "lane.intent", coalesce(intent_at, 0) AS "lane.intent_at", coalesce(attempt, 0) AS "lane.attempt",
	coalesce(next_at, 0) AS "lane.next_at", coalesce(epoch, 0) AS "lane.epoch", coalesce(lease_until, 0) AS "lane.lease_until",
	coalesce(card_due, 0) AS "lane.card_due"`
