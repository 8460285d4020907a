package translate

import (
	"cmp"
	"context"
	"net/http"
	"strings"

	"github.com/skeindesk/skein/bridge"
)

// deepl is DeepL, https://developers.deepl.com/docs/api-reference/translate.
type deepl struct {
	server
	key string
}

var _ bridge.Translator = (*deepl)(nil)

// Skill implements bridge.Translator.
func (e *deepl) Skill() bridge.Skill { return bridge.Skill{Name: "DeepL", Markup: true, Guess: true} }

// Translate implements bridge.Translator.
func (e *deepl) Translate(ctx context.Context, r bridge.TranslationRequest) (bridge.Translation, error) {
	return inParts(r, 50, func(r bridge.TranslationRequest) (bridge.Translation, error) { return e.some(ctx, r) })
}

func (e *deepl) some(ctx context.Context, r bridge.TranslationRequest) (bridge.Translation, error) {
	body := map[string]any{"text": r.Texts, "target_lang": deeplTarget(r.To), "show_billed_characters": true}
	if r.From != "" {
		body["source_lang"] = deeplSource(r.From)
	}
	if r.Markup {
		body["tag_handling"] = "html"
	}
	a, err := e.post(ctx, "/v2/translate", http.Header{"Authorization": {"DeepL-Auth-Key " + e.key}}, body)
	if err != nil {
		return bridge.Translation{}, err
	}
	if a.status != http.StatusOK {
		return bridge.Translation{}, e.refused(a, deeplReason(a))
	}
	var got struct {
		Translations []struct {
			Text string `json:"text"`
			From string `json:"detected_source_language"`
		} `json:"translations"`
		Billed int `json:"billed_characters"`
	}
	if err := a.read(&got); err != nil {
		return bridge.Translation{}, err
	}
	out := bridge.Translation{From: r.From, Characters: cmp.Or(got.Billed, characters(r.Texts))}
	for _, t := range got.Translations {
		out.Texts = append(out.Texts, t.Text)
		out.From = cmp.Or(out.From, strings.ToLower(t.From))
	}
	return out, nil
}

func deeplReason(a *answer) bridge.UntranslatedReason {
	switch {
	case a.status == 456:
		return bridge.CapReached
	case a.status == 529:
		return bridge.RateLimited
	case a.status == http.StatusBadRequest && a.says("'target_lang' not supported", "'source_lang' not supported"):
		return bridge.UnknownPair
	}
	return ""
}

func deeplSource(tag string) string {
	code := language(tag)
	if code == "no" {
		code = "nb"
	}
	return strings.ToUpper(code)
}

// deeplTarget returns the code of a target, for which DeepL wants to know the variant of some languages.
func deeplTarget(tag string) string {
	upper := strings.ToUpper(tag)
	switch code := deeplSource(tag); {
	case upper == "EN-GB", upper == "PT-BR":
		return upper
	case code == "EN":
		return "EN-US"
	case code == "PT":
		return "PT-PT"
	case isTraditional(tag):
		return "ZH-HANT"
	case code == "ZH":
		return "ZH-HANS"
	default:
		return code
	}
}
