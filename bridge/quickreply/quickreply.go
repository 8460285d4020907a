// Package quickreply is what a team keeps ready to say: prepared answers, how they are found while somebody types, how
// their variables are filled in, and how they are carried from one place to another. It knows no conversation, no
// database and no platform.
//
// # How a search ranks
//
// An [Index] holds every word of every reply once, with the replies it stands in and how much it says about each: most
// in the shortcut and the title, less in the tags and the body, and more the fewer words stand beside it. A query is
// taken apart into words. Each is compared with every word of the index ([likeness]): the same, its beginning, a typing
// error away, another form of it, or an abbreviation of it; what sahilm/fuzzy finds to be an abbreviation of several
// words of a title counts too. A reply is worth what the query's words find in it, rare words more than frequent ones.
// The order of the words does not matter. How often a reply is used decides only between replies that are nearly equal.
package quickreply

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge/rich"
)

// Reply is one prepared answer.
type Reply struct {
	ID       int64
	Shortcut string // what the team calls it, such as "refund"
	Title    string
	Body     rich.Doc
	Language string              // of Body, as BCP 47; empty: unknown
	Variants map[string]rich.Doc // the same in other languages, by BCP 47 tag
	Files    []File
	Tags     []string
	Owner    int64 // the agent whose own it is; 0: the team's
	Uses     int64
	Amended  int64     // how often agents have changed or taken back what it had said
	LastUsed time.Time // zero: never
}

// File is a file that goes with a reply. Its bytes are kept elsewhere, by its ID.
type File struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Type string `json:"type"`
	Size int64  `json:"size"` // bytes
}

// Version stands for all that is written in a reply. How often it was used is not, nor is its ID.
func (r Reply) Version() string {
	r.ID, r.Uses, r.Amended, r.LastUsed = 0, 0, 0, time.Time{}
	if len(r.Variants) == 0 {
		r.Variants = nil
	}
	text, err := json.Marshal(r)
	if err != nil {
		panic(err) // it holds nothing that cannot be written
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

// Key is what two shortcuts that are the same have in common: their words, in lower case and without accents.
func Key(shortcut string) string { return strings.Join(words(shortcut), " ") }

// In returns the reply's text for somebody who reads the language (a BCP 47 tag; case does not matter) and the tag it has
// there: what is written in just that language, or in what is left of the tag when subtags are taken off its end (pt-BR,
// then pt), or in another kind of the same language (pt-PT), or else the Body.
func (r Reply) In(language string) (rich.Doc, string) {
	for want := language; want != ""; want = cutSubtag(want) {
		if strings.EqualFold(want, r.Language) {
			return r.Body, r.Language
		}
		for tag, body := range r.Variants {
			if strings.EqualFold(want, tag) {
				return body, tag
			}
		}
	}
	if strings.EqualFold(primary(language), primary(r.Language)) {
		return r.Body, r.Language
	}
	for _, tag := range slices.Sorted(maps.Keys(r.Variants)) {
		if strings.EqualFold(primary(language), primary(tag)) {
			return r.Variants[tag], tag
		}
	}
	return r.Body, r.Language
}

func cutSubtag(tag string) string {
	i := strings.LastIndexByte(tag, '-')
	return tag[:max(i, 0)]
}

func primary(tag string) string {
	language, _, _ := strings.Cut(tag, "-")
	return language
}
