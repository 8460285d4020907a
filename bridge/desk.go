package bridge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/skeindesk/skein/bridge/rich"
)

// Desk takes in: it is the only writer of logs. Its methods may be called concurrently, also by several instances.
type Desk struct {
	ledger     Ledger
	hub        *Hub
	routes     map[EndpointName]Route
	firstState State
	conditions *Conditions
	fetch      func(File)
	meter      Meter
	log        *slog.Logger
}

// DeskConfig is what a Desk is made of. Ledger, Hub and Routes are required.
type DeskConfig struct {
	Ledger     Ledger
	Hub        *Hub
	Routes     []Route
	Robot      bool        // a robot answers first: conversations begin in StateRobot
	Conditions *Conditions // where reports go
	Fetch      func(File)  // called after commit for every file whose bytes are still at their source
	Meter      Meter
	Log        *slog.Logger
}

// NewDesk returns a Desk.
func NewDesk(cfg DeskConfig) *Desk {
	d := &Desk{
		ledger: cfg.Ledger, hub: cfg.Hub, routes: map[EndpointName]Route{}, firstState: StateUnassigned,
		conditions: cfg.Conditions, fetch: cfg.Fetch, meter: meterOr(cfg.Meter), log: logOr(cfg.Log),
	}
	for _, r := range cfg.Routes {
		d.routes[r.Endpoint] = r
	}
	if cfg.Robot {
		d.firstState = StateRobot
	}
	if d.fetch == nil {
		d.fetch = func(File) {}
	}
	return d
}

var _ Sink = (*Desk)(nil)

// Receive implements Sink.
func (d *Desk) Receive(ctx context.Context, in Inbound) error {
	_, err := d.Accept(ctx, in)
	if errors.Is(err, ErrSeen) {
		return nil
	}
	return err
}

// Accept takes one happening in and returns the entry that it became, committed. It returns the zero Entry and nil
// for what is not for the log: a bot's line, a line outside any conversation, an edit of an unknown message. For a
// key that the log already holds it returns the first entry and ErrSeen. A *Problem says what the sender did wrong.
func (d *Desk) Accept(ctx context.Context, in Inbound) (Entry, error) {
	r, known := d.routes[in.Endpoint]
	if !known || in.Key == "" || in.Thread == "" {
		return Entry{}, fmt.Errorf("accept: endpoint %q has no route, key or thread", in.Endpoint)
	}
	in.From.Name = rich.Clean(in.From.Name)
	files := d.newFiles(in)

	var c change
	commit := func() error {
		return d.ledger.Change(ctx, func(tx Tx) error {
			c = change{tx: tx, route: r, files: files}
			return d.take(&c, in)
		})
	}
	err := commit()
	if errors.Is(err, ErrConflict) { // another message of the same visitor opened the conversation first
		err = commit()
	}
	switch {
	case errors.Is(err, ErrSeen):
		first, findErr := d.ledger.EntryByKey(ctx, in.Endpoint, in.Key)
		if findErr != nil {
			return Entry{}, fmt.Errorf("accept: find the first entry: %w", findErr)
		}
		return first, ErrSeen
	case err != nil:
		return Entry{}, fmt.Errorf("accept: %w", err)
	}
	d.announce(c.written)
	if len(c.written) == 0 {
		return Entry{}, nil
	}
	return c.written[0], nil
}

// change is one transaction of the Desk on one conversation, and what it has written so far.
type change struct {
	tx      Tx
	route   Route
	files   []File
	written []Entry
}

// write appends an entry to the log.
func (c *change) write(en Entry) error {
	en, err := c.tx.Append(en)
	if err != nil {
		return err
	}
	c.written = append(c.written, en)
	return nil
}

// take decides by the endpoint's role what a happening means.
func (d *Desk) take(c *change, in Inbound) error {
	if in.From.Bot {
		return nil
	}
	switch {
	case in.Kind == InEdited || in.Kind == InDeleted:
		return d.amend(c, in)
	case c.route.Role == RoleVisitor:
		return d.takeVisitor(c, in)
	case c.route.Role == RoleTeam:
		return d.takeAgent(c, in)
	default:
		return nil
	}
}

// takeVisitor logs a visitor's line. A line in a closed conversation opens it again.
func (d *Desk) takeVisitor(c *change, in Inbound) error {
	conv, err := d.open(c.tx, c.route, in)
	if err != nil {
		return err
	}
	by := Speaker{Kind: ByVisitor, ID: int64(conv.Visitor), Name: in.From.Name, Avatar: in.From.Avatar}
	if err := c.write(said(conv, in, by, c.files, d.answered(c.tx, conv, in))); err != nil {
		return err
	}
	if conv.State == StateClosed {
		conv.Owner = 0
		return c.setState(conv, d.firstState, Speaker{Kind: BySystem}, Origin{})
	}
	return nil
}

