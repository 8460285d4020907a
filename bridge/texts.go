package bridge

import "strings"

// Texts is one text by language, as a BCP 47 tag in lower case; "" is for everybody who reads none of the others.
type Texts map[string]string

// In is the text for a locale such as "de-AT", or empty.
func (t Texts) In(locale string) string {
	tag := strings.ToLower(strings.ReplaceAll(locale, "_", "-"))
	language, _, _ := strings.Cut(tag, "-")
	for _, key := range []string{tag, language, "", "en"} {
		if text, ok := t[key]; ok {
			return text
		}
	}
	return ""
}
