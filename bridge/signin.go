package bridge

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/skeindesk/skein/bridge/rich"
)

// SignIn is what a one-time link to the workbench is good for. Its token is kept by its hash only.
type SignIn struct {
	Agent AgentID
	Path  string // where in the workbench it leads, without a leading slash; may be empty
}

// SignInLife is how long a link to the workbench can be used.
const SignInLife = 10 * time.Minute

// Handshake is that a browser has gone to a platform, where a person says who they are. Its token is kept by its hash only.
type Handshake struct {
	Endpoint EndpointName // by whose people the platform is asked
	Path     string       // where in the workbench it leads, as for SignIn
}

// HandshakeLife is how long a browser may take to come back.
const HandshakeLife = 10 * time.Minute

// Identity is who somebody has proven to be, with an account on a platform.
type Identity struct {
	Endpoint EndpointName
	Person   Person // as the endpoint knows them
	Home     string // where the account is, in words for people: "the workspace Fern & Moss"; may be empty
}

// SignInLink makes a link by which the agent comes into the workbench, once. A *Problem says that there is no workbench.
func (d *Desk) SignInLink(ctx context.Context, s SignIn) (link string, err error) {
	err = d.ledger.Change(ctx, func(tx Tx) error {
		link, err = d.signIn(tx, s)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	return link, nil
}

func (d *Desk) signIn(tx Tx, s SignIn) (link string, err error) {
	if d.workbench == "" {
		return "", &Problem{Code: "no_workbench", Public: "There is no workbench here: public_url is not configured."}
	}
	token := rand.Text()
	return d.workbench + "/in/" + token, tx.SaveSignIn(HashOf(token), s, SignInLife)
}

// FirstOwner returns the owner of the team, and makes one where nobody is in it yet: the person who set Skein up.
func (d *Desk) FirstOwner(ctx context.Context) (owner Agent, err error) {
	err = d.ledger.Change(ctx, func(tx Tx) error {
		members, err := staff(tx)
		if err != nil {
			return err
		}
		for _, m := range members {
			if m.Rank == RankOwner {
				owner = m.Agent
				return nil
			}
		}
		owner, err = tx.JoinAgent(Workbench, Person{ID: "owner", Name: "Owner"})
		return err
	})
	if err != nil {
		return Agent{}, fmt.Errorf("first owner: %w", err)
	}
	return owner, nil
}

// signInCommands are the words that lead into the workbench.
func signInCommands() []command {
	return []command{{
		Word: Word{Word: "login", Usage: "!login", Help: "a link into the workbench, for you alone and for one use", Anywhere: true},
		run:  commandLogin,
	}}
}

func commandLogin(d *Desk, c *change, a asked) error {
	if !a.native {
		return &Problem{Code: "not_here", Public: "A link for you alone cannot be written where others read it: " +
			"give login as a slash command, /skein login in Slack, /login in Discord."}
	}
	link, err := d.signIn(c.tx, SignIn{Agent: a.agent.ID})
	if err != nil {
		return err
	}
	a.say(rich.Doc{signInLine("Open the workbench", link)})
	return nil
}

// pageOf leads to the conversation in the workbench: in a way that only the person who asks can see by a link that also
// signs them in.
func (d *Desk) pageOf(c *change, a asked) (rich.Node, error) {
	path := "conversations/" + string(WorkbenchThread(a.conv.ID))
	if !a.native {
		return rich.Node{Kind: rich.Paragraph, Children: []rich.Node{linked("Open in the workbench", d.workbench+"/"+path)}}, nil
	}
	link, err := d.signIn(c.tx, SignIn{Agent: a.agent.ID, Path: path})
	return signInLine("Open in the workbench", link), err
}

func signInLine(label, link string) rich.Node {
	return rich.Node{Kind: rich.Paragraph, Children: []rich.Node{
		linked(label, link),
		text(fmt.Sprintf(" (for you alone, once, within %d minutes)", int(SignInLife.Minutes()))),
	}}
}
