package workbench_test

import (
	"bytes"
	"fmt"
	"html"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/skeindesk/skein/adapters/discord/markdown"
	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/quickreply"
	"github.com/skeindesk/skein/bridge/rich"
	"github.com/skeindesk/skein/workbench"
)

const quickPath = workbench.Base + "/quick-replies"

// keeps puts a quick reply on the shelf; owner 0: the team's.
func (r *rig) keeps(q quickreply.Reply) quickreply.Reply {
	r.t.Helper()
	must(r.t, r.store.Change(r.t.Context(), func(tx bridge.Tx) (err error) {
		q, err = tx.SaveQuickReply(q.Tidy())
		return err
	}))
	return q
}

func (r *rig) quick(id int64) quickreply.Reply {
	r.t.Helper()
	var q quickreply.Reply
	must(r.t, r.store.Look(r.t.Context(), func(tx bridge.Tx) (err error) {
		q, err = tx.QuickReply(id)
		return err
	}))
	return q
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)

// form are the hidden fields of a page, with others set.
func (p page) form(fields ...string) url.Values {
	form := url.Values{}
	for _, m := range hiddenField.FindAllStringSubmatch(p.body, -1) {
		form.Set(m[1], html.UnescapeString(m[2]))
	}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return form
}

// upload sends a form with a file.
func (b *browser) upload(path string, form url.Values, field, name, content string) page {
	b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for key, values := range form {
		for _, value := range values {
			must(b.t, w.WriteField(key, value))
		}
	}
	if name != "" {
		part, err := w.CreateFormFile(field, name)
		must(b.t, err)
		_, err = part.Write([]byte(content))
		must(b.t, err)
	}
	must(b.t, w.Close())
	return b.send(http.MethodPost, path, body.String(), http.Header{
		"Sec-Fetch-Site": {"same-origin"}, "Content-Type": {w.FormDataContentType()},
	})
}

func TestQuickReplyIsMadeChangedAndRemoved(t *testing.T) {
	r := newRig(t)
	b := r.signedIn(r.agent("Ana"))
	b.get(quickPath).has(t, "Here will be what you answer again and again")
	p := b.get(quickPath + "/new")
	form := p.form("shortcut", "refund", "title", "Refund policy", "tags", "money, law", "group", "team", "language", "en",
		"text", "Dear {visitor.name},\r\nwithin **14 days**.")
	form["variant-language"], form["variant-text"] = []string{"de", ""}, []string{"Binnen *14 Tagen*.", ""}
	p = b.upload(quickPath, form, "", "", "")
	p.has(t, "Kept: refund", "Refund policy", "within **14 days**", "Robin Vale", "<strong>14 days</strong>", "For readers of de", "<em>14 Tagen</em>")
	again := b.post(quickPath, form)
	again.has(t, "Kept: refund")
	if again.path != p.path {
		t.Errorf("pressed twice it is kept as %s and %s", p.path, again.path)
	}
	var id int64
	_, err := fmt.Sscanf(p.path, quickPath+"/%d", &id)
	must(t, err)
	kept := r.quick(id)
	if kept.Owner != 0 || kept.Language != "en" || len(kept.Tags) != 2 || rich.Plain(kept.Body) != "Dear {visitor.name},\nwithin 14 days." || len(kept.Variants) != 1 {
		t.Errorf("kept is %+v", kept)
	}
	b.get(quickPath).has(t, ">refund</a>", "Refund policy", ">law</a>", "de en", "Never")

	form = p.form("shortcut", "refunds", "title", "Refunds", "group", "team", "text", "Within 30 days.")
	form["variant-language"], form["variant-text"] = []string{"de"}, []string{" "}
	b.post(quickPath, form).has(t, "Kept: refunds")
	if kept = r.quick(id); kept.Shortcut != "refunds" || len(kept.Variants) != 0 || len(kept.Tags) != 0 {
		t.Errorf("changed is %+v", kept)
	}
	p = b.get(quickPath + fmt.Sprintf("/%d/remove", id))
	p.has(t, "Remove refunds?", "Within 30 days.")
	b.post(p.path, p.form()).has(t, "Removed: refunds")
	if p := b.get(quickPath + fmt.Sprint("/", id)); p.status != http.StatusNotFound {
		t.Errorf("what was removed is answered %d", p.status)
	}
}

