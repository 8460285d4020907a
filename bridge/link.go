package bridge

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/skeindesk/skein/bridge/rich"
)

// Link is a visitor's way from where they are to another endpoint, for one use: who brings its token there is that
// visitor. The token is kept by its hash only.
type Link struct {
	Endpoint EndpointName // where the visitor is
	Thread   ThreadRef
	Person   string // their Person.ID there
	To       EndpointName
}

// LinkLife is how long a link can be used.
const LinkLife = 15 * time.Minute

// Invite makes a link and returns its token, which is of letters and digits.
func (d *Desk) Invite(ctx context.Context, l Link) (token string, err error) {
	from, to := d.routes[l.Endpoint], d.routes[l.To]
	if from.Role != RoleVisitor || to.Role != RoleVisitor || to.Reads {
		return "", fmt.Errorf("invite: no link leads from %q to %q", l.Endpoint, l.To)
	}
	token = rand.Text()
	err = d.ledger.Change(ctx, func(tx Tx) error { return tx.SaveLink(HashOf(token), l, LinkLife) })
	if err != nil {
		return "", fmt.Errorf("invite: %w", err)
	}
	return token, nil
}

// HashOf is by what a token is kept that is not to be read from the database.
func HashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// What a visitor is told who came by a link.
const (
	linkGood  = "You are connected. This conversation goes on here and where you came from: answers come to both."
	linkKnown = "You are connected already."
	linkBad   = "This link has been used already or is too old. You can simply write here."
)

// join takes in a visitor who came by a link: the thread they came to becomes one more lane of the conversation they
// came from. A conversation that the thread had of its own is closed; it keeps its log, and says where the visitor went.
// One whose link leads nowhere is told so and may simply write.
func (d *Desk) join(c *change, in Inbound) error {
	if c.route.Role != RoleVisitor {
		return nil
	}
	link, err := c.tx.TakeLink(HashOf(in.Join), in.Endpoint)
	from, known := d.route(link.Endpoint)
	switch {
	case err != nil && !errors.Is(err, ErrNotFound):
		return err
	case err != nil, !known, from.Role != RoleVisitor: // or from an endpoint that is no longer configured
		conv, err := d.open(c.tx, c.route, in)
		if err != nil || conv.Blocked {
			return err
		}
		return c.greet(conv, in, linkBad)
	}
	conv, err := d.open(c.tx, from, Inbound{
		Endpoint: link.Endpoint, Thread: link.Thread, From: Person{ID: link.Person}, At: in.At,
	})
	if err != nil || conv.Blocked {
		return err
	}
	before, _, err := c.tx.ConversationByThread(in.Endpoint, in.Thread)
	switch {
	case err == nil && before.ID == conv.ID:
		return c.greet(conv, in, linkKnown)
	case err == nil:
		if err := c.leave(before, conv, in); err != nil {
			return err
		}
	case !errors.Is(err, ErrNotFound):
		return err
	}
	instead, left, err := c.tx.JoinThread(conv.ID, in.Endpoint, in.Thread)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("The visitor goes on at %s as well. Answers go to both places.", in.Endpoint)
	if instead {
		text = fmt.Sprintf("The visitor goes on in another chat at %s, and no longer in the one before.", in.Endpoint)
	}
	if left.behind() {
		text += notReached
	}
	if conv.LastSeq > 0 { // or agents have not heard of the visitor yet
		if err := c.notify(conv, AgentsOnly, text); err != nil {
			return err
		}
	}
	if err := c.strand(in.Endpoint, left); err != nil {
		return err
	}
	return c.greet(conv, in, linkGood)
}

// notReached tells agents what becomes of lines that were on their way to a chat the visitor has left: nothing.
const notReached = " What was written here last has not reached them there."

// leave takes the visitor's chat away from the conversation it was in, for the one that the visitor goes on in. A
// conversation that began in this chat has nobody left: it is closed.
func (c *change) leave(left, to Conversation, in Inbound) error {
	chat, err := c.tx.LeaveThread(in.Endpoint, in.Thread)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("The visitor's chat at %s belongs to another conversation of theirs now, from %s.", in.Endpoint, to.Endpoint)
	if chat.behind() {
		text += notReached
	}
	if err := c.strand(in.Endpoint, chat); err != nil {
		return err
	}
	if left.Endpoint != in.Endpoint {
		return c.notify(left, AgentsOnly, text)
	}
	left.Joined = to.ID
	if err := c.tx.UpdateConversation(left); err != nil {
		return err
	}
	if left.LastSeq > 0 {
		if err := c.notify(left, AgentsOnly, text+" Go on there."); err != nil {
			return err
		}
	}
	if left.State == StateClosed {
		return nil
	}
	return c.setState(left, StateClosed, Speaker{Kind: BySystem}, Origin{})
}

// errGone is what agents are told who write where no visitor is any more.
var errGone = &Problem{
	Code: "visitor_gone", Public: "Nothing was sent or changed: the visitor goes on in another conversation, and nobody reads this one.",
}

// greet answers a visitor who came by a link, where they came to and nowhere else.
func (c *change) greet(conv Conversation, in Inbound, words string) error {
	by := Speaker{Kind: ByVisitor, ID: int64(conv.Visitor), Name: in.From.Name, Avatar: in.From.Avatar}
	if err := c.write(noted(conv, in, by, rich.Of("(came by a link)"), nil, Only(in.Endpoint))); err != nil {
		return err
	}
	return c.write(Entry{
		Conversation: conv.ID, Kind: Said, Audience: Only(in.Endpoint), By: Speaker{Kind: BySystem, Name: "Skein"},
		Body: rich.Of(words), At: now(),
	})
}
