package discordtest

import (
	"encoding/json"
	"slices"
	"time"
	"unicode/utf8"
)

func (s *Server) getChannel(c *call) (any, error) {
	ch, err := s.state.channel(c.channel())
	if err != nil {
		return nil, err
	}
	if err := s.may(ch, ViewChannel); err != nil {
		return nil, err
	}
	return s.wireChannel(ch), nil
}

// channelChange is what an update of a channel or thread may say; nil: nothing.
type channelChange struct {
	Name        *string         `json:"name"`
	Topic       *string         `json:"topic"`
	Archived    *bool           `json:"archived"`
	Locked      *bool           `json:"locked"`
	AutoArchive *int            `json:"auto_archive_duration"`
	AppliedTags *[]string       `json:"applied_tags"`
	Tags        *[]tagChange    `json:"available_tags"`
	Slow        json.RawMessage `json:"rate_limit_per_user"`
	Flags       *int            `json:"flags"`
}

type tagChange struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func (s *Server) updateChannel(c *call) (any, error) {
	ch, err := s.state.channel(c.channel())
	if err != nil {
		return nil, err
	}
	if err := s.may(ch, ViewChannel); err != nil {
		return nil, err
	}
	var change channelChange
	if err := c.decode(&change); err != nil {
		return nil, err
	}
	if change.Name != nil {
		if n := utf8.RuneCountInString(*change.Name); n < 1 || n > 100 {
			return nil, badLength("name", 1, 100)
		}
	}
	c.made = ch.ID
	if ch.thread() {
		err = s.updateThread(ch, change)
	} else {
		err = s.updatePlace(ch, change)
	}
	if err != nil {
		return nil, err
	}
	return s.wireChannel(ch), nil
}

func (s *Server) updatePlace(ch *channel, change channelChange) error {
	if err := s.may(ch, ManageChannels); err != nil {
		return err
	}
	if change.Name != nil {
		ch.Name = *change.Name
	}
	if change.Topic != nil {
		ch.Topic = *change.Topic
	}
	if change.Tags != nil {
		if len(*change.Tags) > 20 {
			return tooLong("available_tags", 20)
		}
		ch.Tags = nil
		for _, t := range *change.Tags {
			if t.ID == "" {
				t.ID = s.state.newID()
			}
			ch.Tags = append(ch.Tags, Tag(t))
		}
	}
	s.emitChannel("CHANNEL_UPDATE", ch)
	return nil
}

// updateThread follows Discord's rules of who may change what of a thread
// (https://docs.discord.com/developers/topics/threads#editing--deleting-threads): whoever writes there may open an
// archived one, its owner may archive, rename and tag it, the rest takes MANAGE_THREADS.
func (s *Server) updateThread(ch *channel, change channelChange) error {
	manages := s.may(ch, ManageThreads) == nil
	owns := ch.Owner == s.opts.BotUserID
	opens := change.Archived != nil && !*change.Archived
	if err := s.mayChange(ch, change, manages, owns, opens); err != nil {
		return err
	}
	if err := s.checkTags(ch, change.AppliedTags); err != nil {
		return err
	}
	if err := s.checkPinned(ch, change.Flags); err != nil {
		return err
	}
	if change.AutoArchive != nil && !slices.Contains([]int{60, 1440, 4320, 10080}, *change.AutoArchive) {
		return invalid("auto_archive_duration", "BASE_TYPE_CHOICES", "Value must be one of {60, 1440, 4320, 10080}.")
	}
	if opens && ch.Archived {
		if err := s.roomToRevive(ch); err != nil {
			return err
		}
	}
	if change.Name != nil {
		ch.Name = *change.Name
	}
	if change.Locked != nil {
		ch.Locked = *change.Locked
	}
	if change.AutoArchive != nil {
		ch.AutoArchive = *change.AutoArchive
	}
	if change.AppliedTags != nil {
		ch.AppliedTags = *change.AppliedTags
	}
	if change.Flags != nil {
		ch.Pinned = *change.Flags&flagPinned != 0
	}
	if change.Archived != nil && *change.Archived != ch.Archived {
		ch.Archived, ch.archivedAt = *change.Archived, time.Now()
	}
	s.emitThread("THREAD_UPDATE", ch)
	return nil
}

