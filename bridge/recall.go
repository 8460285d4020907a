package bridge

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge/rich"
)

// Removal is what has become of a deletion at one lane so far.
type Removal struct {
	Lane     Lane
	Receipts []Receipt // of the deletion's own parts, in part order
}

// IsRecall reports whether the entry takes an agent's line back from a visitor. Its Body is what the receipt says
// besides; no platform shows it.
func (en Entry) IsRecall() bool {
	return en.Kind == Deleted && en.Audience == Everyone && en.By.Kind == ByAgent
}

// takeBack logs a deletion. Agents get a receipt of a recall in the transaction in which the last lane settles it: in
// this one, when no lane has anything to remove.
func (c *change) takeBack(en Entry) error {
	if err := c.write(en); err != nil {
		return err
	}
	en = c.written[len(c.written)-1]
	if !en.IsRecall() {
		return nil
	}
	if err := c.tx.QuickAmended(en.Conversation, en.Target); err != nil {
		return err
	}
	receipt, complete, err := recallReceipt(c.tx, en)
	if err != nil || !complete {
		return err
	}
	return c.write(receipt)
}

// stuckFor is after how long without progress a receipt no longer waits for a lane.
const stuckFor = time.Minute

// isStuck reports whether the lane may take long to come to its next entry: its platform has been failing for a while, or
// nobody sends there any more.
func (l Lane) isStuck() bool { return l.Attempt >= impairedAfter || time.Since(l.NextAt) > stuckFor }

// recallReceipt composes the notice that tells agents what was removed where. complete is false while a lane is about to
// settle the recall. Of one that is stuck the receipt says so; when it settles the recall after all, they get another.
func recallReceipt(tx Tx, recall Entry) (receipt Entry, complete bool, err error) {
	removals, err := tx.Removals(recall.Conversation, recall.Seq)
	if err != nil {
		return Entry{}, false, fmt.Errorf("read what was removed: %w", err)
	}
	var places []string
	for _, r := range removals {
		l := r.Lane
		switch {
		case l.Minds(recall):
			switch {
			case l.Cursor >= recall.Seq:
				places = append(places, string(l.Endpoint)+": "+r.outcome())
			case l.isStuck():
				places = append(places, string(l.Endpoint)+": not yet, it cannot be reached")
			default:
				return Entry{}, false, nil
			}
		case l.Reads && l.Thread == "" && len(r.Receipts) == 0:
			places = append(places, string(l.Endpoint)+": "+stays)
		case l.Reads && l.Thread == "":
			places = append(places, string(l.Endpoint)+": "+r.outcome())
		case l.Reads && recall.Audience.Includes(l.Endpoint, l.Role):
			places = append(places, string(l.Endpoint)+": removed") // whoever reads from now on finds it gone
		}
	}
	text := "Taken back."
	if len(places) > 0 {
		text += " " + strings.Join(places, "; ") + "."
	}
	if remark := strings.TrimSpace(rich.Plain(recall.Body)); remark != "" {
		text += " " + remark
	}
	return notice(recall.Conversation, AgentsOnly, text), true, nil
}

// Left is what a lane had not come to when its thread was taken from it.
type Left struct {
	Cursor, Head int64
	Recalls      []Entry // after Cursor, and of lines that were not said there
}

// behind reports whether something was on its way.
func (l Left) behind() bool { return l.Cursor < l.Head }

// What the receipt says of a chat that the visitor left before a recall came there.
const (
	stays     = "not removed, the visitor's chat is elsewhere now"
	neverSent = "never sent"
)

// strand settles the recalls that did not come to a chat before the visitor left it. They wait for it no longer.
func (c *change) strand(e EndpointName, left Left) error {
	for _, en := range left.Recalls {
		became := stays
		if en.Target > left.Cursor+1 { // what comes next is perhaps under way already
			became = neverSent
		}
		err := c.tx.SaveReceipt(en.Conversation, e, Receipt{Seq: en.Seq, Version: en.Seq, Status: ReceiptFailed, Public: became, At: now()})
		if err != nil {
			return err
		}
		switch receipt, complete, err := recallReceipt(c.tx, en); {
		case err != nil:
			return err
		case complete:
			if err := c.write(receipt); err != nil {
				return err
			}
		}
	}
	return nil
}

