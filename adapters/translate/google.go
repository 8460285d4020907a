package translate

import (
	"cmp"
	"context"
	"net/http"
	"strings"

	"github.com/skeindesk/skein/bridge"
)

// google is Cloud Translation Basic (v2), https://cloud.google.com/translate/docs/reference/rest/v2/translate.
type google struct {
	server
	key string
}

var _ bridge.Translator = (*google)(nil)

// Skill implements bridge.Translator.
func (e *google) Skill() bridge.Skill {
	return bridge.Skill{Name: "Google Translate", Markup: true, Guess: true}
}

// Translate implements bridge.Translator.
func (e *google) Translate(ctx context.Context, r bridge.TranslationRequest) (bridge.Translation, error) {
	return inParts(r, 128, func(r bridge.TranslationRequest) (bridge.Translation, error) { return e.some(ctx, r) })
}

func (e *google) some(ctx context.Context, r bridge.TranslationRequest) (bridge.Translation, error) {
	body := map[string]any{"q": r.Texts, "target": googleCode(r.To), "format": "text"}
	if r.From != "" {
		body["source"] = googleCode(r.From)
	}
	if r.Markup {
		body["format"] = "html"
	}
	// In a header, since addresses are logged on their way.
	a, err := e.post(ctx, "/language/translate/v2", http.Header{"X-Goog-Api-Key": {e.key}}, body)
	if err != nil {
		return bridge.Translation{}, err
	}
	if a.status != http.StatusOK {
		return bridge.Translation{}, e.refused(a, googleReason(a))
	}
	var got struct {
		Data struct {
			Translations []struct {
				Text string `json:"translatedText"`
				From string `json:"detectedSourceLanguage"`
			} `json:"translations"`
		} `json:"data"`
	}
	if err := a.read(&got); err != nil {
		return bridge.Translation{}, err
	}
	out := bridge.Translation{From: r.From, Characters: characters(r.Texts)}
	for _, t := range got.Data.Translations {
		out.Texts = append(out.Texts, t.Text)
		out.From = cmp.Or(out.From, t.From)
	}
	return out, nil
}

func googleReason(a *answer) bridge.UntranslatedReason {
	switch {
	case a.says("api_key_invalid", "api key not valid", "keyinvalid"):
		return bridge.KeyRefused
	case a.says("dailylimitexceeded", "daily limit exceeded", "quotaexceeded"):
		return bridge.CapReached
	case a.says("ratelimitexceeded", "rate limit exceeded"): // userRateLimitExceeded too, with status 403
		return bridge.RateLimited
	case a.status == http.StatusBadRequest && a.says("bad language pair", "invalid value"):
		return bridge.UnknownPair
	case a.status == http.StatusBadRequest && a.says("too long", "too large", "payload size exceeds"):
		return bridge.TooLong
	}
	return ""
}

func googleCode(tag string) string {
	code := language(tag)
	switch {
	case isTraditional(tag):
		return "zh-TW"
	case code == "zh":
		return "zh-CN"
	case strings.EqualFold(tag, "pt-PT"):
		return "pt-PT"
	case code == "nb" || code == "nn":
		return "no"
	}
	return code
}
