package slacktest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// View is a modal or a home tab that is open.
type View struct {
	ID, Type, CallbackID, ExternalID, PrivateMetadata, Hash, User string

	Raw    json.RawMessage                      // as the app sent it, its blocks with ids
	Values map[string]map[string]map[string]any // what stands in the inputs, by block_id and action_id, as Slack shapes it
	Errors map[string]string                    // by block_id, what the app had against the last submission

	notify    bool
	suggested map[string][]option // by block_id, what the app suggested last
}

// blocks are the view's blocks, all with ids.
func (v *View) blocks() json.RawMessage {
	var w struct {
		Blocks json.RawMessage `json:"blocks"`
	}
	_ = json.Unmarshal(v.Raw, &w) // readView has decoded it before
	return w.Blocks
}

// inputs are the view's input blocks.
func (v *View) inputs() []block {
	var list []block
	_ = json.Unmarshal(v.blocks(), &list) // readView has decoded it before
	return slices.DeleteFunc(list, func(b block) bool { return b.Type != "input" })
}

func (v *View) input(blockID string) (block, error) {
	for _, b := range v.inputs() {
		if b.BlockID == blockID {
			return b, nil
		}
	}
	return block{}, fmt.Errorf("slacktest: the view has no input %q", blockID)
}

// begin fills the inputs with what they begin with.
func (v *View) begin() {
	v.Values, v.suggested = map[string]map[string]map[string]any{}, map[string][]option{}
	for _, b := range v.inputs() {
		e := b.Element
		state := map[string]any{"type": e.Type}
		switch {
		case e.Type == "plain_text_input" && e.InitialValue == "":
			state["value"] = nil
		case e.Type == "plain_text_input":
			state["value"] = e.InitialValue
		case e.InitialOption != nil:
			state["selected_option"] = e.InitialOption
		default:
			state["selected_option"] = nil
		}
		v.Values[b.BlockID] = map[string]map[string]any{e.ActionID: state}
	}
}

// keep takes over what stands in those inputs of an earlier view that are the same.
func (v *View) keep(old *View) {
	for _, b := range v.inputs() {
		before, ok := old.Values[b.BlockID][b.Element.ActionID]
		if ok && before["type"] == b.Element.Type {
			v.Values[b.BlockID] = map[string]map[string]any{b.Element.ActionID: maps.Clone(before)}
		}
	}
	maps.Copy(v.suggested, old.suggested)
}

// ownView finds a view that is open for a person.
func (s *Server) ownView(user, id string) (*View, error) {
	v := s.state.views[id]
	if v == nil || v.User != user {
		return nil, refuse("not_found")
	}
	return v, nil
}

// Modal returns the modal that a person has open, the last one opened of several.
func (v State) Modal(user string) (View, bool) {
	var found *View
	for _, view := range v.s.state.views {
		if view.User == user && !view.isHome() && (found == nil || view.ID > found.ID) {
			found = view
		}
	}
	if found == nil {
		return View{}, false
	}
	return *found, true
}

// Home returns the home tab that the app has published for a person.
func (v State) Home(user string) (View, bool) {
	view := v.s.state.views[homePrefix+user]
	if view == nil {
		return View{}, false
	}
	return *view, true
}

// OpenHome opens the app's home tab.
func (s *Server) OpenHome(user string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.users[user] == nil {
		return refuse("user_not_found")
	}
	inner := map[string]any{
		"type": "app_home_opened", "user": user, "channel": "D" + user, "tab": "home", "event_ts": s.state.newTS(),
	}
	if v := s.state.views[homePrefix+user]; v != nil {
		inner["view"] = s.wireView(v, nil)
	}
	s.emit(event{kind: "app_home_opened", inner: inner})
	s.change()
	return nil
}

// Type writes a text into an input of a view that a person has open, in place of what stands there.
func (s *Server) Type(user, viewID, blockID, text string) error {
	return s.fill(user, viewID, blockID, func(b block, state map[string]any, _ []option) error {
		if b.Element.Type != "plain_text_input" {
			return fmt.Errorf("slacktest: nothing can be typed into %q", blockID)
		}
		if state["value"] = text; text == "" {
			state["value"] = nil
		}
		return nil
	})
}

// Choose chooses an option by its value: of those that the select has, or that the app has suggested last.
func (s *Server) Choose(user, viewID, blockID, value string) error {
	return s.fill(user, viewID, blockID, func(b block, state map[string]any, suggested []option) error {
		for _, o := range append(slices.Clone(b.Element.Options), suggested...) {
			if o.Value == value {
				state["selected_option"] = o
				return nil
			}
		}
		return fmt.Errorf("slacktest: %q does not offer %q", blockID, value)
	})
}

func (s *Server) fill(user, viewID, blockID string, f func(b block, state map[string]any, suggested []option) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, err := s.ownView(user, viewID)
	if err != nil {
		return err
	}
	b, err := v.input(blockID)
	if err != nil {
		return err
	}
	defer s.change()
	return f(b, v.Values[blockID][b.Element.ActionID], v.suggested[blockID])
}
