package robot

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestEvents(t *testing.T) {
	for stream, want := range map[string]string{
		"data: a\n\ndata: b\n\n":                    "a|b",
		": hi\r\n\r\nevent: x\r\ndata:a\r\n\r\n":    "a",
		"data: a\rdata: b\r\rdata: c\r\r":           "a\nb|c",
		"data\n\n":                                  "",
		"id: 7\n\ndata:  two spaces\n\n":            " two spaces",
		"data: never ended":                         "",
		"data: [stop]\n\ndata: not read\n\n":        "[stop]",
		"\n\n\ndata: a\n\n\n\n":                     "a",
		"data: \n\n":                                "",
		"retry: 10\ndata: x\nother: y\ndata: z\n\n": "x\nz",
	} {
		for _, slow := range []bool{false, true} {
			var reader io.Reader = strings.NewReader(stream)
			if slow {
				reader = iotest.OneByteReader(reader)
			}
			var got []string
			err := events(reader, func(data []byte) (bool, error) {
				got = append(got, string(data))
				return string(data) == "[stop]", nil
			})
			if strings.Join(got, "|") != want || (err == nil) != strings.Contains(stream, "[stop]") {
				t.Errorf("%q: %q, %v", stream, got, err)
			}
		}
	}
	if err := events(strings.NewReader("data: "+strings.Repeat("x", maxLine+1)), nil); !errors.Is(err, errTooLong) {
		t.Errorf("an endless line: %v", err)
	}
	if err := events(strings.NewReader(strings.Repeat("data: x\n", maxLine)), nil); !errors.Is(err, errTooLong) {
		t.Errorf("an endless event: %v", err)
	}
}

// FuzzEvents: whatever a server sends, reading it ends, and no event is longer than may be.
func FuzzEvents(f *testing.F) {
	f.Add("data: a\n\ndata: b\r\n\r\n: c\rdata\r\r")
	f.Add("\ufeffdata:a\n\n\x00\xff")
	f.Fuzz(func(t *testing.T, stream string) {
		_ = events(strings.NewReader(stream), func(data []byte) (bool, error) {
			if len(data) > maxLine {
				t.Errorf("an event of %d bytes", len(data))
			}
			return false, nil
		})
	})
}
