package bridge

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/skeindesk/skein/bridge/rich"
)

// Scores of a rating, worst and best.
const (
	MinScore = 1
	MaxScore = 5
)

// RatingAsked is the Rating of a conversation whose visitor has been asked and has not answered.
const RatingAsked = -1

// RateWord is the word of the offers by which a visitor is asked; what follows it is the score.
const RateWord = "rate"

// Rate logs what a visitor thinks of how they were served. in names the endpoint, key, thread and person; its body is
// the visitor's comment, if any. ErrNotFound when there is no conversation yet; a *Problem for a score out of range.
// The same key again changes nothing.
func (d *Desk) Rate(ctx context.Context, in Inbound, score int) error {
	in.Kind, in.Score = InRated, score
	var c change
	err := d.ledger.Change(ctx, func(tx Tx) error {
		c = change{tx: tx}
		return c.takeRating(in)
	})
	switch {
	case errors.Is(err, ErrSeen):
		return nil
	case err != nil:
		return fmt.Errorf("rate: %w", err)
	}
	d.announce(c.written)
	return nil
}

// takeRating logs a score, and thanks for it where it was asked for.
func (c *change) takeRating(in Inbound) error {
	if in.Score < MinScore || in.Score > MaxScore {
		return &Problem{Code: "bad_score", Public: fmt.Sprintf("A score is a whole number from %d to %d.", MinScore, MaxScore)}
	}
	conv, role, err := c.tx.ConversationByThread(in.Endpoint, in.Thread)
	if err != nil {
		return err
	}
	if role != RoleVisitor {
		return ErrNotFound
	}
	body := rich.Of(fmt.Sprintf("%d of %d", in.Score, MaxScore))
	if !rich.IsEmpty(in.Body) {
		body = append(body, in.Body...)
	}
	if err := c.write(rated(conv, in, body)); err != nil {
		return err
	}
	if err := c.tx.SaveRating(conv.ID, in.Score); err != nil {
		return err
	}
	question, asked, err := c.ratingQuestion(conv, in)
	if err != nil || !asked {
		return err
	}
	return c.write(Entry{
		Conversation: conv.ID, Kind: Edited, Audience: question.Audience, By: question.By, Target: question.Seq, At: now(),
		Body: rich.Of("Thank you. You gave " + strings.Repeat("⭐", in.Score) + ". Answer this message to add a few words."),
	})
}

func rated(conv Conversation, in Inbound, body rich.Doc) Entry {
	by := visitorSpeaking(in)
	by.ID = int64(conv.Visitor)
	return Entry{
		Conversation: conv.ID, Kind: Rated, Audience: AgentsOnly, By: by,
		Origin: Origin{Endpoint: in.Endpoint, Key: in.Key, Message: in.Message}, Body: body, At: in.At,
	}
}

// askRating asks the visitor once, by a message in each of their chats. A browser shows the stars by itself.
func (d *Desk) askRating(c *change, conv Conversation) error {
	if conv.Rating != 0 {
		return nil
	}
	lanes, err := c.tx.Lanes(conv.ID)
	if err != nil {
		return err
	}
	var offers []Offer
	for score := MinScore; score <= MaxScore; score++ {
		offers = append(offers, Offer{Word: RateWord, Rest: strconv.Itoa(score), Label: strconv.Itoa(score) + " ⭐"})
	}
	for _, l := range lanes {
		if l.Role != RoleVisitor || l.Reads || l.Thread == "" || !d.routes[l.Endpoint].Rates {
			continue
		}
		if err := c.tx.SaveRating(conv.ID, RatingAsked); err != nil {
			return err
		}
		if err := c.write(Entry{
			Conversation: conv.ID, Kind: Said, Audience: Only(l.Endpoint), By: Speaker{Kind: BySystem, Name: "Skein"},
			Body: rich.Of(fmt.Sprintf("How did we do? %d is best.", MaxScore)), Offers: offers, At: now(),
		}); err != nil {
			return err
		}
	}
	return nil
}

// ratingQuestion finds what a visitor's happening points at, if it is the question how they were served.
func (c *change) ratingQuestion(conv Conversation, in Inbound) (question Entry, found bool, err error) {
	if in.Target == "" || conv.Rating == 0 {
		return Entry{}, false, nil
	}
	question, err = lineAt(c.tx, conv.ID, in)
	if errors.Is(err, ErrNotFound) {
		return Entry{}, false, nil
	}
	return question, err == nil && len(question.Offers) > 0 && question.Audience == Only(in.Endpoint), err
}

// aboutRating logs a visitor's line that answers the question how they were served: it is a comment, and opens nothing.
func (c *change) aboutRating(conv Conversation, in Inbound) (bool, error) {
	_, found, err := c.ratingQuestion(conv, in)
	if err != nil || !found || len(c.files) > 0 {
		return false, err
	}
	return true, c.write(rated(conv, in, in.Body))
}
