package store

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/skeindesk/skein/bridge"
)

const (
	// digestEvery is how often it is looked for conversations that have changed: about how late something can be found.
	digestEvery = 2 * time.Second
	// digestBatch is how many conversations are read at once.
	digestBatch = 32
	// digestShare of the time goes to reading at most, while there is much to read: one part in so many.
	digestShare = 10
	// maxUnread is how many new entries of one conversation are read at once.
	maxUnread = 20 * partSize
	// noteEvery is how often it is noted that nothing has changed.
	noteEvery = time.Minute
	// maxHold is how many documents are written before others may write again, on SQLite.
	maxHold = 4
)

// KeepDigests reads what changes into what Search finds and Report tells, a little later and beside everything else, until ctx
// ends. Reports count days by the zone; when that becomes another all is counted again. It returns nil. Of several instances one
// at a time does it.
func (s *Store) KeepDigests(ctx context.Context, zone func() *time.Location) error {
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-pause.C:
		}
		begin := time.Now()
		more, err := s.Digest(ctx, zone())
		if err != nil && ctx.Err() == nil {
			s.log.LogAttrs(ctx, slog.LevelWarn, "what is new cannot be found yet", slog.Any("error", err))
		}
		if more && err == nil {
			pause.Reset((digestShare - 1) * time.Since(begin))
		} else {
			pause.Reset(digestEvery)
		}
	}
}

// Digest reads some of the conversations that have changed, and counts them by days of the zone. more tells that there may be
// others.
func (s *Store) Digest(ctx context.Context, zone *time.Location) (more bool, err error) {
	counted, err := s.read(ctx).reportZone()
	if err != nil {
		return false, wrap("look for what has changed", err)
	}
	if counted == nil || counted.String() != zone.String() {
		if err := s.countAnew(ctx, zone); err != nil {
			return false, err
		}
	}
	if s.dialect == onSQLite {
		return s.digestBeside(ctx, zone)
	}
	if b, err := s.read(ctx).unread(""); err != nil || b.idle() {
		return false, wrap("look for what has changed", err)
	}
	err = s.writer.write(ctx, whole, func(h handle) error {
		b, err := h.unread(h.dialect.skipLocked())
		if err != nil || b == nil { // another instance is at it
			more = false
			return err
		}
		more = b.more
		if err := h.digest(b, zone); err != nil {
			return err
		}
		if err := h.saveDigests(b.digests); err != nil {
			return err
		}
		return h.digested(b)
	})
	return more, wrap("read what has changed", err)
}

// digestBeside reads first, and then writes a little at a time: on SQLite there is one writer.
func (s *Store) digestBeside(ctx context.Context, zone *time.Location) (more bool, err error) {
	s.digesting.Lock()
	defer s.digesting.Unlock()
	h := s.read(ctx)
	b, err := h.unread("")
	if err == nil {
		err = h.digest(b, zone)
	}
	if err != nil || b.idle() {
		return false, wrap("read what has changed", err)
	}
	for rest := b.digests; len(rest) > 0; {
		n, documents := 0, 0
		for n < len(rest) && (n == 0 || documents+len(rest[n].documents) <= maxHold) {
			documents += len(rest[n].documents)
			n++
		}
		err := s.writer.write(ctx, relaxed, func(h handle) error { return h.saveDigests(rest[:n]) })
		if err != nil {
			return false, wrap("write what has changed", err)
		}
		rest = rest[n:]
	}
	err = s.writer.write(ctx, relaxed, func(h handle) error { return h.digested(b) })
	return b.more, wrap("write what has changed", err)
}

// batch is some of what has changed.
type batch struct {
	digests []digest
	until   int64 // all that was changed before is in it, or has been read
	was     int64
	more    bool
}

