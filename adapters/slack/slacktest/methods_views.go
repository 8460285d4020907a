package slacktest

import (
	"encoding/json"
	"time"
	"unicode/utf8"
)

// triggerLife is how long a trigger_id may be exchanged for a view, once.
const triggerLife = 3 * time.Second

// View is a modal or a home tab that is open.
type View struct {
	ID, Type, CallbackID, ExternalID, PrivateMetadata, Hash, User string
	Raw                                                           json.RawMessage // as the app sent it
}

// newTrigger makes a trigger_id for an interaction.
func (s *Server) newTrigger() string {
	id := s.state.newID("") + ".trigger"
	s.state.triggers[id] = time.Now()
	return id
}

func (s *Server) exchangeTrigger(id string) error {
	at, known := s.state.triggers[id]
	switch {
	case s.state.used[id]:
		return refuse("exchanged_trigger_id")
	case !known:
		return refuse("invalid_trigger_id")
	case time.Since(at) > triggerLife:
		return refuse("expired_trigger_id")
	}
	delete(s.state.triggers, id)
	s.state.used[id] = true
	return nil
}

// readView checks a view against https://docs.slack.dev/reference/views.
func (s *Server) readView(raw, kind string) (*View, error) {
	var v struct {
		Type            string          `json:"type"`
		CallbackID      string          `json:"callback_id"`
		ExternalID      string          `json:"external_id"`
		PrivateMetadata string          `json:"private_metadata"`
		Title           *textObject     `json:"title"`
		Submit          *textObject     `json:"submit"`
		Close           *textObject     `json:"close"`
		Blocks          json.RawMessage `json:"blocks"`
	}
	if err := json.Unmarshal([]byte(raw), &v); err != nil {
		return nil, refuse("invalid_arguments")
	}
	if len(raw) > 250_000 {
		return nil, refuse("view_too_large")
	}
	wrong := v.Type != kind || len(v.CallbackID) > 255 || utf8.RuneCountInString(v.PrivateMetadata) > 3000 || v.Blocks == nil
	if kind == "modal" {
		wrong = wrong || v.Title == nil
		for _, t := range []*textObject{v.Title, v.Submit, v.Close} {
			wrong = wrong || t != nil && (t.Type != "plain_text" || utf8.RuneCountInString(t.Text) > 24)
		}
	}
	if wrong {
		return nil, refuse("invalid_arguments")
	}
	if _, err := checkBlocks(string(v.Blocks), maxViewBlocks); err != nil {
		return nil, err
	}
	return &View{
		ID: s.state.newID("V"), Type: kind, CallbackID: v.CallbackID, ExternalID: v.ExternalID,
		PrivateMetadata: v.PrivateMetadata, Hash: s.state.newTS(), Raw: json.RawMessage(raw),
	}, nil
}

// wireView is the view as the app sent it with what Slack adds. values may be nil.
func (s *Server) wireView(v *View, values any) map[string]any {
	var w map[string]any
	if err := json.Unmarshal(v.Raw, &w); err != nil {
		panic(err) // readView has decoded it before
	}
	if values == nil {
		values = map[string]any{}
	}
	w["id"], w["root_view_id"], w["hash"] = v.ID, v.ID, v.Hash
	w["team_id"], w["app_id"], w["bot_id"] = s.opts.TeamID, s.opts.AppID, s.opts.BotID
	w["state"] = map[string]any{"values": values}
	return w
}

func (s *Server) viewsOpen(c *call) (answer, error) {
	v, err := s.readView(c.get("view"), "modal")
	if err != nil {
		return nil, err
	}
	if err := s.exchangeTrigger(c.get("trigger_id")); err != nil {
		return nil, err
	}
	s.state.views[v.ID] = v
	return answer{"view": s.wireView(v, nil)}, nil
}

func (s *Server) viewsUpdate(c *call) (answer, error) {
	old := s.state.views[c.get("view_id")]
	if ext := c.get("external_id"); ext != "" {
		for _, v := range s.state.views {
			if v.ExternalID == ext {
				old = v
			}
		}
	}
	if old == nil {
		return nil, refuse("not_found")
	}
	if hash := c.get("hash"); hash != "" && hash != old.Hash {
		return nil, refuse("hash_conflict")
	}
	v, err := s.readView(c.get("view"), old.Type)
	if err != nil {
		return nil, err
	}
	v.ID, v.User = old.ID, old.User
	s.state.views[v.ID] = v
	return answer{"view": s.wireView(v, nil)}, nil
}

func (s *Server) viewsPublish(c *call) (answer, error) {
	user := c.get("user_id")
	if s.state.users[user] == nil {
		return nil, refuse("user_not_found")
	}
	v, err := s.readView(c.get("view"), "home")
	if err != nil {
		return nil, err
	}
	v.ID, v.User = "VHOME"+user, user
	s.state.views[v.ID] = v
	return answer{"view": s.wireView(v, nil)}, nil
}