func TestQuickRepliesAreFound(t *testing.T) {
	r := newRig(t)
	ana, ben := r.agent("Ana"), r.agent("Ben")
	r.keeps(quickreply.Reply{Shortcut: "refund", Title: "Refund policy", Body: rich.Of("Within 14 days."), Tags: []string{"money"}})
	r.keeps(quickreply.Reply{Shortcut: "parcel", Title: "Where is my parcel", Body: rich.Of("On its way.")})
	r.keeps(quickreply.Reply{Shortcut: "bye", Title: "Bens own", Body: rich.Of("Bye."), Owner: int64(ben.ID)})
	b := r.signedIn(ana)
	for query, want := range map[string]string{
		"": "refund parcel", "?q=rfnd+polcy": "refund", "?tag=money": "refund", "?group=team": "refund parcel", "?group=mine": "",
		"?idle=1": "refund parcel", "?q=zzzzz": "", "?q=bens+own": "",
	} {
		p := b.get(quickPath + query)
		for _, name := range []string{"refund", "parcel", "bye"} {
			if has, wanted := strings.Contains(p.body, ">"+name+"</a>"), strings.Contains(want, name); has != wanted {
				t.Errorf("%q has %s: %v, want %v", query, name, has, wanted)
			}
		}
	}
	b.get(quickPath+"?q=zzzzz").has(t, "Nothing fits that")
	r.signedIn(ben).get(quickPath+"?group=mine").has(t, ">bye</a>", "You")
	for i := range 60 {
		r.keeps(quickreply.Reply{Shortcut: fmt.Sprintf("more-%02d", i), Body: rich.Of("More")})
	}
	first, second := b.get(quickPath), b.get(quickPath+"?page=2")
	first.has(t, "Page 1 of 2, 62 quick replies", `rel="next"`)
	second.has(t, "Page 2 of 2", `rel="prev"`)
	if n := strings.Count(first.body, `<th scope="row">`) + strings.Count(second.body, `<th scope="row">`); n != 62 {
		t.Errorf("the pages have %d of 62", n)
	}
}

// TestTwoEditAtOnce has two admins change the same quick reply: whoever comes second loses nothing, and replaces nothing
// without having seen it.
func TestTwoEditAtOnce(t *testing.T) {
	r := newRig(t)
	ana := r.agent("Ana")
	q := r.keeps(quickreply.Reply{Shortcut: "refund", Title: "Refund", Body: rich.Of("Within 14 days.")})
	at := quickPath + fmt.Sprint("/", q.ID)
	first, second := r.signedIn(ana), r.signedIn(ana)
	one, two := first.get(at), second.get(at)
	first.post(quickPath, one.form("shortcut", "refund", "title", "Refund", "group", "team", "text", "Within 30 days.")).has(t, "Kept")
	p := second.post(quickPath, two.form("shortcut", "refund", "title", "Refund", "group", "team", "text", "Within a week."))
	if p.status != http.StatusConflict || rich.Plain(r.quick(q.ID).Body) != "Within 30 days." {
		t.Errorf("the second is answered %d, and there stands %q", p.status, rich.Plain(r.quick(q.ID).Body))
	}
	p.has(t, "somebody else has changed", "Within a week.", "Within 30 days.")
	second.post(quickPath, p.form("shortcut", "refund", "title", "Refund", "group", "team", "text", "Within a week.")).has(t, "Kept")
	if got := rich.Plain(r.quick(q.ID).Body); got != "Within a week." {
		t.Errorf("having seen it, the second keeps %q", got)
	}
	must(t, r.store.Change(t.Context(), func(tx bridge.Tx) error { return tx.RemoveQuickReply(q.ID) }))
	p = first.post(quickPath, one.form("shortcut", "refund", "title", "Refund", "group", "team", "text", "Within a month."))
	p.has(t, "somebody has removed", "Within a month.")
	first.post(quickPath, p.form("shortcut", "refund", "title", "Refund", "group", "team", "text", "Within a month.")).has(t, "Kept: refund")
}

