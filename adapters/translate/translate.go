// Package translate has the engines that translate, and what is put around any of them.
//
// The engines: apertium (Apertium APY), libretranslate, deepl, google, azure, openai (anything that speaks OpenAI's chat
// completions). Each is a few plain HTTP calls; none of them tries again by itself, follows a redirect (which could take
// the key elsewhere), or lets texts or keys into its errors. New makes one of them by its name.
//
// Around: Within (a limit of time), Guarded (an engine that fails is left alone for a while), Capped (characters are
// counted, and no more than a month's cap), Cached (what was translated is remembered), Observed (for metrics). Around
// puts them in their order:
//
//	Cached → Observed → Guarded → Within → Capped → engine
//
// so that what is remembered costs nothing, what an open circuit refuses takes no time, and an answer that comes too late
// counts as a failure.
package translate

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/skeindesk/skein/bridge"
)

// Config says which engine, and where.
type Config struct {
	Engine string // one of Engines
	URL    string // where it is; empty: the vendor's own address, which apertium, libretranslate and openai do not have
	Key    string // a secret; empty: none
	Region string // azure: of the resource; empty: a global one
	Model  string // openai: which model
	Client *http.Client
}

// Engines are the names of what New makes, in alphabetical order.
var Engines = []string{"apertium", "azure", "deepl", "google", "libretranslate", "openai"}

// New returns an engine. It connects to nothing.
func New(c Config) (bridge.Translator, error) {
	if !slices.Contains(Engines, c.Engine) {
		return nil, fmt.Errorf("translator: there is no engine %q: use one of %s", c.Engine, strings.Join(Engines, ", "))
	}
	if c.Key == "" && slices.Contains([]string{"azure", "deepl", "google"}, c.Engine) {
		return nil, fmt.Errorf("translator: %s needs a key", c.Engine)
	}
	address := c.URL
	switch {
	case address != "":
	case c.Engine == "azure":
		address = "https://api.cognitive.microsofttranslator.com"
	case c.Engine == "deepl" && strings.HasSuffix(c.Key, ":fx"): // so do the keys of free accounts end
		address = "https://api-free.deepl.com"
	case c.Engine == "deepl":
		address = "https://api.deepl.com"
	case c.Engine == "google":
		address = "https://translation.googleapis.com"
	}
	base, err := url.Parse(address)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" || base.User != nil || base.RawQuery != "" {
		return nil, fmt.Errorf("translator: %s needs the address of its server as url, such as http://127.0.0.1:5000", c.Engine)
	}
	s := server{engine: c.Engine, base: strings.TrimSuffix(address, "/"), client: newClient(c.Client)}
	switch c.Engine {
	case "apertium":
		return &apertium{s}, nil
	case "azure":
		return &azure{s, c.Key, c.Region}, nil
	case "deepl":
		return &deepl{s, c.Key}, nil
	case "google":
		return &google{s, c.Key}, nil
	case "libretranslate":
		return &libreTranslate{s, c.Key}, nil
	}
	if c.Model == "" {
		return nil, fmt.Errorf("translator: openai needs the name of a model")
	}
	return &openAI{s, c.Key, c.Model}, nil
}

// language returns the part of a tag that names the language, in lower case: "pt" of "pt-BR".
func language(tag string) string {
	tag, _, _ = strings.Cut(strings.ToLower(tag), "-")
	return tag
}

// isTraditional reports whether a tag means Chinese in traditional characters.
func isTraditional(tag string) bool {
	tag = strings.ToLower(tag)
	return strings.HasPrefix(tag, "zh") && slices.ContainsFunc([]string{"hant", "-tw", "-hk", "-mo"}, func(part string) bool {
		return strings.Contains(tag, part)
	})
}

// characters counts those of texts.
func characters(texts []string) (n int) {
	for _, text := range texts {
		n += utf8.RuneCountInString(text)
	}
	return n
}

// inParts translates texts so many at a time, for engines that take no more.
func inParts(r bridge.TranslationRequest, size int, translate func(bridge.TranslationRequest) (bridge.Translation, error)) (bridge.Translation, error) {
	var all bridge.Translation
	for part := range slices.Chunk(r.Texts, size) {
		asked := r
		asked.Texts = part
		got, err := translate(asked)
		if err != nil {
			return bridge.Translation{}, err
		}
		if len(got.Texts) != len(part) {
			return bridge.Translation{}, nonsense("%d texts for %d", len(got.Texts), len(part))
		}
		all.Texts = append(all.Texts, got.Texts...)
		all.From = cmp.Or(all.From, got.From)
		all.Characters += got.Characters
	}
	return all, nil
}
