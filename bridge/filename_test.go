package bridge_test

import (
	"strings"
	"testing"

	"github.com/skeindesk/skein/bridge"
)

const maxFileName = 120

func TestFileNames(t *testing.T) {
	for given, want := range map[string]string{
		"":                                 "file",
		"...":                              "file",
		"a.png":                            "a.png",
		"../../etc/passwd":                 "passwd",
		`C:\temp\a.txt`:                    "a.txt",
		"a\r\nSet-Cookie: x.txt":           "a_Set-Cookie_ x.txt",
		"fdp.\u202eexe":                    "fdp.exe",
		".htaccess":                        "htaccess",
		"Grüße.txt":                        "Grüße.txt",
		strings.Repeat("ü", 300) + ".jpeg": strings.Repeat("ü", maxFileName-5) + ".jpeg",
		"a." + strings.Repeat("x", 300):    "a." + strings.Repeat("x", maxFileName-2),
	} {
		if got := bridge.FileName(given); got != want {
			t.Errorf("%q: %q, want %q", given, got, want)
		}
	}
}

func FuzzFileName(f *testing.F) {
	f.Add("../a\x00.png")
	f.Fuzz(func(t *testing.T, given string) {
		name := bridge.FileName(given)
		if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\\\x00\r\n\"") || len([]rune(name)) > maxFileName {
			t.Errorf("%q from %q", name, given)
		}
	})
}
