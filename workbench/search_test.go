package workbench_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/skeindesk/skein/workbench"
)

// digested reads everything into what is searched.
func (r *rig) digested() {
	r.t.Helper()
	for more := true; more; {
		var err error
		more, err = r.store.Digest(r.t.Context(), time.UTC)
		must(r.t, err)
	}
}

func TestSearch(t *testing.T) {
	r := newRig(t)
	ana := r.agent("Ana")
	parcel := r.says("Vera", "Where is my parcel from Tuesday?")
	tent := r.says("Wim", "The tent <b>leaks</b>")
	r.does(ana, tent.Conversation, "note", "He has a parcel, too")
	r.does(ana, tent.Conversation, "take", "")
	r.digested()
	b := r.signedIn(ana)
	for words, want := range map[string][]string{
		"parcel":                        {"Vera", "Wim"},
		"parc":                          {"Vera", "Wim"},
		"tuesday parcel":                {"Vera"},
		"vera":                          {"Vera"},
		"leaks":                         {"Wim"},
		`"my parcel"`:                   {"Vera"},
		"nothing like this":             {},
		`") OR 1=1 --`:                  {},
		"parcel&owner=me&list=all":      {"Wim"},
		fmt.Sprint(parcel.Conversation): {"Vera"},
	} {
		words, rest, _ := strings.Cut(words, "&")
		p := b.get(workbench.Base + "/search?q=" + url.QueryEscape(words) + "&" + rest)
		if p.status != http.StatusOK {
			t.Errorf("%q is answered %d", words, p.status)
		}
		for _, name := range []string{"Vera", "Wim"} {
			has, wanted := strings.Contains(p.body, "<bdi>"+name+"</bdi></a>"), strings.Contains(fmt.Sprint(want), name)
			if has != wanted {
				t.Errorf("%q finds %s: %v, want %v", words, name, has, wanted)
			}
		}
		if strings.Contains(p.body, "<b>") {
			t.Errorf("%q shows a visitor's markup", words)
		}
	}
	if p := b.get(workbench.Base + "/search?q=" + url.QueryEscape(`"><script>alert(1)</script>`)); strings.Contains(p.body, "<script>alert") {
		t.Error("what was looked for is written into the page as it is")
	}
	if p := b.get(workbench.Base + "/search?q=parcel&after=x"); p.status != http.StatusUnprocessableEntity {
		t.Errorf("a place that is none is answered %d", p.status)
	}
}
