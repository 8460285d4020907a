package bridge

import "testing"

func TestLaneMinds(t *testing.T) {
	visitor := Lane{Endpoint: "shop", Role: RoleVisitor}
	reader := Lane{Endpoint: "shop", Role: RoleVisitor, Reads: true}
	team := Lane{Endpoint: "slack", Role: RoleTeam}
	robot := Lane{Endpoint: "robot", Role: RoleRobot}
	from := func(e EndpointName, k EntryKind, a Audience) Entry {
		return Entry{Kind: k, Audience: a, Origin: Origin{Endpoint: e}}
	}
	asked := from("shop", Said, Everyone)
	asked.By.Kind = ByVisitor
	private := asked
	private.Audience = AgentsOnly
	for _, c := range []struct {
		name string
		lane Lane
		en   Entry
		want bool
	}{
		{"a visitor's line goes to the team", team, from("shop", Said, Everyone), true},
		{"and not back to the visitor", visitor, from("shop", Said, Everyone), false},
		{"an agent's line goes to the visitor", visitor, from("slack", Said, Everyone), true},
		{"and not back to its thread", team, from("slack", Said, Everyone), false},
		{"but to the team's other thread", team, from("discord", Said, Everyone), true},
		{"but not to the robot", robot, from("slack", Said, Everyone), false},
		{"to which a visitor's goes", robot, asked, true},
		{"unless it is not for everyone", robot, private, false},
		{"and that it is to answer from now on", robot, Entry{Kind: Changed, Audience: AgentsOnly, State: StateRobot}, true},
		{"not that it is not", robot, Entry{Kind: Changed, Audience: AgentsOnly, State: StateAssigned}, false},
		{"nothing is sent to those who read", reader, from("slack", Said, Everyone), false},
		{"a note never goes to the visitor", visitor, from("slack", Noted, AgentsOnly), false},
		{"nor to the robot", robot, from("slack", Noted, AgentsOnly), false},
		{"our own notice goes to the team", team, from("", Noted, AgentsOnly), true},
		{"one endpoint's entry goes there", team, from("", Noted, Only("slack")), true},
		{"and nowhere else", team, from("", Noted, Only("discord")), false},
		{"a change of state is for the card to show", team, from("slack", Changed, AgentsOnly), false},
		{"but that it was closed, or is open again, may concern the thread, also where it was asked for", team, from("slack", Changed, Everyone), true},
		{"and is no news to a visitor who made it", visitor, from("shop", Changed, Everyone), false},
		{"nor to one who did not", visitor, from("slack", Changed, Everyone), false},
		{"nor to a team that may not see it", team, from("slack", Changed, Only("shop")), false},
		{"nobody is told what has no audience", team, from("shop", Said, ""), false},
	} {
		if got := c.lane.Minds(c.en); got != c.want {
			t.Errorf("%s: Minds is %v", c.name, got)
		}
	}
}
