package translate

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/skeindesk/skein/bridge"
)

// azure is Azure Translator 3.0, https://learn.microsoft.com/azure/ai-services/translator/text-translation/reference/v3/translate.
type azure struct {
	server
	key    string
	region string
}

var _ bridge.Translator = (*azure)(nil)

// Skill implements bridge.Translator.
func (e *azure) Skill() bridge.Skill {
	return bridge.Skill{Name: "Azure Translator", Markup: true, Guess: true}
}

// Translate implements bridge.Translator.
func (e *azure) Translate(ctx context.Context, r bridge.TranslationRequest) (bridge.Translation, error) {
	return inParts(r, 1000, func(r bridge.TranslationRequest) (bridge.Translation, error) { return e.some(ctx, r) })
}

func (e *azure) some(ctx context.Context, r bridge.TranslationRequest) (bridge.Translation, error) {
	query := url.Values{"api-version": {"3.0"}, "to": {azureCode(r.To)}}
	if r.From != "" {
		query.Set("from", azureCode(r.From))
	}
	if r.Markup {
		query.Set("textType", "html")
	}
	header := http.Header{"Ocp-Apim-Subscription-Key": {e.key}}
	if e.region != "" {
		header.Set("Ocp-Apim-Subscription-Region", e.region)
	}
	body := make([]map[string]string, len(r.Texts))
	for i, text := range r.Texts {
		body[i] = map[string]string{"Text": text}
	}
	a, err := e.post(ctx, "/translate?"+query.Encode(), header, body)
	if err != nil {
		return bridge.Translation{}, err
	}
	if a.status != http.StatusOK {
		return bridge.Translation{}, e.refused(a, azureReason(a))
	}
	var got []struct {
		Detected struct {
			Language string `json:"language"`
		} `json:"detectedLanguage"`
		Translations []struct {
			Text string `json:"text"`
		} `json:"translations"`
	}
	if err := a.read(&got); err != nil {
		return bridge.Translation{}, err
	}
	metered, err := strconv.Atoi(a.header.Get("X-Metered-Usage"))
	if err != nil {
		metered = characters(r.Texts)
	}
	out := bridge.Translation{From: r.From, Characters: metered}
	for _, t := range got {
		if len(t.Translations) != 1 {
			return bridge.Translation{}, nonsense("%d translations into one language", len(t.Translations))
		}
		out.Texts = append(out.Texts, t.Translations[0].Text)
		out.From = cmp.Or(out.From, t.Detected.Language)
	}
	return out, nil
}

// azureReason goes by Azure's codes, which begin with the status.
func azureReason(a *answer) bridge.UntranslatedReason {
	var got struct {
		Error struct {
			Code int `json:"code"`
		} `json:"error"`
	}
	if a.read(&got) != nil {
		return ""
	}
	switch got.Error.Code {
	case 400019, 400023, 400035, 400036, 400075:
		return bridge.UnknownPair
	case 400050, 400072, 400077:
		return bridge.TooLong
	case 403001:
		return bridge.CapReached
	}
	return ""
}

func azureCode(tag string) string {
	code := language(tag)
	switch {
	case isTraditional(tag):
		return "zh-Hant"
	case code == "zh":
		return "zh-Hans"
	case strings.EqualFold(tag, "pt-PT"):
		return "pt-pt"
	case code == "no" || code == "nn":
		return "nb"
	case code == "sr" && strings.Contains(strings.ToLower(tag), "latn"):
		return "sr-Latn"
	case code == "sr":
		return "sr-Cyrl"
	case code == "tl":
		return "fil"
	}
	return code
}
