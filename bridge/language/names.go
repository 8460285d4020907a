package language

import (
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// named are the languages people can name: code, English name, own name, and what else it is called, ISO 639-2 and 639-3
// codes first. A variant comes after its language.
const named = `
af|Afrikaans|Afrikaans|afr
am|Amharic|አማርኛ|amh
ar|Arabic|العربية|ara arb
az|Azerbaijani|azərbaycanca|aze azj azeri
be|Belarusian|беларуская|bel
bg|Bulgarian|български|bul
bn|Bengali|বাংলা|ben bangla
bs|Bosnian|bosanski|bos
ca|Catalan|català|cat valencian valencià
cs|Czech|čeština|ces cze česky
cy|Welsh|Cymraeg|cym wel
da|Danish|dansk|dan
de|German|Deutsch|deu ger
el|Greek|Ελληνικά|ell gre
en|English|English|eng
en-GB|English (United Kingdom)|English (United Kingdom)|british
en-US|English (United States)|English (United States)|american
eo|Esperanto|Esperanto|epo
es|Spanish|español|spa castilian castellano
es-MX|Spanish (Mexico)|español (México)|mexican
et|Estonian|eesti|est
eu|Basque|euskara|eus baq
fa|Persian|فارسی|fas per farsi
fi|Finnish|suomi|fin
fr|French|français|fra fre
ga|Irish|Gaeilge|gle
gl|Galician|galego|glg gallego
gu|Gujarati|ગુજરાતી|guj
he|Hebrew|עברית|heb iw
hi|Hindi|हिन्दी|hin
hr|Croatian|hrvatski|hrv
hu|Hungarian|magyar|hun
hy|Armenian|հայերեն|hye arm
id|Indonesian|Bahasa Indonesia|ind
is|Icelandic|íslenska|isl ice
it|Italian|italiano|ita
ja|Japanese|日本語|jpn
ka|Georgian|ქართული|kat geo
kk|Kazakh|қазақша|kaz
km|Khmer|ខ្មែរ|khm
kn|Kannada|ಕನ್ನಡ|kan
ko|Korean|한국어|kor
ku|Kurdish|کوردی|kur ckb sorani kurdî
lo|Lao|ລາວ|lao
lt|Lithuanian|lietuvių|lit
lv|Latvian|latviešu|lav
mk|Macedonian|македонски|mkd mac
ml|Malayalam|മലയാളം|mal
mn|Mongolian|монгол|mon
mr|Marathi|मराठी|mar
ms|Malay|Bahasa Melayu|msa may
mt|Maltese|Malti|mlt
nb|Norwegian (Bokmål)|norsk bokmål|nob bokmål
ne|Nepali|नेपाली|nep
nl|Dutch|Nederlands|nld dut flemish vlaams
nn|Norwegian (Nynorsk)|norsk nynorsk|nno nynorsk
no|Norwegian|norsk|nor
or|Odia|ଓଡ଼ିଆ|ori oriya
pa|Punjabi|ਪੰਜਾਬੀ|pan
pl|Polish|polski|pol
pt|Portuguese|português|por
pt-BR|Portuguese (Brazil)|português (Brasil)|brazilian brasileiro
pt-PT|Portuguese (Portugal)|português (Portugal)|
ro|Romanian|română|ron rum moldovan
ru|Russian|русский|rus
sk|Slovak|slovenčina|slk slo slovensky
sl|Slovenian|slovenščina|slv slovene
sq|Albanian|shqip|sqi alb
sr|Serbian|српски|srp srpski
sv|Swedish|svenska|swe
sw|Swahili|Kiswahili|swa
ta|Tamil|தமிழ்|tam
te|Telugu|తెలుగు|tel
th|Thai|ไทย|tha
tl|Filipino|Filipino|tgl fil tagalog
tr|Turkish|Türkçe|tur
uk|Ukrainian|українська|ukr
ur|Urdu|اردو|urd
uz|Uzbek|oʻzbekcha|uzb
vi|Vietnamese|Tiếng Việt|vie
yo|Yoruba|Yorùbá|yor
zh|Chinese|中文|zho chi cmn mandarin
zh-Hans|Chinese (simplified)|简体中文|zh-CN zh-SG
zh-Hant|Chinese (traditional)|繁體中文|zh-TW zh-HK zh-MO
`

// A name is what a language is called.
type name struct{ code, english, own string }

// names finds languages by what people call them (see fold), and by their codes in lower case.
var names = sync.OnceValue(func() map[string]name {
	out := map[string]name{}
	for line := range strings.SplitSeq(strings.TrimSpace(named), "\n") {
		fields := strings.Split(line, "|")
		n := name{fields[0], fields[1], fields[2]}
		for _, called := range append(strings.Fields(fields[3]), n.code, n.english, n.own) {
			out[fold(called)] = n
		}
	}
	return out
})

// fold makes of a name what people may leave out or write otherwise: capitals, accents, brackets and hyphens.
func fold(s string) string {
	var out strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mc, r):
			out.WriteRune(r)
		case unicode.Is(unicode.Mn, r) && r > 0x36f: // not an accent, as in "हिन्दी"
			out.WriteRune(r)
		}
	}
	return out.String()
}

// Name returns what a language is called in English: "Spanish" for "es", "Portuguese (Brazil)" for "pt-BR", and the code
// itself for what has no name here.
func Name(code string) string {
	return callIt(code, func(n name) string { return n.english })
}

// OwnName returns what those who speak a language call it: "español" for "es".
func OwnName(code string) string {
	return callIt(code, func(n name) string { return n.own })
}

func callIt(code string, pick func(name) string) string {
	if n, known := names()[fold(code)]; known {
		return pick(n)
	}
	language, variant, _ := strings.Cut(strings.ReplaceAll(code, "_", "-"), "-")
	if n, known := names()[fold(language)]; known && variant != "" {
		return pick(n) + " (" + variant + ")"
	}
	return code
}

// Parse returns the code of a language that somebody named: a code as "es", "pt-BR", "ES" or "spa", its name in English or
// in the language itself, with or without accents, or the beginning of a name that no other language has.
func Parse(text string) (code string, ok bool) {
	text = strings.TrimSpace(text)
	folded := fold(text)
	if n, known := names()[folded]; known && !strings.HasSuffix(text, "-") {
		return n.code, true
	}
	if strings.ContainsAny(text, "-_") {
		return parseTag(text)
	}
	if len(folded) < 4 {
		return "", false
	}
	found := ""
	for called, n := range names() {
		if _, _, variant := strings.Cut(n.code, "-"); !strings.HasPrefix(called, folded) || variant || n.code == found {
			continue
		}
		if found != "" {
			return "", false
		}
		found = n.code
	}
	return found, found != ""
}

// parseTag reads a code with a script or a region of which the table has no name: "de-AT", "sr_Latn".
func parseTag(text string) (string, bool) {
	parts := strings.Split(strings.ReplaceAll(text, "_", "-"), "-")
	n, known := names()[strings.ToLower(parts[0])]
	if !known || len(parts[0]) > 3 || len(parts) < 2 || len(parts) > 3 {
		return "", false
	}
	code := n.code
	for _, part := range parts[1:] {
		letters := strings.IndexFunc(part, func(r rune) bool { return !isLetter(r) || r >= 0x80 }) < 0
		switch {
		case len(part) == 4 && letters:
			code += "-" + strings.ToUpper(part[:1]) + strings.ToLower(part[1:])
		case len(part) == 2 && letters, len(part) == 3 && strings.Trim(part, "0123456789") == "":
			code += "-" + strings.ToUpper(part)
		default:
			return "", false
		}
	}
	return code, true
}
