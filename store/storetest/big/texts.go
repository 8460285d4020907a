package big

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// A tongue is what people say in one language. In templates %t is a thing, %a what it is like, %n a number that hardly anybody
// else says.
type tongue struct {
	locale   string
	share    int // of all visitors, in percent
	names    []string
	visitors []string
	agents   []string
	things   []string
	like     []string
}

var tongues = []tongue{
	{
		locale: "en-GB", share: 40,
		names: strings.Fields("Oliver Amelia George Isla Noah Ava Arthur Mia Leo Ivy Harry Lily Oscar Rosie Archie Florence Jack Grace Henry Freya"),
		visitors: []string{
			"Hello, my order %n has not arrived yet. It was the %a %t.", "Is the %a %t still in stock?", "The %t I bought is %a, can I return it?",
			"Thank you, that was quick!", "I paid twice for order %n, please refund one of them.", "How long does delivery of a %t take?",
			"The invoice %n shows the wrong address.", "Can I change the %t of order %n for a %a one?", "Yes please", "It still does not work, I tried it again this morning.",
			"Do you ship the %t to Ireland?", "My password does not work any more", "When will the %a %t be back?", "ok", "Great, have a nice day",
		},
		agents: []string{
			"Hello, thanks for writing. I am looking at order %n now.", "The %a %t will be back next week.", "I have refunded it, you will see it within three days.",
			"Could you send me a picture of the %t?", "You can return it within thirty days, the label is in the parcel.", "Is there anything else I can do for you?",
			"I am sorry about that. A new %t is on its way, its number is %n.", "Please try again, it should work now.", "Our warehouse says that it left yesterday.",
		},
		things: strings.Fields("kettle tent backpack stove lamp jacket boots rope map compass bottle mug blanket hammock knife towel charger filter helmet gloves"),
		like:   strings.Fields("red blue small large broken wet heavy light new old wrong late green folding spare waterproof scratched missing warm cheap"),
	},
	{
		locale: "de-DE", share: 25,
		names: strings.Fields("Lukas Mia Jonas Emma Finn Hannah Leon Sofia Paul Anna Jürgen Käthe Björn Lea Felix Marie Moritz Clara Ömer Günther"),
		visitors: []string{
			"Guten Tag, meine Bestellung %n ist noch nicht angekommen.", "Ist der %t in %a noch lieferbar?", "Der %t ist leider %a, kann ich ihn zurückschicken?",
			"Vielen Dank für die schnelle Hilfe!", "Ich habe die Rechnung %n doppelt bezahlt.", "Wie lange dauert die Lieferung nach Österreich?",
			"Auf der Rechnung %n steht die falsche Straße.", "Können Sie mir die Größe ändern?", "Ja, gerne", "Es funktioniert immer noch nicht, ich habe es heute früh noch einmal versucht.",
		},
		agents: []string{
			"Guten Tag, danke für Ihre Nachricht. Ich sehe mir die Bestellung %n gerade an.", "Der %t kommt nächste Woche wieder herein.",
			"Die Rückerstattung ist veranlasst, Sie sehen sie in drei Tagen.", "Können Sie mir ein Foto schicken?", "Kann ich sonst noch etwas für Sie tun?",
			"Das tut mir leid. Ein neuer %t ist unterwegs, Sendung %n.",
		},
		things: strings.Fields("Wasserkessel Rucksack Kocher Schlafsack Hut Gürtel Becher Koffer Kompass Stiefel"),
		like:   strings.Fields("blau grün rot kaputt zerkratzt groß klein nass schwer neu"),
	},
	{
		locale: "es-ES", share: 15,
		names: strings.Fields("Mateo Lucía Hugo Sofía Martín María Daniel Julia Pablo Nuria Íñigo Begoña Álvaro Carmen Andrés Inés"),
		visitors: []string{
			"Hola, mi pedido %n todavía no ha llegado.", "¿Queda el %t %a?", "El %t está %a, ¿puedo devolverlo?", "Muchas gracias, qué rápido",
			"Me han cobrado dos veces el pedido %n.", "¿Cuánto tarda el envío a Canarias?", "Sí, por favor", "Mañana lo pruebo otra vez",
		},
		agents: []string{
			"Hola, gracias por escribirnos. Estoy mirando el pedido %n.", "El %t vuelve la semana que viene.", "Ya está hecha la devolución, la verá en tres días.",
			"¿Puede enviarme una foto?", "Lo siento mucho, le mandamos otro %t.",
		},
		things: strings.Fields("hervidor saco hornillo farol abrigo cinturón vaso maletín bastón gorro"),
		like:   strings.Fields("rojo azul pequeño roto mojado pesado nuevo verde"),
	},
	{
		locale: "fr-FR", share: 12,
		names: strings.Fields("Gabriel Louise Léo Jade Raphaël Emma Arthur Alice Hélène François Zoé Maël Agnès Noël"),
		visitors: []string{
			"Bonjour, ma commande %n n'est pas encore arrivée.", "Le %t %a est-il encore disponible ?", "Le %t est %a, puis-je le renvoyer ?",
			"Merci beaucoup, très rapide", "J'ai payé deux fois la facture %n.", "Oui, s'il vous plaît", "À quelle heure êtes-vous là ?",
		},
		agents: []string{
			"Bonjour, merci de votre message. Je regarde la commande %n.", "Le %t revient la semaine prochaine.", "Le remboursement est fait, vous le verrez sous trois jours.",
			"Pouvez-vous m'envoyer une photo ?",
		},
		things: strings.Fields("réchaud sac bonnet couteau gobelet manteau casque matelas"),
		like:   strings.Fields("rouge bleu cassé mouillé léger trop-petit vert neuf"),
	},
	{
		locale: "ja-JP", share: 8,
		names: strings.Fields("佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤"),
		visitors: []string{
			"注文番号%nの商品がまだ届いていません。", "%aの%tはまだ在庫がありますか？", "%tを返品したいです。", "ありがとうございます。", "請求書%nの住所が間違っています。", "はい、お願いします",
		},
		agents: []string{
			"お問い合わせありがとうございます。注文%nを確認いたします。", "%tは来週入荷します。", "返金の手続きをいたしました。", "写真を送っていただけますか？",
		},
		things: strings.Fields("やかん テント 寝袋 リュック ランプ 手袋"),
		like:   strings.Fields("赤 青 小さいサイズ 新品 大きいサイズ"),
	},
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// tongue chooses a language.
func (g *generator) tongue() *tongue {
	n := g.random.IntN(100)
	for i := range tongues {
		if n -= tongues[i].share; n < 0 {
			return &tongues[i]
		}
	}
	return &tongues[0]
}

// say is one of the templates, filled, now and then with another sentence after it.
func (g *generator) say(t *tongue, templates []string) string {
	text := g.fill(t, pick(g.random, templates))
	for g.random.IntN(4) == 0 {
		text += " " + g.fill(t, pick(g.random, templates))
	}
	return text
}

func (g *generator) fill(t *tongue, template string) string {
	return strings.NewReplacer(
		"%t", pick(g.random, t.things), "%a", pick(g.random, t.like), "%n", fmt.Sprint(10000+g.random.IntN(9_000_000)),
	).Replace(template)
}
