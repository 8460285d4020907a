package bridge

import (
	"strings"

	"github.com/skeindesk/skein/bridge/language"
)

// sourceWords introduces the original below a translation: to agents by its language, to visitors in theirs.
func sourceWords(t *Rendition, r Role) string {
	if r != RoleTeam {
		if words, ok := originalIn[primary(t.To)]; ok {
			return words
		}
		return originalIn["en"]
	}
	if t.From == "" {
		return "Translated. The original:"
	}
	return "Translated from " + LanguageName(t.From) + ". The original:"
}

// missingWords says to agents that there is no translation. The words are the same whether it comes yet or not: a text of
// several parts has to have the same parts each time.
func missingWords(t *Rendition) string {
	if t.From == "" {
		return "Not translated."
	}
	return "Not translated from " + LanguageName(t.From) + "."
}

// originalIn is said to visitors who are sent a translation, in the languages of the widget.
var originalIn = map[string]string{
	"ar": "تُرجم تلقائيًا. النص الأصلي:",
	"de": "Übersetzt. Das Original:",
	"en": "Translated. The original:",
	"es": "Traducido. El original:",
	"fr": "Traduit. L’original :",
	"he": "תורגם. המקור:",
	"it": "Tradotto. L’originale:",
	"nl": "Vertaald. Het origineel:",
	"pl": "Przetłumaczono. Oryginał:",
	"pt": "Traduzido. O original:",
	"ru": "Переведено. Оригинал:",
	"tr": "Çevrildi. Aslı:",
}

// primary is the language of a BCP 47 tag without region and script, in lower case.
func primary(tag string) string {
	tag, _, _ = strings.Cut(strings.ToLower(strings.ReplaceAll(tag, "_", "-")), "-")
	return tag
}

// sameLanguage reports whether who reads one tag reads the other.
func sameLanguage(a, b string) bool { return primary(a) == primary(b) }

// LanguageName is what a language is called in English; an unknown one by its tag.
func LanguageName(tag string) string { return language.Name(tag) }
