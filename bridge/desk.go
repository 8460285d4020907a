package bridge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/skeindesk/skein/bridge/masking"
	"github.com/skeindesk/skein/bridge/rich"
)

// Desk takes in: it is the only writer of logs. Its methods may be called concurrently, also by several instances.
type Desk struct {
	ledger     Ledger
	hub        *Hub
	routes     map[EndpointName]Route
	policy     func() *Policy // nil: there is none
	desks      func(EndpointName) []EndpointName
	firstState State
	robot      *RobotManners
	assignment Assignment
	duty       chan struct{} // a hint: there may be something for KeepDuty
	shelf      *Shelf
	knowledge  *Knowledge
	askers     askers
	conditions *Conditions
	fetch      func(File)
	along      func(ctx context.Context, say func(Claimant) ([]Lane, error)) error
	said       func(ConversationID) // publishes what was said along
	link       func(EndpointName, ThreadRef) string
	typing     *typing
	mailing    *Mailing
	languages  *Languages
	// teamLanguage is what agents read where nothing else says it: at the workbench.
	teamLanguage string
	wishes       chan struct{} // a hint: there may be something for KeepTranslations
	workbench    string
	meter        Meter
	log          *slog.Logger
}

// DeskConfig is what a Desk is made of. Ledger, Hub and Routes are required.
type DeskConfig struct {
	Ledger     Ledger
	Hub        *Hub
	Routes     []Route
	Policy     func() *Policy                             // what holds at the moment, instead of what Routes say of it; nil: they do
	Desks      func(visitors EndpointName) []EndpointName // asked instead of Route.Desk, if given
	Robot      *RobotManners                              // a robot answers first: conversations begin in StateRobot; nil: there is none
	Assignment Assignment                                 // the zero Assignment: nothing happens by itself
	Shelf      *Shelf                                     // nil: there are no quick replies to be found
	Knowledge  *Knowledge                                 // what the team knows; nil: nothing
	Conditions *Conditions                                // where reports go
	Fetch      func(File)                                 // called after commit for every file whose bytes are still at their source
	Link       func(EndpointName, ThreadRef) string       // Linker.ThreadLink of the endpoint's adapter; "" when it is none
	// Along lets say claim for this instance what it brings to be sent: Courier.Along. nil: it claims nothing.
	Along func(ctx context.Context, say func(Claimant) ([]Lane, error)) error
	// ShowTyping shows in a thread that somebody is writing: Typist.ShowTyping of the endpoint's adapter; nil: nobody can.
	ShowTyping func(ctx context.Context, e EndpointName, t ThreadRef)
	Typing     *Hub       // told of conversations in which an agent is writing to a visitor who reads for themselves; nil: nobody is
	Mailing    *Mailing   // nil: visitors who have left are sent nothing
	Languages  *Languages // nil: languages are not recognised, and nothing is translated
	Workbench  string     // address of the web view, without a final slash; empty: there is none
	Meter      Meter
	Log        *slog.Logger
}

// NewDesk returns a Desk.
func NewDesk(cfg DeskConfig) *Desk {
	d := &Desk{
		ledger: workbenchLedger{cfg.Ledger}, hub: cfg.Hub, routes: map[EndpointName]Route{}, policy: cfg.Policy, firstState: StateUnassigned,
		assignment: cfg.Assignment, duty: make(chan struct{}, 1), wishes: make(chan struct{}, 1),
		conditions: cfg.Conditions, fetch: cfg.Fetch, link: cfg.Link, workbench: cfg.Workbench, meter: meterOr(cfg.Meter), log: logOr(cfg.Log),
	}
	d.typing = newTyping(cfg.ShowTyping, cfg.Typing)
	if d.mailing = cfg.Mailing; d.mailing != nil {
		d.ledger = mailLedger{d.ledger, d.mailing.After}
	}
	if d.languages = cfg.Languages; d.languages != nil {
		d.ledger = hearingLedger{d.ledger, d}
		if d.languages.Glossary == nil {
			d.languages.Glossary = func(string, string) *masking.Glossary { return nil }
		}
	}
	d.routes[Workbench] = workbenchRoute()
	for _, r := range cfg.Routes {
		d.routes[r.Endpoint] = r
		d.teamLanguage = cmp.Or(d.teamLanguage, r.Language)
	}
	if d.desks = cfg.Desks; d.desks == nil {
		d.desks = func(visitors EndpointName) []EndpointName { return d.routes[visitors].Desk }
	}
	if d.shelf = cfg.Shelf; d.shelf == nil {
		d.shelf = NewShelf(nil, d.log)
	}
	if d.knowledge = cfg.Knowledge; d.knowledge == nil {
		d.knowledge = NewKnowledge(nil, d.log)
	}
	if d.robot = cfg.Robot; d.robot != nil {
		d.routes[Robot] = Route{Endpoint: Robot, Role: RoleRobot}
		if !d.robot.Drafts {
			d.firstState = StateRobot
		}
	}
	if d.along, d.said = cfg.Along, d.hub.PublishClaimed; d.along == nil {
		d.said = d.hub.Publish
		d.along = func(_ context.Context, say func(Claimant) ([]Lane, error)) error {
			_, err := say(Claimant{})
			return err
		}
	}
	if d.fetch == nil {
		d.fetch = func(File) {}
	}
	if d.link == nil {
		d.link = func(EndpointName, ThreadRef) string { return "" }
	}
	return d
}

var _ Sink = (*Desk)(nil)

// Receive implements Sink.
func (d *Desk) Receive(ctx context.Context, in Inbound) error {
	first, err := d.Accept(ctx, in)
	if errors.Is(err, ErrSeen) {
		return d.takeRest(ctx, first, in.Album)
	}
	if errors.Is(err, errBlocked) { // offering it again would not help
		return nil
	}
	return err
}

// Accept takes one happening in and returns the entry that it became, committed. It returns the zero Entry and nil
// for what is not for the log: a bot's line, a line outside any conversation, an edit of an unknown message. For a
// key that the log already holds it returns the first entry and ErrSeen. A *Problem says what the sender did wrong.
func (d *Desk) Accept(ctx context.Context, in Inbound) (Entry, error) {
	r, known := d.route(in.Endpoint)
	if !known || in.Key == "" || in.Thread == "" {
		return Entry{}, fmt.Errorf("accept: endpoint %q has no route, key or thread", in.Endpoint)
	}
	in.From.Name = rich.Clean(in.From.Name)
	files := d.newFiles(in)

	if plainLine(r, in, files) {
		en := said(Conversation{}, in, visitorSpeaking(in), nil, 0)
		err := d.along(ctx, func(by Claimant) (lanes []Lane, err error) {
			en, lanes, err = d.ledger.Say(ctx, in.Thread, en, by)
			return lanes, err
		})
		switch {
		case err == nil:
			d.meter.Entry(in.Endpoint, en.Kind)
			d.said(en.Conversation)
			return en, nil
		case !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrSeen):
			return Entry{}, fmt.Errorf("accept: %w", err)
		}
	}
	var c change
	var ahead foreseen
	if word, rest, ok := Command(in.Body); ok && r.Role == RoleTeam && in.Kind == InSaid && !in.From.Bot {
		ahead = d.lookAhead(ctx, word, rest, asked{in: in})
	}
	commit := func() error {
		return d.ledger.Change(ctx, func(tx Tx) error {
			c = change{tx: tx, route: r, files: files, foreseen: ahead}
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
		if errors.Is(findErr, ErrNotFound) && in.Unsaid != "" {
			first, findErr = d.ledger.EntryByKey(ctx, in.Endpoint, in.Unsaid)
		}
		if findErr != nil {
			return Entry{}, fmt.Errorf("accept: find the first entry: %w", findErr)
		}
		return first, ErrSeen
	case err != nil:
		return Entry{}, fmt.Errorf("accept: %w", err)
	}
	if c.refused != nil {
		return Entry{}, c.refused
	}
	d.publish(&c)
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
	// dutyChanged: somebody may have conversations to give away.
	dutyChanged bool
	// refused is what the sender is told although the transaction is committed.
	refused *Problem

	foreseen foreseen // of the command that the line is

	kept         []File // files of quick replies whose bytes have to be copied
	quickChanged bool
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
	case in.Kind == InJoined:
		return d.join(c, in)
	case in.Kind == InNoticed:
		return c.takeNotice(in)
	case in.Kind == InRated:
		err := c.takeRating(in)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		return err
	case in.Kind == InThought:
		return d.takeThought(c, in)
	case in.Kind == InReacted || in.Kind == InUnreacted:
		return d.takeReaction(c, in)
	case c.route.Role == RoleVisitor:
		return d.takeVisitor(c, in)
	case c.route.Role == RoleTeam:
		return d.takeAgent(c, in)
	default:
		return nil
	}
}

// plainLine says whether a happening is a visitor's line about which nothing needs to be decided once its conversation
// is open.
func plainLine(r Route, in Inbound, files []File) bool {
	if r.Role != RoleVisitor || in.Kind != InSaid || in.From.Bot || in.Target != "" || len(files) > 0 {
		return false
	}
	_, chosen := languageChosen(in.Body)
	return !chosen
}

func visitorSpeaking(in Inbound) Speaker {
	return Speaker{Kind: ByVisitor, Name: in.From.Name, Avatar: in.From.Avatar}
}

// takeAgent logs a line from a team thread as what it is. Only what classify calls a reply has the visitor among
// its audience.
func (d *Desk) takeAgent(c *change, in Inbound) error {
	conv, role, err := c.tx.ConversationByThreadFor(in.Endpoint, in.Thread, in.From.ID)
	if errors.Is(err, ErrNotFound) {
		return c.strangeThread(in.Endpoint, in.Thread)
	}
	if err != nil || role != RoleTeam {
		return err
	}
	if conv.Kind == Colleagues {
		return d.takeColleague(c, conv, in)
	}
	line := classify(in.Body, c.route.Notes)
	agent, err := d.asking(c, line.command(), in.From)
	if err != nil {
		return err
	}
	by := speakerFor(agent, in.From)
	if !conv.ErasedAt.IsZero() {
		return c.refuseErased(conv, in, by)
	}
	if agent.ID == 0 && !line.command().Anyone {
		return d.refuseStranger(c, conv, in)
	}
	if line.kind == lineNothing && len(c.files) > 0 {
		line = fileLine(c.route.Notes)
	}
	if conv.Joined != 0 && (line.kind == lineReply || line.kind == lineCommand) {
		if err := c.write(noted(conv, in, by, in.Body, c.files, Only(in.Endpoint))); err != nil {
			return err
		}
		return c.notify(conv, Only(in.Endpoint), errGone.Public)
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

// strangeThread decides about what happened in a thread that no conversation is known to have. It may be one whose card
// has just been sent and not settled yet, or settled since we looked: a change need not see one moment only. Then the
// platform has to offer it again.
func (c *change) strangeThread(e EndpointName, t ThreadRef) error {
	since, opening, err := c.tx.Opening(e)
	if err != nil {
		return err
	}
	if !opening || !mayBecomeKnown(since) {
		_, _, err = c.tx.ConversationByThread(e, t)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return errOpening
}

// reply logs a line for the visitor, unless its author is to be asked first.
func (d *Desk) reply(c *change, conv Conversation, agent Agent, in Inbound, body rich.Doc) error {
	by := agentSpeaking(agent)
	in.Body = body
	target, err := referred(c.tx, conv.ID, in)
	if err != nil {
		return err
	}
	en := said(conv, in, by, c.files, target)
	en.Held = c.route.Hold
	why, err := d.doubt(c, conv, agent, body)
	switch {
	case err != nil:
		return err
	case why != "":
		return c.ask(conv, en, why)
	}
	return d.answer(c, conv, agent, en)
}

// refuseStranger keeps the line of somebody outside the team from the visitor, and says so.
func (d *Desk) refuseStranger(c *change, conv Conversation, in Inbound) error {
	by := Speaker{Kind: ByAgent, Name: in.From.Name, Avatar: in.From.Avatar}
	if err := c.write(noted(conv, in, by, in.Body, c.files, Only(in.Endpoint))); err != nil {
		return err
	}
	return c.notify(conv, Only(in.Endpoint), "Not sent to the visitor: "+in.From.Name+" is not in the team. "+
		"Whoever has a code from an admin joins with !join and the code.")
}

// refuseErased tells who writes in the thread of a conversation that was erased. What they write is not kept.
func (c *change) refuseErased(conv Conversation, in Inbound, by Speaker) error {
	if err := c.write(noted(conv, in, by, nil, nil, Only(in.Endpoint))); err != nil {
		return err
	}
	return c.notify(conv, Only(in.Endpoint), errErased.Public)
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

// publish tells the rest of the program of a change that has committed.
func (d *Desk) publish(c *change) {
	d.announce(c.written)
	for _, f := range c.kept {
		d.fetch(f)
	}
	if c.quickChanged {
		d.shelf.changed()
	}
	if c.dutyChanged {
		d.wakeDuty()
	}
}

// announce tells the rest of the program of entries that have committed.
func (d *Desk) announce(written []Entry) {
	for _, en := range written {
		d.meter.Entry(en.Origin.Endpoint, en.Kind)
		for _, f := range en.Files {
			if f.Source.Ref != "" && en.Kind != Edited {
				d.fetch(f)
			}
		}
	}
	var told ConversationID
	for _, en := range written { // of one conversation, but for a join
		if en.Conversation != told {
			told = en.Conversation
			d.hub.Publish(told)
		}
		if en.Held > 0 {
			select {
			case d.wishes <- struct{}{}:
			default:
			}
		}
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
