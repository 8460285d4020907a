package website

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/skeindesk/skein/bridge"
)

// postRead takes the visitor's word that everything up to seq has been on the screen.
func (a *Adapter) postRead(w http.ResponseWriter, r *http.Request, v visitor) error {
	var body struct {
		Seq int64 `json:"seq"`
	}
	if err := decode(w, r, &body); err != nil {
		return err
	}
	if body.Seq < 0 {
		return refuse(http.StatusBadRequest, "number", "seq must be a whole number, 0 or more.")
	}
	c, err := a.cfg.Log.ConversationAt(r.Context(), a.cfg.Name, v.thread())
	if err != nil && !errors.Is(err, bridge.ErrNotFound) {
		return fmt.Errorf("find conversation: %w", err)
	}
	if seq := min(body.Seq, c.LastSeq); err == nil && seq > 0 { // what is not there yet has not been read
		if err := a.cfg.Log.Seen(r.Context(), c.ID, a.cfg.Name, seq); err != nil {
			return fmt.Errorf("record what was seen: %w", err)
		}
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (a *Adapter) postTyping(w http.ResponseWriter, r *http.Request, v visitor) error {
	a.cfg.Desk.Typing(r.Context(), a.cfg.Name, v.thread())
	w.WriteHeader(http.StatusNoContent)
	return nil
}
