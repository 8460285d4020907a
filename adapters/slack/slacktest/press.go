package slacktest

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Press uses an interactive element of a message, also of one that only this person sees: a button, an overflow menu or
// a select, found by its action_id. value is what is chosen; a button has its own.
func (s *Server) Press(user, messageTS, actionID, value string) (*Interaction, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.state.byTS[messageTS]
	if m == nil || m.Deleted {
		return s.pressEphemeral(user, messageTS, actionID, value)
	}
	if ch := s.state.channels[m.Channel]; !ch.members[user] {
		return nil, refuse("not_in_channel")
	}
	action, err := findAction(m.Blocks, "", actionID, value)
	if err != nil {
		return nil, err
	}
	container := map[string]any{"type": "message", "message_ts": m.TS, "channel_id": m.Channel, "is_ephemeral": false}
	if m.ThreadTS != "" {
		container["thread_ts"] = m.ThreadTS
	} else if m.replies > 0 {
		container["thread_ts"] = m.TS
	}
	return s.press(s.interaction("block_actions", user, m), container, action), nil
}

// pressEphemeral is Press where only one person sees the message. Slack does not say what stands in it.
func (s *Server) pressEphemeral(user, ts, actionID, value string) (*Interaction, error) {
	i := slices.IndexFunc(s.state.ephemerals, func(e Ephemeral) bool { return e.TS == ts && e.User == user })
	if i < 0 {
		return nil, refuse("message_not_found")
	}
	e := s.state.ephemerals[i]
	action, err := findAction(e.Blocks, "", actionID, value)
	if err != nil {
		return nil, err
	}
	payload := s.interaction("block_actions", user, nil)
	payload["channel"] = map[string]string{"id": e.Channel, "name": s.state.channels[e.Channel].Name}
	payload["response_url"] = s.newResponseURL(user, e.Channel, e.TS)
	container := map[string]any{"type": "message", "message_ts": e.TS, "channel_id": e.Channel, "is_ephemeral": true}
	if e.ThreadTS != "" {
		container["thread_ts"] = e.ThreadTS
	}
	return s.press(payload, container, action), nil
}

// PressView uses an element of an open modal or of the app's home. block may be empty where only one has the action_id.
func (s *Server) PressView(user, viewID, block, actionID, value string) (*Interaction, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, err := s.ownView(user, viewID)
	if err != nil {
		return nil, err
	}
	action, err := findAction(v.blocks(), block, actionID, value)
	if err != nil {
		return nil, err
	}
	payload := s.interaction("block_actions", user, nil)
	payload["view"] = s.wireView(v, v.Values)
	return s.press(payload, map[string]any{"type": "view", "view_id": v.ID}, action), nil
}

// press completes the payload of a press and sends it on its way.
func (s *Server) press(payload, container, action map[string]any) *Interaction {
	action["action_ts"] = s.state.newTS()
	payload["container"], payload["actions"] = container, []any{action}
	payload["state"] = map[string]any{"values": map[string]any{}}
	return s.interact("interactive", payload)
}

// findAction looks an element up and renders what Slack says of its use.
func findAction(blocks json.RawMessage, blockID, actionID, value string) (map[string]any, error) {
	var list []block
	if len(blocks) > 0 {
		if err := json.Unmarshal(blocks, &list); err != nil {
			return nil, fmt.Errorf("slacktest: press: %w", err)
		}
	}
	for _, b := range list {
		if blockID != "" && b.BlockID != blockID {
			continue
		}
		elements := []*element{b.Accessory}
		for _, raw := range b.Elements {
			var e element
			if json.Unmarshal(raw, &e) == nil {
				elements = append(elements, &e)
			}
		}
		for _, e := range elements {
			if e != nil && e.ActionID == actionID {
				return e.used(b.BlockID, value)
			}
		}
	}
	return nil, fmt.Errorf("slacktest: press: no element has the action_id %q", actionID)
}

func (e *element) used(blockID, value string) (map[string]any, error) {
	action := map[string]any{"type": e.Type, "action_id": e.ActionID, "block_id": blockID}
	switch e.Type {
	case "button":
		if value != "" && value != e.Value {
			return nil, fmt.Errorf("slacktest: press: the button %s has the value %q, not %q", e.ActionID, e.Value, value)
		}
		if action["text"] = e.Text; e.Value != "" {
			action["value"] = e.Value
		}
	case "users_select":
		action["selected_user"] = value
	case "external_select":
		action["selected_option"] = option{Text: &textObject{"plain_text", value}, Value: value}
	default:
		for _, o := range e.Options {
			if o.Value == value {
				action["selected_option"] = o
				return action, nil
			}
		}
		return nil, fmt.Errorf("slacktest: press: %s has no option %q", e.ActionID, value)
	}
	return action, nil
}
