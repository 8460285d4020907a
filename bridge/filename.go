package bridge

import (
	"path"
	"strings"
	"unicode/utf8"

	"github.com/skeindesk/skein/bridge/rich"
)

const maxFileName = 120 // characters

// FileName is a name that somebody gave to a file as it is safe in any file system and in a header: the last element only,
// no control or reserved characters, no leading or trailing dots and spaces. The extension survives cutting.
func FileName(given string) string {
	name := rich.Clean(given)
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if r < 0x20 || r == utf8.RuneError || strings.ContainsRune(`<>:"|?*%`, r) {
			return '_'
		}
		return r
	}, name)
	name = strings.Trim(name, ". ")
	if runes := []rune(name); len(runes) > maxFileName {
		ext := []rune(path.Ext(name))
		if len(ext) > maxFileName/4 {
			ext = nil
		}
		name = string(runes[:maxFileName-len(ext)]) + string(ext)
	}
	if name == "" {
		return "file"
	}
	return name
}
