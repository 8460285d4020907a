package mrkdwn

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge/rich"
)

// FromBlocks reads the JSON array of a message's blocks. ok is false when there is no rich_text block in it, or
// it is not such an array: then the message's text says what there is to say, and FromText reads it.
//
// Kinds this version does not know give the words they carry. Of blocks other than rich_text, those made of
// text (section, header, context, markdown) are read as well. names may be nil.
func FromBlocks(raw []byte, names Names) (doc rich.Doc, ok bool) {
	var blocks []element
	if err := json.Unmarshal(raw, &blocks); err != nil {
		return nil, false
	}
	r := blockReader{names: names}
	for i := range blocks {
		switch b := &blocks[i]; b.Type {
		case "rich_text":
			ok = true
			r.blocks(b.Elements)
		case "section", "header", "context", "markdown":
			r.leaveLists()
			r.doc = append(r.doc, FromText(b.Text, names)...)
		}
	}
	if !ok {
		return nil, false
	}
	return rich.Normal(r.doc), true
}

// A blockReader builds the tree in which lists are nested from the row of lists in which Slack writes them.
type blockReader struct {
	names Names
	doc   rich.Doc
	depth int // how many lists are open at the end of doc
}

func (r *blockReader) leaveLists() { r.depth = 0 }

func (r *blockReader) blocks(elements []element) {
	for i := range elements {
		e := &elements[i]
		if e.Type == "rich_text_list" {
			r.list(e)
			continue
		}
		r.leaveLists()
		switch e.Type {
		case "rich_text_quote":
			r.doc = append(r.doc, rich.Node{Kind: rich.Quote, Children: r.inlines(e.Elements)})
		case "rich_text_preformatted":
			r.doc = append(r.doc, rich.Node{Kind: rich.Pre, Text: r.literal(e.Elements), Info: e.Language})
		default:
			r.doc = append(r.doc, rich.Node{Kind: rich.Paragraph, Children: r.inlines([]element{*e})})
		}
	}
}

// list appends e to doc at its indent. Normal joins it to the list it continues.
func (r *blockReader) list(e *element) {
	list := rich.Node{Kind: rich.List, Ordered: e.Style.List == "ordered", Offset: e.Offset}
	for i := range e.Elements {
		list.Children = append(list.Children, rich.Node{Kind: rich.Item, Children: r.inlines(e.Elements[i : i+1])})
	}
	if len(list.Children) == 0 {
		return
	}
	indent := max(0, min(e.Indent, r.depth))
	at := (*[]rich.Node)(&r.doc)
	for range indent {
		open := &(*at)[len(*at)-1]
		at = &open.Children[len(open.Children)-1].Children
	}
	*at = append(*at, list)
	r.depth = indent + 1
}

func (r *blockReader) inlines(elements []element) []rich.Node {
	return rich.Inlines(r.spans(nil, elements))
}

func (r *blockReader) spans(out []rich.Span, elements []element) []rich.Span {
	for i := range elements {
		e := &elements[i]
		if len(e.Elements) > 0 {
			out = r.spans(out, e.Elements)
			continue
		}
		s := r.span(e)
		if s.Kind == rich.Text && e.Style.Code {
			s.Kind = rich.Code
		}
		s.Style = e.Style.of()
		out = append(out, s)
	}
	return out
}

func (r *blockReader) span(e *element) rich.Span {
	switch e.Type {
	case "user", "canvas_user_mention":
		return rich.Span{Kind: rich.Mention, Text: userName(r.names, e.UserID, ""), Info: e.UserID}
	case "emoji":
		return e.emoji()
	case "link":
		return textSpan(cmp.Or(e.Text, e.URL), e.URL)
	case "date":
		return textSpan(cmp.Or(e.Fallback, moment(e.Timestamp)), e.URL)
	case "channel":
		return textSpan("#"+channelName(r.names, e.ChannelID, ""), "")
	case "usergroup", "team":
		return textSpan("@"+unknownGroup, "")
	case "broadcast":
		return textSpan("@"+e.Range, "")
	case "color":
		return textSpan(e.Value, "")
	case "text":
		return textSpan(e.Text, "")
	}
	return textSpan(e.words(), "")
}

func textSpan(text, url string) rich.Span { return rich.Span{Kind: rich.Text, Text: text, URL: url} }

func (e *element) emoji() rich.Span {
	if shown, ok := emojiFromCode(e.Unicode); ok {
		return textSpan(shown, "")
	}
	if known, ok := emojis().byName[e.Name]; ok && e.SkinTone >= 2 && e.SkinTone <= 6 {
		return textSpan(known.withTone(e.SkinTone), "")
	}
	if shown, ok := EmojiText(e.Name); ok {
		return textSpan(shown, "")
	}
	if e.Name == "" {
		return textSpan("", "")
	}
	return rich.Span{Kind: rich.Emoji, Text: ":" + e.Name + ":"}
}

// moment says a time in a form that is true for every reader, whatever zone they are in.
func moment(seconds int64) string { return time.Unix(seconds, 0).UTC().Format("2006-01-02 15:04 UTC") }

// literal is what preformatted elements read as: Slack allows only text and links there.
func (r *blockReader) literal(elements []element) string {
	var b strings.Builder
	for _, s := range r.spans(nil, elements) {
		if s.Kind == rich.Mention {
			b.WriteByte('@')
		}
		b.WriteString(s.Text)
	}
	return b.String()
}
