package widget_test

import (
	"slices"
	"testing"

	"github.com/skeindesk/skein/adapters/website/browsertest"
)

const (
	send  = ".rate .acts button:first-child"
	later = ".rate .acts button:last-child"
)

func TestRatingIsAskedOnce(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	p, w := visit(b, f)
	w.Type(input, "hello\n")
	w.WaitVisible("[data-seq='1']")
	f.agent(entry{Text: "Done."})
	f.closes()
	w.WaitText(".rate", "How was our help?")
	var labels []string
	w.Eval(`[...document.querySelectorAll('.scores button')].map((e) => e.ariaLabel)`, &labels)
	if want := []string{"1 of 5, Poor", "2 of 5", "3 of 5", "4 of 5", "5 of 5, Very good"}; !slices.Equal(labels, want) {
		t.Errorf("the buttons are called %q, want %q", labels, want)
	}
	w.Click(".scores button:nth-child(2)")
	w.Click(".scores button:nth-child(4)")
	w.Type(".rate textarea", "Quick")
	w.Click(send)
	w.WaitText(".rate", "Thank you.")
	f.set(func() {
		if len(f.ratings) != 1 || f.ratings[0]["score"] != 4.0 || f.ratings[0]["comment"] != "Quick" || f.ratings[0]["key"] == "" {
			t.Errorf("rated %v", f.ratings)
		}
	})
	clean(t, p, f)

	again := func() {
		t.Helper()
		p.Reload()
		p.Click(launcher)
		w.WaitVisible(".state")
		w.WaitVisible("[data-seq='1']")
		w.Wait(`document.querySelector('.rate').hidden`)
	}
	again()
	w.Type(input, "one more\n")
	w.WaitVisible("[data-seq='7']")
	f.closes()
	w.Click(later)
	again()
	f.set(func() {
		if len(f.ratings) != 1 {
			t.Errorf("rated %v", f.ratings)
		}
	})
}

func TestUnansweredRatingWaits(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	p, w := visit(b, f)
	w.Type(input, "hello\n")
	w.WaitVisible("[data-seq='1']")
	f.closes()
	w.WaitVisible(".rate")
	p.Reload()
	p.Click(launcher)
	w.Click(".scores button:nth-child(5)")
	f.set(func() { f.token = "token-2" }) // the session is renewed on the way
	w.Click(send)
	w.WaitText(".rate", "Thank you.")
	w.Type(input, "thanks\n")
	w.Wait(`document.querySelector('.rate').hidden`)
}

func TestFailedRatingIsSentAgainUnderItsKey(t *testing.T) {
	f, b := newFake(t), browsertest.New(t)
	p, w := visit(b, f)
	w.Type(input, "hello\n")
	w.WaitVisible("[data-seq='1']")
	f.closes()
	w.Click(".scores button:nth-child(5)")
	p.Offline(true)
	w.Click(send)
	w.WaitText(".rate", "Not sent")
	p.Offline(false)
	w.Click(send)
	w.WaitText(".rate", "Thank you.")
}
