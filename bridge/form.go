package bridge

// Form is what an agent is asked to fill in before a word is carried out. The platform shows it as it can (a modal) and
// gives the word again with the Fields, in the same thread, about the same message.
type Form struct {
	Word   string  // what it is submitted as
	Rest   string  // what is to follow the word again, at most 40 bytes; people do not see it
	Title  string  // at most 24 characters
	Submit string  // the button, at most 24 characters
	Intro  string  // may be empty
	Fields []Field // at most five
}

// Field is one thing to fill in. Its Name is a short identifier.
type Field struct {
	Name     string
	Label    string // at most 45 characters
	Hint     string // shown while it is empty
	Kind     FieldKind
	Value    string   // what stands there to begin with
	Choices  []Choice // FieldChoice: all there are; FieldSearch: the first, for platforms that cannot ask while one types
	Optional bool
}

// FieldKind says how a field is filled in.
type FieldKind string

const (
	FieldLine   FieldKind = "line"
	FieldText   FieldKind = "text"   // of several lines
	FieldChoice FieldKind = "choice" // one of Choices
	FieldSearch FieldKind = "search" // one of those that Sink.Suggest has while one types
)

// Choice is one of several. People see the label, and the detail beside it where there is room.
type Choice struct {
	Value  string // at most 75 bytes
	Label  string
	Detail string
}

// ConversationField is the name of the field that says which conversation a word is about that was not given in its thread.
const ConversationField = "conversation"
