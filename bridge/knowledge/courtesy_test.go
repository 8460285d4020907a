package knowledge

import "testing"

func TestCourtesyOf(t *testing.T) {
	for text, want := range map[string]Courtesy{
		"Hello": Greets, "hi there!": Greets, "Guten Morgen": Greets, "¡Hola, buenos días!": Greets, "Bonjour 👋": Greets, "Buongiorno": Greets,
		"Goedemiddag": Greets, "Dzień dobry": Greets, "Olá, boa tarde": Greets, "Здравствуйте!": Greets, "Merhaba, iyi günler": Greets,
		"السلام عليكم": Greets, "שלום": Greets,
		"Thanks!": Thanks, "ok, thank you so much": Thanks, "Vielen Dank, tschüss": Thanks, "Muchas gracias": Thanks, "Merci beaucoup": Thanks,
		"grazie mille": Thanks, "Dank je wel": Thanks, "Dziękuję bardzo": Thanks, "Muito obrigada": Thanks, "Спасибо большое": Thanks,
		"Çok teşekkür ederim": Thanks, "شكرا جزيلا": Thanks, "תודה רבה": Thanks,
		"": NoCourtesy, "👋": NoCourtesy, "no": NoCourtesy, "ok": NoCourtesy, "Hello, where is my parcel?": NoCourtesy,
		"thanks but it is still broken": NoCourtesy, "How do I return it?": NoCourtesy, "good good good good good good good good morning": NoCourtesy,
	} {
		if got := CourtesyOf(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}
