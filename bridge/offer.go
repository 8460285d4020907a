package bridge

// Offer is what one press of a button asks for: a word of the command table with what follows it. Whoever reads it where
// there are no buttons can write the same.
type Offer struct {
	Word  string     `json:"word"`
	Rest  string     `json:"rest,omitempty"`
	Label string     `json:"label"`
	Style OfferStyle `json:"style,omitempty"`
}

// OfferStyle says how an offer looks among others.
type OfferStyle string

const (
	OfferPlain   OfferStyle = ""
	OfferPrimary OfferStyle = "primary" // what a person should do next; at most one of several
	OfferDanger  OfferStyle = "danger"  // what cannot be undone
)

// question logs a notice that offers something, about the entry target; 0: about none.
func (c *change) question(conv Conversation, a Audience, target int64, text string, offers ...Offer) error {
	en := notice(conv.ID, a, text)
	en.Target, en.Offers = target, offers
	return c.write(en)
}

// settleQuestion takes the offers from a question and says what became of it, and perhaps what can be done then.
func (c *change) settleQuestion(q Entry, text string, offers ...Offer) error {
	en := notice(q.Conversation, q.Audience, text)
	en.Kind, en.Target, en.Offers = Edited, q.Seq, offers
	return c.write(en)
}
