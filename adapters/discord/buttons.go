package discord

import (
	"slices"

	"github.com/skeindesk/skein/bridge"
)

// Kinds and styles of components, and how many there may be (D:components/reference).
const (
	actionRow  = 1
	buttonKind = 2

	primary   = 1
	secondary = 2
	danger    = 4

	maxInRow       = 5
	maxRows        = 5
	maxButtonLabel = 80
)

// cardButtons are what one press does to a conversation, in the order of use.
func (a *Adapter) cardButtons(state bridge.State) []component {
	words := []string{"take", "qr", "assign", "robot", "info", "close"}
	if state == bridge.StateClosed {
		words = []string{"reopen", "info"}
	}
	var offers []bridge.Offer
	for _, name := range words {
		if _, known := a.word(name); !known || name == "robot" && state == bridge.StateRobot {
			continue
		}
		o := bridge.Offer{Word: name, Label: label(name)}
		switch {
		case name == "robot":
			o.Rest = "on"
		case name == "take" && state != bridge.StateAssigned:
			o.Style, o.Rest = bridge.OfferPrimary, bridge.TakeFree
		}
		offers = append(offers, o)
	}
	return offered(offers, handle{})
}

// offered are offers as rows of buttons; h says what they are about. One that Discord has no room for is left out: what a
// button does can always be written as well.
func offered(offers []bridge.Offer, h handle) []component {
	var rows []component
	seen := map[string]bool{"": true}
	for _, o := range offers {
		h.word, h.rest = o.Word, o.Rest
		customID := h.String()
		if seen[customID] {
			continue
		}
		seen[customID] = true
		b := component{
			Type: buttonKind, Style: secondary, CustomID: customID,
			Label: orText(clip(oneLine(o.Label), maxButtonLabel), label(o.Word)),
		}
		switch o.Style {
		case bridge.OfferPrimary:
			b.Style = primary
		case bridge.OfferDanger:
			b.Style = danger
		default:
		}
		if last := len(rows) - 1; last >= 0 && len(rows[last].Components) < maxInRow {
			rows[last].Components = append(rows[last].Components, b)
			continue
		}
		rows = append(rows, component{Type: actionRow, Components: []component{b}})
	}
	return slices.Clip(rows[:min(len(rows), maxRows)])
}
