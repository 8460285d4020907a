package store

import (
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/bridge/search"
)

const (
	// partSize is how many entries of a conversation are one document: more than nearly all have.
	partSize = 100
	// maxDocument is how many words of a document can be found. PostgreSQL tells apart no more than 16,383 places.
	maxDocument = 16000
)

// partOf is the part of its conversation to which an entry belongs.
func partOf(seq int64) int64 { return max(seq-1, 0) / partSize }

// A fact is something that is known of a conversation besides its log.
type fact struct {
	in   bridge.FoundIn
	text string
}

// facts are what is known of a conversation that can be looked for, and a number that tells whether it has changed.
func (h handle) facts(c bridge.ConversationID) (facts []fact, about int64, err error) {
	var row struct{ Tags, Profile string }
	err = h.get(&row, `SELECT c.tags, coalesce(v.profile, '') AS profile FROM conversations c LEFT JOIN visitors v ON v.id = c.visitor
		WHERE c.id = ?`, c)
	if err != nil {
		return nil, 0, wrap("read what is known of a conversation", err)
	}
	var tags []string
	_ = decode(row.Tags, &tags)
	var p bridge.Profile
	if err := decode(row.Profile, &p); err != nil {
		return nil, 0, fmt.Errorf("profile of the visitor of conversation %d: %w", c, err)
	}
	facts = append(facts, fact{bridge.InNumber, fmt.Sprint(c)}, fact{bridge.InName, p.Name}, fact{bridge.InEmail, p.Email},
		fact{bridge.InPhone, p.Phone}, fact{bridge.InTags, strings.Join(tags, ", ")})
	for _, name := range slices.Sorted(maps.Keys(p.Attributes)) {
		facts = append(facts, fact{bridge.InAttribute, name + ": " + p.Attributes[name]})
	}
	sum := fnv.New64a()
	for _, f := range facts {
		fmt.Fprintf(sum, "%s\x00", f.text)
	}
	return facts, int64(sum.Sum64()), nil //nolint:gosec // any bits will do
}

// A standing line is one that can be looked for, as it stands now.
type standing struct {
	Seq      int64
	Audience bridge.Audience
	ByKind   bridge.SpeakerKind `db:"by_kind"`
	ByID     int64              `db:"by_id"`
	ByName   string             `db:"by_name"`
	ByAvatar string             `db:"by_avatar"`
	At       int64
	Body     string
	Files    string
}

// texts are what the line says, and the names of its files.
func (l standing) texts() (said string, files []string, err error) {
	var body rich.Doc
	var carried []bridge.File
	if err := decode(l.Body, &body); err != nil {
		return "", nil, fmt.Errorf("entry %d: body: %w", l.Seq, err)
	}
	if err := decode(l.Files, &carried); err != nil {
		return "", nil, fmt.Errorf("entry %d: files: %w", l.Seq, err)
	}
	for _, f := range carried {
		files = append(files, f.Name)
	}
	return rich.Plain(body), files, nil
}

// standing reads what of a part of a conversation can be looked for: what people and robots have said and noted and not
// taken back, in its newest version.
func (h handle) standing(c bridge.ConversationID, part int64) (lines []standing, err error) {
	err = h.all(&lines, `SELECT e.seq, e.audience, e.by_kind, e.by_id, e.by_name, e.by_avatar, e.at,
			coalesce(n.body, e.body) AS body, coalesce(n.files, e.files) AS files
		FROM entries e LEFT JOIN entries n ON n.conversation = e.conversation AND n.seq = (SELECT max(v.seq) FROM entries v
			WHERE v.conversation = e.conversation AND v.target = e.seq AND v.kind IN ('edited', 'deleted') AND v.kind = 'edited'
				AND (v.endpoint <> '' OR v.key = ''))
		WHERE e.conversation = ? AND e.seq > ? AND e.seq <= ? AND e.kind IN ('said', 'noted', 'rated') AND e.by_kind <> 'system'
			AND NOT EXISTS (SELECT 1 FROM entries d WHERE d.conversation = e.conversation AND d.target = e.seq
				AND d.kind IN ('edited', 'deleted') AND d.kind = 'deleted')
		ORDER BY e.seq`, c, part*partSize, (part+1)*partSize)
	return lines, wrap("read what can be looked for", err)
}

// A document is what can be found in a part of a conversation: words in their order, "" between texts.
type document struct {
	conversation bridge.ConversationID
	part         int64
	at           int64 // when it was used last
	words        []string
}

func (d *document) add(text string) {
	for w := range search.Words(text) {
		if len(d.words) == maxDocument {
			return
		}
		d.words = append(d.words, w.Text)
	}
	d.words = append(d.words, "")
}

// document makes the document of a part. It is empty when nothing was said there that can be found, but for the last part:
// there the facts are found in any case.
func (h handle) document(c bridge.ConversationID, part int64, last bool, facts []fact) (document, error) {
	d := document{conversation: c, part: part}
	lines, err := h.standing(c, part)
	if err != nil || len(lines) == 0 && !last {
		return d, err
	}
	for _, f := range facts {
		d.add(f.text)
	}
	for _, l := range lines {
		said, files, err := l.texts()
		if err != nil {
			return d, err
		}
		d.add(said)
		for _, name := range files {
			d.add(name)
		}
		d.at = max(d.at, l.At)
	}
	return d, nil
}

// forSQLite is the text that FTS5 divides into the words again. What stands between two texts is a word nobody looks for.
func (d *document) forSQLite() string {
	var b strings.Builder
	for _, w := range d.words {
		if w == "" {
			w = "·"
		}
		b.WriteString(w)
		b.WriteByte(' ')
	}
	return b.String()
}

// forPostgres is the tsvector of the words.
func (d *document) forPostgres() string {
	at := map[string][]int{}
	for i, w := range d.words {
		if w != "" && len(at[w]) < 255 { // PostgreSQL keeps no more
			at[w] = append(at[w], i+1)
		}
	}
	var b strings.Builder
	for w, places := range at {
		b.WriteByte('\'')
		b.WriteString(w)
		b.WriteByte('\'')
		for i, p := range places {
			b.WriteByte(":,"[min(i, 1)])
			fmt.Fprint(&b, p)
		}
		b.WriteByte(' ')
	}
	return b.String()
}
