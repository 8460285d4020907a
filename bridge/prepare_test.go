package bridge

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/skeindesk/skein/bridge/rich"
)

func TestPrepare(t *testing.T) {
	lane := Lane{Endpoint: "slack", Role: RoleTeam, Thread: "T"}
	body, newer := rich.Of("first"), rich.Of("second")
	said := Entry{Seq: 5, Kind: Said, Body: body}
	edit := Entry{Seq: 7, Kind: Edited, Target: 5, Body: newer}
	gone := Entry{Seq: 8, Kind: Deleted, Target: 5}
	at := func(version int64) []Receipt {
		return []Receipt{{Seq: 5, Version: version, Message: "M", Status: ReceiptSent}}
	}
	for _, tt := range []struct {
		name string
		lane Lane
		work Work
		show bool
		body rich.Doc
		vers int64
	}{
		{"said", lane, Work{Entry: said}, true, body, 5},
		{"edited before its turn", lane, Work{Entry: said, Newest: &edit}, true, newer, 7},
		{"deleted before its turn", lane, Work{Entry: said, Newest: &gone}, false, nil, 5},
		{"edited when half sent", lane, Work{Entry: said, Newest: &edit, Settled: at(5)}, true, body, 5},
		{"deleted when half sent", lane, Work{Entry: said, Newest: &gone, Settled: at(5)}, false, nil, 5},
		{"deleted when perhaps sent", Lane{Thread: "T", Intent: "1.5.0@slack"}, Work{Entry: said, Newest: &gone}, true, body, 5},
		{"edit of what landed", lane, Work{Entry: edit, Target: at(5)}, true, newer, 7},
		{"edit already sent as the newest version", lane, Work{Entry: edit, Target: at(7)}, false, nil, 7},
		{"edit half sent", Lane{Thread: "T", Part: 1}, Work{Entry: edit, Target: at(7)}, true, newer, 7},
		{"edit of what never landed", lane, Work{Entry: edit}, false, nil, 7},
		{"deletion of what never landed", lane, Work{Entry: gone}, false, nil, 8},
		{"deletion of what landed", lane, Work{Entry: gone, Target: at(5)}, true, nil, 8},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, show := prepare(tt.lane, tt.work)
			if show != tt.show {
				t.Fatalf("show = %v, want %v", show, tt.show)
			}
			if show && !cmp.Equal(d.Entry.Body, tt.body) {
				t.Errorf("body = %v, want %v", d.Entry.Body, tt.body)
			}
			if v := version(tt.work); v != tt.vers {
				t.Errorf("version = %d, want %d", v, tt.vers)
			}
		})
	}
}

// TestPrepareForOnePlace: what concerns only the copy in one place is shown there as its line is, not as a note.
func TestPrepareForOnePlace(t *testing.T) {
	lane := Lane{Endpoint: "slack", Role: RoleTeam, Thread: "T"}
	landed := []Receipt{{Seq: 5, Version: 5, Message: "M", Status: ReceiptSent}}
	for _, key := range []string{translatedLine, againEdit} {
		en := Entry{Seq: 7, Kind: Edited, Target: 5, Audience: Only("slack"), By: Speaker{Kind: ByVisitor}, Origin: Origin{Key: key}}
		if d, show := prepare(lane, Work{Entry: en, Target: landed}); !show || d.Entry.Audience != Everyone {
			t.Errorf("%s: shown %v, to %q", key, show, d.Entry.Audience)
		}
		if en.Audience = AgentsOnly; key == againEdit {
			if d, _ := prepare(lane, Work{Entry: en, Target: landed}); d.Entry.Audience != AgentsOnly {
				t.Error("a note is shown as a line for everyone")
			}
		}
	}
}

func TestPrepareNamesTheVisitor(t *testing.T) {
	w := Work{Entry: Entry{Seq: 1, Kind: Said, By: Speaker{Kind: ByVisitor}}, Visitor: Visitor{Profile: Profile{Name: "Vera"}}}
	if d, _ := prepare(Lane{Thread: "T"}, w); d.Entry.By.Name != "Vera" {
		t.Errorf("the visitor is called %q, want the name of the profile", d.Entry.By.Name)
	}
	w.Entry.By.Name = "Vera then"
	if d, _ := prepare(Lane{Thread: "T"}, w); d.Entry.By.Name != "Vera then" {
		t.Errorf("the visitor is called %q, want the name of that time", d.Entry.By.Name)
	}
}

func TestPrepareOpensFirst(t *testing.T) {
	d, show := prepare(Lane{}, Work{Entry: Entry{Seq: 1, Kind: Said}})
	if !show || !d.Opening || d.Recap != "" {
		t.Errorf("delivery = %+v, %v; want an opening without recap", d, show)
	}
	if d, _ := prepare(Lane{Reopened: 1}, Work{}); d.Recap == "" {
		t.Error("a reopened thread has no recap")
	}
}

func TestDeliveryKeyParses(t *testing.T) {
	k := NewDeliveryKey(42, 7, 1, "support-slack")
	c, seq, part, e, ok := k.Parse()
	if !ok || c != 42 || seq != 7 || part != 1 || e != "support-slack" {
		t.Errorf("%q parses to %v %v %v %v %v", k, c, seq, part, e, ok)
	}
	for _, bad := range []DeliveryKey{"", "1.2@x", "1.2.3", "a.2.3@x", "1.2.3.4@x"} {
		if _, _, _, _, ok := bad.Parse(); ok {
			t.Errorf("%q parses", bad)
		}
	}
}

func TestPlaceOfAnEditsParts(t *testing.T) {
	gaps := []Landed{{Part: 0, Message: "a"}, {Part: 2, Message: "c"}}
	for i, want := range []int{0, 2, 3, 4} {
		if got := partNumber(gaps, i); got != want {
			t.Errorf("part %d is about %d, want %d", i, got, want)
		}
	}
	grown := append(gaps, Landed{Part: 3, Message: "d"}) // after part 2 of the edit has been posted
	for i, want := range []int{0, 2, 3, 4} {
		if got := partNumber(grown, i); got != want {
			t.Errorf("rendered again, part %d is about %d, want %d", i, got, want)
		}
	}
}
