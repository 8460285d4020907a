package workbench

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/skeindesk/skein/bridge"
	"github.com/skeindesk/skein/bridge/quickreply"
	"github.com/skeindesk/skein/bridge/rich"
)

// Markup is how people type formatted text in forms. Read(Write(doc)) is the same text as doc.
type Markup struct {
	Read  func(source string) rich.Doc
	Write func(doc rich.Doc) (source string)
}

// plainly is the Markup without any.
func plainly() Markup { return Markup{Read: rich.Of, Write: rich.Plain} }

// quickDraft is a quick reply as it stands in the editor's form.
type quickDraft struct {
	id                    int64 // 0: a new one
	shortcut, title, tags string
	language, text        string
	mine                  bool
	variants              []quickVariant    // the last one is empty, for one more
	files                 []quickreply.File // that stand
	added                 []quickreply.File // that were sent, and are kept with the rest
	began                 string            // Version of what the editor began with
	mayChange, mayForTeam bool
	wrong                 string            // why it is not kept yet
	stands                *quickreply.Reply // what somebody else has made of it meanwhile
	previews              []quickPreview
	filesTaken            bool
}

type quickVariant struct{ language, text string }

func (b *Workbench) quickNew(v *visit) (content, error) {
	d := quickDraft{mayChange: true, mayForTeam: v.agent.Rank.AtLeast(bridge.RankAdmin), filesTaken: b.cfg.Files.Blobs != nil}
	d.mine = !d.mayForTeam
	d.variants = []quickVariant{{}}
	return content{title: "New quick reply", body: quickEditPage(d)}, nil
}

func (b *Workbench) quickShow(v *visit) (content, error) {
	r, mayChange, err := b.quickOf(v)
	if err != nil {
		return content{}, err
	}
	d := b.draftOf(r)
	d.mayChange, d.mayForTeam = mayChange, v.agent.Rank.AtLeast(bridge.RankAdmin)
	d.previews = b.previews(v, r)
	return content{title: r.Shortcut, body: quickEditPage(d)}, nil
}

// draftOf is a quick reply as the form begins with it.
func (b *Workbench) draftOf(r quickreply.Reply) quickDraft {
	d := quickDraft{
		id: r.ID, shortcut: r.Shortcut, title: r.Title, tags: strings.Join(r.Tags, ", "), language: r.Language,
		text: b.markup.Write(r.Body), mine: r.Owner != 0, files: r.Files, began: r.Version(), filesTaken: b.cfg.Files.Blobs != nil,
	}
	for _, language := range slices.Sorted(maps.Keys(r.Variants)) {
		d.variants = append(d.variants, quickVariant{language, b.markup.Write(r.Variants[language])})
	}
	d.variants = append(d.variants, quickVariant{})
	return d
}

// sentDraft is what a form holds that was sent, of the reply that stands under its ID.
func (b *Workbench) sentDraft(v *visit, stands quickreply.Reply, sent []bridge.File) quickDraft {
	d := quickDraft{
		id: stands.ID, shortcut: v.FormValue("shortcut"), title: v.FormValue("title"), tags: v.FormValue("tags"),
		language: strings.TrimSpace(v.FormValue("language")), text: v.FormValue("text"), mine: v.FormValue("group") == groupMine,
		began: v.FormValue("began"), mayChange: true, mayForTeam: v.agent.Rank.AtLeast(bridge.RankAdmin),
		filesTaken: b.cfg.Files.Blobs != nil,
	}
	d.mine = d.mine || !d.mayForTeam
	for _, f := range stands.Files {
		if slices.Contains(v.Form["keep"], f.ID) {
			d.files = append(d.files, f)
		}
	}
	for _, f := range sent {
		d.added = append(d.added, quickreply.File{ID: string(f.ID), Name: f.Name, Type: f.Type, Size: f.Size})
	}
	texts := v.Form["variant-text"]
	for i, language := range v.Form["variant-language"] {
		if i == len(texts) {
			break
		}
		if language = strings.TrimSpace(language); language != "" || strings.TrimSpace(texts[i]) != "" {
			d.variants = append(d.variants, quickVariant{language, texts[i]})
		}
	}
	d.variants = append(d.variants, quickVariant{})
	return d
}

