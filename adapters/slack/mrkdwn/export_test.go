package mrkdwn

import "github.com/skeindesk/skein/bridge/rich"

// Reduced is what is left of doc in one of Slack's two forms.
func Reduced(w Writer, doc rich.Doc, text bool) rich.Doc {
	return reducer{userID: w.UserID, text: text}.doc(doc)
}
