package slack

import (
	"slices"
	"strconv"
	"strings"

	slackgo "github.com/slack-go/slack"

	"github.com/skeindesk/skein/bridge"
)

// actionPrefix begins the action_id of our buttons; the word of the command table follows. What follows the word itself
// is the button's value. Where a message offers a word more than once, "#" and a number tell the buttons apart.
const actionPrefix = "skein:"

// Limits of buttons (S:reference/block-kit/block-elements, S:reference/block-kit/blocks).
const (
	maxButtonLabel = 75
	maxButtonValue = 2000
	maxActions     = 25 // of one block
)

// offerBlocks are buttons, in rows. about says what they are about where Slack does not tell when one is pressed: outside
// of the thread.
func offerBlocks(offers []bridge.Offer, about subject) []slackgo.Block {
	var rows []slackgo.Block
	times := map[string]int{}
	var row []slackgo.BlockElement
	end := func() {
		if len(row) > 0 {
			rows = append(rows, slackgo.NewActionBlock(about.blockID(len(rows)), row...))
		}
		row = nil
	}
	for _, o := range offers {
		if len(o.Rest) > maxButtonValue {
			continue // it can be written
		}
		id := actionPrefix + o.Word
		if times[o.Word]++; times[o.Word] > 1 {
			id += "#" + strconv.Itoa(times[o.Word])
		}
		if len(row) == maxActions {
			end()
		}
		row = append(row, button(id, o))
	}
	end()
	return rows
}

func button(id string, o bridge.Offer) *slackgo.ButtonBlockElement {
	label := orText(clip(oneLine(o.Label), maxButtonLabel), o.Word)
	b := slackgo.NewButtonBlockElement(id, o.Rest, slackgo.NewTextBlockObject(slackgo.PlainTextType, label, false, false))
	switch o.Style {
	case bridge.OfferPrimary:
		b.Style = slackgo.StylePrimary
	case bridge.OfferDanger:
		b.Style = slackgo.StyleDanger
	default:
	}
	return b
}

// wordOf is the word that an action_id or a callback_id of ours asks for.
func wordOf(id string) (word string, ours bool) {
	word, ours = strings.CutPrefix(id, actionPrefix)
	word, _, _ = strings.Cut(word, "#")
	return word, ours && word != ""
}

// cardOffers are the buttons of the card in the order of use, of the words that there are.
func (a *Adapter) cardOffers(state bridge.State) []bridge.Offer {
	wanted := []bridge.Offer{
		{Word: "take", Rest: bridge.TakeFree, Label: "Take", Style: bridge.OfferPrimary},
		{Word: "qr", Label: "Quick reply"},
		{Word: "assign", Label: "Assign…"},
		{Word: "robot", Rest: "on", Label: "Robot"},
		{Word: "info", Label: "Info"},
		{Word: "close", Label: "Close"},
	}
	switch state {
	case bridge.StateClosed:
		wanted = []bridge.Offer{{Word: "reopen", Label: "Reopen"}, {Word: "info", Label: "Info"}}
	case bridge.StateAssigned:
		wanted[0].Style, wanted[0].Rest = bridge.OfferPlain, ""
	case bridge.StateRobot:
		wanted = slices.Delete(wanted, 3, 4) // whoever takes it takes it from the robot
	default:
	}
	return slices.DeleteFunc(wanted, func(o bridge.Offer) bool { return !a.words.have(o.Word) })
}
