package main

// characters are the emoji that Slack names and Discord and Telegram write. State and acts use the names.
var characters = map[string]string{
	"+1": "👍", "-1": "👎", "heart": "❤️", "eyes": "👀", "white_check_mark": "✅", "tada": "🎉", "pray": "🙏", "fire": "🔥",
	"joy": "😂", "wave": "👋", "rocket": "🚀", "x": "❌", "hourglass_flowing_sand": "⏳", "warning": "⚠️",
}

var names = func() map[string]string {
	byCharacter := map[string]string{"❤": "heart"} // as Telegram writes it
	for name, character := range characters {
		byCharacter[character] = name
	}
	return byCharacter
}()

// emojiName is the name of an emoji that is known by one.
func emojiName(emoji string) string {
	if name, ok := names[emoji]; ok {
		return name
	}
	return emoji
}

// emojiCharacter is what is written for a name.
func emojiCharacter(name string) string {
	if character, ok := characters[name]; ok {
		return character
	}
	return name
}
