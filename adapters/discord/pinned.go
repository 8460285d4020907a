package discord

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/skeindesk/skein/adapters/intake"
	"github.com/skeindesk/skein/bridge"
)

// The pinned list is one message of ours in the desk's channel, or the first message of a post in a forum: what is open,
// for everybody who looks. It is made once, found again after a restart, and changed in place.

const (
	listMark  = "https://skein.invalid/list" // of its embed: nobody sees it
	listTitle = "Conversations"              // of a forum's post
	// listPolls is after how many pauses to look although nothing has happened here: a conversation may be in another
	// chat only.
	listPolls = 6
	// lookBack is among how many messages one is looked for that was posted but not pinned.
	lookBack = 50

	pinnedPost = 1 << 1 // D:resources/channel#channel-object-channel-flags
)

// What a pin is refused with for good (D:topics/opcodes-and-status-codes#json).
const (
	tooManyPins        = 30003
	tooManyPinnedPosts = 30047
	tagRequired        = 40067
)

// pinned is what is known of the list.
type pinned struct {
	place messagePlace // empty: not known
	shown string
}

// keepList keeps the pinned list up to date until ctx ends: soon after something has happened, never more often than
// Config.ListPause.
func (r *receiver) keepList(ctx context.Context) {
	var p pinned
	for ctx.Err() == nil {
		if err := r.updateList(ctx, &p); err != nil && ctx.Err() == nil {
			r.log.Info("the pinned list could not be brought up to date", "error", failure("pinned list", err))
		}
		intake.Pause(ctx, r.cfg.ListPause)
		poll := time.NewTimer((listPolls - 1) * r.cfg.ListPause)
		select {
		case <-r.news:
		case <-poll.C:
		case <-ctx.Done():
		}
		poll.Stop()
	}
}

func (r *receiver) updateList(ctx context.Context, p *pinned) error {
	if r.unpinned.Load() {
		return nil
	}
	l, err := r.sink.Lists(ctx, r.cfg.Name)
	if err != nil {
		return err
	}
	text := listText(l, r.cfg.Name)
	if text == p.shown {
		return nil
	}
	d, err := r.deskInfo(ctx)
	if err != nil {
		return err
	}
	content := outgoing{
		Content: text, Components: r.tabs(l), Mentions: noMentions(),
		Embeds: []embed{{URL: listMark, Color: grey, Author: &embedAuthor{Name: "Skein keeps this list up to date"}}},
	}
	if p.place.id == "" {
		found, err := r.findList(ctx, d)
		if err != nil {
			return err
		}
		p.place = found
	}
	if p.place.id == "" {
		var place messagePlace
		if place, err = r.pinList(ctx, d, content); err == nil {
			p.place = place
		}
	} else {
		err = r.editList(ctx, p.place, content)
	}
	switch {
	case isCode(err, unknownMessage, unknownChannel):
		*p = pinned{} // somebody deleted it
		return nil
	case err == nil && p.place.id != "":
		p.shown = text
	}
	return err
}

func (r *receiver) editList(ctx context.Context, place messagePlace, content outgoing) error {
	edit := func() error { return r.call(ctx, http.MethodPatch, messagePath(place), content, nil) }
	err := edit()
	if isCode(err, threadArchived) {
		if err = r.patchThread(ctx, place.channel, map[string]any{"archived": false}); err == nil {
			err = edit()
		}
	}
	return err
}

// findList looks for the list of an earlier run; the empty place: there is none.
func (r *receiver) findList(ctx context.Context, d *desk) (messagePlace, error) {
	if d.forum {
		return r.findListPost(ctx, d)
	}
	path := "/channels/" + r.cfg.Channel + "/messages"
	var pins struct {
		Items list[struct {
			Message lenient[message] `json:"message"`
		}] `json:"items"`
	}
	if err := r.call(ctx, http.MethodGet, path+"/pins", nil, &pins); err != nil {
		return messagePlace{}, err
	}
	for _, item := range pins.Items.V {
		if m := item.V.Message.V; r.isList(&m) {
			return messagePlace{channel: r.cfg.Channel, id: string(m.ID)}, nil
		}
	}
	var latest []lenient[message]
	if err := r.call(ctx, http.MethodGet, path+"?limit="+strconv.Itoa(lookBack), nil, &latest); err != nil {
		return messagePlace{}, err
	}
	for _, m := range latest {
		if r.isList(&m.V) {
			place := messagePlace{channel: r.cfg.Channel, id: string(m.V.ID)}
			return place, r.pin(ctx, d, place)
		}
	}
	return messagePlace{}, nil
}

