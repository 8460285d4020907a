package rich_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/skeindesk/skein/bridge/rich"
)

var seeds = []string{
	"", "a\n\nb\r\nc", "see https://e.com/a_b?c=1&d=2.", "<script>alert(1)</script>", "\xff\x00\u202e", "👨‍👩‍👧‍👦🇩🇪e\u0301",
	"http://[::1]:80/(a)", "* _ ~ ` > # \\", "שלום عليكم",
}

func FuzzOf(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		doc := rich.Of(s)
		if diff := cmp.Diff(doc, rich.Normal(doc)); diff != "" {
			t.Fatalf("not canonical:\n%s", diff)
		}
		plain := rich.Plain(doc)
		if visible(plain) != visible(s) {
			t.Fatalf("%q reads %q", s, plain)
		}
		if !rich.Equal(rich.Of(plain), doc) {
			t.Fatalf("%q read again is %q", s, rich.Plain(rich.Of(plain)))
		}
	})
}

func FuzzHTML(f *testing.F) {
	for _, s := range seeds {
		raw, _ := json.Marshal(rich.Of(s))
		f.Add(raw)
	}
	f.Add([]byte(`[{"k":"a","u":"javascript:x","c":[{"k":"list","o":true,"n":-1,"c":[{"k":"later","t":"x"}]}]},{"k":"pre","t":"a","i":"\"><b>"}]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var doc rich.Doc
		if json.Unmarshal(raw, &doc) == nil {
			checkHTML(t, doc)
		}
	})
}

func FuzzSplit(f *testing.F) {
	for i, s := range seeds {
		f.Add(strings.Repeat(s+" ", 5), 3*i)
	}
	f.Fuzz(func(t *testing.T, s string, limit int) {
		if len(s) > 1000 {
			t.Skip("a part for each of very many characters takes long and shows nothing new")
		}
		size := func(d rich.Doc) int { return len(rich.Plain(d)) }
		var got strings.Builder
		for _, part := range rich.Split(rich.Of(s), limit, size) {
			if len(part) == 0 {
				t.Fatal("empty part")
			}
			got.WriteString(words(part))
		}
		if got.String() != words(rich.Of(s)) {
			t.Fatalf("%q became %q", s, got.String())
		}
	})
}
