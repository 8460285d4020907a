package knowledge

import (
	"strings"
	"testing"
)

// TestWantsPerson: what asks for a person, in every language of the widget, with and without typing errors.
func TestWantsPerson(t *testing.T) {
	for language, texts := range map[string][]string{
		"en": {
			"human", "Agent please", "operator!", "a real person please", "I want to talk to a human", "can i speak to someone", "i need a person",
			"Could you please connect me to an agent?", "let me talk to a real human being", "i wnat to speak to a persn", "talk to humna",
			"Is there someone I can talk to?", "I don't want a bot, I want a human", "no bots please", "are there any humans here",
			"transfer me to customer service", "can I chat with a representative", "I'd like to speak with your manager",
			"this does not help. get me a person", "I want to talk to the person who sold me the bike", "stop. human please", "give me an agent now",
			"hi, can i talk with somebody from your team", "put me through to support", "representitive please", "no i want a human",
		},
		"de": {
			"Mensch", "Mitarbeiter bitte", "Ich möchte mit einem Menschen sprechen", "kann ich mit jemandem reden?", "ich will einen echten Menschen",
			"Verbinden Sie mich bitte mit einem Mitarbeiter", "ich moechte mit einem mitarbieter sprechen", "Bitte keinen Bot, echter Mensch",
			"Gibt es hier einen Ansprechpartner?", "Ich brauche einen Kundenberater", "nicht mit einem Roboter bitte", "Ist da jemand?",
		},
		"es": {
			"humano", "agente por favor", "quiero hablar con una persona", "Necesito un agente", "¿puedo hablar con alguien?",
			"quiero ablar con una persona real", "páseme con un operador", "quiero hablar con una presona", "prefiero un humano", "no quiero un robot, quiero una persona",
			"no gracias quiero hablar con un asesor",
		},
		"fr": {
			"humain", "un conseiller svp", "je veux parler à un humain", "Puis-je parler à quelqu'un ?", "je voudrais un conseiller",
			"passez-moi un conseiller", "je veux parler à une vraie personne", "mettez-moi en relation avec un agent", "je veux parler a un consieller",
			"je ne veux pas d'un robot, je veux parler à une personne",
		},
		"it": {
			"operatore", "voglio parlare con una persona", "posso parlare con un operatore?", "vorrei un operatore", "ho bisogno di un operatore umano",
			"mi passi un operatore per favore", "vorrei parlare con un operatroe", "non con un robot, per favore", "c'è qualcuno?",
		},
		"nl": {
			"medewerker", "ik wil een mens spreken", "kan ik met iemand praten?", "Ik wil graag met een medewerker spreken", "verbind me met een medewerker",
			"geen robot alsjeblieft", "ik heb een echt persoon nodig", "ik wil met een medwerker praten", "is daar iemand?",
		},
		"pl": {
			"konsultant", "chcę rozmawiać z człowiekiem", "proszę połączyć mnie z konsultantem", "poproszę konsultanta", "czy mogę z kimś porozmawiać",
			"chce rozmawiac z czlowiekem", "nie z botem, proszę", "potrzebuję pracownika",
		},
		"pt": {
			"atendente", "quero falar com uma pessoa", "posso falar com alguém?", "preciso de um atendente", "me transfira para um atendente",
			"quero falar com um antendente", "quero ser atendido por uma pessoa", "não quero robô, quero falar com humano",
		},
		"ru": {
			"оператор", "позовите оператора", "хочу поговорить с человеком", "соедините с оператором", "нужен живой человек", "мне нужен менеджер",
			"хочу погворить с человеком", "переключите на оператра", "есть кто живой?",
		},
		"tr": {
			"temsilci", "bir insanla konuşmak istiyorum", "müşteri temsilcisine bağlanmak istiyorum", "gerçek bir kişiyle görüşebilir miyim?",
			"canlı destek", "temsilci istiyorum", "bir insnla konuşmak istiyorum", "yetkiliyle görüşmek istiyorum",
		},
		"he": {
			"נציג", "אני רוצה לדבר עם בן אדם", "אפשר לדבר עם נציג?", "תעביר אותי לנציג", "אני צריך נציג אנושי", "רוצה לדבר עם מישהו",
		},
		"ar": {
			"موظف", "أريد التحدث إلى شخص حقيقي", "اريد التحدث مع موظف", "حولني إلى موظف خدمة العملاء", "هل يمكنني التحدث مع أحد؟", "أحتاج إنسان",
		},
	} {
		for _, text := range texts {
			if !WantsPerson(text) {
				t.Errorf("%s: %q does not ask for a person", language, text)
			}
		}
	}
}