// takeAgent logs a line from a team thread as what it is. Only what classify calls a reply has the visitor among
// its audience.
func (d *Desk) takeAgent(c *change, in Inbound) error {
	conv, role, err := c.tx.ConversationByThread(in.Endpoint, in.Thread)
	if errors.Is(err, ErrNotFound) {
		return c.strangeThread(in)
	}
	if err != nil || role != RoleTeam {
		return err
	}
	agent, err := d.member(c.tx, c.route, in.From)
	if errors.Is(err, ErrNotFound) {
		return d.refuseStranger(c, conv, in)
	}
	if err != nil {
		return err
	}
	by := Speaker{Kind: ByAgent, ID: int64(agent.ID), Name: agent.Name, Avatar: agent.Avatar}
	line := classify(in.Body, c.route.Notes)
	if line.kind == lineNothing && len(c.files) > 0 {
		line = fileLine(c.route.Notes)
	}
	switch line.kind {
	case lineReply:
		return d.reply(c, conv, agent, in, line.body)
	case lineNote:
		return c.write(noted(conv, in, by, line.body, c.files, AgentsOnly))
	case lineCommand:
		if err := c.write(noted(conv, in, by, in.Body, nil, Only(in.Endpoint))); err != nil {
			return err
		}
		return d.carryOut(c, conv, agent, in, line)
	default: // nothing that can be read: a bare join message, an empty line
		return nil
	}
}

// strangeThread decides about a line in a thread that no conversation is known to have. It may be one whose card has
// just been sent and not settled yet: then the platform has to offer the line again.
func (c *change) strangeThread(in Inbound) error {
	opening, err := c.tx.Opening(in.Endpoint)
	if err == nil && opening {
		return errOpening
	}
	return err
}

var errOpening = errors.New("a thread of this endpoint is being opened; it may be this one")

// reply logs a line for the visitor. The first reply takes the conversation, in the same transaction.
func (d *Desk) reply(c *change, conv Conversation, agent Agent, in Inbound, body rich.Doc) error {
	by := Speaker{Kind: ByAgent, ID: int64(agent.ID), Name: agent.Name, Avatar: agent.Avatar}
	in.Body = body
	if err := c.write(said(conv, in, by, c.files, d.answered(c.tx, conv, in))); err != nil {
		return err
	}
	if conv.State != StateAssigned {
		return c.assign(conv, agent, by, Origin{})
	}
	return nil
}

// refuseStranger keeps the line of somebody outside the team from the visitor, and says so.
func (d *Desk) refuseStranger(c *change, conv Conversation, in Inbound) error {
	by := Speaker{Kind: ByAgent, Name: in.From.Name, Avatar: in.From.Avatar}
	if err := c.write(noted(conv, in, by, in.Body, c.files, Only(in.Endpoint))); err != nil {
		return err
	}
	return c.notify(conv, Only(in.Endpoint), "Not sent to the visitor: "+in.From.Name+" is not in the team.")
}

// amend logs an edit or a deletion of something this endpoint said before. Of the platform's own copies of what
// others said nothing is taken: those are ours.
func (d *Desk) amend(c *change, in Inbound) error {
	target, err := c.tx.EntryByMessage(in.Endpoint, in.Target)
	if errors.Is(err, ErrNotFound) || (err == nil && target.Origin.Endpoint != in.Endpoint) {
		return nil
	}
	if err != nil {
		return err
	}
	conv, _, err := c.tx.ConversationByThread(in.Endpoint, in.Thread)
	if errors.Is(err, ErrNotFound) || (err == nil && conv.ID != target.Conversation) {
		return nil
	}
	if err != nil {
		return err
	}
	current := target
	last, err := c.tx.LastVersion(target.Conversation, target.Seq)
	switch {
	case err == nil && last.Kind == Deleted:
		return nil
	case err == nil:
		current = last
	case !errors.Is(err, ErrNotFound):
		return err
	}
	en := Entry{
		Conversation: target.Conversation, Kind: Deleted, Audience: target.Audience, By: target.By,
		Origin: Origin{Endpoint: in.Endpoint, Key: in.Key}, Target: target.Seq, At: in.At,
	}
	if in.Kind == InDeleted {
		return c.write(en)
	}
	files := remaining(current.Files, in.Withdrawn)
	body, private := amendedBody(c.route, target, files, in.Body)
	if private { // a reply was made a note: the visitor must not read it
		if err := c.write(en); err != nil {
			return err
		}
		return c.notify(conv, AgentsOnly, "That line was taken back from the visitor: since your edit it is a note or a command.")
	}
	if rich.Equal(current.Body, body) && len(files) == len(current.Files) { // platforms call many things an edit
		return nil
	}
	en.Kind, en.Body, en.Files = Edited, body, files
	return c.write(en)
}

