package discord

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// Discord names everything by a snowflake, which begins with the millisecond of its making (D:reference#snowflakes). A
// thread is a channel, and a message is named within its channel. The forms are stored:
//
//	ThreadRef   channel: a thread's id, a post's id, or the id of a channel itself
//	MessageRef  channel/message, and channel/message/f for a message that we posted with files

type messagePlace struct {
	channel string
	id      string
	files   bool
}

func parseThread(ref bridge.ThreadRef) (channel string, err error) {
	if !isID(string(ref)) {
		return "", fmt.Errorf("thread reference %q is not a Discord one", ref)
	}
	return string(ref), nil
}

// ThreadLink implements bridge.Linker.
func (a *Adapter) ThreadLink(t bridge.ThreadRef) string {
	channel, err := parseThread(t)
	if err != nil {
		return ""
	}
	return "https://discord.com/channels/" + a.cfg.Guild + "/" + channel
}

func makeMessage(channel, id string) bridge.MessageRef { return bridge.MessageRef(channel + "/" + id) }

func makePost(channel, id string, files bool) bridge.MessageRef {
	if files {
		return bridge.MessageRef(channel + "/" + id + "/f")
	}
	return makeMessage(channel, id)
}

func parseMessage(ref bridge.MessageRef) (messagePlace, error) {
	fields := strings.Split(string(ref), "/")
	if len(fields) < 2 || len(fields) > 3 || !isID(fields[0]) || !isID(fields[1]) || len(fields) == 3 && fields[2] != "f" {
		return messagePlace{}, fmt.Errorf("message reference %q is not a Discord one", ref)
	}
	return messagePlace{channel: fields[0], id: fields[1], files: len(fields) == 3}, nil
}

// Keys of happenings. An edit is known by the moment of the edit, so that an event and a thread read back agree, and
// what Discord itself changes of a message later changes nothing.
func saidKey(channel, id string) string         { return channel + "/" + id }
func editKey(channel, id, edited string) string { return channel + "/" + id + "/edit/" + edited }
func deletedKey(channel, id string) string      { return channel + "/" + id + "/deleted" }

// mark is the nonce of a part: 25 characters at most (D:resources/message#create-message), the same for ever.
func mark(key bridge.DeliveryKey) string {
	sum := sha256.Sum256([]byte(key))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:25]
}

// markURL is the address of an embed without a title: nobody sees it, and it comes back with the message.
func markURL(key bridge.DeliveryKey) string { return "https://skein.invalid/" + mark(key) }

func isID(s string) bool {
	return s != "" && len(s) <= 20 && s[0] != '0' && strings.Trim(s, "0123456789") == ""
}

// compareIDs orders two ids by age.
func compareIDs(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// epoch is the first millisecond of Discord's ids.
const epoch = 1420070400000

// timeOf returns the moment in an id; the zero Time when it is none.
func timeOf(id string) time.Time {
	n, err := strconv.ParseUint(id, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(int64(n>>22) + epoch).UTC()
}

// before returns an id that is older than whatever is made at t or later.
func before(t time.Time) string {
	ms := t.UnixMilli() - epoch
	if ms <= 0 {
		return "0"
	}
	return strconv.FormatUint(uint64(ms)<<22-1, 10)
}
