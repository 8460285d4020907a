package language

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// first are two lines as conversations begin.
var first = map[string][2]string{
	"de": {"Guten Tag, ich habe eine Frage zu meiner Bestellung", "sie ist noch nicht angekommen"},
	"es": {"Hola, tengo una pregunta sobre mi pedido", "todavía no me ha llegado"},
	"fr": {"Bonjour, j'ai une question sur ma commande", "je ne l'ai toujours pas reçue"},
	"it": {"Buongiorno, ho una domanda sul mio ordine", "non è ancora arrivato"},
	"ja": {"こんにちは、注文について質問があります", "まだ届いていません"},
	"nl": {"Goedendag, ik heb een vraag over mijn bestelling", "het pakket is nog niet aangekomen"},
	"pl": {"Dzień dobry, mam pytanie o moje zamówienie", "jeszcze nie dotarło"},
	"pt": {"Olá, tenho uma dúvida sobre o meu pedido", "ainda não chegou"},
	"ru": {"Здравствуйте! Где мой заказ? Я купил его две недели назад", "он до сих пор не пришёл"},
	"sv": {"Hej, jag har en fråga om min beställning", "den har inte kommit fram än"},
	"tr": {"Merhaba, siparişim hakkında bir sorum var", "hâlâ gelmedi"},
	"uk": {"Добрий день, маю питання щодо замовлення", "воно ще не прийшло"},
}

func TestMixedLinesDoNotFlip(t *testing.T) {
	lines := readMixed(t)
	if len(lines) < 100 {
		t.Fatalf("%d lines, want 100", len(lines))
	}
	raw := 0 // how many lines, taken as they are, would be more likely in another language than in the conversation's
	for _, line := range lines {
		tally := Tally{Prior: "en"} // as of many browsers, and so against it
		for _, said := range first[line.code] {
			tally.Add(said)
		}
		if code, ok := tally.Sure(); !ok || code != line.code {
			t.Errorf("after two lines in %s: %q, %v", line.code, code, ok)
		}
		tally.Add(line.text)
		if got := tally.Likely(); got[0].Code != line.code {
			t.Errorf("%s flips to %s by %q", line.code, got[0].Code, line.text)
		}
		var points sums
		loaded().weigh(line.text, &points)
		if g := loaded().guesses(&points, loaded().set(nil)); len(g) > 0 && g[0].Code != line.code {
			raw++
		}
	}
	if raw < 70 {
		t.Errorf("only %d of the lines look like another language at all: the table shows nothing", raw)
	}
}

func TestTallyIsSureAndRight(t *testing.T) {
	by := map[string][]string{}
	set := sentences(t)
	for _, s := range set {
		by[s.code] = append(by[s.code], s.text)
	}
	codes := languagesOf(set)
	r := rand.New(rand.NewPCG(1, 2))
	for name, prior := range map[string]func(code string) string{
		"none":  func(string) string { return "" },
		"right": func(code string) string { return code + "-XX" },
		"en":    func(string) string { return "en" },
		"any":   func(string) string { return codes[r.IntN(len(codes))] },
	} {
		n, wrong, early := 0, 0, 0
		for _, code := range codes {
			for range 100 {
				n++
				tally := Tally{Prior: prior(code)}
				for lines := 1; lines <= 10; lines++ {
					tally.Add(by[code][r.IntN(len(by[code]))])
					got, ok := tally.Sure()
					if !ok {
						continue
					}
					if base(got) != code {
						wrong++
					}
					if lines <= 3 {
						early++
					}
					break
				}
			}
		}
		t.Logf("prior %s: %d conversations, %d within three lines, %d wrong", name, n, early, wrong)
		if wrong*200 > n || early*10 < n*9 {
			t.Errorf("prior %s: of %d conversations %d are taken for another language, %d are known within three lines", name, n, wrong, early)
		}
	}
}

func TestTallyByLine(t *testing.T) {
	for _, test := range []struct {
		name, prior string
		lines       []string
		likely      string
		sure        string
	}{
		{"nothing", "", nil, "", ""},
		{"the browser alone", "de-AT", nil, "de", ""},
		{"a greeting is too little", "", []string{"gracias"}, "es", ""},
		{"a sentence is enough", "", []string{"Hola, ¿dónde está mi pedido?"}, "es", "es"},
		{"in spite of the browser", "en-US", []string{"Hola, ¿dónde está mi pedido? Lo compré hace dos semanas."}, "es", "es"},
		{"the browser's form of it", "pt-BR", []string{"Olá, onde está o meu pedido?"}, "pt", "pt-BR"},
		{"Serbian", "", []string{"Здраво, где је моја поруџбина?"}, "sr", "sr"},
		{"Chinese", "zh-TW", []string{"你好,我的訂單在哪裡?"}, "zh", "zh-TW"},
		{"code says nothing", "", []string{"TypeError: undefined is not a function", "`const a = 1`"}, "", ""},
		{"names say nothing", "fr", []string{"Green Fern Nursery", "Ana Müller"}, "fr", ""},
		{"what the browser is set to is unknown", "tlh", []string{"Where is my order? I bought it last week."}, "en", "en"},
	} {
		tally := Tally{Prior: test.prior}
		for _, line := range test.lines {
			tally.Add(line, "Ana Müller", "Green Fern Nursery")
		}
		likely := ""
		if got := tally.Likely(); len(got) > 0 {
			likely = got[0].Code
		}
		if sure, ok := tally.Sure(); likely != test.likely || sure != test.sure || ok != (sure != "") {
			t.Errorf("%s: likely %q, sure %q (%v), want %q and %q", test.name, likely, sure, ok, test.likely, test.sure)
		}
	}
}

func TestTallyAmong(t *testing.T) {
	tally := Tally{Among: []string{"en", "de"}}
	tally.Add("Hej, jag har en fråga om min beställning")
	if got := tally.Likely(); len(got) == 0 || got[0].Code != "de" && got[0].Code != "en" {
		t.Errorf("Swedish among English and German: %v", got)
	}
}

func TestTallyIsKept(t *testing.T) {
	for _, lines := range [][]string{nil, {"Hola"}, {first["es"][0], first["es"][1]}, {first["de"][0], first["fr"][1]}} {
		whole := Tally{Prior: "en"}
		kept := Tally{Prior: "en"}
		for _, line := range lines {
			whole.Add(line)
			kept.Add(line)
			b, err := json.Marshal(kept)
			if err != nil {
				t.Fatal(err)
			}
			if len(b) > 1500 {
				t.Errorf("a kept tally has %d bytes", len(b))
			}
			kept = Tally{}
			if err := json.Unmarshal(b, &kept); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(whole.Likely(), kept.Likely()); diff != "" {
			t.Errorf("after %q the kept tally differs (-whole +kept):\n%s", lines, diff)
		}
	}
	for _, bad := range []string{`{"grams":-5,"behind":{"es":-1}}`, `{"grams":9,"behind":{"es":-100,"xx":3}}`, `{"grams":9}`} {
		var tally Tally
		if err := json.Unmarshal([]byte(bad), &tally); err != nil {
			t.Fatal(err)
		}
		tally.Add(first["de"][0])
		tally.Likely()
	}
}
