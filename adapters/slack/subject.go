package slack

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"github.com/skeindesk/skein/bridge"
)

// subject is what a form, or a button outside of threads, is about. It travels through Slack, in private_metadata or in
// a block_id, and what comes back has come from outside.
type subject struct {
	Thread       bridge.ThreadRef  `json:"t,omitempty"`
	Conversation string            `json:"c,omitempty"` // where it was not given in a thread: what the form's field says
	Message      bridge.MessageRef `json:"m,omitempty"`
}

// valid reports whether it could be one of ours.
func (s subject) valid() bool {
	if s.Thread != "" {
		if _, _, err := parsePlace(s.Thread); err != nil {
			return false
		}
	}
	if s.Message != "" {
		if _, err := parseMessage(s.Message); err != nil {
			return false
		}
	}
	return len(s.Conversation) <= 20 && digits(s.Conversation)
}

const (
	blockPrefix = "skein"
	maxBlockID  = 255
)

// blockID carries the subject; n tells the blocks of a message apart. "" for no subject.
func (s subject) blockID(n int) string {
	if s == (subject{}) {
		return ""
	}
	raw, _ := json.Marshal(s) // strings
	id := blockPrefix + strconv.Itoa(n) + ":" + string(raw)
	if len(id) > maxBlockID {
		s.Message = ""
		return s.blockID(n)
	}
	return id
}

// subjectOf reads a block_id; ok is false where it holds no subject.
func subjectOf(blockID string) (s subject, ok bool) {
	head, raw, found := strings.Cut(blockID, ":")
	number, ours := strings.CutPrefix(head, blockPrefix)
	if !found || !ours || !digits(number) || json.Unmarshal([]byte(raw), &s) != nil || !s.valid() {
		return subject{}, false
	}
	return s, true
}

// errand is what a form is on: where it was asked for, and what it is submitted as. It is the form's private_metadata.
type errand struct {
	subject
	Word    string `json:"w"`
	Rest    string `json:"r,omitempty"`
	Form    int    `json:"n,omitempty"`  // how many forms have stood in the view before this one
	Channel string `json:"ch,omitempty"` // where the person is told what became of it; "" in the app's home
	Shown   string `json:"ts,omitempty"` // the thread there; "" in the channel
	Respond string `json:"u,omitempty"`  // the response_url that answers there instead, after a slash command
}

// maxMetadata is what Slack keeps with a view (S:reference/views/modal-views).
const maxMetadata = 3000

func (e errand) metadata() string {
	raw, _ := json.Marshal(e) // strings and numbers
	if len(raw) > maxMetadata && e.Respond != "" {
		e.Respond = ""
		return e.metadata()
	}
	return string(raw)
}

// errandOf reads what metadata has made; ok is false for anything else.
func errandOf(metadata string) (e errand, ok bool) {
	if len(metadata) > maxMetadata || json.Unmarshal([]byte(metadata), &e) != nil || !e.valid() ||
		e.Word == "" || strings.Contains(e.Channel, "/") || e.Shown != "" && !validTS(e.Shown) || e.Form < 0 {
		return errand{}, false
	}
	return e, true
}

// mayAnswer reports whether an address is one at which Slack takes answers: its own, or where its Web API is.
func (a *Adapter) mayAnswer(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.User != nil {
		return false
	}
	api, err := url.Parse(a.cfg.APIURL)
	if err == nil && u.Host == api.Host && u.Scheme == api.Scheme {
		return true
	}
	return u.Scheme == "https" && (u.Host == "hooks.slack.com" || u.Host == "hooks.slack-gov.com")
}
