package widget

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// original is the language that the application brings along, and has for what another lacks.
const original = "en.json"

// languages are the files in words that a visitor may have to load, each named for its language as a BCP 47 tag in lower
// case. They are part of the program, so a file that is no JSON is a programming error.
func languages() (all []asset) {
	entries, err := files.ReadDir("words")
	if err != nil {
		panic(fmt.Sprintf("widget: %v", err))
	}
	for _, e := range entries {
		if e.Name() == original {
			continue
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, read("words/"+e.Name())); err != nil {
			panic(fmt.Sprintf("widget: words/%s: %v", e.Name(), err))
		}
		all = append(all, newAsset(e.Name(), "application/json", compact.Bytes()))
	}
	return all
}
