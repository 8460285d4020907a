package language

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"sync"
)

// packed is the table "small" of eld (see eld.NOTICE); internal/geneld says how it is packed.
//
//go:generate sh internal/geneld/run.sh
//go:embed eld.gz
var packed []byte

// A table holds what n-grams weigh in each language that has them. It is read-only once loaded.
type table struct {
	codes   []string // of the languages
	letters []stretch

	grams   []entry // a hash table with open addressing
	weights []weight
}

// An entry is an n-gram, and which of the weights are its.
type entry struct {
	gram  gram
	start uint32
	count uint32
}

// A weight is what an n-gram counts in a language.
type weight struct{ language, points uint8 }

// A gram is an n-gram: up to six bytes of UTF-8, the first in the lowest eight bits. No gram is 0.
type gram uint64

func (g gram) hash() uint64 { return uint64(g) * 0x9e3779b97f4a7c15 }

const (
	slotBits = 17 // 62 % of the slots are used
	floor    = 53 // what eld takes off every weight, to keep its files small
)

// loaded reads the table when somebody first wants it, which takes some 20 ms.
var loaded = sync.OnceValue(func() *table {
	t, err := load(packed)
	if err != nil {
		panic(fmt.Sprintf("language: the table in the program is damaged: %v", err)) // it is ours, and tests read it
	}
	return t
})

func load(packed []byte) (*table, error) {
	unzip, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	plain, err := io.ReadAll(unzip)
	if err != nil {
		return nil, err
	}
	head, rest, found := bytes.Cut(plain, []byte("\n"))
	if !found || len(rest) < 4 {
		return nil, io.ErrUnexpectedEOF
	}
	t := &table{codes: strings.Fields(string(head)), grams: make([]entry, 1<<slotBits)}
	if len(t.codes) != len(sums{}) {
		return nil, fmt.Errorf("it has %d languages, want %d", len(t.codes), len(sums{}))
	}
	t.letters = writers(t.codes)
	return t, t.fill(int(binary.BigEndian.Uint32(rest)), rest[4:])
}

// fill reads the five columns of n n-grams.
func (t *table) fill(n int, columns []byte) error {
	column := func(size int) []byte {
		size = min(size, len(columns))
		out := columns[:size]
		columns = columns[size:]
		return out
	}
	lengths := column(n)
	suffixes := column(sum(lengths, 15))
	counts := column(n)
	total := sum(counts, 255)
	languages, points := column(total), column(total)
	if n >= len(t.grams) || len(counts) != n || len(points) != total || len(columns) != 0 {
		return fmt.Errorf("it does not have %d n-grams", n)
	}
	t.weights = make([]weight, total)
	for i := range t.weights {
		t.weights[i] = weight{languages[i], points[i]}
	}
	var key [8]byte
	start := uint32(0)
	for i, l := range lengths {
		shared, more := int(l>>4), int(l&15)
		clear(key[shared:])
		copy(key[shared:], suffixes[:more])
		suffixes = suffixes[more:]
		g := gram(binary.LittleEndian.Uint64(key[:]))
		*t.entry(g) = entry{g, start, uint32(counts[i])}
		start += uint32(counts[i])
	}
	return nil
}

func sum(column []byte, mask byte) (n int) {
	for _, b := range column {
		n += int(b & mask)
	}
	return n
}

// entry returns the entry of g, or the one that would be its.
func (t *table) entry(g gram) *entry {
	i := int(g.hash() >> (64 - slotBits))
	for t.grams[i].gram != g && t.grams[i].gram != 0 {
		i = (i + 1) % len(t.grams)
	}
	return &t.grams[i]
}
