package main

import (
	"errors"
	"fmt"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/store"
)

type inviteCommand struct {
	Role string
}

// Run prints a code by which one person comes into the team: where `members` is invited, nobody in a chat can make the
// first.
func (c inviteCommand) Run(p *program) (err error) {
	cfg, err := p.load()
	if err != nil {
		return err
	}
	s, err := store.Open(p.ctx, string(cfg.Database), store.Options{Log: p.logger(cfg)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Migrate(p.ctx); err != nil {
		return err
	}
	desk := bridge.NewDesk(bridge.DeskConfig{Ledger: s, Hub: bridge.NewHub()})
	code, err := desk.InviteAgent(p.ctx, bridge.Rank(c.Role))
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "%s\nGood once, for %d days: in Slack  /skein join %s , in Discord  /join %s .\n",
		code, int(bridge.InvitationLife.Hours()/24), code, code)
	return nil
}
