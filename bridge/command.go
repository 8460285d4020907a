package bridge

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/skeindesk/skein/bridge/rich"
)

// Word is one word that agents can ask for, as front ends have to know it: what they declare to their platform and what
// they offer. It may be of two words, the second being one that begins what follows the first ("qr add").
type Word struct {
	Word  string
	Usage string // as text, with what follows
	Help  string // a few words
	// Anywhere: it is about no conversation and can be given outside of threads.
	Anywhere bool
	// OnMessage: it is, or can be, about one message.
	OnMessage bool
	// Anyone: people outside the team can give it as well.
	Anyone bool
	// Least is what one must be in the team to give it; empty: a member.
	Least Rank
	// Args are what follows the word: the options of a slash command, the fields of a form. Choices of a search and values
	// are known only when it is asked for.
	Args []Field
}

// command is a word with what it does. The same table answers text ("!take"), buttons, forms and slash commands.
type command struct {
	Word
	// fill completes the form that asks for Args, if not nil.
	fill func(d *Desk, c *change, a asked, f *Form) error
	// asks: given natively without anything after it, it shows its form, although nothing in it must be filled in.
	asks bool
	// ahead asks somebody outside, before the transaction in which run is: what it returns is asked.ahead there, and what it
	// cannot find out it leaves to run. Of asked it has only what was given. The error may be, or wrap, an *Untranslated.
	ahead func(ctx context.Context, d *Desk, a asked) (any, error)
	// run carries the word out. asked.conv may be zero where Anywhere says so.
	run func(d *Desk, c *change, a asked) error
}

// Vocabulary is the table of words, in the order in which help shows it.
func Vocabulary() []Word {
	var words []Word
	for _, cmd := range commands() {
		words = append(words, cmd.Word)
	}
	return words
}

// asked is a command on its way through the table.
type asked struct {
	conv   Conversation
	agent  Agent
	by     Speaker
	in     Inbound
	native bool // it was not written as a line in the thread: nobody else there sees it
	rest   string
	fields map[string]string // of a form; nil: none was filled in
	ahead  any               // of command.ahead
	speaks string            // the language of what is said by it to the visitor, where that is known
	answer *Answer           // what only the person who asked is told; in a thread of text, that thread
}

// field is what was filled into the form or given as an option; of a word with one argument also what followed it.
func (a asked) field(name string) string {
	if a.fields == nil {
		return a.rest
	}
	return strings.TrimSpace(a.fields[name])
}

// commands lists the table in the order in which help shows it.
func commands() []command {
	return slices.Concat(
		stateCommands(), assignCommands(), lineCommands(), listCommands(), customerCommands(), questionCommands(), proofCommands(),
		languageCommands(), robotCommands(), quickCommands(), dutyCommands(), teamCommands(), signInCommands(), helpCommands(),
	)
}

// commandFor finds a word in the table, the longer one if what follows begins like it.
func commandFor(word, rest string) (cmd command, left string, p *Problem) {
	table := commands()
	find := func(word string) int {
		return slices.IndexFunc(table, func(cmd command) bool { return cmd.Word.Word == word })
	}
	if word == searchWord {
		return table[find("qr")], rest, nil
	}
	second, after, _ := strings.Cut(rest, " ")
	if i := find(word + " " + strings.ToLower(second)); i >= 0 {
		return table[i], strings.TrimSpace(after), nil
	}
	if i := find(word); i >= 0 {
		return table[i], rest, nil
	}
	return command{}, rest, &Problem{Code: "unknown_command", Public: "Nothing was sent to the visitor: that is not a command. " +
		"Write !help for the list, or begin the line with another character to send it."}
}

// carryOut runs a command that was written, inside the transaction that logs it. It is answered with a notice where it was
// given; nothing of it reaches the visitor.
func (d *Desk) carryOut(c *change, conv Conversation, agent Agent, in Inbound, l line) error {
	var answer Answer
	a := asked{conv: conv, agent: agent, by: speakerFor(agent, in.From), in: in, rest: l.rest, answer: &answer}
	problem, err := d.runCommand(c, a, l.word)
	switch {
	case err != nil:
		return err
	case problem != nil:
		return c.notify(conv, Only(in.Endpoint), problem.Public)
	case answer.Public != "":
		en := notice(conv.ID, Only(in.Endpoint), answer.Public)
		en.Offers = answer.Offers
		if answer.Rich != nil {
			en.Body = answer.Rich
		}
		return c.write(en)
	}
	return nil
}

// runCommand separates what the person did wrong from what failed here.
func (d *Desk) runCommand(c *change, a asked, word string) (*Problem, error) {
	cmd, rest, problem := commandFor(word, a.rest)
	if problem != nil {
		return problem, nil
	}
	if problem := cmd.refuses(a.agent); problem != nil {
		return problem, nil
	}
	a.rest, a.ahead = rest, c.foreseen.value
	err := c.foreseen.err
	if err == nil {
		err = cmd.run(d, c, a)
	}
	if problem, ok := errors.AsType[*Problem](err); ok {
		return problem, nil
	}
	return nil, err
}

