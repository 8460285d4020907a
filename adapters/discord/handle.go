package discord

import "strings"

// handle is what a button or a form of ours means. It is kept in the custom_id, which comes back from outside: the desk
// decides anew whether the person may.
//
//	skein:WORD               a button, its conversation being that of the place
//	skein:WORD:REST          with what follows the word
//	skein/THREAD/MESSAGE:…   about another thread than the place, about a message there; each may be empty
type handle struct {
	word, rest      string
	thread, message id
}

const (
	handlePrefix = "skein"
	maxHandle    = 100 // D:components/reference#anatomy-of-a-component
)

// String is the custom_id; empty when there is no room for it.
func (h handle) String() string {
	s := handlePrefix
	if h.thread != "" || h.message != "" {
		s += "/" + string(h.thread) + "/" + string(h.message)
	}
	s += ":" + h.word
	if h.rest != "" {
		s += ":" + h.rest
	}
	if len(s) > maxHandle {
		return ""
	}
	return s
}

// readHandle reads a custom_id; ok is false when it is not one of ours.
func readHandle(s string) (h handle, ok bool) {
	place, rest, _ := strings.Cut(s, ":")
	h.word, h.rest, _ = strings.Cut(rest, ":")
	if h.word == "" {
		return handle{}, false
	}
	if place == handlePrefix {
		return h, true
	}
	fields := strings.Split(place, "/")
	if len(fields) != 3 || fields[0] != handlePrefix {
		return handle{}, false
	}
	h.thread, h.message = id(fields[1]), id(fields[2])
	for _, one := range fields[1:] {
		if one != "" && !isID(one) {
			return handle{}, false
		}
	}
	return h, true
}
