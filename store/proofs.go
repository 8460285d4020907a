package store

import (
	"context"
	"slices"

	"github.com/skeindesk/skein/bridge"
)

// Fetched notes that an endpoint's readers have what agents have said up to seq. It never goes back.
func (s *Store) Fetched(ctx context.Context, c bridge.ConversationID, e bridge.EndpointName, seq int64) error {
	err := s.writer.write(ctx, relaxed, func(h handle) error { return h.fetched(c, e, seq) })
	return wrap("note what was fetched", err)
}

func (h handle) fetched(c bridge.ConversationID, e bridge.EndpointName, seq int64) error {
	_, err := h.exec(`INSERT INTO fetched (conversation, endpoint, seq, at, seen_at)
		SELECT e.conversation, l.endpoint, e.seq, now_ms(), 0
		FROM lanes l JOIN entries e ON e.conversation = l.conversation
		WHERE l.conversation = ? AND l.endpoint = ? AND l.reads AND e.seq <= ? AND e.seq > (SELECT coalesce(max(f.seq), 0)
				FROM fetched f WHERE f.conversation = l.conversation AND f.endpoint = l.endpoint)
			AND e.kind = 'said' AND e.by_kind = 'agent' AND e.audience = ? AND e.not_before <= now_ms()
		ON CONFLICT DO NOTHING`, c, e, seq, bridge.Everyone)
	return err
}

// Seen raises the cursor of a reading lane to seq, which has been fetched then, too. It never lowers it, nor raises it
// beyond the log's end.
func (s *Store) Seen(ctx context.Context, c bridge.ConversationID, e bridge.EndpointName, seq int64) error {
	err := s.writer.write(ctx, relaxed, func(h handle) error {
		if err := h.fetched(c, e, seq); err != nil {
			return err
		}
		_, err := h.exec(`UPDATE fetched SET seen_at = now_ms() WHERE conversation = ? AND endpoint = ? AND seq <= ? AND seen_at = 0`,
			c, e, seq)
		if err != nil {
			return err
		}
		_, err = h.exec(`UPDATE lanes SET cursor = ? WHERE conversation = ? AND endpoint = ? AND reads AND cursor < ?
			AND ? <= (SELECT c.last_seq FROM conversations c WHERE c.id = lanes.conversation)`, seq, c, e, seq, seq)
		return err
	})
	return wrap("note what was seen", err)
}

// Proofs returns what is known of the entry seq in every place of its conversation; see bridge.Tx.
func (t *tx) Proofs(c bridge.ConversationID, seq int64) ([]bridge.Proof, error) {
	proofs, err := t.proofs(c, []int64{seq})
	return proofs[seq], wrap("read what became of an entry", err)
}

type provenRow struct {
	laneRow
	Of        int64 `db:"of_entry"`
	Again     int64
	FetchedAt int64 `db:"fetched_at"`
	SeenAt    int64 `db:"seen_at"`
	MailedAt  int64 `db:"mailed_at"`
	Paused    int64
}

type provenReceipt struct {
	placedRow
	Of int64 `db:"of_entry"`
}

// numbers are the entries' own.
func numbers(entries []bridge.Entry) []int64 {
	seqs := make([]int64, len(entries))
	for i, en := range entries {
		seqs[i] = en.Seq
	}
	return seqs
}

