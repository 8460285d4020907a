package main

import (
	"context"
	"testing"
	"time"
)

// A front is a platform on which visitors write.
type front interface {
	endpoint() string
	// newcomer is somebody who has not written yet. The daemon need not run.
	newcomer(name string) visitor
	// setDown makes the platform refuse everything; nothing where there is none besides the daemon.
	setDown(down bool)
}

// A visitor is one person at a front, as the person uses it. Texts are in a notation of the tests: <b>…</b> and
// <code>…</code> is what a platform shows bold and as code. Where people cannot write so, it is what they type.
type visitor interface {
	// arrive opens whatever must be open before the first line; without it the first line does.
	arrive()
	// say returns when the message is on its way for good: on the website when it has been acknowledged.
	say(text string, files ...attachment) (id string)
	answer(to, text string) (id string)
	edit(id, text string)
	can() abilities
	// shown is what the visitor sees, own lines included, in order; reread is that after coming back.
	shown() []line
	reread() []line
	// confirmed reports whether the daemon has acknowledged everything that was said so far.
	confirmed() bool
	// fail lets what is sent to the visitor go wrong; nil where nothing is sent.
	fail(t trouble) standing
}

// trouble is what goes wrong when a line is put into a place.
type trouble struct {
	thread  string        // only there; "" anywhere
	opening bool          // only where a thread is opened
	card    bool          // with opening: only what makes a thread of the card, where that is a call of its own
	times   int           // 0: no bound
	lasts   time.Duration // 0: for ever
	act     bool          // it is carried out first
	hang    bool          // no answer
	cut     bool          // half an answer
	status  int
	wait    time.Duration // with 429
	html    bool          // with 429: a page instead of JSON
}

// standing is trouble that has begun.
type standing interface {
	// Await waits until it was met n times.
	Await(ctx context.Context, n int) error
	Clear()
}

// check reports what a simulated platform refuses a person. Unlike must it may be called by any goroutine.
func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

// abilities are what people can do on a platform; what they cannot do there is not expected of us.
type abilities struct {
	format, edit, answer bool
	points               bool // it is shown which line another answers
	unasked              bool // nobody can ask there what became of a line that was sent
	longest              int  // characters that a person can send at once
}

// attachment is a file that somebody attaches.
type attachment struct {
	name string
	data []byte
}

// line is one message as a person sees it.
type line struct {
	id      string
	by      string // as the platform names the speaker; at a front "visitor" or "team"
	text    string
	files   []string // name and size
	answers string   // the text of the message that it answers
	again   bool     // of one that is wanted: it may be there more than once
}

// until waits until ok holds. What a test waits for may be on several platforms at once, so that it looks again and again.
func until(ctx context.Context, ok func() bool) bool {
	tick := time.NewTicker(15 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-ctx.Done():
			return ok()
		case <-tick.C:
		}
	}
	return true
}
