package telegramtest

import (
	"fmt"
	"strings"
)

// media is what a message shows besides text.
type media struct {
	kind  string
	file  *file
	photo []*file // every size of a photo, the largest last
}

// sentFile takes a file argument: an uploaded part, or the id of a file that the server has.
func (s *Server) sentFile(c *call, kind, field string) (media, error) {
	u, uploaded := c.files[field]
	if uploaded {
		return s.uploaded(kind, u, c)
	}
	return s.named(kind, c, c.get(field), field)
}

// named resolves a string that stands for a file.
func (s *Server) named(kind string, c *call, value, field string) (media, error) {
	if part, ok := strings.CutPrefix(value, "attach://"); ok {
		u, uploaded := c.files[part]
		if !uploaded {
			return media{}, refuse("can't find the attached file " + part)
		}
		return s.uploaded(kind, u, c)
	}
	f := s.state.files[value]
	switch {
	case value == "":
		return media{}, refuse("there is no " + field + " in the request")
	case f == nil:
		// Addresses are refused as well: the simulator fetches nothing.
		return media{}, refuse("wrong file identifier/HTTP URL specified")
	case f.Kind != kind:
		return media{}, refuse("can't use file of type " + title(f.Kind) + " as " + title(kind))
	}
	m := media{kind: kind, file: f}
	if kind == "photo" {
		m.photo = []*file{f}
	}
	return m, nil
}

func title(word string) string { return strings.ToUpper(word[:1]) + word[1:] }

func (s *Server) uploaded(kind string, u upload, c *call) (media, error) {
	switch {
	case len(u.data) == 0:
		return media{}, refuse("file must be non-empty")
	case kind == "photo" && len(u.data) > maxPhoto:
		return media{}, refuse(fmt.Sprintf("file of size %d bytes is too big for a photo; the maximum size is %d bytes", len(u.data), maxPhoto))
	case kind == "photo":
		sizes, err := s.photoSizes(u.data, 0)
		if err != nil {
			return media{}, err
		}
		return media{kind: kind, file: sizes[len(sizes)-1], photo: sizes}, nil
	}
	f := File{Kind: kind, Name: u.name, Type: sniff(u.name, u.mime, u.data), Data: u.data}
	for name, value := range map[string]*int{"duration": &f.Duration, "width": &f.Width, "height": &f.Height} {
		n, err := c.number(name, 0)
		if err != nil {
			return media{}, err
		}
		*value = int(n)
	}
	f.Emoji = c.get("emoji")
	return media{kind: kind, file: s.newFile(f)}, nil
}

// into puts the media on a message.
func (m media) into(to *message) {
	to.Kind, to.file, to.photo = m.kind, m.file, m.photo
}
