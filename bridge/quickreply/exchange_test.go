package quickreply

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/skeindesk/skein/bridge/rich"
)

func examples() []Reply {
	bold := rich.Doc{{Kind: rich.Paragraph, Children: []rich.Node{
		{Kind: rich.Bold, Children: []rich.Node{{Kind: rich.Text, Text: "Within 14 days"}}}, {Kind: rich.Text, Text: ", {visitor.name}."},
	}}}
	return []Reply{
		{
			Shortcut: "refund", Title: "Refund, policy", Body: bold, Language: "en", Tags: []string{"money", "gift card"},
			Variants: map[string]rich.Doc{"de": rich.Of("Binnen 14 Tagen."), "pt-BR": bold},
		},
		{Shortcut: "hello", Title: "hello", Body: rich.Of("Hi \"you\"\n\nSecond; line"), Variants: map[string]rich.Doc{}},
		{Shortcut: "hello", Title: "hello", Body: rich.Of("Mine"), Owner: 7, Variants: map[string]rich.Doc{}},
	}
}

func TestJSONKeepsEverything(t *testing.T) {
	var b bytes.Buffer
	if err := WriteJSON(&b, examples()); err != nil {
		t.Fatal(err)
	}
	got, faults := ReadJSON(&b, 7)
	if diff := cmp.Diff(examples(), got); diff != "" || len(faults) > 0 {
		t.Errorf("faults %v, difference:\n%s", faults, diff)
	}
}

