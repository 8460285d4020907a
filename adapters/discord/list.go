package discord

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/rich"
)

// maxList is the longest a list may be, in UTF-16 units: the longest of the ways of counting. Discord takes 2000.
const maxList = 1900

// listText is a list in one message: how the four stand, then as many rows as there is room for. Moments are written so
// that Discord itself shows how long ago they are (D:reference#message-formatting): a list is the same until something
// happens.
func listText(l bridge.List, at bridge.EndpointName) string {
	var counts []string
	for _, t := range l.All {
		count := fmt.Sprint(t.Conversations)
		if t.State == bridge.StateClosed && t.Conversations >= bridge.MaxTally {
			count += "+"
		}
		line := shape(t.State) + " **" + t.State.ListName() + "** " + count
		if !t.Longest.IsZero() {
			line += fmt.Sprintf(", %d waiting, the first asked %s", t.Waiting, ago(t.Longest))
		}
		counts = append(counts, line)
	}
	head := "**" + l.Of.ListName()
	if l.Mine {
		head += ", yours"
	}
	out := strings.Join(counts, "\n") + "\n\n" + head + "**"
	if len(l.Rows) == 0 {
		return out + "\nNothing is here. A conversation appears when a visitor writes."
	}
	size, more := length(out), l.More
	for _, r := range l.Rows {
		row := "\n" + listRow(r, at)
		if size += length(row); size > maxList {
			more = true
			break
		}
		out += row
	}
	if more {
		out += "\nThere are more."
	}
	return out
}

func length(s string) int { return len(utf16.Encode([]rune(s))) }

// shape is that of a state, on the card and in lists.
func shape(s bridge.State) string {
	switch s {
	case bridge.StateRobot:
		return "🤖"
	case bridge.StateAssigned:
		return "🔵"
	case bridge.StateClosed:
		return "✅"
	default:
		return "🟠"
	}
}

func listRow(r bridge.Listed, at bridge.EndpointName) string {
	c := r.Conversation
	name := fmt.Sprintf("%s · %s (%d)", orText(plainName(r.Visitor), "A visitor"), clip(string(c.Endpoint), maxName), c.ID)
	row := shape(c.State) + " " + linkTo(name, r.Links[at])
	switch {
	case r.Mine:
		row += " · **yours**"
	case c.OwnerName != "":
		row += " · " + literal(plainName(c.OwnerName))
	}
	if !c.WaitingSince.IsZero() {
		row += " · waiting, asked " + ago(c.WaitingSince)
	}
	for _, e := range slices.Sorted(maps.Keys(r.Links)) {
		if e != at {
			row += " · " + linkTo(string(e), r.Links[e])
		}
	}
	return row
}

// linkTo is a name that leads to an address, if there is one that is good for it.
func linkTo(name, address string) string {
	address, ok := rich.SafeURL(address)
	if !ok || len(address) > maxAddress {
		return literal(name)
	}
	return inline(rich.Node{Kind: rich.Link, URL: address, Children: []rich.Node{{Kind: rich.Text, Text: name}}})
}

// tabs are buttons from list to list; the one that is shown is marked.
func (a *Adapter) tabs(l bridge.List) []component {
	if _, known := a.word("list"); !known {
		return []component{}
	}
	var offers []bridge.Offer
	for _, tab := range []struct {
		rest string
		of   bridge.State
	}{
		{"all", bridge.StateAssigned}, {"unassigned", bridge.StateUnassigned}, {"robot", bridge.StateRobot}, {"history", bridge.StateClosed},
	} {
		o := bridge.Offer{Word: "list", Rest: tab.rest, Label: tab.of.ListName()}
		if l.Of == tab.of && !l.Mine {
			o.Style = bridge.OfferPrimary
		}
		offers = append(offers, o)
	}
	mine := bridge.Offer{Word: "list", Rest: "mine", Label: "Mine"}
	if l.Mine {
		mine.Style = bridge.OfferPrimary
	}
	return offered(append(offers, mine), handle{})
}
