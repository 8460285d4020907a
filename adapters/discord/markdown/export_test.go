package markdown

import "github.com/skeindesk/skein/bridge/rich"

// Reduced is what Discord can hold of doc, which the writer writes.
func Reduced(w Writer, doc rich.Doc) rich.Doc { return w.reduced(doc) }
