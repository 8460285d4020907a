package discord

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

func TestSifted(t *testing.T) {
	for message, want := range map[string]string{
		`{"op":0,"s":3,"t":"GUILD_CREATE","d":null}`:                                 `{"op":0,"s":3,"t":"~GUILD_CREATE","d":null}`,
		`{"op":0,"s":3,"t":"__CONNECT__","d":{"a":"<"}}`:                             `{"op":0,"s":3,"t":"~__CONNECT__","d":{"a":"\u003c"}}`,
		`{"op":0,"s":1,"t":"READY","d":{"session_id":"x","guilds":[null]}}`:          `{"op":0,"s":1,"t":"READY","d":{"session_id":"x","application":{"id":""}}}`,
		`{"op":0,"s":1,"t":"READY","d":{"session_id":"x","application":{"id":"7"}}}`: `{"op":0,"s":1,"t":"READY","d":{"session_id":"x","application":{"id":"7"}}}`,
		`{"op":0,"s":1,"t":"READY","d":{"session_id":"x","application":[]}}`:         `{"op":0,"s":1,"t":"READY","d":{"session_id":"x","application":{"id":""}}}`,
		`{"op":0,"s":1,"t":"RESUMED","d":[7]}`:                                       `{"op":0,"s":1,"t":"RESUMED","d":{}}`,
		`{"op":10,"d":{"heartbeat_interval":41250}}`:                                 `{"op":10,"d":{"heartbeat_interval":41250}}`,
		`{"op":9,"d":false}`:                                       `{"op":9}`,
		`{"op":0,"s":1,"t":"READY","d":{"session_id":7}}`:          "",
		`{"op":0,"s":1,"t":"READY","d":null}`:                      "",
		`{"op":10,"d":{"heartbeat_interval":0}}`:                   "",
		`{"op":10,"d":{"heartbeat_interval":9223372036854775807}}`: "",
		`{"op":10,"d":{}}`:                                         "",
		`{"op":10}`:                                                "",
		`{"op":99,"d":{}}`:                                         "",
		`{"op":0,"t":"MESSAGE_CREATE","d":{}}`:                     "",
		`{"op":0,"s":3,"d":{}}`:                                    "",
		`null`:                                                     "",
		`[]`:                                                       "",
		`{`:                                                        "",
	} {
		if got := string(sifted([]byte(message))); got != want {
			t.Errorf("of %s the library is shown %s", message, got)
		}
	}
}

// frames makes a server's messages, each in as many fragments as there are pieces.
func frames(messages ...[]string) (out []byte) {
	for _, pieces := range messages {
		for i, p := range pieces {
			kind := byte(continuation)
			if i == 0 {
				kind = textFrame
			}
			if i == len(pieces)-1 {
				kind |= lastFragment
			}
			out = appendFrame(out, kind, []byte(p))
			if i == 0 {
				out = appendFrame(out, lastFragment|0x9, []byte("ping"))
			}
		}
	}
	return out
}

func TestSift(t *testing.T) {
	event := func(n int) []string { return []string{`{"op":0,"s":1,"t":"A","d":"` + strings.Repeat("x", n) + `"}`} }
	var got bytes.Buffer
	in := slices.Concat(frames(event(1), []string{"null"}, event(200), event(70_000), []string{`{"o`, `p":`, `11}`}),
		appendFrame(nil, lastFragment|closeFrame, []byte{15, 160}))
	if err := sift(bufio.NewReader(bytes.NewReader(in)), &got); !errors.Is(err, io.EOF) {
		t.Errorf("it ended with %v", err)
	}
	var kinds []byte
	var sizes []int
	for from := bufio.NewReader(&got); ; {
		kind, payload, err := readFrame(from, 1<<20)
		if err != nil {
			break
		}
		if kind != lastFragment|0x9 {
			kinds, sizes = append(kinds, kind), append(sizes, len(payload))
		}
	}
	const message = lastFragment | textFrame
	if !bytes.Equal(kinds, []byte{message, message, message, message, lastFragment | closeFrame}) || !slices.Equal(sizes, []int{31, 230, 70_030, 9, 2}) {
		t.Errorf("the library reads frames of %x with %d bytes", kinds, sizes)
	}
	for name, bad := range map[string][]byte{
		"masked": {0x81, 0x80, 0, 0, 0, 0}, "compressed": {0xc1, 0}, "binary": {0x82, 0}, "too long": {0x81, 127, 0x7f, 0, 0, 0, 0, 0, 0, 0},
	} {
		if err := sift(bufio.NewReader(bytes.NewReader(bad)), io.Discard); !errors.Is(err, errFrame) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzSift(f *testing.F) {
	f.Add(frames([]string{`{"op":0,"s":1,"t":"READY","d":{"session_id":"x"}}`}, []string{"{", `"op":7}`}))
	f.Add([]byte{0x81, 126, 0xff})
	f.Fuzz(func(t *testing.T, data []byte) {
		_ = sift(bufio.NewReader(bytes.NewReader(data)), io.Discard)
		shown := sifted(data)
		if shown == nil {
			return
		}
		var e envelope
		if err := json.Unmarshal(shown, &e); err != nil {
			t.Fatalf("the library cannot read %q: %v", shown, err)
		}
		if e.Op == 0 && !strings.HasPrefix(e.Kind, unknown) && e.Kind != "READY" && e.Kind != "RESUMED" {
			t.Errorf("the library may know %q", e.Kind)
		}
	})
}
