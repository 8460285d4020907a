package language

import "testing"

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"es": "es", "ES": "es", " es ": "es", "spa": "es", "Spanish": "es", "español": "es", "espanol": "es", "castellano": "es", "span": "es",
		"pt-BR": "pt-BR", "pt_br": "pt-BR", "PT-br": "pt-BR", "brazilian": "pt-BR", "Portuguese (Brazil)": "pt-BR", "portug": "pt", "de-at": "de-AT",
		"zh-TW": "zh-Hant", "zh-hant": "zh-Hant", "zh-Hant-MO": "zh-Hant-MO", "中文": "zh", "日本語": "ja", "Deutsch": "de", "ger": "de", "русский": "ru",
		"हिन्दी": "hi", "한국어": "ko", "es-419": "es-419", "sr-latn": "sr-Latn", "norwegian": "no", "iw": "he", "farsi": "fa", "Filipino": "tl", "turkce": "tr",
	} {
		if got, ok := Parse(text); !ok || got != want {
			t.Errorf("Parse(%q) = %q, %v, want %q", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "x", "xx", "xx-YY", "klingon", "a", "-", "pt-", "pt-BRAZIL", "norw", "en us please", "deu-tsch-land-x"} {
		if got, ok := Parse(text); ok {
			t.Errorf("Parse(%q) = %q, want nothing", text, got)
		}
	}
}

func TestNames(t *testing.T) {
	for code, want := range map[string][2]string{
		"es": {"Spanish", "español"}, "pt-BR": {"Portuguese (Brazil)", "português (Brasil)"}, "zh-TW": {"Chinese (traditional)", "繁體中文"},
		"de-AT": {"German (AT)", "Deutsch (AT)"}, "xx": {"xx", "xx"}, "": {"", ""},
	} {
		if got := [2]string{Name(code), OwnName(code)}; got != want {
			t.Errorf("%q is called %q, want %q", code, got, want)
		}
	}
	for _, code := range Known() {
		if Name(code) == code || OwnName(code) == code {
			t.Errorf("%s has no name", code)
		}
		for _, name := range []string{Name(code), OwnName(code), code} {
			if got, ok := Parse(name); !ok || got != code {
				t.Errorf("Parse(%q) = %q, %v, want %q", name, got, ok, code)
			}
		}
	}
}
