package bridge

import "time"

// Undelivered is a line that did not arrive somewhere and of which nobody has said what is to become of it.
type Undelivered struct {
	Conversation ConversationID
	Visitor      string // their name; may be empty
	Endpoint     EndpointName
	Rest         string // what follows retry and drop to mean this one
	By           string
	Text         string // the line as it stands now, without formatting
	Why          string // a sentence for people
	At           time.Time
}

// UndeliveredPlace is where a list of them goes on; the zero UndeliveredPlace: at the latest.
type UndeliveredPlace struct {
	At           time.Time
	Conversation ConversationID
	Endpoint     EndpointName
	Seq, Part    int64
}
