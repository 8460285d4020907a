package main

import (
	"bytes"
	"context"
	_ "embed" // the quick replies and the knowledge
	"errors"
	"fmt"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/knowledge/importing"
	"github.com/skeindesk/skein/bridge/quickreply"
	"github.com/skeindesk/skein/store"
)

//go:embed seed/quickreplies.json
var quickReplies []byte

//go:embed seed/articles.md
var articles []byte

// seed makes the team and what it keeps ready to say, once: what a kept database says of them stays.
func (d *demo) seed(ctx context.Context, s *store.Store) error {
	for _, someone := range everyone {
		if !someone.team {
			continue
		}
		if err := d.join(ctx, s, someone); err != nil {
			return fmt.Errorf("seed the team: %w", err)
		}
	}
	replies, faults := quickreply.ReadJSON(bytes.NewReader(quickReplies), 0)
	if len(faults) > 0 {
		return fmt.Errorf("seed the quick replies: %s", faults[0])
	}
	err := s.Change(ctx, func(tx bridge.Tx) error {
		for _, r := range replies {
			if _, err := tx.QuickReplyByShortcut(r.Shortcut, 0); !errors.Is(err, bridge.ErrNotFound) {
				if err != nil {
					return err
				}
				continue
			}
			if _, err := tx.SaveQuickReply(r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("seed the quick replies: %w", err)
	}
	return learn(ctx, s)
}

// learn makes what the robot knows of the shop.
func learn(ctx context.Context, s *store.Store) error {
	known, faults := importing.Markdown(bytes.NewReader(articles), importing.Options{Name: "articles.md", Level: 2})
	if len(faults) > 0 {
		return fmt.Errorf("seed the knowledge: %s", faults[0])
	}
	err := s.Change(ctx, func(tx bridge.Tx) error {
		for _, a := range known {
			if _, err := tx.Article(a.ID, a.Language); !errors.Is(err, bridge.ErrNotFound) {
				if err != nil {
					return err
				}
				continue
			}
			if err := tx.SaveArticle(bridge.Article{Article: a}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("seed the knowledge: %w", err)
	}
	return nil
}

// join makes one member of the team, who may be in several clients. Ana, the first, owns it.
func (d *demo) join(ctx context.Context, s *store.Store, member someone) error {
	var agent bridge.Agent
	for _, name := range member.in {
		p, ok := d.platform(name)
		if !ok {
			continue
		}
		endpoint := bridge.EndpointName(p.Endpoint().Name)
		if agent.ID != 0 {
			if err := s.Link(ctx, agent.ID, endpoint, p.ID(member.handle)); err != nil {
				return err
			}
			continue
		}
		err := s.Change(ctx, func(tx bridge.Tx) (err error) {
			agent, err = tx.AgentByPerson(endpoint, p.ID(member.handle))
			if errors.Is(err, bridge.ErrNotFound) {
				agent, err = tx.JoinAgent(endpoint, bridge.Person{ID: p.ID(member.handle), Name: member.name, Avatar: d.origin + member.avatar()})
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// ownersLink is a one-time way into the workbench for Ana, who owns the team.
func ownersLink(ctx context.Context, s *store.Store, workbench string) (string, error) {
	desk := bridge.NewDesk(bridge.DeskConfig{Ledger: s, Hub: bridge.NewHub(), Workbench: workbench})
	owner, err := desk.FirstOwner(ctx)
	if err != nil {
		return "", err
	}
	return desk.SignInLink(ctx, bridge.SignIn{Agent: owner.ID})
}
