package translate

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/skeindesk/skein/bridge"
)

// apertium is Apertium APY, https://wiki.apertium.org/wiki/Apertium-apy.
type apertium struct{ server }

var _ bridge.Translator = (*apertium)(nil)

// Skill implements bridge.Translator.
func (e *apertium) Skill() bridge.Skill { return bridge.Skill{Name: "Apertium", Markup: true} }

// Translate implements bridge.Translator.
func (e *apertium) Translate(ctx context.Context, r bridge.TranslationRequest) (bridge.Translation, error) {
	if r.From == "" {
		return bridge.Translation{}, &bridge.Untranslated{Reason: bridge.UnknownPair, Err: errors.New("apertium must be told the language")}
	}
	return inParts(r, 1, func(r bridge.TranslationRequest) (bridge.Translation, error) { return e.one(ctx, r) })
}

func (e *apertium) one(ctx context.Context, r bridge.TranslationRequest) (bridge.Translation, error) {
	values := url.Values{
		"q": r.Texts, "langpair": {apertiumCode(r.From) + "|" + apertiumCode(r.To)},
		"markUnknown": {"no"}, // or words it does not know come with an asterisk
		"format":      {"txt"},
	}
	if r.Markup {
		values.Set("format", "html")
	}
	a, err := e.postForm(ctx, "/translate", values)
	switch {
	case err != nil:
		return bridge.Translation{}, err
	case a.status == http.StatusBadRequest && a.says("that pair is"):
		return bridge.Translation{}, e.refused(a, bridge.UnknownPair)
	case a.status != http.StatusOK:
		return bridge.Translation{}, e.refused(a, "")
	}
	var got struct {
		ResponseData struct {
			TranslatedText *string `json:"translatedText"`
		} `json:"responseData"`
	}
	if err := a.read(&got); err != nil {
		return bridge.Translation{}, err
	}
	if got.ResponseData.TranslatedText == nil {
		return bridge.Translation{}, nonsense("no text")
	}
	return bridge.Translation{Texts: []string{*got.ResponseData.TranslatedText}, From: r.From, Characters: characters(r.Texts)}, nil
}

// apertiumCode returns the code of a language, which APY takes in two letters or three.
func apertiumCode(tag string) string {
	if code := language(tag); code != "no" {
		return code
	}
	return "nb"
}
