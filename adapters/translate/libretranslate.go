package translate

import (
	"cmp"
	"context"
	"net/http"

	"github.com/skeindesk/skein/bridge"
)

// libreTranslate is LibreTranslate, https://docs.libretranslate.com.
type libreTranslate struct {
	server
	key string
}

var _ bridge.Translator = (*libreTranslate)(nil)

// Skill implements bridge.Translator.
func (e *libreTranslate) Skill() bridge.Skill {
	return bridge.Skill{Name: "LibreTranslate", Markup: true, Guess: true}
}

// Translate implements bridge.Translator.
func (e *libreTranslate) Translate(ctx context.Context, r bridge.TranslationRequest) (bridge.Translation, error) {
	body := map[string]any{"q": r.Texts, "source": cmp.Or(libreCode(r.From), "auto"), "target": libreCode(r.To), "format": "text"}
	if r.Markup {
		body["format"] = "html"
	}
	if e.key != "" {
		body["api_key"] = e.key
	}
	a, err := e.post(ctx, "/translate", http.Header{"Accept-Language": {"en"}}, body) // in which it words its errors
	if err != nil {
		return bridge.Translation{}, err
	}
	if a.status != http.StatusOK {
		return bridge.Translation{}, e.refused(a, libreReason(a))
	}
	var got struct {
		TranslatedText   []string `json:"translatedText"`
		DetectedLanguage []struct {
			Language string `json:"language"`
		} `json:"detectedLanguage"`
	}
	if err := a.read(&got); err != nil {
		return bridge.Translation{}, err
	}
	if len(got.TranslatedText) != len(r.Texts) {
		return bridge.Translation{}, nonsense("%d texts for %d", len(got.TranslatedText), len(r.Texts))
	}
	out := bridge.Translation{Texts: got.TranslatedText, From: r.From, Characters: characters(r.Texts)}
	if r.From == "" && len(got.DetectedLanguage) > 0 {
		out.From = got.DetectedLanguage[0].Language
	}
	return out, nil
}

func libreReason(a *answer) bridge.UntranslatedReason {
	switch {
	case a.status == http.StatusBadRequest && a.says("is not supported", "is not available as a target language"):
		return bridge.UnknownPair
	case a.status == http.StatusBadRequest && a.says("exceeds text limit"):
		return bridge.TooLong
	case a.status == http.StatusBadRequest && a.says("api key"):
		return bridge.KeyRefused
	}
	return ""
}

// libreCode returns the code that old and new versions of LibreTranslate know.
func libreCode(tag string) string {
	code := language(tag)
	switch {
	case isTraditional(tag):
		return "zt"
	case code == "no":
		return "nb"
	}
	return code
}
