package workbench

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// customer is what is known of who a conversation is with.
type customer struct {
	visitor             bridge.Visitor
	visits              []bridge.Visit
	others              []bridge.ConversationRow // their other conversations, the latest used first
	askedAt, answeredAt time.Time                // when they first wrote, and were first answered
	edit                *edit
}

// edit is what an agent wanted to change and what kept them from it.
type edit struct {
	why    string
	fields map[string]string
}

const maxOthers = 20

func (b *Workbench) readCustomer(ctx context.Context, conv bridge.Conversation) (c customer, err error) {
	if c.visitor, err = b.cfg.Conversations.VisitorByID(ctx, conv.Visitor); err != nil {
		return c, err
	}
	if c.visits, err = b.cfg.Conversations.Visits(ctx, conv.Visitor); err != nil {
		return c, err
	}
	if c.askedAt, c.answeredAt, err = b.cfg.Conversations.FirstAnswer(ctx, conv.ID); err != nil {
		return c, err
	}
	all, err := b.cfg.Lists.Conversations(ctx, bridge.ConversationQuery{Visitor: conv.Visitor, Limit: maxOthers + 1})
	c.others = slices.DeleteFunc(all.Rows, func(r bridge.ConversationRow) bool { return r.Conversation.ID == conv.ID })
	return c, err
}

// editCustomer changes what is known of the visitor, but not over what somebody else has changed meanwhile.
func (b *Workbench) editCustomer(v *visit) error {
	c, err := v.theConversation()
	if err != nil {
		return err
	}
	call, _ := v.invocation(bridge.WorkbenchThread(c.ID))
	call.Word, call.Rest, call.Message = "edit", "", ""
	answer, err := v.ask(call)
	switch {
	case err != nil:
		return err
	case answer.Refused:
		return b.again(v, http.StatusUnprocessableEntity, func(c *conversation) {
			c.edit = &edit{why: answer.Public, fields: call.Fields}
		})
	}
	http.Redirect(v.w, v.Request, conversationAt(c.ID)+"#customer", http.StatusSeeOther)
	return nil
}

// editable is a field of the form in which an agent changes what is known.
type editable struct {
	name, label string
	value       string // what stands in it
	was         string // what is known
	lines       bool
}

func (c customer) editables() []editable {
	p := c.visitor.Profile
	fields := []editable{
		{name: "name", label: "Name", was: p.Name},
		{name: "email", label: "E-mail", was: p.Email},
		{name: "phone", label: "Phone", was: p.Phone},
		{name: "attributes", label: "Own data: name=value, one a line", was: p.AttributeLines(), lines: true},
	}
	for i := range fields {
		fields[i].value = fields[i].was
		if c.edit != nil {
			fields[i].value = c.edit.fields[fields[i].name]
		}
	}
	return fields
}

// fact is a line of what is known.
type fact struct {
	label, value string
	url          string // where it leads; empty: nowhere
	byTeam       bool   // an agent has set it
}

// person are the facts of who the visitor is.
func (c customer) person() []fact {
	p := c.visitor.Profile
	set := func(name string) bool { _, is := c.visitor.Edited[name]; return is }
	facts := []fact{
		{label: "Name", value: p.Name, byTeam: set("name")},
		{label: "E-mail", value: p.Email, byTeam: set("email")},
		{label: "Phone", value: p.Phone, byTeam: set("phone")},
	}
	for _, name := range slices.Sorted(maps.Keys(p.Attributes)) {
		facts = append(facts, fact{label: name, value: p.Attributes[name], byTeam: set(name)})
	}
	return known(facts)
}

// access are the facts of how the visitor comes here.
func (c customer) access() []fact {
	v := c.visitor
	facts := []fact{pageFact("Page", v.Page), {label: "Came from", value: v.Page.Referrer}}
	facts = append(facts, fact{label: "Device", value: v.Device}, fact{label: "Place", value: v.Place},
		fact{label: "Network", value: v.Network}, fact{label: "Browser set to", value: v.Locale})
	return known(facts)
}

// pageFact leads to a page, if its address is one that may be followed.
func pageFact(label string, p bridge.Page) fact {
	f := fact{label: label, value: strings.TrimSpace(p.Title)}
	if f.value == "" {
		f.value = p.URL
	}
	f.url, _ = rich.SafeURL(p.URL)
	return f
}

// known leaves out what is not.
func known(facts []fact) []fact {
	for i := range facts {
		facts[i].value = rich.Clean(facts[i].value)
	}
	return slices.DeleteFunc(facts, func(f fact) bool { return f.value == "" })
}
