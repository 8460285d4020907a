package workbench

import (
	"context"
	"crypto/rand"
	"net/http"
	"strconv"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// Conversations is what the page of a conversation reads.
type Conversations interface {
	// Conversation returns ErrNotFound for an unknown conversation.
	Conversation(ctx context.Context, id bridge.ConversationID) (bridge.Conversation, error)
	// Transcript reads a stretch of a log, whoever its entries are for.
	Transcript(ctx context.Context, q bridge.TranscriptQuery) (bridge.Transcript, error)
	// Lanes returns the places where a conversation is.
	Lanes(ctx context.Context, id bridge.ConversationID) ([]bridge.Lane, error)
	// VisitorByID returns ErrNotFound for an unknown visitor.
	VisitorByID(ctx context.Context, id bridge.VisitorID) (bridge.Visitor, error)
	// Visits returns the pages on which a visitor was, the latest first.
	Visits(ctx context.Context, id bridge.VisitorID) ([]bridge.Visit, error)
	// FirstAnswer returns when the visitor first wrote and when an agent first answered; zero: not yet.
	FirstAnswer(ctx context.Context, id bridge.ConversationID) (asked, answered time.Time, err error)
}

// conversation is what its page shows.
type conversation struct {
	bridge.Conversation
	path string // of its page
	customer
	threads    []thread
	transcript transcript
	thoughts   thoughts
	asked      *asked // what the agent is asked or told before anything else
	draft      draft
}

// thread is a place where agents have the conversation.
type thread struct {
	endpoint bridge.EndpointName
	url      string // empty: not known
}

// draft is what stands in the reply box to begin with: what was not sent.
type draft struct {
	text  string
	files []bridge.File
	why   string // it was not
}

// called is what the page is called.
func (c conversation) called() string {
	switch {
	case c.Kind == bridge.Colleagues:
		return "Among colleagues"
	case c.visitor.Profile.Name == "":
		return "A visitor"
	}
	return c.visitor.Profile.Name
}

func (b *Workbench) conversation(v *visit) (content, error) {
	c, err := b.readConversation(v)
	if err != nil {
		return content{}, err
	}
	return c.content(v), nil
}

func (c conversation) content(v *visit) content {
	return content{title: c.called(), body: conversationPage(v, c)}
}

// theConversation is the one that the address names.
func (v *visit) theConversation() (bridge.Conversation, error) {
	id, err := strconv.ParseInt(v.PathValue("id"), 10, 64)
	if err != nil || id <= 0 {
		return bridge.Conversation{}, bridge.ErrNotFound
	}
	return v.bench.cfg.Conversations.Conversation(v.Context(), bridge.ConversationID(id))
}

func (b *Workbench) readConversation(v *visit) (c conversation, err error) {
	if c.Conversation, err = v.theConversation(); err != nil {
		return c, err
	}
	c.path = conversationAt(c.ID)
	if c.Kind == bridge.Guest {
		if c.customer, err = b.readCustomer(v.Context(), c.Conversation); err != nil {
			return c, err
		}
	}
	if c.threads, err = b.threadsOf(v.Context(), c.ID); err != nil {
		return c, err
	}
	if c.thoughts, err = b.thoughtsOf(v.Context(), c.Conversation); err != nil {
		return c, err
	}
	c.transcript, err = b.readTranscript(v, c.Conversation, c.thoughts)
	return c, err
}

func (b *Workbench) threadsOf(ctx context.Context, id bridge.ConversationID) (threads []thread, err error) {
	lanes, err := b.cfg.Conversations.Lanes(ctx, id)
	if err != nil {
		return nil, err
	}
	at := map[bridge.EndpointName]bridge.ThreadRef{}
	for _, l := range lanes {
		if l.Role == bridge.RoleTeam && l.Thread != "" {
			at[l.Endpoint] = l.Thread
			threads = append(threads, thread{endpoint: l.Endpoint})
		}
	}
	links := b.cfg.Desk.LinksTo(at)
	for i := range threads {
		threads[i].url = links[threads[i].endpoint]
	}
	return threads, nil
}

// newKey is the identity of a form that was shown: sent twice, it counts once.
func newKey() string { return rand.Text() }

// again answers with the page of the conversation that the form was on, changed: something is to be filled in or read first.
func (b *Workbench) again(v *visit, status int, change func(c *conversation)) error {
	c, err := b.readConversation(v)
	if err != nil {
		return err
	}
	change(&c)
	v.w.Header().Set("Hx-Push-Url", c.path)
	return v.render(status, c.content(v))
}

// toConversation leads from the address of a form, where a browser may load the page anew, to the page that it was on.
func (b *Workbench) toConversation(v *visit) error {
	c, err := v.theConversation()
	if err != nil {
		return err
	}
	http.Redirect(v.w, v.Request, conversationAt(c.ID), http.StatusSeeOther)
	return nil
}

// live is where an open page asks for itself again: for the stretch that it shows, without what it asked or told.
func (c conversation) live(v *visit) string {
	if v.Method == http.MethodGet {
		return v.URL.RequestURI()
	}
	return c.path
}
