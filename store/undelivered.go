package store

import (
	"context"
	"fmt"
	"math"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

type undeliveredRow struct {
	Conversation bridge.ConversationID
	Endpoint     bridge.EndpointName
	Seq, Part    int64
	Public       string
	At           int64
	Line         int64
	Offers       string
	AskedAt      int64  `db:"asked_at"`
	ByName       string `db:"by_name"`
	Body         string
	Profile      string
}

// Undelivered lists lines that did not arrive and of which nobody has said what is to become of them, the latest first, at
// most limit and at most as many as fit. Of an endpoint; "" is all. next is where to go on; zero: there is nothing more.
func (s *Store) Undelivered(ctx context.Context, e bridge.EndpointName, after bridge.UndeliveredPlace, limit int) (
	lines []bridge.Undelivered, next bridge.UndeliveredPlace, err error,
) {
	at := int64(math.MaxInt64)
	if after != (bridge.UndeliveredPlace{}) {
		at = milli(after.At)
	}
	var rows []undeliveredRow
	err = s.read(ctx).all(&rows, `SELECT r.conversation, r.endpoint, r.seq, r.part, r.public, r.at, q.target AS line, q.offers,
			l.by_name,
			coalesce((SELECT v.body FROM entries v WHERE v.conversation = l.conversation AND v.target = l.seq AND v.kind IN ('edited', 'deleted')
				ORDER BY v.seq DESC LIMIT 1), l.body) AS body, coalesce(p.profile, '') AS profile
		FROM receipts r
		JOIN entries q ON q.conversation = r.conversation AND q.kind = 'noted' AND q.by_kind = 'system' AND q.offers <> ''
			AND q.target = coalesce((SELECT v.target FROM entries v WHERE v.conversation = r.conversation AND v.seq = r.seq AND v.kind = 'edited'), r.seq)
		JOIN entries l ON l.conversation = q.conversation AND l.seq = q.target
		JOIN conversations c ON c.id = r.conversation
		LEFT JOIN visitors p ON p.id = c.visitor
		WHERE r.status = 'failed' AND (r.at, r.conversation, r.endpoint, r.seq, r.part) < (?, ?, ?, ?, ?)
			AND (cast(? AS TEXT) = '' OR r.endpoint = ?)
			AND NOT EXISTS (SELECT 1 FROM entries v WHERE v.conversation = q.conversation AND v.target = q.seq AND v.kind IN ('edited', 'deleted'))
			AND NOT EXISTS (SELECT 1 FROM receipts n WHERE n.conversation = r.conversation AND n.endpoint = r.endpoint AND n.status = 'failed'
				AND (n.seq, n.part) > (r.seq, r.part) AND (n.seq = q.target OR EXISTS (SELECT 1 FROM entries v
					WHERE v.conversation = n.conversation AND v.seq = n.seq AND v.kind = 'edited' AND v.target = q.target)))
		ORDER BY r.at DESC, r.conversation DESC, r.endpoint DESC, r.seq DESC, r.part DESC LIMIT ?`,
		at, after.Conversation, after.Endpoint, after.Seq, after.Part, e, e, limit)
	if err != nil {
		return nil, next, wrap("list what did not arrive", err)
	}
	for _, r := range rows {
		line, asked, err := r.undelivered()
		if err != nil {
			return nil, next, wrap("list what did not arrive", err)
		}
		if last := len(lines) - 1; asked && (last < 0 || lines[last].Conversation != line.Conversation || lines[last].Rest != line.Rest) {
			lines = append(lines, line)
		}
	}
	if len(rows) == limit {
		last := rows[len(rows)-1]
		next = bridge.UndeliveredPlace{
			At: moment(last.At), Conversation: last.Conversation, Endpoint: last.Endpoint, Seq: last.Seq, Part: last.Part,
		}
	}
	return lines, next, nil
}

// undelivered is what the row says; asked is false when the notice found is about another place.
func (r undeliveredRow) undelivered() (u bridge.Undelivered, asked bool, err error) {
	var offers []bridge.Offer
	if err := decode(r.Offers, &offers); err != nil {
		return u, false, err
	}
	rest := fmt.Sprintf("%d %s", r.Line, r.Endpoint)
	if len(offers) == 0 || offers[0].Word != "retry" || offers[0].Rest != rest {
		return u, false, nil
	}
	var body rich.Doc
	if err := decode(r.Body, &body); err != nil {
		return u, false, err
	}
	var profile bridge.Profile
	if r.Profile != "" {
		if err := decode(r.Profile, &profile); err != nil {
			return u, false, err
		}
	}
	return bridge.Undelivered{
		Conversation: r.Conversation, Visitor: profile.Name, Endpoint: r.Endpoint, Rest: rest, By: r.ByName,
		Text: rich.Plain(body), Why: r.Public, At: moment(r.At),
	}, true, nil
}
