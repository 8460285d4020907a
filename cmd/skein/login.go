package main

import (
	"fmt"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/cmd/internal/daemon"
	"github.com/skeindesk/skein/store"
)

type loginCommand struct {
	Agent string // a name or a number; empty: the owner of the team
}

// Run prints a one-time link into the workbench. A team in which nobody is gets its owner by it.
func (c loginCommand) Run(p *program) error {
	cfg, err := p.load()
	if err != nil {
		return err
	}
	return p.withStore(func(s *store.Store) error {
		desk := bridge.NewDesk(bridge.DeskConfig{Ledger: s, Hub: bridge.NewHub(), Workbench: daemon.WorkbenchURL(cfg)})
		id, err := ownerOf(p.ctx, s, c.Agent)
		if err != nil {
			return err
		}
		if c.Agent == "" {
			owner, err := desk.FirstOwner(p.ctx)
			if err != nil {
				return err
			}
			id = int64(owner.ID)
		}
		link, err := desk.SignInLink(p.ctx, bridge.SignIn{Agent: bridge.AgentID(id)})
		if err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "%s\nGood once, for %d minutes.\n", link, int(bridge.SignInLife.Minutes()))
		return nil
	})
}
