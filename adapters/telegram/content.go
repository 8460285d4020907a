package telegram

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/skeindesk/skein/adapters/telegram/entities"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// content is what a message says.
type content struct {
	body        rich.Doc
	files       []bridge.FileRef
	file        string // the name that Telegram keeps for the file
	tooLarge    bool   // it has a file that Telegram does not give to bots
	unsupported string // the kind of message, where nothing of it can be read
}

// read reads a message of any kind. What cannot be read is named.
func (a *Adapter) read(m *message) content {
	c := content{body: forwarded(m)}
	c.body = append(c.body, written(m.Text, m.Entities)...)
	caption := written(m.Caption, m.CaptionEntities)
	if f, ok := attached(m); ok {
		c.body = append(c.body, caption...)
		a.addFile(&c, f)
		return c
	}
	c.body = append(c.body, caption...)
	words := told(m)
	c.body = append(c.body, words...)
	if len(c.body) > 0 && (m.Text != "" || len(words) > 0) {
		return c
	}
	c.unsupported = kindOf(m.Raw) // a caption is that of something, too
	c.body = append(c.body, paragraph("unsupported message: "+c.unsupported))
	return c
}

func written(t text, list lenient[[]lenient[marked]]) rich.Doc {
	var es []entities.Entity
	for i := range list.V {
		es = append(es, list.V[i].V.entity())
	}
	return entities.Read(string(t), es)
}

func paragraph(words string, more ...rich.Node) rich.Node {
	return rich.Node{Kind: rich.Paragraph, Children: append([]rich.Node{{Kind: rich.Text, Text: words}}, more...)}
}

// forwarded says whose words these are.
func forwarded(m *message) rich.Doc {
	o := m.Origin.V
	if o == nil {
		return nil
	}
	name := string(o.Hidden)
	if o.User.V != nil {
		name = fullName(o.User.V)
	}
	for _, title := range []text{o.Sender.V.Title, o.Chat.V.Title} {
		name = orText(name, string(title))
	}
	line := "Forwarded from " + orText(name, "somebody") + ":"
	return rich.Doc{{Kind: rich.Paragraph, Children: []rich.Node{{Kind: rich.Italic, Children: []rich.Node{{Kind: rich.Text, Text: line}}}}}}
}

// file is a file with what Telegram does not say of it.
type file struct {
	fileInfo
	words rich.Doc // what the message says besides its caption
}

// attached finds the file of a message. Of a photo it is the largest size. An animation also comes as a document,
// for old programs.
func attached(m *message) (file, bool) {
	sizes := m.Photo.V
	switch {
	case len(sizes) > 0:
		best := sizes[0].V
		for _, s := range sizes[1:] {
			if s.V.Width*s.V.Height >= best.Width*best.Height {
				best = s.V
			}
		}
		best.Type = "image/jpeg"
		return named(best, "photo.jpg"), best.ID != ""
	case m.Animation.V != nil:
		return named(*m.Animation.V, "animation.mp4"), true
	case m.Document.V != nil:
		return named(*m.Document.V, "file"), true
	case m.Audio.V != nil:
		f := *m.Audio.V
		name := strings.Trim(string(f.Performer)+" - "+string(f.Title), " -")
		return named(f, orText(name, "audio")+".mp3"), true
	case m.Voice.V != nil:
		f := named(*m.Voice.V, "voice.ogg")
		f.Type = text(orText(string(f.Type), "audio/ogg"))
		return f, true
	case m.Video.V != nil:
		return named(*m.Video.V, "video.mp4"), true
	case m.VideoNote.V != nil:
		f := named(*m.VideoNote.V, "video-note.mp4")
		f.Type = "video/mp4"
		return f, true
	case m.Sticker.V != nil:
		return sticker(*m.Sticker.V), true
	}
	return file{}, false
}

func named(f fileInfo, otherwise string) file {
	f.Name = text(orText(string(f.Name), otherwise))
	return file{fileInfo: f}
}

func sticker(f fileInfo) file {
	words := rich.Doc{paragraph(strings.TrimSpace(string(f.Emoji) + " (sticker)"))}
	f.Name, f.Type = "sticker.webp", "image/webp"
	switch {
	case bool(f.Animated):
		f.Name, f.Type = "sticker.tgs", "application/x-tgsticker"
	case bool(f.IsVideo):
		f.Name, f.Type = "sticker.webm", "video/webm"
	}
	return file{fileInfo: f, words: words}
}

// addFile adds a file, or says that it cannot be had.
func (a *Adapter) addFile(c *content, f file) {
	c.body = append(c.body, f.words...)
	if f.Size > maxDownload || f.ID == "" {
		c.tooLarge = true
		c.body = append(c.body, paragraph(fmt.Sprintf(
			"(The file %s, %s, is not here: Telegram gives bots no files over 20 MB. The visitor has been told.)",
			path.Base(string(f.Name)), megabytes(int64(f.Size)))))
		return
	}
	c.file = string(f.Unique)
	c.files = append(c.files, bridge.FileRef{
		Endpoint: a.cfg.Name, Ref: string(f.ID), Name: string(f.Name), Type: string(f.Type), Size: max(int64(f.Size), 0),
		Width: max(clampInt(f.Width), 0), Height: max(clampInt(f.Height), 0),
	})
}

func megabytes(n int64) string { return strconv.FormatInt((n+1<<20-1)>>20, 10) + " MB" }

// told puts into words what is neither text nor a file. It is empty for kinds that we have no words for.
func told(m *message) rich.Doc {
	switch {
	case m.Venue.V != nil: // it also comes as a location, for old programs
		v := m.Venue.V
		return rich.Doc{whereabouts(joined(string(v.Title), string(v.Address)), v.Location.V)}
	case m.Location.V != nil:
		l := *m.Location.V
		if l.Live > 0 {
			return rich.Doc{whereabouts("Live location, as it was when it was shared", l)}
		}
		return rich.Doc{whereabouts("Location", l)}
	case m.Contact.V != nil:
		return rich.Doc{contactCard(m)}
	case m.Poll.V != nil:
		doc := rich.Doc{paragraph("📊 Poll: " + string(m.Poll.V.Question))}
		list := rich.Node{Kind: rich.List}
		for _, o := range m.Poll.V.Options.V {
			list.Children = append(list.Children, rich.Node{Kind: rich.Item, Children: []rich.Node{paragraph(string(o.Text))}})
		}
		return append(doc, list)
	case m.Dice.V != nil:
		return rich.Doc{paragraph(fmt.Sprintf("%s %d", m.Dice.V.Emoji, m.Dice.V.Value))}
	}
	return nil
}

func joined(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, ", ")
}

// whereabouts is a line with a link to a map.
func whereabouts(words string, l location) rich.Node {
	at := coordinate(l.Latitude) + ", " + coordinate(l.Longitude)
	link := fmt.Sprintf("https://www.openstreetmap.org/?mlat=%s&mlon=%s#map=16/%[1]s/%[2]s", coordinate(l.Latitude), coordinate(l.Longitude))
	return paragraph("📍 "+words+": ", rich.Node{Kind: rich.Link, URL: link, Children: []rich.Node{{Kind: rich.Text, Text: at}}})
}

func coordinate(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// contactCard says whether the number is the visitor's own: any contact can be sent (T:contact).
func contactCard(m *message) rich.Node {
	c := m.Contact.V
	words := "👤 " + joined(strings.TrimSpace(string(c.First)+" "+string(c.Last)), string(c.Phone))
	if m.From.V != nil && c.User != 0 && c.User == m.From.V.ID {
		words += " (the visitor's own number)"
	}
	return paragraph(words)
}

func orText(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