// digest is what is new of a conversation.
type digest struct {
	ID        bridge.ConversationID
	UpdatedAt int64 `db:"updated_at"`
	Seq       int64 // read so far, and then what is read now
	About     int64
	Known     bool  // it has been read before
	Changes   int64 // of the visitor; 0: none
	Kind      bridge.ConversationKind
	Endpoint  bridge.EndpointName
	OpenedAt  int64 `db:"opened_at"`
	Rating    int64
	Owner     int64
	Locale    string
	documents []document
	fold      *fold // what is to be counted for reports
}

const unreadColumns = `c.id, c.updated_at, coalesce(d.seq, 0) AS seq, coalesce(d.about, 0) AS about, d.conversation IS NOT NULL AS known,
	c.kind, c.endpoint, c.opened_at, c.rating, c.owner, coalesce((SELECT v.locale FROM visitors v WHERE v.id = c.visitor), '') AS locale`

// idle reports that nothing has changed, and that this need not be noted yet.
func (b *batch) idle() bool {
	return b != nil && len(b.digests) == 0 && time.Duration(b.until-b.was)*time.Millisecond < noteEvery
}

// unread chooses what to read, with a lock that others pass by; nil when another instance reads.
func (h handle) unread(lock string) (*batch, error) {
	var at struct{ Until, Now int64 }
	err := h.get(&at, `SELECT until, now_ms() AS now FROM digested`+lock)
	if errors.Is(err, bridge.ErrNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	b := &batch{was: at.Until, until: at.Now}
	// A transaction that commits late may have written an earlier time.
	err = h.all(&b.digests, `SELECT `+unreadColumns+`, 0 AS changes FROM conversations c LEFT JOIN digests d ON d.conversation = c.id
		WHERE c.updated_at >= ? AND (d.conversation IS NULL OR d.updated_at <> c.updated_at OR d.seq <> c.last_seq)
		ORDER BY c.updated_at LIMIT ?`, at.Until-pollOverlap.Milliseconds(), digestBatch)
	if err != nil {
		return nil, err
	}
	if n := len(b.digests); n == digestBatch {
		b.until, b.more = max(b.digests[n-1].UpdatedAt, at.Until), true
	}
	var touched []digest
	err = h.all(&touched, `SELECT `+unreadColumns+`, u.changes FROM undigested u JOIN conversations c ON c.id = u.conversation
		LEFT JOIN digests d ON d.conversation = c.id LIMIT ?`, digestBatch)
	for _, t := range touched {
		if i := slices.IndexFunc(b.digests, func(d digest) bool { return d.ID == t.ID }); i >= 0 {
			b.digests[i].Changes = t.Changes
		} else {
			b.digests = append(b.digests, t)
		}
	}
	b.more = b.more || len(touched) == digestBatch
	return b, err
}

// digest makes the documents that are to be made anew.
func (h handle) digest(b *batch, zone *time.Location) error {
	for i := range b.digests {
		more, err := h.read(&b.digests[i], zone)
		if err != nil {
			return err
		}
		b.more = b.more || more
	}
	return nil
}

// read makes the documents of a conversation that are to be made anew. more tells that it has more new entries than are
// read at once.
func (h handle) read(d *digest, zone *time.Location) (more bool, err error) {
	facts, about, err := h.facts(d.ID)
	if err != nil {
		return false, err
	}
	var entries []unreadEntry
	err = h.all(&entries, `SELECT seq, target, kind, audience, by_kind, by_id, state, at FROM entries WHERE conversation = ? AND seq > ? ORDER BY seq LIMIT ?`, d.ID, d.Seq, maxUnread)
	if err != nil {
		return false, err
	}
	if d.Kind == bridge.Guest {
		if err := h.fold(d, zone, entries); err != nil {
			return false, err
		}
	}
	parts := map[int64]bool{}
	for _, en := range entries {
		parts[partOf(en.Seq)] = true
		if en.Kind == bridge.Edited || en.Kind == bridge.Deleted {
			parts[partOf(en.Target)] = true
		}
		d.Seq = en.Seq
	}
	parts[partOf(d.Seq)] = true
	if d.Known && about != d.About {
		var all []int64
		if err := h.all(&all, `SELECT part FROM documents WHERE conversation = ?`, d.ID); err != nil {
			return false, err
		}
		for _, p := range all {
			parts[p] = true
		}
	}
	d.About = about
	if more = len(entries) == maxUnread; more {
		d.UpdatedAt = -1 // it has been read only in part
	}
	for p := range parts {
		last := p == partOf(d.Seq)
		doc, err := h.document(d.ID, p, last, facts)
		if err != nil {
			return false, err
		}
		if last {
			doc.at = max(doc.at, d.UpdatedAt)
		}
		d.documents = append(d.documents, doc)
	}
	return more, nil
}

func (h handle) saveDigests(digests []digest) error {
	for i := range digests {
		if err := h.saveDigest(&digests[i]); err != nil {
			return err
		}
	}
	return h.saveFolds(digests)
}

func (h handle) saveDigest(d *digest) error {
	for i := range d.documents {
		if err := h.saveDocument(&d.documents[i]); err != nil {
			return err
		}
	}
	_, err := h.exec(`INSERT INTO digests (conversation, seq, updated_at, about) VALUES (?, ?, ?, ?)
		ON CONFLICT (conversation) DO UPDATE SET seq = excluded.seq, updated_at = excluded.updated_at, about = excluded.about`,
		d.ID, d.Seq, d.UpdatedAt, d.About)
	if err != nil || d.Changes == 0 {
		return err
	}
	_, err = h.exec(`DELETE FROM undigested WHERE conversation = ? AND changes = ?`, d.ID, d.Changes)
	return err
}

// digested notes how far conversations have been read.
func (h handle) digested(b *batch) error {
	if b.until <= b.was {
		return nil
	}
	_, err := h.exec(`UPDATE digested SET until = ? WHERE until < ?`, b.until, b.until)
	return err
}

// saveDocument writes a document in place of the one that there may have been.
func (h handle) saveDocument(d *document) error {
	if h.dialect == onSQLite {
		_, err := h.exec(`DELETE FROM document_words WHERE rowid = (SELECT no FROM documents WHERE conversation = ? AND part = ?)`, d.conversation, d.part)
		if err != nil {
			return err
		}
	}
	_, err := h.exec(`DELETE FROM documents WHERE conversation = ? AND part = ?`, d.conversation, d.part)
	if err != nil || len(d.words) == 0 {
		return err
	}
	for first := firstNumber(d.at); ; first += perSecond {
		var no int64
		err := h.get(&no, `SELECT coalesce(max(no) + 1, ?) FROM documents WHERE no >= ? AND no < ?`, first, first, first+perSecond)
		if err != nil {
			return err
		}
		added, err := h.addDocument(no, d)
		if err != nil || added {
			return err
		}
	}
}

// addDocument reports whether the number was free.
func (h handle) addDocument(no int64, d *document) (added bool, err error) {
	if h.dialect == onPostgres {
		n, err := h.exec(`INSERT INTO documents (no, conversation, part, words) VALUES (?, ?, ?, cast(cast(? AS TEXT) AS TSVECTOR))
			ON CONFLICT (no) DO NOTHING`, no, d.conversation, d.part, d.forPostgres())
		return n == 1, err
	}
	n, err := h.exec(`INSERT INTO documents (no, conversation, part) VALUES (?, ?, ?) ON CONFLICT (no) DO NOTHING`, no, d.conversation, d.part)
	if err != nil || n == 0 {
		return false, err
	}
	_, err = h.exec(`INSERT INTO document_words (rowid, words) VALUES (?, ?)`, no, d.forSQLite())
	return true, err
}

// perSecond is how many numbers of documents there are for each second since numberingBegan; what has no room goes on in the
// next.
const perSecond = 256

var numberingBegan = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).Unix()

// firstNumber is the first number for a document that was used last at a time.
func firstNumber(at int64) int64 { return max(at/1000-numberingBegan, 0)*perSecond + 1 }
