package bridge

import "github.com/skeindesk/skein/bridge/search"

// SearchQuery says what to look for, and where to go on.
type SearchQuery struct {
	// Text is what somebody has typed, whatever that is; see search.Parse. It is looked for in what is known of the visitor,
	// their name, addresses and attributes, in tags, and in what was said and noted as it stands now. One without words finds
	// nothing.
	Text  string
	Among ConversationQuery // what else is asked of the conversations; its order, place and limit do not count
	After int64             // the Next of the page before; 0: from the beginning
	Limit int               // MaxFound at most
}

// MaxFound is how many conversations a page of what was found has at most.
const MaxFound = 50

// SearchPage is a part of what was found, what was used latest first. A search takes no longer than a page may take: then the
// Found can be fewer than the limit, or none, though there is a Next.
type SearchPage struct {
	Found []Found
	Next  int64 // where it goes on; 0: there is no more
	// Cut tells that older conversations were not looked at, because that would have taken too long. More words would help.
	Cut bool
}

// Found is a conversation in which something was found, and where.
type Found struct {
	ConversationRow
	Where   FoundIn
	Line    int64 // Seq of the newest line that has it; 0: it is not in a line
	By      Speaker
	Private bool             // no visitor sees that line
	Snippet []search.Segment // of the text, with what was found marked
}

// FoundIn says in what kind of text something was found.
type FoundIn string

const (
	InLine      FoundIn = "line"
	InFile      FoundIn = "file" // its name
	InName      FoundIn = "name"
	InEmail     FoundIn = "email"
	InPhone     FoundIn = "phone"
	InAttribute FoundIn = "attribute"
	InTags      FoundIn = "tags"
	InNumber    FoundIn = "number" // the conversation's own
)
