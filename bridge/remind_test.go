package bridge_test

import (
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
)

// reminding reminds after five minutes and escalates after fifteen.
func reminding(w *world, _ []bridge.Route) {
	w.assignment.RemindAfter, w.assignment.EscalateAfter = 5*time.Minute, 15*time.Minute
}

// calls are the notices in the thread that say how long the visitor waits.
func (w *world) calls(thread bridge.ThreadRef) (out []string) {
	w.t.Helper()
	w.settled()
	for _, line := range lines(w.team.Messages(thread)) {
		if text, ok := strings.CutPrefix(line, "Skein: "); ok && strings.Contains(text, "has been waiting") {
			out = append(out, text)
		}
	}
	return out
}

func TestWhoWaitsIsRemindedOfOnce(t *testing.T) {
	t.Parallel()
	teamWorld(t, func(w *world, team, _ bridge.ThreadRef) {
		w.giving("team", "ben", "off", "", "You are off duty.")
		time.Sleep(4*time.Minute + 30*time.Second)
		w.expect("before its time", strings.Join(w.calls(team), " "), "")
		time.Sleep(time.Minute)
		w.expect("nobody has it", strings.Join(w.calls(team), " "), "<@ana>, @chloe, the visitor has been waiting for 5 minutes.")
		time.Sleep(10 * time.Minute)
		w.expect("much later", strings.Join(w.calls(team)[1:], " "), "<@ana>, the visitor has been waiting for 15 minutes.")
		time.Sleep(20 * time.Minute)
		w.expect("ever", strings.Join(w.calls(team)[2:], " "), "")
		w.agent(team, "ben", "Good morning") // ben has it now, and the visitor does not wait
		time.Sleep(6 * time.Minute)
		w.expect("answered", strings.Join(w.calls(team)[2:], " "), "")
		w.visitor("vera", "And another thing")
		time.Sleep(6 * time.Minute)
		w.expect("the next wait", strings.Join(w.calls(team)[2:], " "), "<@ben>, the visitor has been waiting for 5 minutes.")
	}, reminding)
}

// While everybody is off duty nobody is called; who comes on duty is.
func TestNobodyIsCalledOffDuty(t *testing.T) {
	t.Parallel()
	teamWorld(t, func(w *world, team, _ bridge.ThreadRef) {
		w.giving("team", "ana", "off", "", "You are off duty.")
		w.giving("team", "ben", "off", "", "You are off duty.")
		w.giving("deck", "chloe", "off", "", "You are off duty.")
		time.Sleep(20 * time.Minute)
		w.expect("off duty", strings.Join(w.calls(team), " "), "")
		w.giving("team", "ben", "on", "", "You are on duty.")
		time.Sleep(time.Minute)
		w.expect("on duty", strings.Join(w.calls(team), " "), "<@ben>, the visitor has been waiting for 5 minutes.")
	}, reminding)
}
