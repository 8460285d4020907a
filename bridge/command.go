package bridge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/skeindesk/skein/bridge/rich"
)

// command is one word that agents can ask for. The same table answers text ("!take"), buttons and slash commands.
type command struct {
	word  string
	usage string
	help  string
	run   func(d *Desk, c *change, a asked) error
}

// asked is a command on its way through the table.
type asked struct {
	conv   Conversation
	agent  Agent
	by     Speaker
	in     Inbound
	origin Origin // of the entry that records it; zero when the command's own line already does
	rest   string
}

// commands lists the table in the order in which help shows it.
func commands() []command {
	return []command{
		{"take", "!take", "make the conversation yours", commandTake},
		{"unassign", "!unassign", "put it back to Unassigned", commandUnassign},
		{"close", "!close [words to the visitor]", "move it to History", commandClose},
		{"reopen", "!reopen", "take it back from History", commandReopen},
		{"reply", "!reply words", "answer the visitor where plain lines are notes", commandWordless},
		{"note", "!note words, or //words", "tell colleagues only", commandWordless},
		{"help", "!help", "show this list", commandHelp},
	}
}

// carryOut runs a command inside the transaction that logs it. A wrong one is answered with a notice where it was
// given; nothing of it reaches the visitor.
func (d *Desk) carryOut(c *change, conv Conversation, agent Agent, in Inbound, l line) error {
	by := Speaker{Kind: ByAgent, ID: int64(agent.ID), Name: agent.Name, Avatar: agent.Avatar}
	a := asked{conv: conv, agent: agent, by: by, in: in, rest: l.rest}
	problem, err := d.runCommand(c, a, l.word)
	if err != nil {
		return err
	}
	if problem != nil {
		return c.notify(conv, Only(in.Endpoint), problem.Public)
	}
	return nil
}

// runCommand separates what the person did wrong from what failed here.
func (d *Desk) runCommand(c *change, a asked, word string) (*Problem, error) {
	table := commands()
	i := slices.IndexFunc(table, func(cmd command) bool { return cmd.word == word })
	if word == "qr" {
		return &Problem{Code: "no_quick_replies", Public: "Nothing was sent to the visitor: there are no quick replies in this version."}, nil
	}
	if i < 0 {
		return &Problem{Code: "unknown_command", Public: "Nothing was sent to the visitor: that is not a command. " +
			"Write !help for the list, or begin the line with another character to send it."}, nil
	}
	err := table[i].run(d, c, a)
	if problem, ok := errors.AsType[*Problem](err); ok {
		return problem, nil
	}
	return nil, err
}

// Command implements Sink: the native forms of the table.
func (d *Desk) Command(ctx context.Context, call Invocation) (Answer, error) {
	r, known := d.routes[call.Endpoint]
	if !known || r.Role != RoleTeam {
		return Answer{}, fmt.Errorf("command: endpoint %q has no agents", call.Endpoint)
	}
	in := Inbound{Endpoint: call.Endpoint, Key: call.Key, Kind: InSaid, Thread: call.Thread, From: call.From, At: now()}
	var c change
	var answer Answer
	err := d.ledger.Change(ctx, func(tx Tx) error {
		c, answer = change{tx: tx, route: r}, Answer{}
		conv, _, err := tx.ConversationByThread(call.Endpoint, call.Thread)
		if errors.Is(err, ErrNotFound) {
			answer.Public = "This message does not belong to a conversation."
			return nil
		}
		if err != nil {
			return err
		}
		agent, err := d.member(tx, r, call.From)
		if errors.Is(err, ErrNotFound) {
			answer.Public = "Only members of the team can do this."
			return nil
		}
		if err != nil {
			return err
		}
		a := asked{
			conv: conv, agent: agent, in: in, rest: call.Rest,
			by:     Speaker{Kind: ByAgent, ID: int64(agent.ID), Name: agent.Name, Avatar: agent.Avatar},
			origin: Origin{Endpoint: call.Endpoint, Key: call.Key},
		}
		problem, err := d.runCommand(&c, a, call.Word)
		if problem != nil {
			answer.Public = problem.Public
		}
		return err
	})
	if errors.Is(err, ErrSeen) {
		return Answer{}, nil
	}
	if err != nil {
		return Answer{}, fmt.Errorf("command: %w", err)
	}
	d.announce(c.written)
	return answer, nil
}

func commandTake(_ *Desk, c *change, a asked) error {
	if a.conv.State == StateAssigned && a.conv.Owner == a.agent.ID {
		return &Problem{Code: "already_yours", Public: "This conversation is already yours."}
	}
	return c.assign(a.conv, a.agent, a.by, a.origin)
}

func commandUnassign(_ *Desk, c *change, a asked) error {
	if a.conv.State == StateUnassigned {
		return &Problem{Code: "not_assigned", Public: "Nobody owns this conversation."}
	}
	a.conv.Owner, a.conv.OwnerName = 0, ""
	return c.setState(a.conv, StateUnassigned, a.by, a.origin)
}

func commandClose(_ *Desk, c *change, a asked) error {
	if a.conv.State == StateClosed {
		return &Problem{Code: "already_closed", Public: "This conversation is already closed."}
	}
	if a.rest != "" {
		if err := c.sayToVisitor(a); err != nil {
			return err
		}
	}
	return c.setState(a.conv, StateClosed, a.by, a.origin)
}

func commandReopen(_ *Desk, c *change, a asked) error {
	if a.conv.State != StateClosed {
		return &Problem{Code: "not_closed", Public: "This conversation is open."}
	}
	return c.assign(a.conv, a.agent, a.by, a.origin)
}

// commandWordless answers the words note and reply given without a text; with one they are not commands but lines.
func commandWordless(*Desk, *change, asked) error {
	return &Problem{Code: "no_text", Public: "Nothing was sent or noted: write the text after the word."}
}

func commandHelp(_ *Desk, c *change, a asked) error {
	var b strings.Builder
	b.WriteString("A plain line goes to the visitor. ")
	if c.route.Notes {
		b.Reset()
		b.WriteString("A plain line is a note for colleagues. ")
	}
	b.WriteString("Lines that begin with ! are for Skein:")
	for _, cmd := range commands() {
		b.WriteString("\n" + cmd.usage + ": " + cmd.help)
	}
	return c.notify(a.conv, Only(a.in.Endpoint), b.String())
}

// sayToVisitor logs the words of a command as the agent's line. The agent sees them in their own command, so the
// endpoint it came from gets no copy.
func (c *change) sayToVisitor(a asked) error {
	en := said(a.conv, a.in, a.by, nil, 0)
	en.Origin = Origin{Endpoint: a.in.Endpoint, Key: a.in.Key + "/said"}
	en.Body = rich.Of(a.rest)
	return c.write(en)
}