// proofs returns what is known of entries of one conversation in each place, by their numbers.
func (h handle) proofs(c bridge.ConversationID, seqs []int64) (map[int64][]bridge.Proof, error) {
	if len(seqs) == 0 {
		return nil, nil
	}
	marks, args := list(seqs)
	var rows []provenRow
	err := h.all(&rows, `SELECT `+laneColumns+`, of_entry,
			coalesce((SELECT max(e.seq) FROM entries e WHERE e.conversation = l.conversation AND e.target = of_entry AND e.kind IN ('edited', 'deleted') AND e.kind = 'edited'
				AND e.endpoint = '' AND e.key <> '' AND e.audience IN ('agents', 'endpoint:' || l.endpoint)), 0) AS again,
			coalesce(f.fetched_at, 0) AS fetched_at, coalesce(f.seen_at, 0) AS seen_at, coalesce(m.mailed_at, 0) AS mailed_at,
			coalesce(p.paused_until, 0) AS paused
		FROM lanes l
		JOIN (SELECT seq AS of_entry FROM entries WHERE conversation = ? AND seq IN (`+marks+`)) o ON l.conversation = ?
		LEFT JOIN (SELECT endpoint AS fetcher, seq AS fetched_seq, at AS fetched_at, seen_at FROM fetched
			WHERE conversation = ? AND seq IN (`+marks+`)) f ON f.fetcher = l.endpoint AND f.fetched_seq = of_entry
		LEFT JOIN (SELECT seq AS mailed_seq, at AS mailed_at FROM mailed WHERE conversation = ? AND seq IN (`+marks+`)) m
			ON l.reads AND m.mailed_seq = of_entry
		LEFT JOIN (SELECT name, paused_until FROM endpoints) p ON p.name = l.endpoint
		ORDER BY l.id`, slices.Concat([]any{c}, args, []any{c, c}, args, []any{c}, args)...)
	if err != nil {
		return nil, err
	}
	var receipts []provenReceipt
	err = h.all(&receipts, `SELECT r.endpoint, r.seq, r.part, r.version, r.message, r.status, r.public, r.at, coalesce(v.target, r.seq) AS of_entry
		FROM receipts r LEFT JOIN entries v ON v.conversation = r.conversation AND v.seq = r.seq AND v.kind = 'edited'
		WHERE r.conversation = ? AND (r.seq IN (`+marks+`) OR r.seq IN (SELECT w.seq FROM entries w
			WHERE w.conversation = ? AND w.target IN (`+marks+`) AND w.kind IN ('edited', 'deleted') AND w.kind = 'edited'))
		ORDER BY r.endpoint, r.seq, r.part`, slices.Concat([]any{c}, args, []any{c}, args)...)
	if err != nil {
		return nil, err
	}
	type place struct {
		endpoint bridge.EndpointName
		seq      int64
	}
	of := map[place][]bridge.Receipt{}
	for _, r := range receipts {
		at := place{r.Endpoint, r.Of}
		if slices.Contains(seqs, r.Seq) {
			at.seq = r.Seq
		}
		of[at] = append(of[at], r.receipt())
	}
	proofs := map[int64][]bridge.Proof{}
	for _, r := range rows {
		proofs[r.Of] = append(proofs[r.Of], bridge.Proof{
			Lane: r.lane(), Again: r.Again, FetchedAt: moment(r.FetchedAt), SeenAt: moment(r.SeenAt),
			MailedAt: moment(r.MailedAt), PausedUntil: moment(r.Paused),
			Receipts: of[place{r.Endpoint, r.Of}],
		})
	}
	return proofs, nil
}

// Questions returns the notices of a conversation that still offer something, newest first; see bridge.Tx.
func (t *tx) Questions(c bridge.ConversationID) ([]bridge.Entry, error) {
	var rows []entryRow
	err := t.all(&rows, `SELECT `+entryColumns+` FROM entries e
		WHERE e.conversation = ? AND e.kind = 'noted' AND e.by_kind = 'system' AND e.offers <> ''
			AND NOT EXISTS (SELECT 1 FROM entries v
				WHERE v.conversation = e.conversation AND v.target = e.seq AND v.kind IN ('edited', 'deleted'))
		ORDER BY e.seq DESC LIMIT ?`, c, maxQuestions)
	if err != nil {
		return nil, wrap("find questions", err)
	}
	questions, err := entriesOf(rows)
	return questions, wrap("find questions", err)
}

// maxQuestions is how many questions of one conversation are looked at.
const maxQuestions = 100

// EntryAt returns the entry seq of a conversation as it stands now; see bridge.Tx.
func (t *tx) EntryAt(c bridge.ConversationID, seq int64) (bridge.Entry, bool, error) {
	en, err := t.entry("find an entry", `SELECT `+entryColumns+` FROM entries e WHERE e.conversation = ? AND e.seq = ?`, c, seq)
	if err != nil {
		return bridge.Entry{}, false, err
	}
	return t.asItStands(en)
}
