package discord

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"github.com/skeindesk/skein/bridge"
)

// autoArchive is the longest there is, in minutes: a thread that is open is to be seen (D:resources/channel).
const autoArchive = 10080

// open posts the card and makes its thread, or makes the post of a forum that begins with it.
func (a *Adapter) open(ctx context.Context, p bridge.Part, content post) (bridge.Sent, *bridge.Failure) {
	d, err := a.deskInfo(ctx)
	if err != nil {
		return bridge.Sent{}, surely(failure("get channel", err))
	}
	if d.forum {
		return a.openPost(ctx, d, p, content)
	}
	sent, f := a.create(ctx, a.cfg.Channel, content.marked(p.Key), nil)
	if f != nil {
		return bridge.Sent{}, deskFailure(f)
	}
	opened, f := a.startThread(ctx, sent.Message, content.Title)
	if f != nil && f.Verdict != bridge.Unsure {
		// The thread will certainly not come, and another attempt may be long after the nonce is forgotten.
		if _, left := a.remove(context.WithoutCancel(ctx), bridge.Part{Message: sent.Message}); left != nil {
			a.log.Warn("a card without a thread could not be taken back", "error", left)
		}
	}
	return opened, f
}

// startThread makes the thread of a message. That it exists is what was wanted: a message has one at most, with the
// message's own id.
func (a *Adapter) startThread(ctx context.Context, m bridge.MessageRef, title string) (bridge.Sent, *bridge.Failure) {
	place, err := parseMessage(m)
	if err != nil {
		return bridge.Sent{}, badPart(err)
	}
	start := func() error {
		return a.call(ctx, http.MethodPost, messagePath(place)+"/threads",
			map[string]any{"name": title, "auto_archive_duration": autoArchive}, nil)
	}
	err = start()
	if isCode(err, tooManyThreads) && a.makeRoom(ctx) {
		err = start()
	}
	if isCode(err, unknownMessage) { // deleted meanwhile, or still named for its nonce, which is forgotten in minutes
		return bridge.Sent{}, &bridge.Failure{
			Verdict: bridge.Wait, After: operatorPause, Public: "The card was deleted in Discord.", Err: err,
		}
	}
	if err != nil && !isCode(err, threadExists) {
		return bridge.Sent{}, deskFailure(failure("start thread", err))
	}
	return bridge.Sent{Message: m, Thread: bridge.ThreadRef(place.id)}, nil
}

// openPost makes a post of a forum. It has no nonce: whoever is in doubt asks Find.
func (a *Adapter) openPost(ctx context.Context, d *desk, p bridge.Part, content post) (bridge.Sent, *bridge.Failure) {
	m := content.marked(p.Key)
	m.Nonce, m.EnforceNonce = "", false
	body := map[string]any{"name": content.Title, "auto_archive_duration": autoArchive, "message": m}
	if tags := d.tagsFor(content.State); len(tags) > 0 {
		body["applied_tags"] = tags
	}
	var answer channel
	start := func() error {
		return a.call(ctx, http.MethodPost, "/channels/"+a.cfg.Channel+"/threads", body, &answer)
	}
	err := start()
	if isCode(err, tooManyThreads) && a.makeRoom(ctx) {
		err = start()
	}
	if err == nil && answer.ID == "" {
		err = errNoAnswer
	}
	if err != nil {
		return bridge.Sent{}, deskFailure(failure("start thread in forum", err))
	}
	a.ours.add(string(answer.ID))
	return postOpened(string(answer.ID)), nil
}

// postOpened names a forum's post: its first message has its own id.
func postOpened(id string) bridge.Sent {
	return bridge.Sent{Message: makeMessage(id, id), Thread: bridge.ThreadRef(id)}
}

// deskFailure says of a missing channel that it is ours to have: another thread would not help.
func deskFailure(f *bridge.Failure) *bridge.Failure {
	if f.Verdict != bridge.Reopen {
		return f
	}
	refused := refusal(adviseChannel)
	refused.Err = f.Err
	return &refused
}

// roomFor is how many threads are archived at a time when a server has no room for more.
const roomFor = 10

// makeRoom archives those of our threads in which nobody has written for longest; writing there wakes them again. It
// reports whether there is room now.
func (a *Adapter) makeRoom(ctx context.Context) bool {
	threads, err := a.activeThreads(ctx)
	if err != nil {
		a.log.Warn("threads could not be listed to make room", "error", failure("list threads", err))
		return false
	}
	slices.SortFunc(threads, func(x, y channel) int {
		return compareIDs(cmp.Or(string(x.Last), string(x.ID)), cmp.Or(string(y.Last), string(y.ID)))
	})
	made := false
	for _, t := range threads[:min(len(threads), roomFor)] {
		err := a.patchThread(ctx, string(t.ID), map[string]any{"archived": true})
		made = made || err == nil
	}
	a.log.Warn("the server has no room for another thread; the quietest were archived", "threads", min(len(threads), roomFor))
	return made
}

// activeThreads lists our threads in the desk that are not archived.
func (a *Adapter) activeThreads(ctx context.Context) ([]channel, error) {
	me, err := a.whoAmI(ctx)
	if err != nil {
		return nil, err
	}
	threads, err := a.threadsOf(ctx, a.cfg.Channel)
	return slices.DeleteFunc(threads, func(t channel) bool { return string(t.Owner) != me.user }), err
}

// threadsOf lists the threads of a channel that are not archived.
func (a *Adapter) threadsOf(ctx context.Context, parent string) ([]channel, error) {
	var answer struct {
		Threads list[channel] `json:"threads"`
	}
	if err := a.call(ctx, http.MethodGet, "/guilds/"+a.cfg.Guild+"/threads/active", nil, &answer); err != nil {
		return nil, err
	}
	var threads []channel
	for _, t := range answer.Threads.V {
		if string(t.V.Parent) == parent && t.V.ID != "" {
			threads = append(threads, t.V)
		}
	}
	return threads, nil
}
