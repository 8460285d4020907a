package language

import (
	"strings"
	"testing"
)

func TestProse(t *testing.T) {
	for text, want := range map[string]string{
		"Where is my order?":                                     "Where is my order?",
		"see https://shop.example.com/where please":              "see please",
		"see www.example.com, example.org":                       "see",
		"write to ana@example.com or @ana":                       "write to or",
		"order ORD-1234 and 12345, 3rd":                          "order and",
		"run `go test ./...` now":                                "run now",
		"before ```\ncode here\n``` after":                       "before after",
		"hello {order.id} and {{name}}, %{count}":                "hello and",
		"a <b>bold</b> word, 2 < 3":                              "a bold word,",
		"Ana says hello":                                         "says hello",
		"ANA's order":                                            "order",
		"I LOVE it":                                              "I it",
		"WHERE IS MY ORDER":                                      "WHERE IS MY ORDER",
		"call getOrder(id) when snake_case fails in the morning": "call when fails in the morning",
		":wave: hello":                                           "hello",
		"y/o":                                                    "y/o",
		"/usr/local/bin":                                         "",
		"he says «this is not mine at all» and that is everything I know": "he says and that is everything I know",
		"\"this is all there is\"":                               "\"this is all there is\"",
		"> what they wrote to me\nno idea what this should mean": "no idea what this should mean",
		"pedido.No lo tengo":                                     "pedido.No lo tengo",
		"注文番号はORD-1234です":                                        "注文番号は です",
		"if (a == b) { return c; }":                              "",
		"x = y + z;":                                             "",
		"    at Order.total (app.js:3:9)\nque hago":              "que hago",
		"look at me":                                             "look at me",
	} {
		if got := strings.TrimSpace(Prose(text, "Ana")); got != want {
			t.Errorf("Prose(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestProseOfLongTexts(t *testing.T) {
	for _, s := range []string{"`", "{", "<a", "\"a b c d ", "« a b c ", "「", "```", "\n> ", "a.b.", "at (", "🙂", "\xff"} {
		long := strings.Repeat(s, 100_000/len(s))
		if got := Prose(long); len(got) > maxProse*2 {
			t.Errorf("Prose of many %q has %d bytes", s, len(got))
		}
	}
}
