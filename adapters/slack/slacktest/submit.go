package slacktest

import (
	"encoding/json"
	"fmt"
)

// Suggest types into an external select of a message, or of a view that the person has open, and asks for its options.
// In a view they can be chosen from then on; an answer that Slack would not show is an error of the interaction.
func (s *Server) Suggest(user, at, actionID, typed string) *Interaction {
	s.mu.Lock()
	defer s.mu.Unlock()
	payload := s.interaction("block_suggestion", user, s.state.byTS[at])
	payload["action_id"], payload["value"] = actionID, typed
	delete(payload, "trigger_id") // typing is no consent to be shown a view
	v := s.state.views[at]
	if v == nil {
		return s.interact("interactive", payload)
	}
	payload["view"] = s.wireView(v, v.Values)
	payload["container"] = map[string]any{"type": "view", "view_id": v.ID}
	for _, b := range v.inputs() {
		if b.Element.ActionID == actionID {
			payload["block_id"] = b.BlockID
		}
	}
	block, _ := payload["block_id"].(string)
	return s.interactAnd("interactive", payload, func(ack json.RawMessage) error {
		list, err := readOptions(ack)
		if err == nil {
			v.suggested[block] = list
		}
		return err
	})
}

// readOptions reads the answer to block_suggestion
// (https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#external_select).
func readOptions(ack json.RawMessage) ([]option, error) {
	var a struct {
		Options *[]option `json:"options"`
	}
	if err := json.Unmarshal(ack, &a); err != nil || a.Options == nil || len(*a.Options) > maxOptions {
		return nil, fmt.Errorf("slacktest: no list of at most %d options: %s", maxOptions, ack)
	}
	for _, o := range *a.Options {
		if complaint := o.check(); complaint != "" {
			return nil, fmt.Errorf("slacktest: %s: %s", complaint, ack)
		}
	}
	return *a.Options, nil
}

// Submit submits a view as it is filled in. Like Slack's client it sends nothing while something required is missing.
func (s *Server) Submit(user, viewID string) (*Interaction, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, err := s.ownView(user, viewID)
	if err != nil {
		return nil, err
	}
	for _, b := range v.inputs() {
		state := v.Values[b.BlockID][b.Element.ActionID]
		if !b.Optional && state["value"] == nil && state["selected_option"] == nil {
			return nil, fmt.Errorf("slacktest: submit: %q is required", b.BlockID)
		}
	}
	return s.endView("view_submission", user, v, v.Values), nil
}

// SubmitView submits an open view. values are the state of its inputs, whatever they are: block_id, action_id, and
// the element's state as Slack shapes it.
func (s *Server) SubmitView(user, viewID string, values map[string]map[string]any) (*Interaction, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, err := s.ownView(user, viewID)
	if err != nil {
		return nil, err
	}
	return s.endView("view_submission", user, v, values), nil
}

// CloseView dismisses an open view. Slack tells the app only when the view has notify_on_close; else the interaction is
// nil.
func (s *Server) CloseView(user, viewID string) (*Interaction, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, err := s.ownView(user, viewID)
	switch {
	case err != nil:
		return nil, err
	case v.notify:
		return s.endView("view_closed", user, v, nil), nil
	}
	delete(s.state.views, v.ID)
	s.change()
	return nil, nil
}

func (s *Server) endView(kind, user string, v *View, values any) *Interaction {
	payload := s.interaction(kind, user, nil)
	payload["view"] = s.wireView(v, values)
	return s.interactAnd("interactive", payload, func(ack json.RawMessage) error { return s.viewEnded(v, ack) })
}

// viewEnded does what the app's answer to a submission says: nothing closes the view. What Slack would not show is an
// error, and the view stays.
func (s *Server) viewEnded(v *View, ack json.RawMessage) error {
	var a struct {
		ResponseAction string            `json:"response_action"`
		View           json.RawMessage   `json:"view"`
		Errors         map[string]string `json:"errors"`
	}
	_ = json.Unmarshal(ack, &a) // an empty body is the usual answer
	switch a.ResponseAction {
	case "errors":
		v.Errors = a.Errors
		for id := range a.Errors {
			if _, err := v.input(id); err != nil {
				return err
			}
		}
	case "update", "push":
		next, err := s.readView(string(a.View), v.Type)
		if err != nil {
			return err
		}
		if a.ResponseAction == "update" {
			s.replaceView(v, next)
			return nil
		}
		next.User = v.User
		s.state.views[next.ID] = next
	case "", "clear":
		delete(s.state.views, v.ID)
	default:
		return fmt.Errorf("slacktest: unknown response_action %q", a.ResponseAction)
	}
	return nil
}
