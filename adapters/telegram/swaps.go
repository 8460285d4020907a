package telegram

import (
	"sync"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// maxFiles bounds what is remembered; each half of it is forgotten at once.
const maxFiles = 20_000

// files remembers which file a recent message of a visitor has, by the name that Telegram keeps for it (T:photosize): an
// edit does not say whether it has put another in its place. Safe for concurrent use.
type files struct {
	mu         sync.Mutex
	young, old map[bridge.MessageRef]string
}

func (f *files) keep(m bridge.MessageRef, name string) {
	if name == "" {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.young == nil || len(f.young) >= maxFiles/2 {
		f.old, f.young = f.young, map[bridge.MessageRef]string{}
	}
	f.young[m] = name
}

// swapped reports whether the message had another file before.
func (f *files) swapped(m bridge.MessageRef, name string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	had, ok := f.young[m]
	if !ok {
		had = f.old[m]
	}
	return name != "" && had != "" && had != name
}

// instead is the line that shows agents the file which an edit has put in the place of another. The copies of a message
// in the agents' chats keep the files that they were posted with.
func instead(edit bridge.Inbound, files []bridge.FileRef) bridge.Inbound {
	in := edit
	in.Kind, in.Key = bridge.InSaid, edit.Key+"/file"
	in.Body, in.Files = rich.Of("(This file has taken the place of the one in an earlier message.)"), files
	return in
}