// TestSpeaksOfPersons: who speaks of persons, or of other matters, does not ask for one.
func TestSpeaksOfPersons(t *testing.T) {
	for language, texts := range map[string][]string{
		"en": {
			"the person who sold me this said it is waterproof", "I want a two person tent", "someone stole my parcel", "the delivery person was rude",
			"do you have human hair wigs", "is this cleaning agent safe", "my travel agent booked it", "the agent was very friendly, thanks",
			"I don't want to talk to a human", "i do not need an agent", "what is the price per person", "can people with allergies use it",
			"I am a person of few words", "I need it for an employee of mine by friday", "somebody told me you ship abroad", "I want to return the shoes",
			"how do I contact the seller about an invoice", "can I talk about the price", "I want an agent licence", "who is the manager of your shop",
			"call me maybe", "", "?!", "no human was involved", "is the staff discount still valid", "hello", "i like the people in your video",
			"i need the rep's phone number of last time", "can i speak french here",
		},
		"de": {
			"Die Person, die mir das verkauft hat", "Ein Zelt für zwei Personen", "jemand hat mein Paket gestohlen", "der Mitarbeiter war sehr nett",
			"ich will nicht mit einem Menschen sprechen", "wie viel kostet es pro Person", "Ich möchte meinen Kollegen ein Geschenk machen",
			"Ich brauche keinen Mitarbeiter",
		},
		"es": {
			"la persona que me lo vendió", "precio por persona", "alguien robó mi paquete", "no quiero hablar con una persona", "el agente fue muy amable",
			"quiero una tienda para dos personas",
		},
		"fr": {
			"la personne qui me l'a vendu", "le prix par personne", "quelqu'un a volé mon colis", "je ne veux pas parler à un humain", "une tente pour deux personnes",
			"personne ne me répond depuis hier",
		},
		"it": {"la persona che me lo ha venduto", "prezzo a persona", "qualcuno ha rubato il pacco", "non voglio parlare con una persona"},
		"nl": {"de persoon die het verkocht", "prijs per persoon", "iemand heeft mijn pakket gestolen", "de medewerker was vriendelijk"},
		"pl": {"osoba która mi to sprzedała", "cena za osobę", "ktoś ukradł moją paczkę", "nie chcę rozmawiać z człowiekiem"},
		"pt": {"a pessoa que me vendeu", "preço por pessoa", "alguém roubou meu pacote", "não quero falar com uma pessoa"},
		"ru": {"человек который мне это продал", "цена на человека", "кто-то украл мою посылку", "не хочу говорить с человеком"},
		"tr": {"bana satan kişi", "kişi başı fiyat", "birisi paketimi çaldı", "insanla konuşmak istemiyorum"},
		"he": {"האדם שמכר לי את זה", "מחיר לאדם", "מישהו גנב לי את החבילה", "אני לא רוצה לדבר עם בן אדם"},
		"ar": {"الشخص الذي باعني هذا", "السعر للشخص الواحد", "شخص ما سرق طردي", "لا أريد التحدث إلى موظف"},
	} {
		for _, text := range texts {
			if WantsPerson(text) {
				t.Errorf("%s: %q asks for a person", language, text)
			}
		}
	}
}

func BenchmarkWantsPerson(b *testing.B) {
	text := strings.Repeat("My parcel has not come yet and the person at the post office told me to ask you where it might be. ", 40)
	for b.Loop() {
		WantsPerson(text)
	}
}
