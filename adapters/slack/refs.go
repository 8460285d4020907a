package slack

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// Slack names a message by its channel and its ts, a decimal number of seconds that is unique in the channel
// (S:messaging/retrieving-messages). A thread is named by its first message. The forms are stored:
//
//	ThreadRef   channel/ts
//	MessageRef  channel/ts, and channel/ts/file,file for a message that we posted with files. The ids are there
//	            because deleting such a message does not delete its files. ts is empty as long as it is unknown.

type messagePlace struct {
	channel string
	ts      string
	files   []string
}

func makeThread(channel, ts string) bridge.ThreadRef { return bridge.ThreadRef(channel + "/" + ts) }

func parseThread(ref bridge.ThreadRef) (channel, ts string, err error) {
	channel, ts, ok := strings.Cut(string(ref), "/")
	if !ok || channel == "" || !validTS(ts) {
		return "", "", fmt.Errorf("thread reference %q is not a Slack one", ref)
	}
	return channel, ts, nil
}

// ThreadLink implements bridge.Linker: a permalink, which opens the thread (S:messaging/retrieving-messages#permalinking).
func (a *Adapter) ThreadLink(t bridge.ThreadRef) string {
	channel, ts, err := parseThread(t)
	me := a.me.Load()
	if err != nil || me == nil || me.site == "" {
		return ""
	}
	return strings.TrimSuffix(me.site, "/") + "/archives/" + channel + "/p" + strings.Replace(ts, ".", "", 1) +
		"?thread_ts=" + ts + "&cid=" + channel
}

func makeMessage(channel, ts string, files ...string) bridge.MessageRef {
	ref := channel + "/" + ts
	if len(files) > 0 {
		ref += "/" + strings.Join(files, ",")
	}
	return bridge.MessageRef(ref)
}

func parseMessage(ref bridge.MessageRef) (messagePlace, error) {
	fields := strings.Split(string(ref), "/")
	p := messagePlace{channel: fields[0]}
	if len(fields) > 1 {
		p.ts = fields[1]
	}
	if len(fields) == 3 {
		p.files = strings.Split(fields[2], ",")
	}
	named := validTS(p.ts) || p.ts == "" && len(p.files) > 0
	if len(fields) < 2 || len(fields) > 3 || p.channel == "" || !named || len(fields) == 3 && fields[2] == "" {
		return messagePlace{}, fmt.Errorf("message reference %q is not a Slack one", ref)
	}
	return p, nil
}

// Keys of happenings. An edit is known by the moment of the edit, so that an event and a thread read back agree.
func saidKey(channel, ts string) string         { return channel + "/" + ts }
func editKey(channel, ts, edited string) string { return channel + "/" + ts + "/edit/" + edited }
func deletedKey(channel, ts string) string      { return channel + "/" + ts + "/deleted" }
func withdrawnKey(channel, ts, file string) string {
	return channel + "/" + ts + "/file/" + file + "/deleted"
}

func validTS(ts string) bool {
	seconds, micros, ok := strings.Cut(ts, ".")
	return ok && seconds != "" && len(seconds) <= 12 && len(micros) == 6 && digits(seconds) && digits(micros)
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// compareTS orders two valid timestamps.
func compareTS(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// timeOf returns the moment that ts names; the zero Time when it names none.
func timeOf(ts string) time.Time {
	if !validTS(ts) {
		return time.Time{}
	}
	seconds, micros, _ := strings.Cut(ts, ".")
	s, _ := strconv.ParseInt(seconds, 10, 64) // at most twelve digits
	m, _ := strconv.ParseInt(micros, 10, 64)
	return time.Unix(s, m*1000).UTC()
}

// tsOf returns the earliest ts that is not before t.
func tsOf(t time.Time) string {
	micros := max(0, t.UnixNano()+999) / 1000
	return fmt.Sprintf("%d.%06d", micros/1_000_000, micros%1_000_000)
}
