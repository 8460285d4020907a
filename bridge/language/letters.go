package language

import (
	"slices"
	"unicode"
)

// alphabets has, for each language that shares its script with others, the small letters it writes its own words with;
// of the Latin ones those beyond a to z.
var alphabets = map[string]string{
	"az": "çəğıöşü",
	"ca": "àçèéíïòóúü",
	"cs": "áčďéěíňóřšťúůýž",
	"da": "æøåé",
	"de": "äöüß",
	"en": "",
	"es": "áéíñóúü",
	"et": "äõöüšž",
	"eu": "ñ",
	"fi": "äöå",
	"fr": "àâæçèéêëîïôœùûü",
	"hr": "čćđšž",
	"hu": "áéíóöőúüű",
	"is": "áæéíðóöþúý",
	"it": "àèéìòù",
	"lt": "ąčęėįšųūž",
	"lv": "āčēģīķļņšūž",
	"ms": "",
	"nl": "éëïöü",
	"no": "æøåéòô",
	"pl": "ąćęłńóśźż",
	"pt": "áâãàçéêíóôõú",
	"ro": "ăâîșțşţ",
	"sk": "áäčďéíĺľňóôŕšťúýž",
	"sl": "čšž",
	"sq": "çë",
	"sv": "åäöé",
	"tl": "ñ",
	"tr": "çğıöşüâî",
	"vi": "àáâãèéêìíòóôõùúýăđĩũơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ",
	"yo": "ẹọṣàáèéìíòóùú",

	"be": "абвгдеёжзійклмнопрстуўфхцчшыьэюя",
	"bg": "абвгдежзийклмнопрстуфхцчшщъьюя",
	"ru": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
	"sr": "абвгдђежзијклљмнњопрстћуфхцчџш",
	"uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",

	"ar": "ابتثجحخدذرزسشصضطظعغفقكلمنهويءآأؤإئىة",
	"fa": "ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیءآأؤئ",
	"ku": "ئابپتجچحخدرڕزژسشعغفڤقکگلڵمنوۆهەیێھ",
	"ur": "ابپتٹثجچحخدڈذرڑزژسشصضطظعغفقکگلمنںوہھءیےآأؤئۂ",
}

// scripts has the languages whose script says nearly everything.
var scripts = map[string][]*unicode.RangeTable{
	"am": {unicode.Ethiopic},
	"bn": {unicode.Bengali},
	"el": {unicode.Greek},
	"gu": {unicode.Gujarati},
	"he": {unicode.Hebrew},
	"hi": {unicode.Devanagari},
	"hy": {unicode.Armenian},
	"ja": {unicode.Hiragana, unicode.Katakana, unicode.Han},
	"ka": {unicode.Georgian},
	"kn": {unicode.Kannada},
	"ko": {unicode.Hangul},
	"lo": {unicode.Lao},
	"ml": {unicode.Malayalam},
	"mr": {unicode.Devanagari},
	"or": {unicode.Oriya},
	"pa": {unicode.Gurmukhi},
	"ta": {unicode.Tamil},
	"te": {unicode.Telugu},
	"th": {unicode.Thai},
	"zh": {unicode.Han},
}

// A stretch of letters that the same languages write.
type stretch struct {
	first, last rune
	users       set
}

// writers returns the stretches of all letters that some of the languages write and some do not, in order.
func writers(codes []string) []stretch {
	users := map[rune]set{}
	for i, code := range codes {
		for _, r := range alphabets[code] {
			users[r] |= 1 << i
		}
		for _, script := range scripts[code] {
			for _, within := range script.R16 {
				for r := rune(within.Lo); r <= rune(within.Hi); r += rune(within.Stride) {
					users[r] |= 1 << i
				}
			}
		}
	}
	letters := make([]rune, 0, len(users))
	for r := range users {
		letters = append(letters, r)
	}
	slices.Sort(letters)
	var out []stretch
	for _, r := range letters {
		if last := len(out) - 1; last >= 0 && out[last].last == r-1 && out[last].users == users[r] {
			out[last].last = r
			continue
		}
		out = append(out, stretch{r, r, users[r]})
	}
	return out
}

// usersOf returns who writes the letter; 0: nobody, or everybody.
func (t *table) usersOf(r rune) set {
	i, found := slices.BinarySearchFunc(t.letters, r, func(s stretch, r rune) int {
		switch {
		case s.last < r:
			return -1
		case s.first > r:
			return 1
		}
		return 0
	})
	if !found {
		return 0
	}
	return t.letters[i].users
}

const (
	foreign     = 150 // points that a letter costs a language which does not write it
	manyLetters = 32  // different ones; the rest of a text is not looked at
)

// A letterSet counts each letter once.
type letterSet struct {
	letters [manyLetters]rune
	size    int
}

// add takes from the sums of the languages that do not write the letter, the first time it comes.
func (s *letterSet) add(t *table, r rune, out *sums) {
	if s.size == len(s.letters) || slices.Contains(s.letters[:s.size], r) {
		return
	}
	s.letters[s.size] = r
	s.size++
	users := t.usersOf(r)
	if users == 0 {
		return
	}
	for i := range out {
		if users.has(i) {
			out[i]++ // where nothing else is known, this is a language to guess
		} else {
			out[i] -= foreign
		}
	}
}
