// Command geneld packs the table "small" of the npm package eld into the file that the package language embeds:
//
//	go generate ./bridge/language
//
// # The file
//
// Compressed with gzip: the languages' codes, each ended by a space, and a line end; the number of n-grams (4 bytes,
// big-endian); then, for the n-grams in the order of their bytes, five columns one after the other:
//
//   - a byte each: how many bytes it shares with the one before, times 16, plus how many it has besides;
//   - the bytes it has besides;
//   - a byte each: in how many languages it is known;
//   - a byte for each of these: the language, by its place among the codes, in falling order of weight;
//   - a byte for each of these: the weight.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: geneld PACKAGE eld.gz")
		os.Exit(2)
	}
	if err := generate(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "geneld:", err)
		os.Exit(1)
	}
}

func generate(from, to string) error {
	letters, err := dictionary(filepath.Join(from, "src", "dictionary.js"))
	if err != nil {
		return err
	}
	table, err := os.ReadFile(filepath.Join(from, "src", "ngrams", "small.js"))
	if err != nil {
		return err
	}
	codes, grams, err := read(string(table), letters)
	if err != nil {
		return fmt.Errorf("src/ngrams/small.js: %w", err)
	}
	packed, err := pack(codes, grams)
	if err != nil {
		return err
	}
	return os.WriteFile(to, packed, 0o644)
}

// A gram is an n-gram with the weight it has in each language that knows it.
type gram struct {
	bytes string
	in    []weight
}

type weight struct{ language, points byte }

var (
	quoted     = regexp.MustCompile(`'((?:[^'\\]|\\.)*)'`)
	numbered   = regexp.MustCompile(`(\d+):'([a-z]+)'`)
	entry      = regexp.MustCompile(`(?:'((?:[^'\\]|\\.)*)'|([^\s'{},:]+)):\{([\d:,]*)\}`)
	unescaping = strings.NewReplacer(`\'`, `'`, `\\`, `\`)
)

// dictionary reads which character eld writes for each byte above 0x7f.
func dictionary(file string) (map[rune]byte, error) {
	source, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	_, list, _ := strings.Cut(string(source), "[")
	all := quoted.FindAllStringSubmatch(list, -1)
	if len(all) != 256 {
		return nil, fmt.Errorf("%s: %d characters, want 256", file, len(all))
	}
	letters := map[rune]byte{}
	for i, match := range all[0x80:] {
		r := []rune(unescaping.Replace(match[1]))
		if len(r) != 1 {
			return nil, fmt.Errorf("%s: %q is not one character", file, match[1])
		}
		if r[0] == ' ' {
			continue // no UTF-8 has this byte
		}
		if _, twice := letters[r[0]]; twice {
			return nil, fmt.Errorf("%s: %q stands for two bytes", file, r[0])
		}
		letters[r[0]] = byte(0x80 + i)
	}
	return letters, nil
}

// read takes the source of a table apart.
func read(source string, letters map[rune]byte) (codes []string, grams []gram, err error) {
	head, body, found := strings.Cut(source, "ngrams:{")
	if !found {
		return nil, nil, fmt.Errorf("no n-grams in it")
	}
	for i, match := range numbered.FindAllStringSubmatch(head, -1) {
		if match[1] != strconv.Itoa(i) {
			return nil, nil, fmt.Errorf("language %s out of order", match[2])
		}
		codes = append(codes, match[2])
	}
	end := 0 // of the entry before
	for _, at := range append(entry.FindAllStringSubmatchIndex(body, -1), []int{len(body), len(body)}) {
		if between := strings.Trim(body[end:at[0]], ",};\r\n "); between != "" {
			return nil, nil, fmt.Errorf("not understood: %.80q", between)
		}
		if end = at[1]; at[0] == at[1] {
			break
		}
		match := body[at[0]:at[1]]
		text := body[max(at[2], at[4]):max(at[3], at[5])] // quoted or not
		g := gram{}
		if g.bytes, err = decode(unescaping.Replace(text), letters); err != nil {
			return nil, nil, err
		}
		for pair := range strings.SplitSeq(body[at[6]:at[7]], ",") {
			language, points, _ := strings.Cut(pair, ":")
			l, errL := strconv.ParseUint(language, 10, 8)
			p, errP := strconv.ParseUint(points, 10, 8)
			if errL != nil || errP != nil || int(l) >= len(codes) {
				return nil, nil, fmt.Errorf("%q: bad weight %q", match, pair)
			}
			g.in = append(g.in, weight{byte(l), byte(p)})
		}
		grams = append(grams, g)
	}
	return codes, grams, nil
}

func decode(text string, letters map[rune]byte) (string, error) {
	var out []byte
	for _, r := range text {
		switch b, high := letters[r]; {
		case high:
			out = append(out, b)
		case r == ' ' || r == '\'' || 'a' <= r && r <= 'z' || r == '`':
			out = append(out, byte(r))
		default:
			return "", fmt.Errorf("%q: %q stands for no byte", text, r)
		}
	}
	if len(out) == 0 || len(out) > 6 {
		return "", fmt.Errorf("%q is %d bytes long, want 1 to 6", text, len(out))
	}
	return string(out), nil
}

func pack(codes []string, grams []gram) ([]byte, error) {
	slices.SortFunc(grams, func(a, b gram) int { return strings.Compare(a.bytes, b.bytes) })
	var lengths, suffixes, counts, languages, weights []byte
	before := ""
	for _, g := range grams {
		shared := 0
		for shared < min(len(before), len(g.bytes)) && before[shared] == g.bytes[shared] {
			shared++
		}
		if before == g.bytes {
			return nil, fmt.Errorf("%q is there twice", g.bytes)
		}
		slices.SortStableFunc(g.in, func(a, b weight) int { return int(b.points) - int(a.points) })
		lengths = append(lengths, byte(shared<<4|len(g.bytes)-shared))
		suffixes = append(suffixes, g.bytes[shared:]...)
		counts = append(counts, byte(len(g.in)))
		for _, w := range g.in {
			languages, weights = append(languages, w.language), append(weights, w.points)
		}
		before = g.bytes
	}
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	plain := []byte(strings.Join(codes, " ") + " \n")
	plain = binary.BigEndian.AppendUint32(plain, uint32(len(grams)))
	for _, column := range [][]byte{lengths, suffixes, counts, languages, weights} {
		plain = append(plain, column...)
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