// reply is what the draft says. A variant without a text is none.
func (b *Workbench) reply(v *visit, d quickDraft) (r quickreply.Reply, wrong string) {
	r = quickreply.Reply{
		ID: d.id, Shortcut: d.shortcut, Title: d.title, Body: b.markup.Read(lines(d.text)), Language: d.language,
		Tags: strings.Split(d.tags, ","), Files: slices.Concat(d.files, d.added), Variants: map[string]rich.Doc{},
	}
	if d.mine {
		r.Owner = int64(v.agent.ID)
	}
	for _, variant := range d.variants {
		if strings.TrimSpace(variant.text) == "" {
			continue
		}
		_, twice := r.Variants[variant.language]
		if twice || strings.EqualFold(variant.language, r.Language) {
			wrong = "Not kept yet: each text needs a language of its own."
		}
		r.Variants[variant.language] = b.markup.Read(lines(variant.text))
	}
	return r.Tidy(), wrong
}

// lines ends lines as we do: a form sends them as mail does.
func lines(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

// quickKeep writes what the editor's form holds. If it cannot be kept the form is shown again as it was sent.
func (b *Workbench) quickKeep(v *visit, sent []bridge.File) error {
	stands, err := b.standing(v)
	gone := errors.Is(err, bridge.ErrNotFound)
	if err != nil && !gone {
		return err
	}
	d := b.sentDraft(v, stands, sent)
	if gone {
		return b.quickAgain(v, d, http.StatusConflict, "Not kept yet: somebody has removed this quick reply since you began. "+
			"Your text is below: keep it to make the quick reply anew.")
	}
	if len(d.files)+len(d.added) > maxFiles {
		return b.quickAgain(v, d, http.StatusUnprocessableEntity, fmt.Sprintf("Not kept yet: at most %d files go with a quick reply.", maxFiles))
	}
	r, wrong := b.reply(v, d)
	if wrong != "" {
		return b.quickAgain(v, d, http.StatusUnprocessableEntity, wrong)
	}
	kept, err := b.cfg.Desk.KeepQuickReply(v.Context(), v.agent.ID, r, d.began)
	problem, isProblem := errors.AsType[*bridge.Problem](err)
	switch {
	case errors.Is(err, bridge.ErrChanged):
		if stands, err = b.standing(v); err != nil {
			return err
		}
		d.stands, d.began = &stands, stands.Version()
		return b.quickAgain(v, d, http.StatusConflict, "Not kept yet: somebody else has changed this quick reply since you began. "+
			"Your text is below, and theirs beside it. Keep yours to replace theirs, or take over from theirs what is to stay.")
	case isProblem:
		return b.quickAgain(v, d, http.StatusUnprocessableEntity, problem.Public)
	case err != nil:
		return err
	}
	v.tell("Kept: "+kept.Shortcut+". Write #"+kept.Shortcut+" in a thread to send it.", false)
	http.Redirect(v.w, v.Request, quickAddress(kept.ID), http.StatusSeeOther)
	return nil
}

// standing is the quick reply that a form is about, as it is now; of a new one the zero Reply.
func (b *Workbench) standing(v *visit) (quickreply.Reply, error) {
	id, err := strconv.ParseInt(v.FormValue("id"), 10, 64)
	if err != nil || id <= 0 {
		return quickreply.Reply{}, nil
	}
	r, _, err := b.cfg.Desk.QuickReply(v.Context(), v.agent.ID, id)
	return r, err
}

// quickAgain shows the form as it was sent, and why.
func (b *Workbench) quickAgain(v *visit, d quickDraft, status int, wrong string) error {
	d.wrong = wrong
	r, _ := b.reply(v, d)
	d.previews = b.previews(v, r)
	return v.render(status, content{title: "Quick reply", body: quickEditPage(d)})
}

// quickPreview shows the form as it was sent with what it would become. Nothing is kept.
func (b *Workbench) quickPreview(v *visit, sent []bridge.File) error {
	stands, err := b.standing(v)
	if err != nil && !errors.Is(err, bridge.ErrNotFound) {
		return err
	}
	d := b.sentDraft(v, stands, sent)
	r, _ := b.reply(v, d)
	d.previews = b.previews(v, r)
	return v.render(http.StatusOK, content{title: "Quick reply", body: quickEditPage(d)})
}
