package bridge

import (
	"context"
	"strconv"
	"strings"
)

// Workbench is the endpoint by which agents act in the web view. It is not configured and has no adapter and no lanes: its
// threads are conversations, its people members of the team, its messages entries, each by its number. What is said there
// goes wherever the conversation is; what only the person who asks is told goes nowhere else.
const Workbench EndpointName = "workbench"

// WorkbenchThread is a conversation as a thread of the workbench.
func WorkbenchThread(c ConversationID) ThreadRef { return ThreadRef(strconv.FormatInt(int64(c), 10)) }

// WorkbenchMessage is an entry as a message of the workbench.
func WorkbenchMessage(c ConversationID, seq int64) MessageRef {
	return MessageRef(WorkbenchThread(c)) + "/" + MessageRef(strconv.FormatInt(seq, 10))
}

// WorkbenchPerson is a member of the team as who acts at the workbench.
func WorkbenchPerson(a Agent) Person {
	return Person{ID: strconv.FormatInt(int64(a.ID), 10), Name: a.Name, Avatar: a.Avatar}
}

// InWorkbench reports whether the entry came from the workbench.
func (en Entry) InWorkbench() bool { return en.Origin.Endpoint == Workbench }

// CanChangeInWorkbench reports whether its author can change the entry there: it came from there, or an agent has said it
// by a command and no message of theirs is where else they would change it.
func (en Entry) CanChangeInWorkbench() bool {
	return en.InWorkbench() || en.Kind == Said && en.By.Kind == ByAgent && en.Origin.Endpoint == ""
}

// isOf reports whether whoever acts at the workbench is who spoke: platforms let nobody change what another wrote; there it
// is for us to see to.
func (in Inbound) isOf(by Speaker) bool {
	return by.Kind == ByAgent && in.From.ID == strconv.FormatInt(by.ID, 10)
}

// workbenchRoute is what the Desk knows of it.
func workbenchRoute() Route {
	return Route{Endpoint: Workbench, Role: RoleTeam, Invited: true, Asks: true}
}

// workbenchLedger is a ledger in which the workbench can be found like any other endpoint.
type workbenchLedger struct{ Ledger }

func (l workbenchLedger) Change(ctx context.Context, fn func(tx Tx) error) error {
	return l.Ledger.Change(ctx, func(tx Tx) error { return fn(workbenchTx{tx}) })
}

func (l workbenchLedger) Look(ctx context.Context, fn func(tx Tx) error) error {
	return l.Ledger.Look(ctx, func(tx Tx) error { return fn(workbenchTx{tx}) })
}

type workbenchTx struct{ Tx }

func (t workbenchTx) ConversationByThread(e EndpointName, thread ThreadRef) (Conversation, Role, error) {
	if e != Workbench {
		return t.Tx.ConversationByThread(e, thread)
	}
	id, ok := parseConversation(string(thread))
	if !ok {
		return Conversation{}, "", ErrNotFound
	}
	c, err := t.Conversation(id)
	if err == nil && c.Kind != Guest { // what is said among colleagues is said in their channels
		return Conversation{}, "", ErrNotFound
	}
	return c, RoleTeam, err
}

func (t workbenchTx) ConversationByThreadFor(e EndpointName, thread ThreadRef, person string) (Conversation, Role, error) {
	if e == Workbench {
		return t.ConversationByThread(e, thread)
	}
	return t.Tx.ConversationByThreadFor(e, thread, person)
}

func (t workbenchTx) AgentByPerson(e EndpointName, personID string) (Agent, error) {
	id, err := strconv.ParseInt(personID, 10, 64)
	if e != Workbench || err != nil {
		return t.Tx.AgentByPerson(e, personID)
	}
	return t.Member(AgentID(id))
}

func (t workbenchTx) EntryByMessage(e EndpointName, m MessageRef) (Entry, error) {
	if e != Workbench {
		return t.Tx.EntryByMessage(e, m)
	}
	thread, number, _ := strings.Cut(string(m), "/")
	c, ok := parseConversation(thread)
	seq, err := strconv.ParseInt(number, 10, 64)
	if !ok || err != nil {
		return Entry{}, ErrNotFound
	}
	en, _, err := t.EntryAt(c, seq)
	return en, err
}