// refuses says why the agent may not give the word; the zero Agent is somebody outside the team.
func (cmd command) refuses(agent Agent) *Problem {
	switch {
	case cmd.Anyone:
		return nil
	case agent.ID == 0:
		return errNotInTeam
	case agent.Rank.AtLeast(cmd.Least):
		return nil
	case cmd.Least == RankOwner:
		return &Problem{Code: "not_allowed", Public: "Nothing was changed: only the owner of the team can do this."}
	}
	return &Problem{Code: "not_allowed", Public: "Nothing was changed: only admins of the team can do this."}
}

// Command implements Sink: the native forms of the table.
func (d *Desk) Command(ctx context.Context, call Invocation) (Answer, error) {
	r, known := d.route(call.Endpoint)
	if !known || r.Role != RoleTeam {
		return Answer{}, fmt.Errorf("command: endpoint %q has no agents", call.Endpoint)
	}
	var c change
	var answer Answer
	ahead := d.lookAhead(ctx, call.Word, call.Rest, asked{
		fields: call.Fields, in: Inbound{Endpoint: call.Endpoint, Thread: call.Thread, Target: call.Message, TargetAt: call.MessageAt, From: call.From, At: now()}, native: true,
	})
	err := d.ledger.Change(ctx, func(tx Tx) error {
		c, answer = change{tx: tx, route: r, foreseen: ahead}, Answer{}
		return d.invoke(&c, call, &answer)
	})
	if problem, ok := errors.AsType[*Problem](err); ok { // it may be given again, with the same key
		return Answer{Public: problem.Public, Refused: true}, nil
	}
	if errors.Is(err, ErrSeen) {
		return Answer{}, nil
	}
	if err != nil {
		return Answer{}, fmt.Errorf("command: %w", err)
	}
	d.publish(&c)
	return answer, nil
}

// invoke carries out a native form, or answers with what has to be filled in first.
func (d *Desk) invoke(c *change, call Invocation, answer *Answer) error {
	cmd, rest, problem := commandFor(call.Word, call.Rest)
	if problem != nil {
		return problem
	}
	conv, err := c.about(call)
	elsewhere := errors.Is(err, ErrNotFound) && call.Thread == "" && call.Fields[ConversationField] == ""
	switch {
	case err == nil, cmd.Anywhere && errors.Is(err, ErrNotFound), elsewhere:
	case errors.Is(err, ErrNotFound):
		if call.Thread != "" {
			if err := c.strangeThread(call.Endpoint, call.Thread); err != nil {
				return err
			}
		}
		return &Problem{Code: "no_conversation", Public: "This message does not belong to a conversation."}
	default:
		return err
	}
	if conv.Kind == Colleagues && !cmd.Anywhere {
		return &Problem{Code: "colleagues", Public: "This is a conversation among colleagues: there is nothing to take or to close."}
	}
	agent, err := d.asking(c, cmd, call.From)
	if err != nil {
		return err
	}
	if problem := cmd.refuses(agent); problem != nil {
		return problem
	}
	switch {
	case cmd.Anywhere:
	case !conv.ErasedAt.IsZero() && cmd.Word.Word != "unblock":
		return errErased
	case conv.Joined != 0:
		return errGone
	}
	a := asked{
		conv: conv, agent: agent, by: speakerFor(agent, call.From), rest: rest, fields: filled(call.Fields), answer: answer,
		in: Inbound{
			Endpoint: call.Endpoint, Key: call.Key, Kind: InSaid, Thread: call.Thread, Target: call.Message, TargetAt: call.MessageAt, From: call.From, At: now(),
		},
		native: true,
	}
	if elsewhere = elsewhere && !cmd.Anywhere; elsewhere || cmd.lacks(a) {
		answer.Form, err = d.formFor(c, cmd, a, elsewhere)
		return err
	}
	if p, pressed := parsePick(rest); pressed && p.once != "" {
		a.in.Key = fmt.Sprintf("once/%d/%s", conv.ID, p.once) // a second press is this one
	}
	if conv.ID != 0 {
		if err := c.record(a, cmd.Word.Word); err != nil {
			return err
		}
	}
	if a.ahead = c.foreseen.value; c.foreseen.err != nil {
		return c.foreseen.err
	}
	return cmd.run(d, c, a)
}

// foreseen is what a command's ahead has returned.
type foreseen struct {
	value any
	err   error
}

// lookAhead calls the ahead of a command, if it has one. What went wrong is a Problem then: the person who asks is told.
func (d *Desk) lookAhead(ctx context.Context, word, rest string, a asked) foreseen {
	cmd, rest, problem := commandFor(word, rest)
	if problem != nil || cmd.ahead == nil {
		return foreseen{}
	}
	a.rest, a.fields = rest, filled(a.fields)
	value, err := cmd.ahead(ctx, d, a)
	if u, ok := errors.AsType[*Untranslated](err); ok {
		d.log.Info("asked ahead of a command", "endpoint", a.in.Endpoint, "word", word, "error", err)
		err = &Problem{Code: "unavailable", Public: "Nothing was done: " + u.Public()}
	}
	return foreseen{value, err}
}

