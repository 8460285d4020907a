package website

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/skeindesk/skein/bridge"
)

// newestReply is the number of the last line by an agent; 0: there is none.
func newestReply(read []bridge.Entry) (seq int64) {
	for _, en := range read {
		if en.Kind == bridge.Said && en.By.Kind == bridge.ByAgent {
			seq = en.Seq
		}
	}
	return seq
}

// telling tells what visitors have fetched and seen.
type telling struct {
	Log
	proofs *bridge.Hub
}

func (t telling) Fetched(ctx context.Context, c bridge.ConversationID, e bridge.EndpointName, seq int64) error {
	if err := t.Log.Fetched(ctx, c, e, seq); err != nil {
		return err
	}
	t.proofs.Publish(c)
	return nil
}

func (t telling) Seen(ctx context.Context, c bridge.ConversationID, e bridge.EndpointName, seq int64) error {
	if err := t.Log.Seen(ctx, c, e, seq); err != nil {
		return err
	}
	t.proofs.Publish(c)
	return nil
}

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
	a.cfg.Desk.Typing(r.Context(), a.cfg.Name, v.thread(), bridge.Person{ID: v.Key})
	w.WriteHeader(http.StatusNoContent)
	return nil
}
