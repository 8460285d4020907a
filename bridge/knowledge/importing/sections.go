package importing

import (
	"slices"
	"strings"

	"github.com/skeindesk/skein/bridge/knowledge"
	"github.com/skeindesk/skein/bridge/rich"
)

// A block is one of a file, in the order of reading.
type block struct {
	node  rich.Node
	line  int    // 0: unknown
	level int    // of a heading that may begin an article; 0: it is none
	id    string // of a heading that has one
	lang  string
}

// about is what a file says about itself.
type about struct{ title, language, id string }

// sections makes articles of blocks: each heading of the chosen level begins one, one above it ends it. What stands before is
// an article of its own, under the heading above, or the file's title.
func (in *intake) sections(blocks []block, file about) {
	blocks = slices.DeleteFunc(blocks, func(b block) bool { return rich.IsEmpty(rich.Doc{b.node}) })
	begin := 0
	for i := 1; i <= len(blocks); i++ {
		if i == len(blocks) || in.Level > 0 && blocks[i].level > 0 && blocks[i].level <= in.Level {
			in.section(blocks[begin:i], file)
			begin = i
		}
	}
}

// section makes an article of the blocks from one heading to the next.
func (in *intake) section(blocks []block, file about) {
	if len(blocks) == 0 {
		return
	}
	first := blocks[0]
	a := knowledge.Article{Title: file.title, Language: file.language}
	chosen := first.level > 0 && first.level == in.Level
	if first.level > 0 && (in.Level > 0 || file.title == "" || first.level == 1) {
		a.Title, a.ID, blocks = text(first.node), first.id, blocks[1:]
		if first.lang != "" {
			a.Language = first.lang
		}
	}
	if in.Level == 0 && file.id != "" {
		a.ID = file.id
	}
	for _, b := range blocks {
		a.Body = append(a.Body, b.node)
	}
	a.Questions, a.Body = questions(rich.Normal(a.Body))
	if rich.IsEmpty(a.Body) && len(a.Questions) == 0 && !chosen && in.Level > 0 {
		return // a heading above, with nothing but articles under it
	}
	in.add(first.line, a)
}

// questions takes the lines off the beginning of a body that say how else one might ask: those that begin with "Q:".
func questions(body rich.Doc) (asked []string, rest rich.Doc) {
	for len(body) > 0 && body[0].Kind == rich.Paragraph {
		lines := strings.Split(rich.Plain(body[:1]), "\n")
		for _, line := range lines {
			question, is := strings.CutPrefix(line, "Q:")
			if !is {
				return asked, body
			}
			asked = append(asked, oneLine(question))
		}
		body = body[1:]
	}
	return asked, body
}

// text is what can be read of a node, on one line.
func text(n rich.Node) string { return oneLine(rich.Plain(rich.Doc{n})) }

// trimmed takes the spaces from the beginnings and ends of lines, in the place of the nodes.
func trimmed(nodes []rich.Node) []rich.Node {
	t := trimmer{begins: true}
	t.walk(nodes)
	t.end()
	return nodes
}

type trimmer struct {
	begins bool    // nothing of the line has been seen
	last   *string // the text that the line ends with so far
}

func (t *trimmer) walk(nodes []rich.Node) {
	for i := range nodes {
		n := &nodes[i]
		switch n.Kind {
		case rich.Text:
			if t.begins || t.last != nil && strings.HasSuffix(*t.last, " ") {
				n.Text = strings.TrimLeft(n.Text, " \t\n")
			}
			if n.Text != "" {
				t.begins, t.last = false, &n.Text
			}
		case rich.Break:
			t.end()
		case rich.Code:
			t.begins, t.last = false, nil
		}
		t.walk(n.Children)
	}
}

// end is the end of a line.
func (t *trimmer) end() {
	if t.last != nil {
		*t.last = strings.TrimRight(*t.last, " \t\n")
	}
	t.begins, t.last = true, nil
}
