package website

import (
	"errors"
	"fmt"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

const maxComment = 1000 // characters

type ratingRequest struct {
	Score   float64 `json:"score"` // every number, so that 4.5 is told what it may be
	Comment string  `json:"comment"`
}

// postRating takes what the visitor thinks of how they were served. The Idempotency-Key is optional: a rating that
// comes twice is a nuisance, not a loss.
func (a *Adapter) postRating(w http.ResponseWriter, r *http.Request, v visitor) error {
	if err := a.limits.message(w, r, v.Key, a.address(r)); err != nil {
		return err
	}
	key := newVisitorKey()
	if r.Header.Get("Idempotency-Key") != "" {
		var err error
		if key, err = idempotencyKey(r); err != nil {
			return err
		}
	}
	var body ratingRequest
	if err := decode(w, r, &body); err != nil {
		return err
	}
	if n := utf8.RuneCountInString(body.Comment); n > maxComment {
		return refuse(http.StatusUnprocessableEntity, "too_long",
			"The comment has %d characters; at most %d fit. Nothing was sent: shorten it.", n, maxComment)
	}
	known, err := a.cfg.Log.Visitor(r.Context(), a.cfg.Name, v.Key)
	if err != nil && !errors.Is(err, bridge.ErrNotFound) {
		return fmt.Errorf("find visitor: %w", err)
	}
	err = a.cfg.Desk.Rate(r.Context(), bridge.Inbound{
		Endpoint: a.cfg.Name, Key: v.Key + "/rating/" + key, Thread: v.thread(),
		From: bridge.Person{ID: v.Key, Name: known.Profile.Name, Avatar: known.Profile.Avatar},
		Body: rich.Of(rich.Clean(body.Comment)), At: time.Now(),
	}, body.whole())
	if errors.Is(err, bridge.ErrNotFound) {
		return refuse(http.StatusConflict, "no_conversation", "There is no conversation yet that could be rated.")
	} else if err != nil {
		return fmt.Errorf("take rating: %w", err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// whole returns the score, or one that is never right when it is not a whole number.
func (b ratingRequest) whole() int {
	if score := int(b.Score); float64(score) == b.Score {
		return score
	}
	return bridge.MinScore - 1
}
