package discord

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/skeindesk/skein/bridge"
)

// Kinds of channels (D:resources/channel#channel-object-channel-types).
const (
	textChannel  = 0
	newsChannel  = 5
	publicThread = 11
	forumChannel = 15
	mediaChannel = 16
)

// desk is what is known of the channel with the visitors' threads. It is not changed once made.
type desk struct {
	forum bool
	tags  []tag
}

// tagsFor are the forum's tags of a state, none where the forum has none for it.
func (d *desk) tagsFor(s bridge.State) []string {
	for _, t := range d.tags {
		if strings.EqualFold(t.Name, stateWord(s)) && t.ID != "" {
			return []string{t.ID}
		}
	}
	return []string{}
}

// deskInfo asks what the channel is, once.
func (a *Adapter) deskInfo(ctx context.Context) (*desk, error) {
	if d := a.desk.Load(); d != nil {
		return d, nil
	}
	return a.lookAtDesk(ctx)
}

// lookAtDesk asks what the channel is and gives a forum the tags that it lacks, if the bot may.
func (a *Adapter) lookAtDesk(ctx context.Context) (*desk, error) {
	var ch channel
	err := a.call(ctx, http.MethodGet, "/channels/"+a.cfg.Channel, nil, &ch)
	if isCode(err, unknownChannel) {
		f := refusal(adviseChannel)
		f.Err = err
		return nil, &f
	}
	if err != nil {
		return nil, err
	}
	d := &desk{}
	switch ch.Type.V {
	case textChannel, newsChannel:
	case forumChannel, mediaChannel:
		d.forum = true
		for _, t := range ch.Tags.V {
			d.tags = append(d.tags, t.V)
		}
		a.addTags(ctx, d)
	default:
		f := refusal(adviseKind)
		f.Err = errors.New("the channel is of another kind")
		return nil, &f
	}
	a.desk.Store(d)
	return d, nil
}

// maxTags is how many a forum may have (D:resources/channel).
const maxTags = 20

// addTags makes the tags of the four states. Without them the card alone says how a conversation stands.
func (a *Adapter) addTags(ctx context.Context, d *desk) {
	tags := slices.Clone(d.tags)
	for _, s := range []bridge.State{bridge.StateUnassigned, bridge.StateAssigned, bridge.StateRobot, bridge.StateClosed} {
		if len(d.tagsFor(s)) == 0 && len(tags) < maxTags {
			tags = append(tags, tag{Name: stateWord(s)})
		}
	}
	if len(tags) == len(d.tags) {
		return
	}
	var ch channel
	if err := a.call(ctx, http.MethodPatch, "/channels/"+a.cfg.Channel, map[string]any{"available_tags": tags}, &ch); err != nil {
		a.log.Info("the forum's tags could not be made", "error", failure("modify channel", err))
		return
	}
	d.tags = nil
	for _, t := range ch.Tags.V {
		d.tags = append(d.tags, t.V)
	}
}

// self is who we are on Discord.
type self struct{ user string }

// whoAmI asks Discord who we are, once.
func (a *Adapter) whoAmI(ctx context.Context) (self, error) {
	if me := a.me.Load(); me != nil {
		return *me, nil
	}
	var u user
	if err := a.call(ctx, http.MethodGet, "/users/@me", nil, &u); err != nil {
		return self{}, err
	}
	if u.ID == "" {
		return self{}, errNotMade{errors.New("the answer does not say who we are")}
	}
	me := self{user: string(u.ID)}
	a.me.Store(&me)
	return me, nil
}

// wrote reports whether m is a message of ours.
func (s self) wrote(m *message) bool { return string(m.Author.V.ID) == s.user && s.user != "" }
