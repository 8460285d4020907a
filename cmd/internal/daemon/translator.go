package daemon

import (
	"strings"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/masking"
	"github.com/skeindesk/skein/config"
)

// newLanguages has visitors' languages recognised, and what is said translated if a translator is configured.
func newLanguages(d *daemon) (l *bridge.Languages, err error) {
	cfg := d.cfg.Translator
	l = &bridge.Languages{Book: d.store, Limit: cfg.Limit, Glossary: glossary(cfg.Glossary)}
	if d.opts.Translator != nil || cfg.Engine != config.NoEngine {
		l.Translator, err = newTranslator(d, cfg)
	}
	return l, err
}

// glossary reads "word" and "word = what it is always called". Its terms are the same for every pair of languages.
func glossary(lines []string) func(from, to string) *masking.Glossary {
	var terms []masking.Term
	for _, line := range lines {
		text, as, _ := strings.Cut(line, "=")
		terms = append(terms, masking.Term{Text: strings.TrimSpace(text), As: strings.TrimSpace(as)})
	}
	g := masking.NewGlossary(terms)
	return func(string, string) *masking.Glossary { return g }
}
