package language

import (
	"encoding/json"
	"slices"
)

// A Tally adds up what the lines of one conversation say about its language. The zero Tally knows nothing. It can be kept
// as JSON, or made anew from a conversation's first lines. Two goroutines must not use one at once.
type Tally struct {
	// Prior is what somebody's browser or chat program is set to, as they name it: "pt-BR". It counts as much as a few
	// words, and where it is a form of the language that is recognised, that is called by it.
	Prior string
	// Among are the languages in question, as for Recognise; none: all.
	Among []string

	behind sums // points by which each language is behind the likeliest; never more than farthest
	grams  int  // how much text was counted
}

// What counts how much, in points (see scale).
const (
	priorWeight  = 200     // what people have set is usually what they write,
	commonWeight = 100     // but English is also what those have who never set anything
	mostOfLine   = 400     // as much as two short sentences
	farthest     = 1 << 16 // no need to tell apart what is this unlikely
	ahead        = 150     // times as likely as the next: right in more than 99 of 100 cases
	fewGrams     = 5       // less text than "buenas tardes" has is not enough to be sure of anything
)

// Add counts a line. Names are words that say nothing about it: the visitor's, the agents', the shop's.
func (t *Tally) Add(text string, names ...string) {
	table := loaded()
	var line sums
	grams := table.weigh(Prose(text, names...), &line)
	best := slices.Max(line[:])
	if grams == 0 || best <= 0 {
		return
	}
	t.grams += grams
	for i := range t.behind {
		t.behind[i] += min(best-line[i], mostOfLine)
	}
	least := slices.Min(t.behind[:])
	for i := range t.behind {
		t.behind[i] = min(t.behind[i]-least, farthest)
	}
}

// Likely returns what language the conversation may be in, the most likely first. Without text it goes by Prior alone.
func (t *Tally) Likely() []Guess {
	table := loaded()
	var points sums
	said := t.grams > 0
	for i, code := range table.codes {
		points[i] = 2*farthest - t.behind[i]
		if code == base(t.Prior) {
			said = true
			points[i] += priorWeight
			if code == "en" {
				points[i] += commonWeight - priorWeight
			}
		}
	}
	if !said {
		return nil
	}
	return table.guesses(&points, table.set(t.Among))
}

// Sure returns the conversation's language once there is no reasonable doubt: in Prior's words, as "pt-BR", if that is a
// form of it. What is fixed then is for the caller to keep: a Tally goes on counting, and may one day say otherwise.
func (t *Tally) Sure() (code string, ok bool) {
	likely := t.Likely()
	if t.grams < fewGrams || len(likely) == 0 || len(likely) > 1 && likely[0].Score < ahead*likely[1].Score {
		return "", false
	}
	code = likely[0].Code
	if base(t.Prior) == code {
		return t.Prior, true
	}
	return code, true
}

// A kept Tally names languages, so that it outlives another table.
type keptTally struct {
	Prior  string           `json:"prior,omitempty"`
	Among  []string         `json:"among,omitempty"`
	Grams  int              `json:"grams,omitempty"`
	Behind map[string]int32 `json:"behind,omitempty"` // those that may still be it
}

// hopeless is how many points behind a language is no longer kept.
const hopeless = 4 * mostOfLine

// MarshalJSON implements json.Marshaler. What is written holds nothing of the texts.
func (t Tally) MarshalJSON() ([]byte, error) {
	kept := keptTally{Prior: t.Prior, Among: t.Among, Grams: t.grams}
	if t.grams > 0 {
		kept.Behind = map[string]int32{}
		for i, code := range loaded().codes {
			if t.behind[i] < hopeless {
				kept.Behind[code] = t.behind[i]
			}
		}
	}
	return json.Marshal(kept)
}

// UnmarshalJSON implements json.Unmarshaler.
func (t *Tally) UnmarshalJSON(b []byte) error {
	var kept keptTally
	if err := json.Unmarshal(b, &kept); err != nil {
		return err
	}
	*t = Tally{Prior: kept.Prior, Among: kept.Among, grams: kept.Grams}
	if t.grams <= 0 {
		t.grams = 0
		return nil
	}
	for i, code := range loaded().codes {
		behind, may := kept.Behind[code]
		if !may {
			behind = farthest
		}
		t.behind[i] = min(max(behind, 0), farthest)
	}
	return nil
}