// asking finds who gives a word: the zero Agent is somebody outside the team. By a word that is for anyone nobody joins.
func (d *Desk) asking(c *change, cmd command, p Person) (Agent, error) {
	agent, err := c.tx.AgentByPerson(c.route.Endpoint, p.ID)
	if errors.Is(err, ErrNotFound) && !cmd.Anyone {
		agent, err = d.member(c.tx, c.route, p)
	}
	if errors.Is(err, ErrNotFound) {
		return Agent{}, nil
	}
	return agent, err
}

// record logs a native form as if it had been written: the log has each once.
func (c *change) record(a asked, word string) error {
	text := "!" + word + " " + a.rest
	for _, f := range slices.Sorted(maps.Keys(a.fields)) {
		if !strings.HasPrefix(f, WasField) {
			text += fmt.Sprintf(" %s=%q", f, a.fields[f])
		}
	}
	return c.write(noted(a.conv, a.in, a.by, rich.Of(strings.TrimSpace(text)), nil, Only(a.in.Endpoint)))
}

// spoken is the origin of what is said or noted by a command. Where the command is a line in the thread its words are read
// there already, and that endpoint gets no copy.
func (a asked) spoken() Origin {
	if a.native {
		return Origin{}
	}
	return Origin{Endpoint: a.in.Endpoint, Key: a.in.Key + "/said"}
}

var errNotInTeam = &Problem{
	Code: "not_in_team", Public: "Only members of the team can do this. Ask one of its admins for a code, and give join with it.",
}

// filled is what was filled in besides the conversation; nil for nothing.
func filled(fields map[string]string) map[string]string {
	if _, ok := fields[ConversationField]; !ok {
		return fields
	}
	if len(fields) == 1 {
		return nil
	}
	fields = maps.Clone(fields)
	delete(fields, ConversationField)
	return fields
}

// about finds the conversation that a native form is about: that of its thread, else the one its form says.
func (c *change) about(call Invocation) (Conversation, error) {
	if call.Thread != "" {
		conv, _, err := c.tx.ConversationByThread(call.Endpoint, call.Thread)
		return conv, err
	}
	id, ok := parseConversation(call.Fields[ConversationField])
	if !ok {
		return Conversation{}, ErrNotFound
	}
	return c.tx.Conversation(id)
}

// lacks reports whether something has to be filled in before the word can be carried out.
func (cmd command) lacks(a asked) bool {
	if cmd.asks && a.fields == nil && a.rest == "" {
		return true
	}
	return slices.ContainsFunc(cmd.Args, func(f Field) bool { return !f.Optional && a.field(f.Name) == "" })
}

// formFor is the form of a command. One that was not given in a conversation's thread asks for the conversation, too; the
// agent's own latest is chosen to begin with.
func (d *Desk) formFor(c *change, cmd command, a asked, elsewhere bool) (*Form, error) {
	name := cmd.Word.Word
	f := &Form{Word: name, Title: strings.ToUpper(name[:1]) + name[1:], Fields: slices.Clone(cmd.Args)}
	f.Submit = f.Title
	for i := range f.Fields {
		f.Fields[i].Value = a.fields[f.Fields[i].Name]
	}
	if len(cmd.Args) > 0 && a.fields == nil {
		f.Fields[0].Value = a.rest
	}
	if cmd.fill != nil {
		if err := cmd.fill(d, c, a, f); err != nil {
			return nil, err
		}
	}
	if !elsewhere {
		return f, nil
	}
	choices, err := suggestConversations(d, c.tx, a.agent, Query{Endpoint: a.in.Endpoint, Word: cmd.Word.Word, Limit: maxChoices})
	if err != nil {
		return nil, err
	}
	if len(choices) == 0 {
		return nil, &Problem{Code: "no_conversation", Public: "There is no open conversation that this could be done in."}
	}
	f.Fields = slices.Insert(f.Fields, 0, Field{
		Name: ConversationField, Label: "Conversation", Kind: FieldSearch, Value: choices[0].Value, Choices: choices,
	})
	return f, nil
}

// maxChoices is how many choices fit every platform's list.
const maxChoices = 25

// speakerFor is who gives a word, a member of the team or not.
func speakerFor(a Agent, p Person) Speaker {
	if a.ID == 0 {
		return Speaker{Kind: ByAgent, Name: p.Name, Avatar: p.Avatar}
	}
	return agentSpeaking(a)
}

func agentSpeaking(a Agent) Speaker {
	return Speaker{Kind: ByAgent, ID: int64(a.ID), Name: a.Name, Avatar: a.Avatar}
}
