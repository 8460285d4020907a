package bridge

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/skeindesk/skein/bridge/quickreply"
)

// QuickReplies lists the quick replies that an agent may use: those that the words may mean, best first, or without words
// all of them, the most used first. What was kept before the call is among them. They must not be changed.
func (d *Desk) QuickReplies(ctx context.Context, agent AgentID, words string) ([]quickreply.Reply, error) {
	if err := d.shelf.follow(ctx); err != nil {
		return nil, fmt.Errorf("quick replies: %w", err)
	}
	hits := d.shelf.search(words, agent, math.MaxInt)
	replies := make([]quickreply.Reply, len(hits))
	for i, hit := range hits {
		replies[i] = hit.Reply
	}
	return replies, nil
}

// QuickReply returns a quick reply that the agent may use, and whether they may change it. ErrNotFound: there is none.
func (d *Desk) QuickReply(ctx context.Context, by AgentID, id int64) (r quickreply.Reply, mayChange bool, err error) {
	err = d.ledger.Look(ctx, func(tx Tx) error {
		agent, err := tx.Member(by)
		if err != nil {
			return err
		}
		c := change{tx: tx}
		r, err = c.quickByID(agent, id)
		mayChange = mayKeep(agent, r)
		return err
	})
	if err != nil {
		return quickreply.Reply{}, false, fmt.Errorf("quick reply: %w", err)
	}
	return r, mayChange, nil
}

// ErrChanged means that somebody else has changed what was to be changed.
var ErrChanged = errors.New("it has been changed meanwhile")

// KeepQuickReply writes a quick reply as an agent has edited it; ID 0: a new one. began is the Version of what they had
// before them. ErrChanged when it is another by now, ErrNotFound when it is gone; nothing is written then. To keep a new one
// twice is to keep it once. A *Problem says what is wrong with it, or that it is not theirs to change.
func (d *Desk) KeepQuickReply(ctx context.Context, by AgentID, r quickreply.Reply, began string) (kept quickreply.Reply, err error) {
	err = d.ledger.Change(ctx, func(tx Tx) error {
		kept, err = d.keepQuick(tx, by, r.Tidy(), began)
		return err
	})
	if err != nil {
		return quickreply.Reply{}, fmt.Errorf("keep a quick reply: %w", err)
	}
	d.shelf.changed()
	return kept, nil
}

func (d *Desk) keepQuick(tx Tx, by AgentID, r quickreply.Reply, began string) (quickreply.Reply, error) {
	agent, err := tx.Member(by)
	if err != nil {
		return r, err
	}
	if wrong := r.Check(); wrong != "" {
		return r, &Problem{Code: "bad_quick_reply", Public: "Not kept yet: " + lowerFirst(wrong)}
	}
	c := change{tx: tx}
	var stands quickreply.Reply
	if r.ID != 0 {
		stands, err = c.quickByID(agent, r.ID)
		switch {
		case err != nil:
			return r, err
		case !mayKeep(agent, stands):
			return r, errNotForTeam
		case stands.Version() == r.Version(): // kept by the press before this one, or nothing was changed
			return stands, nil
		case stands.Version() != began:
			return r, ErrChanged
		}
	}
	if !mayKeep(agent, r) {
		return r, errNotForTeam
	}
	kept, err := tx.SaveQuickReply(r)
	if err == nil {
		return kept, shelveFiles(tx, r, stands)
	} else if !errors.Is(err, ErrConflict) {
		return kept, err
	}
	other, err := tx.QuickReplyByShortcut(r.Shortcut, AgentID(r.Owner))
	if err == nil && r.ID == 0 && other.Version() == r.Version() {
		return other, nil
	}
	return r, &Problem{Code: "shortcut_taken", Public: "Not kept yet: there is another quick reply " + r.Shortcut + " already."}
}

// shelveFiles has the bytes of files stay that a quick reply has and had not before: until now they were uploads.
func shelveFiles(tx Tx, r, before quickreply.Reply) error {
	for _, f := range r.Files {
		if slices.Contains(before.Files, f) {
			continue
		}
		err := tx.ShelveFile(FileID(f.ID))
		if errors.Is(err, ErrNotFound) {
			return &Problem{Code: "file_gone", Public: "Not kept yet: " + f.Name + " was attached too long ago. Attach it once more."}
		} else if err != nil {
			return err
		}
	}
	return nil
}
