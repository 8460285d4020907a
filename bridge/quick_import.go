package bridge

import (
	"context"
	"errors"
	"fmt"

	"github.com/skeindesk/skein/bridge/quickreply"
)

// ImportQuickReplies writes replies, each in the stead of what its owner has under the same shortcut.
func ImportQuickReplies(ctx context.Context, ledger Ledger, replies []quickreply.Reply) (added, replaced int, err error) {
	err = ledger.Change(ctx, func(tx Tx) error {
		added, replaced, err = importQuick(tx, replies)
		return err
	})
	if err != nil {
		return 0, 0, fmt.Errorf("import quick replies: %w", err)
	}
	return added, replaced, nil
}

// ImportQuickReplies is the same for a member of the team: all of them, or a *Problem when one of them is not theirs to keep.
func (d *Desk) ImportQuickReplies(ctx context.Context, by AgentID, replies []quickreply.Reply) (added, replaced int, err error) {
	err = d.ledger.Change(ctx, func(tx Tx) error {
		agent, err := tx.Member(by)
		if err != nil {
			return err
		}
		for _, r := range replies {
			if !mayKeep(agent, r) {
				return &Problem{Code: "not_for_team", Public: "Nothing was imported: " + r.Shortcut +
					" is for the team, whose quick replies are kept by its admins. Write personal into the group of what is yours."}
			}
		}
		added, replaced, err = importQuick(tx, replies)
		return err
	})
	if err != nil {
		return 0, 0, fmt.Errorf("import quick replies: %w", err)
	}
	d.shelf.changed()
	return added, replaced, nil
}

func importQuick(tx Tx, replies []quickreply.Reply) (added, replaced int, err error) {
	for _, r := range replies {
		had, err := tx.QuickReplyByShortcut(r.Shortcut, AgentID(r.Owner))
		switch {
		case err == nil:
			r.ID, r.Files = had.ID, had.Files
			replaced++
		case errors.Is(err, ErrNotFound):
			added++
		default:
			return 0, 0, err
		}
		if _, err := tx.SaveQuickReply(r); err != nil {
			return 0, 0, err
		}
	}
	return added, replaced, nil
}
