package bridge

import (
	"github.com/skeindesk/skein/bridge/knowledge"
	"github.com/skeindesk/skein/bridge/rich"
)

// robotWords are what the robot says besides answers.
type robotWords struct{ unsure, which, person, handoff, hello, welcome string }

// robotWordsIn are in the visitor's language, where it is one of the widget's, else in English.
func robotWordsIn(language string) robotWords {
	if words, ok := robotSays[primary(language)]; ok {
		return words
	}
	return robotSays["en"]
}

// courtesy is what is answered to somebody who only greets, thanks, or chooses their language.
func (w robotWords) courtesy(text string) (answer string, ok bool) {
	if _, chosen := languageChosen(rich.Of(text)); chosen {
		return w.hello, true
	}
	switch knowledge.CourtesyOf(text) {
	case knowledge.Greets:
		return w.hello, true
	case knowledge.Thanks:
		return w.welcome, true
	case knowledge.NoCourtesy:
	}
	return "", false
}

var robotSays = map[string]robotWords{
	"ar": {"لست متأكدًا من أنني فهمت. هل يمكنك قول ذلك بكلمات أخرى؟", "هل تقصد أحد هذه المواضيع؟", "التحدث إلى شخص", "سأحوّلك إلى أحد الزملاء. سيجيبك هنا.", "مرحبًا. كيف يمكنني مساعدتك؟", "على الرحب والسعة."},
	"de": {"Das habe ich nicht sicher verstanden. Können Sie es anders sagen?", "Meinen Sie eines davon?", "Mit einem Menschen sprechen", "Ich gebe Sie an jemanden aus dem Team weiter. Die Antwort kommt hier.", "Hallo. Was kann ich für Sie tun?", "Gern geschehen."},
	"en": {"I am not sure that I understood. Could you say it in other words?", "Is it one of these?", "Talk to a person", "I am passing you on to somebody from the team. They will answer here.", "Hello. What can I do for you?", "You are welcome."},
	"es": {"No estoy seguro de haber entendido. ¿Puede decirlo de otra forma?", "¿Se refiere a alguno de estos temas?", "Hablar con una persona", "Le paso con alguien del equipo. Le responderá aquí.", "Hola. ¿En qué puedo ayudarle?", "De nada."},
	"fr": {"Je ne suis pas sûr d’avoir compris. Pouvez-vous le dire autrement ?", "Est-ce l’un de ces sujets ?", "Parler à une personne", "Je vous passe quelqu’un de l’équipe. La réponse arrivera ici.", "Bonjour. Que puis-je faire pour vous ?", "Je vous en prie."},
	"he": {"לא בטוח שהבנתי. אפשר לומר את זה במילים אחרות?", "האם זה אחד מאלה?", "לדבר עם אדם", "אני מעביר אותך למישהו מהצוות. התשובה תגיע לכאן.", "שלום. במה אפשר לעזור?", "בשמחה."},
	"it": {"Non sono sicuro di aver capito. Può dirlo in altre parole?", "Si tratta di uno di questi?", "Parlare con una persona", "La passo a qualcuno del team. Risponderà qui.", "Buongiorno. Come posso aiutarla?", "Prego."},
	"nl": {"Ik weet niet zeker of ik het begrijp. Kunt u het anders zeggen?", "Bedoelt u een van deze?", "Met een mens praten", "Ik geef u door aan iemand van het team. Het antwoord komt hier.", "Hallo. Wat kan ik voor u doen?", "Graag gedaan."},
	"pl": {"Nie jestem pewien, czy dobrze rozumiem. Czy można to powiedzieć inaczej?", "Czy chodzi o jeden z tych tematów?", "Rozmowa z człowiekiem", "Przekazuję rozmowę komuś z zespołu. Odpowiedź pojawi się tutaj.", "Dzień dobry. W czym mogę pomóc?", "Proszę bardzo."},
	"pt": {"Não tenho certeza de que entendi. Pode dizer de outra forma?", "É um destes assuntos?", "Falar com uma pessoa", "Vou passar você para alguém da equipe. A resposta chegará aqui.", "Olá. Como posso ajudar?", "De nada."},
	"ru": {"Не уверен, что понял. Можете сказать иначе?", "Это один из этих вопросов?", "Поговорить с человеком", "Передаю вас коллеге. Ответ придёт сюда.", "Здравствуйте. Чем могу помочь?", "Пожалуйста."},
	"tr": {"Anladığımdan emin değilim. Başka sözlerle söyleyebilir misiniz?", "Bunlardan biri mi?", "Bir insanla konuş", "Sizi ekipten birine aktarıyorum. Yanıt buraya gelecek.", "Merhaba. Nasıl yardımcı olabilirim?", "Rica ederim."},
}
