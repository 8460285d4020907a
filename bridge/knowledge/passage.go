package knowledge

import (
	"strings"
	"unicode/utf8"

	"github.com/skeindesk/skein/bridge/rich"
)

// maxPassage is how many bytes a passage has at most.
const maxPassage = 1000

// paragraphs are the parts of a body that are shown together or not at all.
func paragraphs(body rich.Doc) []string { return strings.Split(rich.Plain(body), "\n\n") }

// passage returns the paragraphs that follow each other and hold most of what is asked.
func (s *shelf) passage(doc int32, body rich.Doc, asked []askedWord) string {
	all := paragraphs(body)
	if rest := strings.Join(all, "\n\n"); len(rest) <= maxPassage {
		return rest
	}
	mean := map[int32][]meaning{} // of a term: the numbers of the asked words that may mean it
	for i := range asked {
		for _, m := range asked[i].meant {
			mean[m.term] = append(mean[m.term], meaning{int32(i), m.worth})
		}
	}
	best, from, to := float32(-1), 0, 1
	for start := range all {
		worth, length := make([]float32, len(asked)), 0
		for end := start; end < len(all) && (end == start || length+len(all[end]) <= maxPassage); end++ {
			length += len(all[end]) + len("\n\n")
			if gain := s.gain(doc, end, mean, worth, asked); gain > best {
				best, from, to = gain, start, end+1
			}
		}
	}
	return shorten(strings.Join(all[from:to], "\n\n"))
}

// gain notes in worth what the n-th paragraph holds of each asked word, and returns what all of them are worth then.
func (s *shelf) gain(doc int32, n int, mean map[int32][]meaning, worth []float32, asked []askedWord) (sum float32) {
	if n < len(s.bodies[doc]) {
		for _, term := range s.bodies[doc][n] {
			for _, m := range mean[term] {
				worth[m.term] = max(worth[m.term], m.worth)
			}
		}
	}
	for i, w := range worth {
		sum += w * asked[i].weight
	}
	return sum
}

// shorten cuts a text that is too long for a passage, between words if it has any.
func shorten(text string) string {
	if len(text) <= maxPassage {
		return text
	}
	end := maxPassage - len("…")
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	if space := strings.LastIndexAny(text[:end], " \n"); space > end/2 {
		end = space
	}
	return text[:end] + "…"
}
