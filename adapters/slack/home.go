package slack

import (
	"fmt"
	"strconv"
	"strings"

	slackgo "github.com/slack-go/slack"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// The app's home shows a person the four lists (S:surfaces/app-home). Which one is open is its private_metadata.

// tabPrefix begins the action_id of the home's tabs; the name of the list follows.
const tabPrefix = "skein-home:"

// tabs are the lists by what follows the word list, in their order.
var tabs = []struct {
	name  string
	state bridge.State
	empty string // what will be there, and how
}{
	{"all", bridge.StateAssigned, "No conversation has an owner. Take one, or answer in its thread, and it is here."},
	{"unassigned", bridge.StateUnassigned, "Nobody waits for an owner. What visitors begin is here until somebody takes it."},
	{"robot", bridge.StateRobot, "The robot has no conversation. What it answers is here until somebody takes it."},
	{"history", bridge.StateClosed, "Nothing is closed yet. What you close is here."},
}

// tabOf is the tab of a name, the first for any other.
func tabOf(name string) int {
	for i, t := range tabs {
		if t.name == name {
			return i
		}
	}
	return 0
}

// maxHomeRows leaves room for what stands above and below the rows.
const maxHomeRows = maxViewBlocks - 10

// homeView is a list as the home shows it.
func (a *Adapter) homeView(l bridge.List, tab int) view {
	blocks := []slackgo.Block{slackgo.NewActionBlock("skein-tabs", tabButtons(l, tab)...)}
	if line := waiting(l); line != "" {
		blocks = append(blocks, contextBlock(line))
	}
	blocks = append(blocks, slackgo.NewDividerBlock())
	for i, row := range l.Rows[:min(len(l.Rows), maxHomeRows)] {
		blocks = append(blocks, a.homeRow(i, row))
	}
	if len(l.Rows) == 0 {
		blocks = append(blocks, line(literal(tabs[tab].empty)))
	}
	foot := "As of " + ago(l.Asked) + "."
	if l.More {
		foot = "There are more. " + foot
	}
	return homeOf(tab, append(blocks, contextBlock(foot)))
}

func homeOf(tab int, blocks []slackgo.Block) view {
	return view{Type: slackgo.VTHomeTab, Metadata: tabs[tab].name, Blocks: blocks}
}

func tabButtons(l bridge.List, tab int) (row []slackgo.BlockElement) {
	for i, t := range tabs {
		label := t.state.ListName()
		for _, tally := range l.All {
			if tally.State == t.state {
				label += " " + strconv.Itoa(tally.Conversations)
			}
			if tally.State == t.state && t.state == bridge.StateClosed && tally.Conversations >= bridge.MaxTally {
				label += "+"
			}
		}
		o := bridge.Offer{Word: t.name, Label: label}
		if i == tab {
			o.Style = bridge.OfferPrimary
		}
		row = append(row, button(tabPrefix+t.name, o))
	}
	return row
}

// waiting says who waits, and since when the longest does.
func waiting(l bridge.List) string {
	var parts []string
	for _, t := range l.All {
		if t.Waiting > 0 {
			parts = append(parts, fmt.Sprintf("%s: %d waiting, the longest since %s", t.State.ListName(), t.Waiting, ago(t.Longest)))
		}
	}
	return strings.Join(parts, " · ")
}

// homeRow is one conversation, with what is done with it most.
func (a *Adapter) homeRow(n int, row bridge.Listed) slackgo.Block {
	c := row.Conversation
	name := orText(plainName(row.Visitor), "A visitor")
	words := bold(name)
	if link, ok := rich.SafeURL(row.Links[a.cfg.Name]); ok {
		words = inline(rich.Node{Kind: rich.Link, URL: link, Children: []rich.Node{{Kind: rich.Text, Text: name}}})
	}
	words += " · " + literal(string(c.Endpoint))
	switch {
	case row.Mine:
		words += " · *yours*"
	case c.OwnerName != "":
		words += " · " + literal(plainName(c.OwnerName))
	}
	if !c.WaitingSince.IsZero() {
		words += " · waiting since " + ago(c.WaitingSince)
	} else {
		words += " · last written " + ago(c.UpdatedAt)
	}
	about := subject{Thread: row.Threads[a.cfg.Name]}
	if about.Thread == "" {
		about.Conversation = strconv.FormatInt(int64(c.ID), 10)
	}
	offer := bridge.Offer{Word: "take", Label: "Take"}
	switch {
	case c.State == bridge.StateClosed:
		offer = bridge.Offer{Word: "reopen", Label: "Reopen"}
	case row.Mine:
		offer = bridge.Offer{Word: "close", Label: "Close"}
	case c.State != bridge.StateAssigned:
		offer.Rest = bridge.TakeFree
	}
	return slackgo.NewSectionBlock(slackgo.NewTextBlockObject(slackgo.MarkdownType, words, false, true), nil,
		slackgo.NewAccessory(button(actionPrefix+offer.Word, offer)), slackgo.SectionBlockOptionBlockID(about.blockID(n)))
}

func line(words string) slackgo.Block {
	return slackgo.NewSectionBlock(slackgo.NewTextBlockObject(slackgo.MarkdownType, words, false, true), nil, nil)
}
