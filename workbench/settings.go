package workbench

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/skeindesk/skein/bridge"
)

// Decisions are what the team can decide, and how it does.
type Decisions interface {
	// All lists what there is to set, with what holds.
	All(ctx context.Context) ([]bridge.Setting, error)
	// Set changes one of them. bridge.ErrChanged: somebody else has changed it since. A *bridge.Problem says what is wrong.
	Set(ctx context.Context, by bridge.AgentID, change bridge.SettingChange) error
	// History lists what was set, the latest first.
	History(ctx context.Context, limit int) ([]bridge.SettingRecord, error)
}

// Setting is one key of the configuration.
type Setting struct {
	Key    string // dotted
	Value  string // of a secret whether it is set
	Source string // what says so; empty: it is the default
}

// section is what of the configuration is shown together.
type section struct {
	name     string
	settings []Setting
}

// decided is what the team can decide of one endpoint, or of all.
type decided struct {
	name  string
	forms []settingForm
}

// settingsShown is what the page of settings shows.
type settingsShown struct {
	decided  []decided
	history  []bridge.SettingRecord
	sections []section
}

const (
	settingsPath = Base + "/settings"
	maxRecords   = 50
)

func (b *Workbench) handleSettings(mux *routes) {
	b.page(mux, "/settings", bridge.RankAdmin, b.settings)
	mux.Handle("POST "+settingsPath, b.visited(bridge.RankAdmin, b.formed(b.saveSetting)))
}

func (b *Workbench) settings(v *visit) (content, error) { return b.settingsWith(v, settingForm{}) }

// settingsWith is the page of settings, with one form as it was sent.
func (b *Workbench) settingsWith(v *visit, sent settingForm) (content, error) {
	shown := settingsShown{sections: b.sections()}
	var all []bridge.Setting
	var err error
	if b.cfg.Decisions != nil {
		if all, err = b.cfg.Decisions.All(v.Context()); err != nil {
			return content{}, err
		}
		if shown.history, err = b.cfg.Decisions.History(v.Context(), maxRecords); err != nil {
			return content{}, err
		}
	}
	for _, s := range all {
		f := formOf(s)
		if sent.fields != nil && s.Key == sent.Key {
			f = sent
		}
		name := string(s.Key.Endpoint)
		if name == "" {
			name = "All endpoints"
		}
		i := slices.IndexFunc(shown.decided, func(d decided) bool { return d.name == name })
		if i < 0 {
			i = len(shown.decided)
			shown.decided = append(shown.decided, decided{name: name})
		}
		shown.decided[i].forms = append(shown.decided[i].forms, f)
	}
	return content{title: "Settings", body: settingsPage(shown)}, nil
}

// sections are what the configuration says: the top level, each endpoint, each part of the rest.
func (b *Workbench) sections() (sections []section) {
	for _, s := range b.cfg.Settings {
		name, key := "In general", s.Key
		if head, rest, nested := strings.Cut(s.Key, "."); nested {
			name, key = head, rest
			if endpoint, rest, ok := strings.Cut(rest, "."); ok && head == "endpoints" {
				name, key = endpoint, rest
			}
		}
		if len(sections) == 0 || sections[len(sections)-1].name != name {
			sections = append(sections, section{name: name})
		}
		last := &sections[len(sections)-1]
		last.settings = append(last.settings, Setting{Key: key, Value: s.Value, Source: s.Source})
	}
	return sections
}

// saveSetting sets what a form says, or shows the form again as it was sent.
func (b *Workbench) saveSetting(v *visit) error {
	if b.cfg.Decisions == nil {
		return bridge.ErrNotFound
	}
	all, err := b.cfg.Decisions.All(v.Context())
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(s bridge.Setting) bool { return s.Key.String() == v.PostFormValue("setting") })
	if i < 0 {
		return bridge.ErrNotFound
	}
	f := settingForm{Setting: all[i], fields: v.PostForm}
	f.began, _ = strconv.ParseInt(v.PostFormValue("began"), 10, 64)
	if f.rearranged() {
		return b.settingsAgain(v, http.StatusOK, f)
	}
	change := bridge.SettingChange{Key: f.Key, Revision: f.began}
	if !v.PostForm.Has("default") {
		value, wrong := f.read()
		if wrong != nil {
			f.wrong = *wrong
			return b.settingsAgain(v, http.StatusUnprocessableEntity, f)
		}
		change.Value = &value
	}
	err = b.cfg.Decisions.Set(v.Context(), v.agent.ID, change)
	problem, isProblem := errors.AsType[*bridge.Problem](err)
	switch {
	case errors.Is(err, bridge.ErrChanged):
		f.began = f.Revision
		f.wrong.text = "Not saved: " + f.By + " has changed this since you began. It says now: " + f.Summary(f.Value) +
			". Below is what you wrote: save it to put it in the place of that."
		return b.settingsAgain(v, http.StatusConflict, f)
	case isProblem:
		f.wrong.text = problem.Public
		return b.settingsAgain(v, http.StatusUnprocessableEntity, f)
	case err != nil:
		return err
	}
	v.tell("Saved: "+f.about().title+". It holds everywhere within two seconds.", false)
	http.Redirect(v.w, v.Request, settingsPath+"#"+f.id(), http.StatusSeeOther)
	return nil
}

func (b *Workbench) settingsAgain(v *visit, status int, f settingForm) error {
	c, err := b.settingsWith(v, f)
	if err != nil {
		return err
	}
	return v.render(status, c)
}