// amendedBody is what an edited line says now. It is private when a line for the visitor has become one that, written
// anew, would not be sent to them; a private line stays private whatever it becomes.
func amendedBody(r Route, target Entry, files []File, body rich.Doc) (amended rich.Doc, private bool) {
	if r.Role != RoleTeam {
		return body, false
	}
	l := classify(body, r.Notes)
	if l.kind == lineNothing && len(files) > 0 {
		l = fileLine(r.Notes)
	}
	if l.kind == lineReply || l.kind == lineNote {
		body = l.body
	}
	return body, target.Kind == Said && l.kind != lineReply
}

// remaining are the files that have not been withdrawn.
func remaining(files []File, withdrawn []string) []File {
	var out []File
	for _, f := range files {
		if !slices.Contains(withdrawn, f.Source.Ref) {
			out = append(out, f)
		}
	}
	return out
}

// answered finds the entry that a line answers; 0 when it answers none of this conversation.
func (d *Desk) answered(tx Tx, conv Conversation, in Inbound) int64 {
	if in.Target == "" {
		return 0
	}
	target, err := tx.EntryByMessage(in.Endpoint, in.Target)
	if err != nil || target.Conversation != conv.ID {
		return 0
	}
	return target.Seq
}

// member finds the agent behind a person. Where the channel is open to all, whoever writes there joins the team.
func (d *Desk) member(tx Tx, r Route, p Person) (Agent, error) {
	agent, err := tx.AgentByPerson(r.Endpoint, p.ID)
	if errors.Is(err, ErrNotFound) && !r.Invited {
		return tx.JoinAgent(r.Endpoint, p)
	}
	return agent, err
}

// newFiles gives ids to the files of a happening. They are made outside the transaction, which may run twice.
func (d *Desk) newFiles(in Inbound) []File {
	files := append([]File(nil), in.Stored...)
	for _, ref := range in.Files {
		ref.Endpoint = in.Endpoint
		files = append(files, File{
			ID: NewFileID(), Name: rich.Clean(ref.Name), Type: ref.Type, Size: ref.Size,
			Width: ref.Width, Height: ref.Height, Source: ref,
		})
	}
	return files
}

// announce tells the rest of the program what has committed.
func (d *Desk) announce(written []Entry) {
	for _, en := range written {
		d.meter.Entry(en.Origin.Endpoint, en.Kind)
		for _, f := range en.Files {
			if f.Source.Ref != "" && en.Kind != Edited {
				d.fetch(f)
			}
		}
	}
	if len(written) > 0 {
		d.hub.Publish(written[0].Conversation)
	}
}

// Greet remembers a visitor who has not written yet, or what is newly known of one.
func (d *Desk) Greet(ctx context.Context, v Visitor) (Visitor, error) {
	v.Profile.Name = rich.Clean(v.Profile.Name)
	var saved Visitor
	err := d.ledger.Change(ctx, func(tx Tx) (err error) {
		saved, err = tx.SaveVisitor(v)
		return err
	})
	if err != nil {
		return Visitor{}, fmt.Errorf("greet: %w", err)
	}
	return saved, nil
}

// Typing implements Sink. No platform connected so far both tells that somebody writes and can show it.
func (d *Desk) Typing(context.Context, EndpointName, ThreadRef) {}

// Report implements Sink.
func (d *Desk) Report(_ context.Context, e EndpointName, c Condition) {
	if d.conditions != nil {
		d.conditions.Set(e, c)
	}
}

func said(conv Conversation, in Inbound, by Speaker, files []File, target int64) Entry {
	return Entry{
		Conversation: conv.ID, Kind: Said, Audience: Everyone, By: by,
		Origin: Origin{Endpoint: in.Endpoint, Key: in.Key, Message: in.Message},
		Target: target, Body: in.Body, Files: files, At: in.At,
	}
}

func noted(conv Conversation, in Inbound, by Speaker, body rich.Doc, files []File, a Audience) Entry {
	return Entry{
		Conversation: conv.ID, Kind: Noted, Audience: a, By: by,
		Origin: Origin{Endpoint: in.Endpoint, Key: in.Key, Message: in.Message},
		Body:   body, Files: files, At: in.At,
	}
}

// now is the time of entries that no platform dates.
func now() time.Time { return time.Now().UTC() }
