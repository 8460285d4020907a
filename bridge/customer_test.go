package bridge_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/bridgetest"
)

func (w *world) about(key string) bridge.Visitor {
	w.t.Helper()
	v, err := w.store.Visitor(w.ctx, "shop", key)
	w.must(err)
	return v
}

// What agents set wins over what the site says later; who set what, and what it was, is in the log for agents only.
func TestEditingACustomer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.visitor("ida", "hello")
		thread := w.thread("ida")
		w.agent(thread, "ana", `!edit email=ida@example.org name="Ida Berg" plan=pro`)
		w.told(w.team, thread, "ana has changed what is known of the visitor: email: ida@example.org; name: Ida Berg, was ida; plan: pro.")
		reported := bridge.Visitor{Endpoint: "shop", Key: "ida", Profile: bridge.Profile{
			Name: "other", Email: "other@example.org", Phone: "1", Attributes: map[string]string{"plan": "free", "age": "30"},
		}}
		_, err := w.desk.Greet(w.ctx, reported)
		w.must(err)
		want := bridge.Profile{
			Name: "Ida Berg", Email: "ida@example.org", Phone: "1", Attributes: map[string]string{"plan": "pro", "age": "30"},
		}
		if diff := cmp.Diff(want, w.about("ida").Profile); diff != "" {
			t.Errorf("the profile (-want +got):\n%s", diff)
		}
		for _, wrong := range []string{"!edit", "!edit email=nobody", "!edit Ida Berg", "!edit name=\"Ida Berg\"", "!edit x=" + strings.Repeat("y", 300)} {
			before := len(w.team.Messages(thread))
			w.agent(thread, "ana", wrong)
			w.must(w.team.Await(w.ctx, func([]bridgetest.Message) bool { return len(w.team.Messages(thread)) == before+2 }))
			if last := w.team.Messages(thread)[before+1].Text; !strings.HasPrefix(last, "Nothing was changed") {
				t.Errorf("%s is answered with %q", wrong, last)
			}
		}
		form := w.command(given("press-1", "edit", thread, nil)).Form
		if form == nil || form.Fields[0].Value != "Ida Berg" || form.Fields[3].Value != "age=30\nplan=pro" {
			t.Fatalf("the form is %+v", form)
		}
		w.command(given("press-2", "edit", thread, map[string]string{
			"name": "Ida Berg", "email": "", "phone": "1", "attributes": "plan=pro\nsize=m",
		}))
		v := w.about("ida")
		want.Email, want.Attributes = "", map[string]string{"plan": "pro", "size": "m"}
		if diff := cmp.Diff(want, v.Profile); diff != "" {
			t.Errorf("after the form, the profile (-want +got):\n%s", diff)
		}
		_, err = w.desk.Greet(w.ctx, reported)
		w.must(err)
		if diff := cmp.Diff(want, w.about("ida").Profile); diff != "" {
			t.Errorf("what was emptied comes back (-want +got):\n%s", diff)
		}
		w.visitor("ida", "still me")
		w.must(w.team.Await(w.ctx, func(all []bridgetest.Message) bool {
			last := all[len(all)-1]
			return last.Text == "still me" && last.Author == "Ida Berg"
		}))
		w.sees(w.shop, "chat/ida", "ida: hello", "ida: still me")
	})
}

// What a blocked visitor writes is kept out and counted; it stays away afterwards, too.
func TestBlocking(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		first := w.visitor("ida", "hello")
		thread := w.thread("ida")
		w.agent(thread, "ana", "!block")
		w.told(w.team, thread, "ana has blocked this visitor. What they write is kept out until !unblock; nothing that was said is lost.")
		w.visitor("ida", "spam")
		w.must(w.shop.Amend(w.ctx, first, "more spam"))
		in := bridge.Inbound{
			Endpoint: "shop", Key: "x", Kind: bridge.InSaid, Thread: "chat/ida", Message: "x", From: bridge.Person{ID: "ida", Name: "ida"},
		}
		_, err := w.desk.Accept(w.ctx, in)
		if p, ok := errors.AsType[*bridge.Problem](err); !ok || p.Code != "blocked" {
			t.Errorf("where there is a way to tell, they are told %v", err)
		}
		info := w.command(given("press-1", "info", thread, nil))
		if !strings.Contains(info.Public, "Blocked: 3 lines kept out") {
			t.Errorf("agents are told\n%s", info.Public)
		}
		w.agent(thread, "ana", "!unblock")
		w.told(w.team, thread, "ana lets this visitor write again. 3 lines of theirs had been kept out.")
		w.visitor("ida", "sorry")
		w.must(w.team.Await(w.ctx, func(all []bridgetest.Message) bool { return all[len(all)-1].Text == "sorry" }))
		if spam := w.team.Ever("spam"); len(spam) > 0 {
			t.Errorf("the team has seen %q", spam)
		}
	})
}

