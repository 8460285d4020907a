package discordtest

import (
	"maps"
	"slices"
	"time"
)

// theThread finds the thread of the address.
func (s *Server) theThread(c *call) (*channel, error) {
	ch, err := s.state.channel(c.channel())
	if err != nil {
		return nil, err
	}
	if err := s.may(ch, ViewChannel); err != nil {
		return nil, err
	}
	if !ch.thread() {
		return nil, errChannelType
	}
	return ch, nil
}

func (s *Server) listThreadMembers(c *call) (any, error) {
	ch, err := s.theThread(c)
	if err != nil {
		return nil, err
	}
	out := []object{}
	for _, id := range slices.SortedFunc(maps.Keys(ch.members), compareIDs) {
		out = append(out, wireThreadMember(ch, id, ch.members[id]))
	}
	return out, nil
}

func (s *Server) getThreadMember(c *call) (any, error) {
	ch, err := s.theThread(c)
	if err != nil {
		return nil, err
	}
	id := c.ids["user_id"]
	at, ok := ch.members[id]
	if !ok {
		return nil, errUnknownMember
	}
	return wireThreadMember(ch, id, at), nil
}

// memberOf is the user of the address; without one it is the bot.
func (s *Server) memberOf(c *call) (string, error) {
	id := c.ids["user_id"]
	setDefault(&id, s.opts.BotUserID)
	if u := s.state.users[id]; u == nil || u.Left {
		return "", errUnknownUser
	}
	return id, nil
}

func (s *Server) joinThread(c *call) (any, error) {
	ch, err := s.theThread(c)
	if err != nil {
		return nil, err
	}
	user, err := s.memberOf(c)
	if err != nil {
		return nil, err
	}
	if ch.Archived {
		return nil, errArchived
	}
	s.join(ch, user)
	return nil, nil
}

func (s *Server) join(ch *channel, user string) {
	if _, ok := ch.members[user]; !ok {
		ch.members[user] = time.Now()
	}
}

func (s *Server) leaveThread(c *call) (any, error) {
	ch, err := s.theThread(c)
	if err != nil {
		return nil, err
	}
	user, err := s.memberOf(c)
	if err != nil {
		return nil, err
	}
	if ch.Archived {
		return nil, errArchived
	}
	if user != s.opts.BotUserID {
		if err := s.may(ch, ManageThreads); err != nil {
			return nil, err
		}
	}
	delete(ch.members, user)
	return nil, nil
}
