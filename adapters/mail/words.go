package mail

import "strings"

// words is what stands around the lines in one language. subject and why name the site.
type words struct{ language, subject, open, why string }

func (w words) direction() string {
	if w.language == "ar" || w.language == "he" {
		return "rtl"
	}
	return "ltr"
}

// wordsIn are those of a BCP 47 tag; English for a language that is not here.
func wordsIn(locale string) words {
	language, _, _ := strings.Cut(strings.ToLower(locale), "-")
	for _, w := range languages() {
		if w.language == language {
			return w
		}
	}
	return languages()[0]
}

func languages() []words {
	return []words{
		{"en", "%s has answered you", "Read and answer here", "You get this mail because you wrote to %s and left before we answered. Replies to this mail are not read."},
		{"de", "%s hat Ihnen geantwortet", "Hier lesen und antworten", "Sie erhalten diese E-Mail, weil Sie %s geschrieben haben und vor unserer Antwort gegangen sind. Antworten auf diese E-Mail werden nicht gelesen."},
		{"es", "%s le ha respondido", "Leer y responder aquí", "Recibe este correo porque escribió a %s y se fue antes de que respondiéramos. Las respuestas a este correo no se leen."},
		{"fr", "%s vous a répondu", "Lire et répondre ici", "Vous recevez cet e-mail parce que vous avez écrit à %s et êtes parti avant notre réponse. Les réponses à cet e-mail ne sont pas lues."},
		{"pt", "%s respondeu-lhe", "Ler e responder aqui", "Recebe este e-mail porque escreveu a %s e saiu antes de respondermos. As respostas a este e-mail não são lidas."},
		{"it", "%s le ha risposto", "Legga e risponda qui", "Riceve questa e-mail perché ha scritto a %s ed è uscito prima della risposta. Le risposte a questa e-mail non vengono lette."},
		{"nl", "%s heeft u geantwoord", "Hier lezen en antwoorden", "U krijgt deze e-mail omdat u %s hebt geschreven en weg was voordat we antwoordden. Antwoorden op deze e-mail worden niet gelezen."},
		{"pl", "%s: mamy odpowiedź", "Przeczytaj i odpowiedz tutaj", "Otrzymujesz tę wiadomość po rozmowie na czacie %s, bo okno zostało zamknięte przed naszą odpowiedzią. Odpowiedzi na ten e-mail nie są czytane."},
		{"tr", "%s size yanıt verdi", "Buradan okuyun ve yanıtlayın", "Bu e-postayı, %s ile yazıştığınız ve biz yanıtlamadan ayrıldığınız için aldınız. Bu e-postaya gelen yanıtlar okunmaz."},
		{"ru", "%s: вам ответили", "Прочитать и ответить здесь", "Вы получили это письмо, потому что написали в %s и ушли до нашего ответа. Ответы на это письмо не читаются."},
		{"ar", "لديك رد من %s", "اقرأ وأجب هنا", "تصلك هذه الرسالة لأنك كتبت إلى %s وغادرت قبل أن نجيب. لا تُقرأ الردود على هذه الرسالة."},
		{"he", "תשובה מ־%s", "לקריאה ולתשובה", "קיבלתם הודעה זו כי כתבתם אל %s ועזבתם לפני שענינו. תשובות להודעה זו אינן נקראות."},
	}
}
