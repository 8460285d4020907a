package telegram

import (
	"sync"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// An album is several messages that Telegram shows as one, each with a file, one of them with a caption. They come as
// separate updates with a common media_group_id and nothing that says which is the last (T:message). For us they are
// one line, known by the first of them.

// maxAlbums is how many albums are remembered.
const maxAlbums = 1000

// albums remembers which lines albums have become, so that an edit of any item finds its line. What is forgotten, or
// was before a restart, is found by the first item only.
type albums struct {
	mu    sync.Mutex
	known map[string]*album // by queue and media_group_id
	order []string
}

type album struct {
	first bridge.MessageRef
	items []int64
	words map[int64]rich.Doc // captions by message
}

func (as *albums) remember(group []happening) {
	as.mu.Lock()
	defer as.mu.Unlock()
	name := group[0].queue + "/" + group[0].album
	if as.known == nil {
		as.known = map[string]*album{}
	}
	if as.known[name] != nil { // a late item is a line of its own
		return
	}
	al := &album{first: group[0].in.Message, words: map[int64]rich.Doc{}}
	for _, h := range group {
		al.items = append(al.items, h.item)
		al.words[h.item] = h.in.Body
	}
	as.known[name] = al
	if as.order = append(as.order, name); len(as.order) > maxAlbums {
		delete(as.known, as.order[0])
		as.order = as.order[1:]
	}
}

// edit makes of the edit of an item the edit of its line.
func (as *albums) edit(h happening) bridge.Inbound {
	as.mu.Lock()
	defer as.mu.Unlock()
	al := as.known[h.queue+"/"+h.album]
	if al == nil {
		return h.in
	}
	if _, of := al.words[h.item]; !of {
		return h.in
	}
	al.words[h.item] = h.in.Body
	in := h.in
	in.Target, in.Body = al.first, al.body()
	return in
}

func (al *album) body() rich.Doc {
	var body rich.Doc
	for _, id := range al.items {
		body = append(body, al.words[id]...)
	}
	return body
}

// together makes one line of the items of an album. Album says what it was made of.
func together(group []happening) happening {
	whole := group[0]
	if len(group) == 1 {
		return whole
	}
	whole.in.Files, whole.in.Body, whole.in.Target = nil, nil, ""
	for _, h := range group {
		whole.in.Files = append(whole.in.Files, h.in.Files...)
		whole.in.Body = append(whole.in.Body, h.in.Body...)
		whole.in.Album = append(whole.in.Album, h.in)
		if whole.in.Target == "" {
			whole.in.Target, whole.in.TargetAt = h.in.Target, h.in.TargetAt
		}
		if whole.notice == "" {
			whole.notice = h.notice
		}
	}
	return whole
}
