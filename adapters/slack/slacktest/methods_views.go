package slacktest

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"
)

// triggerLife is how long a trigger_id may be exchanged for a view, once.
const triggerLife = 3 * time.Second

// trigger is a person's consent to be shown a view.
type trigger struct {
	user string
	at   time.Time
}

// newTrigger makes a trigger_id for an interaction.
func (s *Server) newTrigger(user string) string {
	id := s.state.newID("") + ".trigger"
	s.state.triggers[id] = trigger{user, time.Now()}
	return id
}

// ExpireTriggers lets all trigger_ids that were given out grow too old to be exchanged.
func (s *Server) ExpireTriggers() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, t := range s.state.triggers {
		t.at = t.at.Add(-triggerLife)
		s.state.triggers[id] = t
	}
}

func (s *Server) exchangeTrigger(id string) (user string, err error) {
	t, known := s.state.triggers[id]
	switch {
	case s.state.used[id]:
		return "", refuse("exchanged_trigger_id")
	case !known:
		return "", refuse("invalid_trigger_id")
	case time.Since(t.at) >= triggerLife:
		return "", refuse("expired_trigger_id")
	}
	delete(s.state.triggers, id)
	s.state.used[id] = true
	return t.user, nil
}

// readView checks a view against https://docs.slack.dev/reference/views.
func (s *Server) readView(raw, kind string) (*View, error) {
	var v struct {
		Type            string          `json:"type"`
		CallbackID      string          `json:"callback_id"`
		ExternalID      string          `json:"external_id"`
		PrivateMetadata string          `json:"private_metadata"`
		NotifyOnClose   bool            `json:"notify_on_close"`
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
			wrong = wrong || t != nil && (t.Type != "plain_text" || !length(t.Text, 1, 24))
		}
	}
	if wrong {
		return nil, refuse("invalid_arguments")
	}
	blocks, err := checkBlocks(string(v.Blocks), maxViewBlocks)
	if err != nil {
		return nil, err
	}
	view := &View{
		ID: s.state.newID("V"), Type: kind, CallbackID: v.CallbackID, ExternalID: v.ExternalID,
		PrivateMetadata: v.PrivateMetadata, Hash: s.state.newTS(), Raw: withBlocks([]byte(raw), blocks), notify: v.NotifyOnClose,
	}
	view.begin()
	if kind == "modal" && v.Submit == nil && len(view.inputs()) > 0 {
		return nil, refuse("invalid_arguments") // inputs want a way to submit them
	}
	return view, nil
}

// withBlocks is a view whose blocks have ids.
func withBlocks(raw []byte, blocks json.RawMessage) json.RawMessage {
	var w map[string]any
	if err := json.Unmarshal(raw, &w); err != nil {
		panic(err) // readView has decoded it before
	}
	if w["blocks"] = blocks; blocks == nil {
		w["blocks"] = []any{}
	}
	out, err := json.Marshal(w)
	if err != nil {
		panic(err) // it was JSON
	}
	return out
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
	if v.User, err = s.exchangeTrigger(c.get("trigger_id")); err != nil {
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
	if old == nil || old.Type == "home" {
		return nil, refuse("not_found")
	}
	if hash := c.get("hash"); hash != "" && hash != old.Hash {
		return nil, refuse("hash_conflict")
	}
	v, err := s.readView(c.get("view"), old.Type)
	if err != nil {
		return nil, err
	}
	s.replaceView(old, v)
	return answer{"view": s.wireView(v, nil)}, nil
}

// replaceView shows another view in the place of one. What was filled in stays where block_id and action_id do
// (https://docs.slack.dev/surfaces/modals).
func (s *Server) replaceView(old, next *View) {
	next.ID, next.User = old.ID, old.User
	next.keep(old)
	s.state.views[next.ID] = next
}

const homePrefix = "VHOME"

func (s *Server) viewsPublish(c *call) (answer, error) {
	user := c.get("user_id")
	if s.state.users[user] == nil {
		return nil, refuse("user_not_found")
	}
	id := homePrefix + user
	if old := s.state.views[id]; old != nil && c.get("hash") != "" && c.get("hash") != old.Hash {
		return nil, refuse("hash_conflict")
	}
	v, err := s.readView(c.get("view"), "home")
	if err != nil {
		return nil, err
	}
	v.ID, v.User = id, user
	s.state.views[v.ID] = v
	return answer{"view": s.wireView(v, nil)}, nil
}

// isHome tells the app's home from modals.
func (v *View) isHome() bool { return strings.HasPrefix(v.ID, homePrefix) }