func TestCSVKeepsTheWords(t *testing.T) {
	var b bytes.Buffer
	if err := WriteCSV(&b, examples()); err != nil {
		t.Fatal(err)
	}
	got, faults := ReadCSV(&b, 7)
	want := examples()
	for i := range want {
		want[i].Body = rich.Of(rich.Plain(want[i].Body))
		for language, body := range want[i].Variants {
			want[i].Variants[language] = rich.Of(rich.Plain(body))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || len(faults) > 0 {
		t.Errorf("faults %v, difference:\n%s", faults, diff)
	}
}

func TestReadCSV(t *testing.T) {
	for _, test := range []struct {
		name, text string
		replies    []string
		faults     []string
	}{
		{"least", "shortcut,body\nhi,Hello\n", []string{"hi"}, nil},
		{"of a spreadsheet", "\ufeffBody;Shortcut\r\n\"Hello; you\";hi\r\n", []string{"hi"}, nil},
		{"short lines", "shortcut,body,tags\nhi,Hello\n", []string{"hi"}, nil},
		{"empty", "", nil, []string{"line 1: The file is empty."}},
		{"no header", "hi,Hello\n", nil, []string{
			`line 1: There is no column "hi". The columns are shortcut, title, body, tags, group, language.`,
			`line 1: There is no column "hello". The columns are shortcut, title, body, tags, group, language.`,
			`line 1: The column "shortcut" is missing.`, `line 1: The column "body" is missing.`,
		}},
		{"every fault is told", "shortcut,body,group,language\nhi,,,\n,Text,,\n\"ok\",\"two\nlines\",,\n1x,Text,,\nmine,Text,personal,\nhi2,Text,all,\nok,Again,,\nhi3,Text,,not a tag\na,b,c,d,e\n", nil, []string{
			"line 2: The text is missing.",
			"line 3: The shortcut is missing.",
			"line 6: A shortcut begins with a letter and has only letters, digits, - and _.",
			"line 7: Nobody is named whose personal replies are read: the group can only be team here.",
			"line 8: The group is team or personal.",
			`line 9: There is a reply "ok" already, at line 4. A variant of it needs a language of its own.`,
			"line 10: The language is to be a tag such as en or pt-BR.",
			"line 11: There are more fields than columns: a text with a comma needs quotation marks around it.",
		}},
		{"quotation marks", "shortcut,body\nhi,He said \"no\"\nok,Fine\n", nil, []string{`line 2: This is not well-formed CSV: bare " in non-quoted-field.`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			replies, faults := ReadCSV(strings.NewReader(test.text), 0)
			compare(t, replies, faults, test.replies, test.faults)
		})
	}
}

func TestReadJSON(t *testing.T) {
	for _, test := range []struct {
		name, text string
		replies    []string
		faults     []string
	}{
		{"least", `[{"shortcut":"hi","body":"Hello"}]`, []string{"hi"}, nil},
		{"none", ` [ ] `, nil, nil},
		{"no list", `{"shortcut":"hi"}`, nil, []string{"line 1: The file is to hold a list of quick replies, in [ ]."}},
		{"empty", ``, nil, []string{"line 1: The file is to hold a list of quick replies, in [ ]."}},
		{"every fault is told", "[\n{\"shortcut\":\"hi\",\"body\":3},\n{\"shortcut\":\"hi\",\"body\":\"x\",\"colour\":\"red\"},\n\n{\"shortcut\":\"hi\"},\n{\"shortcut\":\"ok\",\"body\":\"x\"}\n]", nil, []string{
			"line 2: body cannot be a number.",
			"line 3: This reply has a field that none has. The fields are shortcut, title, body, rich, tags, group, language, variants.",
			"line 5: The text is missing.",
		}},
		{
			"variants twice", `[{"shortcut":"hi","body":"x","variants":[{"language":"de","body":"y"},{"language":"de","body":"z"}]}]`, nil,
			[]string{"line 1: Two variants have the same language."},
		},
		{"broken", "[{\"shortcut\":\"hi\",\"body\":\"x\"},\n{\"shortcut\" \"ho\"}]", nil, []string{"line 2: This is not well-formed JSON."}},
		{"cut off", "[{\"shortcut\":\"hi\",\"body\":\"x\"}\n", nil, []string{"line 2: The list has no end."}},
	} {
		t.Run(test.name, func(t *testing.T) {
			replies, faults := ReadJSON(strings.NewReader(test.text), 0)
			compare(t, replies, faults, test.replies, test.faults)
		})
	}
}

func compare(t *testing.T, replies []Reply, faults []Fault, wantReplies, wantFaults []string) {
	t.Helper()
	var got, told []string
	for _, r := range replies {
		got = append(got, r.Shortcut)
	}
	for _, f := range faults {
		told = append(told, f.String())
	}
	if !slices.Equal(got, wantReplies) || !slices.Equal(told, wantFaults) {
		t.Errorf("replies %q, faults %q;\nwant %q, %q", got, told, wantReplies, wantFaults)
	}
}

// What is read can be kept: it is in order, and comes back from what is written of it.
func keeps(t *testing.T, replies []Reply, faults []Fault) {
	if len(faults) > 0 && len(replies) > 0 {
		t.Fatal("replies in spite of faults")
	}
	for _, r := range replies {
		if wrong := r.Check(); wrong != "" {
			t.Fatal(wrong)
		}
	}
	var b bytes.Buffer
	if err := WriteJSON(&b, replies); err != nil {
		t.Fatal(err)
	}
	again, faults := ReadJSON(&b, 1)
	if diff := cmp.Diff(replies, again); diff != "" && len(replies) > 0 || len(faults) > 0 {
		t.Fatalf("faults %v, difference:\n%s", faults, diff)
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add("shortcut,body\nhi,Hello\n")
	f.Add("\ufeffBody;Shortcut;language\r\n\"Hello; you\";hi;en\r\nHallo;hi;de")
	f.Add("shortcut,title,body,tags,group,language\nhi,\"a\nb\",c,\"d,e\",personal,pt-BR")
	f.Fuzz(func(t *testing.T, text string) {
		replies, faults := ReadCSV(strings.NewReader(text), 1)
		keeps(t, replies, faults)
	})
}

func FuzzReadJSON(f *testing.F) {
	f.Add(`[{"shortcut":"hi","body":"Hello"}]`)
	f.Add(`[{"shortcut":"hi","rich":[{"k":"p","c":[{"k":"b","c":[{"k":"t","t":"x"}]}]}],"variants":[{"language":"de","body":"y"}]},null,3]`)
	f.Fuzz(func(t *testing.T, text string) {
		replies, faults := ReadJSON(strings.NewReader(text), 1)
		keeps(t, replies, faults)
	})
}
