package workbench_test

import (
	"flag"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/skeindesk/skein/adapters/website/browsertest"
	"github.com/skeindesk/skein/adapters/website/browsertest/axe"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/workbench"
)

var pictures = flag.String("pictures", "",
	"`directory` to draw the documentation's pictures in, from the module's root: go test ./workbench -run TestLook -pictures docs/pictures")

// looks are the pages that TestLook looks at, as somebody who owns the team sees them.
func looks() []look {
	return []look{
		{"workbench-lists", "/conversations?list=unassigned"},
		{"", "/conversations?list=history"},
		{"workbench-channels", "/channels"},
		{"workbench-settings", "/settings"},
		{"workbench-search", "/search?q=parcel"},
		{"workbench-quick-replies", "/quick-replies"},
		{"workbench-quick-reply", "/quick-replies/1"},
		{"", "/quick-replies/new"},
		{"", "/quick-replies/import"},
		{"", "/quick-replies/1/remove"},
		{"workbench-knowledge", "/knowledge?ask=" + url.QueryEscape("How long does it take to ship something to Norway?")},
		{"workbench-article", "/knowledge/edit?id=returns&language=en"},
		{"", "/knowledge?q=nothing+of+this+name"},
		{"", "/knowledge/edit"},
		{"", "/knowledge/remove?id=returns&language=en"},
		{"", "/knowledge/import"},
		{"workbench-team", "/team"},
		{"workbench-profile", "/team/2"},
		{"", "/team/2/remove"},
		{"", "/join?code=ABCDEFGH"},
		{"workbench-undelivered", "/undelivered"},
		{"workbench-reports", "/reports"},
		{"", "/conversations?list=robot&tag=vip"},
		{"", "/conversations/3"},
		{"", "/undelivered/all?word=retry&endpoint=" + string(desk)},
		{"", "/conversations?kind=colleagues"},
		{"workbench-door", "/in"},
		{"", "/in/AAAAAAAAAAAAAAAAAAAAAAAAAA"},
		{"", "/nothing/of/this/name"},
		{"", "/team/999"},
	}
}

// look is a page. Those with a name are in the documentation's pictures.
type look struct{ name, path string }

// fromTheRight turns pages around, as people expect them whose script runs from right to left.
const fromTheRight = `addEventListener('DOMContentLoaded', () => { document.documentElement.dir = 'rtl'; })`

// TestLook opens every page in a browser, in light, in dark, on a phone and from right to left: all can use it, nothing is
// refused by the pages' own policy, and nothing is wider than the window.
func TestLook(t *testing.T) {
	r := newRig(t)
	owner := r.peopled()
	r.digested()
	r.decided(owner)
	b := browsertest.New(t)
	link, err := r.desk.SignInLink(t.Context(), bridge.SignIn{Agent: owner.ID})
	must(t, err)
	in := b.Open(link)
	axe.Check(t, in.Frame)
	in.Click("form button")
	in.WaitVisible("#lists")
	wide, phone := browsertest.Size(1280, 860, false), browsertest.Size(390, 844, true)
	dark, turned := browsertest.Media("prefers-color-scheme", "dark"), browsertest.Script(fromTheRight)
	for look, options := range map[string][]browsertest.Option{"": {wide}, "-dark": {wide, dark}, "-phone": {phone}, "-rtl": {wide, turned}} {
		page, complaints := b.Open("about:blank", options...), 0
		for _, l := range looks() {
			page.Navigate(r.server.URL + workbench.Base + l.path)
			page.WaitVisible("#content h1")
			axe.Check(t, page.Frame)
			var over bool
			if page.Eval(`document.documentElement.scrollWidth > innerWidth`, &over); over {
				t.Errorf("%s%s is wider than the window", l.path, look)
			}
			all := page.Complaints()
			for _, complaint := range all[complaints:] {
				if !strings.Contains(complaint, "the server responded with a status of 4") { // pages of what is not there
					t.Errorf("%s%s: the browser complains: %s", l.path, look, complaint)
				}
			}
			complaints = len(all)
			if *pictures != "" && l.name != "" && (look != "-rtl" || l.name == "workbench-lists") {
				page.Screenshot(filepath.Join("..", *pictures, l.name+look+".png"))
			}
		}
		page.Close()
	}
}

// peopled fills the rig with what a small shop has on an ordinary day, and returns the owner of the team.
func (r *rig) peopled() bridge.Agent {
	ana, ben := r.agent("Ana Ruiz"), r.agent("Ben Okafor")
	lina := r.says("Lina Moreau", "My parcel should have come on Monday. Can you look where it is? The number is TT-48213.")
	r.says("Jonas Weber", "Passt der Rucksack Tarn 32 auch für eine Rückenlänge von 52 cm?")
	r.says("محمد الخطيب", "هل يمكنكم الشحن إلى عمّان؟")
	mira := r.says("Mira Sand", "The tent arrived with a torn flysheet. I have photos.")
	tom := r.says("Tom Hardy", "Is the folding stove allowed on a plane?")
	r.does(ana, mira.Conversation, "take", "")
	r.does(ana, mira.Conversation, "tag", "warranty vip")
	r.does(ana, mira.Conversation, "reply", "I am sorry, Mira. Send them here and I will order a new one today.")
	r.does(ben, tom.Conversation, "reply", "Yes, without the gas cartridge.")
	r.does(ben, tom.Conversation, "close", "")
	r.does(ana, lina.Conversation, "tag", "shipping")
	r.stocked(ana, ben, lina.Conversation)
	r.taught(ana, ben)
	return ana
}
