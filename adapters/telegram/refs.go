package telegram

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// Telegram names a message by its chat and its number there. The forms are stored:
//
//	ThreadRef   chat, and chat/topic where the person has topics in the chat with the bot
//	MessageRef  chat/message, and chat/message/m for a message of ours that is a file: its text is a caption, which
//	            is changed by another call
//
// Ids have up to 52 bits and may be negative (T:chat).

// place is where messages go.
type place struct {
	chat  int64
	topic int64 // 0: none
}

func (p place) thread() bridge.ThreadRef {
	ref := strconv.FormatInt(p.chat, 10)
	if p.topic != 0 {
		ref += "/" + strconv.FormatInt(p.topic, 10)
	}
	return bridge.ThreadRef(ref)
}

func parseThread(ref bridge.ThreadRef) (place, error) {
	chat, topic, more := strings.Cut(string(ref), "/")
	var p place
	var err1, err2 error
	p.chat, err1 = strconv.ParseInt(chat, 10, 64)
	if more {
		p.topic, err2 = strconv.ParseInt(topic, 10, 64)
	}
	if err1 != nil || err2 != nil || p.chat == 0 || more && p.topic <= 0 {
		return place{}, fmt.Errorf("thread reference %q is not a Telegram one", ref)
	}
	return p, nil
}

// spot is one message.
type spot struct {
	chat    int64
	message int64
	media   bool
}

func (s spot) ref() bridge.MessageRef {
	ref := fmt.Sprintf("%d/%d", s.chat, s.message)
	if s.media {
		ref += "/m"
	}
	return bridge.MessageRef(ref)
}

func parseMessage(ref bridge.MessageRef) (spot, error) {
	bare, media := strings.CutSuffix(string(ref), "/m")
	chat, message, _ := strings.Cut(bare, "/")
	s := spot{media: media}
	var err1, err2 error
	s.chat, err1 = strconv.ParseInt(chat, 10, 64)
	s.message, err2 = strconv.ParseInt(message, 10, 64)
	if err1 != nil || err2 != nil || s.chat == 0 || s.message <= 0 {
		return spot{}, fmt.Errorf("message reference %q is not a Telegram one", ref)
	}
	return s, nil
}

// saidKey and editKey name happenings for the log. Two edits within a second have the same date: what they left tells
// them apart.
func saidKey(chat, message int64) string { return fmt.Sprintf("%d/%d", chat, message) }

func editKey(chat, message, date int64, sum uint32) string {
	return fmt.Sprintf("%d/%d/edit/%d-%08x", chat, message, date, sum)
}

// moves remembers which chats have got another id: a group's changes when it becomes a supergroup
// (T:responseparameters). It is learnt anew from Telegram after a restart.
type moves struct {
	mu sync.Mutex
	to map[int64]int64
}

func (m *moves) learn(from, to int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.to == nil {
		m.to = map[int64]int64{}
	}
	m.to[from] = to
}

func (m *moves) now(chat int64) int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	if to, ok := m.to[chat]; ok {
		return to
	}
	return chat
}

func timeOf(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }
