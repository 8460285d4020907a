package discordtest

import "slices"

func (s *Server) createPin(c *call) (any, error) {
	ch, m, err := s.onMessageOf(c)
	if err != nil {
		return nil, err
	}
	if err := s.may(ch, PinMessages|ReadMessageHistory); err != nil {
		return nil, err
	}
	switch {
	case ch.Archived:
		return nil, errArchived
	case m.Pinned:
		return nil, nil
	case len(ch.pins) >= 250:
		return nil, errMaxPins
	}
	s.pin(ch, m, s.opts.BotUserID)
	return nil, nil
}

// pin pins a message: it is updated without an edit, and Discord says so in the channel.
func (s *Server) pin(ch *channel, m *message, by string) {
	m.Pinned = true
	ch.pins = append(ch.pins, m)
	s.emitMessage("MESSAGE_UPDATE", m)
	s.emit(event{kind: "CHANNEL_PINS_UPDATE", intent: IntentGuilds, channel: ch, data: object{
		"guild_id": s.opts.GuildID, "channel_id": ch.ID, "last_pin_timestamp": stamp(s.later(m)),
	}})
	s.post(ch, &message{
		Message:  Message{Type: typePinned, Author: by, Name: s.state.users[by].Name(), Bot: s.state.users[by].Bot, Reply: m.ID},
		refersTo: ch.ID,
	})
}

func (s *Server) deletePin(c *call) (any, error) {
	ch, m, err := s.onMessageOf(c)
	if err != nil {
		return nil, err
	}
	if err := s.may(ch, PinMessages); err != nil {
		return nil, err
	}
	if ch.Archived {
		return nil, errArchived
	}
	if m.Pinned {
		m.Pinned = false
		ch.pins = slices.DeleteFunc(ch.pins, func(p *message) bool { return p == m })
		s.emitMessage("MESSAGE_UPDATE", m)
	}
	return nil, nil
}

func (s *Server) listPinsOld(c *call) (any, error) {
	ch, err := s.readable(c)
	if err != nil {
		return nil, err
	}
	out := []object{}
	for _, m := range slices.Backward(ch.pins) {
		out = append(out, s.read(m))
	}
	return out, nil
}

func (s *Server) listPins(c *call) (any, error) {
	ch, err := s.readable(c)
	if err != nil {
		return nil, err
	}
	limit, err := c.number("limit", 50, 1, 50)
	if err != nil {
		return nil, err
	}
	items := []object{}
	for _, m := range slices.Backward(ch.pins) {
		if len(items) < limit {
			items = append(items, object{"pinned_at": stamp(m.at), "message": s.read(m)})
		}
	}
	return object{"items": items, "has_more": len(ch.pins) > limit}, nil
}