func TestWhatIsWrongWithAQuickReplyIsSaidAndNothingLost(t *testing.T) {
	r := newRig(t)
	b := r.signedIn(r.agent("Ana"))
	r.keeps(quickreply.Reply{Shortcut: "hello", Body: rich.Of("Hi")})
	for want, fields := range map[string][]string{
		"A shortcut begins with a letter": {"shortcut", "1x", "text", "Kept words"},
		"the text is missing":             {"shortcut", "x", "title", "Kept words"},
		"is to be a tag such as en":       {"shortcut", "x", "language", "no tag", "text", "Kept words"},
		"another quick reply hello":       {"shortcut", "hello", "text", "Kept words"},
		"a language of its own":           {"shortcut", "x", "language", "de", "text", "Kept words", "variant-language", "de", "variant-text", "Y"},
	} {
		p := b.post(quickPath, b.get(quickPath+"/new").form(append(fields, "group", "team")...))
		if p.status != http.StatusUnprocessableEntity || !strings.Contains(strings.ToLower(p.body), strings.ToLower(want)) || !strings.Contains(p.body, "Kept words") {
			t.Errorf("%v is answered %d, without %q or what was written", fields, p.status, want)
		}
	}
	p := b.post(quickPath+"/preview", b.get(quickPath+"/new").form("shortcut", "new", "group", "team", "text", "# Big\n||hush|| {visitor.plan}"))
	p.has(t, "Telegram has no headings", "(their plan)", "{visitor.plan}", ">Telegram<")
	b.get(quickPath).lacks(t, ">new</a>")
}

func TestAgentsKeepTheirOwnOnly(t *testing.T) {
	r := newRig(t)
	r.agent("Ana")
	ben, cem := r.agent("Ben"), r.agent("Cem")
	teams := r.keeps(quickreply.Reply{Shortcut: "refund", Body: rich.Of("Within 14 days.")})
	cems := r.keeps(quickreply.Reply{Shortcut: "secret", Body: rich.Of("Cem's words"), Owner: int64(cem.ID)})
	b := r.signedIn(ben)
	p := b.get(quickPath + fmt.Sprint("/", teams.ID))
	p.has(t, "its admins keep it", "Within 14 days.")
	p.lacks(t, "<textarea")
	if p := b.get(quickPath + fmt.Sprint("/", cems.ID)); p.status != http.StatusNotFound || strings.Contains(p.body, "Cem's") {
		t.Errorf("another's own is answered %d", p.status)
	}
	own := b.get(quickPath + "/new")
	own.lacks(t, `value="team"`)
	b.post(quickPath, own.form("shortcut", "mine", "group", "team", "text", "For me")).has(t, "Kept: mine")
	r.signedIn(cem).get(quickPath).lacks(t, ">mine</a>")

	for name, id := range map[string]int64{"the team's": teams.ID, "another's": cems.ID} {
		form := own.form("id", fmt.Sprint(id), "began", r.quick(id).Version(), "shortcut", "taken", "group", "team", "text", "Taken over")
		b.post(quickPath, form)
		form.Set("group", "mine")
		b.post(quickPath, form)
		b.post(quickPath+fmt.Sprintf("/%d/remove", id), own.form())
		if got := rich.Plain(r.quick(id).Body); strings.Contains(got, "Taken") {
			t.Errorf("an agent has changed %s", name)
		}
	}
	if p := b.get(quickPath + fmt.Sprintf("/%d/remove", teams.ID)); p.status != http.StatusUnprocessableEntity {
		t.Errorf("removing the team's is offered: %d", p.status)
	}
	b.upload(quickPath+"/import", url.Values{}, "file", "x.csv", "shortcut,body\nrefund,Taken\n").has(t, "kept by its admins")
	if got := rich.Plain(r.quick(teams.ID).Body); got != "Within 14 days." {
		t.Errorf("an agent's import has made %q of the team's", got)
	}
}

