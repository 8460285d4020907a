package main

import (
	"cmp"
	"context"
	"encoding/json"
	"strings"

	"github.com/skeindesk/skein/adapters/slack/slacktest"
)

// form finds the form that the person has open. One that was asked for a moment ago may be on its way.
func (p *slackPlatform) form(ctx context.Context, a act) (found form, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	err = p.server.Await(ctx, func(s slacktest.State) bool {
		v, open := s.Modal(a.As)
		if open = open && (a.Target == "" || a.Target == v.ID); open {
			found = formOf(v, "")
		}
		return open
	})
	if err != nil {
		return form{}, errNoForm
	}
	return found, nil
}

// submit fills in the form and sends it; what was filled in and is not named stays.
func (p *slackPlatform) submit(ctx context.Context, a act) error {
	filled, err := a.fields()
	if err != nil {
		return err
	}
	f, err := p.form(ctx, a)
	if err != nil {
		return err
	}
	for name, value := range filled {
		if err := p.fill(ctx, a, f, name, value); err != nil {
			return err
		}
	}
	i, err := p.server.Submit(a.As, f.ID) //nolint:contextcheck // outlives the call
	if err != nil {
		return err
	}
	return acknowledged(ctx, i)
}

func (p *slackPlatform) fill(ctx context.Context, a act, f form, name, value string) error {
	in, err := f.field(name)
	if err != nil {
		return err
	}
	switch in.Kind {
	case fieldLine, fieldText:
		return p.server.Type(a.As, f.ID, in.Name, value)
	case fieldSearch:
		if p.server.Choose(a.As, f.ID, in.Name, value) == nil || value == in.Value { // it has been suggested before
			return nil
		}
		if in.Options, err = p.suggest(ctx, a, f, in.Name, value); err == nil && len(in.Options) == 0 {
			in.Options, err = p.suggest(ctx, a, f, in.Name, "")
		}
		if err != nil {
			return err
		}
	}
	chosen, ok := choose(in.Options, value)
	if !ok {
		return notOffered(in, value)
	}
	return p.server.Choose(a.As, f.ID, in.Name, chosen)
}

// suggest asks for the options of a search field, as typing into it does.
func (p *slackPlatform) suggest(ctx context.Context, a act, f form, name, typed string) ([]option, error) {
	in, err := f.field(name)
	if err != nil {
		return nil, err
	}
	if in.Kind != fieldSearch {
		return nil, errNoSuchList
	}
	var inputs []slackInput
	_ = json.Unmarshal(f.Blocks, &inputs)
	action := ""
	for _, b := range inputs {
		if b.BlockID == in.Name {
			action = b.Element.ActionID
		}
	}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	ack, err := p.server.Suggest(a.As, f.ID, action, typed).Await(ctx) //nolint:contextcheck // outlives the call
	if err != nil {
		return nil, errNoAnswer
	}
	var answer struct{ Options []slackOption }
	_ = json.Unmarshal(ack, &answer) // the simulator has read it before
	list := []option{}
	for _, o := range answer.Options {
		list = append(list, o.shown())
	}
	return list, nil
}

// dismiss closes a form, or puts away a message that only this person sees.
func (p *slackPlatform) dismiss(a act) error {
	var open bool
	p.server.Look(func(s slacktest.State) {
		v, any := s.Modal(a.As)
		if open = any && (a.Target == "" || a.Target == v.ID); open {
			a.Target = v.ID
		}
	})
	if open {
		_, err := p.server.CloseView(a.As, a.Target)
		return err
	}
	if a.Target == "" {
		return errNoForm
	}
	p.screen.dismiss(a.Target)
	return nil
}

// pressView uses a button of the form or of the app's home; ours is false where the act names neither.
func (p *slackPlatform) pressView(ctx context.Context, a act) (ours bool, err error) {
	var offered []button
	var submit, cancel, id string
	p.server.Look(func(s slacktest.State) {
		modal, open := s.Modal(a.As)
		page, opened := s.Home(a.As)
		switch {
		case open && (a.Target == "" || a.Target == modal.ID):
			f := formOf(modal, "")
			id, offered, submit, cancel = f.ID, f.Buttons, f.Submit, cmp.Or(f.Close, "Close")
		case opened && (a.Target == homeTarget || a.Target == page.ID):
			id, offered = page.ID, viewButtons(slackViewOf(page).Blocks)
		}
	})
	switch {
	case id == "":
		return false, nil
	case submit != "" && strings.EqualFold(a.Value, submit):
		a.Value, a.Target = "", id
		return true, p.submit(ctx, a)
	case cancel != "" && strings.EqualFold(a.Value, cancel):
		a.Target = id
		return true, p.dismiss(a) //nolint:contextcheck // outlives the call
	}
	found, err := a.button(offered)
	if err != nil {
		return true, err
	}
	block, action, _ := strings.Cut(found.ID, blockEnd)
	i, err := p.server.PressView(a.As, id, block, action, a.Text) //nolint:contextcheck // outlives the call
	if err != nil {
		return true, err
	}
	return true, acknowledged(ctx, i)
}

// homeTarget names the person's own home of the app.
const homeTarget = "home"
