package store

import "github.com/skeindesk/skein/bridge"

// SaveRating writes what the visitor gave, and marks the cards.
func (t *tx) SaveRating(c bridge.ConversationID, rating int) error {
	_, err := t.exec(`UPDATE conversations SET rating = ? WHERE id = ?`, rating, c)
	if err == nil {
		err = t.CardChanged(c)
	}
	return wrap("save a rating", err)
}
