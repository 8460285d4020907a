package discord

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/bridge"
)

func testList() bridge.List {
	at := time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)
	return bridge.List{
		All: []bridge.Tally{
			{State: bridge.StateAssigned, Conversations: 2, Waiting: 1, Longest: at},
			{State: bridge.StateUnassigned, Conversations: 1, Waiting: 1, Longest: at.Add(time.Minute)},
			{State: bridge.StateRobot},
			{State: bridge.StateClosed, Conversations: bridge.MaxTally},
		},
		Rows: []bridge.Listed{
			{
				Conversation: bridge.Conversation{ID: 12, State: bridge.StateAssigned, Endpoint: "website", OwnerName: "Ana *R*", WaitingSince: at},
				Visitor:      "Maria ](x) *Lopez*", Links: map[bridge.EndpointName]string{
					"support-discord": "https://discord.com/channels/100/300", "support-slack": "https://shop.slack.com/archives/C1/p1",
				},
			},
			{Conversation: bridge.Conversation{ID: 13, State: bridge.StateUnassigned, Endpoint: "shop-telegram", WaitingSince: at.Add(time.Minute)}},
			{Conversation: bridge.Conversation{ID: 14, State: bridge.StateAssigned, Endpoint: "website", OwnerName: "Ben"}, Visitor: "Ida", Mine: true},
		},
		Asked: at.Add(time.Hour),
	}
}

func TestListGolden(t *testing.T) {
	mine := testList()
	mine.Of, mine.Mine, mine.Rows = bridge.StateAssigned, true, nil
	golden(t, "list.txt", []byte(listText(testList(), "support-discord")+"\n"))
	golden(t, "list-empty.txt", []byte(listText(mine, "support-discord")+"\n"))
	a := newTestAdapter(t, nil)
	a.words = append(a.words, bridge.Word{Word: "list", Anywhere: true})
	goldenJSON(t, "list-tabs.json", a.tabs(mine))
}

// However long names and addresses are, a list is one message.
func TestListFits(t *testing.T) {
	l := testList()
	for i := range 30 {
		r := l.Rows[0]
		r.Visitor, r.Conversation.ID = strings.Repeat("𝕏", 100), bridge.ConversationID(i)
		l.Rows = append(l.Rows, r)
	}
	text := listText(l, "support-discord")
	if n := length(text); n > 2000 {
		t.Errorf("a list has %d characters", n)
	}
	if !strings.HasSuffix(text, "There are more.") || !strings.Contains(text, fmt.Sprint("(", l.Rows[4].Conversation.ID, ")")) {
		t.Errorf("the list is %s", text)
	}
}
