package workbench

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// span says how long something takes, roughly: "< 1 min", "5 min", "3 h", "2 d".
func span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "< 1 min"
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	default:
		return fmt.Sprintf("%d d", int(d.Hours()/24))
	}
}

// tallied is how many conversations a list has. History is not counted to its end.
func tallied(t bridge.Tally) string {
	if t.State == bridge.StateClosed && t.Conversations >= bridge.MaxTally {
		return strconv.Itoa(bridge.MaxTally) + "+"
	}
	return strconv.Itoa(t.Conversations)
}

func files(n int) string {
	if n == 1 {
		return "1 file"
	}
	return fmt.Sprintf("%d files", n)
}

// nothingIn says what will be in an empty list, and how it gets there.
func nothingIn(f filter) string {
	if f.narrowed() {
		return "Nothing in this list is like that."
	}
	if f.Kind == bridge.Colleagues {
		return "What colleagues say in the shared channels of Slack and Discord is here, once both have one."
	}
	switch f.State {
	case bridge.StateAssigned:
		return "Conversations that somebody has taken are here. Take one from Unassigned, or answer it in its thread."
	case bridge.StateRobot:
		return "Conversations that the robot answers are here."
	case bridge.StateClosed:
		return "Closed conversations are here."
	default:
		return "Nobody is waiting for an owner. What visitors begin to write shows here."
	}
}

func visitorOr(row bridge.ConversationRow) string {
	switch {
	case row.Conversation.Kind == bridge.Colleagues:
		return "Colleagues"
	case !row.Conversation.ErasedAt.IsZero():
		return "Erased"
	case row.Visitor == "":
		return "A visitor"
	}
	return row.Visitor
}

func sortedNames[V any](m map[bridge.EndpointName]V) []bridge.EndpointName {
	return slices.Sorted(maps.Keys(m))
}

func conversationAt(c bridge.ConversationID) string {
	return Base + "/conversations/" + string(bridge.WorkbenchThread(c))
}

// stamp is a time as browsers read it.
func stamp(at time.Time) string { return at.UTC().Format(time.RFC3339) }

// look is the class of a button.
func look(s bridge.OfferStyle) string {
	return map[bridge.OfferStyle]string{bridge.OfferPlain: "secondary", bridge.OfferDanger: "danger"}[s]
}

// fatesOf says in a line per place what became of something.
func fatesOf(fates []bridge.Fate) string {
	var lines []string
	for _, f := range fates {
		lines = append(lines, string(f.Endpoint)+": "+f.Words)
	}
	return strings.Join(lines, "\n")
}

// sizeOf is a size as people read it; "" when it is not known.
func sizeOf(bytes int64) string {
	size, unit := float64(bytes), "bytes"
	for _, u := range []string{"KB", "MB", "GB"} {
		if size >= 1000 {
			size, unit = size/1000, u
		}
	}
	switch {
	case bytes <= 0:
		return ""
	case unit == "bytes" || size >= 10:
		return fmt.Sprintf("%.0f %s", size, unit)
	}
	return fmt.Sprintf("%.1f %s", size, unit)
}