func (r *receiver) findListPost(ctx context.Context, d *desk) (messagePlace, error) {
	threads, err := r.activeThreads(ctx)
	if err != nil {
		return messagePlace{}, err
	}
	var archived struct {
		Threads list[channel] `json:"threads"`
	}
	if err := r.call(ctx, http.MethodGet, "/channels/"+r.cfg.Channel+"/threads/archived/public?limit="+strconv.Itoa(lookBack), nil, &archived); err != nil {
		return messagePlace{}, err
	}
	for _, t := range archived.Threads.V {
		threads = append(threads, t.V)
	}
	for _, t := range threads {
		if string(t.Owner) != r.me.user || t.Flags.V&pinnedPost == 0 && t.Name != listTitle {
			continue
		}
		place := messagePlace{channel: string(t.ID), id: string(t.ID)}
		var m message
		err := r.call(ctx, http.MethodGet, messagePath(place), nil, &m)
		if err != nil && !isCode(err, unknownMessage, unknownChannel) {
			return messagePlace{}, err
		}
		if err == nil && r.isList(&m) {
			if t.Flags.V&pinnedPost == 0 {
				err = r.pin(ctx, d, place)
			}
			return place, err
		}
	}
	return messagePlace{}, nil
}

func (r *receiver) isList(m *message) bool {
	return r.me.wrote(m) && slices.ContainsFunc(m.Embeds.V, func(e lenient[readEmbed]) bool { return e.V.URL == listMark })
}

// pinList posts the list and pins it. One that Discord refuses to pin is taken back: it would soon be out of sight. Of one
// whose fate is unknown, findList finds out.
func (r *receiver) pinList(ctx context.Context, d *desk, content outgoing) (messagePlace, error) {
	place, err := r.postList(ctx, d, content)
	if err == nil {
		err = r.pin(ctx, d, place)
	}
	if place.id == "" || !isCode(err, missingPermissions, missingAccess, tooManyPins, tooManyPinnedPosts) {
		return place, err
	}
	r.unpinned.Store(true)
	r.log.Info("the list is not pinned: Discord does not let the bot pin it", "error", failure("pin", err))
	path := messagePath(place)
	if d.forum {
		path = "/channels/" + place.channel
	}
	if err := r.call(ctx, http.MethodDelete, path, nil, nil); err != nil {
		r.log.Warn("a list that is not pinned could not be taken back", "error", failure("delete", err))
	}
	return messagePlace{}, nil
}

func (r *receiver) postList(ctx context.Context, d *desk, content outgoing) (messagePlace, error) {
	if !d.forum {
		sent, f := r.create(ctx, r.cfg.Channel, content, nil)
		if f != nil {
			return messagePlace{}, f
		}
		return parseMessage(sent.Message)
	}
	body := map[string]any{"name": listTitle, "auto_archive_duration": autoArchive, "message": content}
	var answer channel
	post := func() error {
		return r.call(ctx, http.MethodPost, "/channels/"+r.cfg.Channel+"/threads", body, &answer)
	}
	err := post()
	if tags := d.tagsFor(bridge.StateUnassigned); isCode(err, tagRequired) && len(tags) > 0 {
		body["applied_tags"] = tags
		err = post()
	}
	if err == nil && answer.ID == "" {
		err = errNoAnswer
	}
	r.ours.add(string(answer.ID))
	return messagePlace{channel: string(answer.ID), id: string(answer.ID)}, err
}

func (r *receiver) pin(ctx context.Context, d *desk, place messagePlace) error {
	if d.forum {
		return r.patchThread(ctx, place.channel, map[string]any{"flags": pinnedPost})
	}
	return r.call(ctx, http.MethodPut, "/channels/"+place.channel+"/messages/pins/"+place.id, nil, nil)
}

// happened says that the list may have changed.
func (a *Adapter) happened() { signal(a.news) }