func TestQuickRepliesAreCarried(t *testing.T) {
	r := newRig(t)
	b := r.signedIn(r.agent("Ana"))
	r.keeps(quickreply.Reply{Shortcut: "hello", Body: rich.Of("Hi")})
	p := b.upload(quickPath+"/import", url.Values{}, "file", "x.csv", "shortcut,body\nhello,Hello\n1x,Text\nbye,\n")
	if p.status != http.StatusUnprocessableEntity {
		t.Errorf("a bad file is answered %d", p.status)
	}
	p.has(t, "2 things are to be put right", "Line 3: A shortcut begins", "Line 4: The text is missing.")
	b.get(quickPath).lacks(t, ">bye</a>")
	b.upload(quickPath+"/import", url.Values{}, "file", "x.xls", "x").has(t, "has to end in .csv or .json")
	b.upload(quickPath+"/import", url.Values{}, "", "", "").has(t, "choose a file")
	b.upload(quickPath+"/import", url.Values{}, "file", "x.csv", "shortcut,body,group\nhello,Hello again,team\nown,Mine,personal\n").has(t, "added: 1, replaced: 1")
	for name, want := range map[string]string{
		"export.csv":             "shortcut,title,body,tags,group,language\nhello,hello,Hello again,,team,\n",
		"export.csv?group=mine":  "shortcut,title,body,tags,group,language\nown,own,Mine,,personal,\n",
		"export.json?group=mine": `"shortcut": "own"`,
	} {
		p := b.get(quickPath + "/" + name)
		if !strings.Contains(p.body, want) || !strings.HasPrefix(p.header.Get("Content-Disposition"), "attachment") {
			t.Errorf("%s is %q", name, p.body)
		}
	}
	if p := b.get(quickPath + "/export.exe"); p.status != http.StatusNotFound {
		t.Errorf("another file is answered %d", p.status)
	}
}

// stocked fills what the pages of quick replies, the team and undelivered lines show.
func (r *rig) stocked(owner, agent bridge.Agent, c bridge.ConversationID) {
	for _, q := range []quickreply.Reply{
		{
			Shortcut: "refund", Title: "Refund within 30 days", Language: "en", Tags: []string{"money", "returns"},
			Body: markdown.Read("Hello {visitor.name},\nof course you can send it back **within 30 days**:\n1. Print the label from [your orders](https://tarn.example/orders)\n"+
				"2. Drop the parcel at any post office\n\nYour money is back three days later.\n{agent.name}", nil),
			Variants: map[string]rich.Doc{"de": markdown.Read("Hallo {visitor.name},\nnatürlich kannst du es **innerhalb von 30 Tagen** zurückschicken.", nil)},
			Files:    []quickreply.File{{ID: "F1", Name: "return-label.pdf", Type: "application/pdf", Size: 48213}},
		},
		{Shortcut: "parcel", Title: "Where is my parcel", Body: rich.Of("It left us on {visitor.shipped}."), Tags: []string{"shipping"}},
		{Shortcut: "size", Title: "Which size of rucksack", Body: rich.Of("Up to 52 cm of back take M."), Tags: []string{"sizes"}, Language: "en"},
		{Shortcut: "bye", Title: "Good-bye, my way", Body: rich.Of("Have a good hike."), Owner: int64(owner.ID)},
	} {
		q = r.keeps(q)
		if q.Shortcut != "parcel" {
			must(r.t, r.store.Change(r.t.Context(), func(tx bridge.Tx) error { return tx.UseQuickReply(q.ID) }))
		}
	}
	agent.Capacity, agent.Languages = 8, []string{"en", "de"}
	agent.Hours, _ = bridge.ParseHours("mon-fri 9-17 Europe/Berlin")
	must(r.t, r.store.Change(r.t.Context(), func(tx bridge.Tx) error { return tx.SaveAgent(agent) }))
	_, err := r.desk.InviteMember(r.t.Context(), owner.ID, bridge.RankAgent, strings.Repeat("K", 26))
	must(r.t, err)
	r.answers(owner, c, "It is at the depot in Lyon and comes tomorrow before noon.")
	r.refused(c, desk, "Slack says that the channel is archived. Unarchive it, or choose another one.")
}

