package website

import (
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// entry is an entry as visitors are shown it.
type entry struct {
	Seq    int64  `json:"seq"`
	Kind   string `json:"kind"`
	Target int64  `json:"target,omitempty"`
	By     person `json:"by"`
	Text   string `json:"text"`
	HTML   string `json:"html"`
	State  string `json:"state,omitempty"`
	Files  []file `json:"files,omitempty"`
	At     string `json:"at"`
	// Of a line that was translated: what language Text is in, and what it was written in, there as Original.
	Language string `json:"language,omitempty"`
	From     string `json:"translated_from,omitempty"`
	Original *text  `json:"original,omitempty"`
	// Choices are what the visitor can answer with by one press.
	Choices []string `json:"choices,omitempty"`
}

type text struct {
	Text string `json:"text"`
	HTML string `json:"html"`
}

type person struct {
	Kind   bridge.SpeakerKind `json:"kind"`
	Name   string             `json:"name"`
	Avatar string             `json:"avatar,omitempty"`
}

type file struct {
	ID     bridge.FileID `json:"id"`
	Name   string        `json:"name"`
	Type   string        `json:"type"`
	Size   int64         `json:"size"`
	Width  int           `json:"width,omitempty"`
	Height int           `json:"height,omitempty"`
}

// shown returns what a visitor is shown of an entry. ok is false for what is not for visitors. The log has chosen by
// audience already; a private line must not get past us even if it had not.
func shown(to bridge.EndpointName, en bridge.Entry) (e entry, ok bool) {
	if !en.Audience.Includes(to, bridge.RoleVisitor) {
		return entry{}, false
	}
	e = entry{
		Seq: en.Seq, Target: en.Target, At: instant(en.At),
		By: person{Kind: en.By.Kind, Name: en.By.Name, Avatar: en.By.Avatar},
	}
	switch en.Kind {
	case bridge.Said, bridge.Edited:
		e.Kind = string(en.Kind)
		e.Text, e.HTML = rich.Plain(en.Body), rich.HTML(en.Body)
		if t := en.Rendition; t != nil && t.Body != nil {
			e.Original = &text{e.Text, e.HTML}
			e.Text, e.HTML, e.Language, e.From = rich.Plain(t.Body), rich.HTML(t.Body), t.To, t.From
		}
		for _, f := range en.Files {
			e.Files = append(e.Files, shownFile(f))
		}
		e.Choices = en.Choices()
	case bridge.Deleted:
		e.Kind = "deleted"
	case bridge.Changed:
		e.Kind, e.State = "state", string(en.State)
		e.Text, e.HTML = rich.Plain(en.Body), rich.HTML(en.Body)
	default: // noted, rated, and whatever a later version adds
		return entry{}, false
	}
	return e, true
}

func shownFile(f bridge.File) file {
	return file{ID: f.ID, Name: f.Name, Type: f.Type, Size: f.Size, Width: f.Width, Height: f.Height}
}

// instant is RFC 3339 in UTC with milliseconds.
func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }
