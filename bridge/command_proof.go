package bridge

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge/rich"
)

// proofCommands are about what became of lines.
func proofCommands() []command {
	return []command{
		{
			Word: Word{Word: "why", Usage: "!why", OnMessage: true, Help: "say where your last line has arrived, or the one you answer with it"},
			run:  commandWhy,
		},
		{Word: Word{Word: "retry", Usage: "!retry", Help: "send again what could not be delivered"}, run: commandRetry},
		{Word: Word{Word: "drop", Usage: "!drop", Help: "leave it undelivered"}, run: commandDrop},
	}
}

func commandWhy(d *Desk, c *change, a asked) error {
	en, err := c.inQuestion(a)
	if err != nil {
		return err
	}
	now, gone, err := c.tx.EntryAt(en.Conversation, en.Seq)
	if err != nil {
		return err
	}
	about := describe(en)
	switch {
	case gone:
		a.answer.Public = about + ", was taken back. Nobody gets it any more."
		return nil
	case en.Kind == Noted && !en.Audience.Includes(a.conv.Endpoint, RoleVisitor):
		about = strings.Replace(about, "A line", "A note", 1)
	}
	proofs, err := c.tx.Proofs(en.Conversation, en.Seq)
	if err != nil {
		return err
	}
	var places []string
	for _, p := range proofs {
		if words := p.words(now, d.conditionOf(p.Lane.Endpoint)); words != "" {
			places = append(places, string(p.Lane.Endpoint)+": "+words)
		}
	}
	a.answer.Public = about + ", is for nobody elsewhere."
	if len(places) > 0 {
		a.answer.Public = about + ". " + strings.Join(places, "; ") + "."
	}
	return nil
}

// conditionOf is the endpoint's condition as this instance knows it.
func (d *Desk) conditionOf(e EndpointName) Condition {
	if d.conditions == nil {
		return Condition{}
	}
	return d.conditions.All()[e]
}

// inQuestion is the line that a command is about: the one it was given on, else the agent's newest to the visitor, else
// anybody's.
func (c *change) inQuestion(a asked) (Entry, error) {
	if a.in.Target != "" {
		en, err := lineAt(c.tx, a.conv.ID, a.in)
		switch {
		case err != nil && !errors.Is(err, ErrNotFound):
			return Entry{}, err
		case err != nil, en.Kind != Said && en.Kind != Noted:
			return Entry{}, &Problem{Code: "no_line", Public: "That is no line of this conversation."}
		}
		return en, nil
	}
	en, err := c.tx.NewestReply(a.conv.ID, a.agent.ID)
	if errors.Is(err, ErrNotFound) {
		en, err = c.tx.NewestReply(a.conv.ID, 0)
	}
	if errors.Is(err, ErrNotFound) {
		return Entry{}, &Problem{Code: "no_line", Public: "Nothing has been said to the visitor yet."}
	}
	return en, err
}

// words says what has become of the entry in the place; "" when it is not for it.
func (p Proof) words(en Entry, c Condition) string {
	switch p.Of(en) {
	case Failed:
		r, _ := p.refusal(en)
		why := strings.TrimSuffix(r.Public, ".")
		if r.Version > en.Seq && p.version(en) > 0 {
			return "delivered " + clockAt(p.at(en)) + ", but not its edit: " + why
		}
		return "not delivered: " + why
	case Queued:
		return "queued, " + p.wait(en, c)
	case Seen:
		return "delivered " + clockAt(p.FetchedAt) + ", seen " + clockAt(p.SeenAt)
	case Delivered:
		if p.Lane.Reads {
			return p.handedOver() + ", not seen yet"
		}
		switch at, version := p.at(en), p.version(en); {
		case at.IsZero():
			return "nothing to show there"
		case version > en.Seq && version != p.Again:
			return "delivered " + clockAt(at) + ", as edited"
		default:
			return "delivered " + clockAt(at)
		}
	case Nowhere:
	}
	return ""
}

// handedOver says how a line came to a visitor who reads for themselves.
func (p Proof) handedOver() string {
	var ways []string
	if !p.FetchedAt.IsZero() {
		ways = append(ways, "delivered "+clockAt(p.FetchedAt))
	}
	if !p.MailedAt.IsZero() {
		ways = append(ways, "mailed "+clockAt(p.MailedAt))
	}
	return strings.Join(ways, ", ")
}

// wait says what the entry waits for.
func (p Proof) wait(en Entry, c Condition) string {
	at := now()
	switch l := p.Lane; {
	case en.HeldFrom(l.Role):
		return "held back for " + strconv.Itoa(int(en.Held.Seconds())+1) + " s more: it can still be taken back"
	case l.Reads:
		return "no browser of the visitor has fetched it yet"
	case p.PausedUntil.After(at):
		return "its platform wants nothing before " + clockAt(p.PausedUntil)
	case c.State == Refused || c.State == Impaired || c.State == Stopped:
		return strings.TrimSuffix(strings.TrimSuffix(c.Public, " Skein keeps trying."), ".")
	case l.Attempt > 0:
		return fmt.Sprintf("tried %d times, the next time at %s", l.Attempt, clockAt(l.NextAt))
	case l.NextAt.After(at):
		return "its turn comes at " + clockAt(l.NextAt) + ", the platform limits the rate"
	default:
		return "on its way"
	}
}

func clockAt(t time.Time) string { return t.Format("15:04:05 UTC") }

func commandRetry(_ *Desk, c *change, a asked) error {
	q, needless, err := c.undelivered(a)
	if err != nil || needless {
		return err
	}
	if err := c.settleQuestion(q.question, q.told+" It is sent again."); err != nil {
		return err
	}
	en := q.line
	en.Kind, en.Target, en.At, en.Held, en.Offers = Edited, q.line.Seq, now(), 0, nil
	if en.Origin = (Origin{Key: againLine}); q.edit {
		en.Origin.Key = againEdit
	}
	if en.Audience == Everyone {
		en.Audience = Only(q.proof.Lane.Endpoint)
	}
	if err := c.write(en); err != nil {
		return err
	}
	return c.tx.SayAgain(a.conv.ID, q.line.Seq, c.written[len(c.written)-1].Seq)
}

func commandDrop(_ *Desk, c *change, a asked) error {
	q, needless, err := c.undelivered(a)
	if err != nil || needless {
		return err
	}
	return c.settleQuestion(q.question, q.told+" "+a.agent.Name+" has dropped it.")
}

// undeliveredLine is a line that did not reach a place, and the notice that asks what is to become of it.
type undeliveredLine struct {
	question Entry
	line     Entry // as it stands now
	proof    Proof
	edit     bool   // only an edit of it was refused
	told     string // what the notice says without the question
}

// undelivered finds what a retry or drop is about: the entry and endpoint that follow the word, else the newest. It may be
// needless meanwhile: then that has been said.
func (c *change) undelivered(a asked) (q undeliveredLine, needless bool, err error) {
	questions, err := c.tx.Questions(a.conv.ID)
	if err != nil {
		return q, false, err
	}
	i := slices.IndexFunc(questions, func(en Entry) bool {
		return en.Offers[0].Word == "retry" && (a.rest == "" || a.rest == en.Offers[0].Rest || strings.HasPrefix(en.Offers[0].Rest, a.rest+" "))
	})
	if i < 0 {
		return q, false, c.notUndelivered(a)
	}
	q.question = questions[i]
	q.told, _, _ = strings.Cut(rich.Plain(q.question.Body), " Try again (!retry)")
	_, endpoint, _ := strings.Cut(q.question.Offers[0].Rest, " ")
	line, gone, err := c.tx.EntryAt(a.conv.ID, q.question.Target)
	switch {
	case err != nil:
		return q, false, err
	case gone:
		return q, true, c.needless(a, q, " It was taken back.", &Problem{Code: "deleted", Public: "That line was taken back. Nothing is sent."})
	}
	q.line = line
	proofs, err := c.tx.Proofs(a.conv.ID, line.Seq)
	if err != nil {
		return q, false, err
	}
	i = slices.IndexFunc(proofs, func(p Proof) bool { return p.Lane.Endpoint == EndpointName(endpoint) })
	if i < 0 {
		return q, false, errNothingUndelivered
	}
	q.proof = proofs[i]
	r, failed := q.proof.refusal(line)
	q.edit = r.Version > line.Seq && r.Seq != line.Seq && q.proof.version(line) > 0
	switch state := q.proof.Of(line); {
	case failed && state == Failed:
		return q, false, nil
	case state == Queued:
		return q, false, state.settled(q.proof.Lane.Endpoint)
	default:
		return q, true, c.needless(a, q, " It has been delivered since.", state.settled(q.proof.Lane.Endpoint))
	}
}

// needless settles a question to which the answer no longer matters, and says so to whoever has answered it.
func (c *change) needless(a asked, q undeliveredLine, why string, p *Problem) error {
	*a.answer = Answer{Public: p.Public, Refused: true} // an error would undo that it is settled
	return c.settleQuestion(q.question, q.told+why)
}

// notUndelivered says why there is nothing to retry or drop.
func (c *change) notUndelivered(a asked) error {
	first, endpoint, _ := strings.Cut(a.rest, " ")
	seq, err := strconv.ParseInt(first, 10, 64)
	if err != nil || seq <= 0 {
		return errNothingUndelivered
	}
	line, _, err := c.tx.EntryAt(a.conv.ID, seq)
	if errors.Is(err, ErrNotFound) {
		return errNothingUndelivered
	} else if err != nil {
		return err
	}
	proofs, err := c.tx.Proofs(a.conv.ID, seq)
	if err != nil {
		return err
	}
	for _, p := range proofs {
		if string(p.Lane.Endpoint) == endpoint {
			return p.Of(line).settled(p.Lane.Endpoint)
		}
	}
	return errNothingUndelivered
}

var errNothingUndelivered = &Problem{Code: "nothing_undelivered", Public: "There is no line here of which it is open whether to send it again."}

// settled is what whoever asks for another try is told where nothing needs one.
func (state Proven) settled(e EndpointName) *Problem {
	switch state {
	case Delivered, Seen:
		return &Problem{Code: "delivered", Public: "That line has reached " + string(e) + " meanwhile. It is not sent again."}
	case Queued:
		return &Problem{Code: "under_way", Public: "That line is on its way to " + string(e) + " already."}
	case Failed:
		return &Problem{Code: "dropped", Public: "It has been dropped already. Write the line again to send it."}
	case Nowhere:
	}
	return errNothingUndelivered
}