func (s *Server) mayChange(ch *channel, change channelChange, manages, owns, opens bool) error {
	switch {
	case ch.Archived && !opens && (change.Archived == nil || change.Name != nil):
		return errArchived
	case manages:
		return nil
	case change.Locked != nil || len(change.Slow) > 0 || change.Flags != nil || ch.Locked:
		return errMissingPermissions
	case opens && change.Name == nil && change.AppliedTags == nil && change.AutoArchive == nil:
		return s.may(ch, SendInThreads)
	case !owns:
		return errMissingPermissions
	}
	return nil
}

// flagPinned marks a forum's post that stands above the others
// (https://docs.discord.com/developers/resources/channel#channel-object-channel-flags). It is the only flag of a thread
// that can be changed.
const flagPinned = 1 << 1

// checkPinned refuses a second pinned post in a forum, and other flags.
func (s *Server) checkPinned(ch *channel, flags *int) error {
	switch {
	case flags == nil:
		return nil
	case *flags&^flagPinned != 0 || s.place(ch).Type != Forum:
		return invalid("flags", "CHANNEL_FLAGS_INVALID", "These flags cannot be set here.")
	case *flags == 0:
		return nil
	}
	for _, other := range s.state.channels {
		if other != ch && other.ParentID == ch.ParentID && other.Pinned && !other.Deleted {
			return &apiError{status: 400, code: 30047, message: "Maximum number of pinned threads in a forum channel has been reached (1)"}
		}
	}
	return nil
}

// checkTags refuses tags that the forum does not have.
func (s *Server) checkTags(ch *channel, tags *[]string) error {
	if tags == nil {
		return nil
	}
	forum := s.place(ch)
	switch {
	case forum.Type != Forum:
		return errChannelType
	case len(*tags) > 5:
		return tooLong("applied_tags", 5)
	case forum.RequireTag && len(*tags) == 0:
		return errTagRequired
	}
	for _, id := range *tags {
		if !slices.ContainsFunc(forum.Tags, func(t Tag) bool { return t.ID == id }) {
			return &apiError{status: 400, code: 10087, message: "Unknown tag"}
		}
	}
	return nil
}

// roomToRevive refuses when the guild has no room for the thread among its active ones.
func (s *Server) roomToRevive(ch *channel) error {
	if ch.Archived && len(s.state.threads(false)) >= s.opts.MaxActiveThreads {
		return errMaxThreads
	}
	return nil
}

// setArchived archives a thread or opens it, and tells the sessions.
func (s *Server) setArchived(ch *channel, archived bool) {
	ch.Archived, ch.archivedAt = archived, time.Now()
	s.emitThread("THREAD_UPDATE", ch)
}

func (s *Server) deleteChannel(c *call) (any, error) {
	ch, err := s.state.channel(c.channel())
	if err != nil {
		return nil, err
	}
	want := ManageChannels
	if ch.thread() {
		want = ManageThreads
	}
	if err := s.may(ch, want); err != nil {
		return nil, err
	}
	o := s.wireChannel(ch)
	s.removeChannel(ch)
	return o, nil
}

// removeChannel deletes a channel with its threads and webhooks. The starting message of a thread stays.
func (s *Server) removeChannel(ch *channel) {
	ch.Deleted = true
	if ch.thread() {
		if m := s.state.messages[ch.ID]; m != nil {
			m.Flags &^= FlagHasThread
		}
		s.emitThread("THREAD_DELETE", ch)
		return
	}
	for _, t := range s.state.channels {
		if t.ParentID == ch.ID && t.thread() {
			t.Deleted = true // Discord tells nothing of them
		}
	}
	for _, h := range s.state.webhooks {
		h.gone = h.gone || h.Channel == ch.ID
	}
	s.emitChannel("CHANNEL_DELETE", ch)
}

func (s *Server) triggerTyping(c *call) (any, error) {
	ch, err := s.state.channel(c.channel())
	if err != nil {
		return nil, err
	}
	if err := s.may(ch, ViewChannel|ch.writing()); err != nil {
		return nil, err
	}
	if ch.Archived {
		return nil, errArchived
	}
	s.emitTyping(ch, s.opts.BotUserID)
	return nil, nil
}