// Tags are the conversation's; what is known of a visitor and their other conversations is told where it was asked for.
func TestTagsAndInfo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.visitor("ida", "hello")
		thread := w.thread("ida")
		_, err := w.desk.Greet(w.ctx, bridge.Visitor{
			Endpoint: "shop", Key: "ida", Locale: "es-MX", Device: "Firefox on Android", Place: "Puebla, Mexico", Page: bridge.Page{URL: "https://shop.example/a", Title: "Shoes"},
		})
		w.must(err)
		w.agent(thread, "ana", "!tag VIP, #new slow")
		w.told(w.team, thread, "Tags: vip, new, slow.")
		w.agent(thread, "ana", "!tag -new -none vip")
		w.told(w.team, thread, "Tags: slow, vip.")
		info := w.command(given("press-1", "info", thread, nil))
		for _, want := range []string{"ida · not verified · shop", "Page: Shoes", "Device: Firefox on Android", "Place: Puebla, Mexico", "Language: es-MX", "Tags: slow, vip"} {
			if !strings.Contains(info.Public, want) {
				t.Errorf("it lacks %q:\n%s", want, info.Public)
			}
		}
		if answer := w.command(given("press-2", "earlier", thread, nil)); answer.Public != "This is the visitor's only conversation." {
			t.Errorf("earlier: %q", answer.Public)
		}
		w.sees(w.shop, "chat/ida", "ida: hello")
	})
}

// TestTwoWhoEditAtOnce: what somebody has changed since the form was shown is not written over, whatever else is.
func TestTwoWhoEditAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.stop()
		w.visitor("vera", "Hello")
		thread := w.thread("vera")
		v := w.about("vera")
		_, err := w.desk.Greet(w.ctx, bridge.Visitor{Endpoint: "shop", Key: v.Key, Profile: bridge.Profile{
			Name: "Vera", Attributes: map[string]string{"Plan": "basic", "last order": strings.Repeat("x", 300)},
		}})
		w.must(err)
		form := func(who string, set map[string]string) bridge.Answer {
			p := bridge.Profile{Name: "Vera", Attributes: map[string]string{"Plan": "basic", "last order": strings.Repeat("x", 300)}}
			fields := map[string]string{"name": p.Name, "email": p.Email, "phone": p.Phone, "attributes": p.AttributeLines()}
			for name, value := range maps.Clone(fields) {
				fields[bridge.WasField+name] = value
			}
			maps.Copy(fields, set)
			w.presses++
			return w.command(bridge.Invocation{Endpoint: "team", Key: fmt.Sprint("form-", w.presses), Thread: thread, From: bridge.Person{ID: who, Name: who}, Word: "edit", Fields: fields})
		}
		if a := form("ana", map[string]string{"email": "vera@example.org"}); a.Refused {
			t.Fatal(a.Public)
		}
		if a := form("ben", map[string]string{"phone": "+47 1", "attributes": "Plan=pro\nlast order=" + strings.Repeat("x", 300)}); a.Refused {
			t.Errorf("another field: %s", a.Public)
		}
		a := form("ben", map[string]string{"email": "other@example.org"})
		if !a.Refused || !strings.Contains(a.Public, `"vera@example.org"`) || !strings.Contains(a.Public, `"other@example.org"`) {
			t.Errorf("the same field: %+v", a)
		}
		if a := form("ben", map[string]string{"email": "vera@example.org", "name": "Vera Lind"}); a.Refused {
			t.Errorf("the same to the same: %s", a.Public)
		}
		p := w.about("vera").Profile
		if p.Email != "vera@example.org" || p.Phone != "+47 1" || p.Attributes["Plan"] != "pro" || p.Name != "Vera Lind" || len(p.Attributes) != 2 {
			t.Errorf("what is known now: %+v", p)
		}
	})
}