// TestOftenChangedAreHinted: of two quick replies one says what agents change again and again.
func TestOftenChangedAreHinted(t *testing.T) {
	r := newRig(t)
	ana := r.agent("Ana")
	b := r.signedIn(ana)
	c := r.says("Maya", "Hello").Conversation
	for _, shortcut := range []string{"good", "bad"} {
		r.keeps(quickreply.Reply{Shortcut: shortcut, Title: "Of " + shortcut, Body: rich.Of("Words of " + shortcut)})
	}
	for i := range 6 {
		for _, shortcut := range []string{"good", "bad"} {
			r.does(ana, c, "qr send", shortcut)
			log := r.log(c)
			seq := slices.IndexFunc(log, func(en bridge.Entry) bool {
				return en.Kind == bridge.Said && rich.Plain(en.Body) == "Words of "+shortcut && en.Seq > log[len(log)-1].Seq-3
			})
			line := fmt.Sprint(pageOf(c), "/lines/", log[seq].Seq)
			switch {
			case shortcut == "good":
			case i < 2: // changed twice it is still one line
				b.post(line, url.Values{"text": {"Other words"}, "key": {fmt.Sprint("edit", i)}})
				b.post(line, url.Values{"text": {"And others"}, "key": {fmt.Sprint("again", i)}})
			case i == 2:
				b.post(line, url.Values{"delete": {"1"}, "key": {"delete"}})
			}
		}
	}
	if good, bad := r.quick(1), r.quick(2); good.Amended != 0 || bad.Amended != 3 || bad.Uses != 6 {
		t.Fatalf("changed %d times and %d times of %d", good.Amended, bad.Amended, bad.Uses)
	}
	p := b.get(quickPath)
	p.has(t, "3 changed", "1 quick reply says", "perhaps the words should be others")
	p = b.get(quickPath + "?amended=1")
	p.has(t, ">bad<")
	p.lacks(t, ">good<")
}

func TestFilesGoWithQuickReplies(t *testing.T) {
	r := newRig(t)
	r.agent("Ana")
	ana := r.member(1)
	b := r.signedIn(ana)
	form := b.get(quickPath+"/new").form("shortcut", "1label", "group", "team", "text", "See the label.")
	p := b.upload(quickPath, form, "file", `la"<script>bel.txt`, "to be printed")
	p.has(t, "a shortcut begins with a letter", "See the label.", `name="kept"`)
	p.lacks(t, "<script>bel")
	form = p.form("shortcut", "label", "group", "team", "text", "See the label.", "kept", checked(p, "kept"))
	p = b.upload(quickPath, form, "", "", "")
	p.has(t, "Kept: label", `name="keep"`)
	q := r.quick(1)
	if len(q.Files) != 1 || q.Files[0].Size != 13 {
		t.Fatalf("its files are %+v", q.Files)
	}
	ids, err := r.store.DisposeFiles(t.Context(), 0, 10)
	if must(t, err); len(ids) != 0 {
		t.Error("the file is thrown away as an upload that nobody has sent")
	}
	if got := b.get(workbench.Base + "/files/" + q.Files[0].ID); got.body != "to be printed" {
		t.Errorf("the file is %q", got.body)
	}
	other := r.browser()
	if got := other.get(workbench.Base + "/files/" + q.Files[0].ID); got.body == "to be printed" {
		t.Error("who is not signed in reads the file")
	}
	b.upload(quickPath, p.form("shortcut", "label", "group", "team", "text", "No label.", "kept", q.Files[0].ID), "", "", "").has(t, "Kept: label")
	if q = r.quick(1); len(q.Files) != 0 {
		t.Errorf("taken away it still has %+v", q.Files)
	}
}

// checked is the value of a box that is checked.
func checked(p page, name string) string {
	m := regexp.MustCompile(`type="checkbox" name="` + name + `" value="([^"]+)" checked`).FindStringSubmatch(p.body)
	if m == nil {
		return ""
	}
	return m[1]
}