// perhaps is what the receipt says of a place that cannot be asked, where the line was on its way when it was taken back and
// nobody knew whether it had arrived.
const perhaps = "perhaps sent, and if so it still stands there"

// perhapsSent is the receipt of a part that was dropped although an earlier attempt may have got through; nil when none has.
func (j *job) perhapsSent(part Part) *Receipt {
	if _, asked := j.post.adapter.(Finder); asked || j.lane.Intent != part.Key {
		return nil
	}
	line := j.work.Entry.Seq
	if j.work.Entry.Kind == Edited {
		line = j.work.Entry.Target
	}
	return &Receipt{Seq: line, Part: j.lane.Part, Version: j.work.Entry.Seq, Status: ReceiptFailed, Public: perhaps, At: now()}
}

// lostSight is the receipt of a deletion whose target was perhaps sent; nil for everything else.
func (w Work) lostSight() *Receipt {
	if w.Entry.Kind != Deleted || !slices.ContainsFunc(w.Target, func(r Receipt) bool { return r.Public == perhaps }) {
		return nil
	}
	return &Receipt{Seq: w.Entry.Seq, Version: w.Entry.Seq, Status: ReceiptFailed, Public: perhaps, At: now()}
}

// outcome says what has become of the copies in one place.
func (r Removal) outcome() string {
	removed, refused := 0, ""
	for _, receipt := range r.Receipts {
		switch receipt.Public {
		case perhaps, stays, neverSent:
			return receipt.Public
		}
		if receipt.Status == ReceiptFailed {
			refused = refusal(receipt.Public)
		} else {
			removed++
		}
	}
	switch {
	case refused == "" && removed == 0:
		return neverSent
	case refused == "":
		return "removed"
	case removed == 0:
		return refused
	default:
		return "removed in part, " + refused
	}
}

// refusal puts a failure's sentence into the receipt. Some say themselves that the platform has refused.
func refusal(public string) string {
	public = strings.TrimSuffix(public, ".")
	if _, why, ok := strings.Cut(public, "refused, "); ok {
		return "refused, " + why
	}
	return "refused (" + public + ")"
}

// commandRecall takes back the line that the command is about, else the agent's newest that still stands.
func commandRecall(_ *Desk, c *change, a asked) error {
	target, err := c.ownReply(a)
	if err != nil {
		return err
	}
	remark := ""
	if target.Origin.Endpoint != "" && !target.InWorkbench() {
		remark = fmt.Sprintf("Your own message in %s stays; delete it there.", target.Origin.Endpoint)
	}
	return c.takeBack(Entry{
		Conversation: target.Conversation, Kind: Deleted, Audience: target.Audience, By: a.by,
		// Where it was said there is nothing of ours to remove, wherever the command was given.
		Origin: Origin{Endpoint: target.Origin.Endpoint, Key: string(a.in.Endpoint) + "/" + a.in.Key + "/recall"},
		Target: target.Seq, Body: rich.Of(remark), At: now(), Held: target.Held,
	})
}

// ownReply finds the line that a recall is about. A *Problem says why there is none.
func (c *change) ownReply(a asked) (Entry, error) {
	if a.in.Target == "" {
		newest, err := c.tx.NewestReply(a.conv.ID, a.agent.ID)
		if errors.Is(err, ErrNotFound) {
			return Entry{}, &Problem{Code: "nothing_to_recall", Public: "No line of yours is left here that could be taken back."}
		}
		return newest, err
	}
	target, err := lineAt(c.tx, a.conv.ID, a.in)
	switch {
	case err != nil && !errors.Is(err, ErrNotFound):
		return Entry{}, err
	case err != nil, target.By.Kind != ByAgent, target.By.ID != int64(a.agent.ID):
		return Entry{}, &Problem{Code: "not_yours", Public: "Nothing was taken back: that is not a line of yours."}
	case target.Kind != Said:
		return Entry{}, &Problem{Code: "not_sent", Public: "Nothing was taken back: that line never went to the visitor."}
	}
	last, err := c.tx.LastVersion(target.Conversation, target.Seq)
	switch {
	case err == nil && last.Kind == Deleted:
		return Entry{}, &Problem{Code: "already_recalled", Public: "That line has been taken back already."}
	case err != nil && !errors.Is(err, ErrNotFound):
		return Entry{}, err
	}
	return target, nil
}
