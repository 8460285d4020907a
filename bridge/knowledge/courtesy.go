package knowledge

import (
	_ "embed"
	"strings"
	"sync"

	"github.com/skeindesk/skein/bridge/search"
)

// Courtesy is what somebody says who asks for nothing.
type Courtesy string

const (
	NoCourtesy Courtesy = ""
	Greets     Courtesy = "greets"
	Thanks     Courtesy = "thanks"
)

// CourtesyOf says whether a text is nothing but a greeting or thanks, in any of the widget's languages.
func CourtesyOf(text string) Courtesy {
	tables := courtesies()
	words, greets, thanks, thanked := 0, true, true, false
	for w := range search.Words(text) {
		words++
		greets = greets && tables["greets"][w.Text]
		thanks = thanks && (tables["thanks"][w.Text] || tables["greets"][w.Text])
		thanked = thanked || tables["thanked"][w.Text]
	}
	switch {
	case words == 0 || words > maxCourtesy:
		return NoCourtesy
	case thanks && thanked:
		return Thanks
	case greets:
		return Greets
	}
	return NoCourtesy
}

// maxCourtesy is how many words nobody needs to greet or to thank.
const maxCourtesy = 8

//go:embed courtesy.txt
var courtesyTable string

var courtesies = sync.OnceValue(func() map[string]map[string]bool {
	all := map[string]map[string]bool{}
	for line := range strings.Lines(courtesyTable) {
		name, list, ok := strings.Cut(line, ": ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		all[name] = map[string]bool{}
		for w := range search.Words(list) {
			all[name][w.Text] = true
		}
	}
	return all
})
